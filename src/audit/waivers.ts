/** Gaps that somebody answers for until a date. */
import type { RequirementResult } from '../model/result.js';
import type { PacketBox } from '../model/verdict.js';
import type { Diagnostic } from '../source/diagnostic.js';
import type { WaiverConfig } from './config.js';

/** Exact boxes, not packets: a waiver lists them as the report does. Nothing covers a gap that has no boxes. */
function holdsAll(stated: readonly object[], gap: readonly PacketBox[]): boolean {
  const text = (box: object): string =>
    JSON.stringify(
      Object.entries(box)
        .map(([key, value]) => [key, String(value)])
        .sort(),
    );
  const mine = new Set(stated.map(text));
  return gap.length > 0 && gap.every((box) => mine.has(text(box)));
}

/** What a waiver answers for: packets surely denied (surely let through, of a prohibition), and those whose fate is open. */
function gapOf({ expect, missing, open, conditions }: RequirementResult): readonly PacketBox[] {
  return [...(expect === 'deny' ? open : missing), ...conditions.flatMap(({ holds }) => holds)];
}

/** A waiver fits when it names the requirement, its device is the one that denies, and the gap has not grown beyond its packets. */
function fits(waiver: WaiverConfig, requirement: RequirementResult): boolean {
  if (waiver.id !== requirement.id) return false;
  if (
    waiver.device !== undefined &&
    !requirement.decidedBy.every((rule) => rule.action === 'accept' || rule.device === waiver.device)
  )
    return false;
  return waiver.packets === undefined || holdsAll(waiver.packets, gapOf(requirement));
}

/** Two pages of one file name give their rows the same ids: who answers for a gap of one has not seen the other's. */
function sharedIds(requirements: readonly RequirementResult[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { id } of requirements) (seen.has(id) ? shared : seen).add(id);
  return shared;
}

function whyUnused(waiver: WaiverConfig, asOf: string, ambiguous: ReadonlySet<string>): Pick<Diagnostic, 'code' | 'message'> {
  if (waiver.expires < asOf)
    return { code: 'waiver-expired', message: `the waiver for ${waiver.id} expired on ${waiver.expires}` };
  if (ambiguous.has(waiver.id))
    return {
      code: 'waiver-ambiguous',
      message: `the waiver for ${waiver.id} covers nothing: several requirements have that id; give their pages different file names`,
    };
  return {
    code: 'waiver-unused',
    message: `the waiver for ${waiver.id} fits no gap: the id is unknown, the requirement is met, or the gap has changed`,
  };
}

export function applyWaivers(
  requirements: readonly RequirementResult[],
  waivers: readonly WaiverConfig[],
  asOf: string,
  file: string,
  placeOf: (index: number) => { readonly line: number; readonly column: number },
): { requirements: readonly RequirementResult[]; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const used = new Set<WaiverConfig>();
  const ambiguous = sharedIds(requirements);
  const out = requirements.map((requirement) => {
    // Nobody can answer for a gap that nobody has seen.
    if (requirement.outcome === 'met' || requirement.verdict === 'unknown') return requirement;
    const waiver = ambiguous.has(requirement.id)
      ? undefined
      : waivers.find((one) => one.expires >= asOf && fits(one, requirement));
    if (!waiver) return requirement;
    used.add(waiver);
    return {
      ...requirement,
      waiver: { reason: waiver.reason, owner: waiver.owner, ticket: waiver.ticket ?? null, expires: waiver.expires },
    };
  });
  waivers.forEach((waiver, index) => {
    if (used.has(waiver)) {
      if (waiver.packets === undefined)
        diagnostics.push({
          severity: 'warning',
          code: 'waiver-unpinned',
          message: `the waiver for ${waiver.id} pins no packets, so it does not lapse when the gap grows; add packets: with the boxes that the JSON report lists as missing`,
          file,
          ...placeOf(index),
        });
      return;
    }
    diagnostics.push({ severity: 'warning', ...whyUnused(waiver, asOf, ambiguous), file, ...placeOf(index) });
  });
  return { requirements: out, diagnostics };
}
