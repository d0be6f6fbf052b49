/** Automatic rules of single interfaces: DHCP, bogons, private networks, 6to4 and 6rd. */
import type { Condition } from '../../src/model/condition.js';
import { atMost, exactly, type MatchBox } from '../../src/model/match.js';
import { ANY_V4, ANY_V6 } from '../../src/sets/address.js';
import { only } from '../../src/sets/intervals.js';
import { parseAddressSet } from '../../src/sets/ip.js';
import {
  type AutomaticContext,
  automatic,
  BOGONS4,
  BOGONS6,
  BROADCAST,
  LINK_LOCAL6,
  MULTICAST_LINK6,
  PRIVATE,
  towards,
  V4,
  V6,
} from './automatic-rule.js';
import { known, ofFamily } from './extent.js';
import type { PfRule } from './pf-order.js';
import type { Interface } from './topology.js';

const udp = (from: number | undefined, to: number | undefined): MatchBox => ({
  protocols: only(17),
  ...(from === undefined ? {} : { sourcePorts: only(from) }),
  ...(to === undefined ? {} : { ports: only(to) }),
});

function dhcpClient(item: Interface): readonly PfRule[] {
  const links = only(item.link);
  const out: PfRule[] = [];
  const span = item.record.span;
  if (item.record.ipaddr?.toLowerCase() === 'dhcp') {
    out.push(
      automatic('dhcp-client', `DHCP client on ${item.label}`, 'accept', exactly({ ...V4, ...udp(67, 68) }), {
        links,
        span,
        direction: 'in',
      }),
    );
    out.push(
      automatic('dhcp-client', `DHCP client on ${item.label}`, 'accept', exactly({ ...V4, ...udp(68, 67) }), {
        links,
        span,
        direction: 'out',
      }),
    );
  }
  if (item.record.ipaddrv6?.toLowerCase() === 'dhcp6') {
    const inbound = exactly({ source: LINK_LOCAL6, destination: LINK_LOCAL6, ...udp(546, 546) }, { ...V6, ...udp(547, 546) });
    out.push(automatic('dhcpv6-client', `DHCPv6 client on ${item.label}`, 'accept', inbound, { links, span, direction: 'in' }));
    out.push(
      automatic('dhcpv6-client', `DHCPv6 client on ${item.label}`, 'accept', exactly({ ...V6, ...udp(546, 547) }), {
        links,
        span,
        direction: 'out',
      }),
    );
  }
  return out;
}

function bogons(item: Interface, context: AutomaticContext): readonly PfRule[] {
  if (!item.record.blockbogons) return [];
  const families = [
    { name: 'bogons', family: 4, hi: BOGONS4 },
    { name: 'bogonsv6', family: 6, hi: BOGONS6 },
  ] as const;
  return families.map(({ name, family, hi }) => {
    const base = family === 4 ? V4 : V6;
    const extra = { links: only(item.link), span: item.record.span, direction: 'in' } as const;
    const given = context.given.lists?.get(name);
    if (given)
      return automatic(
        'bogons',
        `Block bogon networks on ${item.label}`,
        'drop',
        exactly({ ...base, source: ofFamily(known(given), family).lo }),
        extra,
      );
    const condition: Condition = {
      kind: 'list',
      name,
      coin: `list:${name}@source`,
      effect: 'extent',
      settledBy: `Give the content of the table under lists of the device: ${name}: FILE (on the firewall: pfctl -t ${name} -T show).`,
      span: item.record.span,
    };
    return automatic('bogons', `Block bogon networks on ${item.label}`, 'drop', atMost({ ...base, source: hi }), {
      ...extra,
      conditions: [condition],
    });
  });
}

function dhcpServer(item: Interface, context: AutomaticContext): readonly PfRule[] {
  const { config, resolver } = context;
  const { device } = resolver.topology;
  const extra = { links: only(item.link), span: item.record.span } as const;
  const out: PfRule[] = [];
  if (config.dhcpServers.has(item.key)) {
    const name = `DHCP server on ${item.label}`;
    out.push(
      automatic('dhcp-server', name, 'accept', exactly({ source: ANY_V4, destination: BROADCAST, ...udp(68, 67) }), {
        ...extra,
        direction: 'in',
      }),
    );
    if (item.v4) {
      const to = towards(item.v4.address, 'destination', { ...V4, ...udp(68, 67) }, device);
      const from = towards(item.v4.address, 'source', { ...V4, ...udp(67, 68) }, device);
      out.push(automatic('dhcp-server', name, 'accept', to.match, { ...extra, direction: 'in', conditions: to.conditions }));
      out.push(automatic('dhcp-server', name, 'accept', from.match, { ...extra, direction: 'out', conditions: from.conditions }));
    }
  }
  if (config.dhcp6Servers.has(item.key)) {
    const boxes: readonly MatchBox[] = [
      { source: LINK_LOCAL6, destination: LINK_LOCAL6, ...udp(undefined, 546) },
      { source: LINK_LOCAL6, destination: MULTICAST_LINK6, ...udp(undefined, 546) },
      { source: LINK_LOCAL6, destination: MULTICAST_LINK6, ...udp(undefined, 547) },
      { source: MULTICAST_LINK6, destination: LINK_LOCAL6, ...udp(undefined, 547) },
    ];
    out.push(
      automatic('dhcpv6-server', `DHCPv6 server on ${item.label}`, 'accept', exactly(...boxes), { ...extra, direction: 'in' }),
    );
  }
  return out;
}

function tunnelled6(item: Interface): readonly PfRule[] {
  const { gateway6rd } = item.record;
  const mode = item.record.ipaddrv6?.toLowerCase();
  const extra = { links: only(item.link), span: item.record.span } as const;
  const protocols = only(41);
  if (mode === '6to4') return [automatic('6to4', `6to4 on ${item.label}`, 'accept', exactly({ ...V4, protocols }), extra)];
  const peer = mode === '6rd' && gateway6rd ? parseAddressSet(gateway6rd) : undefined;
  if (!peer) return [];
  const boxes = exactly({ source: peer, destination: ANY_V4, protocols }, { source: ANY_V4, destination: peer, protocols });
  return [automatic('6rd', `6rd on ${item.label}`, 'accept', boxes, extra)];
}

export function perInterface(context: AutomaticContext): readonly PfRule[] {
  const bridged = new Set(context.config.bridges.flatMap((bridge) => bridge.members));
  return [...context.resolver.topology.interfaces.values()].flatMap((item) => {
    if (!item.effective) return [];
    const span = item.record.span;
    const privates = exactly(
      { source: { v4: PRIVATE.v4, v6: [] }, destination: ANY_V4 },
      { source: { v4: [], v6: PRIVATE.v6 }, destination: ANY_V6 },
    );
    const blockPrivate = item.record.blockpriv && !bridged.has(item.key);
    return [
      ...dhcpClient(item),
      ...bogons(item, context),
      ...(blockPrivate
        ? [
            automatic('block-private', `Block private networks on ${item.label}`, 'drop', privates, {
              links: only(item.link),
              span,
              direction: 'in',
            }),
          ]
        : []),
      ...dhcpServer(item, context),
      ...tunnelled6(item),
    ];
  });
}
