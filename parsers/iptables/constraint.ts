/**
 * What one match of a rule demands: boxes that surely match, boxes that may match (the sure ones aside), and conditions.
 * A rule is the AND of its constraints.
 */
import type { Condition } from '../../src/model/condition.js';
import type { Match, MatchBox } from '../../src/model/match.js';
import { type AddressSet, intersectAddresses, isEmptyAddresses } from '../../src/sets/address.js';
import { type Intervals, intersect } from '../../src/sets/intervals.js';

/**
 * A condition whose truth differs by who sends the packet: `-m set --match-set X src` tests the initiator on its
 * packets and the responder on replies. `responder` applies to reply phases.
 */
export interface SidedCondition {
  readonly initiator: Condition;
  readonly responder: Condition;
}

export interface Constraint {
  readonly sure: readonly MatchBox[];
  readonly maybe: readonly MatchBox[];
  readonly conditions: readonly Condition[];
  readonly sided: readonly SidedCondition[];
}

const NO_CONDITIONS: readonly Condition[] = [];

export const exactly = (...sure: readonly MatchBox[]): Constraint => ({ sure, maybe: [], conditions: NO_CONDITIONS, sided: [] });
export const EVERYTHING: Constraint = exactly({});
export const NOTHING: Constraint = exactly();

/** Matches `box` when the condition holds. */
export const gated = (condition: Condition, box: MatchBox = {}): Constraint => ({
  sure: [box],
  maybe: [],
  conditions: [condition],
  sided: [],
});

/** `sure` always, `maybe` (disjoint from it) too when the extent conditions hold. */
export const between = (
  sure: readonly MatchBox[],
  maybe: readonly MatchBox[],
  ...conditions: readonly Condition[]
): Constraint => ({ sure, maybe, conditions, sided: [] });

export const sided = (condition: SidedCondition, box: MatchBox = {}): Constraint => ({
  sure: [box],
  maybe: [],
  conditions: NO_CONDITIONS,
  sided: [condition],
});

const numbers = (a: Intervals | undefined, b: Intervals | undefined): Intervals | undefined =>
  a === undefined ? b : b === undefined ? a : intersect(a, b);

const addresses = (a: AddressSet | undefined, b: AddressSet | undefined): AddressSet | undefined =>
  a === undefined ? b : b === undefined ? a : intersectAddresses(a, b);

/** Packets in both boxes; undefined: none. */
export function intersectBoxes(a: MatchBox, b: MatchBox): MatchBox | undefined {
  const source = addresses(a.source, b.source);
  const destination = addresses(a.destination, b.destination);
  if ((source && isEmptyAddresses(source)) || (destination && isEmptyAddresses(destination))) return undefined;
  const dimensions = {
    protocols: numbers(a.protocols, b.protocols),
    sourcePorts: numbers(a.sourcePorts, b.sourcePorts),
    ports: numbers(a.ports, b.ports),
    in: numbers(a.in, b.in),
    out: numbers(a.out, b.out),
    phases: numbers(a.phases, b.phases),
  };
  const box: Record<string, unknown> = {};
  if (source) box.source = source;
  if (destination) box.destination = destination;
  for (const [key, value] of Object.entries(dimensions)) {
    if (value === undefined) continue;
    if (value.length === 0) return undefined;
    box[key] = value;
  }
  return box as MatchBox;
}

function product(a: readonly MatchBox[], b: readonly MatchBox[]): MatchBox[] {
  const out: MatchBox[] = [];
  for (const x of a)
    for (const y of b) {
      const box = intersectBoxes(x, y);
      if (box) out.push(box);
    }
  return out;
}

export function and(a: Constraint, b: Constraint): Constraint {
  if (a === EVERYTHING) return b;
  if (b === EVERYTHING) return a;
  const maybe = [...product(a.maybe, b.sure), ...product(a.sure, b.maybe), ...product(a.maybe, b.maybe)];
  return {
    sure: product(a.sure, b.sure),
    maybe,
    conditions: a.conditions.length + b.conditions.length === 0 ? NO_CONDITIONS : [...a.conditions, ...b.conditions],
    sided: a.sided.length + b.sided.length === 0 ? a.sided : [...a.sided, ...b.sided],
  };
}

/** One or two rules of the model for one rule of the dump: what surely matches apart from what may. */
export interface Piece {
  readonly match: Match;
  readonly conditions: readonly Condition[];
}

/**
 * The sure boxes and the others as two rules, so that a packet in the sure ones never meets a condition about the rest.
 * Never empty: a rule that matches nothing is one piece that matches nothing.
 */
export function pieces({ sure, maybe, conditions }: Constraint): readonly Piece[] {
  const gates = conditions.every((one) => one.effect === 'gate') ? conditions : conditions.filter((one) => one.effect === 'gate');
  const certain: Piece = { match: { lo: sure, hi: sure }, conditions: gates };
  if (maybe.length === 0) return [certain];
  const open: Piece = { match: { lo: [], hi: maybe }, conditions };
  return sure.length === 0 ? [open] : [certain, open];
}
