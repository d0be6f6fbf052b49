/** One exported rule to model rules, one for each direction it may belong to. */
import type { Condition } from '../../src/model/condition.js';
import type { Rule } from '../../src/model/firewall.js';
import { atMost, between, exactly, type Match, type MatchBox } from '../../src/model/match.js';
import type { AddressSet } from '../../src/sets/address.js';
import type { Intervals } from '../../src/sets/intervals.js';
import type { Given } from '../types.js';
import { addressCell } from './address-cell.js';
import { type Extent, SETTLED_BY_SCRIPT, unknownExtent, unreadable, unrestricted } from './extent.js';
import { missingColumnGate, scopeGates } from './gates.js';
import { netshScopeGate } from './netsh-scope.js';
import { PROFILES, type RuleExport, type WindowsRule } from './records.js';
import { icmpCell, portCell, protocolNumber } from './service-cell.js';

export type Side = 'in' | 'out';
/** Order of precedence [MS-FASP 2.2.34]; a rule whose action is unreadable stands with the first. */
export type Rank = 'bypass' | 'block' | 'allow';

export interface Converted {
  readonly rank: Rank;
  readonly side: Side;
  readonly rule: Rule;
  readonly record: WindowsRule;
}

export interface RuleContext {
  readonly given: Given;
  readonly device: string;
  readonly export: RuleExport;
  /** Indexes of the profiles in which the rule counts; rules of a local store may be ignored in some. */
  readonly profilesInForce: (rule: WindowsRule) => readonly number[];
}

const construct = (owner: string, name: string): Condition => ({
  kind: 'construct',
  name,
  coin: `construct:${owner}:${name}`,
  effect: 'gate',
  settledBy: SETTLED_BY_SCRIPT,
});

/** Reads a flag; undefined: unreadable. */
function flag(text: string | undefined): boolean | undefined {
  const word = text?.toLowerCase();
  if (word === 'true' || word === 'yes') return true;
  return word === 'false' || word === 'no' ? false : undefined;
}

/** @returns undefined when the text names no direction that could be understood. */
export function sideOf(rule: WindowsRule): Side | undefined {
  if (rule.problems.length > 0 && rule.form === 'csv') return undefined;
  switch (rule.fields.direction?.toLowerCase()) {
    case 'inbound':
    case 'in':
      return 'in';
    case 'outbound':
    case 'out':
      return 'out';
    default:
      return undefined;
  }
}

export type ActionWord = 'allow' | 'block' | 'bypass';
export function actionOf(rule: WindowsRule): ActionWord | undefined {
  if (rule.problems.length > 0 && rule.form === 'csv') return undefined;
  const word = rule.fields.action?.toLowerCase();
  if (word === 'allow' && rule.fields.overrideBlockRules?.toLowerCase() === 'true') return 'bypass';
  return word === 'allow' || word === 'block' || word === 'bypass' ? word : undefined;
}

export const enabledOf = (rule: WindowsRule): boolean | undefined =>
  rule.problems.length > 0 && rule.form === 'csv' ? undefined : flag(rule.fields.enabled);

/** Indexes into PROFILES; undefined: unreadable. */
export function profilesOf(rule: WindowsRule): readonly number[] | undefined {
  const words = (rule.fields.profile ?? '').toLowerCase().split(/[\s,;|]+/).filter((word) => word !== '');
  if (words.length === 0) return undefined;
  if (words.length === 1 && (words[0] === 'any' || words[0] === 'all')) return [0, 1, 2];
  const indexes = words.map((word) => PROFILES.findIndex((name) => name === word));
  return indexes.includes(-1) ? undefined : [...new Set(indexes)].sort();
}

export const linkSet = (indexes: readonly number[]): Intervals => {
  const out: number[] = [];
  for (const index of indexes) {
    if (out[out.length - 1] === index) out[out.length - 1] = index + 1;
    else out.push(index, index + 1);
  }
  return out;
};

export function convertRule(rule: WindowsRule, context: RuleContext): readonly Converted[] {
  const side = sideOf(rule);
  const sides: readonly Side[] = side ? [side] : ['in', 'out'];
  return sides.map((each) => convertSide(rule, each, side === undefined, context));
}

