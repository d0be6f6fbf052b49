/** What an application needs, or must not have: one row of a page, with its actors. */
import type { Intervals } from '../sets/intervals.js';

export type Expectation = 'allow' | 'deny';

/** `ports` absent: all. For ICMP `ports` holds type * 256 + code. `sourcePorts` absent: unstated (1024-65535 for allow). */
export interface ServiceTerm {
  /** IP protocol numbers; empty: every protocol. */
  readonly protocols: readonly number[];
  readonly ports?: Intervals;
  readonly sourcePorts?: Intervals;
}

/** One end as the page writes it. */
export interface EndText {
  /** Text of the cell, trimmed. */
  readonly text: string;
  /** Line in the page (one-based). */
  readonly line: number;
}

/** A flow as a page states it, before actors are bound to addresses. */
export interface StatedFlow {
  /** Stable: made of page, ends, services and purpose, not of the line. Unique within one import. */
  readonly id: string;
  readonly page: string;
  /** One-based line of the row, bullet or entry. */
  readonly line: number;
  readonly source: EndText;
  readonly destination: EndText;
  readonly services: readonly ServiceTerm[];
  /** Service as the page writes it, for people: `389 636 TCP UDP`. */
  readonly serviceText: string;
  /** A name in place of a number, such as `dynamic RPC`, where the ports came from elsewhere on the page. */
  readonly symbolic?: string;
  readonly purpose: string;
  readonly expect: Expectation;
  readonly optional: boolean;
  readonly anyOf?: string;
  /** Which variant this row belongs to, for example `{ os: 'windows-2008+' }`; chosen by role or configuration. */
  readonly variant?: { readonly name: string; readonly value: string };
  /** Why a person must settle how the row is read; the row is judged and shown, but neither met nor a gap. */
  readonly needsReview?: string;
  /** `interpret` for this line settles all that `needsReview` names. Absent: only a statement of the flow elsewhere does. */
  readonly interpretable?: true;
  /** How the row was read where that is not plain from the row itself: which text elsewhere on the page gave a part of it. */
  readonly note?: string;
  /** Facts stated with the flow (YAML, CSV): application, program, ... */
  readonly facts?: Readonly<Record<string, string>>;
}

export interface Accounting {
  readonly tables: {
    readonly seen: number;
    readonly used: number;
    readonly refused: readonly { readonly line: number; readonly reason: string }[];
  };
  readonly rows: { readonly seen: number; readonly imported: number; readonly review: number; readonly refused: number };
}
