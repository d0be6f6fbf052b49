/** Translation, as far as it decides what the filter sees of one packet. */
import type { EndpointRecord, PfsenseConfig } from '../../parsers/pfsense/records.js';
import { holds, type Packet, readNetwork } from './packet.js';
import { DROPPED, type Names } from './pfsense-addresses.js';
import { inNetwork, PROTOCOLS } from './pfsense-parts.js';

/** Source after translation: an address, the interface's unknown one, perhaps the interface's, perhaps any. */
export type Seen = bigint | 'own unknown' | 'perhaps own' | 'perhaps';

interface InterfaceLike {
  readonly gateway?: string;
  readonly ipaddr?: string;
}

/** Interfaces that lead to other networks: no reflection on them, source translation behind them. */
const isOutside = ({ gateway, ipaddr }: InterfaceLike): boolean =>
  gateway !== undefined || /^(dhcp|pppoe|ppp|pptp|l2tp)$/.test(ipaddr ?? '');

export class Translation {
  private readonly names: Names;
  private readonly config: PfsenseConfig;
  private readonly revision: number;

  constructor(names: Names) {
    this.names = names;
    this.config = names.config;
    this.revision = names.revision;
  }

  /** Whether a port forward or 1:1 mapping may touch an arriving packet. */
  touchesInbound(p: Packet, key: string): boolean {
    const { config, names } = this;
    const may = (end: EndpointRecord | undefined, value: bigint): boolean => {
      const match = names.address(end, p.family, value);
      return end === undefined || (match !== false && match !== DROPPED);
    };
    for (const forward of config.portForwards) {
      if (forward.disabled) continue;
      const on = forward.interface.split(',').some((name) => names.on(name.trim(), key));
      const off =
        forward.reflection === 'disable' || (config.system.noReflection && !/enable|purenat/.test(forward.reflection ?? ''));
      const here = names.interfaceOf(key);
      if (!on && (off || forward.nordr || (here && isOutside(here)))) continue;
      if (forward.ipprotocol === 'inet6' ? p.family === 4 : forward.ipprotocol !== 'inet46' && p.family === 6) continue;
      const protocols = PROTOCOLS.get(forward.protocol?.toLowerCase() ?? '');
      if (protocols && !protocols.includes(p.protocol)) continue;
      const { source, destination } = forward;
      if (!may(source, p.source) || !may(destination, p.destination)) continue;
      const port = destination?.port;
      if (protocols && port !== undefined && names.port(port, p.port) === false) continue;
      if (protocols && source?.port !== undefined && names.port(source.port, p.sourcePort) === false) continue;
      return true;
    }
    return (
      config.oneToOne.some((each) => {
        if (each.disabled) return false;
        const external = readNetwork(each.external ?? '');
        const inner = each.source?.address ?? each.internal ?? '';
        const bits = inner.split('/')[1] ?? each.bits;
        const span = external && bits !== undefined && external.family === 4 ? readNetwork(`${each.external}/${bits}`) : external;
        return !span || holds(span, p.family, p.destination);
      }) || config.npt.some((each) => !each.disabled && p.family === 6)
    );
  }

  /** What happens to the source of a packet that leaves by `key`, before outbound rules see it. */
  sourceOf(p: Packet, key: string): 'no' | Seen {
    const { config, names } = this;
    const mode = config.outboundMode;
    const record = names.interfaceOf(key);
    if (
      config.oneToOne.some((each) => !each.disabled && each.interface === key) ||
      config.npt.some((each) => !each.disabled && p.family === 6)
    )
      return 'perhaps';
    const rules = config.outbound.some((each) => !each.disabled && names.on(each.interface, key));
    if (mode === 'disabled') return 'no';
    if (rules && mode !== 'automatic') return 'perhaps';
    if (mode === 'advanced' || p.family === 6) return 'no';
    if (!record) return 'no';
    const tunnel = /^(ovpn|tun_wg|wg|gre|gif|ipsec)/.test(record.device ?? '');
    if (!tunnel && !isOutside(record)) return this.revision < 8 && key === 'wan' ? 'perhaps' : 'no';
    const primary = names.primary(key, 4);
    const own = primary === undefined || primary === 'unknown' ? undefined : primary.address;
    if (own === p.source) return 'no';
    const inside = config.interfaces.some((each) => {
      const primary = names.primary(each.key, 4);
      return (
        each.key !== key &&
        !isOutside(each) &&
        primary !== undefined &&
        primary !== 'unknown' &&
        primary.net !== undefined &&
        holds(primary.net, 4, p.source)
      );
    });
    // Which tunnels count as outer interfaces differs between releases.
    if (inside) return tunnel ? 'perhaps own' : (own ?? 'own unknown');
    // Automatic mode translates what lies behind static routes and VPNs too, and nothing else.
    const texts = [
      '127.0.0.0/8',
      ...config.routes.map((route) => route.network),
      ...config.openvpn.flatMap((each) => [...each.tunnels, ...each.remotes]),
      ...config.wireguard.flatMap((each) => [...each.addresses, ...each.remotes]),
      ...config.phase2.map((each) => `${each.remoteAddress}/${each.remoteBits ?? 32}`),
      ...[...config.dialIn.values()].flat(),
    ];
    return texts.some((text) => !readNetwork(text) || inNetwork(text, p, p.source)) ? 'perhaps own' : 'no';
  }
}
