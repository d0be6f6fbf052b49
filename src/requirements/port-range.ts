/** One port, range or open range in a port cell: `443`, `8000-8010`, `1024+`, `1024 and above`, `> 1023`. */
import { protocolNumber } from './names.js';
import type { Token } from './tokens.js';

export interface RangeReading {
  /** Absent where the numbers are none that a range can have. */
  readonly range?: { readonly first: number; readonly last: number };
  /** What is not understood, as written. */
  readonly leftover?: string;
  /** How it was read where the cell gives no end. */
  readonly note?: string;
  /** Number of tokens that it took. */
  readonly taken: number;
}

const LAST = 65535;
const asPort = (text: string | undefined): number | undefined =>
  text !== undefined && /^(?:0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= LAST ? Number(text) : undefined;

const isWord = (token: Token | undefined, words: RegExp): boolean => token?.kind === 'word' && words.test(token.text);

/** Length of a range operator at `tokens[i]` that a number follows, or 0. */
export function rangeOperator(tokens: readonly Token[], i: number): number {
  const token = tokens[i];
  if (token === undefined || tokens[i + 1]?.kind !== 'number') return 0;
  if (token.kind === 'sign' && (token.text === '-' || token.text === '~' || token.text === ':')) return 1;
  return isWord(token, /^(?:to|through|thru|until)$/i) ? 1 : 0;
}

const UP = /^(?:above|higher|up|upwards?|over|greater|beyond|onwards?)$/i;

/** Nothing at `tokens[i]` belongs to the words before it. */
function endsPart(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i];
  if (token === undefined || token.gap === 2 || token.kind === 'remark' || token.kind === 'footnote') return true;
  return [',', ';', '/'].includes(token.text) || protocolNumber(token.text) !== undefined;
}

/** Tokens behind a number that leave its range open: `+`, `and above`, `or higher`, `upwards`. 0: none. */
export function openEnd(tokens: readonly Token[], i: number): number {
  const token = tokens[i];
  if (token?.text === '+') {
    const next = tokens[i + 1];
    return token.gap === 0 && (next === undefined || next.gap > 0 || [',', ';', '/'].includes(next.text)) ? 1 : 0;
  }
  const joined = isWord(token, /^(?:and|or)$/i) || token?.text === '&' ? 1 : 0;
  if (!isWord(tokens[i + joined], UP)) return 0;
  const end = i + joined + (isWord(tokens[i + joined + 1], /^ports?$/i) ? 2 : 1);
  return endsPart(tokens, end) ? end - i : 0;
}

/** Tokens before a number that leave its range open, and whether the number itself belongs to it: `> 1023`, `>= 1024`. */
function openStart(tokens: readonly Token[], i: number): { readonly taken: number; readonly shift: 0 | 1 } | undefined {
  const [token, next] = [tokens[i], tokens[i + 1]];
  if (token?.text === '≥' || token?.text === '⩾') return { taken: 1, shift: 0 };
  if (token?.text === '>') return next?.text === '=' && next.gap === 0 ? { taken: 2, shift: 0 } : { taken: 1, shift: 1 };
  if (isWord(token, /^(?:above|over|beyond)$/i)) return { taken: 1, shift: 1 };
  return isWord(token, /^(?:greater|higher)$/i) && isWord(next, /^than$/i) ? { taken: 2, shift: 1 } : undefined;
}

const written = (tokens: readonly Token[]): string =>
  tokens.map((token, i) => `${i > 0 && token.gap > 0 ? ' ' : ''}${token.text}`).join('');

function openRange(first: number | undefined, tokens: readonly Token[]): RangeReading {
  const text = written(tokens);
  if (first === undefined || first > LAST) return { leftover: text, taken: tokens.length };
  return { range: { first, last: LAST }, note: `${text} read as ${first}-${LAST}`, taken: tokens.length };
}

function readNumber(tokens: readonly Token[], i: number): RangeReading {
  const first = asPort(tokens[i]?.text);
  const open = openEnd(tokens, i + 1);
  if (open > 0) return openRange(first, tokens.slice(i, i + 1 + open));
  const taken = rangeOperator(tokens, i + 1) === 0 ? 1 : 3;
  const last = taken === 1 ? first : asPort(tokens[i + 2]?.text);
  if (first === undefined || last === undefined || last < first)
    return {
      leftover: tokens
        .slice(i, i + taken)
        .map((token) => token.text)
        .join(''),
      taken,
    };
  return { range: { first, last }, taken };
}

/** `from 9000`: without an end it may be one port or all above it. */
function readFrom(tokens: readonly Token[], i: number): RangeReading {
  const rest = readNumber(tokens, i + 1);
  const bare = rest.taken === 1;
  return { ...rest, ...(bare ? { leftover: written(tokens.slice(i, i + 2)) } : {}), taken: rest.taken + 1 };
}

/** Reads what stands at `tokens[i]`; undefined where no range begins there. */
export function readRange(tokens: readonly Token[], i: number): RangeReading | undefined {
  if (tokens[i]?.kind === 'number') return readNumber(tokens, i);
  if (isWord(tokens[i], /^from$/i)) return tokens[i + 1]?.kind === 'number' ? readFrom(tokens, i) : undefined;
  const open = openStart(tokens, i);
  if (open === undefined) return undefined;
  const number = tokens[i + open.taken];
  if (number?.kind !== 'number' || rangeOperator(tokens, i + open.taken + 1) > 0) return undefined;
  const value = asPort(number.text);
  return openRange(value === undefined ? undefined : value + open.shift, tokens.slice(i, i + open.taken + 1));
}
