/**
 * The rules that pfSense puts around the user's, in emission order. Left out because they never change a verdict:
 * antispoof and loopback (non-quick, and overridden or equal to what stands around them), tables that are empty at boot.
 */
import type { Condition } from '../../src/model/condition.js';
import type { Action, RuleOrigin } from '../../src/model/firewall.js';
import { atMost, between, exactly, type Match, type MatchBox } from '../../src/model/match.js';
import {
  type AddressSet,
  ANY_V4,
  ANY_V6,
  type Family,
  isEmptyAddresses,
  NO_ADDRESS,
  unionAllAddresses,
} from '../../src/sets/address.js';
import { type Intervals, only, range, union, unionAll } from '../../src/sets/intervals.js';
import { parseAddressSet } from '../../src/sets/ip.js';
import type { Span } from '../../src/source/span.js';
import type { Given } from '../types.js';
import type { Resolver } from './endpoints.js';
import { conditionsOf, type Extent, known, ofFamily } from './extent.js';
import type { PfRule } from './pf-order.js';
import type { PfsenseConfig } from './records.js';
import type { Interface } from './topology.js';

export interface AutomaticContext {
  readonly config: PfsenseConfig;
  readonly resolver: Resolver;
  readonly given: Given;
}

export const setOf = (...texts: readonly string[]): AddressSet =>
  unionAllAddresses(texts.map((text) => parseAddressSet(text) ?? NO_ADDRESS));

