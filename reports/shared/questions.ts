/** What is open, as questions: the same condition on many flows is one question, asked once. */

import type { ConditionClass, ConditionKind } from '../../src/model/condition.js';
import type { RequirementResult } from '../../src/model/result.js';
import type { OpenCondition } from '../../src/model/verdict.js';
import { visible } from './visible.js';
import { CONDITION_WORDS, listed, place, plural } from './words.js';

export interface Question {
  /** Conditions with the same key are this question. */
  readonly key: string;
  readonly class: ConditionClass;
  readonly kind: ConditionKind;
  /** What it is about; several where one answer settles them all. */
  readonly names: readonly string[];
  readonly settledBy: string;
  /** Device and place of the rules that ask. */
  readonly places: readonly string[];
  /** Flows that hang on it, alone or among others. */
  readonly flows: readonly RequirementResult[];
  /** Flows that are open for nothing else. */
  readonly settles: number;
}

/** Stands for the name in what settles an actor: many actors are one question, which is answered in one place. */
const NAME = '\u0000';

const answerOf = ({ kind, name, settledBy = '' }: OpenCondition): string =>
  kind === 'actor' ? settledBy.replaceAll(`"${name}"`, NAME).replaceAll(name, NAME) : settledBy;

/** Conditions with the same key are the same question. */
const keyOf = (condition: OpenCondition): string => {
  const { class: of, kind, name } = condition;
  const answer = answerOf(condition);
  const alike = of === 'by-design' ? answer !== '' : answer.includes(NAME);
  return JSON.stringify([of, kind, answer, alike ? '' : name]);
};

const NAMES = 3;

const someNames = (names: readonly string[]): string =>
  names.length <= NAMES + 1 ? listed(names) : `${names.slice(0, NAMES).join(', ')} and ${names.length - NAMES} more`;

const ofFlow = (requirement: RequirementResult): ReadonlySet<string> => new Set(requirement.conditions.map(keyOf));

const questionOf = (asked: readonly { condition: OpenCondition; requirement: RequirementResult }[]): readonly Question[] => {
  const [first] = asked;
  if (first === undefined) return [];
  const flows = [...new Set(asked.map(({ requirement }) => requirement))];
  const where = asked.map(({ condition }) =>
    [visible(condition.device), place(condition)].filter((part) => part !== '').join(', '),
  );
  const names = [...new Set(asked.map(({ condition }) => visible(condition.name)))];
  return [
    {
      key: keyOf(first.condition),
      class: first.condition.class,
      kind: first.condition.kind,
      names,
      settledBy: visible(answerOf(first.condition).replaceAll(NAME, someNames(names))),
      places: [...new Set(where)].filter((text) => text !== ''),
      flows,
      settles: flows.filter((flow) => flow.outcome === 'open' && ofFlow(flow).size === 1).length,
    },
  ];
};

/** Questions of all requirements that are not met, those with most flows first. */
export const questionsOf = (requirements: readonly RequirementResult[]): readonly Question[] => {
  const asked = new Map<string, { condition: OpenCondition; requirement: RequirementResult }[]>();
  for (const requirement of requirements.filter(({ outcome }) => outcome !== 'met'))
    for (const condition of requirement.conditions) {
      const key = keyOf(condition);
      const known = asked.get(key);
      if (known === undefined) asked.set(key, [{ condition, requirement }]);
      else known.push({ condition, requirement });
    }
  return [...asked.values()].flatMap(questionOf).sort((a, b) => b.flows.length - a.flows.length || b.settles - a.settles);
};

/** `the application: ldap, msrpc, ssl and 2 more`. */
export const questionWords = ({ kind, names }: Question): string => `${CONDITION_WORDS[kind]}: ${someNames(names)}`;

/** How far one answer goes; it is never said to settle a flow that is open for something else, too. */
export const reachWords = ({ flows, settles }: Question): string => {
  const rest = flows.length - settles;
  if (rest === 0) return `settles ${plural(settles, 'flow')}`;
  return settles === 0 ? `bears on ${plural(rest, 'flow')}` : `settles ${plural(settles, 'flow')}, bears on ${rest} more`;
};

/** The condition belongs to the question. */
export const asks = (question: Question, condition: OpenCondition): boolean => question.key === keyOf(condition);
