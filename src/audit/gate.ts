/** What a pipeline is told: 0, 1 or 2, and why. */
import type { AuditSummary, FailReason, Finding, RequirementResult } from '../model/result.js';
import { FAIL_REASONS } from './config.js';

/** Why a requirement would fail a gate; undefined when it is met, optional or waived. */
export function failReason(requirement: RequirementResult): FailReason | undefined {
  if (requirement.outcome === 'met' || requirement.optional || requirement.waiver) return undefined;
  if (requirement.expect === 'deny')
    return requirement.outcome === 'not-met' ? 'reachable' : requirement.verdict === 'unknown' ? 'unknown' : 'conditional';
  if (requirement.outcome === 'not-met') return requirement.verdict === 'partial' ? 'partial' : 'blocked';
  return requirement.verdict === 'unknown' || requirement.verdict === 'not-applicable' ? 'unknown' : 'conditional';
}

const RANK: Readonly<Record<RequirementResult['outcome'], number>> = { met: 0, open: 1, 'not-met': 2 };

/** Members of an any-of group gate once, by the best of them. */
function gated(requirements: readonly RequirementResult[]): readonly RequirementResult[] {
  const groups = new Map<string, RequirementResult>();
  const out: RequirementResult[] = [];
  for (const one of requirements) {
    if (one.anyOf === null) {
      out.push(one);
      continue;
    }
    const key = `${one.page}\u0000${one.anyOf}`;
    const best = groups.get(key);
    const better = !best || RANK[one.outcome] < RANK[best.outcome] ? one : best;
    // A group is optional only when all its members are.
    groups.set(key, { ...better, optional: one.optional && (best?.optional ?? true) });
  }
  return [...out, ...groups.values()];
}

export function gateOf(
  requirements: readonly RequirementResult[],
  findings: readonly Finding[],
  incomplete: boolean,
  failOn: ReadonlySet<FailReason>,
): Pick<AuditSummary, 'failing' | 'gateExit'> {
  const counts = new Map<FailReason, number>();
  const add = (reason: FailReason): void => void counts.set(reason, (counts.get(reason) ?? 0) + 1);
  for (const requirement of gated(requirements)) {
    const reason = failReason(requirement);
    if (reason && failOn.has(reason)) add(reason);
  }
  for (const finding of findings) if (finding.severity === 'critical' && failOn.has('critical')) add('critical');
  const failing = FAIL_REASONS.flatMap((reason) => {
    const count = counts.get(reason);
    return count ? [{ reason, count }] : [];
  });
  return { failing, gateExit: incomplete ? 2 : failing.length > 0 ? 1 : 0 };
}
