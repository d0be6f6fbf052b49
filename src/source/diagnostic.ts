/** What was noticed while reading: never silent, always with a place and, where it helps, what to do. */
export type Severity = 'error' | 'warning' | 'info';

export interface Diagnostic {
  readonly severity: Severity;
  /** Stable kebab-case code, documented in docs/diagnostics.md. */
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  /** One-based. */
  readonly line?: number;
  readonly column?: number;
}

/**
 * Input that gives no trustworthy answer: the command line ends with exit code 2 and prints
 * `file:line:column: message`, then the hint (what to do).
 */
export interface Place {
  readonly file?: string;
  /** One-based. */
  readonly line?: number;
  readonly column?: number;
  /** What to do about it, as a sentence. */
  readonly hint?: string;
}

export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly place: Place;
  constructor(message: string, place: Place = {}) {
    super(message);
    this.place = place;
  }
}