const V4: MatchBox = { source: ANY_V4, destination: ANY_V4 };
const V6: MatchBox = { source: ANY_V6, destination: ANY_V6 };
const LINK_LOCAL4 = setOf('169.254.0.0/16');
const LINK_LOCAL6 = setOf('fe80::/10');
const MULTICAST_LINK6 = setOf('ff02::/16');
const UNSPECIFIED6 = setOf('::');
const BROADCAST = setOf('255.255.255.255');
const PRIVATE = setOf('10.0.0.0/8', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7');
/** Where bogons lists may reach; the pfSense list may leave private space out. */
const BOGONS4 = setOf(
  ...'0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24'.split(' '),
  ...'192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4'.split(' '),
);
/** Everything but global unicast, and what is reserved within it. */
const BOGONS6 = setOf('::/3', '4000::/2', '8000::/1', '2001:db8::/32', '2001:10::/28', '3fff::/20');
const TCP_UDP: Intervals = union(only(6), only(17));
const icmp6 = (...types: readonly number[]): MatchBox => ({
  protocols: only(58),
  ports: unionAll(types.map((type) => range(type * 256, type * 256 + 255))),
});

interface Extra {
  readonly direction?: PfRule['direction'];
  readonly quick?: boolean;
  readonly links?: Intervals;
  readonly origin?: RuleOrigin;
  readonly span?: Span;
  readonly conditions?: readonly Condition[];
}

/** One automatic rule; quick and for both directions unless stated. */
export function automatic(
  id: string,
  name: string,
  kind: 'accept' | 'drop' | 'unknown',
  match: Match,
  extra: Extra = {},
): PfRule {
  const action: Action = { kind };
  return {
    rule: {
      id: `automatic/${id}`,
      name,
      ...(extra.span ? { span: extra.span } : {}),
      origin: extra.origin ?? 'automatic',
      enabled: true,
      action,
      match,
      conditions: extra.conditions ?? [],
    },
    direction: extra.direction ?? 'both',
    quick: extra.quick ?? true,
    ...(extra.links ? { links: extra.links } : {}),
  };
}

/** A rule with an end that may be partly unknown. */
export function towards(
  extent: Extent,
  end: 'source' | 'destination',
  box: MatchBox,
  device: string,
): { match: Match; conditions: readonly Condition[] } {
  const bound = (set: AddressSet): readonly MatchBox[] => (isEmptyAddresses(set) ? [] : [{ ...box, [end]: set }]);
  const conditions = conditionsOf(extent, end, false, device);
  const hi = bound(extent.hi);
  return { match: conditions.length === 0 ? exactly(...hi) : between(bound(extent.lo), hi), conditions };
}

const interfaces = (context: AutomaticContext): readonly Interface[] => [...context.resolver.topology.interfaces.values()];

function head(context: AutomaticContext): readonly PfRule[] {
  const { system } = context.config;
  const { behaviour } = context.resolver;
  const out: PfRule[] = [];
  if (!system.ipv6Allowed) out.push(automatic('block-ipv6', 'Block all IPv6 (system > Allow IPv6 is off)', 'drop', exactly(V6)));
  if (behaviour.since22 && !system.noApipaBlock) {
    const either = exactly({ source: LINK_LOCAL4, destination: ANY_V4 }, { source: ANY_V4, destination: LINK_LOCAL4 });
    out.push(automatic('block-link-local', 'Block IPv4 link-local', 'drop', either, { direction: 'in' }));
  }
  const deny = { quick: false, origin: 'default' } as const;
  out.push(automatic('default-deny', 'Default deny rule', 'drop', exactly(V4, V6), deny));
  if (system.ipv6Allowed) out.push(...icmpv6());
  const zero = only(0);
  const ports = [V4, V6].flatMap((box) => [
    { ...box, protocols: TCP_UDP, sourcePorts: zero },
    { ...box, protocols: TCP_UDP, ports: zero },
  ]);
  out.push(automatic('block-port-0', 'Block traffic from and to port 0', 'drop', exactly(...ports)));
  return out;
}

function icmpv6(): readonly PfRule[] {
  const pass = (match: Match, direction: PfRule['direction']) =>
    automatic('icmpv6', 'Pass ICMPv6 that IPv6 needs', 'accept', match, { direction });
  const outbound = icmp6(129, 133, 134, 135, 136);
  const inbound = icmp6(128, 133, 134, 135, 136);
  return [
    pass(exactly({ ...V6, ...icmp6(1, 2, 135, 136) }), 'both'),
    pass(
      exactly(
        { source: LINK_LOCAL6, destination: LINK_LOCAL6, ...outbound },
        { source: LINK_LOCAL6, destination: MULTICAST_LINK6, ...outbound },
      ),
      'out',
    ),
    pass(
      exactly(
        { source: LINK_LOCAL6, destination: LINK_LOCAL6, ...inbound },
        { source: MULTICAST_LINK6, destination: LINK_LOCAL6, ...inbound },
        { source: LINK_LOCAL6, destination: MULTICAST_LINK6, ...inbound },
        { source: UNSPECIFIED6, destination: MULTICAST_LINK6, ...inbound },
      ),
      'in',
    ),
  ];
}

function carp(context: AutomaticContext): readonly PfRule[] {
  const { config, resolver } = context;
  const carpVip = config.vips.some((vip) => vip.mode === 'carp');
  const on = carpVip || (resolver.behaviour.carpForAnyVirtualAddress && (config.vips.length > 0 || config.hasSync));
  if (!on) return [];
  const own = [4, 6].map((family) =>
    towards(
      ofFamily(resolver.topology.self, family as Family),
      'source',
      { ...(family === 4 ? V4 : V6), protocols: only(112) },
      resolver.topology.device,
    ),
  );
  return [
    ...own.map((part) =>
      automatic('carp', 'Block CARP of this firewall coming in', 'drop', part.match, {
        direction: 'in',
        conditions: part.conditions,
      }),
    ),
    automatic('carp', 'Pass CARP', 'accept', exactly({ ...V4, protocols: only(112) }, { ...V6, protocols: only(112) })),
  ];
}

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

function perInterface(context: AutomaticContext): readonly PfRule[] {
  const bridged = new Set(context.config.bridges.flatMap((bridge) => bridge.members));
  return interfaces(context).flatMap((item) => {
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

/** Ports that anti-lockout keeps open. */
function lockoutPorts(context: AutomaticContext): Intervals {
  const { system } = context.config;
  const https = system.webguiProtocol === 'https';
  const port = (text: string | undefined, standard: number) =>
    text && /^[0-9]{1,5}$/.test(text) && Number(text) > 0 ? Number(text) : standard;
  const gui = port(system.webguiPort, https ? 443 : 80);
  const ports = [gui, ...(https && !system.noHttpRedirect ? [80] : []), ...(system.ssh ? [port(system.sshPort, 22)] : [])];
  return unionAll(ports.filter((p) => p <= 65535).map(only));
}

function antiLockout(context: AutomaticContext): readonly PfRule[] {
  const { config, resolver } = context;
  const { topology, behaviour } = resolver;
  if (config.system.noAntiLockout || (behaviour.antiLockoutNeedsWebgui && !config.system.webguiFilled)) return [];
  // Every child of <interfaces> counts here, disabled ones too.
  const key = config.interfaces.length > 1 ? 'lan' : 'wan';
  const item = topology.interfaces.get(key);
  if (!item) return [];
  return ([4, 6] as const).flatMap((family) => {
    const base = family === 4 ? item.v4 : item.v6;
    const own = { lo: NO_ADDRESS, hi: NO_ADDRESS, unknowns: [] };
    const vips = item.vips.filter((vip) => vip.family === family).map((vip) => vip.own);
    const address = base ? base.address : own;
    const extent: Extent = {
      lo: unionAllAddresses([address.lo, ...vips]),
      hi: unionAllAddresses([address.hi, ...vips]),
      unknowns: address.unknowns,
    };
    const box: MatchBox = { ...(family === 4 ? V4 : V6), protocols: only(6), ports: lockoutPorts(context) };
    const { match, conditions } = towards(ofFamily(extent, family), 'destination', box, topology.device);
    if (match.hi.length === 0) return [];
    return [
      automatic('anti-lockout', 'Anti-lockout rule', 'accept', match, { links: only(item.link), direction: 'in', conditions }),
    ];
  });
}

function notices(context: AutomaticContext): void {
  const { config, resolver } = context;
  const { notes } = resolver;
  if (config.root === 'filter') return;
  notes.add(
    'info',
    'dynamic-blocks',
    'tables that fill at run time (sshguard, snort2c, virusprot) are taken as empty; what they block cannot be in an export',
    config.rootSpan,
  );
  if (config.packages.length > 0)
    notes.add(
      'info',
      'packages',
      `installed packages may add rules of their own: ${config.packages.join(', ').slice(0, 300)}`,
      config.rootSpan,
    );
}

/** Emitted before the user's rules. */
export function automaticBefore(context: AutomaticContext): readonly PfRule[] {
  notices(context);
  const letOut = automatic('let-out', 'Let out anything from firewall host itself', 'accept', exactly(V4, V6), {
    direction: 'out',
    quick: false,
  });
  return [...head(context), ...carp(context), ...perInterface(context), letOut, ...enc0(context), ...antiLockout(context)];
}

/** With filter mode "if_ipsec" rules on enc0 have no effect and tunnel mode is blocked. */
function enc0(context: AutomaticContext): readonly PfRule[] {
  const link = context.resolver.topology.pseudo.get('enc0');
  if (link === undefined || context.config.ipsecFilterMode !== 'if_ipsec') return [];
  return [
    automatic('ipsec-tunnel-mode', 'IPsec tunnel mode is blocked (filter mode if_ipsec)', 'drop', exactly(V4, V6), {
      links: only(link),
    }),
  ];
}
