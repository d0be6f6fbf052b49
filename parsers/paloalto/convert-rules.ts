/** One rule record -> model rules (several where default ports or private addresses must be told apart). */
import type { Condition } from '../../src/model/condition.js';
import type { Action, Rule } from '../../src/model/firewall.js';
import { between, exactly, type Match, type MatchBox } from '../../src/model/match.js';
import {
  type AddressSet,
  ANY_ADDRESS,
  equalAddresses,
  intersectAddresses,
  isEmptyAddresses,
  NO_ADDRESS,
  subtractAddresses,
  unionAllAddresses,
} from '../../src/sets/address.js';
import type { Diagnostic } from '../../src/source/diagnostic.js';
import type { Addresses } from './addresses.js';
import { complement, type Extent, PRIVATE, uniteExtents } from './extent.js';
import type { RuleRecord, SecurityRuleRecord } from './records.js';
import type { Term, Terms } from './terms.js';
import type { Place } from './unresolved.js';
import type { ZoneBounds, Zones } from './zones.js';

/** What the rules of one rulebase are resolved with. */
export interface Context {
  readonly device: string;
  readonly zones: Zones;
  readonly addresses: Addresses;
  readonly terms: Terms;
  readonly note: (d: Diagnostic) => void;
}

type Side = 'source' | 'destination';

/** One address dimension of a rule. */
interface Dimension {
  readonly lo: AddressSet;
  readonly hi: AddressSet;
  readonly conditions: readonly Condition[];
}

/** Where an address may be in a list as source and yet not as destination: two facts, two coins. */
const onSide = (condition: Condition, side: Side, negated: boolean): Condition => ({
  ...condition,
  coin: `${condition.coin}@${side}`,
  ...(negated ? { negated: !condition.negated } : {}),
});

export const extentOf = (members: readonly string[], where: Place, ctx: Context): Extent =>
  uniteExtents(members.map((name) => ctx.addresses.resolve(name, where)));

/** A rule as diagnostics speak of it. @param policy `rule` for the security policy, `NAT rule`, ... */
export const placeOf = (rule: RuleRecord, policy = 'rule'): Place => ({
  who: `${rule.disabled ? 'disabled ' : ''}${policy} "${rule.name}"`,
  span: rule.span,
});

function dimension(side: Side, rule: RuleRecord, where: Place, ctx: Context): Dimension {
  const members = rule[side];
  const negate = side === 'source' ? rule.negateSource : rule.negateDestination;
  if (members?.includes('any')) {
    if (!negate) return { lo: ANY_ADDRESS, hi: ANY_ADDRESS, conditions: [] };
    ctx.note({
      severity: 'error',
      code: 'negate-any',
      message: `rule "${rule.name}" negates ${side} any, which a firewall refuses; it matches nothing`,
      file: rule.span.file,
      line: rule.span.line,
    });
    return { lo: NO_ADDRESS, hi: NO_ADDRESS, conditions: [] };
  }
  if (!members) return { lo: NO_ADDRESS, hi: ANY_ADDRESS, conditions: [missing(side, rule, ctx)] };
  const { known, open } = extentOf(members, where, ctx);
  const conditions = open.map((part) => onSide(part.condition, side, negate));
  const widest = open.length ? unionAllAddresses([known, ...open.map((part) => part.reach)]) : known;
  return negate ? { lo: complement(widest), hi: complement(known), conditions } : { lo: known, hi: widest, conditions };
}

function missing(what: string, rule: RuleRecord, ctx: Context): Condition {
  return {
    kind: 'construct',
    name: `rule without ${what}`,
    coin: `construct:${ctx.device}:${rule.name}:${what}`,
    effect: 'extent',
    settledBy: `The rule has no <${what}>; a firewall would not accept it. Export again.`,
  };
}

const isPublicList = (condition: Condition): boolean => condition.kind === 'list' && /^list:panw-/.test(condition.coin);

