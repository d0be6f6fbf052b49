/**
 * Windows service hardening: rules of the static and configurable service stores limit the service they name and no
 * other traffic. A block without a hardening allow leaves that service's flow undecided.
 */
import type { Condition } from '../../src/model/condition.js';
import type { Rule, RuleList } from '../../src/model/firewall.js';
import { MATCH_ALL } from '../../src/model/match.js';
import type { Given } from '../types.js';
import type { HostRecords } from './convert.js';
import { convertRule } from './convert-rule.js';
import { isHardening } from './extract-csv.js';
import type { RuleExport, WindowsRule } from './records.js';
import { newCache } from './rule-match.js';
import { ALL_PROFILES, actionOf, enabledOf, type Side } from './rule-words.js';

interface Hardening {
  /** To be placed before all other rules. */
  readonly rules: readonly Rule[];
  readonly lists: readonly RuleList[];
}

export function hardening(host: HostRecords, side: Side, given: Given): Hardening {
  const services = new Map<string, { readonly record: WindowsRule; readonly source: RuleExport }[]>();
  for (const source of host.rules)
    for (const record of source.rules) {
      const service = (record.fields.service ?? '').toLowerCase();
      if (!isHardening(record) || enabledOf(record) === false || service === '' || service === 'any') continue;
      const known = services.get(service);
      if (known) known.push({ record, source });
      else services.set(service, [{ record, source }]);
    }
  const lists: RuleList[] = [];
  const rules: Rule[] = [];
  for (const [service, members] of services) {
    if (!members.some(({ record }) => actionOf(record) !== 'allow')) continue;
    const id = `hardening ${side} ${service}`;
    lists.push(serviceList(id, service, members, { host, side, given }));
    rules.push({
      id: `hardening:${service}`,
      name: `service hardening of ${service}`,
      origin: 'automatic',
      enabled: true,
      action: { kind: 'jump', list: id },
      match: MATCH_ALL,
      conditions: [onlyFor(service, side)],
    });
  }
  return { rules, lists };
}

/** Counts only for a flow that declares the service: undeclared, it is false. */
const onlyFor = (service: string, side: Side): Condition => ({
  kind: 'service',
  name: service,
  coin: `service@${side === 'in' ? 'responder' : 'initiator'}`,
  effect: 'gate',
  values: [service],
  fact: side === 'in' ? 'service' : 'source_service',
  undeclared: false,
  settledBy: 'Say which service it is on the host.',
});

const asReturn = (rule: Rule): Rule => ({ ...rule, action: { kind: 'return' } });

const asUndecided = (rule: Rule, device: string): Rule => ({
  ...rule,
  action: { kind: 'unknown' },
  conditions: [
    ...rule.conditions,
    {
      kind: 'construct',
      name: `service hardening rule ${rule.id}`,
      coin: `hardening:${device}:${rule.id}`,
      effect: 'gate',
      settledBy: 'Windows decides it for the service itself: try the flow on the host.',
    },
  ],
});

interface ListContext {
  readonly host: HostRecords;
  readonly side: Side;
  readonly given: Given;
}

/** Hardening allows are exceptions: they return before the blocks of the service. */
function serviceList(
  id: string,
  service: string,
  members: readonly { readonly record: WindowsRule; readonly source: RuleExport }[],
  { host, side, given }: ListContext,
): RuleList {
  const converted = members
    .flatMap(({ record, source }) =>
      convertRule(record, { given, device: host.name, export: source, profilesInForce: () => ALL_PROFILES, cache: newCache() }),
    )
    .filter((each) => each.side === side)
    .map(({ rule, rank }) => ({ rank, rule: rank === 'allow' ? asReturn(rule) : asUndecided(rule, host.name) }));
  const rules = [...converted.filter((each) => each.rank === 'allow'), ...converted.filter((each) => each.rank !== 'allow')];
  return {
    id,
    title: `Service hardening of ${service}`,
    rules: rules.map((each) => each.rule),
    end: { action: 'return', name: 'not limited' },
  };
}
