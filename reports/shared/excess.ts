/** What is open that nobody required: surely and possibly apart, riskiest and widest first. */
import type { ExcessFinding } from '../../src/model/result.js';

const ECHOES = new Set(['icmp', 'icmpv6']);

/** Lets nothing through but ICMP: wide by the number of addresses, yet no service is reached. */
export const onlyIcmp = (finding: ExcessFinding): boolean =>
  [...finding.sure, ...finding.possible].every((box) =>
    (box.protocol ?? 'any').split(', ').every((protocol) => ECHOES.has(protocol)),
  );

const rank = (finding: ExcessFinding): number => (onlyIcmp(finding) ? 2 : finding.risky.length > 0 ? 0 : 1);

const before = (a: ExcessFinding, b: ExcessFinding): number => rank(a) - rank(b) || b.width - a.width;

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

const SERVICES = 4;

/** Risky services in few words: a rule that opens everything opens them all. */
export const riskyInShort = (risky: readonly string[]): readonly string[] =>
  risky.length <= SERVICES ? risky : [`${risky.length} risky services`];
