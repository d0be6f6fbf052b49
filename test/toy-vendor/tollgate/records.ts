/** What a Tollgate export says, as it says it: every line is a record, and every record keeps its place. */
import type { Span } from '../../../src/source/span.js';

export interface SideRecord {
  readonly kind: 'side';
  readonly name: string;
  readonly network: string;
  readonly span: Span;
}

export interface RuleRecord {
  readonly kind: 'rule';
  readonly action: 'permit' | 'deny';
  /** `tcp`, `udp` or `any`. */
  readonly protocol: string;
  readonly source: string;
  readonly destination: string;
  /** A number, or `*`. */
  readonly port: string;
  /** Name of a time table, where the rule holds only at times. */
  readonly during?: string;
  readonly span: Span;
}

export interface DefaultRecord {
  readonly kind: 'default';
  readonly action: 'permit' | 'deny';
  readonly span: Span;
}

/** A line that is not understood: kept in its place among the rules, for it may be one. */
export interface UnreadRecord {
  readonly kind: 'unread';
  readonly text: string;
  readonly span: Span;
}

export type TollgateRecord = SideRecord | RuleRecord | DefaultRecord | UnreadRecord;
