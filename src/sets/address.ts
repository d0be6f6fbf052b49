/** Sets of addresses: IPv4 and IPv6 side by side, never mixed (an IPv6 packet is in no IPv4 set). */
import { EMPTY, equal, type Intervals, intersect, isEmpty, isSubset, overlaps, subtract, union, unionAll } from './intervals.js';

export type Family = 4 | 6;

export interface AddressSet {
  /** Addresses as unsigned 32-bit numbers. */
  readonly v4: Intervals<number>;
  /** Addresses as unsigned 128-bit integers. */
  readonly v6: Intervals<bigint>;
}

export const V4_ALL: Intervals<number> = [0, 2 ** 32];
export const V6_ALL: Intervals<bigint> = [0n, 2n ** 128n];
export const NO_ADDRESS: AddressSet = { v4: EMPTY, v6: EMPTY };
export const ANY_ADDRESS: AddressSet = { v4: V4_ALL, v6: V6_ALL };
export const ANY_V4: AddressSet = { v4: V4_ALL, v6: EMPTY };
export const ANY_V6: AddressSet = { v4: EMPTY, v6: V6_ALL };

export const unionAddresses = (a: AddressSet, b: AddressSet): AddressSet => ({ v4: union(a.v4, b.v4), v6: union(a.v6, b.v6) });
export const intersectAddresses = (a: AddressSet, b: AddressSet): AddressSet => ({
  v4: intersect(a.v4, b.v4),
  v6: intersect(a.v6, b.v6),
});
export const subtractAddresses = (a: AddressSet, b: AddressSet): AddressSet => ({
  v4: subtract(a.v4, b.v4),
  v6: subtract(a.v6, b.v6),
});
export const unionAllAddresses = (sets: readonly AddressSet[]): AddressSet => ({
  v4: unionAll(sets.map((s) => s.v4)),
  v6: unionAll(sets.map((s) => s.v6)),
});
export const isEmptyAddresses = (a: AddressSet): boolean => isEmpty(a.v4) && isEmpty(a.v6);
export const overlapsAddresses = (a: AddressSet, b: AddressSet): boolean => overlaps(a.v4, b.v4) || overlaps(a.v6, b.v6);
export const isSubsetAddresses = (a: AddressSet, b: AddressSet): boolean => isSubset(a.v4, b.v4) && isSubset(a.v6, b.v6);
export const equalAddresses = (a: AddressSet, b: AddressSet): boolean => equal(a.v4, b.v4) && equal(a.v6, b.v6);
