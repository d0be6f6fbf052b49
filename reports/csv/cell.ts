/** RFC 4180 cells that a spreadsheet shows as text and never runs. */
import { visibleText } from '../shared/visible.js';

export type Value = string | number | boolean | null | readonly string[];

/** Characters that make a spreadsheet read a cell as a formula, the full-width forms of East Asian locales included. */
const FORMULA = /^[=+\-@\t\r\n\uFF0B\uFF0D\uFF1D\uFF20]/;

const textOf = (value: Value): string => {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value;
  return value.map((item) => item.replaceAll('; ', '\\; ')).join('; ');
};

/** One cell: invisible characters as codes, formulas defused with a leading apostrophe, quoted where needed. */
export const cell = (value: Value): string => {
  const text = visibleText(textOf(value));
  const safe = typeof value !== 'number' && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export interface Column<Row> {
  readonly name: string;
  value(row: Row): Value;
}

/** The whole file: a line of names, a line each row, every line ended with CR LF. */
export const table = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string =>
  [columns.map((column) => column.name), ...rows.map((row) => columns.map((column) => cell(column.value(row))))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');
