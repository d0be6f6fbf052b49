/** What a verdict still hangs on, in one clause. */
import type { ConditionKind } from '../model/condition.js';
import type { DecidingRule, FlowVerdict, OpenCondition } from '../model/verdict.js';
import { listed, ruleText } from './rule-words.js';

/** Kinds that are absent have names that read by themselves. */
const KINDS: Partial<Readonly<Record<ConditionKind, string>>> = {
  application: 'the application',
  program: 'the program',
  service: 'the service',
  user: 'the user',
  'url-category': 'the URL category',
  schedule: 'the schedule',
  ipsec: 'IPsec',
  'rate-limit': 'the rate limit',
  name: 'a name without address',
  list: 'a list without content',
  interface: 'the interface',
  zone: 'the zone',
  chain: 'the chain',
  profile: 'the network profile',
  'group-policy': 'group policy',
  'pushed-policy': 'pushed policy',
  path: 'the path',
};

const and = (texts: readonly string[], limit = 3): string => {
  const shown = texts.length <= limit ? texts : [...texts.slice(0, limit - 1), `${texts.length - limit + 1} more`];
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
};

function phrases(conditions: readonly OpenCondition[]): readonly string[] {
  const names = new Map<ConditionKind, Set<string>>();
  for (const { kind, name } of conditions) names.set(kind, (names.get(kind) ?? new Set()).add(name));
  return [...names].map(([kind, set]) => {
    if (kind === 'actor') return `where ${and([...set])} ${set.size === 1 ? 'lies' : 'lie'}`;
    const words = KINDS[kind];
    return words === undefined ? and([...set]) : `${words} (${and([...set])})`;
  });
}

/** The rule that carries the condition: by its name where it is among the deciding ones. */
function carrier(condition: OpenCondition, decidedBy: readonly DecidingRule[]): readonly string[] {
  const { device, rule, file, line } = condition;
  if (rule === null) return [];
  const known = decidedBy.find((one) => one.device === device && one.file === file && one.line === line && line !== null);
  return [ruleText(known ?? { device, rule, name: rule, file, line, action: 'accept' })];
}

/** `It depends on where Relay lies and the application (ldap): core rule ad-core (core.xml:530).` */
export function dependsText(verdict: FlowVerdict): string {
  const { conditions, decidedBy } = verdict;
  if (conditions.length === 0) return 'It depends on something that the exports do not tell.';
  const rules = [...new Set(conditions.flatMap((condition) => carrier(condition, decidedBy)))];
  return `It depends on ${and(phrases(conditions))}${rules.length ? `: ${listed(rules, 2)}` : ''}.`;
}
