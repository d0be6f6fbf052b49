/**
 * Interfaces as numbers. Every interface that some rule names is one; so is every wildcard prefix ("another eth+": an
 * interface of that prefix that no rule names), "any other interface", and the empty name that a test sees where a packet
 * has no such interface (-o in INPUT).
 */
import type { Route } from '../../src/model/firewall.js';
import { ANY_ADDRESS } from '../../src/sets/address.js';
import { type Intervals, only, subtract, unionAll } from '../../src/sets/intervals.js';
import type { HostAddresses } from './ip-addr.js';
import type { TableRecord } from './records.js';

export interface LinkSpace {
  readonly names: readonly string[];
  /** What an `-i` or `-o` value matches, as numbers of `names`. */
  match(value: string): Intervals;
  /** Number of the interface of a name that no rule has: another one of the longest prefix, else any other. */
  numberOf(name: string): number;
  /** All real interfaces except lo: where packets of other hosts come and go. */
  readonly network: Intervals;
  /** The empty name. */
  readonly none: Intervals;
}

const isWildcard = (name: string): boolean => name.endsWith('+');

function collect(tables: readonly TableRecord[], more: readonly string[]): { named: string[]; prefixes: string[] } {
  const named = new Set<string>(more);
  const prefixes = new Set<string>();
  for (const table of tables)
    for (const chain of table.chains.values())
      for (const rule of chain.rules)
        for (const { name, module, values } of rule.options) {
          const [value = ''] = values;
          if (module !== 'ip' || (name !== 'i' && name !== 'o') || value === '' || value === '+') continue;
          if (isWildcard(value)) prefixes.add(value.slice(0, -1));
          else named.add(value);
        }
  named.delete('lo');
  return { named: [...named].sort(), prefixes: [...prefixes].sort() };
}

/** @param more interfaces known from elsewhere (`ip addr`). */
export function linkSpace(tables: readonly TableRecord[], more: readonly string[]): LinkSpace {
  const { named, prefixes } = collect(tables, more);
  const real = ['lo', ...named];
  const names = [...real, ...prefixes.map((prefix) => `${prefix}+ (another)`), 'any other interface', 'no interface'];
  const none = only(names.length - 1);
  const index = new Map(real.map((name, i) => [name, i]));
  const cache = new Map<string, Intervals>();
  const search = (value: string): Intervals => {
    if (value === '+' || value === '') return [0, names.length];
    if (!isWildcard(value)) {
      const at = index.get(value);
      return at === undefined ? [] : only(at);
    }
    const prefix = value.slice(0, -1);
    const hits = real.flatMap((name, i) => (name.startsWith(prefix) ? [only(i)] : []));
    prefixes.forEach((other, i) => {
      if (other.startsWith(prefix)) hits.push(only(real.length + i));
    });
    return unionAll(hits);
  };
  const match = (value: string): Intervals => {
    let hit = cache.get(value);
    if (!hit) {
      hit = search(value);
      cache.set(value, hit);
    }
    return hit;
  };
  const numberOf = (name: string): number => {
    const known = index.get(name);
    if (known !== undefined) return known;
    const longest = prefixes.filter((prefix) => name.startsWith(prefix)).sort((a, b) => b.length - a.length)[0];
    return longest === undefined ? names.length - 2 : real.length + prefixes.indexOf(longest);
  };
  return { names, numberOf, match, none, network: subtract([0, names.length - 1], only(0)) };
}

/** Connected networks lead out of their interface, everything else out of any: `ip addr` shows no gateway. */
export function routesOf(host: HostAddresses, links: LinkSpace): readonly Route[] | undefined {
  if (host.connected.length === 0) return undefined;
  const connected = host.connected.map(({ link, network, prefixLength }): Route => {
    return { destination: network, prefixLength, links: links.match(link), from: 'interface' };
  });
  return [...connected, { destination: ANY_ADDRESS, prefixLength: 0, links: links.network, from: 'default-route' }];
}