/** Lists of public addresses that the vendor supplies: private addresses stand apart, the assumption edl-private is about them. */
function privateApart(dim: Dimension): readonly Dimension[] {
  if (!dim.conditions.some(isPublicList)) return [dim];
  const inside = {
    lo: intersectAddresses(dim.lo, PRIVATE),
    hi: intersectAddresses(dim.hi, PRIVATE),
    conditions: dim.conditions.map(
      (c): Condition => (isPublicList(c) ? { ...c, assumption: { id: 'edl-private', value: c.negated === true, on: false } } : c),
    ),
  };
  const outside = { lo: subtractAddresses(dim.lo, PRIVATE), hi: subtractAddresses(dim.hi, PRIVATE), conditions: dim.conditions };
  return [inside, outside];
}

/** Facts that are neither in the packet nor in the export, and parts of the rule that are not understood. */
function gates(rule: RuleRecord, ctx: Context): readonly Condition[] {
  const out: Condition[] = [];
  if (rule.users.length)
    out.push({
      kind: 'user',
      name: rule.users.join(', '),
      coin: `user:${[...rule.users].sort().join(',')}`,
      effect: 'gate',
      values: rule.users,
      // A declared user may be a member of a group that the rule names.
      openEnded: true,
      fact: 'source_user',
      settledBy: 'State the user or group that the source acts for (source_user).',
    });
  const gate = (kind: Condition['kind'], name: string, coin: string, settledBy: string): void => {
    out.push({ kind, name, coin, effect: 'gate', settledBy });
  };
  if (rule.schedule)
    gate(
      'schedule',
      rule.schedule,
      `schedule:${ctx.device}:${rule.schedule}`,
      'The rule holds at the times of its schedule alone.',
    );
  for (const child of rule.unknown)
    gate(
      'construct',
      `<${child.name}> ${child.members.join(', ')}`.trim(),
      `construct:${ctx.device}:${rule.name}:${child.name}`,
      'This part of the rule is not understood.',
    );
  if (rule.service === undefined) out.push({ ...missing('service', rule, ctx), effect: 'gate' });
  if (rule.application === undefined) out.push({ ...missing('application', rule, ctx), effect: 'gate' });
  return out;
}

export function securityGates(rule: SecurityRuleRecord): readonly Condition[] {
  const hip = rule.hip.length
    ? [{ kind: 'user' as const, name: `HIP profile ${rule.hip.join(', ')}`, coin: `hip:${[...rule.hip].sort().join(',')}` }]
    : [];
  const category = rule.categories.length
    ? [
        {
          kind: 'url-category' as const,
          name: rule.categories.join(', '),
          coin: `url-category:${[...rule.categories].sort().join(',')}`,
        },
      ]
    : [];
  return [...hip, ...category].map((c) => ({
    ...c,
    effect: 'gate',
    settledBy: 'The rule matches only traffic that the firewall finds to be of this kind.',
  }));
}

function boxes(
  zones: ZoneBounds['lo'],
  source: AddressSet,
  destination: AddressSet,
  ports: readonly MatchBox[],
): readonly MatchBox[] {
  if (isEmptyAddresses(source) || isEmptyAddresses(destination)) return [];
  const where = {
    ...(equalAddresses(source, ANY_ADDRESS) ? {} : { source }),
    ...(equalAddresses(destination, ANY_ADDRESS) ? {} : { destination }),
  };
  return zones.flatMap((zone) => ports.map((port) => ({ ...where, ...zone, ...port })));
}

function matchOf(zones: ZoneBounds, source: Dimension, destination: Dimension, term: Term, inexact: boolean): Match {
  const hi = boxes(zones.hi, source.hi, destination.hi, term.hi);
  return inexact ? between(boxes(zones.lo, source.lo, destination.lo, term.lo), hi) : exactly(...hi);
}

