/** The grammar of protocol cells: `TCP  UDP`, `TCP and UDP`, `HTTPS (TCP)`, `IP protocol 50`, `Any`. */
import { knownService, protocolNumber } from './names.js';
import { readRemark, SEPARATORS, type Token, tokenize } from './tokens.js';

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
}

const FILLERS: ReadonlySet<string> = new Set(['and', 'both', 'protocol', 'ip', 'over', 'secure']);

interface State {
  readonly protocols: Set<number>;
  readonly names: string[];
  readonly leftovers: string[];
  any: boolean;
  optional: boolean;
}

function takeWord(state: State, token: Token, previous: Token | undefined): void {
  const lower = token.text.toLowerCase();
  const value = protocolNumber(lower);
  if (value !== undefined) state.protocols.add(value);
  else if (lower === 'any' || lower === 'all') state.any = true;
  else if (knownService(lower)) state.names.push(token.text);
  else if (token.kind === 'number' && previous?.text.toLowerCase() === 'protocol' && Number(token.text) <= 255)
    state.protocols.add(Number(token.text));
  else if (!FILLERS.has(lower) || (lower === 'ip' && previous !== undefined)) state.leftovers.push(token.text);
}

function takeRemark(state: State, text: string): void {
  const remark = readRemark(text);
  if (remark.kind === 'protocols') for (const value of remark.protocols) state.protocols.add(value);
  else if (remark.kind === 'optional') state.optional = true;
  else if (remark.kind === 'unknown') state.leftovers.push(`(${text})`);
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
  const state: State = { protocols: new Set(), names: [], leftovers: [], any: false, optional: false };
  const tokens = /^\s*[-\u2010-\u2015\u2212]?\s*$/.test(raw) ? [] : tokenize(raw);
  if (tokens.length === 1 && (tokens[0]?.text === '*' || tokens[0]?.text.toLowerCase() === 'ip')) state.any = true;
  else
    tokens.forEach((token, i) => {
      if (token.kind === 'remark') takeRemark(state, token.text);
      else if (token.kind !== 'sign') takeWord(state, token, tokens[i - 1]);
      else if (!SEPARATORS.has(token.text)) state.leftovers.push(token.text);
    });
  const implied = state.protocols.size === 0 && !state.any && state.names.length > 0;
  if (!state.any) applyNames(state, implied);
  return { ...state, protocols: [...state.protocols], implied };
}
