/** Where networks lie: attached, by static route, behind VPNs, by default route. */
import type { Route } from '../../src/model/firewall.js';
import { type AddressSet, ANY_ADDRESS, isEmptyAddresses } from '../../src/sets/address.js';
import { type Intervals, only, unionAll } from '../../src/sets/intervals.js';
import { parseAddressSet } from '../../src/sets/ip.js';
import type { Span } from '../../src/source/span.js';
import { type Aliases, isDropped } from './aliases.js';
import { defaultRoutes } from './default-route.js';
import type { Notes } from './notes.js';
import type { PfsenseConfig } from './records.js';
import type { Interface, Topology } from './topology.js';
import type { Behaviour } from './version.js';

export interface StaticRoute {
  readonly destination: AddressSet;
  readonly interface: string;
  readonly span: Span;
}

export interface Routing {
  readonly routes: readonly Route[];
  readonly statics: readonly StaticRoute[];
  /** Names of gateways and gateway groups -> interface keys they lead out of. */
  readonly gateways: ReadonlyMap<string, readonly string[]>;
  /** Networks reached otherwise than by the default route, with the interface key or pseudo interface behind which they lie. */
  readonly local: readonly { readonly set: AddressSet; readonly via: string; readonly vpn: boolean }[];
}

/** Gateways that exist without an entry: pfSense names them after the interface. */
function dynamicGateways(item: Interface): readonly string[] {
  const { record } = item;
  const label = item.label.toUpperCase();
  const v4 = record.ipaddr?.toLowerCase();
  const v6 = record.ipaddrv6?.toLowerCase();
  const device = record.device ?? '';
  const kinds = [
    ...(v4 === 'dhcp' ? ['DHCP'] : []),
    ...(v4 !== undefined && /^(pppoe|ppp|pptp|l2tp)$/.test(v4) ? [v4.toUpperCase()] : []),
    ...(v6 === 'dhcp6' ? ['DHCP6'] : []),
    ...(v6 !== undefined && /^(slaac|6rd|6to4)$/.test(v6) ? [v6.toUpperCase()] : []),
    ...(/^ovpn/.test(device) ? ['VPNV4', 'VPNV6'] : []),
    ...(/^ipsec/.test(device) ? ['VTIV4', 'VTIV6'] : []),
    ...(/^g(if|re)/.test(device) ? ['TUNNELV4', 'TUNNELV6'] : []),
  ];
  return kinds.flatMap((kind) => [`${label}_${kind}`, `${item.key.toUpperCase()}_${kind}`]);
}

function gatewayMap(config: PfsenseConfig, topology: Topology): ReadonlyMap<string, readonly string[]> {
  const out = new Map<string, readonly string[]>();
  for (const item of topology.interfaces.values()) for (const name of dynamicGateways(item)) out.set(name, [item.key]);
  for (const gateway of config.gateways)
    if (!gateway.disabled && gateway.name !== '' && topology.interfaces.has(gateway.interface))
      out.set(gateway.name, [gateway.interface]);
  for (const group of config.gatewayGroups) {
    const members = group.gateways.flatMap((name) => out.get(name) ?? []);
    if (members.length > 0) out.set(group.name, [...new Set(members)]);
  }
  return out;
}

/** Prefix length of a set that is one prefix; several ranges take the shortest length that any of them needs. */
function route(text: string, links: Intervals, from: Route['from'], span?: Span): Route | undefined {
  const destination = parseAddressSet(text);
  if (!destination || isEmptyAddresses(destination)) return undefined;
  const [, bits] = text.split('/');
  const prefixLength = bits !== undefined && /^[0-9]+$/.test(bits) ? Number(bits) : destination.v4.length > 0 ? 32 : 128;
  return { destination, prefixLength, links, from, ...(span ? { span } : {}) };
}

function attached(item: Interface, links: Intervals): readonly Route[] {
  const own = [item.v4, item.v6].flatMap((family): readonly Route[] => {
    if (!family || family.network.unknowns.length > 0 || family.length === undefined) return [];
    return [{ destination: family.network.lo, prefixLength: family.length, links, from: 'interface', span: item.record.span }];
  });
  const virtual = item.vips.flatMap((vip): readonly Route[] =>
    isEmptyAddresses(vip.own)
      ? []
      : [{ destination: vip.network, prefixLength: vip.length, links, from: 'interface', span: vip.record.span }],
  );
  return [...own, ...virtual];
}

