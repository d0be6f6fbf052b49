/** Where addresses lie as seen from a device: longest prefix first, what the user declares before all. */
import type { Firewall, HopSource, Route } from '../model/firewall.js';
import type { AddressSet } from '../sets/address.js';
import { contains, equal, type Intervals, intersect, overlaps, size, subtract, union } from '../sets/intervals.js';
import type { Space } from './space.js';

export interface Place {
  readonly addresses: Intervals;
  /** Links the addresses may lie behind; empty: packets to them are discarded. */
  readonly links: Intervals;
  /** Interfaces they may lie behind, where the export names them. */
  readonly interfaces: readonly string[];
  readonly from: HopSource;
  /** Some way discards the packets, where `links` names others: they may get lost. */
  readonly discards: boolean;
  /** False where neither a route nor the user says anything: any link. */
  readonly known: boolean;
}

const FROM_ORDER: readonly HopSource[] = ['declared', 'host', 'interface', 'route', 'default-route'];
export const weaker = (a: HopSource, b: HopSource): HopSource => (FROM_ORDER.indexOf(a) > FROM_ORDER.indexOf(b) ? a : b);

function merge(a: Place, b: Place, addresses: Intervals): Place {
  return {
    addresses,
    links: union(a.links, b.links),
    interfaces: [...new Set([...a.interfaces, ...b.interfaces])].sort(),
    from: weaker(a.from, b.from),
    discards: a.discards || b.discards || (a.links.length === 0) !== (b.links.length === 0),
    known: a.known && b.known,
  };
}

/** Adds a place to others of the same rank: where they overlap, packets may go either way. */
function addEqual(places: readonly Place[], extra: Place): Place[] {
  const out: Place[] = [];
  let rest = extra.addresses;
  for (const place of places) {
    if (!overlaps(place.addresses, rest)) {
      out.push(place);
      continue;
    }
    const both = intersect(place.addresses, rest);
    const alone = subtract(place.addresses, both);
    if (alone.length > 0) out.push({ ...place, addresses: alone });
    out.push(merge(place, extra, both));
    rest = subtract(rest, both);
  }
  if (rest.length > 0) out.push({ ...extra, addresses: rest });
  return out;
}

/** Number of the link that the export names so, by key or else by label; -1 when none does. */
export function linkNamed(firewall: Firewall, name: string): number {
  const { names, labels } = firewall.links;
  const byKey = names.indexOf(name);
  return byKey >= 0 ? byKey : (labels?.indexOf(name) ?? -1);
}

function declaredPlaces(firewall: Firewall, space: Space, zones: ReadonlyMap<string, AddressSet>): Place[] {
  const ranges: { link: number; set: Intervals }[] = [];
  for (const [name, set] of zones) {
    const link = linkNamed(firewall, name);
    if (link < 0) continue;
    const addresses = space.coordinates(set);
    for (let i = 0; i < addresses.length; i += 2) ranges.push({ link, set: addresses.slice(i, i + 2) });
  }
  // The narrower statement wins, as a longer prefix does: "eth0: 0.0.0.0/0" is what is left.
  ranges.sort((a, b) => size(a.set) - size(b.set));
  let places: Place[] = [];
  let covered: Intervals = [];
  for (const width of new Set(ranges.map(({ set }) => size(set)))) {
    let rank: Place[] = [];
    for (const { link, set } of ranges.filter((range) => size(range.set) === width)) {
      const addresses = subtract(set, covered);
      if (addresses.length > 0)
        rank = addEqual(rank, {
          addresses,
          links: [link, link + 1],
          interfaces: [],
          from: 'declared',
          discards: false,
          known: true,
        });
    }
    places = [...places, ...rank];
    covered = rank.reduce((all, place) => union(all, place.addresses), covered);
  }
  return places;
}

/**
 * A partition of all addresses by where they lie, as routing table `table` sees it (undefined: all tables together).
 * Addresses that nothing speaks of lie behind any of `candidates`.
 */
