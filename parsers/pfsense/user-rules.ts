/** filter/rule to rules of the common model, in the order in which pfSense emits them. */
import type { Condition } from '../../src/model/condition.js';
import type { Action, Rule } from '../../src/model/firewall.js';
import { MATCH_NONE, type Match, type MatchBox } from '../../src/model/match.js';
import { type Family, isEmptyAddresses } from '../../src/sets/address.js';
import { type Intervals, only, unionAll } from '../../src/sets/intervals.js';
import { isDropped } from './aliases.js';
import { isNegated, type Resolver, resolveEnd } from './endpoints.js';
import { conditionsOf, type Extent } from './extent.js';
import { parts } from './node.js';
import type { PfRule, Via } from './pf-order.js';
import { splitForGateway } from './policy-routing.js';
import type { FilterRuleRecord } from './records.js';
import { isStateless, neverMatches, type RuleContext, ruleConditions } from './rule-conditions.js';
import { servicesOf } from './services-of.js';

export type { RuleContext } from './rule-conditions.js';

const familiesOf = (record: FilterRuleRecord, context: RuleContext): readonly Family[] => {
  const text = record.ipprotocol?.toLowerCase();
  if (text === 'inet46') return [4, 6];
  if (text === 'inet6') return [6];
  return text === undefined && context.resolver.behaviour.noFamilyKeyword ? [4, 6] : [4];
};

export interface Half {
  readonly family: Family;
  readonly source: Extent;
  readonly destination: Extent;
  readonly lo: readonly MatchBox[];
  readonly hi: readonly MatchBox[];
  readonly conditions: readonly Condition[];
}

/** The rule in one family, or why it is dropped there. */
function half(record: FilterRuleRecord, family: Family, context: RuleContext): Half | { readonly dropped: string } {
  const { resolver } = context;
  const { device } = resolver.topology;
  const source = resolveEnd(record.source, family, resolver, record.span);
  if (isDropped(source)) return source;
  const destination = resolveEnd(record.destination, family, resolver, record.span);
  if (isDropped(destination)) return destination;
  const services = servicesOf(record, family, { ...resolver, device });
  if (isDropped(services)) return services;
  const box = (part: 'lo' | 'hi'): readonly MatchBox[] => {
    const service = services[part];
    const empty = !service || isEmptyAddresses(source[part]) || isEmptyAddresses(destination[part]);
    return empty ? [] : [{ source: source[part], destination: destination[part], ...service }];
  };
  const conditions = [
    ...conditionsOf(source, 'source', isNegated(record.source), device),
    ...conditionsOf(destination, 'destination', isNegated(record.destination), device),
    ...services.conditions,
  ];
  const hi = box('hi');
  return { family, source, destination, lo: conditions.length === 0 ? hi : box('lo'), hi, conditions };
}

const actionOf = (record: FilterRuleRecord): Action => {
  const type = record.type?.toLowerCase();
  if (type === 'block') return { kind: 'drop' };
  if (type === 'reject') return { kind: 'reject' };
  if (type === 'match') return { kind: 'continue' };
  // The filter passes these packets, and no later rule is asked; whether replies come back or where they go is open.
  return { kind: isStateless(record) || record.nat64 ? 'unknown' : 'accept' };
};

/** Where a rule stands: interfaces, or why it stands nowhere. */
function linksOf(record: FilterRuleRecord, resolver: Resolver): { readonly links?: Intervals } | { readonly dropped: string } {
  const { topology, behaviour } = resolver;
  const one = (name: string): Intervals | undefined => {
    const item = topology.interfaces.get(name);
    if (item) return item.effective ? only(item.link) : undefined;
    return topology.groups.get(name);
  };
  const text = record.interface ?? '';
  if (!record.floating) {
    const found = one(text);
    if (found) return { links: found };
    if (topology.interfaces.has(text))
      return { dropped: `${text} is an IPsec interface: its packets are judged on the IPsec tab (enc0)` };
    return { dropped: `"${text.slice(0, 80)}" is no interface that exists and is enabled` };
  }
  const names = parts(text);
  if (names.length === 0 || (behaviour.anyWord && text === 'any')) return {};
  const found = names.map(one).filter((links) => links !== undefined);
  if (found.length > 0) return { links: unionAll(found) };
  if (!behaviour.emptyFloatingIsEverywhere) return { dropped: `none of its interfaces exists: ${text.slice(0, 80)}` };
  resolver.notes.add(
    'warning',
    'floating-everywhere',
    `none of the interfaces "${text.slice(0, 80)}" exists: this version applies the floating rule to every interface`,
    record.span,
  );
  return {};
}

