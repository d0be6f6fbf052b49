/** PAN-OS records as the configuration writes them: names unresolved, nothing dropped, each with its place. */
import type { Family } from '../../src/sets/address.js';
import type { Diagnostic } from '../../src/source/diagnostic.js';
import type { Span } from '../../src/source/span.js';

export interface Named {
  readonly name: string;
  readonly span: Span;
}

export interface AddressRecord extends Named {
  /** The element that holds the value: `ip-netmask`, `ip-range`, `ip-wildcard`, `fqdn`; '' when there is none. */
  readonly kind: string;
  readonly value: string;
  readonly tags: readonly string[];
}

export interface AddressGroupRecord extends Named {
  readonly members?: readonly string[];
  /** Tag expression of a dynamic group. */
  readonly filter?: string;
  readonly tags: readonly string[];
}

export interface ServiceRecord extends Named {
  readonly protocols: readonly { readonly protocol: string; readonly port?: string; readonly sourcePort?: string }[];
}

export interface GroupRecord extends Named {
  readonly members: readonly string[];
}

export interface ApplicationRecord extends Named {
  /** As written: `tcp/80,443`, `udp/dynamic`. */
  readonly ports: readonly string[];
  readonly ipProtocol?: string;
  readonly icmpType?: { readonly type: string; readonly code?: string };
  readonly icmp6Type?: { readonly type: string; readonly code?: string };
}

export interface ExternalListRecord extends Named {
  /** `ip`, `domain`, `url`, `predefined-ip`, ... */
  readonly type: string;
  readonly exceptions: readonly string[];
}

export interface RegionRecord extends Named {
  readonly addresses: readonly string[];
}

/** One name space: a vsys, the shared objects, or what Panorama pushed. */
export interface Objects {
  /** `vsys1`, `shared`, `pushed to vsys1`. */
  readonly title: string;
  readonly addresses: ReadonlyMap<string, AddressRecord>;
  readonly addressGroups: ReadonlyMap<string, AddressGroupRecord>;
  readonly services: ReadonlyMap<string, ServiceRecord>;
  readonly serviceGroups: ReadonlyMap<string, GroupRecord>;
  readonly applications: ReadonlyMap<string, ApplicationRecord>;
  readonly applicationGroups: ReadonlyMap<string, GroupRecord>;
  readonly applicationFilters: ReadonlyMap<string, Named>;
  readonly externalLists: ReadonlyMap<string, ExternalListRecord>;
  readonly regions: ReadonlyMap<string, RegionRecord>;
  /** Names defined twice here with different content, as `address NAME`, `service NAME`, `application NAME`. */
  readonly conflicts: ReadonlySet<string>;
}

/** Members of a list element; undefined: the element is missing or holds no member (malformed, not `any`). */
export type Members = readonly string[] | undefined;

/** A child of a rule that this reader does not know. */
export interface UnknownChild {
  readonly name: string;
  readonly members: readonly string[];
  readonly span: Span;
}

/** What security, NAT, PBF and the other policies have in common. */
export interface RuleRecord extends Named {
  readonly from: Members;
  readonly to: Members;
  readonly source: Members;
  readonly destination: Members;
  readonly negateSource: boolean;
  readonly negateDestination: boolean;
  readonly service: Members;
  readonly application: Members;
  readonly disabled: boolean;
  readonly description?: string;
  readonly users: readonly string[];
  readonly schedule?: string;
  readonly unknown: readonly UnknownChild[];
}

export interface SecurityRuleRecord extends RuleRecord {
  readonly hip: readonly string[];
  readonly categories: readonly string[];
  /** As written; undefined when the element is missing. */
  readonly action?: string;
  /** `universal` when absent. */
  readonly ruleType: string;
  readonly logged: boolean;
  readonly profiles: boolean;
}

