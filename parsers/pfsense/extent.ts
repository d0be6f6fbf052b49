/**
 * Address sets of which a part may be unknown: DHCP addresses, host names, URL tables. `lo` is surely inside the set,
 * the set is surely inside `hi`; `unknowns` names what the difference hangs on.
 */
import type { Condition, ConditionKind } from '../../src/model/condition.js';
import {
  type AddressSet,
  ANY_ADDRESS,
  ANY_V4,
  ANY_V6,
  equalAddresses,
  type Family,
  intersectAddresses,
  NO_ADDRESS,
  subtractAddresses,
  unionAddresses,
} from '../../src/sets/address.js';
import type { Span } from '../../src/source/span.js';

export interface Unknown {
  readonly kind: ConditionKind;
  readonly name: string;
  /** Same text = same set of addresses. */
  readonly coin: string;
  readonly settledBy: string;
  readonly span?: Span;
  /** The rule is not installed at all while this content is missing on the firewall (URL tables). */
  readonly mayBeMissing?: boolean;
  /** Only addresses of this family are unknown. */
  readonly family?: Family;
}

export interface Extent {
  readonly lo: AddressSet;
  readonly hi: AddressSet;
  readonly unknowns: readonly Unknown[];
}

export const known = (set: AddressSet): Extent => ({ lo: set, hi: set, unknowns: [] });
export const NOTHING: Extent = known(NO_ADDRESS);
export const unknown = (hi: AddressSet, why: Unknown): Extent => ({ lo: NO_ADDRESS, hi, unknowns: [why] });
export const anyOf = (family: Family): AddressSet => (family === 4 ? ANY_V4 : ANY_V6);

function merge(a: readonly Unknown[], b: readonly Unknown[]): readonly Unknown[] {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const seen = new Set(a.map((why) => why.coin));
  return [...a, ...b.filter((why) => !seen.has(why.coin))];
}

export const join = (a: Extent, b: Extent): Extent => ({
  lo: unionAddresses(a.lo, b.lo),
  hi: unionAddresses(a.hi, b.hi),
  unknowns: merge(a.unknowns, b.unknowns),
});

export const joinAll = (extents: readonly Extent[]): Extent => extents.reduce(join, NOTHING);

/** Large aliases stand in many rules: each is cut and turned round once, and the rules share the result. */
function remembered(compute: (extent: Extent, family: Family) => Extent): (extent: Extent, family: Family) => Extent {
  const memory = { 4: new WeakMap<Extent, Extent>(), 6: new WeakMap<Extent, Extent>() };
  return (extent, family) => {
    const cached = memory[family].get(extent);
    if (cached) return cached;
    const found = compute(extent, family);
    memory[family].set(extent, found);
    return found;
  };
}

/** The part of one family; unknowns that only concern the other family vanish. */
export const ofFamily = remembered((extent, family) => {
  const lo = intersectAddresses(extent.lo, anyOf(family));
  const hi = intersectAddresses(extent.hi, anyOf(family));
  return equalAddresses(lo, hi)
    ? known(lo)
    : { lo, hi, unknowns: extent.unknowns.filter((why) => why.family === undefined || why.family === family) };
});

/** Everything of the family that is not in the set. */
export const complement = remembered((extent, family) => ({
  lo: subtractAddresses(anyOf(family), extent.hi),
  hi: subtractAddresses(anyOf(family), extent.lo),
  unknowns: extent.unknowns,
}));

export const EVERYWHERE: AddressSet = ANY_ADDRESS;

/**
 * Unknowns of one end of a rule as conditions. Whether the source lies in a table and whether the destination does are
 * two facts, so the end is part of the coin. A negated set shrinks as the table grows: its condition is turned round.
 */
export function conditionsOf(
  extent: Extent,
  end: 'source' | 'destination',
  negated: boolean,
  device: string,
): readonly Condition[] {
  return extent.unknowns.flatMap((why) => {
    const base = { kind: why.kind, name: why.name, settledBy: why.settledBy, ...(why.span ? { span: why.span } : {}) };
    const extentCondition: Condition = {
      ...base,
      coin: `${why.coin}@${end}`,
      effect: 'extent',
      ...(negated ? { negated } : {}),
    };
    if (!negated || !why.mayBeMissing) return [extentCondition];
    return [extentCondition, { ...base, coin: `${why.coin}:installed:${device}`, effect: 'gate' } satisfies Condition];
  });
}
