/** Interfaces, virtual addresses, gateways, routes and VPNs as records. */
import type { XmlElement } from '../../src/source/xml.js';
import { all, at, has, items, parts, text, textOf, words } from './node.js';
import type {
  GatewayGroupRecord,
  GatewayRecord,
  GroupRecord,
  InterfaceRecord,
  OpenVpnRecord,
  Phase1Record,
  Phase2Record,
  RouteRecord,
  VipRecord,
  WireGuardRecord,
} from './records.js';

/** Properties whose value is there, for optional fields. */
function filled<T extends Record<string, string | undefined>>(values: T): { readonly [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: string };
}

export const interfaces = (section: XmlElement | undefined): readonly InterfaceRecord[] =>
  (section?.children ?? []).map((element) => ({
    key: element.name.toLowerCase(),
    ...filled({
      descr: text(element, 'descr'),
      device: text(element, 'if'),
      ipaddr: text(element, 'ipaddr'),
      subnet: text(element, 'subnet'),
      ipaddrv6: text(element, 'ipaddrv6'),
      subnetv6: text(element, 'subnetv6'),
      gateway: text(element, 'gateway'),
      gatewayv6: text(element, 'gatewayv6'),
      gateway6rd: text(element, 'gateway-6rd'),
      bridge: text(element, 'bridge'),
    }),
    enable: has(element, 'enable'),
    blockpriv: has(element, 'blockpriv'),
    blockbogons: has(element, 'blockbogons'),
    span: element.span,
  }));

export const groups = (section: XmlElement | undefined): readonly GroupRecord[] =>
  items(section, 'ifgroupentry').map((element) => ({
    name: text(element, 'ifname') ?? '',
    members: words(text(element, 'members')),
    span: element.span,
  }));

export const vips = (section: XmlElement | undefined): readonly VipRecord[] =>
  items(section, 'vip').map((element) => ({
    mode: (text(element, 'mode') ?? '').toLowerCase(),
    interface: text(element, 'interface') ?? 'wan',
    ...filled({
      type: text(element, 'type'),
      subnet: text(element, 'subnet'),
      bits: text(element, 'subnet_bits'),
      from: text(element, 'range', 'from'),
      to: text(element, 'range', 'to'),
      uniqid: text(element, 'uniqid'),
    }),
    span: element.span,
  }));

export const gateways = (section: XmlElement | undefined): readonly GatewayRecord[] =>
  items(section, 'gateway_item').map((element) => ({
    name: text(element, 'name') ?? '',
    interface: text(element, 'interface') ?? '',
    ...filled({ gateway: text(element, 'gateway') }),
    ipprotocol: text(element, 'ipprotocol') ?? 'inet',
    disabled: has(element, 'disabled'),
    defaultgw: has(element, 'defaultgw'),
    span: element.span,
  }));

/** Items are "GATEWAY|tier|virtual address". */
export const gatewayGroups = (section: XmlElement | undefined): readonly GatewayGroupRecord[] =>
  items(section, 'gateway_group').map((element) => ({
    name: text(element, 'name') ?? '',
    gateways: all(element, 'item').map((item) => textOf(item).split('|')[0] ?? ''),
  }));

export const routes = (section: XmlElement | undefined): readonly RouteRecord[] =>
  items(section, 'route').map((element) => ({
    network: text(element, 'network') ?? '',
    gateway: text(element, 'gateway') ?? '',
    ...filled({ interface: text(element, 'interface') }),
    disabled: has(element, 'disabled'),
    span: element.span,
  }));

function openVpnInstance(element: XmlElement, server: boolean): OpenVpnRecord {
  const list = (...names: string[]) => names.flatMap((name) => parts(text(element, name)));
  return {
    device: `${server ? 'ovpns' : 'ovpnc'}${text(element, 'vpnid') ?? ''}`,
    server,
    disabled: has(element, 'disable'),
    tunnels: list('tunnel_network', 'tunnel_networkv6'),
    remotes: list('remote_network', 'remote_networkv6'),
    authModes: parts(text(element, 'authmode')),
    span: element.span,
  };
}

