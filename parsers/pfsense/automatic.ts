/**
 * The rules that pfSense puts around the user's, in emission order. Left out because they never change a verdict:
 * antispoof and loopback (non-quick, and overridden by or equal to what stands around them), tables that are empty at boot.
 */
import { exactly, type Match, type MatchBox } from '../../src/model/match.js';
import { ANY_V4, type Family, NO_ADDRESS, unionAllAddresses } from '../../src/sets/address.js';
import { type Intervals, only, unionAll } from '../../src/sets/intervals.js';
import { perInterface } from './automatic-interface.js';
import {
  type AutomaticContext,
  automatic,
  icmp6,
  LINK_LOCAL4,
  LINK_LOCAL6,
  MULTICAST_LINK6,
  TCP_UDP,
  towards,
  UNSPECIFIED6,
  V4,
  V6,
} from './automatic-rule.js';
import { type Extent, ofFamily } from './extent.js';
import type { PfRule } from './pf-order.js';

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
