import fc from 'fast-check';
import IPCIDR from 'ip-cidr';
import { describe, expect, test } from 'vitest';
import { V4_ALL, V6_ALL } from '../../src/sets/address.js';
import { contains } from '../../src/sets/intervals.js';
import {
  addressRange,
  familyOf,
  formatAddresses,
  formatIpv4,
  formatIpv6,
  MASK_EXPANSION_LIMIT,
  maskedSet,
  netmaskLength,
  parseAddressSet,
  parseIpv4,
  parseIpv6,
  prefixSet,
} from '../../src/sets/ip.js';

const RUNS = { numRuns: 400 };
const v4 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
/** Groups drawn so that runs of zeros of every place and length occur. */
const v6 = fc
  .array(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 65535 })), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.reduce((all, group) => all * 65536n + BigInt(group), 0n));

describe('text to address and back', () => {
  test('IPv4', () => {
    fc.assert(
      fc.property(v4, (value) => {
        expect(parseIpv4(formatIpv4(value))).toBe(value);
      }),
      RUNS,
    );
  });

  test('IPv6, with the shortest text of RFC 5952', () => {
    fc.assert(
      fc.property(v6, (value) => {
        const text = formatIpv6(value);
        expect(parseIpv6(text)).toBe(value);
        // The URL parser serialises IPv6 hosts by the same rules (WHATWG URL, IPv6 serializer).
        expect(text).toBe(new URL(`http://[${text}]/`).hostname.slice(1, -1));
      }),
      RUNS,
    );
  });

  test('IPv6 written out in full, in upper case, and with a dotted tail', () => {
    fc.assert(
      fc.property(v6, (value) => {
        const groups = Array.from({ length: 8 }, (_, i) => (value >> BigInt(16 * (7 - i))) & 0xffffn);
        expect(parseIpv6(groups.map((g) => g.toString(16).padStart(4, '0').toUpperCase()).join(':'))).toBe(value);
        const head = groups.slice(0, 6).map((g) => g.toString(16));
        expect(parseIpv6(`${head.join(':')}:${formatIpv4(Number(value & 0xffffffffn))}`)).toBe(value);
      }),
      RUNS,
    );
  });

  test('what Node does not take for an address is none', () => {
    const piece = fc.constantFrom(
      '0',
      '1',
      '10',
      '255',
      '256',
      '01',
      ':',
      '::',
      '.',
      '/',
      '-',
      'a',
      'ffff',
      '12345',
      'g',
      '%',
      ' ',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 9 }).map((parts) => parts.join('')),
        (text) => {
          expect(parseIpv4(text) !== undefined).toBe(nodeFamily(text) === 4);
          expect(parseIpv6(text) !== undefined).toBe(nodeFamily(text) === 6);
        },
      ),
      { numRuns: 4000 },
    );
  });

  test('dotted text in many shapes', () => {
    const octet = fc.constantFrom('0', '1', '9', '10', '99', '100', '255', '256', '00', '01', '', '1000', '-1', '1 ');
    fc.assert(
      fc.property(fc.array(octet, { minLength: 3, maxLength: 5 }), (octets) => {
        const text = octets.join('.');
        expect(familyOf(text)).toBe(nodeFamily(text));
      }),
      { numRuns: 2000 },
    );
  });
});

/** An independent reading of one address, by the parser of URLs for IPv6 and by hand for IPv4. */
function nodeFamily(text: string): 4 | 6 | undefined {
  const octets = text.split('.');
  if (octets.length === 4 && octets.every((o) => /^[0-9]+$/.test(o) && String(Number(o)) === o && Number(o) <= 255)) return 4;
  if (!/^[0-9a-f:.]*$/i.test(text) || !text.includes(':')) return undefined;
  return URL.canParse(`http://[${text}]/`) ? 6 : undefined;
}

describe('prefixes', () => {
  test('IPv4 prefixes as ip-cidr reads them', () => {
    fc.assert(
      fc.property(v4, fc.integer({ min: 0, max: 32 }), (value, length) => {
        const text = `${formatIpv4(value)}/${length}`;
        const oracle = new IPCIDR(text);
        const first = parseIpv4(String(oracle.start())) as number;
        const last = parseIpv4(String(oracle.end())) as number;
        expect(parseAddressSet(text)).toEqual({ v4: [first, last + 1], v6: [] });
      }),
      RUNS,
    );
  });

  test('IPv6 prefixes as ip-cidr reads them', () => {
    fc.assert(
      fc.property(v6, fc.integer({ min: 0, max: 128 }), (value, length) => {
        const text = `${formatIpv6(value)}/${length}`;
        const oracle = new IPCIDR(text);
        const first = BigInt(oracle.start({ type: 'bigInteger' }).toString());
        const last = BigInt(oracle.end({ type: 'bigInteger' }).toString());
        expect(parseAddressSet(text)).toEqual({ v4: [], v6: [first, last + 1n] });
      }),
      { numRuns: 150 },
    );
  });

  test('a mapped IPv4 address is an IPv6 address and keeps its prefix', () => {
    expect(parseAddressSet('::ffff:10.0.0.0/120')).toEqual(parseAddressSet('::ffff:a00:0/120'));
    expect(formatAddresses(parseAddressSet('::ffff:10.0.0.0/120') ?? { v4: [], v6: [] })).toEqual(['::ffff:a00:0/120']);
  });

  test('lengths outside the family, with leading zeros or signs are refused', () => {
    for (const text of [
      '10.0.0.0/33',
      '10.0.0.0/08',
      '10.0.0.0/-1',
      '10.0.0.0/',
      '10.0.0.0/1.5',
      '::/129',
      '::/0x1',
      '/8',
      '10.0.0/8',
    ])
      expect(parseAddressSet(text), text).toBeUndefined();
    expect(prefixSet('10.0.0.0', 8.5)).toBeUndefined();
    expect(prefixSet('10.0.0.0', Number.NaN)).toBeUndefined();
    expect(parseAddressSet('0.0.0.0/0')).toEqual({ v4: V4_ALL, v6: [] });
    expect(parseAddressSet('::/0')).toEqual({ v4: [], v6: V6_ALL });
  });

  test('netmasks', () => {
    for (let length = 0; length <= 32; length++) {
      const mask = formatIpv4(length === 0 ? 0 : 2 ** 32 - 2 ** (32 - length));
      expect(netmaskLength(mask)).toBe(length);
      expect(parseAddressSet(`198.51.100.77/${mask}`)).toEqual(prefixSet('198.51.100.77', length));
    }
    fc.assert(
      fc.property(v4, (mask) => {
        const bits = mask.toString(2).padStart(32, '0');
        expect(netmaskLength(formatIpv4(mask))).toBe(/^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined);
      }),
      RUNS,
    );
    expect(parseAddressSet('10.0.0.0/255.0.255.0')).toBeUndefined();
    expect(parseAddressSet('::1/255.0.0.0')).toBeUndefined();
  });
});

