/** Markdown pages with pipe tables (GitHub flavour), to blocks with their lines. */
import type { Code, Nodes, Paragraph, Parents, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import { CellText, INLINE, type Mark } from './cell-text.js';
import { readHtml } from './html.js';
import { liftHtmlTables } from './html-in-markdown.js';
import { type Block, type Cell, collapse, type Page, shiftBlock } from './page.js';

/** The front matter is no Markdown; its lines are emptied so that all others keep their numbers. */
function withoutFrontMatter(text: string): { readonly body: string; readonly title?: string } {
  const match = /^---[ \t]*\r?\n([\s\S]*?\r?\n)?---[ \t]*(?=\r?\n|$)/.exec(text);
  if (!match) return { body: text };
  const front = match[0];
  const title = /^title:[ \t]*(.+)$/m
    .exec(front)?.[1]
    ?.trim()
    .replace(/^(['"])(.*)\1$/, '$2');
  const body = front.replace(/[^\r\n]/g, '') + text.slice(front.length);
  return title === undefined ? { body } : { body, title };
}

/** Elements that stand on lines of their own. Names that are in neither list are placeholders: `<host>`. */
const BREAKING: ReadonlySet<string> = new Set(
  'br li ul ol p div tr td th table thead tbody hr pre dl dt dd h1 h2 h3 h4 h5 h6 section blockquote center details summary'.split(
    ' ',
  ),
);

function addHtml(text: CellText, value: string): void {
  const [, slash, name] = /^<(\/?)([A-Za-z][A-Za-z0-9-]*)/.exec(value) ?? [];
  const tag = name?.toLowerCase() ?? '';
  if (BREAKING.has(tag)) text.lineBreak();
  else if (!INLINE.has(tag) && tag !== '') text.add(value);
  else if (slash === '/') text.close(tag);
  else text.open(tag);
}

interface InlineText {
  readonly text: string;
  readonly links: readonly string[];
  readonly marks: readonly Mark[];
}

/** Text of a node without markup, `\n` for line breaks, and the link targets. Uses no recursion: nesting is the author's. */
function inlineText(node: Nodes): InlineText {
  const pending: (Nodes | 'end of link')[] = [node];
  const links: string[] = [];
  const text = new CellText();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    text.boundary();
    if (next === 'end of link') {
      text.close('a');
      continue;
    }
    if (next.type === 'text' || next.type === 'inlineCode') text.add(next.value);
    else if (next.type === 'break') text.lineBreak();
    else if (next.type === 'html') addHtml(text, next.value);
    else if (next.type === 'image') text.add(next.alt ?? '');
    else if (next.type === 'link') {
      links.push(next.url);
      text.open('a', next.url);
      pending.push('end of link');
    }
    if ('children' in next) for (let i = next.children.length - 1; i >= 0; i--) pending.push(next.children[i] as Nodes);
  }
  text.end();
  return { text: text.raw.replace(/\u00a0/g, ' '), links, marks: text.marks };
}

const lineOf = (node: Nodes): number => node.position?.start.line ?? 1;

function readTable(table: Table): Block {
  const rows = table.children.map((row) => ({
    line: lineOf(row),
    cells: row.children.map((cell): Cell => {
      const { text, marks } = inlineText(cell);
      const place = { line: lineOf(cell), column: cell.position?.start.column ?? 1 };
      return { raw: text, ...(marks.length > 0 ? { marks } : {}), ...place };
    }),
  }));
  return { kind: 'table', line: lineOf(table), header: rows[0]?.cells ?? [], rows: rows.slice(1) };
}

/** Directives of MyST nest, tabs in tabs; deeper than this is no page. */
const MAX_NESTING = 6;

/** `{tab}`, `{note}`: MyST writes directives as fenced code whose content is Markdown. */
const isDirective = (lang: string | null | undefined): boolean => /^\{[a-z:-]+\}/.test(lang ?? '');
const TABLE_IN_CODE = /^[ \t]*\|?.*\bports?\b.*\|.*\r?\n[ \t]*\|?[ \t]*:?-/im;

function readCode(node: Code, nesting: number): readonly Block[] {
  if (isDirective(node.lang) && nesting < MAX_NESTING)
    return readBlocks(node.value, nesting + 1).map((block) => shiftBlock(block, lineOf(node)));
  if (!TABLE_IN_CODE.test(node.value)) return [];
  return [{ kind: 'unread', line: lineOf(node), reason: 'a table inside a block of code is not read' }];
}

function readParagraph(node: Paragraph, list: number | undefined): Block {
  const { text, links } = inlineText(node);
  return { kind: 'text', text: collapse(text), line: lineOf(node), links, ...(list === undefined ? {} : { list }) };
}

function readBlocks(text: string, nesting: number): readonly Block[] {
  const { body, tables } = liftHtmlTables(text);
  const root = fromMarkdown(body, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
  const blocks: Block[] = [];
  const pending: { node: Nodes; list: number | undefined }[] = [{ node: root, list: undefined }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node } = next;
    if (node.type === 'table') blocks.push(readTable(node));
    else if (node.type === 'heading')
      blocks.push({ kind: 'heading', depth: node.depth, text: collapse(inlineText(node).text), line: lineOf(node) });
    else if (node.type === 'paragraph') blocks.push(readParagraph(node, next.list));
    else if (node.type === 'code') blocks.push(...readCode(node, nesting));
    else if (node.type === 'html' && /<t(?:able|r|head|body)\b/i.test(node.value))
      blocks.push({ kind: 'unread', line: lineOf(node), reason: 'an HTML table that does not end is not read' });
    else if (node.type === 'html') {
      const texts = readHtml(node.value).blocks.filter((block) => block.kind !== 'table');
      blocks.push(...texts.map((block) => shiftBlock(block, lineOf(node) - 1)));
    } else if ('children' in node) {
      const list = node.type === 'list' ? (next.list ?? lineOf(node)) : next.list;
      const children = (node as Parents).children;
      for (let i = children.length - 1; i >= 0; i--) pending.push({ node: children[i] as Nodes, list });
    }
  }
  return tables.length === 0 ? blocks : [...blocks, ...tables].sort((a, b) => a.line - b.line);
}

/** Reads a page. Never throws for any text: everything is Markdown. */
export function readMarkdown(text: string): Page {
  const { body, title } = withoutFrontMatter(text);
  const blocks = readBlocks(body, 0);
  const first = blocks.find((block) => block.kind === 'heading' && block.depth === 1);
  return { title: (first?.kind === 'heading' ? first.text : undefined) ?? title ?? '', blocks };
}