/** Vendor rules by tracker where that is unique, else by position. */
export function ruleIds(rules: readonly FilterRuleRecord[]): ReadonlyMap<FilterRuleRecord, string> {
  const count = new Map<string, number>();
  const key = (record: FilterRuleRecord) => record.tracker?.replace(/^0+(?=.)/, '') ?? '';
  for (const record of rules) count.set(key(record), (count.get(key(record)) ?? 0) + 1);
  return new Map(
    rules.map((record) => [record, record.tracker && count.get(key(record)) === 1 ? record.tracker : `filter[${record.index}]`]),
  );
}

function nameOf(record: FilterRuleRecord, resolver: Resolver): string {
  if (record.descr) return record.descr;
  const tab = record.floating
    ? 'floating'
    : (resolver.topology.interfaces.get(record.interface ?? '')?.label ?? record.interface ?? 'no tab');
  return `${tab} rule ${record.index + 1}`;
}

function dropped(record: FilterRuleRecord, base: Omit<Rule, 'match' | 'conditions'>, why: string, context: RuleContext): PfRule {
  const blocking = base.action.kind === 'drop' || base.action.kind === 'reject';
  const effect = blocking ? 'what it should block is not blocked by it' : 'it has no effect';
  context.resolver.notes.add(
    blocking ? 'warning' : 'info',
    'rule-dropped',
    `pfSense leaves out the rule "${base.name}": ${why}; ${effect}`,
    record.span,
  );
  return { rule: { ...base, match: MATCH_NONE, conditions: [] }, direction: directionOf(record), quick: true };
}

function viaOf(record: FilterRuleRecord, action: Action, context: RuleContext): { readonly via?: Via } {
  const keys = action.kind === 'accept' && record.gateway ? context.gateways.get(record.gateway) : undefined;
  if (!record.gateway || !keys) return {};
  const links = keys.flatMap((key) => context.resolver.topology.interfaces.get(key)?.link ?? []);
  return { via: { gateway: record.gateway, links: [...new Set(links)] } };
}

/** `direction` of a floating rule counts only if `floating` says "yes"; tabs judge what comes in. */
function directionOf(record: FilterRuleRecord): PfRule['direction'] {
  if (!record.floating || !record.floatingYes) return 'in';
  return record.direction === 'in' || record.direction === 'out' ? record.direction : 'both';
}

