import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bigRange,
  contains,
  EMPTY,
  equal,
  type Intervals,
  intersect,
  isEmpty,
  isSubset,
  only,
  overlaps,
  range,
  ranges,
  size,
  subtract,
  union,
  unionAll,
} from '../../src/sets/intervals.js';

const LIMIT = 16;
const RUNS = { numRuns: 1500 };

/** A set of 0..15 as a bit mask: the oracle. */
const mask = fc.integer({ min: 0, max: 2 ** LIMIT - 1 });
const has = (bits: number, value: number): boolean => ((bits >> value) & 1) === 1;

function fromMask(bits: number): Intervals {
  const out: number[] = [];
  for (let value = 0; value <= LIMIT; value++) if (has(bits, value) !== (value > 0 && has(bits, value - 1))) out.push(value);
  return out;
}

const toMask = (set: Intervals): number => {
  let bits = 0;
  for (const [first, last] of ranges(set)) for (let value = first; value <= last; value++) bits |= 1 << value;
  return bits;
};

const canonical = (set: Intervals): boolean =>
  set.length % 2 === 0 && set.every((boundary, i) => i === 0 || (set[i - 1] as number) < boundary);

const big = (set: Intervals): Intervals<bigint> => set.map((boundary) => BigInt(boundary) * 2n ** 100n);

describe('canonical intervals against bit masks', () => {
  test('union, intersection and difference give canonical sets with the right members', () => {
    fc.assert(
      fc.property(mask, mask, (a, b) => {
        const [x, y] = [fromMask(a), fromMask(b)];
        for (const [got, wanted] of [
          [union(x, y), a | b],
          [intersect(x, y), a & b],
          [subtract(x, y), a & ~b],
          [unionAll([x, y]), a | b],
        ] as const) {
          expect(canonical(got)).toBe(true);
          expect(toMask(got)).toBe(wanted);
        }
      }),
      RUNS,
    );
  });

  test('the same object on both sides', () => {
    fc.assert(
      fc.property(mask, (a) => {
        const x = fromMask(a);
        expect(union(x, x)).toEqual(x);
        expect(intersect(x, x)).toEqual(x);
        expect(subtract(x, x)).toEqual([]);
        expect(overlaps(x, x)).toBe(a !== 0);
        expect(isSubset(x, x)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('predicates', () => {
    fc.assert(
      fc.property(mask, mask, (a, b) => {
        const [x, y] = [fromMask(a), fromMask(b)];
        expect(overlaps(x, y)).toBe((a & b) !== 0);
        expect(isSubset(x, y)).toBe((a & ~b) === 0);
        expect(equal(x, y)).toBe(a === b);
        expect(isEmpty(x)).toBe(a === 0);
        for (let value = 0; value < LIMIT; value++) expect(contains(x, value)).toBe(has(a, value));
        expect(size(x)).toBe([...a.toString(2)].filter((bit) => bit === '1').length);
      }),
      RUNS,
    );
  });

  test('unions of many sets, in any order', () => {
    fc.assert(
      fc.property(fc.array(mask, { maxLength: 8 }), (masks) => {
        const all = unionAll(masks.map(fromMask));
        expect(canonical(all)).toBe(true);
        expect(toMask(all)).toBe(masks.reduce((x, y) => x | y, 0));
        expect(unionAll([...masks].reverse().map(fromMask))).toEqual(all);
      }),
      RUNS,
    );
  });

  test('128-bit integers behave like small numbers', () => {
    fc.assert(
      fc.property(mask, mask, (a, b) => {
        const [x, y] = [fromMask(a), fromMask(b)];
        expect(union(big(x), big(y))).toEqual(big(fromMask(a | b)));
        expect(intersect(big(x), big(y))).toEqual(big(fromMask(a & b)));
        expect(subtract(big(x), big(y))).toEqual(big(fromMask(a & ~b)));
        expect(overlaps(big(x), big(y))).toBe((a & b) !== 0);
        expect(isSubset(big(x), big(y))).toBe((a & ~b) === 0);
        expect(unionAll([big(x), big(y)])).toEqual(big(fromMask(a | b)));
      }),
      { numRuns: 500 },
    );
  });
});

test('ranges are inclusive, reversed ones empty', () => {
  expect(range(22, 22)).toEqual([22, 23]);
  expect(range(0, 65535)).toEqual([0, 65536]);
  expect(range(5, 4)).toEqual(EMPTY);
  expect(only(0)).toEqual([0, 1]);
  expect(bigRange(0n, 2n ** 128n - 1n)).toEqual([0n, 2n ** 128n]);
  expect(bigRange(1n, 0n)).toEqual([]);
  expect([...ranges([22, 23, 80, 91])]).toEqual([
    [22, 22],
    [80, 90],
  ]);
});

test('neighbouring ranges become one', () => {
  expect(union([1, 2], [2, 3])).toEqual([1, 3]);
  expect(unionAll([[2, 3], [1, 2], EMPTY])).toEqual([1, 3]);
  expect(unionAll([])).toEqual([]);
});
