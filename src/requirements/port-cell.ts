/** The grammar of port cells: `389  636`, `443/TCP (HTTPS)`, `TCP: 80, 443; UDP: 53`, `1024 - 65535`, `135 and dynamic`. */
import { knownService, namesPort, protocolNumber } from './names.js';
import { bindPorts, type Element, type PortItem } from './port-binding.js';
import { openEnd, rangeOperator, readRange } from './port-range.js';
import { isDangling, readRemark, SEPARATORS, type Token, tokenize } from './tokens.js';

export interface PortCell {
  readonly items: readonly PortItem[];
  /** Protocols in the cell that no number belongs to. */
  readonly loose: readonly number[];
  /** The cell says `any` or `all`. */
  readonly any: boolean;
  /** The cell names the dynamic range without giving its numbers. */
  readonly dynamic: boolean;
  /** Service names in the cell. */
  readonly names: readonly string[];
  readonly optional: boolean;
  /** Tokens that nothing here understands, as written. */
  readonly leftovers: readonly string[];
  /** What was read and is not plain, and what was passed over because it only explains. */
  readonly notes: readonly string[];
}

const FILLERS: ReadonlySet<string> = new Set(['port', 'ports', 'number', 'and', 'the']);
const EVERY: ReadonlySet<string> = new Set(['any', 'all']);
const DYNAMIC: ReadonlySet<string> = new Set(['dynamic', 'ephemeral', 'dynamics']);
const BLANK = /^\s*(?:-|n\/?a|none|not applicable)?\s*$/i;

interface State {
  readonly elements: Element[];
  readonly names: string[];
  /** Names that do not stand right beside a number. */
  readonly bareNames: string[];
  readonly leftovers: string[];
  readonly notes: string[];
  /** `any` or `all`, as written. */
  any: string | undefined;
  dynamic: boolean;
  mentionsDynamic: boolean;
  optional: boolean;
  /** A list separator stands before the next element. */
  apart: boolean;
}

const isNumber = (token: Token | undefined): boolean => token?.kind === 'number';

function push(state: State, element: Omit<Element, 'apart'>): void {
  state.elements.push({ ...element, apart: state.apart });
  state.apart = false;
}

function takeRemark(state: State, text: string): void {
  const remark = readRemark(text);
  const range = state.elements[state.elements.length - 1]?.item;
  if (remark.kind === 'protocols') for (const protocol of remark.protocols) push(state, { protocol });
  else if (remark.kind === 'optional') state.optional = true;
  else if (remark.kind === 'dynamic' && range && range.first < range.last) state.notes.push(`"${text}" taken as a label`);
  else if (remark.kind === 'unknown' || remark.kind === 'dynamic') state.leftovers.push(`(${text})`);
  else if (knownService(text) && namesPort(text)) state.names.push(text);
  else state.notes.push(`"${text}" taken as a label`);
}

/** `any` right before a range says no more than the range: `all ports above 1023`. */
function isRanged(tokens: readonly Token[], i: number): boolean {
  let next = i + 1;
  while (tokens[next]?.kind === 'word' && /^(?:tcp|udp|the|ports?|range)$/i.test(tokens[next]?.text ?? '')) next++;
  const range = readRange(tokens, next)?.range;
  return range !== undefined && range.first < range.last;
}

/** `443 HTTPS`, `HTTPS: 443`: the name belongs to the number beside it. */
const isLabel = (tokens: readonly Token[], i: number): boolean =>
  (isNumber(tokens[i - 1]) && tokens[i]?.gap !== 2) || (isNumber(tokens[i + 1]) && tokens[i + 1]?.gap !== 2);

function takeWord(state: State, tokens: readonly Token[], i: number): void {
  const word = tokens[i]?.text ?? '';
  const lower = word.toLowerCase();
  const protocol = protocolNumber(lower);
  if (protocol !== undefined) push(state, { protocol });
  else if (isDangling(tokens, i)) state.leftovers.push(word);
  else if (FILLERS.has(lower)) return;
  else if (EVERY.has(lower)) state.any = isRanged(tokens, i) ? state.any : word;
  // `RPC dynamic` and `dynamic RPC` are one name.
  else if (lower === 'rpc' && state.mentionsDynamic) return;
  else if (lower === 'range' && (state.mentionsDynamic || isRanged(tokens, i))) return;
  else if (knownService(lower) && namesPort(lower)) (isLabel(tokens, i) ? state.names : state.bareNames).push(word);
  else state.leftovers.push(word);
}

/** The word `dynamic` at `tokens[i]` stands beside the numbers of its range: `dynamic range: 1024-65535`. */
function isNumbered(tokens: readonly Token[], i: number): boolean {
  if (isNumber(tokens[i - 1]) && rangeOperator(tokens, i - 2) > 0) return true;
  let next = i + 1;
  while (isFiller(tokens[next])) next++;
  return isNumber(tokens[next]) && (rangeOperator(tokens, next + 1) > 0 || openEnd(tokens, next + 1) > 0);
}

