/** A file -> its `<config>` elements: alone, wrapped in an API response, or several documents one after the other. */
import { RefusedError } from '../../src/source/diagnostic.js';
import type { Source, Span } from '../../src/source/span.js';
import { descend, parseXml, type XmlElement } from '../../src/source/xml.js';
import { HOW_TO_EXPORT } from './extract.js';

/** Bulky, and nothing that decides traffic. */
const SKIPPED = new Set([
  'certificate',
  'certificate-profile',
  'phash',
  'private-key',
  'public-key',
  'report',
  'reports',
  'report-group',
  'profiles',
  'log-settings',
  'predefined',
  'readonly',
  'botnet',
  'users',
  'password-complexity',
]);

/** More documents in one file are refused: nothing writes them. */
const MAX_DOCUMENTS = 200;

interface Piece {
  readonly start: number;
  readonly end: number;
}

/** Generators write several documents into one file; every one starts with its own declaration. */
function pieces(text: string): readonly Piece[] {
  const starts: number[] = [];
  for (let at = text.indexOf('<?xml '); at >= 0; at = text.indexOf('<?xml ', at + 1)) starts.push(at);
  if (starts.length < 2) return [{ start: 0, end: text.length }];
  return starts.map((start, i) => ({ start, end: starts[i + 1] ?? text.length }));
}

function shift(element: XmlElement, offset: number, lines: number): XmlElement {
  const span: Span = {
    ...element.span,
    start: element.span.start + offset,
    end: element.span.end + offset,
    line: element.span.line + lines,
  };
  return { ...element, span, children: element.children.map((child) => shift(child, offset, lines)) };
}

function parsePiece(source: Source, piece: Piece): XmlElement {
  const { start, end } = piece;
  const options = { skip: (name: string) => SKIPPED.has(name) };
  if (start === 0 && end === source.text.length) return parseXml(source, options);
  const lines = source.text.slice(0, start).split('\n').length - 1;
  try {
    return shift(parseXml({ ...source, text: source.text.slice(start, end) }, options), start, lines);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.place.line === undefined) throw error;
    throw new RefusedError(error.message, { ...error.place, line: error.place.line + lines });
  }
}

function unwrap(root: XmlElement, source: Source): XmlElement {
  const refuse = (message: string): never => {
    throw new RefusedError(message, { file: source.name, line: root.span.line, hint: HOW_TO_EXPORT });
  };
  if (root.name === 'config') return root;
  if (root.name !== 'response') return refuse(`the document is a <${root.name}>, expected a whole <config>`);
  if (root.attributes.get('status') !== 'success') return refuse('the API answered with an error, not with a configuration');
  return (
    descend(root, 'result', 'config') ?? refuse('the API response holds a part of the configuration, expected <result><config>')
  );
}

/**
 * @returns the `<config>` elements, with places in the file as it is.
 * @throws RefusedError for ill-formed XML, other roots and API errors.
 */
export function configsOf(source: Source): readonly XmlElement[] {
  const parts = pieces(source.text);
  if (parts.length > MAX_DOCUMENTS)
    throw new RefusedError(`the file holds ${parts.length} XML documents`, { file: source.name, line: 1, hint: HOW_TO_EXPORT });
  return parts.map((piece) => unwrap(parsePiece(source, piece), source));
}