/** One record as one rule, or as two where policy routing splits it. */
function convertRule(record: FilterRuleRecord, id: string, context: RuleContext): readonly PfRule[] {
  const { resolver } = context;
  const base = {
    id,
    name: nameOf(record, resolver),
    span: record.span,
    origin: 'user',
    enabled: !record.disabled,
    action: actionOf(record),
    logged: record.log,
  } as const;
  if (record.disabled)
    return [{ rule: { ...base, match: MATCH_NONE, conditions: [] }, direction: directionOf(record), quick: true }];
  const place = linksOf(record, resolver);
  if ('dropped' in place) return [dropped(record, base, place.dropped, context)];
  const halves: Half[] = [];
  const reasons: string[] = [];
  const families = familiesOf(record, context);
  for (const family of families) {
    const result = half(record, family, context);
    if (isDropped(result)) reasons.push(families.length > 1 ? `IPv${family}: ${result.dropped}` : result.dropped);
    else halves.push(result);
  }
  if (halves.length === 0) return [dropped(record, base, [...new Set(reasons)].join('; '), context)];
  for (const reason of reasons)
    resolver.notes.add('info', 'rule-dropped', `pfSense leaves out a half of the rule "${base.name}": ${reason}`, record.span);
  const never = neverMatches(record, context);
  if (never !== undefined) {
    resolver.notes.add('warning', 'rule-never-matches', `the rule "${base.name}" never matches: ${never}`, record.span);
    return [{ rule: { ...base, match: MATCH_NONE, conditions: [] }, direction: directionOf(record), quick: true }];
  }
  const direction = directionOf(record);
  const quick = !record.floating || record.quick;
  const gates = ruleConditions(record, id, context);
  const at = {
    direction,
    quick,
    ...('links' in place && place.links ? { links: place.links } : {}),
    ...(record.tagged ? { tested: { tag: record.tagged, not: record.nottagged } } : {}),
    ...(record.tag ? { sets: record.tag } : {}),
    ...viaOf(record, base.action, context),
  } as const;
  const whole = { ...base, match: matchOf(halves), conditions: onceEach([...gates, ...halves.flatMap((h) => h.conditions)]) };
  const split = splitForGateway(record, whole, context);
  // Of rules without quick the last one decides.
  return (quick ? split : [...split].reverse()).map((rule) => ({ rule, ...at }));
}

/** Both families of a rule may hang on the same fact. */
const onceEach = (conditions: readonly Condition[]): readonly Condition[] =>
  conditions.filter(
    (c, i) => conditions.findIndex((o) => o.coin === c.coin && o.effect === c.effect && o.negated === c.negated) === i,
  );

function matchOf(halves: readonly Half[]): Match {
  const hi = halves.flatMap((h) => h.hi);
  return { lo: halves.every((h) => h.lo === h.hi) ? hi : halves.flatMap((h) => h.lo), hi };
}

/** Pseudo interfaces and groups; WireGuard's group lists no members. */
const SYSTEM_TABS = ['l2tp', 'pppoe', 'pptp', 'enc0', 'openvpn'];

export interface Tabs {
  readonly floating: readonly PfRule[];
  /** Group tabs in file order. */
  readonly groups: readonly PfRule[];
  /** Group tabs in the order of the group list, where that differs and the version may use it. */
  readonly groupsByList?: readonly PfRule[];
  readonly tabs: readonly PfRule[];
}

/** Every record once, sorted into the lists that pfSense emits one after the other. */
export function convertUserRules(records: readonly FilterRuleRecord[], context: RuleContext): Tabs {
  const { topology, behaviour } = context.resolver;
  const ids = ruleIds(records);
  const convert = (list: readonly FilterRuleRecord[]) =>
    list.flatMap((record) => convertRule(record, ids.get(record) ?? `filter[${record.index}]`, context));
  const isGroup = (record: FilterRuleRecord) =>
    !topology.interfaces.has(record.interface ?? '') && topology.groups.has(record.interface ?? '');
  const floating = records.filter((record) => record.floating);
  const others = records.filter((record) => !record.floating);
  if (!behaviour.groupsBeforeTabs) return { floating: convert(floating), groups: [], tabs: convert(others) };
  const groups = others.filter(isGroup);
  const rank = (record: FilterRuleRecord) => {
    const user = context.groupOrder.indexOf(record.interface ?? '');
    return user >= 0 ? user : 1e6 + SYSTEM_TABS.indexOf(record.interface ?? '');
  };
  const byList = groups.map((record, i) => ({ record, i })).sort((a, b) => rank(a.record) - rank(b.record) || a.i - b.i);
  const differs = behaviour.since28 && byList.some((entry, i) => entry.record !== groups[i]);
  return {
    floating: convert(floating),
    groups: convert(groups),
    ...(differs ? { groupsByList: convert(byList.map((entry) => entry.record)) } : {}),
    tabs: convert(others.filter((record) => !isGroup(record))),
  };
}