export interface NatRuleRecord extends RuleRecord {
  readonly toInterface?: string;
  readonly natType: string;
  /** True when the destination address or port is rewritten. */
  readonly translatesDestination: boolean;
  /** Name or literal of the addresses written in place of the destination. */
  readonly newDestination?: string;
  /** Static destination translation that says a port and no address. */
  readonly portOnly: boolean;
  /** Names, literals and interface addresses written in place of the source; both empty where the form is not known. */
  readonly translatesSource?: {
    readonly addresses: readonly string[];
    /** `address` is absent where the rule names the interface alone. */
    readonly interfaceAddresses: readonly { readonly interface: string; readonly address?: string }[];
  };
  /** Addresses of a static source translation with `bi-directional yes`. */
  readonly bidirectional?: string;
}

export interface PbfRuleRecord extends RuleRecord {
  /** `forward`, `forward-to-vsys`, `discard`, `no-pbf`; '' when missing. */
  readonly action: string;
  /** Ingress interfaces, where the rule names interfaces and not zones. */
  readonly fromInterfaces: readonly string[];
}

export interface OverrideRuleRecord extends RuleRecord {
  readonly protocol: string;
  readonly port: string;
  /** The label that matched traffic gets. */
  readonly label: string;
}

export interface DosRuleRecord extends RuleRecord {
  /** `allow`, `deny`, `protect`; '' when missing. */
  readonly action: string;
}

export interface DefaultRuleRecord extends Named {
  readonly action?: string;
  readonly logged: boolean;
}

export interface Rulebase {
  readonly security: readonly SecurityRuleRecord[];
  readonly nat: readonly NatRuleRecord[];
  readonly pbf: readonly PbfRuleRecord[];
  readonly override: readonly OverrideRuleRecord[];
  readonly dos: readonly DosRuleRecord[];
  /** Enabled rules of policies that are noted but not judged: `authentication`, `decryption`, ... */
  readonly noted: ReadonlyMap<string, number>;
  readonly defaults: readonly DefaultRuleRecord[];
}

export interface ZoneRecord extends Named {
  readonly type: 'layer3' | 'layer2' | 'virtual-wire' | 'tap' | 'external' | 'tunnel' | 'none';
  /** Interfaces; for an external zone the names of virtual systems or shared gateways. */
  readonly members: readonly string[];
}

export interface VsysRecord extends Named {
  readonly displayName?: string;
  readonly interfaces: readonly string[];
  readonly visible: readonly string[];
  readonly zones: readonly ZoneRecord[];
  readonly objects: Objects;
  readonly rulebase: Rulebase;
  readonly pushed?: { readonly pre: Rulebase; readonly post: Rulebase; readonly objects: Objects };
}

export interface InterfaceRecord extends Named {
  /** As written: `10.0.0.1/24` or the name of an address object. */
  readonly addresses: readonly string[];
  /** Address by DHCP, PPPoE or IPv6 prefix delegation: not in the export. */
  readonly dynamic: boolean;
  /** Families whose address is dynamic; true where a default route may come with it. */
  readonly leases: ReadonlyMap<Family, boolean>;
}

export interface StaticRouteRecord extends Named {
  readonly destination: string;
  readonly nextHop?: { readonly kind: string; readonly value: string };
  readonly interface?: string;
  readonly adminDistance: number;
  readonly metric: number;
  /** Not put into the forwarding table. */
  readonly notInstalled: boolean;
  readonly monitored: boolean;
}

export interface RouterRecord extends Named {
  readonly interfaces: readonly string[];
  readonly routes: readonly StaticRouteRecord[];
  /** Routing protocols that are switched on. */
  readonly protocols: readonly string[];
}

export interface PanConfig {
  readonly hostname?: string;
  readonly version?: string;
  readonly shared: Objects;
  readonly vsys: readonly VsysRecord[];
  readonly interfaces: readonly InterfaceRecord[];
  readonly routers: readonly RouterRecord[];
  /** Shared gateways; `translates`: with NAT rules, which are not read. */
  readonly gateways: readonly { readonly name: string; readonly interfaces: readonly string[]; readonly translates: boolean }[];
  /** A Panorama server is configured: where pushed rules are missing here, they exist elsewhere. */
  readonly managed: boolean;
  /** The export holds what Panorama pushed. */
  readonly pushedExported: boolean;
  readonly wildcardTopDown: boolean;
  readonly ipv6Firewalling: boolean;
  readonly diagnostics: readonly Diagnostic[];
}
