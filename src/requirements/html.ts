/** HTML pages, to blocks with their lines. Parsed as a browser would. */
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { CellText, INLINE } from './cell-text.js';
import { type Block, type Cell, collapse, type Page, type TableBlock, type TableRow } from './page.js';

type HtmlNode = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

const isElement = (node: HtmlNode): node is Element => 'tagName' in node;
const childrenOf = (node: HtmlNode): readonly HtmlNode[] => ('childNodes' in node ? node.childNodes : []);
const SILENT: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript', 'head', 'nav', 'svg']);
/** Largest number of columns that spans may make. */
const MAX_COLUMNS = 200;

function placeOf(node: HtmlNode): { readonly line: number; readonly column: number } {
  const location = node.sourceCodeLocation;
  return { line: location?.startLine ?? 1, column: location?.startCol ?? 1 };
}

const attribute = (element: Element, name: string): string | undefined => element.attrs.find((one) => one.name === name)?.value;

/** Walks what is under `node` in document order without recursion; `enter` returns false to skip an element's children. */
function walk(node: HtmlNode, enter: (node: HtmlNode) => boolean, leave: (node: HtmlNode) => void = () => {}): void {
  const pending: { readonly node: HtmlNode; readonly leaving: boolean }[] = [];
  const push = (parent: HtmlNode): void => {
    const children = childrenOf(parent);
    for (let i = children.length - 1; i >= 0; i--) pending.push({ node: children[i] as HtmlNode, leaving: false });
  };
  push(node);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.leaving) leave(next.node);
    else if (enter(next.node)) {
      pending.push({ node: next.node, leaving: true });
      push(next.node);
    }
  }
}

/** Line breaks of the source are blanks, with the indent of the next line. */
const plain = (value: string): string => value.replace(/[ \t]*[\r\n]+[ \t]*|\t/g, ' ').replace(/\u00a0/g, ' ');

/** An element begins, or ends. */
function addElement(text: CellText, element: Element, begins: boolean): void {
  const { tagName } = element;
  if (tagName === 'br' || !INLINE.has(tagName)) text.lineBreak();
  else if (begins) text.open(tagName, attribute(element, 'href'));
  else text.close(tagName);
}

function readText(node: HtmlNode): CellText {
  const text = new CellText();
  walk(
    node,
    (child) => {
      if (child.nodeName === '#text' && 'value' in child) text.add(plain(child.value));
      else if (isElement(child)) addElement(text, child, true);
      return !(isElement(child) && SILENT.has(child.tagName));
    },
    (child) => {
      if (isElement(child)) addElement(text, child, false);
    },
  );
  text.end();
  return text;
}

const textOf = (node: HtmlNode): string => readText(node).raw;

function cellOf(node: HtmlNode): Cell {
  const { raw, marks } = readText(node);
  return { raw, ...(marks.length > 0 ? { marks } : {}), ...placeOf(node) };
}

/** The rows of a table, not those of tables inside its cells. */
function rowsOf(table: Element): readonly Element[] {
  const rows: Element[] = [];
  walk(table, (child) => {
    if (!isElement(child)) return false;
    if (child.tagName === 'tr') rows.push(child);
    return child.tagName !== 'tr' && child.tagName !== 'table';
  });
  return rows;
}

const span = (cell: Element, name: string): number => {
  const value = Number(attribute(cell, name) ?? '1');
  return Number.isInteger(value) && value >= 1 ? Math.min(value, MAX_COLUMNS) : 1;
};

/** Cells row by row; a cell that spans columns or rows stands in each of them. */
function gridOf(rows: readonly Element[]): readonly TableRow[] {
  const hanging = new Map<number, { cell: Cell; left: number }>();
  return rows.map((row) => {
    const cells: Cell[] = [];
    const fill = (): void => {
      for (let held = hanging.get(cells.length); held && held.left > 0; held = hanging.get(cells.length)) {
        held.left--;
        cells.push(held.cell);
      }
    };
    for (const child of childrenOf(row)) {
      if (!isElement(child) || (child.tagName !== 'td' && child.tagName !== 'th')) continue;
      fill();
      const cell = cellOf(child);
      for (let i = 0; i < span(child, 'colspan') && cells.length < MAX_COLUMNS; i++) {
        hanging.set(cells.length, { cell, left: span(child, 'rowspan') - 1 });
        cells.push(cell);
      }
    }
    fill();
    return { line: placeOf(row).line, cells };
  });
}

function readTable(table: Element): TableBlock {
  const [header, ...rows] = gridOf(rowsOf(table));
  return { kind: 'table', line: placeOf(table).line, header: header?.cells ?? [], rows };
}

/** Collects blocks while the document is walked. Text between block elements becomes one block. */
class Collector {
  readonly blocks: Block[] = [];
  title = '';
  #text = new CellText();
  #line = 0;
  #links: string[] = [];
  readonly #lists: number[] = [];

  flush(): void {
    const text = collapse(this.#text.raw);
    const list = this.#lists.at(-1);
    if (text !== '')
      this.blocks.push({ kind: 'text', text, line: this.#line, links: this.#links, ...(list === undefined ? {} : { list }) });
    this.#text = new CellText();
    this.#line = 0;
    this.#links = [];
  }

  #addText(node: HtmlNode, value: string): void {
    if (this.#line === 0 && value.trim() !== '')
      this.#line = placeOf(node).line + (/^\s*/.exec(value)?.[0] ?? '').split('\n').length - 1;
    this.#text.add(value);
  }

  #addTable(table: Element): void {
    const caption = childrenOf(table).find((child) => isElement(child) && child.tagName === 'caption');
    if (caption) this.blocks.push({ kind: 'text', text: collapse(textOf(caption)), line: placeOf(caption).line, links: [] });
    this.blocks.push(readTable(table));
  }

  /** @returns whether to walk what is inside. */
  enter(node: HtmlNode): boolean {
    if (node.nodeName === '#text' && 'value' in node) this.#addText(node, node.value);
    if (!isElement(node)) return true;
    const { tagName } = node;
    if (tagName === 'title' && this.title === '') this.title = collapse(textOf(node));
    if (tagName === 'title' || (SILENT.has(tagName) && tagName !== 'head')) return false;
    if (INLINE.has(tagName)) addElement(this.#text, node, true);
    else this.flush();
    if (tagName === 'a') this.#links.push(attribute(node, 'href') ?? '');
    if (tagName === 'ul' || tagName === 'ol') this.#lists.push(placeOf(node).line);
    const depth = /^h([1-6])$/.exec(tagName)?.[1];
    if (depth !== undefined)
      this.blocks.push({ kind: 'heading', depth: Number(depth), text: collapse(textOf(node)), line: placeOf(node).line });
    if (tagName === 'table') this.#addTable(node);
    return depth === undefined && tagName !== 'table';
  }

  leave(node: HtmlNode): void {
    if (!isElement(node)) return;
    if (INLINE.has(node.tagName)) {
      addElement(this.#text, node, false);
      return;
    }
    this.flush();
    if (node.tagName === 'ul' || node.tagName === 'ol') this.#lists.pop();
  }
}

/** Reads a page. Never throws for any text: browsers accept everything. */
export function readHtml(text: string): Page {
  const collector = new Collector();
  walk(
    parse(text, { sourceCodeLocationInfo: true }),
    (node) => collector.enter(node),
    (node) => collector.leave(node),
  );
  collector.flush();
  const first = collector.blocks.find((block) => block.kind === 'heading' && block.depth === 1);
  return { title: (first?.kind === 'heading' ? first.text : '') || collector.title, blocks: collector.blocks };
}
