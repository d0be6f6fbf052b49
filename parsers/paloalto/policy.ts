/** Rulebases of one virtual system -> rule lists in the order the firewall tries them. */
import type { Condition } from '../../src/model/condition.js';
import type { Action, Rule, RuleList } from '../../src/model/firewall.js';
import { exactly, MATCH_ALL } from '../../src/model/match.js';
import { type AddressSet, intersectAddresses, isEmptyAddresses, NO_ADDRESS, unionAllAddresses } from '../../src/sets/address.js';
import { only } from '../../src/sets/intervals.js';
import { type Context, convertRule, extentOf, placeOf, securityGates } from './convert-rules.js';
import { bidirectional, construct, dosRule, natRule, pbfRule } from './other-policies.js';
import type { DefaultRuleRecord, Members, Rulebase, SecurityRuleRecord, VsysRecord } from './records.js';
import { parsePorts } from './services.js';

/** A rulebase with the names its rules are resolved by. */
export interface Part {
  readonly base: Rulebase;
  readonly ctx: Context;
}

export interface PolicyInput {
  readonly vsys: VsysRecord;
  readonly local: Context;
  readonly pushed: Context;
  /** Panorama pushes rules that this export does not hold. */
  readonly pushedMissing: boolean;
  readonly wildcardTopDown: boolean;
}

export interface Policy {
  readonly lists: ReadonlyMap<string, RuleList>;
  readonly entry: string;
  readonly notExported: readonly Condition[];
}

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['allow', { kind: 'accept' }],
  ['deny', { kind: 'drop' }],
  ['drop', { kind: 'drop' }],
  ['reset-client', { kind: 'reject' }],
  ['reset-server', { kind: 'reject' }],
  ['reset-both', { kind: 'reject' }],
]);

function actionOf(action: string | undefined, rule: string, ctx: Context): { action: Action; conditions: readonly Condition[] } {
  const known = action === undefined ? undefined : ACTIONS.get(action);
  if (known) return { action: known, conditions: [] };
  const name = action === undefined ? 'rule without an action' : `action ${action}`;
  const settledBy = 'The action of the rule is missing or not known; export again.';
  return { action: { kind: 'unknown' }, conditions: [construct(name, `action:${ctx.device}:${rule}`, settledBy)] };
}

const automatic = (id: string, action: Action, conditions: readonly Condition[] = []): Rule => ({
  id,
  name: id,
  origin: 'automatic',
  enabled: true,
  action,
  match: MATCH_ALL,
  conditions,
});

/** Rules that Panorama pushes and this export does not hold. */
const pushedRule = (where: 'pre' | 'post', device: string): Condition => ({
  kind: 'pushed-policy',
  name: `Panorama ${where}-rules are not in the export`,
  coin: `pushed-${where}:${device}`,
  effect: 'gate',
  settledBy: 'The firewall is managed by a Panorama: export `show config merged`, which holds the pushed rules.',
});

/** Where wildcard masks of rules with another outcome overlap, the first rule need not be the one that is taken. */
function contested(parts: readonly Part[]): ReadonlyMap<SecurityRuleRecord, { source: AddressSet; destination: AddressSet }> {
  const wild = parts.flatMap(({ base, ctx }) =>
    base.security
      .filter((rule) => !rule.disabled)
      .map((rule) => {
        const side = (members: Members): AddressSet =>
          members
            ? extentOf(
                members.filter((m) => m !== 'any'),
                placeOf(rule),
                ctx,
              ).wildcard
            : NO_ADDRESS;
        return { rule, source: side(rule.source), destination: side(rule.destination) };
      })
      .filter((entry) => !isEmptyAddresses(entry.source) || !isEmptyAddresses(entry.destination)),
  );
  const out = new Map<SecurityRuleRecord, { source: AddressSet; destination: AddressSet }>();
  for (const mine of wild) {
    const others = wild.filter((other) => (other.rule.action === 'allow') !== (mine.rule.action === 'allow'));
    const source = unionAllAddresses(others.map((other) => intersectAddresses(mine.source, other.source)));
    const destination = unionAllAddresses(others.map((other) => intersectAddresses(mine.destination, other.destination)));
    if (!isEmptyAddresses(source) || !isEmptyAddresses(destination)) out.set(mine.rule, { source, destination });
  }
  return out;
}

