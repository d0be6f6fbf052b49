/**
 * Records of one host to a Firewall. Precedence by action (bypass, block, allow, default) becomes a first-match list:
 * what may override everything, firewall off, bypass, shields up, block, allow, default action of each profile.
 */
import type { Condition } from '../../src/model/condition.js';
import type { Entry, Firewall, Rule, RuleList } from '../../src/model/firewall.js';
import { MATCH_ALL } from '../../src/model/match.js';
import { NO_ADDRESS } from '../../src/sets/address.js';
import { EMPTY } from '../../src/sets/intervals.js';
import { type Diagnostic, RefusedError } from '../../src/source/diagnostic.js';
import type { Given } from '../types.js';
import { type Converted, convertRule } from './convert-rule.js';
import { EXPORT_HINT } from './export-help.js';
import { SETTLED_BY_SCRIPT } from './extent.js';
import { isGroupPolicy, isHardening, isLocal } from './extract-csv.js';
import { hardening } from './hardening.js';
import { PROFILES, type ProfileExport, type ProfileName, type RuleExport, type WindowsRule } from './records.js';
import { newCache } from './rule-match.js';
import { ALL_PROFILES, actionOf, enabledOf, linkSet, type Rank, type Side, sideOf } from './rule-words.js';
import { defaultRule, missingSettings, type ProfilePlan, rulesBefore, settingsCondition, shieldRules } from './settings-rules.js';

export interface HostRecords {
  readonly name: string;
  readonly rules: readonly RuleExport[];
  readonly profiles: readonly ProfileExport[];
}

const VENDOR = 'windows';

export function convertHost(host: HostRecords, given: Given): Firewall {
  const plans = PROFILES.map((profile) => planProfile(profile, host));
  const overridden = overriddenIds(host.rules);
  const cache = newCache();
  const converted = host.rules.flatMap((source) =>
    source.rules
      .filter((rule) => !isHardening(rule))
      .flatMap((rule) => {
        const { sure, doubtful } = inForce(rule, source, plans);
        const context = { given, device: host.name, export: source, cache };
        const out = [
          ...convertRule(rule, { ...context, profilesInForce: () => sure }),
          ...(doubtful.length === 0 ? [] : convertRule(rule, { ...context, profilesInForce: () => doubtful }).map(perhapsLocal)),
        ];
        return isLocal(rule) && overridden.has(rule.fields.id ?? '') ? out.map(switchedOff) : out;
      }),
  );
  const whole = wholeConditions(host);
  const lists = new Map<string, RuleList>();
  const entries: { in?: Entry; out?: Entry } = {};
  const links = linkSet(
    ALL_PROFILES.filter((index) => !given.profile?.length || given.profile.some((name) => PROFILES.indexOf(name) === index)),
  );
  for (const side of ['in', 'out'] as const) {
    const mine = converted.filter((each) => each.side === side);
    if (!mine.some((each) => sideOf(each.record) === side)) continue;
    for (const list of sideLists(side, mine, { host, plans, whole, given })) lists.set(list.id, list);
    const stages = [listId(side)];
    entries[side] = { stages: { 4: stages, 6: stages }, in: side === 'in' ? links : EMPTY, out: side === 'out' ? links : EMPTY };
  }
  if (!entries.in && !entries.out)
    throw new RefusedError('no rule says whether it is inbound or outbound', {
      file: host.rules[0]?.source.name ?? '',
      line: 1,
      hint: EXPORT_HINT,
    });
  return {
    name: host.name,
    vendor: VENDOR,
    kind: 'host',
    files: [...new Set([...host.rules, ...host.profiles].map((each) => each.source.name))],
    links: { kind: 'profile', names: PROFILES },
    lists,
    entries,
    ownAddresses: given.host ?? NO_ADDRESS,
    ownAddressesComplete: given.host !== undefined,
    repliesByRules: false,
    notExported: [...whole, ...plans.flatMap((plan) => plan.open), ...directionConditions(host.name, entries)],
    diagnostics: [...host.rules, ...host.profiles].flatMap((each) => each.diagnostics).concat(hostDiagnostics(host, entries)),
  };
}

const listId = (side: Side): string => (side === 'in' ? 'inbound' : 'outbound');

interface SideContext {
  readonly host: HostRecords;
  readonly plans: readonly ProfilePlan[];
  readonly whole: readonly Condition[];
  readonly given: Given;
}

function sideLists(side: Side, converted: readonly Converted[], context: SideContext): readonly RuleList[] {
  const { plans, host } = context;
  const of = (rank: Rank): readonly Rule[] => converted.filter((each) => each.rank === rank).map((each) => each.rule);
  const hardened = hardening(host, side, context.given);
  const rules: Rule[] = [
    ...context.whole
      .filter((condition) => condition.kind === 'export' && !condition.coin.startsWith('filtered:'))
      .map((c) => everything(c, 'unknown')),
    ...plans.flatMap((plan) => rulesBefore(plan, side)),
    ...hardened.rules,
    ...of('bypass'),
    ...plans.flatMap((plan) => shieldRules(plan, side)),
    ...of('block'),
    ...filteredRules(context.whole),
    ...of('allow'),
    ...plans.map((plan) => defaultRule(plan, side)),
  ];
  const title = side === 'in' ? 'Inbound Rules' : 'Outbound Rules';
  return [{ id: listId(side), title, rules, end: { action: 'drop', name: `no profile applies` } }, ...hardened.lists];
}

