/** Records to the common model: two lists (inbound, outbound), links, routes, what the export does not hold. */
import type { Condition } from '../../src/model/condition.js';
import type { Entry, Firewall, Rule, RuleList } from '../../src/model/firewall.js';
import { MATCH_ALL } from '../../src/model/match.js';
import { type AddressSet, type Family, NO_ADDRESS, unionAllAddresses } from '../../src/sets/address.js';
import type { Given } from '../types.js';
import { Aliases } from './aliases.js';
import { automaticBefore } from './automatic.js';
import { automaticAfter } from './automatic-late.js';
import { type AutomaticContext, automatic } from './automatic-rule.js';
import { MAIN } from './default-route.js';
import type { Resolver } from './endpoints.js';
import { externalOf, inboundTranslationRules } from './nat-inbound.js';
import { beforeTranslation, sourceTranslations } from './nat-outbound.js';
import { Notes } from './notes.js';
import { aheadOfFilter, behindUserRules } from './outside-filter.js';
import { withoutInterfaces } from './partial.js';
import {
  CHOOSER,
  chooserList,
  type Decision,
  listIdOf,
  movedByGateway,
  OUTBOUND,
  type Path,
  pathsOf,
  throughGateway,
} from './paths.js';
import { firstMatchOrder, judges, type PfRule, placed } from './pf-order.js';
import type { PfsenseConfig } from './records.js';
import { type Routing, routingOf } from './routes.js';
import type { RuleContext } from './rule-conditions.js';
import { followedTags, tagsAsConditions, underTag } from './tags.js';
import { linkFinder, selfIsComplete, type Topology, topologyOf } from './topology.js';
import { translationsOf } from './translations.js';
import { convertUserRules, type Tabs } from './user-rules.js';
import { behaviourOf } from './version.js';

const TRANSLATION = 'translation';
/** Inbound rules as packets to the firewall itself meet them. */
const INBOUND_SELF = 'inbound-self';

const baseName = (file: string): string =>
  file
    .split(/[\\/]/)
    .pop()
    ?.replace(/\.[^.]*$/, '') || file;

/** The generator runs in one of two orders of group tabs; which one is a fact about the exact release. */
function ordered(tabs: Tabs, device: string): readonly PfRule[] {
  if (!tabs.groupsByList) return [...tabs.floating, ...tabs.groups, ...tabs.tabs];
  const newer = 'group tabs are evaluated in the order of the group list';
  const when = (rules: readonly PfRule[], negated: boolean): readonly PfRule[] => {
    const condition: Condition = {
      kind: 'construct',
      name: newer,
      coin: `group-order:${device}`,
      effect: 'gate',
      ...(negated ? { negated } : {}),
      settledBy:
        'Look at the order of the group rules in /tmp/rules.debug; releases since August 2025 use the order of the group list.',
    };
    return rules.map((entry) => ({
      ...entry,
      rule: { ...entry.rule, conditions: [...entry.rule.conditions, condition] },
    }));
  };
  return [...tabs.floating, ...when(tabs.groups, true), ...when(tabs.groupsByList, false), ...tabs.tabs];
}

interface Parts {
  readonly config: PfsenseConfig;
  readonly topology: Topology;
  readonly resolver: Resolver;
  readonly routing: Routing;
  readonly given: Given;
}

function ruleContext({ config, resolver, routing }: Parts): RuleContext {
  return {
    resolver,
    schedules: config.partial ? new Set(config.rules.flatMap((rule) => rule.sched ?? [])) : config.schedules,
    gateways: routing.gateways,
    groupOrder: config.groups.map((group) => group.name),
    local: routing.local,
    astray: new Map(),
    tagsSet: new Set(config.rules.flatMap((rule) => (rule.tag && !rule.disabled ? [rule.tag] : []))),
    skipRulesGatewayDown: config.system.skipRulesGatewayDown,
    noNegate: config.system.noNegate,
  };
}

/** A filter section that is not in the file stands as one rule that may do anything. */
function missingFilter(config: PfsenseConfig): readonly PfRule[] {
  if (config.hasFilter) return [];
  const condition: Condition = {
    kind: 'export',
    name: 'the filter rules are not in this file',
    coin: `export:filter:${config.file}`,
    effect: 'gate',
    settledBy: 'Export the whole configuration with Diagnostics > Backup & Restore, backup area "All".',
    span: config.rootSpan,
  };
  return [
    automatic('missing-filter', 'User rules (not in the export)', 'unknown', MATCH_ALL, {
      conditions: [condition],
      span: config.rootSpan,
    }),
  ];
}

function emission(parts: Parts): readonly PfRule[] {
  const { config, resolver, given, topology } = parts;
  const context: AutomaticContext = { config, resolver, given };
  return [
    ...aheadOfFilter(config, resolver),
    ...automaticBefore(context),
    ...missingFilter(config),
    ...ordered(convertUserRules(config.rules, ruleContext(parts)), topology.device),
    ...automaticAfter(context, parts.routing.statics),
    ...behindUserRules(config, resolver),
  ];
}

