/** The grammar of protocol cells: `TCP  UDP`, `TCP and UDP`, `HTTPS (TCP)`, `IP protocol 50`, `Any`. */
import { knownService, protocolNumber } from './names.js';
import { isDangling, readRemark, SEPARATORS, type Token, tokenize } from './tokens.js';

export interface ProtocolCell {
  /** Distinct, in the order written. */
  readonly protocols: readonly number[];
  readonly any: boolean;
  /** Application protocols such as HTTPS. */
  readonly names: readonly string[];
  /** The transport is not written but follows from the name. */
  readonly implied: boolean;
  readonly optional: boolean;
  readonly leftovers: readonly string[];
  /** What was passed over because it only explains. */
  readonly notes: readonly string[];
}

const FILLERS: ReadonlySet<string> = new Set(['and', 'both', 'protocol', 'secure']);

interface State {
  readonly protocols: Set<number>;
  readonly names: string[];
  readonly leftovers: string[];
  readonly notes: string[];
  any: boolean;
  optional: boolean;
}

/** `IP protocol 50`, `HTTP over TLS`: words that need others beside them. */
function isFiller(tokens: readonly Token[], i: number): boolean {
  const lower = tokens[i]?.text.toLowerCase() ?? '';
  if (lower === 'ip') return tokens[i + 1]?.text.toLowerCase() === 'protocol';
  if (lower === 'over') return knownService(tokens[i - 1]?.text ?? '') !== undefined && tokens[i + 1]?.kind === 'word';
  return FILLERS.has(lower) && !isDangling(tokens, i);
}

function takeWord(state: State, tokens: readonly Token[], i: number): void {
  const { kind, text } = tokens[i] as Token;
  const lower = text.toLowerCase();
  const value = protocolNumber(lower);
  if (value !== undefined) state.protocols.add(value);
  else if (lower === 'any' || lower === 'all') state.any = true;
  else if (knownService(lower)) state.names.push(text);
  else if (
    kind === 'number' &&
    tokens[i - 1]?.text.toLowerCase() === 'protocol' &&
    /^(?:0|[1-9][0-9]{0,2})$/.test(text) &&
    Number(text) <= 255
  )
    state.protocols.add(Number(text));
  else if (!isFiller(tokens, i)) state.leftovers.push(text);
}

function takeRemark(state: State, text: string): void {
  const remark = readRemark(text);
  if (remark.kind === 'protocols') for (const value of remark.protocols) state.protocols.add(value);
  else if (remark.kind === 'optional') state.optional = true;
  else if (remark.kind === 'unknown' || remark.kind === 'dynamic') state.leftovers.push(`(${text})`);
  else if (!knownService(text)) state.notes.push(`"${text}" taken as a label`);
}

/** What the names add: their transport where none is written; a name that the written ones do not carry is left over. */
function applyNames(state: State, implied: boolean): void {
  for (const name of state.names) {
    const transports = knownService(name)?.protocols ?? [];
    // A name that runs over both transports does not say which of them is needed.
    if (implied ? transports.length > 1 : !transports.some((value) => state.protocols.has(value))) state.leftovers.push(name);
  }
  if (implied)
    for (const name of state.names) for (const value of knownService(name)?.protocols ?? []) state.protocols.add(value);
}

/** Reads a protocol cell. Every token ends in a field of the result; what is not understood in `leftovers`. */
export function parseProtocolCell(raw: string): ProtocolCell {
  const state: State = { protocols: new Set(), names: [], leftovers: [], notes: [], any: false, optional: false };
  const tokens = /^\s*[-\u2010-\u2015\u2212]?\s*$/.test(raw) ? [] : tokenize(raw);
  if (tokens.length === 1 && (tokens[0]?.text === '*' || tokens[0]?.text.toLowerCase() === 'ip')) state.any = true;
  else
    tokens.forEach((token, i) => {
      if (token.kind === 'remark') takeRemark(state, token.text);
      else if (token.kind === 'footnote') state.notes.push(`footnote ${token.text} is not read`);
      else if (token.kind !== 'sign') takeWord(state, tokens, i);
      else if (token.text !== '\u200b' && (!SEPARATORS.has(token.text) || isDangling(tokens, i)))
        state.leftovers.push(token.text);
    });
  const implied = state.protocols.size === 0 && !state.any && state.names.length > 0;
  if (!state.any) applyNames(state, implied);
  // `TCP, any`: one of them is not meant.
  else if (state.protocols.size > 0 || state.names.length > 0) state.leftovers.push('any');
  return { ...state, protocols: [...state.protocols], implied };
}