export interface Conversion {
  readonly rule: RuleRecord;
  /** What people call a rule of this policy; default `rule`. */
  readonly policy?: string;
  readonly ruleType: string;
  readonly action: Action;
  readonly conditions: readonly Condition[];
  readonly logged?: boolean;
  /** Source and destination parts of wildcard masks that another rule may overtake. */
  readonly contested?: { readonly source: AddressSet; readonly destination: AddressSet };
  /** Label that application override gave the traffic. */
  readonly label?: string;
  /** Alternatives over protocol and ports; default: from the rule's application and service. */
  readonly terms?: readonly Term[];
}

/** Splits a dimension in the part inside and outside a set; parts without any address are left out. */
function split(dim: Dimension, by: AddressSet): { inside?: Dimension; outside?: Dimension } {
  if (isEmptyAddresses(by)) return { outside: dim };
  const inside = { ...dim, lo: intersectAddresses(dim.lo, by), hi: intersectAddresses(dim.hi, by) };
  const outside = { ...dim, lo: subtractAddresses(dim.lo, by), hi: subtractAddresses(dim.hi, by) };
  return {
    ...(isEmptyAddresses(inside.hi) ? {} : { inside }),
    ...(isEmptyAddresses(outside.hi) ? {} : { outside }),
  };
}

interface Pair {
  readonly source: Dimension;
  readonly destination: Dimension;
  readonly contested: boolean;
}

function pairs(source: Dimension, destination: Dimension, contested: Conversion['contested']): readonly Pair[] {
  const apart = privateApart(source).flatMap((s) =>
    privateApart(destination).map((d) => ({ source: s, destination: d, contested: false })),
  );
  if (!contested) return apart;
  return apart.flatMap((pair) => {
    const s = split(pair.source, contested.source);
    const d = split(pair.destination, contested.destination);
    return [
      ...(s.inside ? [{ ...pair, source: s.inside, contested: true }] : []),
      ...(s.outside && d.inside ? [{ source: s.outside, destination: d.inside, contested: true }] : []),
      ...(s.outside && d.outside ? [{ source: s.outside, destination: d.outside, contested: false }] : []),
    ];
  });
}

/** The model rules of one record, in the order they are tried; never none, so that no rule gets lost. */
export function convertRule(conversion: Conversion, ctx: Context): readonly Rule[] {
  const { rule } = conversion;
  const head = {
    id: rule.name,
    name: rule.name,
    span: rule.span,
    origin: 'user' as const,
    enabled: !rule.disabled,
    action: conversion.action,
    ...(conversion.logged === undefined ? {} : { logged: conversion.logged }),
    ...(rule.description ? { description: rule.description } : {}),
  };
  const where = placeOf(rule, conversion.policy);
  const zones = ctx.zones.bounds(rule.from, rule.to, conversion.ruleType);
  const source = dimension('source', rule, where, ctx);
  const destination = dimension('destination', rule, where, ctx);
  const shut = [...conversion.conditions, ...gates(rule, ctx)];
  const terms = conversion.terms ?? ctx.terms.of(rule.application, rule.service, where, conversion.label);
  const out = pairs(source, destination, conversion.contested).flatMap((pair) =>
    terms.map((term): Rule => {
      const extents = [...zones.conditions, ...pair.source.conditions, ...pair.destination.conditions];
      const order: readonly Condition[] = pair.contested ? [wildcardOrder(rule, ctx)] : [];
      const conditions = [...order, ...shut, ...term.conditions, ...extents];
      const inexact = conditions.some((condition) => condition.effect === 'extent');
      return { ...head, match: matchOf(zones, pair.source, pair.destination, term, inexact), conditions };
    }),
  );
  return out.length ? out : [{ ...head, match: exactly(), conditions: shut }];
}

const wildcardOrder = (rule: RuleRecord, ctx: Context): Condition => ({
  kind: 'construct',
  name: 'wildcard order',
  coin: `wildcard-order:${ctx.device}:${rule.name}`,
  effect: 'gate',
  settledBy:
    'Of rules with overlapping wildcard masks the firewall takes the one with the longest mask prefix, not the first;' +
    ' top-down order needs wildcard-topdown-match-mode yes.',
});