const listOf = (id: string, title: string, rules: readonly Rule[], end: RuleList['end']['action'] = 'accept'): RuleList => ({
  id,
  title,
  rules,
  end: { action: end, name: end === 'accept' ? 'pf passes what no rule matches' : 'no translation' },
});

function offList(id: string, config: PfsenseConfig): RuleList {
  const rule: Rule = {
    id: 'off',
    name: 'The packet filter is switched off (system > disablefilter)',
    span: config.rootSpan,
    origin: 'off',
    enabled: true,
    action: { kind: 'accept' },
    match: MATCH_ALL,
    conditions: [],
  };
  return listOf(id, `${id} rules`, [rule]);
}

/** Rules that the lists for tags and gateways may hold together; far above what real configurations need. */
const MOST_PATH_RULES = 400_000;

function tooManyPaths(list: RuleList, config: PfsenseConfig, topology: Topology): RuleList {
  const condition: Condition = {
    kind: 'construct',
    name: 'too many combinations of tags and gateways',
    coin: `paths:${topology.device}`,
    effect: 'gate',
    settledBy: 'Judge the outbound rules by hand, or audit with fewer tags and gateways.',
    span: config.filterSpan,
  };
  const rule = automatic('missing-paths', 'Outbound rules by tag and gateway', 'unknown', MATCH_ALL, {
    conditions: [condition],
  }).rule;
  return { ...list, rules: [rule, ...list.rules] };
}

/** A gateway takes packets away that are for the firewall itself; which those are is not known by address alone. */
function toSelf({ rule, via }: Decision, device: string): readonly Rule[] {
  if (!via) return [rule];
  const condition: Condition = {
    kind: 'construct',
    name: `policy routing through ${via.gateway}`,
    coin: `policy-routing:${device}:${via.gateway}`,
    effect: 'gate',
    settledBy: `The rule sends packets for the firewall itself to gateway ${via.gateway}; put a rule without gateway above it.`,
    ...(rule.span ? { span: rule.span } : {}),
  };
  return [{ ...rule, action: { kind: 'unknown' }, conditions: [...rule.conditions, condition] }, rule];
}

function listsOf(parts: Parts): readonly RuleList[] {
  const { config, resolver, topology } = parts;
  if (config.system.filterDisabled) return [offList('inbound', config), offList('outbound', config)];
  const emitted = emission(parts);
  const translations = inboundTranslationRules(config, resolver);
  const jump: Rule = {
    id: 'nat',
    name: 'Translation comes before the filter',
    origin: 'automatic',
    enabled: true,
    action: { kind: 'jump', list: TRANSLATION },
    match: MATCH_ALL,
    conditions: [],
  };
  const sources = sourceTranslations(config, resolver);
  const links = [0, Math.max(1, topology.linkNames.length)] as const;
  const tags = followedTags(emitted);
  const under = (direction: 'in' | 'out', tag?: string) =>
    (tags ? underTag(emitted, tag) : tagsAsConditions(emitted, direction, topology.device)).filter((rule) =>
      judges(rule, direction),
    );
  const decisions = firstMatchOrder(under('in')).map(
    (entry): Decision => ({
      rule: placed(entry, 'in'),
      ...(entry.sets === undefined ? {} : { tag: entry.sets }),
      ...(entry.via ? { via: entry.via } : {}),
    }),
  );
  const outboundFor = (path: Path) => {
    const outgoing = under('out', path.tag).flatMap((entry) => movedByGateway(entry, topology.allLinks, topology.device));
    const rules = firstMatchOrder(outgoing).map((entry) =>
      beforeTranslation(placed(entry, 'out'), sources, links, topology.device),
    );
    return listOf(listIdOf(path), `${listIdOf(path)} rules`, throughGateway(rules, path.via, topology.device));
  };
  const ahead = translations.length > 0 ? [jump] : [];
  const translation = translations.length > 0 ? [listOf(TRANSLATION, 'translation', translations, 'return')] : [];
  const inbound = listOf('inbound', 'inbound rules', [...ahead, ...decisions.map(({ rule }) => rule)]);
  const own =
    decisions.some(({ via }) => via) && !selfIsComplete(topology)
      ? [listOf(INBOUND_SELF, 'inbound rules', [...ahead, ...decisions.flatMap((each) => toSelf(each, topology.device))])]
      : [];
  // Without user rules going out, every packet meets the same automatic ones.
  const outboundMatters = emitted.some(
    (entry) => entry.rule.origin === 'user' && judges(entry, 'out') && entry.rule.match.hi.length > 0,
  );
  const paths = outboundMatters ? pathsOf(decisions, tags ?? []) : [];
  if (paths.length * emitted.length > MOST_PATH_RULES)
    return [inbound, tooManyPaths(outboundFor({}), config, topology), ...translation, ...own];
  const chooser = paths.length > 0 ? [chooserList(decisions, tags ?? [], paths, ahead), ...paths.map(outboundFor)] : [];
  return [inbound, outboundFor({}), ...translation, ...own, ...chooser];
}

