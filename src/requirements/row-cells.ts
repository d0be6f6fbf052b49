/** Single columns of a row: ends, direction, action. */
import type { Expectation } from '../model/requirement.js';
import { parseAddressSet } from '../sets/ip.js';
import type { ColumnRole } from './columns.js';
import type { LocalEnd } from './local-end.js';
import { collapse, quote, type TableBlock, type TableRow } from './page.js';
import type { Reading } from './services.js';

export interface TableContext {
  readonly page: string;
  readonly table: TableBlock;
  readonly roles: readonly ColumnRole[];
  readonly interpret: ReadonlyMap<number, Reading>;
  /** The end that the headings give for every row. */
  readonly local?: LocalEnd;
}

/** One column read, with what a person must settle about it. */
export interface Ends {
  readonly texts: readonly string[];
  readonly line: number;
  readonly doubts: readonly string[];
}

/** What the row holds under a role, parts joined; runs of blanks are kept. */
export function under(context: TableContext, row: TableRow, role: ColumnRole): string {
  const parts = context.roles.flatMap((other, i) => (other === role ? [row.cells[i]?.raw ?? ''] : []));
  return parts.filter((part) => collapse(part) !== '').join(role === 'purpose' ? '. ' : '  ');
}

/** `See Local traffic`, `Linux nodes only`: a remark beside the ends, none of them. */
const isReference = (text: string): boolean => /^see\s|\bonly$/i.test(text);
const ITSELF = /\bitself\b|^self$/i;
const NOT_STATED = '(not stated)';

/** Several addresses in a list are several ends; a comma in a name is part of the name. */
function splitAddresses(part: string): readonly string[] {
  const list = part.split(/[,;]/).map(collapse);
  return list.every((one) => parseAddressSet(one) !== undefined) ? list : [part];
}

/** Ends of a row: what the headings give, else those of the cell, one a line where it breaks lines or lists them. */
export function readEnds(context: TableContext, row: TableRow, role: LocalEnd['role']): Ends {
  const { local } = context;
  if (local?.role === role) return { texts: [local.text], line: local.line, doubts: [] };
  const line = row.cells[context.roles.indexOf(role)]?.line ?? row.line;
  const parts = under(context, row, role)
    .split('\n')
    .map(collapse)
    .filter((part) => part !== '');
  const texts = [...new Set(parts.filter((part) => !isReference(part)).flatMap(splitAddresses))];
  const doubts = [
    ...(texts.length === 0 ? [`the ${role} is not stated`] : []),
    ...parts.filter(isReference).map((text) => `${quote(text)} in the ${role} cell is not understood`),
    ...texts.filter((end) => ITSELF.test(end)).map((end) => `${quote(end)} may be traffic of a host with itself`),
  ];
  return { texts: texts.length === 0 ? [NOT_STATED] : texts, line, doubts };
}

export interface Direction {
  readonly both: boolean;
  readonly doubt?: string;
}

const IN = /^(?:in|inbound|incoming|ingress)$/;
const OUT = /^(?:out|outbound|outgoing|egress)$/;
const FORWARD = /^(?:|-|→|➔|⇒|-+>|=+>|to|one[- ]way|unidirectional)$/;
const BOTH =
  /^(?:↔|⇔|<-+>|<=+>|both|both ways|two[- ]way|bi-?directional|inbound (?:and|\/|&) outbound|in\/out|inbound\/outbound)$/;

/**
 * With both ends in columns of their own the direction adds nothing, unless it says both ways. Where a heading gives one
 * end, the direction must agree with that heading.
 */
export function readDirection(context: TableContext, row: TableRow): Direction {
  const raw = under(context, row, 'direction');
  const text = collapse(raw).toLowerCase().replace(/[–—]/g, '-');
  const contrary = context.local?.role === 'source' ? IN : context.local?.role === 'destination' ? OUT : undefined;
  if (contrary?.test(text)) return { both: false, doubt: `direction ${quote(raw)} contradicts line ${context.local?.line}` };
  if (FORWARD.test(text) || IN.test(text) || OUT.test(text)) return { both: false };
  return BOTH.test(text)
    ? { both: true }
    : { both: false, doubt: `direction ${quote(raw)} is not understood; read as source to destination` };
}

export function readAction(raw: string): { readonly expect: Expectation; readonly doubt?: string } {
  const text = collapse(raw).toLowerCase();
  if (/^(?:|allow|allowed|permit|permitted|accept|open)$/.test(text)) return { expect: 'allow' };
  if (/^(?:deny|denied|block|blocked|drop|reject|closed)$/.test(text)) return { expect: 'deny' };
  return { expect: 'allow', doubt: `action ${quote(raw)} is not understood; read as allow` };
}
