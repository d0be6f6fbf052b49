/** Lines of a text with their offsets, and offsets back to line and column. */
export interface Line {
  /** Without its line end. */
  readonly text: string;
  /** Offset of the first character. */
  readonly start: number;
  /** One-based. */
  readonly number: number;
}

/** Splits at LF, CRLF, CR CR LF and lone CR is kept inside a line (it ends none in the formats read here). */
export function* lines(text: string): Generator<Line> {
  let start = 0;
  let number = 1;
  while (start <= text.length) {
    let end = text.indexOf('\n', start);
    const last = end < 0;
    if (last) end = text.length;
    if (last && start === text.length) return;
    let stop = end;
    while (stop > start && text.charCodeAt(stop - 1) === 13) stop--;
    yield { text: text.slice(start, stop), start, number };
    if (last) return;
    start = end + 1;
    number++;
  }
}

/** One-based line and column of an offset. Linear: for messages only. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}