export function placesOf(
  firewall: Firewall,
  space: Space,
  zones: ReadonlyMap<string, AddressSet>,
  candidates: Intervals,
  table?: string,
): readonly Place[] {
  const places = declaredPlaces(firewall, space, zones);
  let covered = places.reduce<Intervals>((all, place) => union(all, place.addresses), []);
  const routes = (firewall.routes ?? []).filter(
    (route) => table === undefined || route.table === undefined || route.table === table,
  );
  // Beside a connected network routes of the same length do not count.
  const rankOf = (route: Route): number => 2 * route.prefixLength + (route.from === 'interface' ? 1 : 0);
  const byRank = new Map<number, Route[]>();
  for (const route of routes) byRank.set(rankOf(route), [...(byRank.get(rankOf(route)) ?? []), route]);
  for (const at of [...byRank.keys()].sort((a, b) => b - a)) {
    let rank: Place[] = [];
    for (const route of byRank.get(at) ?? []) {
      const addresses = subtract(space.coordinates(route.destination), covered);
      if (addresses.length === 0) continue;
      const interfaces = route.interface === undefined ? [] : [route.interface];
      rank = addEqual(rank, { addresses, links: route.links, interfaces, from: route.from, discards: false, known: true });
    }
    for (const place of rank) {
      places.push(place);
      covered = union(covered, place.addresses);
    }
  }
  const rest = subtract(space.allAddresses, covered);
  if (rest.length > 0)
    places.push({
      addresses: rest,
      links: candidates,
      interfaces: [],
      from: firewall.routes ? 'default-route' : 'declared',
      discards: false,
      known: false,
    });
  return places;
}

/**
 * Where `addresses` lie for packets that any of the routing tables may look up: as each of them has it.
 * @param tables at least one; undefined: all routes in one table.
 */
export function placesIn(
  firewall: Firewall,
  space: Space,
  zones: ReadonlyMap<string, AddressSet>,
  candidates: Intervals,
  tables: readonly (string | undefined)[],
  addresses: Intervals,
): readonly Place[] {
  const each = tables.map((table) =>
    placesOf(firewall, space, zones, candidates, table).filter((place) => overlaps(place.addresses, addresses)),
  );
  return each.reduce((all, places) =>
    all.flatMap((a) =>
      places.flatMap((b) => (overlaps(a.addresses, b.addresses) ? [merge(a, b, intersect(a.addresses, b.addresses))] : [])),
    ),
  );
}

const tablesOfInterfaces = new WeakMap<Firewall, ReadonlyMap<string, string | undefined>>();

/** Interface -> routing table, as its connected networks tell; undefined where they tell several. */
function interfaceTables(firewall: Firewall): ReadonlyMap<string, string | undefined> {
  let found = tablesOfInterfaces.get(firewall);
  if (!found) {
    const tables = new Map<string, string | undefined>();
    for (const { from, interface: name, table } of firewall.routes ?? [])
      if (from === 'interface' && name) tables.set(name, tables.has(name) && tables.get(name) !== table ? undefined : table);
    tablesOfInterfaces.set(firewall, tables);
    found = tables;
  }
  return found;
}

/** The routing tables that packets from a place may be looked up in; `links`: where they come from, if that is stated. */
export function tablesOf(firewall: Firewall, source: Place, links?: Intervals): readonly (string | undefined)[] {
  const { linkTables } = firewall;
  if (!linkTables) return [undefined];
  if (source.interfaces.length > 0 && (!links || equal(links, source.links))) {
    const known = source.interfaces.map((name) => interfaceTables(firewall).get(name));
    if (!known.includes(undefined)) return [...new Set(known)];
  }
  const from = links ?? source.links;
  const found = linkTables.filter((_, link) => from.length === 0 || contains(from, link));
  const all = found.includes(undefined) || found.length === 0;
  const tables = [...new Set(all ? (firewall.routes ?? []).map((route) => route.table) : found)];
  return tables.length > 0 ? tables : [undefined];
}

/** True when traffic between the two places stays on one interface and so does not cross the device. */
export function sameSide(a: Place, b: Place): boolean {
  if (!a.known || !b.known) return false;
  const single = a.links.length === 2 && (a.links[1] as number) - (a.links[0] as number) === 1;
  if (!single || !equal(a.links, b.links)) return false;
  if (a.interfaces.length === 0 || b.interfaces.length === 0) return true;
  return a.interfaces.length === 1 && b.interfaces.length === 1 && a.interfaces[0] === b.interfaces[0];
}
