/** Behind which zone an address lies: connected networks, static routes, other virtual systems. */
import type { InterfaceRecord, PanConfig, RouterRecord, StaticRouteRecord, VsysRecord } from '../../parsers/paloalto/index.js';
import type { Family } from '../../src/sets/address.js';
import { type Address, inPrefix, type Prefix, readAny, readPrefix } from './paloalto-objects.js';

export type Place =
  | { readonly kind: 'zone'; readonly zone: string; readonly interface?: string; readonly router?: RouterRecord }
  /** Behind an interface that is in no zone. */
  | { readonly kind: 'drop' }
  /** Discarded, or without a route. */
  | { readonly kind: 'lost' }
  /** The traffic never meets this virtual system. */
  | { readonly kind: 'elsewhere' };

const DROP: Place = { kind: 'drop' };
const LOST: Place = { kind: 'lost' };
export const UNNAMED: readonly string[] = ['(another zone)', '(yet another zone)'];
const MAX_HOPS = 20;

/** Zones that traffic can come from or go to. A tap zone sees copies. */
export function zonesOf(vsys: VsysRecord): readonly string[] {
  const own = vsys.zones.filter((zone) => zone.type !== 'tap').map((zone) => zone.name);
  if (vsys.zones.length > 0) return own;
  const bases = [vsys.rulebase, ...(vsys.pushed ? [vsys.pushed.pre, vsys.pushed.post] : [])];
  const named = bases.flatMap((base) => base.security.flatMap((rule) => [...(rule.from ?? []), ...(rule.to ?? [])]));
  // Zones that no rule names: two, so that traffic among them may stay in one or not.
  return [...new Set([...named.filter((name) => name !== 'any' && name !== 'multicast'), ...UNNAMED])];
}

interface Hit {
  readonly length: number;
  readonly rank: number;
  readonly metric: number;
  readonly connected: boolean;
  readonly route?: StaticRouteRecord;
  readonly interface?: string;
}

export class Zones {
  readonly #config: PanConfig;
  readonly #vsys: VsysRecord;
  readonly all: readonly Place[];

  constructor(config: PanConfig, vsys: VsysRecord) {
    this.#config = config;
    this.#vsys = vsys;
    this.all = zonesOf(vsys).map((zone) => ({ kind: 'zone', zone }));
  }