function defaultRules(parts: readonly Part[], local: Rulebase, ctx: Context): readonly Rule[] {
  // The local override is nearest; of pushed ones the last stands nearest to the device.
  const pushed = parts.flatMap((part) => (part.base === local ? [] : part.base.defaults));
  const inOrder = [...local.defaults, ...[...pushed].reverse()];
  const rule = (id: 'intrazone-default' | 'interzone-default', otherwise: string): Rule[] => {
    const set: DefaultRuleRecord | undefined = inOrder.find((record) => record.name === id && record.action !== undefined);
    const { action, conditions } = actionOf(set?.action ?? otherwise, id, ctx);
    const zones = id === 'intrazone-default' ? ctx.zones.bounds(['any'], ['any'], 'intrazone') : undefined;
    const match = zones ? (zones.conditions.length ? { lo: zones.lo, hi: zones.hi } : exactly(...zones.hi)) : MATCH_ALL;
    return [
      {
        id,
        name: id,
        origin: 'default',
        enabled: true,
        action,
        match,
        conditions: [...conditions, ...(zones?.conditions ?? [])],
        ...(set ? { span: set.span } : {}),
      },
    ];
  };
  return [...rule('intrazone-default', 'allow'), ...rule('interzone-default', 'deny')];
}

/** Pushed pre-rules, local rules, pushed post-rules: the order in which every policy is tried. */
export const partsOf = ({ vsys, local, pushed }: PolicyInput): readonly Part[] => [
  ...(vsys.pushed ? [{ base: vsys.pushed.pre, ctx: pushed }] : []),
  { base: vsys.rulebase, ctx: local },
  ...(vsys.pushed ? [{ base: vsys.pushed.post, ctx: pushed }] : []),
];

class PolicyBuilder {
  readonly lists = new Map<string, RuleList>();
  readonly head: Rule[] = [];
  private readonly input: PolicyInput;
  private readonly parts: readonly Part[];

  constructor(input: PolicyInput) {
    this.input = input;
    this.parts = partsOf(input);
  }

  private each<T>(
    pick: (base: Rulebase) => readonly T[],
    convert: (record: T, ctx: Context) => readonly Rule[],
  ): readonly Rule[] {
    return this.parts.flatMap(({ base, ctx }) => pick(base).flatMap((record) => convert(record, ctx)));
  }

  /** A list that the packet passes on its way to the security rules. */
  detour(id: string, title: string, rules: readonly Rule[]): void {
    if (!rules.some((rule) => rule.enabled)) return;
    this.lists.set(id, { id, title, rules, end: { action: 'return', name: `no rule of ${title}` } });
    this.head.push(automatic(title, { kind: 'jump', list: id }));
  }

  security(id: string, title: string, label?: string): void {
    const { vsys, local, pushedMissing, wildcardTopDown } = this.input;
    const order = wildcardTopDown ? undefined : contested(this.parts);
    const rules = this.parts.flatMap(({ base, ctx }) => {
      const here = base.security.flatMap((rule) => {
        const fight = order?.get(rule);
        return securityRule(rule, ctx, { ...(fight ? { contested: fight } : {}), ...(label === undefined ? {} : { label }) });
      });
      if (base !== vsys.rulebase || !pushedMissing) return here;
      const unread = (where: 'pre' | 'post'): Rule => {
        const condition = pushedRule(where, local.device);
        return automatic(condition.name, { kind: 'unknown' }, [condition]);
      };
      return [unread('pre'), ...here, unread('post')];
    });
    const all = [...rules, ...defaultRules(this.parts, vsys.rulebase, local)];
    this.lists.set(id, { id, title, rules: all, end: { action: 'drop', name: 'no rule' } });
  }

