/**
 * Every enabled translation as a bound from above, for devices that come later on a path and for targets that are
 * published. Exemptions (no rdr, no nat, no binat) only take packets away and are left out.
 */
import type { Translation } from '../../src/model/firewall.js';
import {
  type AddressSet,
  ANY_V4,
  ANY_V6,
  type Family,
  intersectAddresses,
  isEmptyAddresses,
  NO_ADDRESS,
  unionAllAddresses,
} from '../../src/sets/address.js';
import { contains, only, unionAll } from '../../src/sets/intervals.js';
import { parseAddressSet } from '../../src/sets/ip.js';
import { isDropped } from './aliases.js';
import type { Resolver } from './endpoints.js';
import { anyOf } from './extent.js';
import { externalOf, inboundTranslations, internalOf, targetsOf, wholly } from './nat-inbound.js';
import { outboundLinks, outboundSource } from './nat-outbound.js';
import type { OneToOneRecord, OutboundRecord, PfsenseConfig } from './records.js';
import type { Routing } from './routes.js';
import type { Interface, Topology } from './topology.js';

/**
 * pfSense rewrites on interfaces with a gateway. Which tunnels count as such differs between releases: all may, and so
 * may the interface of the default route.
 */
function outerInterfaces({ interfaces }: Topology, { routes }: Routing): readonly Interface[] {
  const byDefault = unionAll(routes.flatMap((route) => (route.from === 'default-route' ? [route.links] : [])));
  const isTunnel = (item: Interface) => /^(ovpn[sc]|tun_wg|wg|ipsec|gre|gif)[0-9]/.test(item.record.device ?? '');
  return [...interfaces.values()].filter(
    (item) => item.effective && (item.wan4 || isTunnel(item) || contains(byDefault, item.link)),
  );
}

const LOOPBACK: AddressSet = parseAddressSet('127.0.0.0/8') ?? NO_ADDRESS;

/** What automatic outbound NAT rewrites: networks of inner interfaces, behind static routes and of VPN clients. IPv4 only. */
function automaticSources(config: PfsenseConfig, topology: Topology, routing: Routing): AddressSet {
  // The pool of mobile IPsec clients is rewritten too, and it is not read.
  if (config.phase1.some((phase) => phase.mobile && !phase.disabled)) return ANY_V4;
  const inner = [...topology.interfaces.values()].filter((item) => !item.wan4);
  const sets = [
    LOOPBACK,
    ...inner.flatMap((item) => [item.v4?.network.hi ?? NO_ADDRESS, ...item.vips.map((vip) => vip.network)]),
    ...routing.statics.map((route) => route.destination),
    ...routing.local.flatMap((network) => (network.vpn ? [network.set] : [])),
  ];
  return intersectAddresses(unionAllAddresses(sets), ANY_V4);
}

/** Primary addresses of interfaces where all of them are known. */
function ownAddresses(items: readonly Interface[], families: readonly Family[]): AddressSet | undefined {
  const found = items.flatMap((item) =>
    families.flatMap((family) => {
      const addresses = family === 4 ? item.v4 : item.v6;
      return addresses ? [wholly(addresses.address)] : [];
    }),
  );
  const sets = found.filter((set) => set !== undefined);
  return sets.length > 0 && sets.length === found.length ? unionAllAddresses(sets) : undefined;
}

function automaticOutbound(config: PfsenseConfig, resolver: Resolver, routing: Routing): readonly Translation[] {
  const { topology } = resolver;
  const known = /^(automatic|hybrid)$/.test(config.outboundMode);
  // A mode that this reader does not know may rewrite anything.
  const source = known ? automaticSources(config, topology, routing) : ANY_V4;
  return outerInterfaces(topology, routing).map((item): Translation => {
    const to = known ? ownAddresses([item], [4]) : undefined;
    return {
      changes: 'source',
      name: `outbound NAT on ${item.label} (${known ? 'automatic' : `mode "${config.outboundMode.slice(0, 40)}"`})`,
      match: [{ source, destination: ANY_V4, out: only(item.link) }],
      ...(to ? { to } : {}),
    };
  });
}

function familiesOf(rule: OutboundRecord): readonly Family[] {
  return rule.ipprotocol === 'inet' ? [4] : rule.ipprotocol === 'inet6' ? [6] : [4, 6];
}

