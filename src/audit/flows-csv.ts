/** FLOWS.csv of `check`: any subset of the columns with the first five. */
import { CsvError, parse } from 'csv-parse/sync';
import { FACTS, type FactName } from '../model/condition.js';
import { DIRECTIONS } from '../model/firewall.js';
import { RefusedError } from '../source/diagnostic.js';
import type { Source } from '../source/span.js';
import { type FlowSpec, parseAddresses, parseServices } from './flow-text.js';

const REQUIRED = ['id', 'source', 'destination', 'protocol', 'port'] as const;
const OPTIONAL = ['source_port', 'icmp', 'direction', 'in_interface', 'out_interface', ...FACTS] as const;
const COLUMNS: readonly string[] = [...REQUIRED, ...OPTIONAL];

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function rowsOf(source: Source): Row[] {
  try {
    return parse(source.text, { bom: true, info: true, skip_empty_lines: true, trim: true }) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : undefined;
    throw new RefusedError(`this is not valid CSV: ${error.message}`, {
      file: source.name,
      ...(line === undefined ? {} : { line }),
      hint: `Expected a header row with ${REQUIRED.join(',')} and rows of as many cells.`,
    });
  }
}

/** @throws RefusedError with line for a header, a cell or a row that is not understood. */
export function readFlows(source: Source): readonly FlowSpec[] {
  const [header, ...rows] = rowsOf(source);
  const names = (header?.record ?? []).map((name) => name.toLowerCase());
  const unknown = names.filter((name) => !COLUMNS.includes(name));
  const lacking = REQUIRED.filter((name) => !names.includes(name));
  if (unknown.length > 0 || lacking.length > 0 || new Set(names).size !== names.length) {
    const what = unknown.length
      ? `unknown column ${unknown.map((n) => `"${n}"`).join(', ')}`
      : lacking.length
        ? `missing column ${lacking.join(', ')}`
        : 'a column stands twice';
    throw new RefusedError(`the header is not understood: ${what}`, {
      file: source.name,
      line: 1,
      column: 1,
      hint: `Columns: ${COLUMNS.join(', ')}.`,
    });
  }
  return rows.map(({ record, info }, i) => {
    const place = { file: source.name, line: info.lines };
    const cell = (name: string): string => record[names.indexOf(name)] ?? '';
    const given = (name: string): string => (names.includes(name) ? cell(name) : '');
    const direction = given('direction');
    const found = DIRECTIONS.find((one) => one === direction);
    if (direction !== '' && !found)
      throw new RefusedError(`the direction "${direction}" is not understood`, {
        ...place,
        hint: 'Expected in, out, forward or nothing.',
      });
    const facts = new Map<FactName, string>(FACTS.flatMap((fact) => (given(fact) === '' ? [] : [[fact, given(fact)] as const])));
    return {
      id: cell('id') || String(i + 1),
      text: `${cell('protocol')} ${cell('source')} -> ${cell('destination')}${cell('port') ? `:${cell('port')}` : ''}`,
      source: parseAddresses(cell('source'), 'the source', place),
      destination: parseAddresses(cell('destination'), 'the destination', place),
      services: parseServices(
        { protocol: cell('protocol'), port: cell('port'), sourcePort: given('source_port'), icmp: given('icmp') },
        place,
      ),
      ...(found ? { direction: found } : {}),
      ...(given('in_interface') ? { in: given('in_interface') } : {}),
      ...(given('out_interface') ? { out: given('out_interface') } : {}),
      facts,
    };
  });
}
