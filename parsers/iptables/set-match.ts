/** -m set: membership in an ipset whose contents were given. Flags name a side for each dimension of the set's type. */
import { type MatchBox, PROTOCOL } from '../../src/model/match.js';
import {
  type AddressSet,
  type Family,
  NO_ADDRESS,
  subtractAddresses,
  unionAddresses,
  unionAllAddresses,
} from '../../src/sets/address.js';
import { type Intervals, only, range, unionAll } from '../../src/sets/intervals.js';
import { parseAddress, parseRange } from './addresses.js';
import { intersectBoxes } from './constraint.js';
import type { Element, IpSet } from './ipset.js';
import type { LinkSpace } from './links.js';
import { icmpRange, portNumber, protocolNumber } from './names.js';

export interface Membership {
  readonly sure: readonly MatchBox[];
  /** Members that go away by themselves. */
  readonly maybe: readonly MatchBox[];
}
type Side = 'src' | 'dst';
const BOX_LIMIT = 4096;
const PORT_MAP_PROTOCOLS: Intervals = unionAll([6, 17, 132, 136].map(only));

function elementAddress(text: string, set: IpSet): AddressSet | undefined {
  if (set.netmask !== undefined && !text.includes('/') && !text.includes('-'))
    return parseAddress(`${text}/${set.netmask}`, set.family);
  return text.includes('-') ? parseRange(text, set.family) : parseAddress(text, set.family);
}

const prefixLength = (text: string, family: Family): number => {
  const slash = text.indexOf('/');
  return slash < 0 ? (family === 4 ? 32 : 128) : Number(text.slice(slash + 1));
};

/** The longest matching prefix decides; a `nomatch` one takes its network out again. */
function networks(set: IpSet, elements: readonly Element[]): AddressSet | undefined {
  const byLength = new Map<number, { plain: AddressSet[]; except: AddressSet[] }>();
  const exceptions = elements.some((element) => element.nomatch);
  for (const element of elements) {
    const text = element.parts[0] ?? '';
    const address = elementAddress(text, set);
    if (!address) return undefined;
    const length = exceptions ? prefixLength(text, set.family) : 0;
    if (Number.isNaN(length)) return undefined;
    const level = byLength.get(length) ?? { plain: [], except: [] };
    (element.nomatch ? level.except : level.plain).push(address);
    byLength.set(length, level);
  }
  let out = NO_ADDRESS;
  for (const [, level] of [...byLength].sort(([a], [b]) => a - b)) {
    if (level.plain.length > 0) out = unionAddresses(out, unionAllAddresses(level.plain));
    if (level.except.length > 0) out = subtractAddresses(out, unionAllAddresses(level.except));
  }
  return out;
}

function portBox(text: string, side: Side, type: string): MatchBox | undefined {
  const key = side === 'src' ? 'sourcePorts' : 'ports';
  const colon = text.indexOf(':');
  const protocol = colon < 0 ? PROTOCOL.tcp : protocolNumber(text.slice(0, colon));
  const value = text.slice(colon + 1);
  if (protocol === undefined) return undefined;
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6) {
    const found = icmpRange(value, protocol === PROTOCOL.icmpv6);
    return found && { protocols: only(protocol), ports: range(...found) };
  }
  const [from = '', to = from] = value.split('-');
  const [first, last] = [portNumber(from), portNumber(to)];
  if (first === undefined || last === undefined) return undefined;
  if (type === 'bitmap:port') return { protocols: PORT_MAP_PROTOCOLS, [key]: range(first, last) };
  if (![6, 17, 33, 132, 136].includes(protocol)) return first === 0 ? { protocols: only(protocol) } : undefined;
  return { protocols: only(protocol), [key]: range(first, last) };
}

/** Everything of an element but its first address: undefined when a dimension cannot be decided here. */
function elementBox(set: IpSet, element: Element, flags: readonly Side[], links: LinkSpace, skip: number): MatchBox | undefined {
  let box: MatchBox | undefined = {};
  for (const [i, dimension] of set.dimensions.entries()) {
    if (i === skip) continue;
    const side = flags[i] as Side;
    const text = element.parts[i] ?? '';
    let part: MatchBox | undefined;
    if (dimension === 'ip' || dimension === 'net') {
      const address = elementAddress(text, set);
      part = address && { [side === 'src' ? 'source' : 'destination']: address };
    } else if (dimension === 'port') part = portBox(text, side, set.type);
    else if (dimension === 'iface' && !text.startsWith('physdev:')) part = { [side === 'src' ? 'in' : 'out']: links.match(text) };
    if (!part) return undefined;
    box = box && intersectBoxes(box, part);
  }
  return box;
}

/** More elements of different lengths than this are not told apart. */
const SHADOW_LIMIT = 2000;

/**
 * Addresses of the elements of hash:net,iface. The search ends at the longest prefix that holds the address, whatever
 * its interface (ip_set_hash_netiface.c, `multi`; measured): shorter ones do not count there.
 * @returns undefined when it cannot be decided.
 */