  build(): Policy {
    this.detour(
      'pbf',
      'policy-based forwarding',
      this.each((base) => base.pbf, pbfRule),
    );
    this.detour(
      'dos',
      'DoS protection',
      this.each((base) => base.dos, dosRule),
    );
    this.detour('nat', 'destination NAT', this.nat());
    const gotos = this.overrides();
    this.security('security', 'security policy');
    const notExported = this.input.pushedMissing
      ? [pushedRule('pre', this.input.local.device), pushedRule('post', this.input.local.device)]
      : [];
    const head = [...this.outsiders(), ...this.head, ...gotos];
    if (head.length === 0) return { lists: this.lists, entry: 'security', notExported };
    const rules = [...head, automatic('security policy', { kind: 'goto', list: 'security' })];
    this.lists.set('policy', { id: 'policy', title: 'policy', rules, end: { action: 'drop', name: 'no rule' } });
    return { lists: this.lists, entry: 'policy', notExported };
  }

  /** Packets of an interface without a zone, or of another virtual system that is not visible from here, are dropped. */
  private outsiders(): readonly Rule[] {
    const { nowhere } = this.input.local.zones;
    if (nowhere === undefined) return [];
    const match = exactly({ in: only(nowhere) }, { out: only(nowhere) });
    return [{ ...automatic('no zone', { kind: 'drop' }), name: 'interface without a zone here', match }];
  }

  private nat(): readonly Rule[] {
    const rules = this.each((base) => base.nat, natRule);
    const reverse = this.each((base) => base.nat, bidirectional);
    return rules.some((rule) => rule.enabled && rule.action.kind === 'unknown') || reverse.length ? [...rules, ...reverse] : [];
  }

  /** Traffic that application override labels is judged by the same rules with the application known. */
  private overrides(): readonly Rule[] {
    const labels = new Set<string>();
    const rules = this.each(
      (base) => base.override,
      (rule, ctx) => {
        const number = rule.protocol === 'tcp' ? 6 : rule.protocol === 'udp' ? 17 : undefined;
        const ports = parsePorts(rule.port);
        const exact = number !== undefined && ports !== undefined;
        const box = { protocols: number === undefined ? [6, 7, 17, 18] : only(number), ...(ports ? { ports } : {}) };
        if (!rule.disabled) labels.add(rule.label);
        return convertRule(
          {
            rule: { ...rule, application: ['any'], service: ['any'] },
            policy: 'application override rule',
            ruleType: 'universal',
            action: { kind: 'goto', list: overrideList(rule.label) },
            conditions: exact
              ? []
              : [
                  construct(
                    `application override "${rule.name}"`,
                    `override:${ctx.device}:${rule.name}`,
                    'Its protocol or port is not understood.',
                  ),
                ],
            terms: [{ lo: [box], hi: [box], conditions: [] }],
          },
          ctx,
        );
      },
    );
    for (const label of labels)
      this.security(overrideList(label), `security policy for traffic that application override calls ${label}`, label);
    return rules.filter((rule) => rule.enabled);
  }
}

const overrideList = (label: string): string => `security (application ${label})`;

/** What a firewall would refuse to commit. */
function remark(rule: SecurityRuleRecord, ctx: Context): void {
  const note = (severity: 'error' | 'warning', code: string, message: string): void =>
    ctx.note({ severity, code, message: `rule "${rule.name}" ${message}`, file: rule.span.file, line: rule.span.line });
  if ((rule.service?.length ?? 0) > 1 && rule.service?.includes('application-default'))
    note('warning', 'mixed-service', 'lists application-default beside other services; either is taken to match');
  for (const name of new Set([...(rule.from ?? []), ...(rule.to ?? [])]))
    if (name !== 'any' && ctx.zones.link(name) === undefined)
      note(
        'error',
        'undefined-zone',
        `names the zone "${name}", which the export does not define; assumed: it may be any zone, so verdicts that depend on it are conditional`,
      );
}

function securityRule(
  rule: SecurityRuleRecord,
  ctx: Context,
  extra: { contested?: { source: AddressSet; destination: AddressSet }; label?: string },
): readonly Rule[] {
  const { action, conditions } = actionOf(rule.action, rule.name, ctx);
  remark(rule, ctx);
  return convertRule(
    { rule, ruleType: rule.ruleType, action, conditions: [...conditions, ...securityGates(rule)], logged: rule.logged, ...extra },
    ctx,
  );
}

export const buildPolicy = (input: PolicyInput): Policy => new PolicyBuilder(input).build();