function manualOutbound(rule: OutboundRecord, resolver: Resolver): readonly Translation[] {
  const { topology } = resolver;
  const links = outboundLinks(rule, topology);
  if (rule.disabled || rule.nonat || links.length === 0) return [];
  const item = topology.interfaces.get(rule.interface);
  const source = outboundSource(rule, resolver);
  const families = familiesOf(rule).filter((family) => !isEmptyAddresses(intersectAddresses(source, anyOf(family))));
  const match = families.map((family) => ({
    source: intersectAddresses(source, anyOf(family)),
    destination: anyOf(family),
    out: links,
  }));
  if (match.length === 0) return [];
  const to =
    rule.target === undefined ? item && ownAddresses([item], families) : targetsOf(rule.target, families, resolver, rule.span);
  return [
    {
      changes: 'source',
      name: `outbound NAT on ${item?.label ?? rule.interface}: ${rule.descr ?? `rule ${rule.index + 1}`}`,
      span: rule.span,
      match,
      ...(to ? { to } : {}),
    },
  ];
}

function outbound(config: PfsenseConfig, resolver: Resolver, routing: Routing): readonly Translation[] {
  const mode = config.outboundMode;
  if (mode === 'disabled') return [];
  return [
    ...(mode === 'automatic' ? [] : config.outbound.flatMap((rule) => manualOutbound(rule, resolver))),
    ...(mode === 'advanced' ? [] : automaticOutbound(config, resolver, routing)),
  ];
}

/** The way out of a 1:1 entry: the inner side becomes the outer one. */
function oneToOneSource(record: OneToOneRecord, resolver: Resolver): readonly Translation[] {
  const item = resolver.topology.interfaces.get(record.interface);
  if (!item || record.disabled || record.nobinat) return [];
  const stated = externalOf(record);
  const family: Family = stated?.hi.v6.length ? 6 : 4;
  const to = stated ? wholly(stated) : targetsOf(record.external, [family], resolver, record.span);
  const inner = internalOf(record, family, resolver);
  const source = inner && !isDropped(inner) ? inner.hi : anyOf(family);
  const inside = record.source?.address ?? record.source?.network ?? record.internal ?? 'any';
  return [
    {
      changes: 'source',
      name: `1:1 translation of ${inside} to ${record.external ?? '?'}`,
      span: record.span,
      match: [{ source, destination: anyOf(family), out: only(item.link) }],
      ...(to ? { to } : {}),
    },
  ];
}

/** The way out of IPv6 prefix translation. */
function prefixSources(config: PfsenseConfig, resolver: Resolver): readonly Translation[] {
  return config.npt.flatMap((record): readonly Translation[] => {
    const item = resolver.topology.interfaces.get(record.interface);
    if (!item || record.disabled) return [];
    const prefix = (end: typeof record.source) => {
      const set = end?.not ? undefined : parseAddressSet(end?.address ?? end?.network ?? '');
      return set && intersectAddresses(set, ANY_V6);
    };
    const to = prefix(record.destination);
    return [
      {
        changes: 'source',
        name: `IPv6 prefix translation of ${record.source?.address ?? record.source?.network ?? 'a prefix'}`,
        span: record.span,
        match: [{ source: prefix(record.source) ?? ANY_V6, destination: ANY_V6, out: only(item.link) }],
        ...(to ? { to } : {}),
      },
    ];
  });
}

function published(config: PfsenseConfig, resolver: Resolver): readonly Translation[] {
  return inboundTranslations(config, resolver).flatMap(
    ({ enabled, translates, name, span, match, to }): readonly Translation[] =>
      enabled && translates && match.hi.length > 0
        ? [{ changes: 'destination', name, span, match: match.hi, ...(to ? { to } : {}) }]
        : [],
  );
}

/** Undefined: the file does not hold them. With the filter off there are none: pf does not run. */
export function translationsOf(config: PfsenseConfig, resolver: Resolver, routing: Routing): readonly Translation[] | undefined {
  if (config.partial) return undefined;
  if (config.system.filterDisabled) return [];
  return [
    ...published(config, resolver),
    ...config.oneToOne.flatMap((record) => oneToOneSource(record, resolver)),
    ...prefixSources(config, resolver),
    ...outbound(config, resolver, routing),
  ];
}