interface Local {
  readonly route: Route;
  readonly via: string;
  readonly vpn: boolean;
}

function vpnRoutes(config: PfsenseConfig, topology: Topology): readonly Local[] {
  const out: Local[] = [];
  const byDevice = new Map([...topology.interfaces.values()].map((item) => [item.record.device ?? '', item] as const));
  const add = (device: string, pseudo: string, networks: readonly string[], span: Span) => {
    const item = byDevice.get(device);
    const link = item ? item.link : topology.pseudo.get(pseudo);
    if (link === undefined) return;
    for (const text of networks) {
      const found = route(text, only(link), 'route', span);
      if (!found || found.prefixLength === 0) continue;
      // Several tunnels share a pseudo interface; packets from one to another cross the firewall.
      const tunnel = item ? {} : { interface: `${pseudo} ${device === '' ? text : device}` };
      out.push({ route: { ...found, ...tunnel }, via: item?.key ?? pseudo, vpn: true });
    }
  };
  for (const vpn of config.openvpn) if (!vpn.disabled) add(vpn.device, 'openvpn', [...vpn.tunnels, ...vpn.remotes], vpn.span);
  for (const tunnel of config.wireguard) add(tunnel.device, 'wireguard', [...tunnel.addresses, ...tunnel.remotes], tunnel.span);
  const live = new Set(config.phase1.filter((phase) => !phase.disabled).map((phase) => phase.ikeid));
  for (const phase of config.phase2) {
    if (phase.disabled || !live.has(phase.ikeid) || !/^tunnel/.test(phase.mode) || phase.remoteAddress === undefined) continue;
    const text =
      phase.remoteType === 'network' && phase.remoteBits !== undefined
        ? `${phase.remoteAddress}/${phase.remoteBits}`
        : phase.remoteAddress;
    add('', 'enc0', [text], phase.span);
  }
  for (const [name, networks] of config.dialIn) add('', name, networks, config.rootSpan);
  return out;
}

function staticRoutes(
  config: PfsenseConfig,
  topology: Topology,
  gateways: ReadonlyMap<string, readonly string[]>,
  aliases: Aliases,
  notes: Notes,
): readonly Local[] {
  return config.routes.flatMap((record): readonly Local[] => {
    if (record.disabled) return [];
    const via = record.interface ?? gateways.get(record.gateway)?.[0];
    const item = via === undefined ? undefined : topology.interfaces.get(via);
    if (!item || via === undefined) {
      // Null4 and Null6 discard; anything else is a gateway that does not exist, and the route with it.
      const text = /^Null[46]$/.test(record.gateway) ? route(record.network, [], 'route', record.span) : undefined;
      if (text) return [{ route: text, via: record.gateway, vpn: false }];
      notes.add(
        'warning',
        'route-dropped',
        `the static route to ${record.network} names gateway ${record.gateway}, which does not exist or is off`,
        record.span,
      );
      return [];
    }
    const links = only(item.link);
    const plain = route(record.network, links, 'route', record.span);
    if (plain) return [{ route: plain, via, vpn: false }];
    const extent = aliases.has(record.network) ? aliases.addresses(record.network) : undefined;
    if (!extent || isDropped(extent)) {
      notes.add('warning', 'route-dropped', `the static route to "${record.network.slice(0, 80)}" names no network`, record.span);
      return [];
    }
    if (extent.unknowns.length > 0)
      notes.add('warning', 'route-incomplete', `the static route to alias ${record.network} is known only in part`, record.span);
    const set = extent.lo;
    return isEmptyAddresses(set)
      ? []
      : prefixes(set).map((p) => ({ route: { ...p, links, from: 'route', span: record.span }, via, vpn: false }));
  });
}

/** One route a range; its length is that of the smallest prefix that would hold it. */
function prefixes(set: AddressSet): readonly { readonly destination: AddressSet; readonly prefixLength: number }[] {
  const out: { destination: AddressSet; prefixLength: number }[] = [];
  for (let i = 0; i < set.v4.length; i += 2) {
    const [lo, hi] = [set.v4[i] ?? 0, set.v4[i + 1] ?? 0];
    out.push({ destination: { v4: [lo, hi], v6: [] }, prefixLength: Math.max(0, 32 - Math.ceil(Math.log2(hi - lo))) });
  }
  for (let i = 0; i < set.v6.length; i += 2) {
    const [lo, hi] = [set.v6[i] ?? 0n, set.v6[i + 1] ?? 0n];
    out.push({ destination: { v4: [], v6: [lo, hi] }, prefixLength: Math.max(0, 129 - (hi - lo).toString(2).length) });
  }
  return out;
}

