/** Source and destination of a rule, for one address family. */
import { type Family, intersectAddresses, isEmptyAddresses, NO_ADDRESS, unionAllAddresses } from '../../src/sets/address.js';
import { parseAddressSet } from '../../src/sets/ip.js';
import type { Span } from '../../src/source/span.js';
import type { Aliases, Dropped } from './aliases.js';
import { isDropped } from './aliases.js';
import { anyOf, complement, type Extent, joinAll, known, NOTHING, ofFamily, unknown } from './extent.js';
import { isMasked, pfLiteral } from './interface-addresses.js';
import type { Notes } from './notes.js';
import type { EndpointRecord } from './records.js';
import type { Interface, Topology } from './topology.js';
import type { Behaviour } from './version.js';

export interface Resolver {
  readonly topology: Topology;
  /** Client networks of dial-in servers that are on. */
  readonly dialIn: ReadonlyMap<string, readonly string[]>;
  readonly aliases: Aliases;
  readonly behaviour: Behaviour;
  readonly notes: Notes;
  /** The file holds the rules alone. */
  readonly partial: boolean;
}

const drop = (dropped: string): Dropped => ({ dropped });

/** Networks of an interface, primary first: pf negates them one by one where they stand in a brace list. */
function networksOf(item: Interface, family: Family, behaviour: Behaviour): readonly Extent[] {
  const primary = family === 4 ? item.v4 : item.v6;
  const own = primary ? [ofFamily(primary.network, family)] : [];
  const withoutVips = !behaviour.since22 || (behaviour.tablesLackIpv6 && family === 6 && /^opt/.test(item.key));
  if (withoutVips) return own;
  return [...own, ...item.vips.filter((vip) => vip.family === family).map((vip) => known(vip.network))];
}

/** From 2.7.1 the networks are a table; before (and for IPv6 of lan and wan up to 2.7.2) a brace list. */
function isTable(item: Interface, family: Family, behaviour: Behaviour): boolean {
  if (!behaviour.since271) return false;
  return !(behaviour.tablesLackIpv6 && family === 6 && !/^opt/.test(item.key));
}

function interfaceNetwork(item: Interface, family: Family, not: boolean, resolver: Resolver, span: Span): Extent | Dropped {
  const networks = networksOf(item, family, resolver.behaviour);
  if (networks.length === 0 && not && isTable(item, family, resolver.behaviour)) {
    const why = {
      kind: 'construct',
      name: `"not ${item.key}" where ${item.label} has no IPv${family} network`,
      coin: `empty-network:${resolver.topology.device}:${item.key}:${family}`,
      settledBy: 'Look in /tmp/rules.debug whether the rule is there: a table without networks negated is everything.',
      span,
    } as const;
    return complement(unknown(anyOf(family), why), family);
  }
  if (networks.length === 0) return drop(`${item.label} (${item.key}) has no IPv${family} network`);
  const whole = joinAll(networks);
  if (!not) return whole;
  if (networks.length === 1 || isTable(item, family, resolver.behaviour)) return complement(whole, family);
  // pf expands `{ !A !B }` to two rules: what is outside A and what is outside B, so nearly everything.
  resolver.notes.add(
    'warning',
    'negated-network-list',
    `"not ${item.key}" covers nearly everything here: this version writes the networks of ${item.label} as a list of negations`,
    span,
  );
  return joinAll(networks.map((network) => complement(network, family)));
}

function groupNetwork(name: string, family: Family, resolver: Resolver): Extent | Dropped {
  const links = resolver.topology.groups.get(name);
  if (!links || !resolver.behaviour.since271) return drop(`"${name}" is a group: this version knows no group networks`);
  if (family === 6 && resolver.behaviour.tablesLackIpv6) return NOTHING;
  const members = [...resolver.topology.interfaces.values()].filter((item) => isIn(links, item.link) && item.effective);
  return joinAll(members.flatMap((item) => networksOf(item, family, resolver.behaviour)));
}

function isIn(links: readonly number[], link: number): boolean {
  for (let i = 0; i < links.length; i += 2) if (link >= (links[i] as number) && link < (links[i + 1] as number)) return true;
  return false;
}

