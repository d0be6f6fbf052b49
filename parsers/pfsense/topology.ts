/** Interfaces as the rules see them: which exist, their addresses, virtual addresses and networks, groups, links. */
import {
  type AddressSet,
  type Family,
  intersectAddresses,
  isEmptyAddresses,
  NO_ADDRESS,
  subtractAddresses,
  unionAddresses,
  unionAllAddresses,
} from '../../src/sets/address.js';
import { type Intervals, only, unionAll } from '../../src/sets/intervals.js';
import { addressRange, familyOf, parseAddressSet, prefixSet } from '../../src/sets/ip.js';
import type { Given } from '../types.js';
import { anyOf, type Extent, joinAll, known, NOTHING, type Unknown, unknown } from './extent.js';
import type { Notes } from './notes.js';
import type { InterfaceRecord, PfsenseConfig, VipRecord } from './records.js';
import type { Behaviour } from './version.js';

/** Undefined: the interface has no address of that family. */
export interface FamilyAddresses {
  readonly address: Extent;
  readonly network: Extent;
  /** Prefix length of the network where it is known. */
  readonly length?: number;
}

export interface Interface {
  readonly record: InterfaceRecord;
  readonly key: string;
  readonly label: string;
  /** Where its packets are judged. */
  readonly link: number;
  /** VTI interfaces under the default IPsec mode are judged on enc0: their own rules never see a packet. */
  readonly effective: boolean;
  readonly v4: FamilyAddresses | undefined;
  readonly v6: FamilyAddresses | undefined;
  readonly vips: readonly Vip[];
  /** Has a gateway: leads to other networks, outbound NAT and "WAN" apply. */
  readonly wan4: boolean;
  readonly wan6: boolean;
}

export interface Vip {
  readonly record: VipRecord;
  readonly family: Family;
  /** Addresses the firewall answers to as its own (CARP, IP alias). */
  readonly own: AddressSet;
  readonly network: AddressSet;
  readonly length: number;
}

export interface Topology {
  readonly device: string;
  readonly linkNames: readonly string[];
  readonly linkLabels: readonly string[];
  readonly interfaces: ReadonlyMap<string, Interface>;
  /** Interface groups and pseudo interfaces -> links; a name that is absent does not exist. */
  readonly groups: ReadonlyMap<string, Intervals>;
  readonly pseudo: ReadonlyMap<string, number>;
  readonly self: Extent;
  readonly allLinks: Intervals;
}

const DYNAMIC = /^(dhcp6?|pppoe|ppp|pptp|l2tp|bigpond|slaac|track6|6rd|6to4)$/i;
const MASK_WORDS = /redacted|masked|\bremoved\b|\*{2,}/i;

/** A value that a redactor took out: unknown, neither absent nor a name. */
export function isMasked(text: string): boolean {
  const head = text.slice(0, 200);
  if (MASK_WORDS.test(head) || /^[[{<].*[\]}>]$/.test(head)) return true;
  return /^[x.:]+(\/[0-9x]{1,3})?$/i.test(head) && /x/i.test(head) && /[.:]/.test(head);
}

const DEVICE_TUNNEL = /^(ovpn[sc]|tun_wg|wg|ipsec|gre|gif)[0-9]*/;

/** What an interface address can never be: loopback, multicast, "this network". */
const NEVER = unionAllAddresses(
  ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/127', 'ff00::/8'].map((text) => parseAddressSet(text) ?? NO_ADDRESS),
);

interface Literal {
  readonly address: AddressSet;
  readonly network: AddressSet;
  readonly length: number;
}

function literal(address: string | undefined, bits: string | undefined): Literal | undefined {
  const bare = address?.split('%')[0];
  const family = bare === undefined ? undefined : familyOf(bare);
  if (bare === undefined || family === undefined) return undefined;
  const length = bits !== undefined && /^[0-9]{1,3}$/.test(bits) ? Number(bits) : family === 4 ? 32 : 128;
  const single = parseAddressSet(bare);
  const network = prefixSet(bare, length);
  return single && network ? { address: single, network, length } : undefined;
}

/** The first host of an OpenVPN server's tunnel network is the server itself. */
function firstHost(network: string): Literal | undefined {
  const [base, bits] = network.split('/');
  const net = literal(base, bits);
  if (!net) return undefined;
  const v4 = net.network.v4[0];
  const v6 = net.network.v6[0];
  const address: AddressSet =
    v4 !== undefined ? { v4: [v4 + 1, v4 + 2], v6: [] } : v6 !== undefined ? { v4: [], v6: [v6 + 1n, v6 + 2n] } : NO_ADDRESS;
  return { ...net, address: intersectAddresses(address, net.network) };
}