  /** Where the source of a packet may be. A source without a route may come from anywhere. */
  source(address: Address): readonly Place[] {
    if (!this.#readable()) return this.all;
    const found = this.#config.routers.map((router) => ({ router, hits: this.#hits(router, address) }));
    const longest = Math.max(-1, ...found.flatMap(({ hits }) => hits.map((hit) => hit.length)));
    const behind = (routers: readonly { readonly router: RouterRecord }[]): readonly Place[] =>
      routers.flatMap(({ router }) => this.#lookup(router, address, 0)).filter((place) => place.kind !== 'lost');
    const places = behind(found.filter(({ hits }) => (hits[0]?.length ?? -1) === longest));
    // Where the router that knows it best leads nowhere, another may yet have a way.
    const others = places.length > 0 ? places : behind(found);
    return others.length > 0 ? distinct(others) : this.all;
  }

  destination(address: Address, sources: readonly Place[]): readonly Place[] {
    if (!this.#readable()) return this.all;
    const routers = new Set(sources.map((place) => (place.kind === 'zone' ? place.router : undefined)));
    const known = [...routers];
    const asked = known.every((router) => router !== undefined) ? known : this.#routersOf(sources);
    return distinct(asked.flatMap((router) => (router ? this.#lookup(router, address, 0) : [])));
  }

  /** Routers with an interface in one of the zones, where a zone is all that is known. */
  #routersOf(places: readonly Place[]): readonly RouterRecord[] {
    const named = places.flatMap((place) => (place.kind === 'zone' ? [place.zone] : []));
    const leads = (place: Place): boolean => place.kind === 'zone' && named.includes(place.zone);
    const found = this.#config.routers.filter((router) => router.interfaces.some((name) => leads(this.#behind(name, router))));
    return found.length > 0 ? found : this.#config.routers;
  }

  /** True when only a default route, or none, speaks of the address. */
  onlyByDefault(address: Address): boolean {
    return this.#readable() && this.#config.routers.every((router) => (this.#hits(router, address)[0]?.length ?? 0) === 0);
  }

  #readable(): boolean {
    return (
      this.#config.routers.length > 0 && this.#vsys.zones.length > 0 && this.#config.routers.some((r) => r.interfaces.length > 0)
    );
  }

  #interface(name: string): InterfaceRecord | undefined {
    return this.#config.interfaces.find((one) => one.name === name);
  }

  /** Interfaces whose networks the export does not hold. */
  #leased(router: RouterRecord, family: Family): readonly string[] {
    return router.interfaces.filter((name) => {
      const record = this.#config.interfaces.find((one) => one.name === name);
      return record?.leases.has(family) || record?.addresses.some((text) => this.#prefix(text) === undefined);
    });
  }

  #prefix(text: string): Prefix | undefined {
    const literal = readPrefix(text);
    if (literal) return literal;
    const scopes = [this.#vsys.objects, ...(this.#vsys.pushed ? [this.#vsys.pushed.objects] : []), this.#config.shared];
    const object = scopes.map((scope) => scope.addresses.get(text)).find((one) => one !== undefined);
    return object?.kind === 'ip-netmask' ? readPrefix(object.value) : undefined;
  }

  /** All routes to the address in the order in which they count. */
  #hits(router: RouterRecord, address: Address): readonly Hit[] {
    const hits: Hit[] = [];
    const covers = (prefix: Prefix | undefined): prefix is Prefix =>
      prefix !== undefined && prefix.first.family === address.family && inPrefix(address, prefix);
    for (const name of router.interfaces)
      for (const text of this.#config.interfaces.find((one) => one.name === name)?.addresses ?? []) {
        const prefix = this.#prefix(text);
        if (covers(prefix)) hits.push({ length: prefix.length, rank: 0, metric: 0, connected: true, interface: name });
      }
    for (const route of router.routes) {
      const prefix = this.#prefix(route.destination);
      if (!route.notInstalled && covers(prefix))
        hits.push({ length: prefix.length, rank: route.adminDistance, metric: route.metric, connected: false, route });
    }
    return hits.sort((a, b) => b.length - a.length || a.rank - b.rank || a.metric - b.metric);
  }

  #lookup(router: RouterRecord, address: Address, depth: number): readonly Place[] {
    if (depth > MAX_HOPS) return [LOST];
    const hits = this.#hits(router, address);
    const [best] = hits;
    const out: Place[] = [];
    const connected = best?.connected ?? false;
    if (!connected && router.protocols.length > 0) out.push(...router.interfaces.map((name) => this.#behind(name, router)));
    if (!connected) out.push(...this.#leased(router, address.family).map((name) => this.#behind(name, router)));
    for (let at = 0; at < hits.length; ) {
      const hit = hits[at] as Hit;
      const equals = hits.filter((one) => one.length === hit.length && one.rank === hit.rank && one.metric === hit.metric);
      out.push(...equals.flatMap((one) => this.#follow(one, router, address, depth)));
      if (!equals.some((one) => one.route?.monitored)) return out;
      at += equals.length;
    }
    // A lease brings a default route unless the configuration says no.
    const byLease = router.interfaces.some((name) => this.#interface(name)?.leases.get(address.family));
    return byLease ? out : [...out, LOST];
  }

  #follow(hit: Hit, router: RouterRecord, address: Address, depth: number): readonly Place[] {
    if (hit.interface !== undefined) return [this.#behind(hit.interface, router)];
    const { route } = hit;
    const hop = route?.nextHop;
    if (hop?.kind === 'discard') return [LOST];
    if (hop?.kind === 'next-vr') {
      const next = this.#config.routers.find((one) => one.name === hop.value);
      return next ? this.#lookup(next, address, depth + 1) : [...this.all, LOST];
    }
    if (route?.interface !== undefined) return [this.#behind(route.interface, router)];
    const gateway = hop ? (readAny(hop.value) ?? this.#prefix(hop.value)?.first) : undefined;
    return gateway ? this.#lookup(router, gateway, depth + 1) : [...this.all, LOST];
  }

  #behind(name: string, router: RouterRecord): Place {
    const own = this.#vsys.zones.find((zone) => zone.members.includes(name) && zone.type !== 'external');
    if (own) return { kind: 'zone', zone: own.name, interface: name, router };
    const owner = this.#config.vsys.find((one) => one !== this.#vsys && one.interfaces.includes(name));
    const gateway = this.#config.gateways.find((one) => one.interfaces.includes(name));
    if (!owner && !gateway) return DROP;
    const seen = (zone: { readonly type: string; readonly members: readonly string[] }, other: string): boolean =>
      zone.type === 'external' && zone.members.includes(other);
    const there = owner?.name ?? gateway?.name ?? '';
    const zone = this.#vsys.zones.find((one) => seen(one, there));
    const back = !owner || (owner.zones.some((one) => seen(one, this.#vsys.name)) && owner.visible.includes(this.#vsys.name));
    if (zone && back && (!owner || this.#vsys.visible.includes(there)))
      return { kind: 'zone', zone: zone.name, interface: there, router };
    return { kind: 'elsewhere' };
  }
}

function distinct(places: readonly Place[]): readonly Place[] {
  const key = (place: Place): string =>
    place.kind === 'zone' ? `${place.zone} ${place.interface ?? ''} ${place.router?.name ?? ''}` : place.kind;
  return [...new Map(places.map((place) => [key(place), place])).values()];
}
