/** What was noticed while converting; filled by every part of the conversion, in order. */
import type { Diagnostic, Severity } from '../../src/source/diagnostic.js';
import type { Span } from '../../src/source/span.js';

export class Notes {
  readonly #list: Diagnostic[] = [];
  readonly #seen = new Set<string>();

  /** The same remark about the same line is made once. */
  add(severity: Severity, code: string, message: string, span?: Span): void {
    const key = `${code}\n${message}\n${span?.start ?? ''}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#list.push({ severity, code, message, ...(span ? { file: span.file, line: span.line } : {}) });
  }

  get list(): readonly Diagnostic[] {
    return this.#list;
  }
}