function entriesOf(config: PfsenseConfig, topology: Topology, lists: readonly RuleList[]): Firewall['entries'] {
  // No family has stages: the flows of a backup of one area are unknown, not none of this device's business.
  if (config.partial) return { forward: { stages: {}, in: topology.allLinks, out: topology.allLinks } };
  const stages = (...lists: string[]): Entry['stages'] => {
    const both: Partial<Record<Family, readonly string[]>> = { 4: lists, 6: lists };
    return both;
  };
  return {
    in: {
      stages: stages(lists.some((list) => list.id === INBOUND_SELF) ? INBOUND_SELF : 'inbound'),
      in: topology.allLinks,
      out: [],
    },
    out: { stages: stages('outbound'), in: [], out: topology.allLinks },
    forward: {
      stages: stages('inbound', lists.some((list) => list.id === CHOOSER) ? CHOOSER : OUTBOUND),
      in: topology.allLinks,
      out: topology.allLinks,
    },
  };
}

function notExported(config: PfsenseConfig, lists: readonly RuleList[]): readonly Condition[] {
  const out: Condition[] = [];
  if (config.partial)
    out.push({
      kind: 'export',
      name: 'interfaces, routes and settings are not in this backup',
      coin: `export:${config.file}`,
      effect: 'gate',
      settledBy: 'Export the whole configuration with Diagnostics > Backup & Restore, backup area "All".',
      span: config.rootSpan,
    });
  for (const list of lists)
    for (const rule of list.rules)
      if (rule.id.startsWith('automatic/'))
        for (const condition of rule.conditions)
          if (
            /^(missing|captive|upnp|radius|bridge)/.test(rule.id.slice(10)) &&
            !out.some((other) => other.coin === condition.coin)
          )
            out.push(condition);
  return out;
}

/** Addresses whose packets end here: its own, those it answers ARP for, and the outer side of 1:1 translation. */
function answersFor(config: PfsenseConfig, topology: Topology): AddressSet {
  const virtual = [...topology.interfaces.values()].flatMap((item) =>
    item.vips.flatMap((vip) => (/^(proxyarp|other)$/.test(vip.record.mode) ? [vip.network] : [])),
  );
  const outer = config.oneToOne.flatMap((entry) =>
    entry.disabled || entry.nobinat ? [] : [externalOf(entry)?.lo ?? NO_ADDRESS],
  );
  return unionAllAddresses([topology.self.lo, ...virtual, ...outer]);
}

/** Every interface looks destinations up in the main table, where routes are told apart by table. */
function tablesOf({ routes }: Routing, { linkNames }: Topology): Pick<Firewall, 'linkTables'> {
  return routes.some((route) => route.table !== undefined) ? { linkTables: linkNames.map(() => MAIN) } : {};
}

/** Pure: records and what the user states, to one firewall. */
export function convert(original: PfsenseConfig, given: Given): Firewall {
  const notes = new Notes();
  const behaviour = behaviourOf(original.version);
  const config = original.partial ? withoutInterfaces(original, notes) : original;
  const name = given.name ?? config.hostname ?? baseName(config.file);
  const topology = topologyOf(config, behaviour, given, name, notes);
  const aliases = new Aliases(config, behaviour, given, notes);
  const resolver: Resolver = { topology, aliases, behaviour, notes, dialIn: config.dialIn, partial: config.partial };
  const routing = routingOf(config, topology, aliases, behaviour, notes);
  const lists = listsOf({ config, topology, resolver, routing, given });
  const translations = translationsOf(config, resolver, routing);
  if (config.system.filterDisabled)
    notes.add(
      'warning',
      'filter-off',
      'the packet filter is switched off: everything that can be routed passes',
      config.rootSpan,
    );
  return {
    name,
    vendor: 'pfsense',
    kind: 'network',
    files: [config.file],
    links: { kind: 'interface', names: topology.linkNames, labels: topology.linkLabels },
    linkOf: linkFinder(topology),
    lists: new Map(lists.map((list) => [list.id, list])),
    entries: entriesOf(config, topology, lists),
    ...(config.partial ? {} : { routes: routing.routes }),
    ...tablesOf(routing, topology),
    ownAddresses: answersFor(config, topology),
    ownAddressesComplete: !config.partial && selfIsComplete(topology),
    repliesByRules: false,
    ...(translations ? { translations } : {}),
    // What is wrong with an alias is said where a rule uses it.
    objects: new Aliases(config, behaviour, given, new Notes()).wholeAddresses(),
    notExported: notExported(config, lists),
    diagnostics: [...config.diagnostics, ...notes.list],
  };
}
