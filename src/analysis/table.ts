/** The verdict table of docs/architecture.md, and how verdicts over unknown values are summed up. */

import type { Expectation } from '../model/requirement.js';
import type { Outcome, Verdict } from '../model/verdict.js';
import { type Region, subtractRegion } from '../sets/region.js';

/** What is known of a set of packets. All regions lie in `flow`; `denied` and `open` are disjoint. */
export interface Findings {
  readonly flow: Region;
  /** Some hop denies them in every world. */
  readonly denied: Region;
  /** Some hop denies them in some worlds only. */
  readonly open: Region;
  /** They cross no audited device, or one whose export lacks the direction or family. */
  readonly unjudged: Region;
  /** The part of `unjudged` that crosses no audited device. */
  readonly unseen: Region;
}

/** The first line of the table that holds, over the families of a flow together. */
export function verdictOf(parts: readonly Findings[]): Verdict {
  const some = (pick: (f: Findings) => Region): boolean => parts.some((f) => pick(f).length > 0);
  if (!some((f) => f.flow)) return 'unknown';
  if (parts.every((f) => subtractRegion(f.flow, f.denied).length === 0)) return 'blocked';
  if (some((f) => f.denied)) return 'partial';
  if (some((f) => f.unjudged)) return 'unknown';
  return some((f) => f.open) ? 'conditional' : 'permitted';
}

/** One verdict for several values of something unknown. */
export function verdictOver(verdicts: readonly Verdict[]): Verdict {
  const [first] = verdicts;
  if (first === undefined) return 'unknown';
  if (verdicts.every((verdict) => verdict === first)) return first;
  return verdicts.every((verdict) => verdict === 'blocked' || verdict === 'partial') ? 'partial' : 'conditional';
}

/**
 * Whether a requirement is satisfied. A prohibition is met only where everything is denied for sure; it is violated
 * as soon as something surely passes (`passes`).
 */
export function outcomeOf(expect: Expectation, verdict: Verdict, passes: boolean, needsReview: boolean): Outcome {
  if (needsReview) return 'open';
  if (expect === 'deny') return verdict === 'blocked' ? 'met' : passes ? 'not-met' : 'open';
  if (verdict === 'permitted') return 'met';
  return verdict === 'blocked' || verdict === 'partial' ? 'not-met' : 'open';
}
