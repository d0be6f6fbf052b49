/** Interfaces and static routes of the virtual routers -> where addresses lie, as zones of one virtual system. */
import type { Route } from '../../src/model/firewall.js';
import { type AddressSet, type Family, NO_ADDRESS, unionAllAddresses } from '../../src/sets/address.js';
import { EMPTY, only, unionAll } from '../../src/sets/intervals.js';
import { parseAddressSet } from '../../src/sets/ip.js';
import type { Diagnostic } from '../../src/source/diagnostic.js';
import type { Span } from '../../src/source/span.js';
import type { Addresses } from './addresses.js';
import type { InterfaceRecord, PanConfig, RouterRecord, StaticRouteRecord, VsysRecord } from './records.js';
import { MULTICAST, type Zones } from './zones.js';

export interface Routing {
  readonly routes?: readonly Route[];
  readonly linkTables?: readonly (string | undefined)[];
  readonly ownAddresses: AddressSet;
  readonly ownAddressesComplete: boolean;
}

interface Prefix {
  readonly network: AddressSet;
  readonly length: number;
}

/** A way out: an interface, or links alone where no single interface is known. Without links: discarded. */
interface Way {
  readonly links: readonly number[];
  readonly interface?: string;
}

interface Entry extends Prefix {
  readonly ways: readonly Way[];
  readonly from: Route['from'];
  readonly nextRouter?: string;
  /** Path monitoring may take all its routes out. */
  readonly monitored?: boolean;
  readonly span?: Span;
}

const DISCARD: Way = { links: [] };
/** Stands for the ways of another router until they are known. */
const HANDED_OVER: Way = { links: [] };
const familyOf = (prefix: Prefix): Family => (prefix.network.v4.length > 0 ? 4 : 6);

const MAX_RECURSION = 8;
const WHOLE: readonly Prefix[] = ['0.0.0.0/0', '::/0'].map((text) => ({
  network: parseAddressSet(text) ?? NO_ADDRESS,
  length: 0,
}));

/** The first address of a prefix of the given length that holds this one; the key of tables by prefix. */
function key(prefix: Prefix, length = prefix.length): string {
  const v4 = prefix.network.v4[0];
  if (v4 !== undefined) return `4/${length}/${length === 0 ? 0 : v4 - (v4 % 2 ** (32 - length))}`;
  const v6 = prefix.network.v6[0] ?? 0n;
  const size = 1n << BigInt(128 - length);
  return `6/${length}/${v6 - (v6 % size)}`;
}

type Table = ReadonlyMap<string, Entry>;

function longest(table: Table, prefix: Prefix): Entry | undefined {
  for (let length = prefix.length; length >= 0; length--) {
    const entry = table.get(key(prefix, length));
    if (entry) return entry;
  }
  return undefined;
}

class RouteBuilder {
  private readonly config: PanConfig;
  private readonly vsys: VsysRecord;
  private readonly zones: Zones;
  private readonly addresses: Addresses;
  private readonly note: (d: Diagnostic) => void;
  private readonly interfaces: ReadonlyMap<string, InterfaceRecord>;
  private readonly own: Map<string, Table> = new Map();
  private readonly expanded: Map<string, readonly Entry[]> = new Map();

  constructor(config: PanConfig, vsys: VsysRecord, zones: Zones, addresses: Addresses, note: (d: Diagnostic) => void) {
    this.config = config;
    this.vsys = vsys;
    this.zones = zones;
    this.addresses = addresses;
    this.note = note;
    this.interfaces = new Map(config.interfaces.map((i) => [i.name, i]));
  }

