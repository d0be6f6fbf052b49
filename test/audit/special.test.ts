import { describe, expect, test } from 'vitest';
import { ALL_UNICAST, GLOBAL_UNICAST } from '../../src/audit/special.js';
import { type AddressSet, isSubsetAddresses, overlapsAddresses } from '../../src/sets/address.js';
import { contains, isSubset } from '../../src/sets/intervals.js';
import { parseAddressSet, parseIpv4, parseIpv6 } from '../../src/sets/ip.js';

const holds = (set: AddressSet, text: string): boolean => {
  const v4 = parseIpv4(text);
  return v4 === undefined ? contains(set.v6, parseIpv6(text) as bigint) : contains(set.v4, v4);
};

describe('any, in a requirement', () => {
  test('globally routable unicast', () => {
    for (const text of [
      '1.1.1.1',
      '8.8.8.8',
      '172.15.255.255',
      '172.32.0.0',
      '192.0.1.0',
      '223.255.255.255',
      '100.128.0.0',
      '2600::1',
      '2a00::1',
    ])
      expect(holds(GLOBAL_UNICAST, text), text).toBe(true);
  });

  test('no special-purpose block', () => {
    const blocks = [
      '0.0.0.0/8',
      '10.0.0.0/8',
      '100.64.0.0/10',
      '127.0.0.0/8',
      '169.254.0.0/16',
      '172.16.0.0/12',
      '192.0.2.0/24',
      '192.168.0.0/16',
      '198.18.0.0/15',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '224.0.0.0/4',
      '240.0.0.0/4',
      '::/8',
      '64:ff9b::/96',
      '100::/64',
      '2001:db8::/32',
      'fc00::/7',
      'fe80::/10',
      'ff00::/8',
    ];
    for (const block of blocks)
      expect(overlapsAddresses(GLOBAL_UNICAST, parseAddressSet(block) as AddressSet), block).toBe(false);
  });
});

describe('any, in a prohibition', () => {
  test('all unicast, private and special blocks included', () => {
    expect(isSubsetAddresses(GLOBAL_UNICAST, ALL_UNICAST)).toBe(true);
    for (const text of [
      '10.0.0.1',
      '192.168.1.1',
      '169.254.1.1',
      '203.0.113.9',
      'fd00::1',
      'fe80::1',
      '2001:db8::1',
      '::ffff:a00:1',
    ])
      expect(holds(ALL_UNICAST, text), text).toBe(true);
  });

  test('no multicast, loopback or unspecified address', () => {
    for (const text of ['0.0.0.0', '127.0.0.1', '224.0.0.1', '255.255.255.255', '::', '::1', 'ff02::1'])
      expect(holds(ALL_UNICAST, text), text).toBe(false);
    expect(isSubset([2n, 3n], ALL_UNICAST.v6)).toBe(true);
  });
});
