/**
 * Sets of points in a space of several dimensions, each dimension a set of numbers: unions of products.
 *
 * A Box is the product of its intervals, one for each dimension of the space, none of them empty. A Region is a union
 * of boxes that are pairwise disjoint. All boxes of one region have the same dimensions.
 */
import { type Intervals, intersect, isSubset, overlaps, subtract, union } from './intervals.js';

export type Box = readonly Intervals[];
export type Region = readonly Box[];

export const NOTHING: Region = [];

/** A region grew past REGION_LIMIT boxes: the caller answers `unknown` with that reason, never a guess. */
export class RegionLimitError extends Error {
  override readonly name = 'RegionLimitError';
}
export const REGION_LIMIT = 20_000;

const bounded = (boxes: Box[]): Box[] => {
  if (boxes.length > REGION_LIMIT) throw new RegionLimitError(`more than ${REGION_LIMIT} boxes`);
  return boxes;
};

export function boxesOverlap(a: Box, b: Box): boolean {
  for (let d = 0; d < a.length; d++) if (!overlaps(a[d] as Intervals, b[d] as Intervals)) return false;
  return true;
}

export function intersectBoxes(a: Box, b: Box): Box | undefined {
  if (!boxesOverlap(a, b)) return undefined;
  return a.map((set, d) => intersect(set, b[d] as Intervals));
}

export const boxWithin = (a: Box, b: Box): boolean => a.every((set, d) => isSubset(set, b[d] as Intervals));

/** Appends a \ b to `out`, as at most one box a dimension. */
function subtractInto(a: Box, b: Box, out: Box[]): void {
  if (!boxesOverlap(a, b)) {
    out.push(a);
    return;
  }
  let rest = a;
  for (let d = 0; d < a.length; d++) {
    const mine = rest[d] as Intervals;
    const outside = subtract(mine, b[d] as Intervals);
    if (outside.length === 0) continue;
    out.push(rest.with(d, outside));
    rest = rest.with(d, intersect(mine, b[d] as Intervals));
  }
}

export function subtractBox(region: Region, box: Box): Region {
  if (!region.some((mine) => boxesOverlap(mine, box))) return region;
  const out: Box[] = [];
  for (const mine of region) subtractInto(mine, box, out);
  return bounded(out);
}

export function subtractRegion(region: Region, boxes: readonly Box[]): Region {
  let rest = region;
  for (const box of boxes) {
    if (rest.length === 0) break;
    rest = subtractBox(rest, box);
  }
  return rest;
}

/** The part of a region inside a union of boxes that may overlap each other. */
export function intersectRegion(region: Region, boxes: readonly Box[]): Region {
  const out: Box[] = [];
  let rest = region;
  boxes.forEach((box, i) => {
    let hit = false;
    for (const mine of rest) {
      const both = intersectBoxes(mine, box);
      if (both) {
        out.push(both);
        hit = true;
      }
    }
    if (hit && i < boxes.length - 1) rest = subtractBox(rest, box);
  });
  return bounded(out);
}

export function uniteRegions(a: Region, b: Region): Region {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return bounded([...a, ...subtractRegion(b, a)]);
}

export const regionsOverlap = (a: Region, b: Region): boolean => a.some((x) => b.some((y) => boxesOverlap(x, y)));

/** True when every point of a lies in b. */
export const regionWithin = (a: Region, b: Region): boolean => subtractRegion(a, b).length === 0;

/** Joins boxes that differ in one dimension only, until none do: fewer boxes, the same points. */
export function simplify(region: Region): Region {
  let boxes = [...region];
  for (let changed = boxes.length > 1; changed; ) {
    changed = false;
    const dimensions = boxes[0]?.length ?? 0;
    for (let d = 0; d < dimensions && boxes.length > 1; d++) {
      const groups = new Map<string, Box>();
      for (const box of boxes) {
        const key = box.map((set, i) => (i === d ? '' : set.join(','))).join(';');
        const other = groups.get(key);
        groups.set(key, other ? other.with(d, union(other[d] as Intervals, box[d] as Intervals)) : box);
      }
      if (groups.size < boxes.length) {
        boxes = [...groups.values()];
        changed = true;
      }
    }
  }
  return boxes;
}

/** Values of one dimension that occur in the region. */
export function shadowOn(region: Region, dimension: number): Intervals {
  return region.reduce<Intervals>((all, box) => union(all, box[dimension] as Intervals), []);
}

/** Replaces one dimension of every box by `set`; the result is made disjoint again. */
export function replaceDimension(region: Region, dimension: number, set: Intervals): Region {
  let out: Region = [];
  for (const box of region) out = uniteRegions(out, [box.with(dimension, set)]);
  return out;
}