  build(): Routing {
    const mine = new Set(this.vsys.zones.filter((zone) => zone.type === 'layer3').flatMap((zone) => zone.members));
    const own = [...mine].flatMap((name) => this.interfaces.get(name) ?? []);
    const addresses = own.flatMap((i) => i.addresses.map((text) => this.addresses.interfaceAddress(text)));
    const result = {
      ownAddresses: unionAllAddresses(addresses.flatMap((a) => a?.address ?? [])),
      ownAddressesComplete:
        own.length === mine.size && own.length > 0 && own.every((i) => !i.dynamic) && !addresses.includes(undefined),
    };
    // Traffic from other virtual systems is looked up in the routers that they use.
    const outward = this.vsys.zones.some((zone) => zone.type === 'external');
    const routers = this.config.routers.filter((router) => outward || router.interfaces.some((name) => mine.has(name)));
    const usable = own.some((i) => i.addresses.length > 0 || i.dynamic);
    if (routers.length === 0 || !usable) return result;
    const tables = this.linkTables(routers);
    const mixed = this.vsys.zones.filter((zone) => zone.type === 'layer3' && this.routersOf(zone.name, routers).length > 1);
    for (const zone of mixed) this.warnMixed(zone);
    const several = routers.length > 1;
    const routes = routers.flatMap((router) =>
      this.expand(router, []).flatMap((entry) => this.routes(entry, several ? router.name : undefined)),
    );
    return {
      ...result,
      routes: [...routes, ...this.multicast()],
      ...(several ? { linkTables: tables } : {}),
    };
  }

  private warnMixed(zone: VsysRecord['zones'][number]): void {
    this.note({
      severity: 'warning',
      code: 'zone-in-several-routers',
      message: `zone "${zone.name}" has interfaces in several virtual routers: which of them looks a packet up is known only where its source lies in a network of one interface`,
      file: zone.span.file,
      line: zone.span.line,
    });
  }

  private multicast(): readonly Route[] {
    const link = this.zones.link(MULTICAST);
    if (link === undefined) return [];
    const route = (text: string, prefixLength: number): Route => ({
      destination: parseAddressSet(text) ?? NO_ADDRESS,
      prefixLength,
      links: only(link),
      from: 'route',
    });
    return [route('224.0.0.0/4', 4), route('ff00::/8', 8)];
  }

  private routersOf(zoneName: string, routers: readonly RouterRecord[]): readonly RouterRecord[] {
    const link = this.zones.link(zoneName);
    return routers.filter((router) => router.interfaces.some((i) => link !== undefined && this.zonesOf(i).includes(link)));
  }

  private linkTables(routers: readonly RouterRecord[]): readonly (string | undefined)[] {
    return this.zones.names.map((name) => {
      const tables = this.routersOf(name, routers);
      return tables.length === 1 ? tables[0]?.name : undefined;
    });
  }

  /** Zones that an interface belongs to; of another virtual system's interface the external zones that lead there. */
  private linksOf(name: string): readonly number[] {
    const found = this.zonesOf(name);
    return found.length || this.zones.nowhere === undefined ? found : [this.zones.nowhere];
  }

  private zonesOf(name: string): readonly number[] {
    const zonesWith = (member: string, external: boolean): number[] =>
      this.vsys.zones
        .filter((zone) => (zone.type === 'external') === external && zone.members.includes(member))
        .flatMap((zone) => this.zones.link(zone.name) ?? []);
    const here = zonesWith(name, false);
    if (here.length) return here;
    const gateway = this.config.gateways.find((g) => g.interfaces.includes(name));
    if (gateway) return zonesWith(gateway.name, true);
    const other = this.config.vsys.find(
      (v) =>
        v !== this.vsys &&
        (v.interfaces.includes(name) || v.zones.some((zone) => zone.type !== 'external' && zone.members.includes(name))),
    );
    // Both must see each other, or the traffic is dropped between them.
    if (!other || !this.vsys.visible.includes(other.name) || !other.visible.includes(this.vsys.name)) return [];
    // The other one needs an external zone that leads back, too.
    if (!other.zones.some((zone) => zone.type === 'external' && zone.members.includes(this.vsys.name))) return [];
    return zonesWith(other.name, true);
  }

  /**
   * What lies behind another virtual system or a shared gateway is one side of this one, whatever interface it has
   * there: traffic among it does not come here.
   */
  private wayBy(name: string): Way {
    const gateway = this.config.gateways.find((one) => one.interfaces.includes(name));
    const owner = this.config.vsys.find((one) => one !== this.vsys && one.interfaces.includes(name));
    const mine = this.vsys.zones.some((zone) => zone.type !== 'external' && zone.members.includes(name));
    return { links: this.linksOf(name), interface: mine ? name : (gateway?.name ?? owner?.name ?? name) };
  }

