/** Profile settings as rules: what stands before and after the rules of each profile. */
import type { Condition } from '../../src/model/condition.js';
import type { Action, Rule, RuleOrigin } from '../../src/model/firewall.js';
import { exactly } from '../../src/model/match.js';
import type { Span } from '../../src/source/span.js';
import { PROFILE_HINT } from './export-help.js';
import { PROFILES, type ProfileName, type ProfileSettings } from './records.js';
import type { Side } from './rule-words.js';

export interface ProfilePlan {
  readonly profile: ProfileName;
  /** Settings as far as they are known; absent ones are conditions in `open`. */
  readonly settings: ProfileSettings | undefined;
  /** Why all rules and settings of the profile may be otherwise than the export shows. */
  readonly open: readonly Condition[];
  /** Settings of Group Policy that nobody exported may close what the rules open. */
  readonly perhapsClosed?: Condition;
}

interface RulePart {
  readonly id: string;
  readonly name: string;
  readonly origin: RuleOrigin;
  readonly action: Action['kind'] & ('accept' | 'drop' | 'unknown');
  readonly conditions?: readonly Condition[];
  readonly span?: Span | undefined;
}

export function profileRule(profile: ProfileName, side: Side, part: RulePart): Rule {
  const index = PROFILES.indexOf(profile);
  const links = [index, index + 1];
  return {
    id: part.id,
    name: part.name,
    ...(part.span ? { span: part.span } : {}),
    origin: part.origin,
    enabled: true,
    action: { kind: part.action },
    match: exactly(side === 'in' ? { in: links } : { out: links }),
    conditions: part.conditions ?? [],
  };
}

/** What must be known of a profile for one direction; names as netsh prints them. */
export function missingSettings(settings: ProfileSettings | undefined): readonly string[] {
  if (settings?.enabled === false) return [];
  const out: string[] = [];
  if (settings?.enabled === undefined) out.push('state');
  if (settings?.inbound === undefined || settings.shieldsUp === undefined) out.push('inbound default');
  if (settings?.outbound === undefined) out.push('outbound default');
  return out;
}

export function settingsCondition(device: string, profile: ProfileName, missing: readonly string[]): Condition {
  return {
    kind: 'export',
    name: `settings of the ${profile} profile are not exported (${missing.join(', ')})`,
    coin: `profile-settings:${device}:${profile}`,
    effect: 'gate',
    // Microsoft ships every profile on, blocking inbound and allowing outbound; whoever relies on it sees it named.
    assumption: { id: 'builtin-defaults', value: false, on: true },
    settledBy: PROFILE_HINT,
  };
}

/** Before all rules of the export: what may override everything, then a firewall that is off. */
export function rulesBefore(plan: ProfilePlan, side: Side): readonly Rule[] {
  const { profile, settings } = plan;
  const out = plan.open.map((condition) =>
    profileRule(profile, side, {
      id: condition.kind,
      name: condition.name,
      origin: 'automatic',
      action: 'unknown',
      conditions: [condition],
    }),
  );
  if (plan.perhapsClosed)
    out.push(
      profileRule(profile, side, {
        id: plan.perhapsClosed.kind,
        name: plan.perhapsClosed.name,
        origin: 'automatic',
        action: 'drop',
        conditions: [plan.perhapsClosed],
      }),
    );
  if (settings?.enabled === false)
    out.push(
      profileRule(profile, side, {
        id: 'off',
        name: `the firewall is off in the ${profile} profile`,
        origin: 'off',
        action: 'accept',
        span: settings.span,
      }),
    );
  for (const alias of settings?.disabledInterfaces ?? [])
    out.push(
      profileRule(profile, side, {
        id: 'off',
        name: `the firewall is off on the interface ${alias}`,
        origin: 'off',
        action: 'accept',
        span: settings?.span,
        conditions: [
          {
            kind: 'interface',
            name: `interface ${alias}`,
            coin: `interface:${plan.profile}:${alias.toLowerCase()}`,
            effect: 'gate',
            settledBy: 'Holds for this interface only; see `Get-NetIPConfiguration` on the host.',
          },
        ],
      }),
    );
  return out;
}

/** Shields up: after bypass rules, before block and allow rules, which no longer count. */
export function shieldRules(plan: ProfilePlan, side: Side): readonly Rule[] {
  const { profile, settings } = plan;
  if (side === 'out' || !settings?.shieldsUp) return [];
  const inbound = settings.inbound ?? 'block';
  return [
    profileRule(profile, side, {
      id: 'shields-up',
      name: `inbound rules do not count in the ${profile} profile (${inbound} all)`,
      origin: 'default',
      action: inbound === 'block' ? 'drop' : 'accept',
      span: settings.span,
    }),
  ];
}

/** What decides where no rule did; the built-in values [GPFAS] where a setting stands in no store. */
export function defaultRule(plan: ProfilePlan, side: Side): Rule {
  const { profile, settings } = plan;
  const action = side === 'in' ? (settings?.inbound ?? 'block') : (settings?.outbound ?? 'allow');
  return profileRule(profile, side, {
    id: 'default',
    name: `default ${side === 'in' ? 'inbound' : 'outbound'} action of the ${profile} profile: ${action}`,
    origin: 'default',
    action: action === 'block' ? 'drop' : 'accept',
    span: settings?.span,
  });
}