const isFiller = (token: Token | undefined): boolean =>
  token !== undefined && (token.text === ':' || /^(?:rpc|ports?|range|the|from)$/i.test(token.text));

const isDynamic = (token: Token | undefined): boolean => token?.kind === 'word' && DYNAMIC.has(token.text.toLowerCase());

function takeSign(state: State, tokens: readonly Token[], i: number): void {
  const text = tokens[i]?.text ?? '';
  if (text === '*' && tokens.length === 1) state.any = text;
  else if (text === '\u200b') state.leftovers.push(`${tokens[i - 1]?.text ?? ''}${tokens[i + 1]?.text ?? ''}`);
  else if (!SEPARATORS.has(text) || isDangling(tokens, i)) state.leftovers.push(text);
  state.apart ||= [',', ';', '|', '•'].includes(text);
}

function readTokens(state: State, tokens: readonly Token[]): void {
  for (let i = 0; i < tokens.length; ) {
    const token = tokens[i] as Token;
    state.apart ||= token.gap === 2;
    const read = readRange(tokens, i);
    if (read?.range) push(state, { item: read.range });
    if (read?.leftover !== undefined) state.leftovers.push(read.leftover);
    if (read?.note !== undefined) state.notes.push(read.note);
    if (read !== undefined) {
      i += read.taken;
      continue;
    }
    if (token.kind === 'remark') takeRemark(state, token.text);
    else if (token.kind === 'footnote') state.notes.push(`footnote ${token.text} is not read`);
    else if (isDynamic(token)) state.dynamic ||= !isNumbered(tokens, i);
    else if (token.kind === 'word') takeWord(state, tokens, i);
    else takeSign(state, tokens, i);
    i++;
  }
}

/** `3,389` and `49 152` may be one number with its thousands set apart, unless the first part is a service's own port. */
function thousandsOf(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token, i) => {
    const comma = tokens[i + 1]?.text === ',' && tokens[i + 1]?.gap === 0;
    const next = tokens[comma ? i + 2 : i + 1];
    if (!isNumber(token) || !isNumber(next) || !/^[1-9][0-9]?$/.test(token.text) || next?.text.length !== 3) return [];
    const joined = Number(`${token.text}${next.text}`);
    const apart = comma ? next.gap === 0 : next.gap === 1;
    return apart && joined <= 65535 && !COMMON_PORTS.has(Number(token.text))
      ? [`${token.text}${comma ? ',' : ' '}${next.text}`]
      : [];
  });
}
/** Ports of two digits at most that lists name: FTP, SSH, Telnet, SMTP, DNS, DHCP, TFTP, HTTP, Kerberos. */
const COMMON_PORTS: ReadonlySet<number> = new Set([20, 21, 22, 23, 25, 53, 67, 68, 69, 80, 88]);

const emptyState = (tokens: readonly Token[]): State => ({
  elements: [],
  names: [],
  bareNames: [],
  leftovers: [],
  notes: [],
  any: undefined,
  dynamic: false,
  mentionsDynamic: tokens.some(isDynamic),
  optional: false,
  apart: false,
});

/** Names, `any` and `dynamic` beside numbers: what they add to them is not for us to say. */
function besides(state: State, items: readonly PortItem[]): readonly string[] {
  const listed = (port: number | undefined): boolean =>
    items.some((item) => port !== undefined && item.first <= port && port <= item.last);
  const others = items.length > 0 || state.dynamic || state.any !== undefined;
  // `443, SSH`: a name apart from the numbers may be one more port.
  const names = others ? state.bareNames.filter((name) => !listed(knownService(name)?.port)) : [];
  const any = state.any !== undefined && (items.length > 0 || state.dynamic) ? [state.any] : [];
  return [...names, ...any];
}

/** Reads a port cell. Every token ends in a field of the result; what is not understood in `leftovers`. */
export function parsePortCell(raw: string): PortCell {
  const tokens = BLANK.test(raw.replace(/[\u2010-\u2015\u2212]/g, '-')) ? [] : tokenize(raw);
  const state = emptyState(tokens);
  readTokens(state, tokens);
  const { items, loose, leftovers } = bindPorts(state.elements);
  const listed = items.map((item) => item.first);
  const labels = items.length > 0 ? state.names.filter((name) => !listed.includes(knownService(name)?.port ?? -1)) : [];
  const strange = [...state.leftovers, ...leftovers, ...besides(state, items)];
  return {
    items,
    loose,
    any: state.any !== undefined && items.length === 0,
    dynamic: state.dynamic,
    names: items.length > 0 ? state.names : [...state.names, ...state.bareNames],
    optional: state.optional,
    leftovers: strange.length > 0 ? strange : thousandsOf(tokens),
    notes: [...state.notes, ...labels.map((name) => `"${name}" taken as a label`)],
  };
}
