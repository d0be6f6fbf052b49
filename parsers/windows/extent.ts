/** What a cell says of one dimension: bounds of the true set, and why they differ. */
import type { Condition } from '../../src/model/condition.js';

export interface Extent<T> {
  /** Undefined: unrestricted. */
  readonly lo: T | undefined;
  readonly hi: T | undefined;
  /** True when `lo` is the empty set. */
  readonly loEmpty: boolean;
  readonly doubts: readonly Condition[];
}

const UNRESTRICTED: Extent<never> = { lo: undefined, hi: undefined, loEmpty: false, doubts: [] };
export const unrestricted = <T>(): Extent<T> => UNRESTRICTED;
const NO_DOUBTS: readonly Condition[] = [];
export const exact = <T>(set: T): Extent<T> => ({ lo: set, hi: set, loEmpty: false, doubts: NO_DOUBTS });
/** Surely nothing, perhaps everything. */
export const unknownExtent = <T>(doubt: Condition): Extent<T> => ({
  lo: undefined,
  hi: undefined,
  loEmpty: true,
  doubts: [doubt],
});

const SHORT = 'Run docs/windows-export.ps1 on the host and audit its output instead.';

/** Text that is no value this field can have: the rule reaches from nothing to everything in that dimension. */
export function unreadable(property: string, text: string, owner: string): Condition {
  const lost = /^System\.(String|Object)\[\]$/i.test(text);
  const name =
    text === ''
      ? `${property} is blank`
      : lost
        ? `${property} was lost in the export (${text})`
        : `${property} "${text.slice(0, 120)}"`;
  return {
    kind: text === '' || lost ? 'export' : 'construct',
    name,
    coin: `construct:${owner}:${property}`,
    effect: 'extent',
    settledBy: SHORT,
  };
}

export const SETTLED_BY_SCRIPT = SHORT;

/** Lists are joined by comma, semicolon, bar or blanks, depending on the script; no value holds one of these. */
export const tokensOf = (cell: string): readonly string[] => cell.split(/[\s,;|]+/).filter((token) => token !== '');

/** Something of a rule that is not understood: whether the rule matches is open. */
export const construct = (owner: string, name: string): Condition => ({
  kind: 'construct',
  name,
  coin: `construct:${owner}:${name}`,
  effect: 'gate',
  settledBy: SHORT,
});
