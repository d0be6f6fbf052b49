/** What decides a rule and is neither in the packet header nor in the export. */
import type { Span } from '../source/span.js';

export const BY_DESIGN_KINDS = [
  'application',
  'program',
  'service',
  'user',
  'url-category',
  'schedule',
  'ipsec',
  'rate-limit',
] as const;
export const MISSING_KINDS = [
  'name',
  'list',
  'interface',
  'zone',
  'chain',
  'profile',
  'group-policy',
  'pushed-policy',
  'construct',
  'path',
  'export',
  'direction',
  'variant',
  'actor',
  'interpretation',
] as const;

export type ConditionKind = (typeof BY_DESIGN_KINDS)[number] | (typeof MISSING_KINDS)[number];
export type ConditionClass = 'by-design' | 'missing';

export const classOf = (kind: ConditionKind): ConditionClass =>
  (BY_DESIGN_KINDS as readonly string[]).includes(kind) ? 'by-design' : 'missing';

/** The closed list of assumptions of docs/architecture.md. */
export const ASSUMPTIONS = [
  'no-other-filter',
  'unseen-tables-empty',
  'marks-zero',
  'symmetric-routing',
  'unfiltered-export',
  'no-group-policy',
  'below-rate-limits',
  'rpfilter-passes',
  'netsh-unscoped',
  'edl-private',
  'builtin-defaults',
] as const;
export type AssumptionId = (typeof ASSUMPTIONS)[number];

/** Facts that a flow or a role can declare. `source_*` are the initiator's, the others the responder's or the flow's. */
export const FACTS = ['application', 'program', 'service', 'user', 'source_program', 'source_service', 'source_user'] as const;
export type FactName = (typeof FACTS)[number];

/**
 * A condition is one coin: conditions with the same `coin` are the same fact, on every rule and every hop.
 *
 * `effect: 'gate'`: the rule matches nothing while the condition is false (a program, an App-ID, an unread match).
 * `effect: 'extent'`: the condition is about how far the match reaches (an unresolved name among known addresses):
 * false gives `match.lo`, true gives `match.hi`.
 *
 * Without `values` the fact is yes or no. With `values` the fact has one value at a time and the condition is true
 * when that value is among them (App-ID in {ssl, web-browsing}); `negated` turns that round.
 */
export interface Condition {
  readonly kind: ConditionKind;
  /** In words of the vendor: `ssl`, `pfB_Top_v4`, `%SystemRoot%\System32\svchost.exe`. Shown to people. */
  readonly name: string;
  readonly coin: string;
  readonly effect: 'gate' | 'extent';
  readonly values?: readonly string[];
  /** `values` may hold more than is listed (a container that content updates extend): a declared value not among them stays open. */
  readonly openEnded?: boolean;
  readonly negated?: boolean;
  /** The declared fact that settles this condition. */
  readonly fact?: FactName;
  /** What holds while no fact of that name is declared (service hardening concerns only flows that name the service); absent: open. */
  readonly undeclared?: boolean;
  /** Settled to `value` while the assumption is on. `on` is this condition's default for it. */
  readonly assumption?: { readonly id: AssumptionId; readonly value: boolean; readonly on: boolean };
  /** What would settle it, as a sentence: which file, command or line of configuration. */
  readonly settledBy?: string;
  /** Where the export says so, when that is not the rule itself. */
  readonly span?: Span;
}
