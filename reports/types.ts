/** The contract of a report: one module (or folder) under reports/, one line in registry.ts. */
import type { AuditResult } from '../src/model/result.js';

export interface ReportOptions {
  /** Columns of the terminal; undefined when not one. */
  readonly width?: number;
  readonly colour: boolean;
  /** Files written beside this one, to be mentioned at the end. */
  readonly written: readonly string[];
}

export interface Report {
  /** Name on the command line. */
  readonly id: string;
  readonly title: string;
  readonly extension: string;
  /** A further file that goes with the main one: suffix before the extension and its content (the excess CSV). */
  readonly companions?: readonly { readonly suffix: string; render(result: AuditResult, options: ReportOptions): string }[];
  /** Pure: the same result gives the same bytes. */
  render(result: AuditResult, options: ReportOptions): string;
}
