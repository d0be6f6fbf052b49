/** Cuts the text of a cell into words, numbers, parenthesised remarks and signs. Nothing but white space is dropped. */
export interface Token {
  readonly kind: 'number' | 'word' | 'remark' | 'sign';
  /** As written; a remark without its parentheses. */
  readonly text: string;
}

const TOKEN = /\(([^()]{0,200})\)|([0-9]+)(?![A-Za-z])|([\p{L}][\p{L}\p{N}_.']*(?:-[\p{L}][\p{L}\p{N}_.']*)*)|(\S)/gu;
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
export const explainsOnly = (remark: string): boolean => !RESTRICTING.test(remark);
