import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AddressSet,
  ANY_ADDRESS,
  ANY_V4,
  ANY_V6,
  equalAddresses,
  intersectAddresses,
  isEmptyAddresses,
  isSubsetAddresses,
  NO_ADDRESS,
  overlapsAddresses,
  subtractAddresses,
  unionAddresses,
  unionAllAddresses,
} from '../../src/sets/address.js';

/** Sets of 2 x 6 addresses as masks: bits 0..5 the first IPv4 addresses, 6..11 the first IPv6 addresses. */
const mask = fc.integer({ min: 0, max: 2 ** 12 - 1 });

function fromMask(bits: number): AddressSet {
  const v4: number[][] = [];
  const v6: bigint[][] = [];
  for (let i = 0; i < 6; i++) {
    if ((bits >> i) & 1) v4.push([i, i + 1]);
    if ((bits >> (i + 6)) & 1) v6.push([BigInt(i), BigInt(i + 1)]);
  }
  return unionAllAddresses([...v4.map((set) => ({ v4: set, v6: [] })), ...v6.map((set) => ({ v4: [], v6: set }))]);
}

test('set algebra keeps the families apart', () => {
  fc.assert(
    fc.property(mask, mask, (a, b) => {
      const [x, y] = [fromMask(a), fromMask(b)];
      expect(unionAddresses(x, y)).toEqual(fromMask(a | b));
      expect(intersectAddresses(x, y)).toEqual(fromMask(a & b));
      expect(subtractAddresses(x, y)).toEqual(fromMask(a & ~b));
      expect(unionAllAddresses([x, y])).toEqual(fromMask(a | b));
      expect(overlapsAddresses(x, y)).toBe((a & b) !== 0);
      expect(isSubsetAddresses(x, y)).toBe((a & ~b) === 0);
      expect(equalAddresses(x, y)).toBe(a === b);
      expect(isEmptyAddresses(x)).toBe(a === 0);
    }),
    { numRuns: 800 },
  );
});

test('the whole of one family holds nothing of the other', () => {
  expect(intersectAddresses(ANY_V4, ANY_V6)).toEqual(NO_ADDRESS);
  expect(unionAddresses(ANY_V4, ANY_V6)).toEqual(ANY_ADDRESS);
  expect(subtractAddresses(ANY_ADDRESS, ANY_V4)).toEqual(ANY_V6);
  expect(isSubsetAddresses(ANY_V4, ANY_V6)).toBe(false);
});