  private allLinks(router: RouterRecord): readonly number[] {
    return [...new Set(router.interfaces.flatMap((name) => this.linksOf(name)))];
  }

  private prefix(text: string): Prefix | undefined {
    return this.addresses.interfaceAddress(text);
  }

  private connected(router: RouterRecord): Entry[] {
    return router.interfaces.flatMap((name) => {
      const record = this.interfaces.get(name);
      return (record?.addresses ?? []).flatMap((text): Entry[] => {
        const prefix = this.prefix(text);
        if (!prefix || !record) return [];
        const { network, length } = prefix;
        return [{ network, length, ways: [this.wayBy(name)], from: 'interface', span: record.span }];
      });
    });
  }

  /** Ways that any address without a connected network may also take: what routing protocols or DHCP add. */
  private unseen(router: RouterRecord, family: Family): readonly Way[] {
    const blind =
      router.protocols.length > 0 ||
      router.routes.some((route) => !route.notInstalled && !this.prefix(route.destination)) ||
      router.interfaces.some((name) => this.interfaces.get(name)?.addresses.some((text) => !this.prefix(text)));
    if (blind) return [{ links: this.allLinks(router) }];
    return router.interfaces.filter((name) => this.interfaces.get(name)?.leases.has(family)).map((name) => this.wayBy(name));
  }

  private ownTable(router: RouterRecord): Table {
    const known = this.own.get(router.name);
    if (known) return known;
    const table = new Map<string, Entry>();
    for (const entry of this.connected(router)) {
      const same = table.get(key(entry));
      table.set(key(entry), same ? { ...same, ways: [...same.ways, ...entry.ways] } : entry);
    }
    for (const entry of this.staticEntries(router, table)) if (!table.has(key(entry))) table.set(key(entry), entry);
    for (const whole of WHOLE) {
      if (table.has(key(whole))) continue;
      const family = familyOf(whole);
      const leased = router.interfaces.some((name) => this.interfaces.get(name)?.leases.get(family));
      const ways = [...this.unseen(router, family), ...(leased ? [] : [DISCARD])];
      table.set(key(whole), { ...whole, ways, from: 'default-route' });
    }
    this.fallBack(router, table);
    this.own.set(router.name, table);
    return table;
  }

  /** What path monitoring may take out leaves its addresses to the next shorter prefix. */
  private fallBack(router: RouterRecord, table: Map<string, Entry>): void {
    const monitored = [...table.values()].filter((entry) => entry.monitored).sort((a, b) => a.length - b.length);
    for (const entry of monitored) {
      const shorter = entry.length === 0 ? undefined : longest(table, { ...entry, length: entry.length - 1 });
      // Where the shorter one hands over to another router, any way may be it.
      const further = shorter?.nextRouter === undefined ? [] : [{ links: this.allLinks(router) }];
      table.set(key(entry), { ...entry, ways: [...entry.ways, ...further, ...(shorter?.ways ?? [DISCARD])] });
    }
  }

  private staticEntries(router: RouterRecord, connected: Table): readonly Entry[] {
    const groups = new Map<string, { prefix: Prefix; routes: StaticRouteRecord[] }>();
    for (const route of router.routes) {
      const prefix = route.notInstalled ? undefined : this.prefix(route.destination);
      if (!prefix) continue;
      const group = groups.get(key(prefix)) ?? { prefix, routes: [] };
      group.routes.push(route);
      groups.set(key(prefix), group);
    }
    // Longest first, so that a next hop may be found behind a more specific static route.
    const table = new Map(connected);
    const out: Entry[] = [];
    const byLength = [...groups.values()].sort((a, b) => b.prefix.length - a.prefix.length);
    for (const { prefix, routes } of byLength) {
      const { network, length } = prefix;
      const best = bestOf(routes);
      const hops = best.map((route) => this.way(router, route, table));
      const nextRouter = best.find((route) => /^next-(vr|lr)$/.test(route.nextHop?.kind ?? ''))?.nextHop?.value;
      const span = best[0]?.span;
      const entry: Entry = {
        network,
        length,
        ways: [...hops, ...this.unseen(router, familyOf(prefix))],
        from: length === 0 ? 'default-route' : 'route',
        ...(nextRouter === undefined ? {} : { nextRouter }),
        ...(routes.every((route) => route.monitored) ? { monitored: true } : {}),
        ...(span ? { span } : {}),
      };
      out.push(entry);
      if (!table.has(key(entry))) table.set(key(entry), entry);
    }
    return out;
  }

