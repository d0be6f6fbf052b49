/** The grammar of port cells: `389  636`, `443/TCP (HTTPS)`, `TCP: 80, 443; UDP: 53`, `1024 - 65535`, `135 and dynamic`. */
import { knownService, namesPort, protocolNumber } from './names.js';
import { explainsOnly, SEPARATORS, type Token, tokenize } from './tokens.js';

/** One number or range; `protocols` where the cell itself binds them to it. */
export interface PortItem {
  readonly first: number;
  readonly last: number;
  readonly protocols?: readonly number[];
}

export interface PortCell {
  readonly items: readonly PortItem[];
  /** The cell says `any` or `all`. */
  readonly any: boolean;
  /** The cell names the dynamic range without giving its numbers. */
  readonly dynamic: boolean;
  /** Service names in the cell. */
  readonly names: readonly string[];
  readonly optional: boolean;
  /** Tokens that nothing here understands, as written. */
  readonly leftovers: readonly string[];
}

const FILLERS: ReadonlySet<string> = new Set(['port', 'ports', 'range', 'and', 'the', 'number', 'from']);
const EVERY: ReadonlySet<string> = new Set(['any', 'all', '*']);
const DYNAMIC: ReadonlySet<string> = new Set(['dynamic', 'ephemeral', 'dynamics']);
const BLANK = /^\s*(?:-|n\/?a|none|not applicable)?\s*$/i;

interface State {
  readonly items: { first: number; last: number; protocols?: number[] }[];
  readonly names: string[];
  readonly leftovers: string[];
  any: boolean;
  dynamic: boolean;
  optional: boolean;
  /** Protocols written before their ports, when the cell starts with one. */
  prefix: number[] | undefined;
  afterProtocol: boolean;
  /** Items from here on have no protocol yet (protocols written after their ports). */
  unboundFrom: number;
  /** The items that the protocol just read was bound to. */
  boundFrom: number;
}

const asPort = (text: string): number | undefined =>
  /^(?:0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined;

/** Length of a range operator at `tokens[i]` that a number follows, or 0. */
function rangeOperator(tokens: readonly Token[], i: number): number {
  const token = tokens[i];
  if (token === undefined || tokens[i + 1]?.kind !== 'number') return 0;
  if (token.kind === 'sign' && (token.text === '-' || token.text === '~' || token.text === ':')) return 1;
  return token.kind === 'word' && /^(?:to|through|thru|until)$/i.test(token.text) ? 1 : 0;
}

/** Reads a number or range at `tokens[i]`; returns how many tokens it took. */
function takeNumber(state: State, tokens: readonly Token[], i: number): number {
  const text = tokens[i]?.text ?? '';
  const operator = rangeOperator(tokens, i + 1);
  const lastText = operator === 0 ? text : (tokens[i + 2]?.text ?? '');
  const first = asPort(text);
  const last = asPort(lastText);
  if (first === undefined || last === undefined || last < first)
    state.leftovers.push(operator === 0 ? text : `${text}${tokens[i + 1]?.text}${lastText}`);
  else state.items.push({ first, last, ...(state.prefix ? { protocols: state.prefix } : {}) });
  state.afterProtocol = false;
  return operator === 0 ? 1 : 3;
}

function takeProtocol(state: State, value: number, startsCell: boolean): void {
  if (startsCell) state.prefix = [];
  if (state.prefix) {
    state.prefix = state.afterProtocol ? [...state.prefix, value] : [value];
  } else {
    if (!state.afterProtocol) {
      state.boundFrom = state.unboundFrom;
      state.unboundFrom = state.items.length;
    }
    for (const item of state.items.slice(state.boundFrom)) item.protocols = [...(item.protocols ?? []), value];
  }
  state.afterProtocol = true;
}

function takeRemark(state: State, remark: string): void {
  const words = tokenize(remark).filter((token) => !(token.kind === 'sign' && SEPARATORS.has(token.text)));
  const protocols = words.map((token) => protocolNumber(token.text));
  if (words.length > 0 && protocols.every((value) => value !== undefined)) {
    for (const value of protocols) takeProtocol(state, value, false);
    return;
  }
  if (/^optional$/i.test(remark)) state.optional = true;
  else if (!explainsOnly(remark)) state.leftovers.push(`(${remark})`);
  else if (words.length === 1 && words[0] && knownService(words[0].text)) state.names.push(words[0].text);
}

function takeWord(state: State, word: string, startsCell: boolean): void {
  const lower = word.toLowerCase();
  const protocol = protocolNumber(lower);
  if (protocol !== undefined) {
    takeProtocol(state, protocol, startsCell);
    return;
  }
  if (FILLERS.has(lower)) return;
  state.afterProtocol = false;
  if (EVERY.has(lower)) state.any = true;
  else if (DYNAMIC.has(lower)) state.dynamic = true;
  else if (lower === 'rpc' && state.dynamic) return;
  else if (knownService(lower) && namesPort(lower)) state.names.push(word);
  else state.leftovers.push(word);
}

/** Reads a port cell. Every token ends in a field of the result; what is not understood in `leftovers`. */
export function parsePortCell(raw: string): PortCell {
  const state: State = {
    items: [],
    names: [],
    leftovers: [],
    any: false,
    dynamic: false,
    optional: false,
    prefix: undefined,
    afterProtocol: false,
    unboundFrom: 0,
    boundFrom: 0,
  };
  const tokens = BLANK.test(raw.replace(/[\u2010-\u2015\u2212]/g, '-')) ? [] : tokenize(raw);
  // `RPC dynamic` and `dynamic RPC` are one name; the word order is the author's.
  state.dynamic = tokens.some((token) => token.kind === 'word' && DYNAMIC.has(token.text.toLowerCase()));
  for (let i = 0; i < tokens.length; ) {
    const token = tokens[i] as Token;
    if (token.kind === 'number') {
      i += takeNumber(state, tokens, i);
      continue;
    }
    if (token.kind === 'remark') takeRemark(state, token.text);
    else if (token.kind === 'word') takeWord(state, token.text, state.items.length === 0 && state.prefix === undefined);
    else if (token.text === '*' && tokens.length === 1) state.any = true;
    else if (!SEPARATORS.has(token.text)) state.leftovers.push(token.text);
    i++;
  }
  const named = state.items.some((item) => item.last - item.first >= 100);
  return { ...state, dynamic: state.dynamic && !named };
}
