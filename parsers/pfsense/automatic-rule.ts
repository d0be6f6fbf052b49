/** What automatic rules are made of. */
import type { Condition } from '../../src/model/condition.js';
import type { Action, RuleOrigin } from '../../src/model/firewall.js';
import { between, exactly, type Match, type MatchBox } from '../../src/model/match.js';
import { type AddressSet, ANY_V4, ANY_V6, isEmptyAddresses, NO_ADDRESS, unionAllAddresses } from '../../src/sets/address.js';
import { type Intervals, only, range, union, unionAll } from '../../src/sets/intervals.js';
import { parseAddressSet } from '../../src/sets/ip.js';
import type { Span } from '../../src/source/span.js';
import type { Given } from '../types.js';
import type { Resolver } from './endpoints.js';
import { conditionsOf, type Extent } from './extent.js';
import type { PfRule } from './pf-order.js';
import type { PfsenseConfig } from './records.js';

export interface AutomaticContext {
  readonly config: PfsenseConfig;
  readonly resolver: Resolver;
  readonly given: Given;
}

export const setOf = (...texts: readonly string[]): AddressSet =>
  unionAllAddresses(texts.map((text) => parseAddressSet(text) ?? NO_ADDRESS));

export const V4: MatchBox = { source: ANY_V4, destination: ANY_V4 };
export const V6: MatchBox = { source: ANY_V6, destination: ANY_V6 };
export const LINK_LOCAL4 = setOf('169.254.0.0/16');
export const LINK_LOCAL6 = setOf('fe80::/10');
export const MULTICAST_LINK6 = setOf('ff02::/16');
export const UNSPECIFIED6 = setOf('::');
export const BROADCAST = setOf('255.255.255.255');
export const PRIVATE = setOf('10.0.0.0/8', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7');
/** Where bogons lists may reach; the pfSense list may leave private space out. */
export const BOGONS4 = setOf(
  ...'0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24'.split(' '),
  ...'192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4'.split(' '),
);
/** Everything but global unicast, and what is reserved within it. */
export const BOGONS6 = setOf('::/3', '4000::/2', '8000::/1', '2001:db8::/32', '2001:10::/28', '3fff::/20');
export const TCP_UDP: Intervals = union(only(6), only(17));
export const icmp6 = (...types: readonly number[]): MatchBox => ({
  protocols: only(58),
  ports: unionAll(types.map((type) => range(type * 256, type * 256 + 255))),
});

export interface Extra {
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
