/** What every page reader (Markdown, HTML) gives: headings, texts and tables in document order, each with its place. */
import type { Mark } from './cell-text.js';

/** Stands where markup begins or ends between a digit and another digit or a letter: `80<b>443</b>` is not 80443. */
export const BOUNDARY = '\u200b';

export interface Cell {
  /** Text without markup; `\n` where the page breaks the line or starts a list item. Runs of blanks are kept. */
  readonly raw: string;
  /** What is raised or struck out in the cell; it is not part of `raw`. */
  readonly marks?: readonly Mark[];
  /** One-based place in the page. */
  readonly line: number;
  readonly column: number;
}

export interface TableRow {
  readonly line: number;
  readonly cells: readonly Cell[];
}

export interface HeadingBlock {
  readonly kind: 'heading';
  readonly depth: number;
  readonly text: string;
  readonly line: number;
}

export interface TextBlock {
  readonly kind: 'text';
  readonly text: string;
  readonly line: number;
  /** Same number for the items of one list; absent for paragraphs. */
  readonly list?: number;
  /** Targets of links, in order. */
  readonly links: readonly string[];
}

export interface TableBlock {
  readonly kind: 'table';
  readonly line: number;
  readonly header: readonly Cell[];
  readonly rows: readonly TableRow[];
}

/** A table that the reader saw and could not take apart. */
export interface UnreadBlock {
  readonly kind: 'unread';
  readonly line: number;
  readonly reason: string;
}

export type Block = HeadingBlock | TextBlock | TableBlock | UnreadBlock;

export interface Page {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** The same block `by` lines further down: for parts that were read on their own. */
export function shiftBlock(block: Block, by: number): Block {
  const line = block.line + by;
  if (block.kind !== 'table') return { ...block, line };
  const cell = (one: Cell): Cell => ({ ...one, line: one.line + by });
  const rows = block.rows.map((row) => ({ line: row.line + by, cells: row.cells.map(cell) }));
  return { ...block, line, header: block.header.map(cell), rows };
}

/** Any white space, no-break spaces included, as one blank; none at the ends. Boundaries part digits and nothing else. */
export const collapse = (text: string): string =>
  text
    .replace(/(?<=[0-9])\u200b+(?=[0-9])/g, ' ')
    .replace(/\u200b/g, '')
    .replace(/\s+/gu, ' ')
    .trim();

/** A text as it is quoted in messages: one line, at most `limit` characters. */
export function quote(text: string, limit = 60): string {
  const flat = collapse(text);
  return `"${flat.length > limit ? `${flat.slice(0, limit - 1)}…` : flat}"`;
}

/** Lower case, letters and digits joined by single hyphens; `x` where nothing is left. */
export function slug(text: string): string {
  const joined = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
  return joined === '' ? 'x' : joined;
}