/** A part of the policy that the export does not hold, over all packets. */
function everything(condition: Condition, action: 'unknown' | 'drop'): Rule {
  return {
    id: condition.coin.split(':')[0] ?? 'export',
    name: condition.name,
    origin: 'automatic',
    enabled: true,
    action: { kind: action },
    match: MATCH_ALL,
    conditions: [condition],
  };
}

const filteredRules = (whole: readonly Condition[]): readonly Rule[] =>
  whole
    .filter((condition) => condition.coin.startsWith('filtered:'))
    .map((condition) => everything(condition, condition.assumption ? 'drop' : 'unknown'));

const whyExport = (name: string, coin: string, settledBy: string = SETTLED_BY_SCRIPT): Condition => ({
  kind: 'export',
  name,
  coin,
  effect: 'gate',
  settledBy,
});

/** Doubts about the export as a whole: cut off, filtered, one store of several. */
function wholeConditions(host: HostRecords): readonly Condition[] {
  const out: Condition[] = [];
  for (const source of host.rules)
    if (source.cutOff) out.push(whyExport(source.cutOff, `cut-off:${host.name}:${source.source.name}`));
  const rules = host.rules.flatMap((each) => each.rules);
  const actions = new Set(rules.map((rule) => actionOf(rule)));
  const filtered = `filtered:${host.name}`;
  if (actions.has('allow') && !actions.has('block') && !actions.has(undefined))
    out.push({
      ...whyExport(
        'block rules may have been filtered out of the export',
        `${filtered}:block`,
        'Export without a filter on Allow.',
      ),
      assumption: { id: 'unfiltered-export', value: false, on: true },
    });
  if (!actions.has('allow') && !actions.has('bypass') && !actions.has(undefined))
    out.push(
      whyExport('allow rules may have been filtered out of the export', `${filtered}:allow`, 'Export without a filter on Block.'),
    );
  if (rules.every((rule) => enabledOf(rule) === false))
    out.push(
      whyExport(
        'enabled rules may have been filtered out of the export',
        `${filtered}:enabled`,
        'Export without a filter on Disabled.',
      ),
    );
  if (host.rules.every((each) => each.store === 'group-policy'))
    out.push(whyExport('the local store is not in the export', `${filtered}:local`));
  return out;
}

function directionConditions(device: string, entries: { readonly in?: Entry; readonly out?: Entry }): readonly Condition[] {
  return (['in', 'out'] as const)
    .filter((side) => !entries[side])
    .map((side) => ({
      ...whyExport(`no ${side === 'in' ? 'inbound' : 'outbound'} rule is in the export`, `direction:${device}:${side}`),
      kind: 'direction',
    }));
}

/** What of a profile is not known: its settings, or whether Group Policy overrides them. */
function planProfile(profile: ProfileName, host: HostRecords): ProfilePlan {
  const source = host.profiles.find((each) => each.profiles.has(profile));
  const stated = source?.profiles.get(profile);
  // Whether local rules count is Group Policy's to say; the value in the local store itself has no effect [GPFAS].
  const settings = stated && source?.store === 'local' ? { ...stated, localRules: true } : stated;
  const open: Condition[] = [];
  const policy = groupPolicyCondition(profile, host, source);
  if (policy) open.push(policy);
  const missing = missingSettings(settings);
  if (missing.length > 0) open.push(settingsCondition(host.name, profile, missing));
  const perhapsClosed = missing.length > 0 && !policy && profile === 'domain' ? domainSettingsCondition(host.name) : undefined;
  return { profile, settings, open, ...(perhapsClosed ? { perhapsClosed } : {}) };
}

/**
 * A local store does not hold what Group Policy adds and overrides: assumed to be nothing outside the domain profile.
 * Where rules of Group Policy are seen, nothing is assumed of settings that may not be those in force.
 */
function groupPolicyCondition(
  profile: ProfileName,
  host: HostRecords,
  settings: ProfileExport | undefined,
): Condition | undefined {
  const given = host.rules.some((each) => each.store === 'group-policy');
  const seen = host.rules.some((each) => each.rules.some(isGroupPolicy));
  const localRules = host.rules.some((each) => each.store === 'local') && !given;
  const localSettings = settings?.store === 'local' || settings?.store === 'attached';
  if (!localRules && !localSettings) return undefined;
  // netsh beside rules in force, none of them of Group Policy: that no policy overrides the settings is assumed, and named.
  const on = profile !== 'domain' || (!localRules && settings?.store === 'attached');
  const what = localRules ? 'Group Policy' : 'Group Policy settings';
  return {
    kind: 'group-policy',
    name: `${what} of the ${profile} profile ${localRules ? 'is' : 'are'} not in the export`,
    coin: `group-policy:${host.name}:${profile}`,
    effect: 'gate',
    settledBy: seen
      ? 'Export the profiles in force: docs/windows-export.ps1.'
      : 'Export the store in force (docs/windows-export.ps1), or assume no-group-policy.',
    ...(seen ? {} : { assumption: { id: 'no-group-policy', value: false, on } }),
  };
}

