/** What `any` means in a requirement: globally routable unicast, without the special-purpose blocks. */
import { type AddressSet, subtractAddresses, unionAllAddresses } from '../sets/address.js';
import { parseAddressSet } from '../sets/ip.js';

function setOf(...texts: readonly string[]): AddressSet {
  return unionAllAddresses(
    texts.map((text) => {
      const set = parseAddressSet(text);
      if (!set) throw new Error(`bad literal ${text}`);
      return set;
    }),
  );
}

/** IANA special-purpose registries (RFC 6890 and updates), IPv4, with multicast and the reserved block. */
const SPECIAL_V4 = setOf(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
);
const SPECIAL_V6 = setOf('2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20');

export const GLOBAL_UNICAST: AddressSet = subtractAddresses(
  setOf('0.0.0.0/0', '2000::/3'),
  unionAllAddresses([SPECIAL_V4, SPECIAL_V6]),
);

/** Every unicast address: what `any` means in a prohibition. */
export const ALL_UNICAST: AddressSet = subtractAddresses(
  setOf('0.0.0.0/0', '::/0'),
  setOf('0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4', '::/127', 'ff00::/8'),
);
