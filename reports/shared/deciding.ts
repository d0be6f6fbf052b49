/** Which of the deciding rules tell a reader why: those that make the status, without what a firewall adds by itself. */
import type { RequirementResult } from '../../src/model/result.js';
import type { DecidingRule } from '../../src/model/verdict.js';
import { type Status, statusOf } from './status.js';
import { visible } from './visible.js';
import { place } from './words.js';

const TELLING: Readonly<Record<Status, 'accept' | 'deny' | 'all'>> = {
  blocked: 'deny',
  partial: 'deny',
  reachable: 'accept',
  conditional: 'all',
  unknown: 'all',
  met: 'accept',
};

const isAutomatic = (rule: DecidingRule): boolean => rule.rule.startsWith('automatic/');

/** Never empty where any rule decided. */
export const tellingRules = (requirement: RequirementResult): readonly DecidingRule[] => {
  const status = statusOf(requirement);
  const wanted = status === 'met' && requirement.expect === 'deny' ? 'deny' : TELLING[status];
  const all = requirement.decidedBy;
  const fitting = all.filter((rule) => wanted === 'all' || (rule.action === 'accept') === (wanted === 'accept'));
  const rules = fitting.length > 0 ? fitting : all;
  return rules.filter(
    (rule) => !isAutomatic(rule) || !rules.some((other) => other.device === rule.device && !isAutomatic(other)),
  );
};

/** True when `explanation` already names the rule by its place, or, for a rule without one, by device and name. */
export const alreadySaid = (explanation: string, rule: DecidingRule): boolean => {
  const where = place(rule);
  if (where === '')
    return rule.name !== '' && explanation.includes(visible(rule.name)) && explanation.includes(visible(rule.device));
  const at = explanation.indexOf(where);
  return at >= 0 && !/\d/.test(explanation.charAt(at + where.length));
};
