/** Cuts the text of a cell into words, numbers, parenthesised remarks and signs. Nothing but white space is dropped. */
import { protocolNumber } from './names.js';
import { BOUNDARY } from './page.js';

export interface Token {
  /** `footnote`: a mark that refers to a note, such as `[1]` or `†`. */
  readonly kind: 'number' | 'word' | 'remark' | 'footnote' | 'sign';
  /** As written; a remark without its parentheses. */
  readonly text: string;
  /** White space before it: none, one blank, or what parts the items of a list (a line break, two blanks). */
  readonly gap: 0 | 1 | 2;
}

const TOKEN =
  /(\s*)(?:\(([^()]{0,200})\)|(\[[^[\]]{1,20}\])|([0-9]+)(?![\p{L}\p{N}_]|\.\p{N})|([\p{L}\p{N}_][\p{L}\p{N}_.']*(?:-[\p{L}][\p{L}\p{N}_.']*)*)|(\S))/gu;
const DASHES = /[\u2010-\u2015\u2212]|\.\.+|\u2026/g;
const FOOTNOTE = /^(?:\[\^[^[\]]+\]|\[[0-9]{1,2}\]|\[[a-z]\]|[†‡§¶])$/i;
/** Where markup begins or ends between a digit and a letter: `443<b>TCP</b>`. Between digits the boundary stays a sign. */
const BESIDE_LETTER = new RegExp(`(?<=\\p{L})${BOUNDARY}|${BOUNDARY}(?=\\p{L})`, 'gu');

const gapOf = (blank: string): Token['gap'] => (blank === '' ? 0 : /\n|\s\s/.test(blank) ? 2 : 1);

export function tokenize(raw: string): readonly Token[] {
  const out: Token[] = [];
  for (const match of raw.trimEnd().replace(BESIDE_LETTER, ' ').replace(DASHES, '-').matchAll(TOKEN)) {
    const [, blank = '', remark, bracket, number, word, sign] = match;
    const gap = gapOf(blank);
    if (remark !== undefined) out.push({ kind: 'remark', text: remark.trim(), gap });
    else if (number !== undefined) out.push({ kind: 'number', text: number, gap });
    else if (word !== undefined) out.push({ kind: 'word', text: word, gap });
    else {
      const text = bracket ?? sign ?? '';
      out.push({ kind: FOOTNOTE.test(text) ? 'footnote' : 'sign', text, gap });
    }
  }
  return out;
}

export const SEPARATORS: ReadonlySet<string> = new Set([',', ';', '/', '&', '+', '|', ':', '•', '·']);

/** A separator that joins nothing: it asks for something behind it that is not there. */
export function isDangling(tokens: readonly Token[], i: number): boolean {
  const [before, token, after] = [tokens[i - 1], tokens[i], tokens[i + 1]];
  if (token === undefined) return false;
  if (token.text === '+') return before === undefined || after === undefined || (token.gap === 0) !== (after.gap === 0);
  const joins = token.text === '&' || token.text === '/' || /^and$/i.test(token.text);
  return joins && (before === undefined || after === undefined);
}

/** Words that change what a remark means; a remark without them only explains. */
const RESTRICTING = new RegExp(
  `\\d|[^\\p{ASCII}]|[+<>*?!=]|\\b(?:${
    'not|no|non|only|except|unless|if|when|or|and|without|instead|either|configurable|minus|excluding|excl|above|higher|high|up|upwards?|' +
    'over|greater|below|lower|low|less|under|least|most|max|maximum|min|minimum|start|starting|base|begin|beginning|first|last|next|plus|' +
    'more|also|others?|etc|random|ephemeral|dynamic|var|varies|variable|custom|customi[sz]able|user|any|all|both|each|every|per|source|src|' +
    'client|local|inbound|outbound|incoming|outgoing|ingress|egress|reverse|return|bidirectional|two-way|block|blocked|deny|denied|closed|' +
    'disabled?|deprecated|legacy|removed|may|might|can|could|should|must|range|ranges|through|to|until|from|static|fixed|recommended|' +
    'preferred|alternative|alternate|previously|formerly|old|new'
  })\\b`,
  'iu',
);

/** How a remark in parentheses is to be taken. */
export type Remark =
  | { readonly kind: 'protocols'; readonly protocols: readonly number[] }
  | { readonly kind: 'optional' | 'dynamic' | 'label' | 'unknown' };

/** `(TCP)`, `(TCP/UDP)`, `(optional)`, `(HTTPS)`; what restricts, or names a protocol among other words, is unknown. */
export function readRemark(remark: string): Remark {
  const words = tokenize(remark).filter((token) => !(token.kind === 'sign' && SEPARATORS.has(token.text) && token.text !== '+'));
  const protocols = words.flatMap((token) => protocolNumber(token.text) ?? []);
  if (protocols.length > 0) return protocols.length === words.length ? { kind: 'protocols', protocols } : { kind: 'unknown' };
  if (/^optional$/i.test(remark)) return { kind: 'optional' };
  if (/^(?:dynamic|ephemeral)$/i.test(remark)) return { kind: 'dynamic' };
  return { kind: RESTRICTING.test(remark) ? 'unknown' : 'label' };
}
