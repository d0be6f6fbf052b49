/** Which tables speak of flows, and what each of their columns is: by the text of the headers alone, never by guess. */
import { collapse, quote, type TableBlock } from './page.js';

export type ColumnRole =
  | 'port'
  | 'protocol'
  | 'service'
  | 'source'
  | 'destination'
  | 'direction'
  | 'action'
  | 'purpose'
  | 'unknown';

/** Headers, in lower case, without signs at their ends. */
const SPELLINGS: Readonly<Record<Exclude<ColumnRole, 'unknown'>, string>> = {
  port:
    'port|ports|port(s)|port number|port numbers|port range|port ranges|destination port|destination ports|dest port|dst port|' +
    'target port|target ports|server port|server ports|port/protocol|port / protocol|ports/protocols|protocol/port',
  protocol: 'protocol|protocols|protocol(s)|proto|transport|transport protocol|ip protocol|layer 4 protocol|l4 protocol',
  service: 'service|services|service name|application protocol',
  source:
    'source|sources|source(s)|from|from (source)|src|source host|source hosts|source system|source component|source actor|' +
    'source server|source machine|source computer|source address|source ip|initiator',
  destination:
    'target|targets|destination|destinations|destination(s)|to|to (destination)|dst|dest|target host|target hosts|' +
    'target system|target systems|target server|target machine|destination host|destination hosts|destination system|' +
    'destination component|destination server|destination address|destination ip',
  direction: 'direction|traffic direction|flow direction',
  action: 'action|rule action',
  purpose:
    'purpose|description|purpose/description|comment|comments|note|notes|usage|use|use case|used for|reason|details|remarks|' +
    'explanation|why',
};
const HEADERS: ReadonlyMap<string, ColumnRole> = new Map(
  Object.entries(SPELLINGS).flatMap(([role, names]) => names.split('|').map((name) => [name, role as ColumnRole] as const)),
);

export function columnRole(header: string): ColumnRole {
  const name = collapse(header)
    .toLowerCase()
    .replace(/^[*_`]+|[*_`:.†‡]+$/gu, '');
  return HEADERS.get(name) ?? 'unknown';
}

export type Classification =
  | { readonly kind: 'flows'; readonly roles: readonly ColumnRole[] }
  /** Both ends must be known; `missing` has no column. */
  | { readonly kind: 'one-ended'; readonly roles: readonly ColumnRole[]; readonly missing: End; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

type End = 'source' | 'destination';

const SINGLE: readonly ColumnRole[] = ['port', 'protocol', 'source', 'destination', 'direction', 'action'];

/** With `Protocol` beside `Transport` the first names the application, the second the transport. */
function withTransport(table: TableBlock, roles: ColumnRole[]): void {
  const names = table.header.map((cell) => collapse(cell.raw).toLowerCase());
  const transport = names.findIndex((name) => name.startsWith('transport'));
  if (transport < 0) return;
  roles.forEach((role, i) => {
    if (role === 'protocol' && i !== transport && names[i] !== 'ip protocol') roles[i] = 'service';
  });
}

/** A table is read when its headers name a port and both ends, once each. */
export function classify(table: TableBlock): Classification {
  const roles = table.header.map((cell) => columnRole(cell.raw));
  withTransport(table, roles);
  const headers = table.header.map((cell) => collapse(cell.raw) || '(empty)').join(', ');
  const refuse = (reason: string): Classification => ({ kind: 'refused', reason: `${reason}; its columns are ${headers}` });
  if (!roles.includes('port'))
    return refuse(
      roles.includes('source') && roles.includes('destination')
        ? 'names two ends and no column with ports'
        : 'not a table of flows: no column with ports',
    );
  const twice = SINGLE.find((role) => roles.filter((other) => other === role).length > 1);
  if (twice) return refuse(`two columns could be the ${twice}`);
  const missing = (['source', 'destination'] as const).filter((role) => !roles.includes(role));
  const reason = `has ports, but no column that names the ${missing.join(' and the ')}; its columns are ${headers}`;
  if (missing.length === 1 && missing[0]) return { kind: 'one-ended', roles, missing: missing[0], reason };
  if (missing.length > 1) return { kind: 'refused', reason };
  return { kind: 'flows', roles };
}

/** For messages: the header over a cell. */
export const headerText = (table: TableBlock, column: number): string => quote(table.header[column]?.raw ?? '');
