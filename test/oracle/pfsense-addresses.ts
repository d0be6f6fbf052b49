/** What names in pfSense rules stand for, one address at a time: interfaces, aliases, keywords. */
import type { AliasRecord, EndpointRecord, InterfaceRecord, PfsenseConfig } from '../../parsers/pfsense/records.js';
import type { Family } from '../../src/sets/address.js';
import { holds, readAddress, readNetwork, type Span2 } from './packet.js';

/** An open fact; `negated`: it must be false. */
export interface Fact {
  readonly coin: string;
  readonly negated?: boolean;
}
/** false: no; otherwise yes while all facts hold. */
export type Match = false | readonly Fact[];
export const YES: Match = [];
export const open = (coin: string): Match => [{ coin }];
const not = (match: Match): Match => {
  if (match === false) return YES;
  const [first] = match;
  return first === undefined
    ? false
    : match.length === 1
      ? [{ ...first, negated: !first.negated }]
      : open(`not ${match.map((f) => f.coin).join()}`);
};

/** pfSense leaves the rule out. */
export const DROPPED = 'dropped';

interface Known {
  readonly spans: readonly Span2[];
  /** More that the file does not hold. */
  readonly unknown: boolean;
}
const NOTHING: Known = { spans: [], unknown: false };

const DYNAMIC = /^(dhcp|pppoe|ppp|pptp|l2tp|dhcp6|slaac|track6|6rd|6to4)$/;
const TUNNEL = /^(ovpn|tun_wg|wg\d|gre|gif|ipsec)/;

export class Names {
  readonly config: PfsenseConfig;
  readonly revision: number;

  constructor(config: PfsenseConfig) {
    this.config = config;
    const number = Number(/^\d{1,4}(\.\d{1,4})?/.exec(config.version ?? '')?.[0] ?? Number.NaN);
    this.revision = Number.isFinite(number) ? number : 23.3;
  }

  exists(record: InterfaceRecord): boolean {
    return record.enable || (this.revision < 6.1 && /^(wan|lan)$/.test(record.key));
  }

  interfaceOf(key: string): InterfaceRecord | undefined {
    return this.config.interfaces.find((record) => record.key === key && this.exists(record));
  }

  /** Interfaces and pseudo-interfaces that a rule can name, groups aside. */
  isInterface(name: string): boolean {
    const { config } = this;
    if (this.interfaceOf(name)) return true;
    if (name === 'enc0') return config.phase1.some((each) => !each.disabled);
    if (name === 'openvpn') return config.openvpn.length > 0;
    if (name === 'wireguard') return config.wireguardLegacy;
    return ['l2tp', 'pppoe', 'pptp'].includes(name) && config.dialIn.has(name);
  }

  isGroup(name: string): boolean {
    return this.config.groups.some((group) => group.name === name);
  }

  /** Whether a packet on `key` is on the interface or group that a rule names. */
  on(name: string, key: string): boolean {
    if (name === key) return true;
    const device = this.interfaceOf(key)?.device ?? '';
    if (name === 'openvpn') return device.startsWith('ovpn');
    if (/^wireguard$/i.test(name)) return /^(tun_wg|wg\d)/.test(device);
    return this.config.groups.some((group) => group.name === name && group.members.includes(key));
  }

  /** Primary address and network of a family; undefined: none. */
  primary(key: string, family: Family): { address?: bigint; net?: Span2 } | 'unknown' | undefined {
    const record = this.interfaceOf(key);
    if (!record) return undefined;
    const text = family === 4 ? record.ipaddr : record.ipaddrv6;
    const bits = family === 4 ? record.subnet : record.subnetv6;
    if (text === undefined) return TUNNEL.test(record.device ?? '') ? this.tunnel(record.device ?? '', family) : undefined;
    if (DYNAMIC.test(text)) return 'unknown';
    const address = readAddress(text);
    if (!address || address.family !== family) return 'unknown';
    const net = readNetwork(bits === undefined ? text : `${text}/${bits}`);
    return net ? { address: address.value, net } : 'unknown';
  }

  /** An OpenVPN server has the first host of its tunnel network; gre, gif and WireGuard state their own address. */
  private tunnel(device: string, family: Family): { address: bigint; net: Span2 } | 'unknown' | undefined {
    const server = this.config.openvpn.find((each) => each.device === device && each.server);
    for (const text of server?.tunnels ?? []) {
      const net = readNetwork(text);
      if (net?.family === family) return { address: net.first + 1n, net };
    }
    if (server && server.tunnels.length > 0) return undefined;
    const stated = [
      ...(this.config.tunnels.get(device) ?? []),
      ...(this.config.wireguard.find((each) => each.device === device)?.addresses ?? []),
    ];
    for (const text of stated) {
      const [net, address] = [readNetwork(text), readAddress(text.split('/')[0] ?? '')];
      if (net && address?.family === family) return { address: address.value, net };
    }
    return 'unknown';
  }