/** `<network>` holds keywords only. */
function keyword(name: string, family: Family, not: boolean, resolver: Resolver, span: Span): Extent | Dropped {
  const { topology, behaviour } = resolver;
  const negate = (extent: Extent | Dropped) =>
    isDropped(extent) || !not ? extent : complement(ofFamily(extent, family), family);
  if (name === '(self)') return behaviour.since22 ? negate(ofFamily(topology.self, family)) : drop('"(self)" came with 2.2');
  const item = topology.interfaces.get(name);
  if (item) return interfaceNetwork(item, family, not, resolver, span);
  const owner = name.endsWith('ip') ? topology.interfaces.get(name.slice(0, -2)) : undefined;
  if (owner) {
    const addresses = family === 4 ? owner.v4 : owner.v6;
    return addresses
      ? negate(ofFamily(addresses.address, family))
      : drop(`${owner.label} (${owner.key}) has no IPv${family} address`);
  }
  if (name === 'pppoe' || name === 'pptp') {
    const networks = resolver.dialIn.get(name);
    if (!networks) return drop(`no ${name} server is on`);
    return negate(
      known(intersectAddresses(unionAllAddresses(networks.map((n) => parseAddressSet(n) ?? NO_ADDRESS)), anyOf(family))),
    );
  }
  if (name === 'l2tp' || name === 'openvpn') return drop(`the generator knows no addresses for "${name} clients"`);
  if (topology.groups.has(name)) return negate(groupNetwork(name, family, resolver));
  return drop(`"${name}" is no interface that exists`);
}

/** `::1:2:3:4` with a delegated prefix is completed at run time. */
const isHostPart = (text: string) => text.startsWith('::') && text !== '::' && text !== '::1' && !text.includes('/');

function literalOrAlias(text: string, family: Family, not: boolean, resolver: Resolver, span: Span): Extent | Dropped {
  const negate = (extent: Extent) => (not ? complement(ofFamily(extent, family), family) : ofFamily(extent, family));
  if (resolver.aliases.has(text)) {
    const extent = resolver.aliases.addresses(text);
    return isDropped(extent) ? extent : negate(extent);
  }
  if (isMasked(text)) {
    resolver.notes.add('warning', 'redacted', `"${text}" was redacted: it may stand for any address`, span);
    const why = {
      kind: 'export',
      name: `redacted value "${text}"`,
      coin: `redacted:${resolver.topology.device}:${span.start}`,
      settledBy: 'Use an export whose addresses are not masked (consistently replaced addresses are fine).',
      span,
    } as const;
    return negate(unknown(anyOf(family), why));
  }
  const set = pfLiteral(text);
  if (!set) return drop(`"${text.slice(0, 80)}" is neither an address nor a defined alias`);
  if (isEmptyAddresses(intersectAddresses(set, anyOf(family)))) return drop(`${text} is no IPv${family} address`);
  if (family === 6 && isHostPart(text)) {
    const why = {
      kind: 'interface',
      name: `${text} completed with a delegated prefix`,
      coin: `prefix:${resolver.topology.device}:${text}`,
      settledBy: 'Write the address out in full.',
      span,
    } as const;
    return negate(unknown(anyOf(6), why));
  }
  return negate(known(set));
}

/**
 * @returns the addresses of one end in one family (negation applied), or why the generator drops the rule for that family.
 */
export function resolveEnd(end: EndpointRecord | undefined, family: Family, resolver: Resolver, span: Span): Extent | Dropped {
  if (!end) return drop('source or destination is missing');
  if (end.any) return known(anyOf(family));
  if (end.network !== undefined) return keyword(end.network, family, end.not, resolver, span);
  if (end.address !== undefined) return literalOrAlias(end.address, family, end.not, resolver, span);
  return drop('source or destination is empty');
}

const isNot = (end: EndpointRecord): boolean => end.not && !end.any;

/** Does the negation of this end count? `not` beside `any` is ignored. */
export const isNegated = (end: EndpointRecord | undefined): boolean => end !== undefined && isNot(end);