/** Addresses that stand elsewhere than in the interface: tunnels know their own. Undefined: only known at run time. */
function tunnelLiterals(record: InterfaceRecord, config: PfsenseConfig): readonly Literal[] | undefined {
  const { device } = record;
  if (device === undefined || !DEVICE_TUNNEL.test(device)) return [];
  const present = (list: readonly (Literal | undefined)[]) => list.filter((item) => item !== undefined);
  const vpn = config.openvpn.find((instance) => instance.device === device);
  if (vpn?.server && vpn.tunnels.length > 0) return present(vpn.tunnels.map(firstHost));
  const wireguard = config.wireguard.find((tunnel) => tunnel.device === device);
  const texts = wireguard?.addresses ?? config.tunnels.get(device);
  if (texts && texts.length > 0)
    return present(
      texts.map((text) => {
        const [address, bits] = text.split('/');
        return literal(address, bits);
      }),
    );
  return undefined;
}

interface Draft {
  readonly record: InterfaceRecord;
  readonly literals: { readonly 4?: Literal; readonly 6?: Literal };
  /** Families whose address exists but is not in the file, with the reason. */
  readonly open: { readonly 4?: string; readonly 6?: string };
}

function draftOf(record: InterfaceRecord, config: PfsenseConfig): Draft {
  const literals: { 4?: Literal; 6?: Literal } = {};
  const open: { 4?: string; 6?: string } = {};
  for (const family of [4, 6] as const) {
    const text = family === 4 ? record.ipaddr : record.ipaddrv6;
    const bits = family === 4 ? record.subnet : record.subnetv6;
    if (text === undefined || text === 'none') continue;
    const own = literal(text, bits);
    if (own && familyOf(text.split('%')[0] ?? '') === family) {
      literals[family] = own;
      if (bits === undefined || !/^[0-9]{1,3}$/.test(bits)) open[family] = 'its subnet is not stated';
    } else open[family] = DYNAMIC.test(text) ? text : isMasked(text) ? `redacted ("${text}")` : `"${text}"`;
  }
  const tunnel = tunnelLiterals(record, config);
  for (const item of tunnel ?? []) {
    const family = item.network.v4.length > 0 ? 4 : 6;
    literals[family] ??= item;
  }
  if (tunnel === undefined) {
    if (!literals[4] && !open[4]) open[4] = `assigned by ${record.device} at run time`;
    if (!literals[6] && !open[6]) open[6] = `assigned by ${record.device} at run time`;
  }
  return { record, literals, open };
}

/** Virtual addresses by the key of the interface they live on; an IP alias may stand on a CARP address. */
function vipsByInterface(config: PfsenseConfig): ReadonlyMap<string, readonly Vip[]> {
  const parents = new Map<string, VipRecord>(
    config.vips.flatMap((vip) => (vip.uniqid ? [[`_vip${vip.uniqid}`, vip] as const] : [])),
  );
  const out = new Map<string, Vip[]>();
  for (const record of config.vips) {
    let at = record;
    for (let i = 0; i < 8; i++) at = parents.get(at.interface) ?? at;
    const range = record.from && record.to ? addressRange(record.from, record.to) : undefined;
    const found = literal(record.subnet, record.bits);
    if (!found && !range) continue;
    const network = found?.network ?? range ?? NO_ADDRESS;
    const own = record.mode === 'carp' || record.mode === 'ipalias' ? (found?.address ?? NO_ADDRESS) : NO_ADDRESS;
    const vip: Vip = { record, family: network.v4.length > 0 ? 4 : 6, own, network, length: found?.length ?? 32 };
    const list = out.get(at.interface);
    if (list) list.push(vip);
    else out.set(at.interface, [vip]);
  }
  return out;
}

/** Interfaces that exist for the generator. */
function existing(config: PfsenseConfig, behaviour: Behaviour): readonly InterfaceRecord[] {
  const seen = new Set<string>();
  return config.interfaces.filter((record) => {
    const on = record.enable || (behaviour.wanAndLanAlwaysOn && (record.key === 'wan' || record.key === 'lan'));
    if (!on || seen.has(record.key)) return false;
    seen.add(record.key);
    return true;
  });
}

const label = (record: InterfaceRecord): string => record.descr ?? record.key.toUpperCase();

interface Pseudo {
  readonly names: readonly string[];
  /** Tab name -> links of assigned interfaces and the pseudo link that stand behind it. */
  readonly groupMembers: ReadonlyMap<string, readonly string[]>;
}

