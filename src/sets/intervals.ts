/**
 * Canonical sets of integers in one dimension (ports, protocols, addresses, link numbers).
 *
 * A set is a strictly increasing list of boundaries of even length: a value v is inside when an odd
 * number of boundaries is <= v. `[22, 23, 80, 91]` is {22, 80..90}. Half-open pairs need no arithmetic,
 * so the same code serves IPv4 (number) and IPv6 (bigint); equal sets have equal boundaries.
 */
export type Scalar = number | bigint;
export type Intervals<T extends Scalar = number> = readonly T[];

export const EMPTY: Intervals<never> = [];

/** The values first..last, both inclusive; empty when last < first. */
export const range = (first: number, last: number): Intervals => (last < first ? EMPTY : [first, last + 1]);

export const only = (value: number): Intervals => [value, value + 1];

export const bigRange = (first: bigint, last: bigint): Intervals<bigint> => (last < first ? EMPTY : [first, last + 1n]);

export const isEmpty = <T extends Scalar>(set: Intervals<T>): boolean => set.length === 0;

export const equal = <T extends Scalar>(a: Intervals<T>, b: Intervals<T>): boolean =>
  a === b || (a.length === b.length && a.every((boundary, i) => boundary === b[i]));

/** Walks the boundaries of both sets once; `keep` sees whether a point lies in a and in b. */
function combine<T extends Scalar>(
  a: Intervals<T>,
  b: Intervals<T>,
  keep: (inA: boolean, inB: boolean) => boolean,
): Intervals<T> {
  const out: T[] = [];
  let i = 0;
  let j = 0;
  let inside = false;
  while (i < a.length || j < b.length) {
    const x = a[i];
    const y = b[j];
    const at = y === undefined || (x !== undefined && x <= y) ? (x as T) : y;
    if (x === at) i++;
    if (y === at) j++;
    const now = keep(i % 2 === 1, j % 2 === 1);
    if (now !== inside) {
      out.push(at);
      inside = now;
    }
  }
  return out;
}

export function union<T extends Scalar>(a: Intervals<T>, b: Intervals<T>): Intervals<T> {
  if (a === b || b.length === 0) return a;
  if (a.length === 0) return b;
  return combine(a, b, (inA, inB) => inA || inB);
}

export function intersect<T extends Scalar>(a: Intervals<T>, b: Intervals<T>): Intervals<T> {
  if (a === b) return a;
  if (a.length === 0 || b.length === 0) return [];
  return combine(a, b, (inA, inB) => inA && inB);
}

export function subtract<T extends Scalar>(a: Intervals<T>, b: Intervals<T>): Intervals<T> {
  if (a === b || a.length === 0) return [];
  if (b.length === 0) return a;
  return combine(a, b, (inA, inB) => inA && !inB);
}

export function overlaps<T extends Scalar>(a: Intervals<T>, b: Intervals<T>): boolean {
  if (a === b) return a.length > 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const aLo = a[i] as T;
    const aHi = a[i + 1] as T;
    const bLo = b[j] as T;
    const bHi = b[j + 1] as T;
    if (aLo < bHi && bLo < aHi) return true;
    if (aHi <= bHi) i += 2;
    else j += 2;
  }
  return false;
}

/** True when every member of a is a member of b. */
export function isSubset<T extends Scalar>(a: Intervals<T>, b: Intervals<T>): boolean {
  if (a === b) return true;
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    const lo = a[i] as T;
    const hi = a[i + 1] as T;
    while (j < b.length && (b[j + 1] as T) <= lo) j += 2;
    if (j >= b.length || (b[j] as T) > lo || (b[j + 1] as T) < hi) return false;
  }
  return true;
}

export function contains<T extends Scalar>(set: Intervals<T>, value: T): boolean {
  let lo = 0;
  let hi = set.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if ((set[mid] as T) <= value) lo = mid + 1;
    else hi = mid;
  }
  return lo % 2 === 1;
}

/** Union of many sets in one sort; the order of the input does not matter. */
export function unionAll<T extends Scalar>(sets: readonly Intervals<T>[]): Intervals<T> {
  if (sets.length === 0) return [];
  if (sets.length === 1) return sets[0] as Intervals<T>;
  const pairs: [T, T][] = [];
  for (const set of sets) for (let i = 0; i < set.length; i += 2) pairs.push([set[i] as T, set[i + 1] as T]);
  pairs.sort((p, q) => (p[0] < q[0] ? -1 : p[0] > q[0] ? 1 : 0));
  const out: T[] = [];
  for (const [lo, hi] of pairs) {
    const last = out[out.length - 1];
    if (last === undefined || lo > last) out.push(lo, hi);
    else if (hi > last) out[out.length - 1] = hi;
  }
  return out;
}

/** The pairs of a set as [first, last], both inclusive. */
export function* ranges(set: Intervals): Generator<readonly [first: number, last: number]> {
  for (let i = 0; i < set.length; i += 2) yield [set[i] as number, (set[i + 1] as number) - 1];
}

/** How many integers the set holds. */
export function size(set: Intervals): number {
  let count = 0;
  for (let i = 0; i < set.length; i += 2) count += (set[i + 1] as number) - (set[i] as number);
  return count;
}
