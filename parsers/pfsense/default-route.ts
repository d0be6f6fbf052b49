/** Which interfaces lead to everything that no other route names. */
import type { Route } from '../../src/model/firewall.js';
import { ANY_V4, ANY_V6, type Family } from '../../src/sets/address.js';
import { type Intervals, only, unionAll } from '../../src/sets/intervals.js';
import type { GatewayRecord, PfsenseConfig } from './records.js';
import type { Interface, Topology } from './topology.js';
import type { Behaviour } from './version.js';

/**
 * The table that packets are looked up in, where a default gateway is chosen among several WANs. What enters by another
 * WAN is answered through that WAN (`reply-to`), so outside sources may lie behind each of them all the same: those
 * routes stand in a table of their own, which no interface looks destinations up in.
 */
export const MAIN = 'main';
const REPLY_TO = 'reply-to';

type Gateways = ReadonlyMap<string, readonly string[]>;

const keywordOf = (family: Family): string => (family === 4 ? 'inet' : 'inet6');

/** Gateways that pfSense names by itself say their family at the end. */
const isNamedForIpv6 = (name: string): boolean => /(DHCP6|SLAAC|6RD|6TO4|V6)$/.test(name);

/** Interface of the gateway of that name; undefined where it is a group, off, of the other family or not one. */
function interfaceOf(name: string, family: Family, config: PfsenseConfig, gateways: Gateways): string | undefined {
  if (config.gatewayGroups.some((group) => group.name === name)) return undefined;
  const entries = config.gateways.filter((gateway) => gateway.name === name);
  const usable = (gateway: GatewayRecord) => !gateway.disabled && gateway.ipprotocol === keywordOf(family);
  if (entries.length > 0 ? !entries.every(usable) : isNamedForIpv6(name) !== (family === 6)) return undefined;
  const keys = new Set(entries.length > 0 ? entries.map((gateway) => gateway.interface) : (gateways.get(name) ?? []));
  return keys.size === 1 ? [...keys][0] : undefined;
}

/**
 * The interface of a default gateway that is chosen outright. pfSense then takes no other, even when that one is down.
 * Undefined: automatic, a group, or no gateway that exists.
 */
function chosen(
  family: Family,
  config: PfsenseConfig,
  topology: Topology,
  gateways: Gateways,
  behaviour: Behaviour,
): Interface | undefined {
  const name = family === 4 ? config.defaultGateway4 : config.defaultGateway6;
  if (name !== undefined) return topology.interfaces.get(interfaceOf(name, family, config, gateways) ?? '');
  if (!behaviour.defaultGatewayFlag || config.system.switchesDefaultGateway) return undefined;
  const flagged = config.gateways.filter((g) => g.defaultgw && !g.disabled && g.ipprotocol === keywordOf(family));
  const keys = [...new Set(flagged.map((gateway) => gateway.interface))];
  return keys.length === 1 ? topology.interfaces.get(keys[0] ?? '') : undefined;
}

/** Interfaces that may lead out where none is chosen: every WAN, or else the first gateway, which is what pfSense picks. */
function candidates(family: Family, config: PfsenseConfig, topology: Topology, gateways: Gateways): readonly Interface[] {
  const name = family === 4 ? config.defaultGateway4 : config.defaultGateway6;
  const named = name === undefined ? [] : (gateways.get(name) ?? []);
  const items = [...topology.interfaces.values()].filter(
    (item) => (family === 4 ? item.wan4 : item.wan6) || named.includes(item.key),
  );
  if (items.length > 0) return items;
  const first = config.gateways.find(
    (g) => !g.disabled && g.ipprotocol === keywordOf(family) && topology.interfaces.has(g.interface),
  );
  const fallback = first && topology.interfaces.get(first.interface);
  return fallback ? [fallback] : [];
}

/** A tunnel for "everything" takes what its local network sends anywhere. */
function wholeTunnel(family: Family, config: PfsenseConfig, topology: Topology): Intervals {
  const enc0 = topology.pseudo.get('enc0');
  const whole = config.phase2.some(
    (p) => !p.disabled && p.remoteBits === '0' && p.remoteAddress?.includes(':') === (family === 6),
  );
  return enc0 !== undefined && whole ? only(enc0) : [];
}

/** The default route of each family that has one. */
export function defaultRoutes(
  config: PfsenseConfig,
  topology: Topology,
  gateways: Gateways,
  behaviour: Behaviour,
): readonly Route[] {
  return ([4, 6] as const).flatMap((family): readonly Route[] => {
    if ((family === 4 ? config.defaultGateway4 : config.defaultGateway6) === '-') return [];
    const all = candidates(family, config, topology, gateways);
    const one = chosen(family, config, topology, gateways, behaviour);
    const others = one ? all.filter((item) => item.link !== one.link) : [];
    const linksOf = (items: readonly Interface[]): Intervals => {
      const links = unionAll(items.map((item) => only(item.link)));
      return links.length === 0 ? links : unionAll([links, wholeTunnel(family, config, topology)]);
    };
    const base = { destination: family === 4 ? ANY_V4 : ANY_V6, prefixLength: 0, from: 'default-route' } as const;
    const route = { ...base, links: linksOf(one ? [one] : all) };
    if (route.links.length === 0) return [];
    return others.length > 0
      ? [
          { ...route, table: MAIN },
          { ...base, links: linksOf(others), table: REPLY_TO },
        ]
      : [route];
  });
}
