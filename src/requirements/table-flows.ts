/** Rows of a flow table, to flows. */
import type { Expectation } from '../model/requirement.js';
import { parseAddressSet } from '../sets/ip.js';
import { type ColumnRole, headerText } from './columns.js';
import type { FlowDraft } from './ids.js';
import type { LocalEnd } from './local-end.js';
import { collapse, quote, type TableBlock, type TableRow } from './page.js';
import { parsePortCell } from './port-cell.js';
import { parseProtocolCell } from './protocol-cell.js';
import { type Reading, readServices } from './services.js';

export interface RowReading {
  readonly line: number;
  readonly flows: readonly FlowDraft[];
  /** Why the row gave no flow. */
  readonly refused?: string;
  readonly crossed: boolean;
  /** The port cell names the dynamic range: its numbers stand elsewhere on the page. */
  readonly dynamic: boolean;
}

export interface TableContext {
  readonly page: string;
  readonly table: TableBlock;
  readonly roles: readonly ColumnRole[];
  readonly interpret: ReadonlyMap<number, Reading>;
  /** The end that the headings give for every row. */
  readonly local?: LocalEnd;
}

/** What the row holds under a role, parts joined; runs of blanks are kept. */
function under(context: TableContext, row: TableRow, role: ColumnRole): string {
  const parts = context.roles.flatMap((other, i) => (other === role ? [row.cells[i]?.raw ?? ''] : []));
  return parts.filter((part) => collapse(part) !== '').join(role === 'purpose' ? '. ' : '  ');
}

/** Ends of a cell: one, or one a line where the page breaks the lines or lists them; a list of addresses is several. */
function endsOf(context: TableContext, row: TableRow, role: LocalEnd['role']): readonly string[] {
  if (context.local?.role === role) return [context.local.text];
  const parts = under(context, row, role).split('\n').map(collapse);
  const ends = parts
    .filter((part) => part !== '' && !isReference(part))
    .flatMap((part) => {
      const list = part.split(/[,;]/).map(collapse);
      return list.every((one) => parseAddressSet(one) !== undefined) ? list : [part];
    });
  return ends.length > 0 ? [...new Set(ends)] : ['(not stated)'];
}

/** `See Local traffic` beside an end names no end. */
const isReference = (text: string): boolean => /^see\s/i.test(text);
const ITSELF = /\bitself\b|^self$/i;

/** What is doubtful about the ends of a row. */
function endDoubts(context: TableContext, row: TableRow, role: LocalEnd['role'], ends: readonly string[]): readonly string[] {
  if (context.local?.role === role) return [];
  const references = under(context, row, role).split('\n').map(collapse).filter(isReference);
  return [
    ...(ends[0] === '(not stated)' ? [`the ${role} is not stated`] : []),
    ...references.map((text) => `${quote(text)} in the ${role} cell is not understood`),
    ...ends.filter((end) => ITSELF.test(end)).map((end) => `${quote(end)} may be traffic of a host with itself`),
  ];
}

type Direction = 'forward' | 'both' | { readonly doubt: string };
const FORWARD = /^(?:|-|→|➔|⇒|-+>|=+>|to|one[- ]way|unidirectional|in|out|inbound|outbound|incoming|outgoing|ingress|egress)$/;
const BOTH =
  /^(?:↔|⇔|<-+>|<=+>|both|both ways|two[- ]way|bi-?directional|inbound (?:and|\/|&) outbound|in\/out|inbound\/outbound)$/;

/** With both ends in columns of their own the direction adds nothing, unless it says both ways or contradicts them. */
function readDirection(raw: string): Direction {
  const text = collapse(raw).toLowerCase().replace(/[–—]/g, '-');
  if (FORWARD.test(text)) return 'forward';
  return BOTH.test(text) ? 'both' : { doubt: `direction ${quote(raw)} is not understood; read as source to destination` };
}

function readAction(raw: string): { readonly expect: Expectation; readonly doubt?: string } {
  const text = collapse(raw).toLowerCase();
  if (/^(?:|allow|allowed|permit|permitted|accept|open)$/.test(text)) return { expect: 'allow' };
  if (/^(?:deny|denied|block|blocked|drop|reject|closed)$/.test(text)) return { expect: 'deny' };
  return { expect: 'allow', doubt: `action ${quote(raw)} is not understood; read as allow` };
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
const OPTIONAL = /^\(?optional\b|\(optional\)$/i;

/** Reads one row. What it cannot read of it becomes `needsReview`; a row without ends or service is refused. */
export function readRow(context: TableContext, row: TableRow): RowReading {
  const refused = refusal(context, row);
  if (refused !== undefined) return { line: row.line, flows: [], refused, crossed: false, dynamic: false };
  const portRaw = under(context, row, 'port');
  const protocolRaw = under(context, row, 'protocol');
  const ports = parsePortCell(portRaw);
  const protocol = parseProtocolCell(protocolRaw);
  const reading = readServices(ports, protocol, row.line, context.interpret.get(row.line));
  const direction = readDirection(under(context, row, 'direction'));
  const action = readAction(under(context, row, 'action'));
  const serviceName = collapse(under(context, row, 'service'));
  const purpose = collapse(under(context, row, 'purpose'));
  const doubts = [...reading.doubts, ...unknownCells(context, row)];
  if (typeof direction === 'object') doubts.push(direction.doubt);
  if (action.doubt !== undefined) doubts.push(action.doubt);
  if (row.cells.length > context.roles.length) doubts.push('the row has more cells than the table has columns');
  const sources = endsOf(context, row, 'source');
  const destinations = endsOf(context, row, 'destination');
  doubts.push(...endDoubts(context, row, 'source', sources), ...endDoubts(context, row, 'destination', destinations));
  if (sources.length * destinations.length > MAX_PAIRS) {
    const refused = `its cells name ${sources.length} sources and ${destinations.length} destinations, too many to be ends`;
    return { line: row.line, flows: [], refused, crossed: false, dynamic: false };
  }
  const { local } = context;
  const notes = [
    ...reading.notes,
    ...(direction === 'both' ? ['both directions, as the page says'] : []),
    ...(local ? [`${local.role} as line ${local.line} gives it`] : []),
  ];
  const shared = {
    page: context.page,
    line: row.line,
    services: reading.services,
    serviceText: collapse([serviceName, portRaw, protocolRaw].join(' ')),
    purpose: purpose === '' ? serviceName : purpose,
    expect: action.expect,
    optional: ports.optional || protocol.optional || OPTIONAL.test(purpose) || OPTIONAL.test(serviceName),
    ...(doubts.length > 0 ? { needsReview: doubts.join('; ') } : {}),
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  };
  const lineOf = (role: LocalEnd['role']): number =>
    local?.role === role ? local.line : (row.cells[context.roles.indexOf(role)]?.line ?? row.line);
  const flow = (from: string, to: string): FlowDraft => ({
    ...shared,
    source: { text: from, line: lineOf('source') },
    destination: { text: to, line: lineOf('destination') },
  });
  const flows = sources.flatMap((from) =>
    destinations.flatMap((to) => (direction === 'both' && from !== to ? [flow(from, to), flow(to, from)] : [flow(from, to)])),
  );
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
