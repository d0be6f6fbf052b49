/** Rows of a flow table, to flows. */
import { type ColumnRole, headerText } from './columns.js';
import type { FlowDraft } from './ids.js';
import { collapse, quote, type TableRow } from './page.js';
import { parsePortCell } from './port-cell.js';
import { parseProtocolCell } from './protocol-cell.js';
import { type Ends, readAction, readDirection, readEnds, type TableContext, under } from './row-cells.js';
import { readServices } from './services.js';

export interface RowReading {
  readonly line: number;
  readonly flows: readonly FlowDraft[];
  /** Why the row gave no flow. */
  readonly refused?: string;
  readonly crossed: boolean;
  /** The port cell names the dynamic range: its numbers stand elsewhere on the page. */
  readonly dynamic: boolean;
}

/** Why a row cannot be read at all, or undefined. */
function refusal(context: TableContext, row: TableRow): string | undefined {
  const filled = row.cells.filter((cell) => collapse(cell.raw) !== '');
  if (filled.length === 0) return 'the row is empty';
  const stated = (['port', 'protocol', 'source', 'destination'] as const).filter(
    (role) => collapse(under(context, row, role)) !== '',
  );
  if (filled.length === 1 && context.table.header.length > 2)
    return `only one cell is filled (${quote(filled[0]?.raw ?? '')}): a heading, or the rest of a row broken over lines`;
  const ends = stated.includes('source') || stated.includes('destination');
  const service = stated.includes('port') || stated.includes('protocol');
  return ends && service ? undefined : `names no ${ends ? 'port or protocol' : 'end'}`;
}

const unknownCells = (context: TableContext, row: TableRow): readonly string[] =>
  context.roles.flatMap((role, i) => {
    const text = collapse(row.cells[i]?.raw ?? '');
    return role === 'unknown' && text !== '' ? [`column ${headerText(context.table, i)} is not understood: ${quote(text)}`] : [];
  });

/** Largest number of flows that the ends of one row may make. */
const MAX_PAIRS = 1000;
/** `(Optional - step 3) …`, `Optional: …`; a remark later in the text may be about a part of it only. */
const OPTIONAL_PURPOSE = /^(?:\(optional\b|optional\s*(?:[-–—:.,;]|$))/i;
const OPTIONAL_SERVICE = /\(optional\)$/i;

const refusedRow = (line: number, refused: string): RowReading => ({ line, flows: [], refused, crossed: false, dynamic: false });

/** What all flows of a row share. */
function sharedOf(context: TableContext, row: TableRow, doubts: readonly string[], notes: readonly string[]) {
  const text = (role: ColumnRole): string => collapse(under(context, row, role));
  const [service, purpose] = [text('service'), text('purpose')];
  return {
    page: context.page,
    line: row.line,
    serviceText: collapse(`${service} ${text('port')} ${text('protocol')}`),
    purpose: purpose === '' ? service : purpose,
    expect: readAction(text('action')).expect,
    optional: OPTIONAL_PURPOSE.test(purpose) || OPTIONAL_SERVICE.test(service),
    ...(doubts.length > 0 ? { needsReview: doubts.join('; ') } : {}),
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  };
}

/** One flow for each pair of ends, two where the row says both directions. */
function pairFlows(
  shared: Omit<FlowDraft, 'source' | 'destination'>,
  sources: Ends,
  destinations: Ends,
  both: boolean,
): FlowDraft[] {
  const flow = (from: string, to: string): FlowDraft => ({
    ...shared,
    source: { text: from, line: sources.line },
    destination: { text: to, line: destinations.line },
  });
  return sources.texts.flatMap((from) =>
    destinations.texts.flatMap((to) => (both && from !== to ? [flow(from, to), flow(to, from)] : [flow(from, to)])),
  );
}

/** Reads one row. What it cannot read of it becomes `needsReview`; a row without ends or service is refused. */
export function readRow(context: TableContext, row: TableRow): RowReading {
  const refused = refusal(context, row);
  if (refused !== undefined) return refusedRow(row.line, refused);
  const [sources, destinations] = [readEnds(context, row, 'source'), readEnds(context, row, 'destination')];
  const pairs = sources.texts.length * destinations.texts.length;
  if (pairs > MAX_PAIRS) return refusedRow(row.line, `its cells name ${pairs} pairs of ends, too many to be meant`);
  const ports = parsePortCell(under(context, row, 'port'));
  const protocol = parseProtocolCell(under(context, row, 'protocol'));
  const reading = readServices(ports, protocol, row.line, context.interpret.get(row.line));
  const direction = readDirection(context, row);
  const action = readAction(under(context, row, 'action'));
  const doubts = [
    ...reading.doubts,
    ...unknownCells(context, row),
    ...[direction.doubt, action.doubt].filter((doubt) => doubt !== undefined),
    ...(row.cells.length > context.roles.length ? ['the row has more cells than the table has columns'] : []),
    ...sources.doubts,
    ...destinations.doubts,
  ];
  const { local } = context;
  const notes = [
    ...reading.notes,
    ...(direction.both ? ['both directions, as the page says'] : []),
    ...(local ? [`${local.role} as line ${local.line} gives it`] : []),
  ];
  const shared = sharedOf(context, row, doubts, notes);
  const optional = shared.optional || ports.optional || protocol.optional;
  const flows = pairFlows({ ...shared, optional, services: reading.services }, sources, destinations, direction.both);
  return { line: row.line, flows, crossed: reading.crossed, dynamic: ports.dynamic };
}

const alsoReview = (reading: RowReading, doubt: string): RowReading => ({
  ...reading,
  flows: reading.flows.map((flow) => ({
    ...flow,
    needsReview: flow.needsReview === undefined ? doubt : `${flow.needsReview}; ${doubt}`,
  })),
});

/** A refused row with text in one cell only: a heading, or the rest of a row that line breaks tore apart. */
const isTorn = (reading: RowReading | undefined): boolean => reading?.refused?.startsWith('only one cell') ?? false;

/** The one filled cell of a torn row names ports: the row that follows may have lost them. */
function holdsPorts(row: TableRow | undefined): boolean {
  const cell = parsePortCell(row?.cells.find((one) => collapse(one.raw) !== '')?.raw ?? '');
  return cell.items.length > 0 || cell.dynamic;
}

/** Reads all rows. Rows beside a torn one may be incomplete: they are marked for review. */
export function readTableRows(context: TableContext): readonly RowReading[] {
  const { rows } = context.table;
  const readings = rows.map((row) => readRow(context, row));
  let last = -1;
  const out = [...readings];
  readings.forEach((reading, i) => {
    if (reading.flows.length > 0) last = i;
    const before = out[last];
    if (isTorn(reading) && before && !before.flows.some((flow) => flow.needsReview?.includes('may continue this row')))
      out[last] = alsoReview(before, `line ${reading.line} may continue this row, and could not be read with it`);
    const next = out[i + 1];
    if (isTorn(reading) && next && next.flows.length > 0 && holdsPorts(rows[i]))
      out[i + 1] = alsoReview(next, `line ${reading.line} may begin this row, and could not be read with it`);
  });
  return out;
}
