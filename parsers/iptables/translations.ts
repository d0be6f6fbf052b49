/** Which packets the nat tables may rewrite, as they reach the host: upper bounds, first come first served left aside. */
import type { Rule, RuleList, Translation } from '../../src/model/firewall.js';
import type { MatchBox } from '../../src/model/match.js';
import { type AddressSet, type Family, overlapsAddresses, unionAllAddresses } from '../../src/sets/address.js';
import { subtract } from '../../src/sets/intervals.js';
import { prefixSet } from '../../src/sets/ip.js';
import { allOf, parseAddress, parseRange } from './addresses.js';
import { complementBoxes } from './boxes.js';
import { intersectBoxes } from './constraint.js';
import type { Environment, Hook } from './context.js';
import type { TargetRecord } from './records.js';
import { targetText, translationKind } from './targets.js';

/** A list where packets enter a table that may translate. */
export interface TranslationEntry {
  readonly table: string;
  readonly hook: Hook;
  readonly list: string;
}
interface Found {
  readonly rule: Rule;
  readonly changes: Translation['changes'];
  match: readonly MatchBox[];
  readonly to: AddressSet | undefined;
}

/** More boxes than these are not kept apart. */
const REACH_LIMIT = 64;
const EXEMPTION_LIMIT = 32;
const MATCH_LIMIT = 1024;
const LEAVES: ReadonlySet<string> = new Set(['accept', 'return', 'drop', 'reject', 'goto']);

/** Packets in a box of each; undefined: too many to tell apart. */
function product(a: readonly MatchBox[], b: readonly MatchBox[], limit: number): MatchBox[] | undefined {
  const out: MatchBox[] = [];
  for (const x of a)
    for (const y of b) {
      const both = intersectBoxes(x, y);
      if (both && out.push(both) > limit) return undefined;
    }
  return out;
}

/** Links that a packet at a hook has: nothing else distinguishes what comes in, goes out and passes. */
function linksAt(hook: Hook, { links }: Environment): MatchBox {
  const real = subtract([0, links.names.length], links.none);
  if (hook === 'PREROUTING') return { in: real };
  if (hook === 'INPUT') return { in: real, out: links.none };
  return hook === 'OUTPUT' ? { in: links.none } : { out: real };
}

/** Lists that can be reached from one, callers first. Calls do not go in circles: those that would are no jumps. */
function callersFirst(entry: string, lists: ReadonlyMap<string, RuleList>): string[] {
  const done = new Set<string>([entry]);
  const order: string[] = [];
  const path = [{ id: entry, at: 0 }];
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const rule = lists.get(top.id)?.rules[top.at++];
    if (!rule) {
      order.push(top.id);
      path.pop();
    } else if ((rule.action.kind === 'jump' || rule.action.kind === 'goto') && !done.has(rule.action.list)) {
      done.add(rule.action.list);
      path.push({ id: rule.action.list, at: 0 });
    }
  }
  return order.reverse();
}

/** What is left of the packets of a list after a rule that surely ends it for some. */
function without(reach: readonly MatchBox[], rule: Rule, environment: Environment): readonly MatchBox[] {
  if (!LEAVES.has(rule.action.kind) || rule.conditions.length > 0 || rule.match.lo.length === 0) return reach;
  const others = complementBoxes(rule.match.lo, environment.family, environment.links.names.length);
  return (others && product(reach, others, EXEMPTION_LIMIT)) ?? reach;
}

/** Every rule that may be reached, with the packets that may reach it. */
function* reached(
  { hook, list }: TranslationEntry,
  lists: ReadonlyMap<string, RuleList>,
  environment: Environment,
): Generator<readonly [Rule, readonly MatchBox[]]> {
  const all = [linksAt(hook, environment)];
  const reach = new Map<string, readonly MatchBox[]>([[list, all]]);
  for (const id of callersFirst(list, lists)) {
    let here = reach.get(id) ?? [];
    for (const rule of lists.get(id)?.rules ?? []) {
      if (here.length === 0) break;
      const { action } = rule;
      yield [rule, here];
      if (action.kind === 'jump' || action.kind === 'goto') {
        const more = product(here, rule.match.hi, REACH_LIMIT);
        const sum = more && [...(reach.get(action.list) ?? []), ...more];
        reach.set(action.list, sum && sum.length <= REACH_LIMIT ? sum : all);
      }
      here = without(here, rule, environment);
    }
  }
}

const NAT_RANGE = /^\[?([0-9a-fA-F:.]+)\]?(?:-\[?([0-9a-fA-F:.]+)\]?)?(?:(?<=\]):[0-9-]+(?:\/[0-9]+)?)?$/;

/** `10.0.0.5-10.0.0.9:80-90`, `[2001:db8::5]:443`; undefined where it is no address. */
function written(text: string, family: Family): AddressSet | undefined {
  const match = NAT_RANGE.exec(family === 4 ? text.replace(/:.*$/, '') : text);
  const [first, last] = [match?.[1], match?.[2]];
  if (first === undefined) return undefined;
  return last === undefined ? parseAddress(first, family) : parseRange(`${first}-${last}`, family);
}

