/** RFC 4180 text to rows with offsets (spans of the export need them). One pass, no regular expressions. */
export interface CsvRow {
  readonly cells: readonly string[];
  readonly start: number;
  readonly end: number;
  /** One-based line of the first character. */
  readonly line: number;
}

export interface CsvText {
  readonly rows: readonly CsvRow[];
  /** Line of a quote that is never closed. */
  readonly openQuote?: number;
}

const QUOTE = 34;
const CR = 13;
const LF = 10;

/** @param from offset of the first row, at the start of line `line`. Blank lines are left out. */
export function readCsv(text: string, delimiter: string, from = 0, line = 1): CsvText {
  const separator = delimiter.charCodeAt(0);
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let at = from;
  let start = from;
  let startLine = line;
  let now = line;
  const finish = (end: number): void => {
    if (cells.length > 1 || (cells[0] ?? '').trim() !== '') rows.push({ cells, start, end, line: startLine });
    cells = [];
  };
  while (at < text.length) {
    if (cells.length === 0) {
      start = at;
      startLine = now;
    }
    let cell = '';
    if (text.charCodeAt(at) === QUOTE) {
      let from = ++at;
      for (;;) {
        const close = text.indexOf('"', at);
        if (close < 0) return { rows, openQuote: startLine };
        if (text.charCodeAt(close + 1) !== QUOTE) {
          cell += text.slice(from, close);
          at = close + 1;
          break;
        }
        cell += text.slice(from, close + 1);
        at = close + 2;
        from = at;
      }
      for (let i = cell.indexOf('\n'); i >= 0; i = cell.indexOf('\n', i + 1)) now++;
    }
    const plain = at;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === separator || code === LF) break;
      at++;
    }
    const ended = at >= text.length || text.charCodeAt(at) === LF;
    let stop = at;
    if (ended) while (stop > plain && text.charCodeAt(stop - 1) === CR) stop--;
    cells.push(cell + text.slice(plain, stop));
    if (ended) {
      finish(stop);
      now++;
    } else if (at + 1 >= text.length) {
      cells.push('');
      finish(at + 1);
    }
    at++;
  }
  if (cells.length > 0) finish(text.length);
  return { rows };
}

/** The delimiter that stands most often outside quotes in the heading line. */
export function delimiterOf(header: string): string {
  const counts = new Map<string, number>([
    [',', 0],
    [';', 0],
    ['\t', 0],
  ]);
  let quoted = false;
  for (const character of header) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}
