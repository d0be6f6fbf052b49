/** Words of a rule that are not part of its match: direction, action, flags, profiles. Undefined: not understood. */
import type { Intervals } from '../../src/sets/intervals.js';
import { PROFILES, type WindowsRule } from './records.js';

export type Side = 'in' | 'out';
/** Order of precedence [MS-FASP 2.2.34]; a rule whose action is unreadable stands with the first. */
export type Rank = 'bypass' | 'block' | 'allow';

/** Cells that do not stand under their headings say nothing: the rule may be any rule. */
export const isUnreadableRow = (rule: WindowsRule): boolean => rule.form === 'csv' && rule.problems.length > 0;

/** Reads a flag; undefined: unreadable. */
function flag(text: string | undefined): boolean | undefined {
  if (text === 'True') return true;
  const word = text?.toLowerCase();
  if (word === 'true' || word === 'yes') return true;
  return word === 'false' || word === 'no' ? false : undefined;
}

/** @returns undefined when the text names no direction that could be understood. */
export function sideOf(rule: WindowsRule): Side | undefined {
  if (isUnreadableRow(rule)) return undefined;
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
  if (isUnreadableRow(rule)) return undefined;
  const word = rule.fields.action?.toLowerCase();
  if (word === 'allow' && rule.fields.overrideBlockRules?.toLowerCase() === 'true') return 'bypass';
  return word === 'allow' || word === 'block' || word === 'bypass' ? word : undefined;
}

export const enabledOf = (rule: WindowsRule): boolean | undefined =>
  isUnreadableRow(rule) ? undefined : flag(rule.fields.enabled);

export const ALL_PROFILES: readonly number[] = [0, 1, 2];

/** Indexes into PROFILES; undefined: unreadable. */
export function profilesOf(rule: WindowsRule): readonly number[] | undefined {
  if (rule.fields.profile === 'Any') return ALL_PROFILES;
  const words = (rule.fields.profile ?? '')
    .toLowerCase()
    .split(/[\s,;|]+/)
    .filter((word) => word !== '');
  if (words.length === 0) return undefined;
  if (words.length === 1 && (words[0] === 'any' || words[0] === 'all')) return ALL_PROFILES;
  const indexes = words.map((word) => (PROFILES as readonly string[]).indexOf(word));
  return indexes.includes(-1) ? undefined : [...new Set(indexes)].sort();
}

const LINK_SETS: readonly Intervals[] = [[], [0, 1], [1, 2], [0, 2], [2, 3], [0, 1, 2, 3], [1, 3], [0, 3]];

/** Profiles as a set of links: [0, 1] is the set {0, 1}, in boundaries [0, 2]. */
export const linkSet = (indexes: readonly number[]): Intervals =>
  LINK_SETS[indexes.reduce((bits, index) => bits | (1 << index), 0)] ?? [];
