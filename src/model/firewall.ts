/** The common rule model that every vendor's export becomes. Immutable. */
import type { AddressSet, Family } from '../sets/address.js';
import type { Intervals } from '../sets/intervals.js';
import type { Diagnostic } from '../source/diagnostic.js';
import type { Span } from '../source/span.js';
import type { Condition } from './condition.js';
import type { Match, MatchBox } from './match.js';

/**
 * `unknown`: the packet may pass the whole path, be dropped, or go on (an unread target, a translation not modelled);
 * the rule's conditions say why. `untrack`: connection tracking is bypassed from here on (phases change), then go on.
 */
export type Action =
  | { readonly kind: 'accept' | 'drop' | 'reject' | 'return' | 'continue' | 'unknown' | 'untrack' }
  | { readonly kind: 'jump' | 'goto'; readonly list: string };

/** `default`: a policy or built-in default decides, no rule. `off`: the filter is switched off. */
export type RuleOrigin = 'user' | 'automatic' | 'default' | 'off';

export interface Rule {
  /** As the vendor numbers or names it; several model rules of one vendor rule share it. */
  readonly id: string;
  readonly name: string;
  readonly span?: Span;
  readonly origin: RuleOrigin;
  /** Disabled rules are kept for `rules` and `lint`; they match nothing. */
  readonly enabled: boolean;
  readonly action: Action;
  readonly match: Match;
  /** All must hold for the rule to match; see Condition.effect. */
  readonly conditions: readonly Condition[];
  readonly logged?: boolean;
  readonly description?: string;
}

/** First match decides. `end` is what happens to packets that no rule took. */
export interface RuleList {
  readonly id: string;
  /** As people name it: `filter INPUT`, `LAN tab`. */
  readonly title: string;
  readonly rules: readonly Rule[];
  /** An accept here authorises nothing by itself (iptables tables other than filter): it is not cited as the rule that permits. */
  readonly secondary?: boolean;
  readonly end: { readonly action: 'accept' | 'drop' | 'return'; readonly name: string; readonly span?: Span };
}

export type Direction = 'in' | 'out' | 'forward';
export const DIRECTIONS: readonly Direction[] = ['in', 'out', 'forward'];

/**
 * Where packets of one direction start. Every list of `stages` must accept, in this order.
 * A family without an entry is not in the export: its flows are `unknown`, never permitted or blocked.
 */
export interface Entry {
  readonly stages: Readonly<Partial<Record<Family, readonly string[]>>>;
  /**
   * Links a packet of this direction can come from or leave by, as far as the export tells. EMPTY: packets of this
   * direction have no such link and no rule tests it (the dimension is then left unrestricted).
   */
  readonly in: Intervals;
  readonly out: Intervals;
}

/** What `MatchBox.in` and `MatchBox.out` count: interfaces, zones, or the network profiles of a Windows host. */
export interface Links {
  readonly kind: 'interface' | 'zone' | 'profile';
  /** Index = number in the sets. Names that stand for others ("any other interface") are fine and say so. */
  readonly names: readonly string[];
  /** What people call them, index for index, where the vendor has a display name beside the identifier. */
  readonly labels?: readonly string[];
}

export type HopSource = 'declared' | 'interface' | 'route' | 'default-route' | 'host';

/** Packets to `destination` leave by one of `links`; the longest prefix wins. No links: discarded. */
export interface Route {
  readonly destination: AddressSet;
  readonly prefixLength: number;
  readonly links: Intervals;
  readonly from: 'interface' | 'route' | 'default-route';
  /** Interface it leaves by, where links are coarser (zones): traffic between two interfaces of one zone crosses the device. */
  readonly interface?: string;
  /** Routing table (virtual router), where there are several; see Firewall.linkTables. */
  readonly table?: string;
  readonly span?: Span;
}

/**
 * Packets whose addresses or ports a device may rewrite. Translation is not followed yet: what it touches is open on
 * devices that come later, and a target that it publishes is not surely unreachable.
 */
export interface Translation {
  readonly changes: 'source' | 'destination';
  /** As people name it: `port forward "web"`, `outbound NAT on WAN`. */
  readonly name: string;
  readonly span?: Span;
  /** Everything it may match (an upper bound), as the packets reach the device; `in` and `out` where the rule names links. */
  readonly match: readonly MatchBox[];
  /** Addresses it may write in place; absent: not known. For `destination` these are the targets it publishes. */
  readonly to?: AddressSet;
}

export interface Firewall {
  /** Host name in the export, else the file's base name. */
  readonly name: string;
  readonly vendor: string;
  readonly kind: 'host' | 'network';
  readonly files: readonly string[];
  readonly links: Links;
  /** Index of a link whose name the export does not hold (another interface that a wildcard or "any other" covers). */
  readonly linkOf?: (name: string) => number | undefined;
  readonly lists: ReadonlyMap<string, RuleList>;
  /** A direction without an entry is not in the export, or not this device's business. */
  readonly entries: Readonly<Partial<Record<Direction, Entry>>>;
  /** Undefined: the export does not tell where addresses lie. */
  readonly routes?: readonly Route[];
  /** Link index -> routing table; absent: all links share one. */
  readonly linkTables?: readonly (string | undefined)[];
  /** Addresses of the device itself, as far as the export tells; `ownAddressesComplete` when it tells all. */
  readonly ownAddresses: AddressSet;
  readonly ownAddressesComplete: boolean;
  /** True where replies are judged by the rules (iptables), false where state alone lets them back. */
  readonly repliesByRules: boolean;
  /** Every address translation of the export, enabled ones only. */
  readonly translations?: readonly Translation[];
  /** Named addresses of the export that are wholly known (aliases, address objects and groups): proposed as roles. */
  readonly objects?: readonly { readonly name: string; readonly addresses: AddressSet }[];
  /** Parts of the policy that are not in the export; shown in reports. What they decide also stands in the lists as rules with action `unknown`. */
  readonly notExported: readonly Condition[];
  readonly diagnostics: readonly Diagnostic[];
}