function convertSide(rule: WindowsRule, side: Side, sideUnknown: boolean, context: RuleContext): Converted {
  const owner = `${context.device}:${side}:${rule.ordinal}`;
  const conditions: Condition[] = rule.problems.map((problem) => construct(owner, problem));
  if (sideUnknown) conditions.push(construct(owner, `direction "${rule.fields.direction ?? ''}"`));
  const enabled = enabledOf(rule);
  const notExported = context.export.missingColumns;
  if (enabled === undefined && !notExported.includes('enabled')) conditions.push(construct(owner, `Enabled "${rule.fields.enabled ?? ''}"`));
  const stated = profilesOf(rule);
  if (!stated && !notExported.includes('profile')) conditions.push(construct(owner, `Profile "${rule.fields.profile ?? ''}"`));
  conditions.push(...statusGates(rule, owner));
  const action = actionOf(rule);
  if (!action) conditions.push(construct(owner, `action "${rule.fields.action ?? ''}"`));
  if (action === 'bypass') conditions.push(bypassGate(context.device));
  const gateContext = { device: context.device, direction: side, owner, missingColumns: notExported };
  conditions.push(...scopeGates(rule, gateContext));
  const protocol = protocolOf(rule);
  const missing = missingColumnGate(rule, gateContext, protocol);
  if (missing) conditions.push(missing);
  const hidden = netshScopeGate(rule, owner);
  if (hidden) conditions.push(hidden);
  const inForce = context.profilesInForce(rule);
  const profiles = (stated ?? [0, 1, 2]).filter((index) => inForce.includes(index));
  const extents = matchOf(rule, side, linkSet(profiles), { owner, protocol, context });
  return {
    rank: action === 'block' ? 'block' : action === 'allow' ? 'allow' : 'bypass',
    side,
    record: rule,
    rule: {
      id: rule.fields.id || `#${rule.ordinal}`,
      name: rule.fields.name || rule.fields.id || `#${rule.ordinal}`,
      span: rule.span,
      origin: 'user',
      enabled: enabled !== false,
      action: { kind: action === 'block' ? 'drop' : action ? 'accept' : 'unknown' },
      match: extents.match,
      conditions: [...conditions, ...extents.doubts],
      ...(rule.fields.description ? { description: rule.fields.description } : {}),
    },
  };
}

/** A bypass counts for peers that IPsec has authenticated, whatever its other fields say. */
const bypassGate = (device: string): Condition => ({
  kind: 'ipsec',
  name: 'peer authenticated by IPsec',
  coin: `ipsec:${device}:bypass`,
  effect: 'gate',
  settledBy: 'Holds for connections that IPsec secures; check the connection security rules.',
});

/** Rules that Windows itself could not parse, and rules for other versions of Windows. */
function statusGates(rule: WindowsRule, owner: string): readonly Condition[] {
  const { primaryStatus, statusCode, platform, store } = rule.fields;
  const out: Condition[] = [];
  if (primaryStatus?.toLowerCase() === 'error' || (statusCode && statusCode !== '65536'))
    out.push(construct(owner, `rule status ${primaryStatus ?? ''} ${statusCode ?? ''}`.trim()));
  if (platform && !/^(\{\}|any|(6\.[0-9]+|10\.0)\+)$/i.test(platform)) out.push(construct(owner, `platform "${platform}"`));
  if (store?.toLowerCase() === 'systemdefaults') out.push(construct(owner, 'a rule of the shipped defaults, which are not in force'));
  return out;
}

function protocolOf(rule: WindowsRule): number | 'any' | undefined {
  return rule.fields.protocol === undefined ? undefined : protocolNumber(rule.fields.protocol);
}

interface MatchContext {
  readonly owner: string;
  readonly protocol: number | 'any' | undefined;
  readonly context: RuleContext;
}

