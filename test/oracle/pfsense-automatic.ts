/** Rules that pfSense makes by itself, around the user's, as one packet meets them. */
import type { PfsenseConfig } from '../../parsers/pfsense/records.js';
import { type Packet, readAddress, readNetwork, TCP, UDP } from './packet.js';
import { type Match, type Names, open, YES } from './pfsense-addresses.js';
import { inNetwork, type Step, type Turn } from './pfsense-parts.js';

export class Automatic {
  private readonly names: Names;
  private readonly config: PfsenseConfig;
  private readonly revision: number;

  constructor(names: Names) {
    this.names = names;
    this.config = names.config;
    this.revision = names.revision;
  }

  /** Automatic rules before the user's. */
  early(p: Packet, turn: Turn, key: string): Step[] {
    const { config } = this;
    const { system } = config;
    const out: Step[] = [];
    const add = (verdict: 'pass' | 'block', quick: boolean, match: Match, doubt = false) => {
      if (match !== false) out.push({ facts: match, verdict, quick, doubt });
    };
    const when = (test: boolean): Match => (test ? YES : false);
    const either = (text: string): boolean => inNetwork(text, p, p.source) || inNetwork(text, p, p.destination);
    if (key === 'openvpn' || this.names.interfaceOf(key)?.device?.startsWith('ovpn'))
      if (config.openvpn.some((each) => each.authModes.some((mode) => config.radiusServers.has(mode)))) {
        add('pass', true, open('radius pass'));
        add('block', true, open('radius block'));
      }
    if (!system.ipv6Allowed) add('block', true, when(p.family === 6));
    if (turn === 'in' && this.revision >= 11 && !system.noApipaBlock) add('block', true, when(either('169.254.0.0/16')));
    add('block', false, YES);
    if (p.protocol === 58 && p.family === 6) {
      const type = p.port >> 8;
      add('pass', true, when([1, 2, 135, 136].includes(type)));
      const near = (value: bigint) => value === 0n || inNetwork('fe80::/10', p, value) || inNetwork('ff02::/16', p, value);
      if (near(p.source) && near(p.destination) && [128, 129, 133, 134].includes(type))
        add('pass', true, open('link-local ICMPv6'));
    }
    const ported = p.protocol === TCP || p.protocol === UDP;
    add('block', true, when(ported && (p.port === 0 || p.sourcePort === 0)));
    if (p.protocol === 112) this.carp(p, turn, add);
    const record = this.names.interfaceOf(key);
    if (record) this.perInterface(p, turn, key, add);
    if (turn === 'out') add('pass', false, YES);
    if (turn === 'in') this.antiLockout(p, key, add);
    if (turn === 'in' && config.captivePortals.some((portal) => portal.interfaces.includes(key))) {
      add('pass', true, open('captive portal lets in'));
      add('block', true, open('captive portal holds back'));
    }
    return out;
  }

  private carp(
    p: Packet,
    turn: Turn,
    add: (verdict: 'pass' | 'block', quick: boolean, match: Match, doubt?: boolean) => void,
  ): void {
    const { config } = this;
    const some =
      this.revision <= 22.2 ? config.vips.length > 0 || config.hasSync : config.vips.some((vip) => vip.mode === 'carp');
    if (!some) return;
    if (turn === 'in') add('block', true, this.names.self(p.family, p.source) === false ? false : open('carp from self'));
    add('pass', true, YES, true);
  }

  private perInterface(
    p: Packet,
    turn: Turn,
    key: string,
    add: (verdict: 'pass' | 'block', quick: boolean, match: Match) => void,
  ): void {
    const { config } = this;
    const record = this.names.interfaceOf(key);
    if (!record) return;
    const udp = (from: number, to: number): boolean => p.protocol === UDP && p.sourcePort === from && p.port === to;
    const four = (test: boolean): Match => (!test ? false : p.family === 4 ? YES : open('DHCP over IPv6'));
    if (record.ipaddr === 'dhcp') add('pass', true, four(turn === 'in' ? udp(67, 68) : udp(68, 67)));
    const dhcp6 = p.family === 6 && p.protocol === UDP && [546, 547].some((port) => p.port === port || p.sourcePort === port);
    if (dhcp6 && (/^(dhcp6|slaac|track6)$/.test(record.ipaddrv6 ?? '') || config.dhcp6Servers.has(key)))
      add('pass', true, open('DHCPv6'));
    if (record.blockbogons && turn === 'in') {
      const listed =
        '10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 0.0.0.0/8 127.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4'.split(
          ' ',
        );
      const perhaps =
        (p.family === 6 &&
          (!inNetwork('2000::/3', p, p.source) ||
            ['2001::/23', '2001:db8::/32', '2002::/16'].some((text) => inNetwork(text, p, p.source)))) ||
        listed.some((text) => inNetwork(text, p, p.source));
      add('block', true, perhaps ? open('bogons') : false);
    }
    if (record.blockpriv && turn === 'in') {
      const listed = ['10.0.0.0/8', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];
      add('block', true, listed.some((text) => inNetwork(text, p, p.source)) ? YES : false);
    }
    if (config.dhcpServers.has(key)) {
      const served = turn === 'in' ? udp(68, 67) : udp(67, 68);
      const failover = p.protocol === TCP && (p.port === 519 || p.port === 520);
      add('pass', true, served || failover ? open('DHCP server') : false);
    }
    if (/^(6rd|6to4)$/.test(record.ipaddrv6 ?? '') && p.protocol === 41) add('pass', true, open('6in4'));
  }

