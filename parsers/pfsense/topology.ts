/** Interfaces as the rules see them: which exist, their addresses, virtual addresses and networks, groups, links. */
import {
  type AddressSet,
  type Family,
  isEmptyAddresses,
  NO_ADDRESS,
  subtractAddresses,
  unionAddresses,
  unionAllAddresses,
} from '../../src/sets/address.js';
import { type Intervals, only, unionAll } from '../../src/sets/intervals.js';
import { addressRange, parseAddressSet } from '../../src/sets/ip.js';
import type { Given } from '../types.js';
import { anyOf, type Extent, joinAll, known, NOTHING, unknown } from './extent.js';
import { draftOf, type FamilyAddresses, firstHost, label, literal, NEVER, openAddresses } from './interface-addresses.js';
import type { Notes } from './notes.js';
import type { InterfaceRecord, OpenVpnRecord, PfsenseConfig, VipRecord } from './records.js';
import type { Behaviour } from './version.js';

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

/** A VPN client gets its address from the server. */
function clientAddress(instance: OpenVpnRecord, family: Family, attached: AddressSet, device: string): Extent {
  return unknown(subtractAddresses(subtractAddresses(anyOf(family), attached), NEVER), {
    kind: 'interface',
    name: `IPv${family} address of ${instance.device} (assigned by the VPN server)`,
    coin: `interface:${device}:${instance.device}:v${family}:address`,
    family,
    settledBy: 'State every address of the firewall under keywords of the device: "(self)".',
    span: instance.span,
  });
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
    .flatMap((instance) => ([4, 6] as const).map((family) => clientAddress(instance, family, attached, device)));
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

/** Finds a link by device (`em0`, `igb0.20`), description or key in any letter case; undefined where two interfaces fit. */
export function linkFinder(topology: Topology): (name: string) => number | undefined {
  const byName = new Map<string, Set<number>>();
  const add = (name: string | undefined, link: number) => {
    if (name === undefined) return;
    const links = byName.get(name.toLowerCase());
    if (links) links.add(link);
    else byName.set(name.toLowerCase(), new Set([link]));
  };
  topology.linkNames.forEach((name, link) => {
    add(name, link);
  });
  for (const item of topology.interfaces.values())
    for (const name of [item.key, item.label, item.record.device]) add(name, item.link);
  return (name) => {
    const links = byName.get(name.toLowerCase());
    return links?.size === 1 ? [...links][0] : undefined;
  };
}

/** True when the file shows every address of the firewall. */
export const selfIsComplete = (topology: Topology): boolean =>
  isEmptyAddresses(subtractAddresses(topology.self.hi, topology.self.lo));
