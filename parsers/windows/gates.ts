/** Everything besides packet header and profile that a Windows rule can ask for, as gate conditions. */
import type { Condition, ConditionKind } from '../../src/model/condition.js';
import { PROPERTY } from './columns.js';
import { SETTLED_BY_SCRIPT } from './extent.js';
import { hostsServices, programPath } from './program.js';
import type { RuleField, WindowsRule } from './records.js';

export interface GateContext {
  readonly device: string;
  readonly direction: 'in' | 'out';
  /** Names the rule, for coins that no other rule shares. */
  readonly owner: string;
  readonly missingColumns: readonly RuleField[];
  /** Conditions that rules with the same words share. */
  readonly cache: Map<string, Condition>;
}

/** The owner's end of a rule is the host: responder of inbound, initiator of outbound traffic. */
const end = (context: GateContext): 'responder' | 'initiator' => (context.direction === 'in' ? 'responder' : 'initiator');
const isAny = (text: string): boolean => text === 'Any' || text.toLowerCase() === 'any';

const gate = (kind: ConditionKind, name: string, coin: string, settledBy: string, values?: readonly string[]): Condition => ({
  kind,
  name,
  coin,
  effect: 'gate',
  settledBy,
  ...(values ? { values } : {}),
});

const unclear = (context: GateContext, field: string, name: string): Condition =>
  gate('construct', name, `construct:${context.owner}:${field}`, SETTLED_BY_SCRIPT);

/** A cell that is there but empty, or whose array was flattened away: what it held is not known. */
function lost(context: GateContext, field: RuleField, text: string): Condition | undefined {
  const property = PROPERTY[field] ?? field;
  const name = text === '' ? `${property} is blank` : `${property} was lost in the export (${text})`;
  if (text !== '' && !/^System\.(String|Object)\[\]$/i.test(text)) return undefined;
  return gate('export', name, `construct:${context.owner}:${field}`, SETTLED_BY_SCRIPT);
}

type Reader = (text: string, context: GateContext) => Condition | undefined;

const program: Reader = (text, context) => {
  const fact = context.direction === 'in' ? 'program' : 'source_program';
  const settledBy = `Say which program ${context.direction === 'in' ? 'listens' : 'connects'} on the host (${fact}).`;
  return { ...gate('program', text, `program@${end(context)}`, settledBy, [programPath(text)]), fact };
};

const service: Reader = (text, context) => {
  const fact = context.direction === 'in' ? 'service' : 'source_service';
  const settledBy = `Say which service ${context.direction === 'in' ? 'listens' : 'connects'} on the host (${fact}).`;
  if (text === '*') return gate('service', 'any service', `any-service@${end(context)}`, settledBy);
  return { ...gate('service', text, `service@${end(context)}`, settledBy, [text.toLowerCase()]), fact };
};

const packaged =
  (coin: string): Reader =>
  (text, context) =>
    gate(
      'program',
      `app package ${text}`,
      `${coin}@${end(context)}`,
      'Only traffic of that app package is meant: see who listens on the host.',
      [text.toLowerCase()],
    );

const perValue =
  (kind: ConditionKind, title: string): Reader =>
  (text, context) =>
    gate(
      kind,
      `${title} ${text}`,
      `${title}:${context.device}:${text.toLowerCase()}`,
      `Holds for this ${title} only; check it on the host.`,
    );

const ipsec =
  (title: string): Reader =>
  (text, context) =>
    text.toLowerCase() === 'notrequired'
      ? undefined
      : gate(
          'ipsec',
          `IPsec ${title} ${text}`,
          `ipsec:${context.device}:${title}:${text.toLowerCase()}`,
          'Holds for connections that IPsec secures; check the connection security rules.',
        );

const INTERFACE_TYPES: ReadonlyMap<string, string> = new Map([
  ['wired', 'wired'],
  ['lan', 'wired'],
  ['wireless', 'wireless'],
  ['remoteaccess', 'remote-access'],
  ['ras', 'remote-access'],
]);

const interfaceType: Reader = (text, context) => {
  const types = text.split(/[\s,;|]+/).map((word) => INTERFACE_TYPES.get(word.toLowerCase()));
  const known = types.filter((type) => type !== undefined);
  if (known.length !== types.length) return unclear(context, 'InterfaceType', `InterfaceType "${text}"`);
  return gate(
    'interface',
    `interface type ${text}`,
    `interface-type:${context.device}`,
    'Holds for interfaces of this type only.',
    known,
  );
};

const interfaceAlias: Reader = (text, context) =>
  gate(
    'interface',
    `interface ${text}`,
    `interface:${context.device}:${text.toLowerCase()}`,
    'Holds for this interface only; see `Get-NetIPConfiguration` on the host.',
  );

interface Scope {
  readonly field: RuleField;
  readonly read: Reader;
  /** Blank means none (a SID that is not set); elsewhere blank is not "any". */
  readonly blankIsNone?: true;
}

const SCOPES: readonly Scope[] = [
  { field: 'program', read: program },
  { field: 'service', read: service },
  { field: 'package', read: packaged('package'), blankIsNone: true },
  { field: 'packageFamilyName', read: packaged('package-family'), blankIsNone: true },
  { field: 'policyAppId', read: packaged('app-id'), blankIsNone: true },
  { field: 'owner', read: perValue('user', 'owner'), blankIsNone: true },
  { field: 'localUser', read: perValue('user', 'local user') },
  { field: 'remoteUser', read: perValue('user', 'remote user') },
  { field: 'remoteMachine', read: perValue('ipsec', 'remote computer') },
  { field: 'authentication', read: ipsec('authentication') },
  { field: 'encryption', read: ipsec('encryption') },
  { field: 'security', read: ipsec('security') },
  { field: 'interfaceAlias', read: interfaceAlias },
  { field: 'interfaceType', read: interfaceType },
  { field: 'dynamicTarget', read: perValue('interface', 'dynamic transport') },
];

/** Adds the scopes of a rule that its own fields state. */
export function scopeGates(rule: WindowsRule, context: GateContext, out: Condition[]): void {
  for (const { field, read, blankIsNone } of SCOPES) {
    const text = rule.fields[field];
    if (text === undefined || isAny(text) || (text === '' && blankIsNone)) continue;
    const key = `${context.direction}:${field}:${text}`;
    const condition = context.cache.get(key) ?? lost(context, field, text) ?? read(text, context);
    if (!condition) continue;
    out.push(condition);
    if (!condition.coin.startsWith('construct:')) context.cache.set(key, condition);
  }
}

/** A rule whose program is one executable of its own has no service beside it. */
function mayHideService(rule: WindowsRule): boolean {
  const text = rule.fields.program;
  return text === undefined || text === '' || isAny(text) || hostsServices(programPath(text));
}

/** Columns that the export lacks and that could narrow this rule; one condition for all of them. */
export function missingColumnGate(
  rule: WindowsRule,
  context: GateContext,
  protocol: number | 'any' | undefined,
): Condition | undefined {
  const missing = context.missingColumns.filter((field) => {
    if (field === 'service') return mayHideService(rule);
    if (field === 'icmpType') return protocol === 1 || protocol === 58 || protocol === undefined;
    if (field === 'localPort' || field === 'remotePort') return protocol === 6 || protocol === 17 || protocol === undefined;
    return true;
  });
  if (missing.length === 0) return undefined;
  const names = missing.map((field) => PROPERTY[field] ?? field).join(', ');
  return gate('export', `not exported: ${names}`, `unexported:${context.owner}`, SETTLED_BY_SCRIPT);
}
