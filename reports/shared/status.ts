/** One word a requirement, of verdict, expectation and outcome; the same words in every report and in `failOn`. */
import type { RequirementResult } from '../../src/model/result.js';

/** Worst first. */
export const STATUSES = ['blocked', 'partial', 'reachable', 'conditional', 'unknown', 'met'] as const;
export type Status = (typeof STATUSES)[number];

type Judged = Pick<RequirementResult, 'verdict' | 'outcome' | 'expect'>;

/** The word for one requirement. Open ones are never called blocked or met, whatever their verdict (rows to be reviewed). */
export const statusOf = (requirement: Judged): Status => {
  if (requirement.outcome === 'met') return 'met';
  if (requirement.outcome === 'open') return requirement.verdict === 'unknown' ? 'unknown' : 'conditional';
  if (requirement.expect === 'deny') return 'reachable';
  return requirement.verdict === 'partial' ? 'partial' : 'blocked';
};

/** Stands for the status in the matrix, beside the colour. */
export const LETTERS: Readonly<Record<Status, string>> = {
  blocked: 'B',
  partial: 'P',
  reachable: 'R',
  conditional: 'C',
  unknown: 'U',
  met: 'M',
};

/** What the word means, for legends. */
export const MEANINGS: Readonly<Record<Status, string>> = {
  blocked: 'required, and nothing of it gets through',
  partial: 'required, and only a part gets through',
  reachable: 'must not be open, and is',
  conditional: 'depends on something the exports do not tell',
  unknown: 'could not be judged from the exports given',
  met: 'as required',
};

/** Counts against the result: neither optional nor waived. */
export const counts = (requirement: RequirementResult): boolean => !requirement.optional && requirement.waiver === null;

const rank = (requirement: RequirementResult): number =>
  STATUSES.indexOf(statusOf(requirement)) + (counts(requirement) ? 0 : STATUSES.length);

/** Worst first, what does not count last; otherwise in the order given. */
export const worstFirst = (requirements: readonly RequirementResult[]): readonly RequirementResult[] =>
  [...requirements].sort((a, b) => rank(a) - rank(b));