/** Instances that are configured; client overrides (`openvpn-csc`) add their remote networks to the servers they name. */
export function openVpn(section: XmlElement | undefined): readonly OpenVpnRecord[] {
  const overrides = items(section, 'openvpn-csc').filter((element) => !has(element, 'disable'));
  const servers = items(section, 'openvpn-server').map((element) => {
    const server = openVpnInstance(element, true);
    const mine = overrides.filter((o) => {
      const list = parts(text(o, 'server_list'));
      return list.length === 0 || list.includes(text(element, 'vpnid') ?? '');
    });
    const extra = mine.flatMap((o) => [...parts(text(o, 'remote_network')), ...parts(text(o, 'remote_networkv6'))]);
    return { ...server, remotes: [...server.remotes, ...extra] };
  });
  return [...servers, ...items(section, 'openvpn-client').map((element) => openVpnInstance(element, false))];
}

const wireGuardNetworks = (element: XmlElement | undefined, list: string): readonly string[] =>
  items(at(element, list), 'row').flatMap((row) => {
    const address = text(row, 'address');
    const mask = text(row, 'mask');
    return address === undefined ? [] : [mask === undefined ? address : `${address}/${mask}`];
  });

/** Tunnels of the WireGuard package that are enabled. */
export function wireGuard(section: XmlElement | undefined): readonly WireGuardRecord[] {
  const peers = items(at(section, 'peers'), 'item').filter((peer) => text(peer, 'enabled') !== 'no');
  return items(at(section, 'tunnels'), 'item')
    .filter((tunnel) => text(tunnel, 'enabled') !== 'no')
    .map((tunnel) => ({
      device: text(tunnel, 'name') ?? '',
      addresses: wireGuardNetworks(tunnel, 'addresses'),
      remotes: peers
        .filter((peer) => text(peer, 'tun') === text(tunnel, 'name'))
        .flatMap((peer) => wireGuardNetworks(peer, 'allowedips')),
      span: tunnel.span,
    }));
}

export const phase1 = (ipsec: XmlElement | undefined): readonly Phase1Record[] =>
  items(ipsec, 'phase1').map((element) => ({
    ...filled({ ikeid: text(element, 'ikeid'), remote: text(element, 'remote-gateway') }),
    disabled: has(element, 'disabled'),
    mobile: has(element, 'mobile'),
    interface: text(element, 'interface') ?? 'wan',
    family: text(element, 'protocol') ?? 'inet',
    span: element.span,
  }));

export const phase2 = (ipsec: XmlElement | undefined): readonly Phase2Record[] =>
  [...items(ipsec, 'phase2'), ...items(ipsec, 'phase1').flatMap((element) => items(element, 'phase2'))].map((element) => ({
    ...filled({
      ikeid: text(element, 'ikeid'),
      remoteType: text(element, 'remoteid', 'type'),
      remoteAddress: text(element, 'remoteid', 'address'),
      remoteBits: text(element, 'remoteid', 'netbits'),
    }),
    disabled: has(element, 'disabled'),
    mode: text(element, 'mode') ?? 'tunnel',
    span: element.span,
  }));

/** Client networks of dial-in servers that are on. */
export function dialIn(root: XmlElement): ReadonlyMap<string, readonly string[]> {
  const out = new Map<string, readonly string[]>();
  const network = (address: string | undefined, bits: string | undefined): readonly string[] =>
    address === undefined ? [] : [bits === undefined ? address : `${address}/${bits}`];
  const l2tp = at(root, 'l2tp');
  if (text(l2tp, 'mode') === 'server') out.set('l2tp', network(text(l2tp, 'remoteip'), text(l2tp, 'l2tp_subnet')));
  const pptp = at(root, 'pptpd');
  if (text(pptp, 'mode') === 'server') out.set('pptp', network(text(pptp, 'remoteip'), text(pptp, 'pptp_subnet') ?? '28'));
  const servers = items(at(root, 'pppoes'), 'pppoe').filter((element) => text(element, 'mode') === 'server');
  if (servers.length > 0)
    out.set(
      'pppoe',
      servers.flatMap((element) => network(text(element, 'remoteip'), text(element, 'pppoe_subnet'))),
    );
  return out;
}

/** Own addresses of gre and gif tunnels by device name. */
export function tunnels(root: XmlElement): ReadonlyMap<string, readonly string[]> {
  const out = new Map<string, readonly string[]>();
  for (const [section, item, device] of [
    ['gres', 'gre', 'greif'],
    ['gifs', 'gif', 'gifif'],
  ] as const)
    for (const element of items(at(root, section), item)) {
      const name = text(element, device);
      const bits = text(element, 'tunnel-remote-net');
      const local = ['tunnel-local-addr', 'tunnel-local-addr6']
        .map((field) => text(element, field))
        .filter((a) => a !== undefined);
      if (name !== undefined) out.set(name, bits === undefined ? local : local.map((address) => `${address}/${bits}`));
    }
  return out;
}
