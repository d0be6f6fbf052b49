/** Requirements as CSV: a header with known names, one flow a line. */
import { CsvError, parse } from 'csv-parse/sync';
import { RefusedError } from '../source/diagnostic.js';
import { collapse, quote } from './page.js';
import { type Field, isRecordKey, RECORD_KEYS, type RecordKey, type RequirementRecord } from './record.js';

const EXPECTED = `The header names some of ${RECORD_KEYS.join(', ')}; source, destination and protocol must be there.`;
const REQUIRED: readonly RecordKey[] = ['source', 'destination', 'protocol'];
/** Keys whose values may be lists, joined by `;`. */
const LISTS: readonly RecordKey[] = ['source', 'destination', 'protocol', 'port', 'source_port', 'icmp'];

const normal = (cell: string): string => collapse(cell).toLowerCase().replace(/[ -]/g, '_');

/** The separator that makes most known names of the first line. */
function delimiterOf(text: string): string {
  const first = /^[^\r\n]{0,4000}/.exec(text)?.[0] ?? '';
  const known = (delimiter: string): number =>
    first.split(delimiter).filter((cell) => isRecordKey(normal(cell.replace(/"/g, '')))).length;
  return [',', ';', '\t'].reduce((best, one) => (known(one) > known(best) ? one : best));
}

interface RawRow {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function rawRows(file: string, text: string): readonly RawRow[] {
  try {
    return parse(text, {
      bom: true,
      info: true,
      delimiter: delimiterOf(text),
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      max_record_size: 100_000,
    }) as unknown as readonly RawRow[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as { readonly lines?: unknown };
    const line = typeof lines === 'number' ? lines : 1;
    throw new RefusedError(`not readable as CSV: ${error.message}`, {
      file,
      line,
      hint: 'Quote cells that hold a quotation mark or the separator.',
    });
  }
}

function headerKeys(file: string, header: RawRow): readonly RecordKey[] {
  const keys = header.record.map((cell) => {
    const key = normal(cell);
    if (!isRecordKey(key))
      throw new RefusedError(`unknown column ${quote(cell)}`, { file, line: header.info.lines, hint: EXPECTED });
    return key;
  });
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice) throw new RefusedError(`two columns are named ${twice}`, { file, line: header.info.lines, hint: EXPECTED });
  const missing = REQUIRED.filter((key) => !keys.includes(key));
  if (missing.length > 0)
    throw new RefusedError(`no column ${missing.join(', ')}`, { file, line: header.info.lines, hint: EXPECTED });
  return keys;
}

/**
 * Reads all records; `line` is the first line of each.
 * @throws RefusedError for unknown or missing columns and for lines with too many or too few cells.
 */
export function readCsv(file: string, text: string): readonly RequirementRecord[] {
  const [header, ...rows] = rawRows(file, text);
  if (!header) throw new RefusedError('the file is empty', { file, line: 1, hint: EXPECTED });
  const keys = headerKeys(file, header);
  return rows.map(({ record, info }) => {
    // csv-parse gives the last line of a record; line breaks inside quoted cells stand before it.
    const line = info.lines - record.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
    if (record.length !== keys.length)
      throw new RefusedError(`the line has ${record.length} cells, the header ${keys.length}`, {
        file,
        line,
        hint: 'Leave cells empty, do not leave them out; quote cells that hold the separator.',
      });
    const fields = new Map<RecordKey, Field>();
    keys.forEach((key, i) => {
      const cell = record[i] ?? '';
      const values = (LISTS.includes(key) ? cell.split(';') : [cell]).map(collapse).filter((value) => value !== '');
      if (values.length > 0) fields.set(key, { values, line, column: 1 });
    });
    return { line, column: 1, fields };
  });
}