describe('ranges', () => {
  test('both ends inclusive, families never mixed, reversed refused', () => {
    expect(addressRange('10.0.0.1', '10.0.0.9')).toEqual({ v4: [0x0a000001, 0x0a00000a], v6: [] });
    expect(addressRange('0.0.0.0', '255.255.255.255')).toEqual({ v4: V4_ALL, v6: [] });
    expect(addressRange('10.0.0.9', '10.0.0.1')).toBeUndefined();
    expect(addressRange('10.0.0.1', '::1')).toBeUndefined();
    expect(addressRange('::ffff', '::1')).toBeUndefined();
    expect(parseAddressSet('10.0.0.1 - 10.0.0.9')).toEqual(addressRange('10.0.0.1', '10.0.0.9'));
    expect(parseAddressSet('2001:db8::1-2001:db8::9')).toEqual(addressRange('2001:db8::1', '2001:db8::9'));
    expect(parseAddressSet('10.0.0.1-10.0.0.2-10.0.0.3')).toBeUndefined();
  });

  test('formatted sets read back as the same set', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(v4, fc.integer({ min: 0, max: 70000 })), { maxLength: 5 }),
        fc.array(v6, { maxLength: 3 }),
        (a, b) => {
          const sets = [
            ...a.map(([first, more]) => ({ v4: [first, Math.min(2 ** 32, first + more + 1)], v6: [] })),
            ...b.map((first) => ({ v4: [], v6: [first, first + 1n] })),
          ];
          for (const set of sets) {
            const texts = formatAddresses(set);
            expect(texts).toHaveLength(1);
            expect(parseAddressSet(texts[0] as string)).toEqual(set);
          }
        },
      ),
      RUNS,
    );
  });
});

describe('masks with holes', () => {
  const small = fc.integer({ min: 0, max: 255 });

  test('against brute force over the bits that the mask leaves free', () => {
    fc.assert(
      fc.property(v4, small, small, (value, low, third) => {
        const mask = 0xffff0000 + third * 256 + low;
        const set = maskedSet(value, mask);
        const free = [...mask.toString(2).padStart(32, '0')].reverse().indexOf('1');
        const holes = [...mask.toString(2).padStart(32, '0')].filter((bit) => bit === '0').length - Math.max(0, free);
        if (2 ** holes > MASK_EXPANSION_LIMIT) {
          expect(set).toBeUndefined();
          return;
        }
        const members = set?.v4 ?? [];
        for (let rest = 0; rest < 65536; rest += 37) {
          const candidate = Math.floor(value / 65536) * 65536 + rest;
          const inside = (candidate & mask) >>> 0 === (value & mask) >>> 0;
          if (contains(members, candidate) !== inside) expect.fail(`${candidate} with mask ${mask} of ${value}`);
        }
        for (let i = 1; i < members.length; i++) expect(members[i - 1] as number).toBeLessThan(members[i] as number);
      }),
      { numRuns: 60 },
    );
  });

  test('ordinary masks are prefixes, an empty one everything', () => {
    expect(maskedSet(0x0a01ff00, 0xffff0000)).toEqual(prefixSet('10.1.0.0', 16));
    expect(maskedSet(0xc6336407, 0xffffffff)).toEqual(prefixSet('198.51.100.7', 32));
    expect(maskedSet(0xc6336407, 0)).toEqual({ v4: V4_ALL, v6: [] });
    expect(maskedSet(5, 1)).toBeUndefined();
  });

  test('10.0.5.0/255.0.255.0', () => {
    const set = maskedSet(0x0a000500, 0xff00ff00)?.v4 ?? [];
    expect(set).toHaveLength(512);
    expect(contains(set, parseIpv4('10.77.5.200') as number)).toBe(true);
    expect(contains(set, parseIpv4('10.77.6.1') as number)).toBe(false);
  });
});