/** Members of a bridge share one network: each of them may be where a host is. */
function bridgeLinks(item: Interface, config: PfsenseConfig, topology: Topology): Intervals {
  const mine = config.bridges.filter((bridge) => bridge.device === item.record.device || bridge.members.includes(item.key));
  const old = [...topology.interfaces.values()].filter(
    (other) => other.record.bridge === item.key || item.record.bridge === other.key,
  );
  const keys = [...mine.flatMap((bridge) => bridge.members), ...old.map((other) => other.key)];
  return unionAll([
    only(item.link),
    ...keys.flatMap((key) => (topology.interfaces.has(key) ? [only(topology.interfaces.get(key)?.link ?? 0)] : [])),
  ]);
}

/** Packages that learn routes from neighbours: what they learned is not in the export. */
const LEARNS_ROUTES = /frr|quagga|bgp|ospf|routed|bird/i;

/**
 * Where addresses may lie without the export saying so: behind an interface whose network it does not hold, a static route
 * that cannot be read, or any interface at all where routes are learned. As wide as a default route, so that every
 * address that nothing else claims may lie there.
 */
function hiddenRoutes(
  config: PfsenseConfig,
  topology: Topology,
  gateways: ReadonlyMap<string, readonly string[]>,
  aliases: Aliases,
): readonly Route[] {
  const wide = (destination: AddressSet, links: Intervals, span?: Span): Route => ({
    destination,
    prefixLength: 0,
    links,
    from: 'default-route',
    ...(span ? { span } : {}),
  });
  const networks = [...topology.interfaces.values()].flatMap((item) =>
    [item.v4, item.v6].flatMap((family) =>
      family && family.network.unknowns.length > 0 && !isEmptyAddresses(family.network.hi)
        ? [wide(family.network.hi, only(item.link), item.record.span)]
        : [],
    ),
  );
  const statics = config.routes.flatMap((record) => {
    const via = record.interface ?? gateways.get(record.gateway)?.[0];
    const item = via === undefined ? undefined : topology.interfaces.get(via);
    if (record.disabled || !item || parseAddressSet(record.network)) return [];
    const extent = aliases.has(record.network) ? aliases.addresses(record.network) : undefined;
    if (extent) return isDropped(extent) || extent.unknowns.length === 0 ? [] : [wide(extent.hi, only(item.link), record.span)];
    // A word could be an alias that is gone, and the route with it; anything else was taken out of the export.
    return /^[A-Za-z0-9_]+$/.test(record.network) ? [] : [wide(ANY_ADDRESS, only(item.link), record.span)];
  });
  const learned =
    config.packages.some((name) => LEARNS_ROUTES.test(name)) && topology.allLinks.length > 0
      ? [wide(ANY_ADDRESS, topology.allLinks)]
      : [];
  return [...networks, ...statics, ...learned];
}

export function routingOf(
  config: PfsenseConfig,
  topology: Topology,
  aliases: Aliases,
  behaviour: Behaviour,
  notes: Notes,
): Routing {
  const gateways = gatewayMap(config, topology);
  const connected = [...topology.interfaces.values()].flatMap((item) =>
    attached(item, bridgeLinks(item, config, topology)).map((r): Local => ({ route: r, via: item.key, vpn: false })),
  );
  const statics = staticRoutes(config, topology, gateways, aliases, notes);
  const local = [...connected, ...statics, ...vpnRoutes(config, topology)];
  return {
    routes: [
      ...local.map((entry) => entry.route),
      ...defaultRoutes(config, topology, gateways, behaviour),
      ...hiddenRoutes(config, topology, gateways, aliases),
    ],
    statics: statics.map(({ route: r, via }) => ({
      destination: r.destination,
      interface: via,
      span: r.span ?? config.rootSpan,
    })),
    gateways,
    local: [
      ...local.map(({ route: r, via, vpn }) => ({ set: r.destination, via, vpn })),
      { set: topology.self.lo, via: '', vpn: false },
    ],
  };
}
