/** Conditions of this vendor. One place, so that rules that test the same thing name the same coin. */
import type { AssumptionId, Condition, ConditionKind } from '../../src/model/condition.js';

const SHORTEST = 200;
export const shorten = (text: string): string => (text.length > SHORTEST ? `${text.slice(0, SHORTEST - 3)}...` : text);

export interface Details {
  readonly effect?: 'gate' | 'extent';
  readonly negated?: boolean;
  readonly settledBy?: string;
  readonly assumption?: { readonly id: AssumptionId; readonly value: boolean; readonly on: boolean };
}

export function condition(kind: ConditionKind, name: string, coin: string, details: Details = {}): Condition {
  const { effect = 'gate', negated, settledBy, assumption } = details;
  return {
    kind,
    name: shorten(name),
    coin,
    effect,
    ...(negated ? { negated: true } : {}),
    ...(settledBy ? { settledBy } : {}),
    ...(assumption ? { assumption } : {}),
  };
}

/** Membership of an address in a list that was not given: the same list and side are one fact, on every device. */
export function listCondition(list: string, flags: string, negated: boolean, settledBy: string): Condition {
  return condition('list', list, `list:${list}:${flags}`, { negated, settledBy });
}