/** Interfaces without an entry of their own: enc0, unassigned VPN instances, dial-in servers. */
function pseudoInterfaces(config: PfsenseConfig, records: readonly InterfaceRecord[]): Pseudo {
  const names: string[] = [];
  const members = new Map<string, readonly string[]>();
  const assigned = (pattern: RegExp) => records.filter((r) => r.device !== undefined && pattern.test(r.device)).map((r) => r.key);
  if (config.phase1.some((phase) => !phase.disabled)) {
    names.push('enc0');
    members.set('enc0', ['enc0']);
  }
  const free = (device: string) => !records.some((record) => record.device === device);
  const instances = config.openvpn.filter((instance) => !instance.disabled);
  if (config.openvpn.length > 0) {
    if (instances.some((instance) => free(instance.device))) names.push('openvpn');
    members.set('openvpn', [...assigned(/^ovpn[sc]/), ...(names.includes('openvpn') ? ['openvpn'] : [])]);
  }
  const wireGuardInterfaces = assigned(/^(tun_wg|wg)[0-9]/);
  if (config.wireguard.some((tunnel) => free(tunnel.device))) names.push('wireguard');
  if (config.wireguard.length > 0 || wireGuardInterfaces.length > 0 || config.wireguardLegacy) {
    const all = [...wireGuardInterfaces, ...(names.includes('wireguard') ? ['wireguard'] : [])];
    members.set('WireGuard', all);
    members.set('wireguard', all);
  }
  for (const name of config.dialIn.keys()) {
    names.push(name);
    members.set(name, [name]);
  }
  return { names, groupMembers: members };
}

function unknownAddress(draft: Draft, family: Family, what: 'address' | 'network', device: string): Unknown {
  const { record } = draft;
  const keyword = what === 'address' ? `${record.key}ip` : record.key;
  return {
    kind: 'interface',
    name: `${label(record)} ${what} (IPv${family}, ${draft.open[family]})`,
    coin: `interface:${device}:${record.key}:v${family}:${what}`,
    settledBy: `State the ${what} of ${record.key} under keywords of the device: ${keyword}: ADDRESS.`,
    span: record.span,
  };
}

/** Addresses that the user states, or that every interface of the box shows to be impossible, narrow what is unknown. */
function openAddresses(draft: Draft, family: Family, taken: AddressSet, given: Given, device: string): FamilyAddresses {
  const { key } = draft.record;
  const all = anyOf(family);
  const stated = (keyword: string) => {
    const set = given.keywords?.get(keyword);
    const mine = set && intersectAddresses(set, all);
    return mine && !isEmptyAddresses(mine) ? mine : undefined;
  };
  const room = subtractAddresses(subtractAddresses(all, taken), NEVER);
  const literalAddress = draft.literals[family]?.address;
  const address = literalAddress ?? stated(`${key}ip`);
  const network = stated(key);
  const hosts = given.host && subtractAddresses(intersectAddresses(given.host, all), taken);
  const addressRoom = hosts ?? (network ? intersectAddresses(room, network) : room);
  return {
    address: address ? known(address) : unknown(addressRoom, unknownAddress(draft, family, 'address', device)),
    network: network ? known(network) : unknown(room, unknownAddress(draft, family, 'network', device)),
  };
}

