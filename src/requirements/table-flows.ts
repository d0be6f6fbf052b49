/** Rows of a flow table, to flows. */
import { PROTOCOL } from '../model/match.js';
import { contains } from '../sets/intervals.js';
import { type ColumnRole, headerText } from './columns.js';
import type { FlowDraft } from './ids.js';
import { collapse, quote, type TableRow } from './page.js';
import { type PortCell, parsePortCell } from './port-cell.js';
import { type ProtocolCell, parseProtocolCell } from './protocol-cell.js';
import { readPurpose } from './purpose.js';
import {
  type Ends,
  type PlainCell,
  plainCell,
  readAction,
  readDirection,
  readEnds,
  type TableContext,
  under,
} from './row-cells.js';
import { readServices, type ServiceReading } from './services.js';

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
  // A URL names its port itself.
  const service = stated.includes('port') || stated.includes('protocol') || under(context, row, 'destination').includes('://');
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
  const [service, whole] = [text('service'), text('purpose')];
  const purpose = readPurpose(under(context, row, 'purpose'));
  const said = [...notes, ...(purpose.rest === '' ? [] : [`the purpose goes on: ${quote(purpose.rest, 400)}`])];
  return {
    page: context.page,
    line: row.line,
    serviceText: collapse(`${service} ${text('port')} ${text('protocol')}`),
    purpose: whole === '' ? service : purpose.text,
    ...(purpose.rest === '' ? {} : { wholePurpose: whole }),
    expect: readAction(text('action')).expect,
    optional: OPTIONAL_PURPOSE.test(whole) || OPTIONAL_SERVICE.test(service),
    ...(doubts.length > 0 ? { needsReview: doubts.join('; ') } : {}),
    ...(said.length > 0 ? { note: said.join('; ') } : {}),
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

interface ServiceCells extends Omit<PlainCell, 'raw'> {
  readonly ports: PortCell;
  readonly protocol: ProtocolCell;
}

/** The cells of port and protocol; where they state no port, that of the URLs in the destination cell. */
function readServiceCells(context: TableContext, row: TableRow, destinations: Ends): ServiceCells {
  const [portCell, protocolCell] = [plainCell(context, row, 'port'), plainCell(context, row, 'protocol')];
  const protocol = parseProtocolCell(protocolCell.raw);
  const doubts = [...portCell.doubts, ...protocolCell.doubts];
  const notes = [...portCell.notes, ...protocolCell.notes];
  const ports = parsePortCell(portCell.raw);
  const [named] = destinations.ports;
  const same = destinations.ports.every((port) => port?.value === named?.value);
  const unstated = collapse(portCell.raw) === '' && portCell.doubts.length === 0;
  if (!unstated || named === undefined || !same) return { ports, protocol, doubts, notes };
  const protocols = protocol.protocols.length > 0 ? {} : { protocols: [PROTOCOL.tcp] };
  const item = { first: named.value, last: named.value, ...protocols };
  return {
    ports: { ...ports, items: [item] },
    protocol,
    doubts,
    notes: [...notes, `port ${named.value} as the destination gives it`],
  };
}

/** Ports that ends name and the row does not. */
function strangePorts(sources: Ends, destinations: Ends, { services }: ServiceReading): readonly string[] {
  const open = (port: number): boolean =>
    services.some((term) => term.protocols.length === 0 || term.ports === undefined || contains(term.ports, port));
  const stated = (ends: Ends): readonly number[] => ends.ports.flatMap((port) => (port?.stated ? [port.value] : []));
  return [
    ...stated(sources).map((port) => `the source names port ${port}; a source has no port of its own`),
    ...stated(destinations)
      .filter((port) => !open(port))
      .map((port) => `the destination names port ${port}, the row does not`),
  ];
}

/** Reads one row. What it cannot read of it becomes `needsReview`; a row without ends or service is refused. */
export function readRow(context: TableContext, row: TableRow): RowReading {
  const refused = refusal(context, row);
  if (refused !== undefined) return refusedRow(row.line, refused);
  const [sources, destinations] = [readEnds(context, row, 'source'), readEnds(context, row, 'destination')];
  const pairs = sources.texts.length * destinations.texts.length;
  if (pairs > MAX_PAIRS) return refusedRow(row.line, `its cells name ${pairs} pairs of ends, too many to be meant`);
  const cells = readServiceCells(context, row, destinations);
  const reading = readServices(cells.ports, cells.protocol, row.line, context.interpret.get(row.line));
  const direction = readDirection(context, row);
  const action = readAction(under(context, row, 'action'));
  const doubts = [
    ...reading.doubts,
    ...cells.doubts,
    ...unknownCells(context, row),
    ...[direction.doubt, action.doubt].filter((doubt) => doubt !== undefined),
    ...(row.cells.length > context.roles.length ? ['the row has more cells than the table has columns'] : []),
    ...sources.doubts,
    ...destinations.doubts,
    ...strangePorts(sources, destinations, reading),
  ];
  const { local } = context;
  const notes = [
    ...reading.notes,
    ...cells.notes,
    ...(direction.both ? ['both directions, as the page says'] : []),
    ...(local ? [`${local.role} as line ${local.line} gives it`] : []),
    ...sources.notes,
    ...destinations.notes,
  ];
  const shared = sharedOf(context, row, doubts, notes);
  const optional = shared.optional || cells.ports.optional || cells.protocol.optional;
  const interpretable = reading.interpretable && doubts.length === 1 ? { interpretable: true as const } : {};
  const flows = pairFlows(
    { ...shared, optional, ...interpretable, services: reading.services },
    sources,
    destinations,
    direction.both,
  );
  return { line: row.line, flows, crossed: reading.crossed, dynamic: cells.ports.dynamic };
}

const alsoReview = (reading: RowReading, doubt: string): RowReading => ({
  ...reading,
  flows: reading.flows.map(({ interpretable: _interpretable, ...flow }) => ({
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
