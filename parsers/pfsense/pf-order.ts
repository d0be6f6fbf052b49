/**
 * pf walks its list top to bottom, remembers the last rule that matched and stops at once on a match with `quick`;
 * nothing matched means pass. The same as a first-match list:
 *
 *   all quick rules in order, then all other rules in reverse order, then pass.
 *
 * Proof. Let p be a packet. If some quick rule matches p, the walk ends at the first of them, whatever was remembered
 * before: the first quick match decides, and it is the first match of the new list, because quick rules come first in
 * unchanged order. If no quick rule matches p, the walk runs to the end and the last matching rule decides; it is the
 * first match among the others reversed. If no rule matches, both pass. Which rules match p does not depend on the walk
 * (conditions are facts about p and the world; tags, which do depend on it, are conditions). `match` rules decide nothing.
 */
import type { Rule } from '../../src/model/firewall.js';
import type { Match, MatchBox } from '../../src/model/match.js';
import type { Intervals } from '../../src/sets/intervals.js';

export interface PfRule {
  /** Its match says nothing of interfaces. */
  readonly rule: Rule;
  readonly direction: 'in' | 'out' | 'both';
  readonly quick: boolean;
  /** Undefined: every interface. */
  readonly links?: Intervals;
  /** The rule only matches packets with (or, negated, without) this tag. */
  readonly tested?: { readonly tag: string; readonly not: boolean };
  /** Packets that the rule matches get this tag. */
  readonly sets?: string;
  /** Packets that the rule passes leave by this gateway, whatever the routing table says. */
  readonly via?: Via;
}

export interface Via {
  readonly gateway: string;
  /** Links that the gateway, or the members of the gateway group, lead out of. */
  readonly links: readonly number[];
}

/** The order in which the first match decides. */
export function firstMatchOrder<T extends { readonly quick: boolean }>(rules: readonly T[]): readonly T[] {
  return [...rules.filter((rule) => rule.quick), ...rules.filter((rule) => !rule.quick).reverse()];
}

function mapMatch(match: Match, change: (box: MatchBox) => MatchBox): Match {
  const hi = match.hi.map(change);
  return { lo: match.lo === match.hi ? hi : match.lo.map(change), hi };
}

/** The rule as it stands in the list of one direction, bound to its interfaces. */
export function placed({ rule, links }: PfRule, direction: 'in' | 'out'): Rule {
  return links === undefined ? rule : { ...rule, match: mapMatch(rule.match, (box) => ({ ...box, [direction]: links })) };
}

export const judges = (rule: PfRule, direction: 'in' | 'out'): boolean =>
  rule.direction === 'both' || rule.direction === direction;
