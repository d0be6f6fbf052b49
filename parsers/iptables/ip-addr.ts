/** `ip addr` output: the addresses of the host and the networks it is connected to. */
import { type AddressSet, NO_ADDRESS, unionAddresses, unionAllAddresses } from '../../src/sets/address.js';
import { parseAddressSet, prefixSet } from '../../src/sets/ip.js';
import { lines } from '../../src/source/lines.js';
import type { Source } from '../../src/source/span.js';

export interface Connected {
  readonly link: string;
  readonly network: AddressSet;
  readonly prefixLength: number;
}

export interface HostAddresses {
  readonly own: AddressSet;
  /** False: `own` is all that is known, not all there is. */
  readonly complete: boolean;
  /** Broadcast addresses of its networks, 255.255.255.255 aside; undefined when they are not known. */
  readonly broadcasts: AddressSet | undefined;
  readonly connected: readonly Connected[];
}

export const UNKNOWN_HOST: HostAddresses = { own: NO_ADDRESS, complete: false, broadcasts: undefined, connected: [] };

const INTERFACE = /^[0-9]+: ([^:@ ]+)(?:@[^: ]+)?:/;
const ADDRESS = /^\s+inet6? ([0-9a-fA-F.:]+)(?: peer ([0-9a-fA-F.:]+))?\/([0-9]{1,3})(.*)$/;
const BARE_ADDRESS = /^\s+inet6? ([0-9a-fA-F.:]+)(?: peer ([0-9a-fA-F.:]+))?( .*)?$/;

/** Reads the output of `ip addr` (long form); lines it does not know are about other things. */
export function readIpAddr(source: Source): HostAddresses {
  const own: AddressSet[] = [];
  const broadcasts: AddressSet[] = [];
  const connected: Connected[] = [];
  let link = '';
  for (const { text } of lines(source.text)) {
    const name = INTERFACE.exec(text)?.[1];
    if (name !== undefined) link = name;
    const found = ADDRESS.exec(text);
    const bare = found ? null : BARE_ADDRESS.exec(text);
    const address = found?.[1] ?? bare?.[1];
    if (address === undefined) continue;
    const single = parseAddressSet(address);
    if (!single) continue;
    own.push(single);
    const rest = found?.[4] ?? bare?.[3] ?? '';
    const broadcast = / brd ([0-9.]+)/.exec(rest)?.[1];
    const brd = broadcast === undefined ? undefined : parseAddressSet(broadcast);
    if (brd) broadcasts.push(brd);
    const length = found ? Number(found[3]) : single.v4.length > 0 ? 32 : 128;
    const network = prefixSet(found?.[2] ?? bare?.[2] ?? address, length);
    if (network && link !== '') connected.push({ link, network, prefixLength: length });
  }
  if (own.length === 0) return UNKNOWN_HOST;
  return { own: unionAllAddresses(own), complete: true, broadcasts: unionAllAddresses(broadcasts), connected };
}

/** Addresses stated by the user are all of them. */
export const withStated = (host: HostAddresses, stated: AddressSet | undefined): HostAddresses =>
  stated === undefined ? host : { ...host, own: unionAddresses(host.own, stated), complete: true };