  private antiLockout(p: Packet, key: string, add: (verdict: 'pass' | 'block', quick: boolean, match: Match) => void): void {
    const { config } = this;
    const { system } = config;
    if (system.noAntiLockout || p.protocol !== TCP || (this.revision <= 22.2 && !system.webguiFilled)) return;
    const many = config.interfaces.length > 1;
    const where = many ? (config.interfaces.some((each) => each.key === 'lan') ? 'lan' : undefined) : 'wan';
    if (where !== key) return;
    const protocol = system.webguiProtocol?.toLowerCase();
    const gui =
      system.webguiPort !== undefined && /^\d+$/.test(system.webguiPort)
        ? Number(system.webguiPort)
        : protocol === 'https'
          ? 443
          : 80;
    const ports = [
      gui,
      ...(protocol === 'https' && !system.noHttpRedirect ? [80] : []),
      ...(system.ssh ? [Number(system.sshPort ?? 22)] : []),
    ];
    // Without a protocol the page answers on 80 alone, or on 443 with 80 to redirect.
    const perhaps = protocol === undefined && gui === 80 && (p.port === 443 || (p.port === 80 && system.noHttpRedirect));
    if (!ports.includes(p.port) && !perhaps) return;
    const primary = this.names.primary(key, p.family);
    const vip = this.config.vips.some(
      (each) => each.interface === key && readAddress(each.subnet ?? '')?.value === p.destination,
    );
    const doubt = perhaps || primary === 'unknown';
    const own = primary !== undefined && primary !== 'unknown' && primary.address === p.destination;
    if (own || vip || primary === 'unknown') add('pass', true, (own || vip) && !doubt ? YES : open('anti-lockout'));
  }

  /** After the user's rules; all are reached only without a quick match. */
  late(p: Packet, turn: Turn, key: string): Step[] {
    const { config } = this;
    const out: Step[] = [];
    const pass = (quick: boolean, coin: string) => out.push({ facts: [{ coin }], verdict: 'pass', quick });
    const routed = config.routes.some(
      (route) =>
        !route.disabled &&
        [p.source, p.destination].some((value) => !readNetwork(route.network) || inNetwork(route.network, p, value)),
    );
    if (config.bypassStaticRoutes && routed) pass(true, 'static route bypass');
    const ike =
      p.protocol === 50 ||
      p.protocol === 51 ||
      (p.protocol === UDP && [500, 4500].some((port) => port === p.port || port === p.sourcePort));
    if (ike && !config.system.noVpnRules)
      for (const phase of config.phase1.filter((each) => !each.disabled)) {
        const peer = readAddress(phase.remote ?? '');
        const far = turn === 'in' ? p.source : p.destination;
        const at = phase.interface === key || !this.names.interfaceOf(phase.interface);
        const mine = turn === 'out' || this.names.self(p.family, p.destination) !== false;
        const meets = at && mine && (phase.mobile || !peer || (peer.family === p.family && peer.value === far));
        const own = turn === 'out' || this.names.self(p.family, p.destination) === YES;
        const sure = own && peer !== undefined && phase.interface === key && (p.protocol !== UDP || [500, 4500].includes(p.port));
        if (meets && sure) out.push({ facts: [], verdict: 'pass', quick: false });
        else if (meets) pass(false, `IPsec service ${phase.ikeid ?? phase.remote}`);
      }
    if (
      turn === 'in' &&
      p.family === 4 &&
      (p.protocol === TCP || p.protocol === UDP) &&
      config.upnpInterface !== undefined &&
      (config.upnpInterface === key || !this.names.interfaceOf(config.upnpInterface))
    )
      pass(true, 'UPnP');
    return out;
  }
}