  vipsOf(key: string, family: Family, seen = 0): Known {
    const spans: Span2[] = [];
    let unknown = false;
    for (const vip of this.config.vips) {
      if (this.parentOf(vip.interface, seen) !== key) continue;
      const subnet = readAddress(vip.subnet ?? '');
      if (subnet && subnet.family !== family) continue;
      const single = vip.mode === 'proxyarp' || vip.mode === 'other' ? vip.type !== 'network' : false;
      const span = readNetwork(single ? (vip.subnet ?? '') : `${vip.subnet}/${vip.bits}`);
      if (span && vip.type !== 'range') spans.push(span);
      else unknown = true;
    }
    return { spans, unknown };
  }

  private parentOf(name: string, depth: number): string {
    const id = /^_vip(.+)$/.exec(name)?.[1];
    const parent = id === undefined ? undefined : this.config.vips.find((vip) => vip.uniqid === id);
    return parent && depth < 5 ? this.parentOf(parent.interface, depth + 1) : name;
  }

  /** True where an address surely lies in the network of another interface than `key`. */
  private elsewhere(key: string, family: Family, value: bigint): boolean {
    // No interface gets a loopback address.
    if (family === 4 && value >> 24n === 127n) return true;
    return this.config.interfaces.some((record) => {
      if (record.key !== key && this.vipsOf(record.key, family).spans.some((span) => holds(span, family, value))) return true;
      const primary = record.key === key ? undefined : this.primary(record.key, family);
      return primary !== undefined && primary !== 'unknown' && primary.net !== undefined && holds(primary.net, family, value);
    });
  }

  /** `lan`, `opt1`: the interface's networks. */
  private networkOf(key: string, family: Family, value: bigint, negated: boolean): Match | typeof DROPPED {
    const primary = this.primary(key, family);
    const table = this.revision > 22.9;
    const lacking = table && this.revision <= 23.3 && family === 6;
    const withVips = this.revision >= 11 && !(lacking && !/^(lan|wan)$/.test(key));
    const vips = withVips ? this.vipsOf(key, family) : NOTHING;
    const spans = [...(primary && primary !== 'unknown' && primary.net ? [primary.net] : []), ...vips.spans];
    if (primary === undefined && spans.length === 0 && !vips.unknown) {
      if (!table || lacking) return DROPPED;
      // A table of both families that holds nothing of this one: left out, or everything where it is negated.
      const other = this.primary(key, family === 4 ? 6 : 4);
      return other === undefined || !negated ? DROPPED : open(`net:${key} without family ${family}`);
    }
    const unknown = vips.unknown || (primary === 'unknown' && !this.elsewhere(key, family, value));
    const inside = spans.filter((span) => holds(span, family, value));
    const list = !table || (lacking && /^(lan|wan)$/.test(key));
    // `{ !A !B }` is two rules: whatever is not in both.
    if (negated && list && (spans.length > 1 || (unknown && spans.length > 0)))
      return inside.length < spans.length ? YES : unknown ? open(`net:${key}:${value}`) : false;
    const match: Match = inside.length > 0 ? YES : unknown ? open(`net:${key}:${value}`) : false;
    return negated ? not(match) : match;
  }

  /** Addresses of the firewall itself. */
  self(family: Family, value: bigint): Match {
    const { config } = this;
    const loopback = family === 4 ? readNetwork('127.0.0.1') : readNetwork('::1');
    if (loopback && holds(loopback, family, value)) return YES;
    let unknown = false;
    for (const { key } of config.interfaces) {
      const primary = this.primary(key, family);
      if (primary === 'unknown') unknown ||= !this.elsewhere(key, family, value);
      else if (primary?.address === value) return YES;
    }
    for (const vip of config.vips) {
      const address = readAddress(vip.subnet ?? '');
      if (!/^(carp|ipalias)$/.test(vip.mode)) {
        const span = readNetwork(`${vip.subnet}/${vip.bits}`);
        if (span && holds(span, family, value)) unknown = true;
      } else if (address?.family === family && address.value === value) return YES;
    }
    for (const tunnel of config.openvpn.filter((each) => each.server).flatMap((each) => each.tunnels)) {
      const net = readNetwork(tunnel);
      if (net?.family === family && net.first + 1n === value) return YES;
    }
    const texts = [
      ...config.openvpn.filter((each) => !each.server).flatMap((each) => each.tunnels),
      ...config.wireguard.flatMap((each) => each.addresses),
      ...[...config.tunnels.values()].flat(),
      ...[...config.dialIn.values()].flat(),
      'fe80::/10',
    ];
    unknown ||= texts.some((text) => {
      const span = readNetwork(text);
      return !span || holds(span, family, value);
    });
    return unknown ? open(`self:${value}`) : false;
  }

