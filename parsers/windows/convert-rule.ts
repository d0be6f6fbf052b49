/** One exported rule to model rules, one for each direction it may belong to. */
import type { Condition } from '../../src/model/condition.js';
import type { Rule } from '../../src/model/firewall.js';
import { MATCH_ALL } from '../../src/model/match.js';
import type { Given } from '../types.js';
import { construct } from './extent.js';
import { missingColumnGate, scopeGates } from './gates.js';
import { netshScopeGate } from './netsh-scope.js';
import type { RuleExport, WindowsRule } from './records.js';
import { type CellCache, matchOf, protocolOf } from './rule-match.js';
import {
  ALL_PROFILES,
  actionOf,
  enabledOf,
  isUnreadableRow,
  linkSet,
  profilesOf,
  type Rank,
  type Side,
  sideOf,
} from './rule-words.js';

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
  /** What cells and scopes that many rules share were read as; lives as long as one conversion. */
  readonly cache: CellCache;
}

const ACCEPT = { kind: 'accept' } as const;
const DROP = { kind: 'drop' } as const;
const UNKNOWN = { kind: 'unknown' } as const;

/** @returns one rule, or one for each direction where the direction cannot be read. */
export function convertRule(rule: WindowsRule, context: RuleContext): readonly Converted[] {
  if (isUnreadableRow(rule)) return (['in', 'out'] as const).map((side) => unreadableRow(rule, side, context));
  const side = sideOf(rule);
  const sides: readonly Side[] = side ? [side] : ['in', 'out'];
  return sides.map((each) => convertSide(rule, each, side === undefined, context));
}

function unreadableRow(rule: WindowsRule, side: Side, context: RuleContext): Converted {
  const id = `#${rule.ordinal}`;
  const conditions = rule.problems.map((problem) => construct(`${context.device}:${side}:${rule.ordinal}`, problem));
  return {
    rank: 'bypass',
    side,
    record: rule,
    rule: {
      id,
      name: `unreadable row ${id}`,
      span: rule.span,
      origin: 'user',
      enabled: true,
      action: { kind: 'unknown' },
      match: MATCH_ALL,
      conditions,
    },
  };
}

function convertSide(rule: WindowsRule, side: Side, sideUnknown: boolean, context: RuleContext): Converted {
  const owner = `${context.device}:${side}:${rule.ordinal}`;
  const conditions: Condition[] = rule.problems.map((problem) => construct(owner, problem));
  if (sideUnknown) conditions.push(construct(owner, `direction "${rule.fields.direction ?? ''}"`));
  const enabled = enabledOf(rule);
  const notExported = context.export.missingColumns;
  if (enabled === undefined && !notExported.includes('enabled'))
    conditions.push(construct(owner, `Enabled "${rule.fields.enabled ?? ''}"`));
  const stated = profilesOf(rule);
  if (!stated && !notExported.includes('profile')) conditions.push(construct(owner, `Profile "${rule.fields.profile ?? ''}"`));
  statusGates(rule, owner, conditions);
  const action = actionOf(rule);
  if (!action) conditions.push(construct(owner, `action "${rule.fields.action ?? ''}"`));
  if (action === 'bypass') conditions.push(bypassGate(context.device));
  const gateContext = { device: context.device, direction: side, owner, missingColumns: notExported, cache: context.cache.gates };
  scopeGates(rule, gateContext, conditions);
  const protocol = protocolOf(rule);
  const missing = missingColumnGate(rule, gateContext, protocol);
  if (missing) conditions.push(missing);
  const hidden = netshScopeGate(rule, owner);
  if (hidden) conditions.push(hidden);
  const inForce = context.profilesInForce(rule);
  const profiles = (stated ?? ALL_PROFILES).filter((index) => inForce.includes(index));
  const extents = matchOf(rule, linkSet(profiles), {
    side,
    owner,
    protocol,
    device: context.device,
    given: context.given,
    cache: context.cache,
  });
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
      action: action === 'block' ? DROP : action ? ACCEPT : UNKNOWN,
      match: extents.match,
      conditions: extents.doubts.length === 0 ? conditions : [...conditions, ...extents.doubts],
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

/** `6.2+`: Windows 8 and later, so every current one; `6.1` would be exactly that version. */
const CURRENT_WINDOWS = /^(\{\}|any|(6\.[0-9]+|10\.0)\+)$/i;

/** Rules that Windows itself could not parse, and rules for other versions of Windows. */
function statusGates(rule: WindowsRule, owner: string, out: Condition[]): void {
  const { primaryStatus, statusCode, platform, store } = rule.fields;
  if (primaryStatus?.toLowerCase() === 'error' || (statusCode && statusCode !== '65536'))
    out.push(construct(owner, `rule status ${primaryStatus ?? ''} ${statusCode ?? ''}`.trim()));
  if (platform && !platform.split(/[\s,;|]+/).some((version) => CURRENT_WINDOWS.test(version)))
    out.push(construct(owner, `platform "${platform}"`));
  if (store?.toLowerCase() === 'systemdefaults')
    out.push(construct(owner, 'a rule of the shipped defaults, which are not in force'));
}
