/** Policies beside the security rules that may change where a packet goes or whether it passes: conditions, each with its rule. */
import type { Condition } from '../../src/model/condition.js';
import type { Rule } from '../../src/model/firewall.js';
import { type Context, convertRule } from './convert-rules.js';
import type { NatRuleRecord, Rulebase, RuleRecord } from './records.js';

/** A gate that names the rule or part that is not followed. */
export const construct = (name: string, coin: string, settledBy: string): Condition => ({
  kind: 'construct',
  name,
  coin,
  effect: 'gate',
  settledBy,
});

/** NAT rules end at the first match: one that leaves the destination alone protects traffic from later ones. */
export function natRule(rule: NatRuleRecord, ctx: Context): readonly Rule[] {
  const translates = rule.translatesDestination || rule.natType !== 'ipv4';
  const what = rule.natType === 'ipv4' ? 'destination NAT' : rule.natType;
  const conditions: Condition[] = [];
  if (translates) conditions.push(natCondition(`${what} "${rule.name}"`, rule, ctx));
  else if (rule.toInterface)
    conditions.push(
      construct(
        `to-interface ${rule.toInterface}`,
        `nat-interface:${ctx.device}:${rule.name}`,
        'Which interface the packet leaves by.',
      ),
    );
  return convertRule(
    {
      rule: { ...rule, application: ['any'], service: rule.service ?? ['any'] },
      policy: 'NAT rule',
      ruleType: 'universal',
      action: { kind: translates ? 'unknown' : 'return' },
      conditions,
    },
    ctx,
  );
}

const natCondition = (name: string, rule: RuleRecord, ctx: Context): Condition =>
  construct(
    name,
    `nat:${ctx.device}:${rule.name}`,
    'Translated destinations are not followed yet: judge the flow with the translated address and the zone of the real server.',
  );

/** Static source translation in both directions also rewrites the destination of packets to the translated address. */
export function bidirectional(rule: NatRuleRecord, ctx: Context): readonly Rule[] {
  if (rule.bidirectional === undefined || rule.disabled) return [];
  return convertRule(
    {
      rule: {
        ...rule,
        from: ['any'],
        to: ['any'],
        source: ['any'],
        negateSource: false,
        negateDestination: false,
        destination: rule.bidirectional ? [rule.bidirectional] : undefined,
        application: ['any'],
        service: ['any'],
      },
      policy: 'NAT rule',
      ruleType: 'universal',
      action: { kind: 'unknown' },
      conditions: [natCondition(`bi-directional NAT "${rule.name}"`, rule, ctx)],
    },
    ctx,
  );
}

export function pbfRule(rule: Rulebase['pbf'][number], ctx: Context): readonly Rule[] {
  const none = rule.action === 'no-pbf';
  const settledBy = 'The rule may send the packet out by another zone; state the zones of the flow or judge it without the rule.';
  const interfaces = rule.fromInterfaces.length > 0;
  return convertRule(
    {
      rule: {
        ...rule,
        from: interfaces ? ['any'] : rule.from,
        application: rule.application ?? ['any'],
        service: rule.service ?? ['any'],
      },
      policy: 'policy-based forwarding rule',
      ruleType: 'universal',
      action: { kind: none ? 'return' : 'unknown' },
      conditions:
        none && !interfaces
          ? []
          : [construct(`policy-based forwarding "${rule.name}"`, `pbf:${ctx.device}:${rule.name}`, settledBy)],
    },
    ctx,
  );
}

/** Rules that limit rates are left out: a rule that exempts traffic from a later deny only makes that deny less sure. */
export function dosRule(rule: Rulebase['dos'][number], ctx: Context): readonly Rule[] {
  if (rule.action === 'allow' || rule.action === 'protect') return [];
  const settledBy = 'The rule blocks traffic before the security policy is asked.';
  return convertRule(
    {
      rule: plain(rule),
      policy: 'DoS protection rule',
      ruleType: 'universal',
      action: { kind: 'unknown' },
      conditions: [unsureDos(rule, ctx, settledBy)],
    },
    ctx,
  );
}

const plain = (rule: RuleRecord): RuleRecord => ({ ...rule, application: ['any'], service: rule.service ?? ['any'] });
const unsureDos = (rule: RuleRecord, ctx: Context, settledBy: string): Condition =>
  construct(`DoS protection "${rule.name}"`, `dos:${ctx.device}:${rule.name}`, settledBy);