  private keyword(name: string, family: Family, value: bigint, negated: boolean): Match | typeof DROPPED {
    const turn = (match: Match): Match => (negated ? not(match) : match);
    if (name === '(self)') return this.revision >= 11 ? turn(this.self(family, value)) : DROPPED;
    if (this.interfaceOf(name)) return this.networkOf(name, family, value, negated);
    const key = /^(.+)ip$/.exec(name)?.[1];
    if (key && this.interfaceOf(key)) {
      const primary = this.primary(key, family);
      if (primary === undefined) return DROPPED;
      if (primary === 'unknown') return turn(this.elsewhere(key, family, value) ? false : open(`ip:${key}:${value}`));
      return turn(primary.address === value ? YES : false);
    }
    if (name === 'pppoe' || name === 'pptp') {
      if (name === 'pptp' && this.revision >= 13) return DROPPED;
      const clients = this.config.dialIn.get(name);
      if (!clients) return DROPPED;
      if (family === 6) return open(`clients:${name}:${value}`);
      const spans = clients.map((text) => readNetwork(text));
      return turn(
        spans.some((span) => span && holds(span, family, value))
          ? YES
          : spans.some((span) => !span)
            ? open(`clients:${name}:${value}`)
            : false,
      );
    }
    const group = this.config.groups.find((each) => each.name === name);
    if (group) {
      if (this.revision <= 22.9) return DROPPED;
      if (this.revision <= 23.3 && family === 6) return turn(false);
      const inside = group.members
        .map((key) => this.networkOf(key, family, value, false))
        .filter((match) => match !== DROPPED && match !== false);
      return turn(
        inside.some((match) => (match as readonly Fact[]).length === 0)
          ? YES
          : inside.length > 0
            ? open(`group:${name}:${value}`)
            : false,
      );
    }
    return DROPPED;
  }

  /** The endpoint of a rule of one family against one address. */
  address(end: EndpointRecord | undefined, family: Family, value: bigint): Match | typeof DROPPED {
    if (!end) return DROPPED;
    if (end.any) return YES;
    if (end.network !== undefined) return this.keyword(end.network, family, value, end.not);
    if (end.address === undefined) return DROPPED;
    const turn = (match: Match): Match => (end.not ? not(match) : match);
    const span = readNetwork(end.address);
    if (span) return span.family === family ? turn(holds(span, family, value) ? YES : false) : DROPPED;
    const found = this.alias(end.address);
    if (found === undefined) return /x{2,3}|redacted|\[/i.test(end.address) ? open(`text:${end.address}`) : DROPPED;
    if (/^(bogons|bogonsv6|sshguard|snort2c|virusprot|vpn_networks|negate_networks|tonatsubnets)$/.test(end.address))
      return open(`table:${end.address}:${value}`);
    if (/port/.test(found.type)) return DROPPED;
    if (found.type === 'url' && this.revision > 22.9 && found.urls.some((url) => !/^(https?|ftp):\/\//i.test(url)))
      return open(`url:${end.address}`);
    const known = this.members(found, family, new Set());
    const unknown = open(`alias:${end.address}:${value}`);
    return turn(known.spans.some((each) => holds(each, family, value)) ? YES : known.unknown ? unknown : false);
  }

  alias(name: string): AliasRecord | undefined {
    return this.config.aliases.find((alias) => alias.name === name);
  }

  private members(alias: AliasRecord, family: Family, seen: Set<string>): Known {
    if (seen.has(alias.name)) return NOTHING;
    seen.add(alias.name);
    if (alias.type.startsWith('urltable') || (alias.type === 'url' && alias.members.length === 0))
      return { spans: [], unknown: true };
    const spans: Span2[] = [];
    let unknown = false;
    for (const member of alias.members) {
      const nested = this.alias(member);
      if (nested) {
        const inner = this.members(nested, family, seen);
        spans.push(...inner.spans);
        unknown ||= inner.unknown;
        continue;
      }
      const span = readNetwork(member);
      if (!span) unknown = true;
      else if (span.family === family) spans.push(span);
    }
    return { spans, unknown };
  }

  /** A port cell: true, false, open, or undefined where it cannot be resolved. */
  port(text: string, value: number, seen = new Set<string>()): Match | undefined {
    const range = /^(\d{1,5})(?:[-:](\d{1,5}))?$/.exec(text);
    if (range) {
      const first = Number(range[1]);
      const last = Number(range[2] ?? first);
      if (first > 65535 || last > 65535) return undefined;
      if (range[2] === undefined) return value === first ? YES : false;
      if (first === 1 && last === 65535) return YES;
      return (value >= first || first === 1) && value <= last ? YES : false;
    }
    const service = new Map([
      ['http', 80],
      ['https', 443],
      ['ssh', 22],
      ['domain', 53],
      ['ntp', 123],
      ['smtp', 25],
    ]).get(text);
    const alias = this.alias(text);
    if (!alias) return service === undefined ? undefined : service === value ? YES : false;
    if (alias.type.startsWith('urltable_ports') || (alias.type === 'url_ports' && alias.members.length === 0))
      return open(`ports:${text}:${value}`);
    if (alias.type !== 'port' && alias.type !== 'url_ports') return undefined;
    if (seen.has(text)) return false;
    seen.add(text);
    if (alias.members.length === 0) return undefined;
    let result: Match = false;
    for (const member of alias.members) {
      const one = this.port(member, value, seen);
      if (one === undefined) return open(`ports:${text}:${value}`);
      if (one !== false && (result === false || one.length === 0)) result = one;
    }
    return result;
  }
}