function matchOf(
  rule: WindowsRule,
  side: Side,
  links: Intervals,
  { owner, protocol, context }: MatchContext,
): { readonly match: Match; readonly doubts: readonly Condition[] } {
  const address = (cell: string | undefined, property: string, isDestination: boolean): Extent<AddressSet> =>
    cell === undefined
      ? unrestricted()
      : addressCell(cell, { given: context.given, device: context.device, property, isDestination, owner });
  const local = address(rule.fields.localAddress, 'LocalAddress', side === 'in');
  const remote = address(rule.fields.remoteAddress, 'RemoteAddress', side === 'out');
  const service = serviceOf(rule, protocol, owner, context.device);
  const parts = { source: side === 'in' ? remote : local, destination: side === 'in' ? local : remote };
  const ports = side === 'in' ? { ports: service.local, sourcePorts: service.remote } : { ports: service.remote, sourcePorts: service.local };
  const isIcmp = protocol === 1 || protocol === 58;
  const dimensions = { ...parts, protocols: service.protocol, ...(isIcmp ? { ports: service.local } : ports) };
  const extents = Object.values(dimensions);
  const doubts = extents.flatMap((extent) => extent.doubts);
  const link: MatchBox = side === 'in' ? { in: links } : { out: links };
  const hi: MatchBox = { ...pick(dimensions, 'hi'), ...link };
  if (doubts.length === 0) return { match: exactly(hi), doubts: [...service.gates] };
  const lo = extents.some((extent) => extent.loEmpty) ? undefined : { ...pick(dimensions, 'lo'), ...link };
  return { match: lo ? between([lo], [hi]) : atMost(hi), doubts: [...service.gates, ...doubts] };
}

function pick(dimensions: Readonly<Record<string, Extent<AddressSet> | Extent<Intervals>>>, bound: 'lo' | 'hi'): MatchBox {
  const box: Record<string, AddressSet | Intervals> = {};
  for (const [dimension, extent] of Object.entries(dimensions)) {
    const set = extent[bound];
    if (set !== undefined) box[dimension] = set;
  }
  return box as MatchBox;
}

interface ServiceExtent {
  readonly protocol: Extent<Intervals>;
  /** ICMP: types and codes. */
  readonly local: Extent<Intervals>;
  readonly remote: Extent<Intervals>;
  readonly gates: readonly Condition[];
}

function serviceOf(rule: WindowsRule, protocol: number | 'any' | undefined, owner: string, device: string): ServiceExtent {
  const none = unrestricted<Intervals>();
  const { fields } = rule;
  if (protocol === undefined) {
    const missing = fields.protocol === undefined;
    const extent = missing ? none : unknownExtent<Intervals>(unreadable('Protocol', fields.protocol ?? '', owner));
    return { protocol: extent, local: none, remote: none, gates: [] };
  }
  const only: Extent<Intervals> = protocol === 'any' ? none : { ...none, lo: [protocol, protocol + 1], hi: [protocol, protocol + 1] };
  const listener = `${device}:${(fields.program ?? '').toLowerCase()}:${(fields.service ?? '').toLowerCase()}`;
  const cell = (property: string): { property: string; owner: string; listener: string } => ({ property, owner, listener });
  if (protocol === 6 || protocol === 17) {
    const port = (text: string | undefined, property: string): Extent<Intervals> => {
      if (text !== undefined) return portCell(text, cell(property));
      return rule.form === 'csv' ? none : unknownExtent(unreadable(property, '', owner));
    };
    return { protocol: only, local: port(fields.localPort, 'LocalPort'), remote: port(fields.remotePort, 'RemotePort'), gates: [] };
  }
  const gates = strayPorts(rule, protocol, owner);
  if (protocol === 1 || protocol === 58) {
    const types = fields.icmpType === undefined ? none : icmpCell(fields.icmpType, cell('IcmpType'));
    return { protocol: only, local: types, remote: none, gates };
  }
  return { protocol: only, local: none, remote: none, gates };
}

/** Ports on a protocol without ports. The provider writes `RPC` on ICMP rows, which means nothing. */
function strayPorts(rule: WindowsRule, protocol: number | 'any', owner: string): readonly Condition[] {
  const icmp = protocol === 1 || protocol === 58;
  const out: Condition[] = [];
  for (const field of ['localPort', 'remotePort'] as const) {
    const text = (rule.fields[field] ?? '').toLowerCase();
    if (text === '' || text === 'any' || (icmp && text === 'rpc')) continue;
    out.push(construct(owner, `ports "${rule.fields[field]}" on protocol ${rule.fields.protocol}`));
  }
  return out;
}
