/** The result of one audit: all that reports may see. Plain data, JSON-safe, deterministic order. */
import type { AssumptionId } from './condition.js';
import type { Expectation } from './requirement.js';
import type { DecidingRule, FlowVerdict, Outcome, PacketBox, Verdict } from './verdict.js';

export interface AuditInput {
  readonly file: string;
  readonly sha256: string;
  /** Form of the export or page: `iptables-save`, `markdown-page`. */
  readonly parser: string;
  /** Device the export belongs to; null for requirement pages. */
  readonly device: string | null;
  readonly rules: number;
  /** False when the file could not be read whole. */
  readonly complete: boolean;
}

export interface DeviceVerdict extends FlowVerdict {
  readonly device: string;
}

/** The rule as the vendor wrote it, for evidence. Keyed by `file:line` in AuditResult.ruleTexts. */
export interface RuleText {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface RequirementResult extends FlowVerdict {
  readonly id: string;
  readonly page: string;
  readonly line: number;
  readonly purpose: string;
  /** Further purposes of rows that demand the same packets; checked once. */
  readonly alsoFor: readonly string[];
  readonly source: string;
  readonly destination: string;
  /** As people read it: `tcp 389, 636`. */
  readonly services: string;
  readonly expect: Expectation;
  readonly optional: boolean;
  readonly anyOf: string | null;
  readonly variant: string | null;
  readonly needsReview: string | null;
  readonly outcome: Outcome;
  /** Why in one or two plain sentences, with the deciding rule; what a change board reads. */
  readonly explanation: string;
  /** What to do next, when something is to be done. */
  readonly fix: string | null;
  /** Command that tries the flow live, or null. */
  readonly tryIt: string | null;
  readonly devices: readonly DeviceVerdict[];
  readonly waiver: {
    readonly reason: string;
    readonly owner: string;
    readonly ticket: string | null;
    readonly expires: string;
  } | null;
}

/** One rule that accepts more than any requirement asks for. */
export interface ExcessFinding {
  readonly device: string;
  readonly rule: DecidingRule;
  /** Surely accepted, required by nobody. */
  readonly sure: readonly PacketBox[];
  /** Accepted if open conditions turn out so. */
  readonly possible: readonly PacketBox[];
  /** How wide, for ranking: number of addresses x ports, capped; larger is wider. */
  readonly width: number;
  readonly risky: readonly string[];
}

export interface Finding {
  readonly code: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly device: string;
  readonly rule: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly message: string;
}

export interface ResultDiagnostic {
  readonly severity: 'error' | 'warning' | 'info';
  readonly code: string;
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

export type FailReason = 'blocked' | 'partial' | 'reachable' | 'conditional' | 'unknown' | 'critical';

export interface AuditSummary {
  readonly title: string;
  readonly requirements: number;
  readonly met: number;
  readonly notMet: number;
  readonly open: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Requirements met only by a default policy. */
  readonly metByDefault: number;
  readonly devices: readonly {
    readonly name: string;
    readonly vendor: string;
    readonly kind: 'host' | 'network';
    readonly rules: number;
  }[];
  /** Actors that no device audits. */
  readonly unauditedActors: readonly string[];
  readonly unboundActors: readonly string[];
  /** True when an export could not be read: the report is stamped INCOMPLETE. */
  readonly incomplete: boolean;
  /** What a gate fails on, in the order of FailReason; empty: passes. */
  readonly failing: readonly { readonly reason: FailReason; readonly count: number }[];
  /** The exit code a gate returns (0, 1 or 2). */
  readonly gateExit: 0 | 1 | 2;
  /** Assumptions that the whole report rests on; those of one flow stand with it. */
  readonly assumptions: readonly AssumptionId[];
}

export interface AuditResult {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: 'flowgap'; readonly version: string };
  /** ISO date that expiry and schedules are judged at. */
  readonly asOf: string;
  readonly inputs: readonly AuditInput[];
  readonly summary: AuditSummary;
  readonly requirements: readonly RequirementResult[];
  readonly excess: readonly ExcessFinding[];
  readonly findings: readonly Finding[];
  readonly ruleTexts: readonly RuleText[];
  /** How the requirement pages were accounted for, a line each. */
  readonly accounting: readonly {
    readonly page: string;
    readonly tablesSeen: number;
    readonly tablesUsed: number;
    readonly tablesRefused: readonly { readonly line: number; readonly reason: string }[];
    readonly rowsSeen: number;
    readonly rowsImported: number;
    readonly rowsReview: number;
    readonly rowsRefused: number;
  }[];
  readonly diagnostics: readonly ResultDiagnostic[];
}
