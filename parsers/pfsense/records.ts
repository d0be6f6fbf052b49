/** config.xml as pfSense's generator sees it: one record an entry, faithful to the file, each with its span. */
import type { Diagnostic } from '../../src/source/diagnostic.js';
import type { Span } from '../../src/source/span.js';

/** `source` or `destination` of a rule. pfSense looks at `any`, then `network`, then `address`; the first present wins. */
export interface EndpointRecord {
  readonly any: boolean;
  /** A keyword: `lan`, `wanip`, `(self)`, a group. */
  readonly network?: string;
  /** An address, a network in CIDR notation or the name of an alias. */
  readonly address?: string;
  readonly not: boolean;
  readonly port?: string;
}

export interface FilterRuleRecord {
  /** Position in `filter/rule`, from 0, counting every rule that pfSense keeps. */
  readonly index: number;
  readonly span: Span;
  readonly tracker?: string;
  readonly descr?: string;
  /** As written; anything but block, reject and match means pass. */
  readonly type?: string;
  readonly interface?: string;
  readonly floating: boolean;
  /** `floating` must say "yes" for `direction` to count. */
  readonly floatingYes: boolean;
  readonly direction?: string;
  readonly quick: boolean;
  readonly ipprotocol?: string;
  readonly protocol?: string;
  readonly icmptype?: string;
  readonly source?: EndpointRecord;
  readonly destination?: EndpointRecord;
  readonly disabled: boolean;
  readonly log: boolean;
  readonly sched?: string;
  readonly gateway?: string;
  readonly statetype?: string;
  readonly tcpflags1?: string;
  readonly tcpflags2?: string;
  readonly tcpflagsAny: boolean;
  readonly os?: string;
  readonly tag?: string;
  readonly tagged?: string;
  readonly nottagged: boolean;
  readonly dscp?: string;
  readonly vlanprio?: string;
  readonly nat64: boolean;
  /** Names of limits (max, max-src-conn, ...) that are set. */
  readonly limits: readonly string[];
  /** Filled child elements that this reader does not know. */
  readonly unread: readonly string[];
  /** Child elements that occur twice: pfSense would reject the file. */
  readonly repeated: readonly string[];
}

export interface AliasRecord {
  readonly name: string;
  readonly type: string;
  readonly members: readonly string[];
  readonly url?: string;
  readonly urls: readonly string[];
  readonly span: Span;
}

export interface InterfaceRecord {
  readonly key: string;
  readonly descr?: string;
  readonly enable: boolean;
  readonly device?: string;
  readonly ipaddr?: string;
  readonly subnet?: string;
  readonly ipaddrv6?: string;
  readonly subnetv6?: string;
  readonly gateway?: string;
  readonly gatewayv6?: string;
  readonly gateway6rd?: string;
  readonly blockpriv: boolean;
  readonly blockbogons: boolean;
  /** 1.2: the interface this one is bridged to. */
  readonly bridge?: string;
  readonly span: Span;
}

export interface GroupRecord {
  readonly name: string;
  readonly members: readonly string[];
  readonly span: Span;
}

export interface VipRecord {
  readonly mode: string;
  readonly interface: string;
  readonly type?: string;
  readonly subnet?: string;
  readonly bits?: string;
  readonly from?: string;
  readonly to?: string;
  readonly uniqid?: string;
  readonly span: Span;
}

export interface GatewayRecord {
  readonly name: string;
  readonly interface: string;
  readonly gateway?: string;
  readonly ipprotocol: string;
  readonly disabled: boolean;
  readonly defaultgw: boolean;
  readonly span: Span;
}

export interface GatewayGroupRecord {
  readonly name: string;
  readonly gateways: readonly string[];
}

export interface RouteRecord {
  readonly network: string;
  readonly gateway: string;
  /** 1.2: the interface stands in the route, `gateway` is an address. */
  readonly interface?: string;
  readonly disabled: boolean;
  readonly span: Span;
}

export interface OpenVpnRecord {
  /** Device name: ovpns1, ovpnc2. */
  readonly device: string;
  readonly server: boolean;
  readonly disabled: boolean;
  readonly tunnels: readonly string[];
  readonly remotes: readonly string[];
  readonly authModes: readonly string[];
  readonly span: Span;
}

export interface WireGuardRecord {
  readonly device: string;
  readonly addresses: readonly string[];
  readonly remotes: readonly string[];
  readonly span: Span;
}

export interface Phase1Record {
  readonly ikeid?: string;
  readonly disabled: boolean;
  readonly mobile: boolean;
  readonly interface: string;
  readonly remote?: string;
  readonly family: string;
  readonly span: Span;
}

export interface Phase2Record {
  readonly ikeid?: string;
  readonly disabled: boolean;
  readonly mode: string;
  readonly remoteType?: string;
  readonly remoteAddress?: string;
  readonly remoteBits?: string;
  readonly span: Span;
}

