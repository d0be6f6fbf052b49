/** The grammar of port cells: `389  636`, `443/TCP (HTTPS)`, `TCP: 80, 443; UDP: 53`, `1024 - 65535`, `135 and dynamic`. */
import { knownService, namesPort, protocolNumber } from './names.js';
import { readRemark, SEPARATORS, type Token, tokenize } from './tokens.js';

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
  /** Names that do not stand right beside a number. */
  readonly bareNames: string[];
  readonly leftovers: string[];
  any: boolean;
  dynamic: boolean;
  mentionsDynamic: boolean;
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

function takeRemark(state: State, text: string): void {
  const remark = readRemark(text);
  if (remark.kind === 'protocols') for (const value of remark.protocols) takeProtocol(state, value, false);
  else if (remark.kind === 'optional') state.optional = true;
  else if (remark.kind === 'unknown') state.leftovers.push(`(${text})`);
  else if (knownService(text) && namesPort(text)) state.names.push(text);
}

function takeWord(state: State, word: string, startsCell: boolean, isLabel: boolean): void {
  const lower = word.toLowerCase();
  const protocol = protocolNumber(lower);
  if (protocol !== undefined) {
    takeProtocol(state, protocol, startsCell);
    return;
  }
  if (FILLERS.has(lower)) return;
  state.afterProtocol = false;
  if (EVERY.has(lower)) state.any = true;
  // `RPC dynamic` and `dynamic RPC` are one name.
  else if (lower === 'rpc' && state.mentionsDynamic) return;
  else if (knownService(lower) && namesPort(lower)) (isLabel ? state.names : state.bareNames).push(word);
  else state.leftovers.push(word);
}

/** The word `dynamic` at `tokens[i]` stands beside the numbers of its range: `dynamic range: 1024-65535`. */
function isNumbered(tokens: readonly Token[], i: number): boolean {
  if (tokens[i - 1]?.kind === 'number' && rangeOperator(tokens, i - 2) > 0) return true;
  let next = i + 1;
  while (isFiller(tokens[next])) next++;
  return tokens[next]?.kind === 'number' && rangeOperator(tokens, next + 1) > 0;
}

const isFiller = (token: Token | undefined): boolean =>
  token !== undefined && (token.text === ':' || /^(?:rpc|ports?|range|the|from)$/i.test(token.text));

const isDynamic = (token: Token | undefined): boolean => token?.kind === 'word' && DYNAMIC.has(token.text.toLowerCase());

function readTokens(state: State, tokens: readonly Token[]): void {
  for (let i = 0; i < tokens.length; ) {
    const token = tokens[i] as Token;
    const startsCell = state.items.length === 0 && state.prefix === undefined;
    const isLabel = tokens[i - 1]?.kind === 'number' || tokens[i + 1]?.kind === 'number';
    if (token.kind === 'remark') takeRemark(state, token.text);
    else if (isDynamic(token)) state.dynamic ||= !isNumbered(tokens, i);
    else if (token.kind === 'word') takeWord(state, token.text, startsCell, isLabel);
    else if (token.text === '*' && tokens.length === 1) state.any = true;
    else if (token.kind === 'sign' && !SEPARATORS.has(token.text)) state.leftovers.push(token.text);
    i += token.kind === 'number' ? takeNumber(state, tokens, i) : 1;
  }
}

/** Reads a port cell. Every token ends in a field of the result; what is not understood in `leftovers`. */
export function parsePortCell(raw: string): PortCell {
  const state: State = {
    items: [],
    names: [],
    bareNames: [],
    leftovers: [],
    any: false,
    dynamic: false,
    mentionsDynamic: false,
    optional: false,
    prefix: undefined,
    afterProtocol: false,
    unboundFrom: 0,
    boundFrom: 0,
  };
  const tokens = BLANK.test(raw.replace(/[\u2010-\u2015\u2212]/g, '-')) ? [] : tokenize(raw);
  state.mentionsDynamic = tokens.some(isDynamic);
  readTokens(state, tokens);
  const { items, names, bareNames, leftovers, any, dynamic, optional } = state;
  const listed = (port: number | undefined): boolean =>
    items.some((item) => port !== undefined && item.first <= port && port <= item.last);
  // `443, SSH`: a name apart from the numbers may be one more port, and that is not for us to say.
  if (items.length > 0) leftovers.push(...bareNames.filter((name) => !listed(knownService(name)?.port)));
  return { items, any, dynamic, optional, leftovers, names: items.length > 0 ? names : [...names, ...bareNames] };
}
