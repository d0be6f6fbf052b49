/** What is open that nobody required: surely and possibly apart, riskiest and widest first. */
import type { ExcessFinding } from '../../src/model/result.js';

const before = (a: ExcessFinding, b: ExcessFinding): number =>
  Number(b.risky.length > 0) - Number(a.risky.length > 0) || b.width - a.width;

/** A rule with both sure and possible boxes stands in both lists. */
export const excessInOrder = (
  excess: readonly ExcessFinding[],
): { readonly sure: readonly ExcessFinding[]; readonly possible: readonly ExcessFinding[] } => {
  const ranked = [...excess].sort(before);
  return {
    sure: ranked.filter((finding) => finding.sure.length > 0),
    possible: ranked.filter((finding) => finding.possible.length > 0),
  };
};
