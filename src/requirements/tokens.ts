/** Cuts the text of a cell into words, numbers, parenthesised remarks and signs. Nothing but white space is dropped. */
import { protocolNumber } from './names.js';

export interface Token {
  readonly kind: 'number' | 'word' | 'remark' | 'sign';
  /** As written; a remark without its parentheses. */
  readonly text: string;
}

const TOKEN =
  /\(([^()]{0,200})\)|([0-9]+)(?![\p{L}\p{N}_]|\.\p{N})|([\p{L}\p{N}_][\p{L}\p{N}_.']*(?:-[\p{L}][\p{L}\p{N}_.']*)*)|(\S)/gu;
const DASHES = /[\u2010-\u2015\u2212]|\.\.+|\u2026/g;

export function tokenize(raw: string): readonly Token[] {
  const out: Token[] = [];
  for (const match of raw.replace(DASHES, '-').matchAll(TOKEN)) {
    const [all, remark, number, word] = match;
    if (remark !== undefined) out.push({ kind: 'remark', text: remark.trim() });
    else if (number !== undefined) out.push({ kind: 'number', text: number });
    else if (word !== undefined) out.push({ kind: 'word', text: word });
    else out.push({ kind: 'sign', text: all });
  }
  return out;
}

export const SEPARATORS: ReadonlySet<string> = new Set([',', ';', '/', '&', '+', '|', ':', '•', '·']);

/** Words that change what a remark means; a remark without them only explains. */
const RESTRICTING = /\b(?:not|no|only|except|unless|if|when|or|without|instead|either|configurable|minus|excluding)\b|\d/i;

/** How a remark in parentheses is to be taken. */
export type Remark =
  | { readonly kind: 'protocols'; readonly protocols: readonly number[] }
  | { readonly kind: 'optional' | 'label' | 'unknown' };

/** `(TCP)`, `(TCP/UDP)`, `(optional)`, `(HTTPS)`; what restricts, or names a protocol among other words, is unknown. */
export function readRemark(remark: string): Remark {
  const words = tokenize(remark).filter((token) => !(token.kind === 'sign' && SEPARATORS.has(token.text)));
  const protocols = words.flatMap((token) => protocolNumber(token.text) ?? []);
  if (protocols.length > 0) return protocols.length === words.length ? { kind: 'protocols', protocols } : { kind: 'unknown' };
  if (/^optional$/i.test(remark)) return { kind: 'optional' };
  return { kind: RESTRICTING.test(remark) ? 'unknown' : 'label' };
}