/** Addresses that a target writes; undefined where the dump does not tell. */
function writtenBy(target: TargetRecord, match: readonly MatchBox[], { family, host }: Environment): AddressSet | undefined {
  const values = (name: string): string[] => target.options.filter((one) => one.name === name).map((one) => one.values[0] ?? '');
  const ofHost = (): AddressSet | undefined => {
    const loopback = family === 4 ? prefixSet('127.0.0.0', 8) : prefixSet('::1', 128);
    return host.complete && loopback ? unionAllAddresses([host.own, loopback]) : undefined;
  };
  switch (target.name) {
    case 'DNAT':
    case 'SNAT': {
      const texts = values(target.name === 'DNAT' ? 'to-destination' : 'to-source');
      const side = target.name === 'DNAT' ? 'destination' : 'source';
      const sets = texts.flatMap((text): (AddressSet | undefined)[] =>
        // The port alone: the address stays what it was.
        text.startsWith(':') ? match.map((box) => box[side]) : [written(text, family)],
      );
      const known = sets.filter((set) => set !== undefined);
      return known.length === sets.length && known.length > 0 ? unionAllAddresses(known) : undefined;
    }
    case 'NETMAP':
      return parseAddress(values('to')[0] ?? '', family);
    case 'REDIRECT':
    case 'TPROXY':
      return ofHost();
    default:
      return undefined;
  }
}

/** Nat decides by the first packet, for all packets of a connection. */
function anyPacket(boxes: readonly MatchBox[]): MatchBox[] {
  const seen = new Map<string, MatchBox>();
  for (const { phases: _, ...box } of boxes)
    seen.set(
      JSON.stringify(box, (_key, value) => (typeof value === 'bigint' ? String(value) : value)),
      box,
    );
  return [...seen.values()];
}

/** A source translation sees destinations that were translated before: what carries packets to its own comes in too. */
function asTheyArrive(found: Found, destinations: readonly Found[]): readonly MatchBox[] {
  if (found.changes === 'destination') return found.match;
  const out: MatchBox[] = [...found.match];
  for (const { destination, ports, ...rest } of found.match)
    for (const { match, to } of destination || ports ? destinations : []) {
      if (destination && to && !overlapsAddresses(destination, to)) continue;
      for (const box of match) {
        const both = intersectBoxes(box, rest);
        if (both && out.push(both) > MATCH_LIMIT)
          return anyPacket(found.match.map(({ destination: _d, ports: _p, ...all }) => all));
      }
    }
  return anyPacket(out);
}

const inFile = ({ span: a }: Rule, { span: b }: Rule): number =>
  !a || !b ? Number(!a) - Number(!b) : a.file < b.file ? -1 : a.file > b.file ? 1 : a.start - b.start;

/**
 * @param entries where packets enter the nat tables of one family, and mangle where TPROXY stands.
 * @param targets of the rules that may translate; other rules of a nat table with action `unknown` may too.
 */
export function translationsOf(
  entries: readonly TranslationEntry[],
  lists: ReadonlyMap<string, RuleList>,
  targets: ReadonlyMap<Rule, TargetRecord>,
  environment: Environment,
): readonly Translation[] {
  const found = new Map<string, Found>();
  for (const entry of entries)
    for (const [rule, reach] of reached(entry, lists, environment)) {
      const target = targets.get(rule);
      if (!target && (rule.action.kind !== 'unknown' || entry.table !== 'nat')) continue;
      const changes = (target && translationKind(target)) ?? (/^(?:PRE|OUT)/.test(entry.hook) ? 'destination' : 'source');
      const match = anyPacket(product(reach, rule.match.hi, MATCH_LIMIT) ?? rule.match.hi);
      if (match.length === 0) continue;
      const key = `${rule.id} ${rule.span?.start ?? ''} ${rule.span?.file ?? ''} ${changes}`;
      const before = found.get(key)?.match ?? [];
      const all = before.length > 0 ? anyPacket([...before, ...match]) : match;
      found.set(key, { rule, changes, match: all, to: target && writtenBy(target, all, environment) });
    }
  const every = allOf(environment.family);
  const sorted = [...found.values()].sort((a, b) => inFile(a.rule, b.rule));
  const destinations = sorted.filter(({ changes }) => changes === 'destination');
  return sorted.map((one): Translation => {
    const { rule, changes, to } = one;
    const target = targets.get(rule);
    const name = target ? `${rule.id}: ${targetText(target)}` : `${rule.id}: ${rule.name}`;
    // Of one family: a box without addresses would be about both.
    const match = asTheyArrive(one, destinations).map((box) => ({ ...box, destination: box.destination ?? every }));
    return { changes, name, ...(rule.span ? { span: rule.span } : {}), match, ...(to ? { to } : {}) };
  });
}
