/** What a rule tests that neither the first packet's header nor the export decides. */
import type { Condition, ConditionKind } from '../../src/model/condition.js';
import type { AddressSet } from '../../src/sets/address.js';
import type { Resolver } from './endpoints.js';
import { parts, words } from './node.js';
import type { FilterRuleRecord } from './records.js';

export interface RuleContext {
  readonly resolver: Resolver;
  readonly schedules: ReadonlySet<string>;
  /** Names of gateways and gateway groups -> interfaces they lead out of. */
  readonly gateways: ReadonlyMap<string, readonly string[]>;
  /** Interface groups in the order of the group list. */
  readonly groupOrder: readonly string[];
  /** Destinations that are attached or statically routed, with the interface behind which they lie ('' = the firewall itself). */
  readonly local: readonly { readonly set: AddressSet; readonly via: string; readonly vpn: boolean }[];
  /** Results of policy routing by gateway, filled as rules ask. */
  readonly astray: Map<string, AddressSet>;
  /** Packets get this tag somewhere; a tag that nobody sets is never there. */
  readonly tagsSet: ReadonlySet<string>;
  readonly skipRulesGatewayDown: boolean;
  readonly noNegate: boolean;
}

const gate = (kind: ConditionKind, name: string, coin: string, settledBy: string): Condition => ({
  kind,
  name,
  coin,
  effect: 'gate',
  settledBy,
});

/** A pass without state lets no reply back. */
export const isStateless = (record: FilterRuleRecord): boolean => /^none$/i.test(record.statetype ?? '');

/** Why a rule can never match the first packet of a connection, as far as the export decides it. */
export function neverMatches(record: FilterRuleRecord, context: RuleContext): string | undefined {
  if (flagsNeverMatch(record)) return 'its TCP flags exclude the first packet of a connection';
  if (record.tagged && !record.nottagged && !context.tagsSet.has(record.tagged)) return `no rule sets the tag ${record.tagged}`;
  return undefined;
}

/** The only flag of a first packet is SYN. */
function flagsNeverMatch(record: FilterRuleRecord): boolean {
  if (record.protocol?.toLowerCase() !== 'tcp' || record.tcpflagsAny || !record.tcpflags2) return false;
  const set = new Set(flags(record.tcpflags1));
  return flags(record.tcpflags2).some((flag) => set.has(flag) !== (flag === 'syn'));
}

const flags = (text: string | undefined): readonly string[] => parts(text?.toLowerCase()).flatMap((part) => words(part));

function unreadParts(record: FilterRuleRecord, unit: string): readonly Condition[] {
  const construct = (name: string, what: string) =>
    gate('construct', name, `construct:${unit}:${what}`, 'This reader does not model it; check the rule by hand.');
  const out: Condition[] = [];
  for (const name of record.unread) out.push(construct(`unread part <${name}> of the rule`, name));
  if (record.repeated.length > 0) out.push(construct(`<${record.repeated.join('>, <')}> occurs twice in the rule`, 'repeated'));
  if (record.nat64) out.push(construct('NAT64 translation of the destination', 'nat64'));
  if (record.tcpflags1 && !record.tcpflags2 && !record.tcpflagsAny && record.protocol?.toLowerCase() === 'tcp')
    out.push(construct(`TCP flags ${record.tcpflags1} without a mask`, 'tcpflags'));
  return out;
}

/** Gates of one rule. */
export function ruleConditions(record: FilterRuleRecord, id: string, context: RuleContext): readonly Condition[] {
  const { notes, topology } = context.resolver;
  const unit = `${topology.device}:${id}`;
  const out: Condition[] = [...unreadParts(record, unit)];
  const passing = !/^(block|reject|match)$/i.test(record.type ?? '');
  if (record.sched && context.schedules.has(record.sched))
    out.push({
      ...gate(
        'schedule',
        record.sched,
        `schedule:${record.sched}`,
        `Judge the flow at a time: the rule exists only while schedule ${record.sched} is active.`,
      ),
    });
  else if (record.sched)
    notes.add(
      'warning',
      'schedule-undefined',
      `schedule ${record.sched} is not defined: the rule is always installed`,
      record.span,
    );
  if (record.os && record.protocol?.toLowerCase() === 'tcp')
    out.push(
      gate(
        'construct',
        `operating system ${record.os} (passive fingerprint)`,
        `os:${record.os}@source`,
        'State what system the client runs; the packet filter guesses it from the SYN.',
      ),
    );
  if (record.dscp)
    out.push(gate('construct', `DSCP ${record.dscp}`, `dscp:${record.dscp}`, 'State whether the packets carry this DSCP value.'));
  if (record.vlanprio)
    out.push(
      gate(
        'construct',
        `VLAN priority ${record.vlanprio}`,
        `vlanprio:${record.vlanprio}`,
        'State whether the packets carry this VLAN priority.',
      ),
    );
  if (passing && isStateless(record))
    out.push(
      gate(
        'construct',
        'state type none: replies need rules of their own',
        `stateless:${unit}`,
        'Judge the reply as a flow of its own, or let the rule keep state.',
      ),
    );
  if (passing && record.gateway && context.skipRulesGatewayDown && context.gateways.has(record.gateway))
    out.push(
      gate(
        'construct',
        `gateway ${record.gateway} is up`,
        `gateway-up:${topology.device}:${record.gateway}`,
        'Rules are left out while their gateway is down (skip_rules_gw_down).',
      ),
    );
  if (passing && record.limits.length > 0)
    notes.add(
      'info',
      'state-limits',
      `the rule limits states (${record.limits.join(', ')}); connections above the limits are not judged`,
      record.span,
    );
  return out;
}
