/**
 * XML exports as a light tree with places. saxes reads (strict: a truncated or ill-formed file is refused with line
 * and column, never half read); DOCTYPE is refused, so no entity can expand.
 */
import { SaxesParser } from 'saxes';
import { RefusedError } from './diagnostic.js';
import { HTML_ENTITIES } from './entities.js';
import type { Source, Span } from './span.js';

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Text directly inside this element, all pieces joined, not trimmed. */
  readonly text: string;
  /** True when part of the text stood in a CDATA section. */
  readonly cdata: boolean;
  /** From the `<` of the start tag to the `>` of the end tag. */
  readonly span: Span;
}

export interface XmlOptions {
  /** Elements not kept (statistics, certificates): their content is checked for well-formedness and dropped. */
  readonly skip?: (name: string, depth: number) => boolean;
}

/** Deeper nesting is refused: no firewall exports it, and every reader of the tree may recurse. */
export const MAX_DEPTH = 120;

/** Without a prototype: `&constructor;` is no entity. */
const ENTITIES: Record<string, string> = Object.assign(Object.create(null), Object.fromEntries(HTML_ENTITIES), {
  amp: '&',
  gt: '>',
  lt: '<',
  quot: '"',
  apos: "'",
});

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

interface OpenElement {
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: XmlElement[];
  text: string;
  cdata: boolean;
  start: number;
  line: number;
}

/**
 * @returns the root element.
 * @throws RefusedError with line and column: not well-formed, truncated, a DOCTYPE, nested too deep.
 */
export function parseXml(source: Source, options: XmlOptions = {}): XmlElement {
  const parser = new SaxesParser({ position: true });
  parser.ENTITIES = ENTITIES;
  const { text } = source;
  const open: OpenElement[] = [];
  let skipping = 0;
  let root: XmlElement | undefined;
  const refuse = (message: string, hint: string): never => {
    throw new RefusedError(message, { file: source.name, line: parser.line, column: parser.column + 1, hint });
  };
  parser.on('error', (error) => {
    const what = error.message.replace(/^.*?\d+:\d+: /, '');
    refuse(
      `this is not well-formed XML: ${what}`,
      'The file is cut off or was edited by hand; export it again. Nothing of a broken file is judged.',
    );
  });
  parser.on('doctype', () =>
    refuse('the file declares a DOCTYPE', 'No firewall exports one and it can hide entity bombs; remove it or export again.'),
  );
  parser.on('opentag', (tag) => {
    const depth = open.length + skipping;
    if (depth >= MAX_DEPTH)
      refuse(`elements are nested more than ${MAX_DEPTH} deep`, 'No firewall exports this; check where the file comes from.');
    if (skipping > 0 || options.skip?.(tag.name, depth)) {
      skipping++;
      return;
    }
    // An attribute value holds no "<", so the last one before here opens this tag.
    const start = text.lastIndexOf('<', parser.position - 1);
    const startTag = text.slice(start, parser.position);
    let line = parser.line;
    for (let at = startTag.indexOf('\n'); at >= 0; at = startTag.indexOf('\n', at + 1)) line--;
    const entries = Object.entries(tag.attributes as Record<string, string>);
    open.push({
      name: tag.name,
      attributes: entries.length ? new Map(entries) : NO_ATTRIBUTES,
      children: [],
      text: '',
      cdata: false,
      start,
      line,
    });
  });
  parser.on('text', (piece) => {
    const top = open[open.length - 1];
    if (top && skipping === 0) top.text += piece;
  });
  parser.on('cdata', (piece) => {
    const top = open[open.length - 1];
    if (!top || skipping > 0) return;
    top.text += piece;
    top.cdata = true;
  });
  parser.on('closetag', () => {
    if (skipping > 0) {
      skipping--;
      return;
    }
    const done = open.pop();
    if (!done) return;
    const { start, line, ...rest } = done;
    const element: XmlElement = { ...rest, span: { file: source.name, start, end: parser.position, line } };
    const parent = open[open.length - 1];
    if (parent) parent.children.push(element);
    else root = element;
  });
  parser.write(text).close();
  if (!root) return refuse('the file holds no XML element', 'Export it again.');
  return root;
}

export const child = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((c) => c.name === name);

/** The element at the end of a path of child names, the first of each. */
export const descend = (element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined =>
  path.reduce<XmlElement | undefined>((at, name) => child(at, name), element);