  private way(router: RouterRecord, route: StaticRouteRecord, table: Table): Way {
    const { nextHop } = route;
    if (nextHop?.kind === 'discard') return DISCARD;
    if (/^next-(vr|lr)$/.test(nextHop?.kind ?? '')) return HANDED_OVER;
    if (route.interface) return this.wayBy(route.interface);
    const hop = nextHop && /^ip(v6)?-address$/.test(nextHop.kind) ? this.prefix(nextHop.value) : undefined;
    const host = hop && this.addresses.interfaceAddress(nextHop?.value ?? '')?.address;
    const through = host && longest(table, { network: host, length: host.v4.length ? 32 : 128 });
    const way = through?.ways[0];
    if (through && way && through.ways.length === 1 && through.nextRouter === undefined) return way;
    this.note({
      severity: 'info',
      code: 'next-hop',
      message: `static route "${route.name}": which interface leads to its next hop is not known; any zone of ${router.name} perhaps`,
      file: route.span.file,
      line: route.span.line,
    });
    return { links: this.allLinks(router) };
  }

  /** All prefixes of a router, those of routers it hands packets to included. */
  private expand(router: RouterRecord, path: readonly string[]): readonly Entry[] {
    const known = this.expanded.get(router.name);
    if (known) return known;
    const table = this.ownTable(router);
    const out: Entry[] = [];
    for (const entry of table.values()) {
      if (entry.nextRouter === undefined) {
        out.push(entry);
        continue;
      }
      const next = this.config.routers.find((r) => r.name === entry.nextRouter);
      if (!next || path.includes(next.name) || path.length >= MAX_RECURSION) {
        out.push({ ...entry, ways: [{ links: this.allLinks(router) }] });
        continue;
      }
      const theirs = this.expand(next, [...path, router.name]);
      const index = new Map(theirs.map((t) => [key(t), t]));
      const found = longest(index, entry);
      const mine = entry.ways.filter((way) => way !== HANDED_OVER);
      out.push({ ...entry, ways: [...mine, ...(found?.ways ?? [DISCARD])] });
      for (const t of theirs)
        if (t.length > entry.length && key(t, entry.length) === key(entry) && longest(table, t) === entry)
          out.push({ ...t, ways: [...mine, ...t.ways], from: 'route' });
    }
    if (path.length === 0) this.expanded.set(router.name, out);
    return out;
  }

  private routes(entry: Entry, table: string | undefined): readonly Route[] {
    const base = {
      destination: entry.network,
      prefixLength: entry.length,
      from: entry.from,
      ...(table === undefined ? {} : { table }),
      ...(entry.span ? { span: entry.span } : {}),
    };
    const reachable = entry.ways.filter((way) => way.links.length > 0);
    const discarded: Route[] = reachable.length < Math.max(1, entry.ways.length) ? [{ ...base, links: EMPTY }] : [];
    return [
      ...reachable.map((way) => ({
        ...base,
        links: unionAll(way.links.map(only)),
        ...(way.interface === undefined ? {} : { interface: way.interface }),
      })),
      ...discarded,
    ];
  }
}

/** Lowest administrative distance, then metric; a route that monitoring may take out leaves the others possible. */
function bestOf(routes: readonly StaticRouteRecord[]): readonly StaticRouteRecord[] {
  if (routes.some((route) => route.monitored)) return routes;
  const rank = (route: StaticRouteRecord): number => route.adminDistance * 1e6 + route.metric;
  const best = Math.min(...routes.map(rank));
  return routes.filter((route) => rank(route) === best);
}

export const routingOf = (
  config: PanConfig,
  vsys: VsysRecord,
  zones: Zones,
  addresses: Addresses,
  note: (d: Diagnostic) => void,
): Routing => new RouteBuilder(config, vsys, zones, addresses, note).build();
