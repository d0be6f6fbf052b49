import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, type Intervals } from '../../src/sets/intervals.js';
import {
  type Box,
  boxesOverlap,
  boxWithin,
  intersectBoxes,
  intersectRegion,
  NOTHING,
  REGION_LIMIT,
  type Region,
  RegionLimitError,
  regionsOverlap,
  regionWithin,
  replaceDimension,
  shadowOn,
  simplify,
  subtractBox,
  subtractRegion,
  uniteRegions,
} from '../../src/sets/region.js';

const SIDE = 6;
const RUNS = { numRuns: 500 };

type Points = Set<number>;
const at = (x: number, y: number, z: number): number => (x * SIDE + y) * SIDE + z;

/** All points of the space that lie in some box, counted: more than once in one region breaks the invariant. */
function pointsOf(boxes: readonly Box[], mustBeDisjoint: boolean): Points {
  const points: Points = new Set();
  for (const [xs, ys, zs] of boxes) {
    for (const set of [xs, ys, zs]) if (!set?.length) throw new Error('an empty side');
    for (let x = 0; x < SIDE; x++)
      for (let y = 0; y < SIDE; y++)
        for (let z = 0; z < SIDE; z++) {
          if (!contains(xs as Intervals, x) || !contains(ys as Intervals, y) || !contains(zs as Intervals, z)) continue;
          if (mustBeDisjoint && points.has(at(x, y, z))) throw new Error(`the boxes overlap at ${x},${y},${z}`);
          points.add(at(x, y, z));
        }
  }
  return points;
}

const side: fc.Arbitrary<Intervals> = fc.integer({ min: 1, max: 2 ** SIDE - 1 }).map((bits) => {
  const out: number[] = [];
  for (let v = 0; v <= SIDE; v++) if (((bits >> v) & 1) !== (v > 0 ? (bits >> (v - 1)) & 1 : 0)) out.push(v);
  return out;
});
const box: fc.Arbitrary<Box> = fc.tuple(side, side, side);
const boxes = fc.array(box, { maxLength: 5 });
const region: fc.Arbitrary<Region> = boxes.map((all) => all.reduce<Region>((sum, one) => uniteRegions(sum, [one]), NOTHING));

const both = (a: Points, b: Points): Points => new Set([...a].filter((p) => b.has(p)));
const without = (a: Points, b: Points): Points => new Set([...a].filter((p) => !b.has(p)));

describe('regions against sets of points', () => {
  test('unions built box by box are disjoint and complete', () => {
    fc.assert(
      fc.property(boxes, (all) => {
        const built = all.reduce<Region>((sum, one) => uniteRegions(sum, [one]), NOTHING);
        expect(pointsOf(built, true)).toEqual(pointsOf(all, false));
      }),
      RUNS,
    );
  });

  test('union, difference and overlap of two regions', () => {
    fc.assert(
      fc.property(region, region, (a, b) => {
        const [x, y] = [pointsOf(a, true), pointsOf(b, true)];
        expect(pointsOf(uniteRegions(a, b), true)).toEqual(new Set([...x, ...y]));
        expect(pointsOf(subtractRegion(a, b), true)).toEqual(without(x, y));
        expect(regionsOverlap(a, b)).toBe(both(x, y).size > 0);
        expect(regionWithin(a, b)).toBe(without(x, y).size === 0);
        expect(regionWithin(a, uniteRegions(a, b))).toBe(true);
      }),
      RUNS,
    );
  });

  test('intersection with and difference from boxes that overlap each other', () => {
    fc.assert(
      fc.property(region, boxes, (a, bs) => {
        const [x, y] = [pointsOf(a, true), pointsOf(bs, false)];
        expect(pointsOf(intersectRegion(a, bs), true)).toEqual(both(x, y));
        expect(pointsOf(subtractRegion(a, bs), true)).toEqual(without(x, y));
      }),
      RUNS,
    );
  });

  test('simplify keeps the points, and never adds boxes', () => {
    fc.assert(
      fc.property(region, region, (a, b) => {
        const cut = subtractRegion(a, b);
        const simple = simplify(cut);
        expect(pointsOf(simple, true)).toEqual(pointsOf(cut, true));
        expect(simple.length).toBeLessThanOrEqual(cut.length);
      }),
      RUNS,
    );
  });

  test('single boxes', () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        const [x, y] = [pointsOf([a], true), pointsOf([b], true)];
        const common = intersectBoxes(a, b);
        expect(pointsOf(common ? [common] : [], true)).toEqual(both(x, y));
        expect(boxesOverlap(a, b)).toBe(common !== undefined);
        expect(boxWithin(a, b)).toBe(without(x, y).size === 0);
        expect(pointsOf(subtractBox([a], b), true)).toEqual(without(x, y));
      }),
      RUNS,
    );
  });

  test('shadows and replaced dimensions', () => {
    fc.assert(
      fc.property(region, fc.integer({ min: 0, max: 2 }), side, (a, dimension, set) => {
        const points = pointsOf(a, true);
        const value = (p: number): number => Math.floor(p / SIDE ** (2 - dimension)) % SIDE;
        const shadow = shadowOn(a, dimension);
        for (let v = 0; v < SIDE; v++) expect(contains(shadow, v)).toBe([...points].some((p) => value(p) === v));
        const wanted: Points = new Set();
        for (const p of points)
          for (let v = 0; v < SIDE; v++) if (contains(set, v)) wanted.add(p + (v - value(p)) * SIDE ** (2 - dimension));
        expect(pointsOf(replaceDimension(a, dimension, set), true)).toEqual(wanted);
      }),
      { numRuns: 300 },
    );
  });
});

test('pieces that were cut out of one box are put together again', () => {
  const whole: Box = [
    [0, 6],
    [0, 6],
    [0, 6],
  ];
  const hole: Box = [
    [2, 3],
    [2, 3],
    [2, 3],
  ];
  expect(subtractBox([whole], hole)).toHaveLength(3);
  expect(simplify(uniteRegions(subtractBox([whole], hole), [hole]))).toEqual([whole]);
});

test('a region that grows past the limit is an error, never a guess', () => {
  const points: Box[] = [];
  for (let i = 0; i <= REGION_LIMIT; i++)
    points.push([
      [2 * i, 2 * i + 1],
      [0, 1],
      [0, 1],
    ]);
  expect(() => uniteRegions(points.slice(0, 1), points.slice(1))).toThrow(RegionLimitError);
});
