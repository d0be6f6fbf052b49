/** Zones, interfaces and routing tables. */
import type { Family } from '../../src/sets/address.js';
import type { XmlElement } from '../../src/source/xml.js';
import type { InterfaceRecord, RouterRecord, StaticRouteRecord, ZoneRecord } from './records.js';
import { entries, members, nameOf, select, textAt } from './tree.js';

const ZONE_TYPES = ['layer3', 'layer2', 'virtual-wire', 'tap', 'external', 'tunnel'] as const;

export function readZones(vsys: XmlElement): readonly ZoneRecord[] {
  return entries([vsys], 'zone').map((element) => {
    const network = select([element], 'network');
    const type = ZONE_TYPES.find((t) => select(network, t).length > 0) ?? 'none';
    return { name: nameOf(element), span: element.span, type, members: type === 'none' ? [] : (members(network, type) ?? []) };
  });
}

function readInterface(element: XmlElement): InterfaceRecord {
  const layers = [element, ...select([element], 'layer3')];
  const addresses = [...entries(layers, 'ip'), ...entries(layers, 'ipv6', 'address')].map(nameOf);
  // `enable no` switches a client off; absent means on.
  const client = (...path: string[]): boolean => select(layers, ...path).some((c) => textAt([c], 'enable') !== 'no');
  const leases = new Map<Family, boolean>();
  // The default route of the server is taken unless the configuration says no.
  const route = (name: string): boolean => textAt(select(layers, name), 'create-default-route') !== 'no';
  if (client('dhcp-client') || client('pppoe'))
    leases.set(
      4,
      ['dhcp-client', 'pppoe'].some((name) => client(name) && route(name)),
    );
  // A router may announce a default route for IPv6 or not.
  if (client('ipv6', 'dhcp-client') || client('ipv6', 'inherited')) leases.set(6, false);
  return { name: nameOf(element), span: element.span, addresses, dynamic: leases.size > 0, leases };
}

/** @param roots the `network/interface` elements. */
export function readInterfaces(roots: readonly XmlElement[]): readonly InterfaceRecord[] {
  const out: InterfaceRecord[] = [];
  for (const kind of roots.flatMap((root) => root.children)) {
    // ethernet and aggregate-ethernet hold entries with units; vlan, loopback and tunnel hold their own address and units.
    for (const element of entries([kind])) {
      out.push(readInterface(element));
      for (const unit of [...entries([element], 'layer3', 'units'), ...entries([element], 'units')])
        out.push(readInterface(unit));
    }
    for (const unit of entries([kind], 'units')) out.push(readInterface(unit));
    if (select([kind], 'ip').length > 0) out.push({ ...readInterface(kind), name: kind.name });
  }
  return out;
}

function staticRoute(element: XmlElement): StaticRouteRecord {
  const e = [element];
  const hop = select(e, 'nexthop').flatMap((n) => n.children)[0];
  const egress = textAt(e, 'interface');
  const number = (name: string, otherwise: number): number => {
    const text = textAt(e, name);
    return text && /^\d{1,9}$/.test(text) ? Number(text) : otherwise;
  };
  const table = select(e, 'route-table').flatMap((t) => t.children)[0]?.name;
  return {
    name: nameOf(element),
    span: element.span,
    destination: textAt(e, 'destination') ?? '',
    ...(hop ? { nextHop: { kind: hop.name, value: hop.text.trim() } } : {}),
    ...(egress ? { interface: egress } : {}),
    adminDistance: number('admin-dist', 10),
    metric: number('metric', 10),
    notInstalled: table === 'no-install' || table === 'multicast' || select(e, 'option', 'no-install').length > 0,
    monitored: select(e, 'path-monitor').some((m) => textAt([m], 'enable') === 'yes'),
  };
}

const PROTOCOLS = ['bgp', 'ospf', 'ospfv3', 'rip'];

function router(element: XmlElement, name: string): RouterRecord {
  const e = [element];
  const on = (protocol: string): boolean =>
    [...select(e, 'protocol', protocol), ...select(e, protocol)].some((p) => textAt([p], 'enable') === 'yes');
  return {
    name,
    span: element.span,
    interfaces: members(e, 'interface') ?? [],
    routes: [...entries(e, 'routing-table', 'ip', 'static-route'), ...entries(e, 'routing-table', 'ipv6', 'static-route')].map(
      staticRoute,
    ),
    protocols: PROTOCOLS.filter(on),
  };
}

/** Virtual routers and, with advanced routing, the VRFs of logical routers. */
export function readRouters(network: readonly XmlElement[]): readonly RouterRecord[] {
  const virtual = entries(network, 'virtual-router').map((element) => router(element, nameOf(element)));
  const logical = entries(network, 'logical-router').flatMap((element) =>
    entries([element], 'vrf').map((vrf) =>
      router(vrf, nameOf(vrf) === 'default' ? nameOf(element) : `${nameOf(element)}/${nameOf(vrf)}`),
    ),
  );
  return [...virtual, ...logical];
}