/** Every interface, group and link of the firewall. */
export function topologyOf(config: PfsenseConfig, behaviour: Behaviour, given: Given, device: string, notes: Notes): Topology {
  const records = existing(config, behaviour);
  const ifIpsec = config.ipsecFilterMode === 'if_ipsec';
  const pseudo = pseudoInterfaces(config, records);
  const isVti = (record: InterfaceRecord) => /^ipsec[0-9]/.test(record.device ?? '');
  const judgedOnEnc0 = (record: InterfaceRecord) => isVti(record) && !ifIpsec && pseudo.names.includes('enc0');
  const ownLink = records.filter((record) => !judgedOnEnc0(record));
  const clashes = new Set(records.map((record) => record.key));
  const pseudoNames = pseudo.names.filter((name) => !clashes.has(name));
  const linkNames = [...ownLink.map((record) => record.key), ...pseudoNames];
  const linkOf = new Map(linkNames.map((name, i) => [name, i]));
  const drafts = records.map((record) => draftOf(record, config));
  const vips = vipsByInterface(config);
  const knownNetworks = drafts.map((draft) => {
    const of = [draft.literals[4], draft.literals[6]].filter((item) => item !== undefined).map((item) => item.network);
    return unionAllAddresses([...of, ...(vips.get(draft.record.key) ?? []).map((vip) => vip.network)]);
  });
  const gatewayOn = (key: string, family: 'inet' | 'inet6') =>
    config.gateways.some((g) => g.interface === key && g.ipprotocol === family && !g.disabled && g.defaultgw);
  const interfaces = new Map<string, Interface>();
  drafts.forEach((draft, i) => {
    const { record } = draft;
    // A box whose own address lies in another interface's network does not route; what others hold is ruled out.
    const taken = draft.open[4] || draft.open[6] ? unionAllAddresses(knownNetworks.filter((_, j) => j !== i)) : NO_ADDRESS;
    const addresses = (family: Family): FamilyAddresses | undefined => {
      const own = draft.literals[family];
      if (own && draft.open[family] === undefined)
        return { address: known(own.address), network: known(own.network), length: own.length };
      return draft.open[family] === undefined ? undefined : openAddresses(draft, family, taken, given, device);
    };
    const named = (gateway: string | undefined) => gateway !== undefined && gateway !== 'none';
    interfaces.set(record.key, {
      record,
      key: record.key,
      label: label(record),
      link: linkOf.get(judgedOnEnc0(record) ? 'enc0' : record.key) ?? 0,
      effective: !judgedOnEnc0(record),
      v4: addresses(4),
      v6: addresses(6),
      vips: vips.get(record.key) ?? [],
      wan4:
        named(record.gateway) ||
        gatewayOn(record.key, 'inet') ||
        /^(dhcp|pppoe|ppp|pptp|l2tp|bigpond)$/i.test(record.ipaddr ?? ''),
      wan6: named(record.gatewayv6) || gatewayOn(record.key, 'inet6') || /^(dhcp6|slaac|6rd|6to4)$/i.test(record.ipaddrv6 ?? ''),
    });
  });
  const links = (names: readonly string[]): Intervals =>
    unionAll(
      names.flatMap((name) => {
        const found = interfaces.get(name);
        if (found) return found.effective ? [only(found.link)] : [];
        const index = linkOf.get(name);
        return index === undefined ? [] : [only(index)];
      }),
    );
  const groups = new Map<string, Intervals>();
  for (const group of config.groups) if (group.name !== '') groups.set(group.name, links(group.members));
  for (const [name, members] of pseudo.groupMembers) groups.set(name, unionAll([groups.get(name) ?? [], links(members)]));
  for (const draft of drafts)
    if (draft.open[4] || draft.open[6])
      notes.add(
        'info',
        'interface-address-unknown',
        `the address of ${label(draft.record)} (${draft.record.key}) is not in the export: ${draft.open[4] ?? draft.open[6]}`,
        draft.record.span,
      );
  return {
    device,
    linkNames,
    linkLabels: linkNames.map((name) => interfaces.get(name)?.label ?? name),
    interfaces,
    groups,
    pseudo: new Map(pseudoNames.map((name) => [name, linkOf.get(name) ?? 0])),
    self: selfOf([...interfaces.values()], config, given, device),
    allLinks: linkNames.length === 0 ? [] : [0, linkNames.length],
  };
}

/** `(self)`: every address of the firewall, loopback included. */
function selfOf(interfaces: readonly Interface[], config: PfsenseConfig, given: Given, device: string): Extent {
  const stated = given.keywords?.get('(self)') ?? given.keywords?.get('self');
  if (stated) return known(stated);
  const assigned = new Set(interfaces.map((item) => item.record.device));
  const freeTunnels = config.openvpn
    .filter((instance) => instance.server && !instance.disabled && !assigned.has(instance.device))
    .flatMap((instance) => instance.tunnels.map(firstHost))
    .flatMap((found) => (found ? [known(found.address)] : []));
  const wireguard = config.wireguard
    .filter((tunnel) => !assigned.has(tunnel.device))
    .flatMap((tunnel) => tunnel.addresses.map((text) => parseAddressSet(text.split('/')[0] ?? '')))
    .flatMap((set) => (set ? [known(set)] : []));
  const attached = unionAllAddresses(
    interfaces.flatMap((item) => [item.v4?.network.lo ?? NO_ADDRESS, item.v6?.network.lo ?? NO_ADDRESS]),
  );
  const clients = config.openvpn
    .filter((instance) => !instance.server && !instance.disabled && !assigned.has(instance.device))
    .map((instance) =>
      unknown(subtractAddresses(subtractAddresses({ v4: [0, 2 ** 32], v6: [] }, attached), NEVER), {
        kind: 'interface',
        name: `address of ${instance.device} (assigned by the VPN server)`,
        coin: `interface:${device}:${instance.device}:address`,
        settledBy: 'State every address of the firewall under keywords of the device: "(self)".',
        span: instance.span,
      }),
    );
  const loopback = unionAddresses(parseAddressSet('127.0.0.1') ?? NO_ADDRESS, parseAddressSet('::1') ?? NO_ADDRESS);
  return joinAll([
    known(loopback),
    ...interfaces.flatMap((item) => [item.v4?.address ?? NOTHING, item.v6?.address ?? NOTHING]),
    ...interfaces.flatMap((item) => item.vips.map((vip) => known(vip.own))),
    ...freeTunnels,
    ...wireguard,
    ...clients,
    ...(given.host ? [known(given.host)] : []),
  ]);
}

/** True when the file shows every address of the firewall. */
export const selfIsComplete = (topology: Topology): boolean =>
  isEmptyAddresses(subtractAddresses(topology.self.hi, topology.self.lo));