export interface PortForwardRecord {
  readonly index: number;
  readonly span: Span;
  readonly disabled: boolean;
  readonly nordr: boolean;
  readonly interface: string;
  readonly ipprotocol?: string;
  readonly protocol?: string;
  readonly source?: EndpointRecord;
  readonly destination?: EndpointRecord;
  readonly target?: string;
  readonly localPort?: string;
  readonly reflection?: string;
  readonly associated?: string;
  readonly descr?: string;
}

export interface OneToOneRecord {
  readonly index: number;
  readonly span: Span;
  readonly disabled: boolean;
  readonly nobinat: boolean;
  readonly interface: string;
  readonly external?: string;
  readonly source?: EndpointRecord;
  /** 1.2: address and length of the internal network. */
  readonly internal?: string;
  readonly bits?: string;
  readonly destination?: EndpointRecord;
  readonly reflection?: string;
  readonly descr?: string;
}

export interface NptRecord {
  readonly index: number;
  readonly span: Span;
  readonly disabled: boolean;
  readonly interface: string;
  readonly source?: EndpointRecord;
  readonly destination?: EndpointRecord;
}

export interface OutboundRecord {
  readonly index: number;
  readonly disabled: boolean;
  readonly nonat: boolean;
  readonly interface: string;
  readonly ipprotocol?: string;
  /** Network in CIDR notation, alias name, `any` or `(self)`. */
  readonly source?: string;
  readonly sourceNot: boolean;
  /** An address, a network in CIDR notation, an alias. Absent: the address of the interface. */
  readonly target?: string;
  readonly descr?: string;
  readonly span: Span;
}

export interface CaptivePortalRecord {
  readonly zone: string;
  readonly interfaces: readonly string[];
  readonly span: Span;
}

export interface PfsenseConfig {
  readonly file: string;
  readonly root: string;
  readonly version?: string;
  readonly hostname?: string;
  /** True when the export is one area only, or lacks the interfaces: rules can be listed but no flow judged. */
  readonly partial: boolean;
  readonly hasFilter: boolean;
  readonly rootSpan: Span;
  readonly filterSpan: Span;
  readonly rules: readonly FilterRuleRecord[];
  readonly bypassStaticRoutes: boolean;
  readonly aliases: readonly AliasRecord[];
  readonly interfaces: readonly InterfaceRecord[];
  readonly groups: readonly GroupRecord[];
  readonly vips: readonly VipRecord[];
  readonly gateways: readonly GatewayRecord[];
  readonly gatewayGroups: readonly GatewayGroupRecord[];
  readonly defaultGateway4?: string;
  readonly defaultGateway6?: string;
  readonly routes: readonly RouteRecord[];
  readonly openvpn: readonly OpenVpnRecord[];
  readonly wireguard: readonly WireGuardRecord[];
  readonly wireguardLegacy: boolean;
  readonly phase1: readonly Phase1Record[];
  readonly phase2: readonly Phase2Record[];
  readonly ipsecFilterMode?: string;
  /** Networks of dial-in clients: `l2tp`, `pppoe` (servers), `pptp`; a key is present when the server is on. */
  readonly dialIn: ReadonlyMap<string, readonly string[]>;
  /** Device of a gre or gif tunnel -> its addresses as `address/length`. */
  readonly tunnels: ReadonlyMap<string, readonly string[]>;
  readonly bridges: readonly { readonly members: readonly string[]; readonly device: string; readonly span: Span }[];
  readonly schedules: ReadonlySet<string>;
  readonly radiusServers: ReadonlySet<string>;
  readonly dhcpServers: ReadonlySet<string>;
  readonly dhcp6Servers: ReadonlySet<string>;
  readonly portForwards: readonly PortForwardRecord[];
  readonly oneToOne: readonly OneToOneRecord[];
  readonly npt: readonly NptRecord[];
  readonly outboundMode: string;
  readonly outbound: readonly OutboundRecord[];
  readonly captivePortals: readonly CaptivePortalRecord[];
  readonly upnpInterface?: string;
  readonly packages: readonly string[];
  readonly hasSync: boolean;
  readonly system: SystemRecord;
  readonly diagnostics: readonly Diagnostic[];
}

export interface SystemRecord {
  readonly filterDisabled: boolean;
  readonly ipv6Allowed: boolean;
  readonly noApipaBlock: boolean;
  readonly noAntiLockout: boolean;
  readonly webguiFilled: boolean;
  readonly webguiProtocol?: string;
  readonly webguiPort?: string;
  readonly noHttpRedirect: boolean;
  readonly ssh: boolean;
  readonly sshPort?: string;
  readonly noVpnRules: boolean;
  readonly noReflection: boolean;
  /** Before 2.4.4: another gateway takes the place of a default gateway that is down. */
  readonly switchesDefaultGateway: boolean;
  readonly skipRulesGatewayDown: boolean;
  readonly noNegate: boolean;
}
