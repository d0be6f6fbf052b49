/** Single columns of a row: ends, direction, action. */
import type { Expectation } from '../model/requirement.js';
import { parseAddressSet } from '../sets/ip.js';
import type { Mark } from './cell-text.js';
import type { ColumnRole } from './columns.js';
import { isLocator, readEnd } from './end-cell.js';
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
  readonly notes: readonly string[];
  /** Ports that the ends themselves name, one for each of `texts`. */
  readonly ports: readonly ({ readonly value: number; readonly stated: boolean } | undefined)[];
}

/** What the row holds under a role, parts joined; runs of blanks are kept. */
export function under(context: TableContext, row: TableRow, role: ColumnRole): string {
  const parts = context.roles.flatMap((other, i) => (other === role ? [row.cells[i]?.raw ?? ''] : []));
  return parts.filter((part) => collapse(part) !== '').join(role === 'purpose' ? '. ' : '  ');
}

const RAISED = /[¹²³⁰⁴-⁹]+/gu;
/** `2`, `a`, `*`, `[1]`, `1,2`: a raised text that refers to a note and is nothing else. */
const FOOTNOTE = /^[[(]?(?:[0-9]|[a-z]|[*†‡§¶#]{1,3})(?:, ?(?:[0-9]|[a-z]))*[\])]?$/i;
const TRADEMARK = /^(?:®|™|©|TM|R|SM)$/i;

const HOW = { raised: 'raised', struck: 'struck out', linked: 'a link within the page' } as const;

/** A cell without what is raised or struck out in it, and what that leaves to say. */
export interface PlainCell {
  readonly raw: string;
  readonly doubts: readonly string[];
  readonly notes: readonly string[];
}

/** The text under a role as {@link under} gives it, with its marks read: footnotes are notes, all else is a doubt. */
export function plainCell(context: TableContext, row: TableRow, role: ColumnRole): PlainCell {
  const written = under(context, row, role);
  const raised = [...written.matchAll(RAISED)].map(([text]): Mark => ({ kind: 'raised', text: text.normalize('NFKC') }));
  const marks = [...context.roles.flatMap((other, i) => (other === role ? (row.cells[i]?.marks ?? []) : [])), ...raised];
  const isNote = (mark: Mark): boolean => mark.kind === 'raised' && (FOOTNOTE.test(mark.text) || TRADEMARK.test(mark.text));
  return {
    raw: written.replace(RAISED, ''),
    doubts: marks
      .filter((mark) => !isNote(mark))
      .map(({ kind, text }) => `${quote(text)} is ${HOW[kind]} in the ${role} cell and is not understood`),
    notes: marks
      .filter((mark) => isNote(mark) && !TRADEMARK.test(mark.text))
      .map(({ text }) => `footnote ${text} of the ${role} cell is not read`),
  };
}

/** `See Local traffic`, `Linux nodes only`: a remark beside the ends, none of them. */
const isReference = (text: string): boolean => /^see\s|\bonly$/i.test(text);
const ITSELF = /\bitself\b|^self$/i;
/** Stands for an end that the page leaves out; it is no actor. */
export const NOT_STATED = '(not stated)';

/** Several addresses in a list are several ends; a comma in a name is part of the name. */
function splitAddresses(part: string): readonly string[] {
  const isPlace = (one: string): boolean => parseAddressSet(one) !== undefined || isLocator(one);
  const list = part.split(/[,;]/).map(collapse);
  if (list.every(isPlace)) return list;
  const words = part.split(/[,;\s]+/).filter((word) => word !== '' && !/^(?:and|or)$/i.test(word));
  return words.length > 1 && words.every(isLocator) ? words : [part];
}

/** Ends of a row: what the headings give, else those of the cell, one a line where it breaks lines or lists them. */
export function readEnds(context: TableContext, row: TableRow, role: LocalEnd['role']): Ends {
  const { local } = context;
  if (local?.role === role) return { texts: [local.text], line: local.line, doubts: [], notes: [], ports: [undefined] };
  const line = row.cells[context.roles.indexOf(role)]?.line ?? row.line;
  const cell = plainCell(context, row, role);
  const parts = cell.raw
    .split('\n')
    .map(collapse)
    .filter((part) => part !== '');
  const written = [...new Set(parts.filter((part) => !isReference(part)).flatMap(splitAddresses))];
  const ends = written.map((part) => readEnd(part, role));
  const texts = ends.map((end) => end.text);
  const doubts = [
    ...cell.doubts,
    ...(texts.length === 0 ? [`the ${role} is not stated`] : []),
    ...parts.filter(isReference).map((text) => `${quote(text)} in the ${role} cell is not understood`),
    ...ends.flatMap((end) => end.doubt ?? []),
    ...texts.filter((end) => ITSELF.test(end)).map((end) => `${quote(end)} may be traffic of a host with itself`),
  ];
  const notes = [...cell.notes, ...ends.flatMap((end) => end.note ?? [])];
  if (texts.length === 0) return { texts: [NOT_STATED], line, doubts, notes, ports: [undefined] };
  return { texts, line, doubts, notes, ports: ends.map((end) => end.port) };
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
