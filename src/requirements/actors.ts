/** The ends that a set of flows names, and which of them may be one actor in two spellings: proposed, never merged. */
import type { StatedFlow } from '../model/requirement.js';
import { NOT_STATED } from './row-cells.js';

export interface Actor {
  /** Exact text of the page, white space collapsed. */
  readonly name: string;
  /** Lines that name it, ascending, each once. */
  readonly lines: readonly number[];
  /** Number of flows it starts. */
  readonly asSource: number;
  /** Number of flows it receives. */
  readonly asDestination: number;
}

/** `actor` may be the same as `like`, which the page uses more often or first. */
export interface AliasProposal {
  readonly actor: string;
  readonly like: string;
  readonly reason: string;
}

/** In the order of first mention. An end that is not stated is no actor. */
export function actorsOf(flows: readonly StatedFlow[]): readonly Actor[] {
  const found = new Map<string, { lines: Set<number>; asSource: number; asDestination: number }>();
  const entry = (name: string) => {
    const known = found.get(name) ?? { lines: new Set<number>(), asSource: 0, asDestination: 0 };
    found.set(name, known);
    return known;
  };
  for (const flow of flows) {
    const source = entry(flow.source.text);
    source.asSource++;
    source.lines.add(flow.line);
    const destination = entry(flow.destination.text);
    destination.asDestination++;
    destination.lines.add(flow.line);
  }
  found.delete(NOT_STATED);
  return [...found].map(([name, { lines, asSource, asDestination }]) => ({
    name,
    lines: [...lines].sort((a, b) => a - b),
    asSource,
    asDestination,
  }));
}

/** A text that introduces a table, and the ends that its rows name. */
export interface TableEnds {
  readonly caption: string;
  readonly captionLine: number;
  readonly ends: readonly string[];
}

const wordsOf = (name: string): readonly string[] => name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const isName = (name: string): boolean => /\p{L}/u.test(name) && !/^[^\s]+\.[^\s]+$|:|^any$/i.test(name);
const singular = (word: string): string => (word.length > 3 ? word.replace(/s$/, '') : word);

const HEADS: ReadonlySet<string> = new Set(
  'server host client service node machine computer agent appliance system proxy gateway controller console instance'.split(' '),
);

/** The last word when it names a kind of machine, else undefined; and the words before it. */
function partsOf(name: string): { readonly head: string | undefined; readonly own: readonly string[] } {
  const words = wordsOf(name);
  const last = singular(words[words.length - 1] ?? '');
  return HEADS.has(last) ? { head: last, own: words.slice(0, -1) } : { head: undefined, own: words };
}

/** How two names differ when they spell one thing: letter case, plural, signs, a missing `server`, initials. */
function spelling(a: string, b: string): string | undefined {
  if (a.toLowerCase() === b.toLowerCase()) return 'differs only in letter case';
  const flat = (name: string): string => wordsOf(name).map(singular).join('');
  if (flat(a) === flat(b)) return 'differs only in signs, blanks or the plural';
  const [x, y] = [partsOf(a), partsOf(b)];
  const same = x.own.join(' ') === y.own.join(' ') && x.own.length > 0;
  if (same && (x.head === undefined) !== (y.head === undefined))
    return `is the same name ${x.head === undefined ? 'without' : 'with'} "${x.head ?? y.head}"`;
  const initials = (parts: { own: readonly string[] }): string => parts.own.map((word) => word[0] ?? '').join('');
  const short = (one: typeof x, other: typeof x): boolean =>
    one.own.length === 1 && other.own.length > 1 && one.own[0] === initials(other) && one.head === other.head;
  return short(x, y) || short(y, x) ? 'is made of the initials' : undefined;
}

/** The text before a table speaks of one actor, the rows name another of the same kind in its place. */
function substitute(actor: string, like: string, tables: readonly TableEnds[]): string | undefined {
  const [own, other] = [partsOf(actor), partsOf(like)];
  if (own.head === undefined || own.head !== other.head || other.own.length === 0) return undefined;
  // An abbreviation of the product's name; a full name of its own is another machine.
  if (own.own.length !== 1 || !/\p{Lu}.*\p{Lu}/u.test(actor.slice(0, actor.lastIndexOf(' ')))) return undefined;
  if (tables.some((one) => one.ends.includes(actor) && one.ends.includes(like))) return undefined;
  const says = (table: TableEnds, parts: typeof own): boolean =>
    ` ${wordsOf(table.caption).join(' ')} `.includes(` ${parts.own.join(' ')} `);
  const lower = like.toLowerCase();
  const table = tables.find(
    (one) =>
      one.ends.includes(actor) && says(one, other) && !says(one, own) && !one.ends.some((end) => end.toLowerCase() === lower),
  );
  return (
    table &&
    `the text of line ${table.captionLine} speaks of "${like.slice(0, like.lastIndexOf(' '))}" where the rows below it say "${actor}"`
  );
}

const weight = (actor: Actor): number => actor.asSource + actor.asDestination;

/** More actors than this are no page's roles; proposals would be noise, and their number grows with the square. */
const MAX_COMPARED = 300;
const MAX_TABLES = 50;

/** Proposes, for each actor, the most used one that it may be another spelling of. */
export function proposeAliases(actors: readonly Actor[], tables: readonly TableEnds[]): readonly AliasProposal[] {
  const names = actors.filter((actor) => isName(actor.name)).slice(0, MAX_COMPARED);
  const ranked = [...names].sort((a, b) => weight(b) - weight(a));
  const compared = tables.slice(0, MAX_TABLES);
  const found = new Map<Actor, AliasProposal>();
  ranked.forEach((actor, rank) => {
    for (const like of ranked.slice(0, rank)) {
      const reason = spelling(actor.name, like.name) ?? substitute(actor.name, like.name, compared);
      if (reason === undefined) continue;
      found.set(actor, { actor: actor.name, like: like.name, reason });
      break;
    }
  });
  return names.flatMap((actor) => found.get(actor) ?? []);
}