function unshadowed(set: IpSet): ((element: Element) => AddressSet | undefined) | undefined {
  const lengthOf = (element: Element): number => prefixLength(element.parts[0] ?? '', set.family);
  const plain = (element: Element): AddressSet | undefined => elementAddress(element.parts[0] ?? '', set);
  const lengths = [...new Set(set.elements.map(lengthOf))].sort((a, b) => b - a);
  if (lengths.length < 2) return plain;
  if (lengths.includes(Number.NaN) || set.elements.length > SHADOW_LIMIT || set.elements.some((e) => e.temporary))
    return undefined;
  const longer = new Map<number, AddressSet>();
  let all = NO_ADDRESS;
  for (const length of lengths) {
    longer.set(length, all);
    const here = set.elements.filter((element) => lengthOf(element) === length).map((element) => plain(element) ?? NO_ADDRESS);
    all = unionAddresses(all, unionAllAddresses(here));
  }
  return (element) => {
    const own = plain(element);
    return own && subtractAddresses(own, longer.get(lengthOf(element)) ?? NO_ADDRESS);
  };
}

/** Elements that differ in one address only are one box. */
function products(set: IpSet, elements: readonly Element[], flags: readonly Side[], links: LinkSpace): MatchBox[] | undefined {
  const first = set.dimensions.findIndex((dimension) => dimension === 'ip' || dimension === 'net');
  const groups = new Map<string, Element[]>();
  const addressOf =
    set.type === 'hash:net,iface' ? unshadowed(set) : (element: Element) => elementAddress(element.parts[first] ?? '', set);
  if (!addressOf) return undefined;
  for (const element of elements) {
    if (element.nomatch) return undefined;
    const key = element.parts.filter((_, i) => i !== first).join();
    const group = groups.get(key);
    if (group) group.push(element);
    else groups.set(key, [element]);
  }
  if (groups.size > BOX_LIMIT) return undefined;
  const out: MatchBox[] = [];
  for (const group of groups.values()) {
    const rest = elementBox(set, group[0] as Element, flags, links, first);
    if (!rest) return undefined;
    if (first < 0) out.push(rest);
    else {
      const sets = group.map(addressOf);
      if (sets.includes(undefined)) return undefined;
      const all = unionAllAddresses(sets as AddressSet[]);
      const box = intersectBoxes(rest, { [flags[first] === 'src' ? 'source' : 'destination']: all });
      if (box) out.push(box);
    }
  }
  return out;
}

function addressMembership(set: IpSet, side: Side): Membership | undefined {
  const key = side === 'src' ? 'source' : 'destination';
  const lasting = set.elements.filter((element) => !element.temporary);
  if (lasting.length < set.elements.length && set.elements.some((element) => element.nomatch)) return undefined;
  const sure = networks(set, lasting);
  const all = lasting.length === set.elements.length ? sure : networks(set, set.elements);
  if (!sure || !all) return undefined;
  const boxOf = (addresses: AddressSet): MatchBox[] =>
    addresses.v4.length + addresses.v6.length > 0 ? [{ [key]: addresses }] : [];
  return { sure: boxOf(sure), maybe: all === sure ? [] : boxOf(subtractAddresses(all, sure)) };
}

function listMembership(
  set: IpSet,
  flags: readonly Side[],
  family: Family,
  sets: ReadonlyMap<string, IpSet>,
  links: LinkSpace,
): Membership | undefined {
  const sure: MatchBox[] = [];
  const maybe: MatchBox[] = [];
  for (const element of set.elements) {
    const member = sets.get(element.parts[0] ?? '');
    const found = member && member.type !== 'list:set' ? membership(member, flags, family, sets, links) : undefined;
    if (!found || element.temporary) return undefined;
    sure.push(...found.sure);
    maybe.push(...found.maybe);
  }
  return { sure, maybe };
}

/**
 * Packets that are in the set. Fewer flags than dimensions never match, further ones are ignored.
 * @returns undefined when it cannot be decided (MAC and mark dimensions, other family, exceptions in several dimensions).
 */
export function membership(
  set: IpSet,
  flags: readonly Side[],
  family: Family,
  sets: ReadonlyMap<string, IpSet>,
  links: LinkSpace,
): Membership | undefined {
  if (set.type === 'list:set') return listMembership(set, flags, family, sets, links);
  if (!/^(hash|bitmap):[a-z,]+$/.test(set.type)) return undefined;
  const hasAddress = set.dimensions.some((dimension) => dimension === 'ip' || dimension === 'net');
  if (hasAddress && set.family !== family) return undefined;
  if (flags.length < set.dimensions.length) return { sure: [], maybe: [] };
  const [only0] = set.dimensions;
  if (set.dimensions.length === 1 && (only0 === 'ip' || only0 === 'net')) return addressMembership(set, flags[0] as Side);
  const lasting = products(
    set,
    set.elements.filter((element) => !element.temporary),
    flags,
    links,
  );
  const passing = products(
    set,
    set.elements.filter((element) => element.temporary),
    flags,
    links,
  );
  return lasting && passing && { sure: lasting, maybe: passing };
}
