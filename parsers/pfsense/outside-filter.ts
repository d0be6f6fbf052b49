/** What decides beside the filter list, or in anchors whose content is not in the file. */
import type { Condition } from '../../src/model/condition.js';
import { exactly, MATCH_ALL } from '../../src/model/match.js';
import { ANY_V4 } from '../../src/sets/address.js';
import { type Intervals, isEmpty, only, union, unionAll } from '../../src/sets/intervals.js';
import { automatic } from './automatic-rule.js';
import type { Resolver } from './endpoints.js';
import type { PfRule } from './pf-order.js';
import type { PfsenseConfig } from './records.js';

function linksOf(keys: readonly string[], resolver: Resolver): Intervals {
  const { interfaces, groups } = resolver.topology;
  return unionAll(
    keys.flatMap((key) => {
      const item = interfaces.get(key);
      const links = item ? only(item.link) : groups.get(key);
      return links ? [links] : [];
    }),
  );
}

/** Captive portal stands in front of the filter: clients that have not logged in are stopped there. */
function captivePortals(config: PfsenseConfig, resolver: Resolver): readonly PfRule[] {
  return config.captivePortals.flatMap((portal) => {
    const links = linksOf(portal.interfaces, resolver);
    if (isEmpty(links)) return [];
    const condition: Condition = {
      kind: 'user',
      name: `client has not logged in at captive portal ${portal.zone}`,
      coin: `captive-portal:${resolver.topology.device}:${portal.zone}`,
      effect: 'gate',
      settledBy: 'Let the client log in, or enter it under the allowed addresses of the zone.',
      span: portal.span,
    };
    const extra = { links, direction: 'in', conditions: [condition], span: portal.span } as const;
    return [automatic('captive-portal', `Captive portal ${portal.zone}`, 'drop', MATCH_ALL, extra)];
  });
}

/** RADIUS may hand out filter rules for each VPN user. */
function radiusRules(config: PfsenseConfig, resolver: Resolver): readonly PfRule[] {
  const servers = config.openvpn.filter((vpn) => !vpn.disabled && vpn.authModes.some((mode) => config.radiusServers.has(mode)));
  const links = resolver.topology.groups.get('openvpn') ?? [];
  const first = servers[0];
  if (!first || isEmpty(links)) return [];
  const condition: Condition = {
    kind: 'user',
    name: 'rules that RADIUS sends for the VPN user',
    coin: `radius-acl:${resolver.topology.device}`,
    effect: 'gate',
    settledBy: 'Check the Cisco-AVPair attributes of the user on the RADIUS server.',
    span: first.span,
  };
  return [
    automatic('radius', 'VPN users: rules from RADIUS', 'unknown', MATCH_ALL, {
      links,
      direction: 'in',
      conditions: [condition],
      span: first.span,
    }),
  ];
}

/** On a bridge, which member judges a packet depends on where a host is plugged in and on two sysctls. */
function bridges(config: PfsenseConfig, resolver: Resolver): readonly PfRule[] {
  const { interfaces } = resolver.topology;
  const byDevice = (device: string) =>
    [...interfaces.values()].filter((item) => item.record.device === device).map((item) => item.key);
  const sets = config.bridges.map((bridge) => ({ keys: [...bridge.members, ...byDevice(bridge.device)], span: bridge.span }));
  for (const item of interfaces.values())
    if (item.record.bridge && interfaces.has(item.record.bridge))
      sets.push({ keys: [item.key, item.record.bridge], span: item.record.span });
  return sets.flatMap(({ keys, span }) => {
    const links = linksOf(keys, resolver);
    if (isEmpty(links)) return [];
    const condition: Condition = {
      kind: 'construct',
      name: `bridge of ${keys.join(', ')}`,
      coin: `bridge:${resolver.topology.device}:${keys.join(',')}`,
      effect: 'gate',
      settledBy: 'Bridges are not followed: judge the flow on the member interfaces by hand.',
      span,
    };
    return [automatic('bridge', `Bridge of ${keys.join(', ')}`, 'unknown', MATCH_ALL, { links, conditions: [condition], span })];
  });
}

export const aheadOfFilter = (config: PfsenseConfig, resolver: Resolver): readonly PfRule[] => [
  ...captivePortals(config, resolver),
  ...radiusRules(config, resolver),
  ...bridges(config, resolver),
];

/** UPnP opens ports on the outer interface at the clients' wish. */
export function behindUserRules(config: PfsenseConfig, resolver: Resolver): readonly PfRule[] {
  if (config.upnpInterface === undefined) return [];
  const links = linksOf([config.upnpInterface], resolver);
  if (isEmpty(links)) return [];
  const condition: Condition = {
    kind: 'construct',
    name: 'UPnP port mappings made by clients',
    coin: `upnp:${resolver.topology.device}`,
    effect: 'gate',
    settledBy: 'Look at Status > UPnP & NAT-PMP, or switch the service off.',
    span: config.rootSpan,
  };
  const match = exactly({ source: ANY_V4, destination: ANY_V4, protocols: union(only(6), only(17)) });
  return [
    automatic('upnp', 'UPnP port mappings', 'accept', match, {
      links,
      direction: 'in',
      conditions: [condition],
      span: config.rootSpan,
    }),
  ];
}