/**
 * Rules in force are complete, but where the settings of the domain profile were not exported a policy of the domain may
 * shut what they open. What they leave shut stays shut under the built-in settings.
 */
const domainSettingsCondition = (device: string): Condition => ({
  kind: 'group-policy',
  name: 'Group Policy settings of the domain profile are not in the export',
  coin: `group-policy:${device}:domain`,
  effect: 'gate',
  settledBy: 'Export the profiles in force (docs/windows-export.ps1), or assume no-group-policy.',
  assumption: { id: 'no-group-policy', value: false, on: false },
});

interface InForce {
  /** Indexes of profiles. */
  readonly sure: readonly number[];
  /** Local rules do not count there, and whether this rule is one is not exported. */
  readonly doubtful: readonly number[];
}

/** Rules of the local store do not count where a profile says so. */
function inForce(rule: WindowsRule, source: RuleExport, plans: readonly ProfilePlan[]): InForce {
  const merging = ALL_PROFILES.filter((index) => plans[index]?.settings?.localRules !== false);
  if (isGroupPolicy(rule) || merging.length === ALL_PROFILES.length) return { sure: ALL_PROFILES, doubtful: [] };
  const local = isLocal(rule) || source.store === 'local';
  return { sure: merging, doubtful: local ? [] : ALL_PROFILES.filter((index) => !merging.includes(index)) };
}

const perhapsLocal = (converted: Converted): Converted => ({
  ...converted,
  rule: {
    ...converted.rule,
    conditions: [
      ...converted.rule.conditions,
      whyExport(
        'local rules do not count in this profile, and the export does not say whether this rule is a local one',
        `local-rule:${converted.rule.id}:${converted.record.ordinal}`,
      ),
    ],
  },
});

/** Ids that Group Policy also has: its rule overwrites the local one. */
function overriddenIds(exports: readonly RuleExport[]): ReadonlySet<string> {
  const ids = exports.flatMap((each) => each.rules.filter(isGroupPolicy).map((rule) => rule.fields.id ?? ''));
  return new Set(ids.filter((id) => id !== ''));
}

const switchedOff = (converted: Converted): Converted => ({
  ...converted,
  rule: { ...converted.rule, enabled: false, description: 'overwritten by the rule of the same id in Group Policy' },
});

function hostDiagnostics(host: HostRecords, entries: { readonly in?: Entry; readonly out?: Entry }): readonly Diagnostic[] {
  const out: Diagnostic[] = [];
  const file = host.rules[0]?.source.name;
  const add = (severity: Diagnostic['severity'], code: string, message: string): void => {
    out.push({ severity, code, message, ...(file ? { file } : {}) });
  };
  for (const side of ['in', 'out'] as const)
    if (!entries[side])
      add(
        'warning',
        'windows-direction-missing',
        `no ${side === 'in' ? 'inbound' : 'outbound'} rule: the export was filtered, that direction is not judged`,
      );
  for (const each of host.rules)
    if (each.store === 'local')
      add('warning', 'windows-local-store', `rules of Group Policy are not in the export: ${each.storeReason}`);
  if (host.profiles.length === 0)
    add(
      'warning',
      'windows-profiles-missing',
      'profile settings (on or off, default actions) are not in the export: give `netsh advfirewall show allprofiles` beside it',
    );
  else if (host.rules.every((each) => each.store === 'active') && host.profiles.some((each) => each.store === 'attached'))
    add(
      'info',
      'windows-local-profiles',
      'profile settings are those that netsh shows; `Get-NetFirewallProfile -PolicyStore ActiveStore` shows those in force for sure',
    );
  const rules = host.rules.flatMap((each) => each.rules);
  if (rules.some((rule) => enabledOf(rule) !== false && /\brpc\b(?!-)/i.test(rule.fields.localPort ?? '')))
    add(
      'info',
      'windows-rpc-endpoints',
      'rules with the keyword RPC are read as ports 49152-65535; they also admit an RPC service on a fixed endpoint above 1023',
    );
  const hardened = rules.filter(isHardening).length;
  if (hardened > 0)
    add('info', 'windows-service-hardening', `${hardened} service hardening rules concern only flows that name their service`);
  if (rules.length > 10 && rules.every((rule) => enabledOf(rule) === true))
    add('info', 'windows-possibly-filtered', 'every rule is enabled: the export may have been filtered to enabled rules');
  return out;
}
