/** -s, -d and iprange: address texts of one family to exact sets, or to nothing when they are not addresses. */
import {
  type AddressSet,
  type Family,
  NO_ADDRESS,
  subtractAddresses,
  unionAllAddresses,
  V4_ALL,
  V6_ALL,
} from '../../src/sets/address.js';
import { EMPTY } from '../../src/sets/intervals.js';
import { MASK_EXPANSION_LIMIT, maskedSet, netmaskLength, parseIpv4, parseIpv6, prefixSet } from '../../src/sets/ip.js';

export const allOf = (family: Family): AddressSet => (family === 4 ? { v4: V4_ALL, v6: EMPTY } : { v4: EMPTY, v6: V6_ALL });

export const complement = (set: AddressSet, family: Family): AddressSet => subtractAddresses(allOf(family), set);

/** The same as maskedSet, for IPv6: masks with holes are legal there too. */
function maskedSet6(value: bigint, mask: bigint): AddressSet | undefined {
  let trailing = 0n;
  while (trailing < 128n && ((mask >> trailing) & 1n) === 0n) trailing++;
  const free: bigint[] = [];
  for (let bit = trailing; bit < 128n; bit++) if (((mask >> bit) & 1n) === 0n) free.push(bit);
  if (2 ** free.length > MASK_EXPANSION_LIMIT) return undefined;
  let starts = [value & mask];
  for (const bit of free) starts = starts.flatMap((start) => [start, start | (1n << bit)]);
  starts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const out: bigint[] = [];
  for (const start of starts) {
    if (out.at(-1) === start) out[out.length - 1] = start + (1n << trailing);
    else out.push(start, start + (1n << trailing));
  }
  return { v4: EMPTY, v6: out };
}

function masked(address: string, mask: string, family: Family): AddressSet | undefined {
  if (/^[0-9]{1,3}$/.test(mask)) return prefixSet(address, Number(mask));
  if (family === 4) {
    const length = netmaskLength(mask);
    if (length !== undefined) return prefixSet(address, length);
    const [value, bits] = [parseIpv4(address), parseIpv4(mask)];
    return value === undefined || bits === undefined ? undefined : maskedSet(value, bits);
  }
  const [value, bits] = [parseIpv6(address), parseIpv6(mask)];
  return value === undefined || bits === undefined ? undefined : maskedSet6(value, bits);
}

const isOf = (address: string, family: Family): boolean =>
  family === 4 ? parseIpv4(address) !== undefined : parseIpv6(address) !== undefined;

/** `10.0.0.0/8`, `10.0.5.0/255.0.255.0`, `2001:db8::/32`. Undefined: not an address of this family. */
export function parseAddress(text: string, family: Family): AddressSet | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  if (!isOf(address, family)) return undefined;
  return slash < 0 ? prefixSet(address, family === 4 ? 32 : 128) : masked(address, text.slice(slash + 1), family);
}

/**
 * A comma list (files for iptables-restore only).
 * @returns the set of what could be read, and the texts that could not.
 */
export function parseAddresses(
  text: string,
  family: Family,
  names: ReadonlyMap<string, AddressSet>,
): { readonly set: AddressSet; readonly unread: readonly string[] } {
  const sets: AddressSet[] = [];
  const unread: string[] = [];
  for (const part of text.split(',')) {
    const set = parseAddress(part, family) ?? names.get(part);
    if (set) sets.push({ v4: family === 4 ? set.v4 : EMPTY, v6: family === 6 ? set.v6 : EMPTY });
    else unread.push(part);
  }
  return { set: unionAllAddresses(sets), unread };
}

/** `a-b` or one address, both ends inclusive; a reversed range matches nothing (the tool warns and loads it). */
export function parseRange(text: string, family: Family): AddressSet | undefined {
  const dash = text.indexOf('-');
  const [first, last] = dash < 0 ? [text, text] : [text.slice(0, dash), text.slice(dash + 1)];
  if (family === 4) {
    const [a, b] = [parseIpv4(first), parseIpv4(last)];
    if (a === undefined || b === undefined) return undefined;
    return a > b ? NO_ADDRESS : { v4: [a, b + 1], v6: EMPTY };
  }
  const [a, b] = [parseIpv6(first), parseIpv6(last)];
  if (a === undefined || b === undefined) return undefined;
  return a > b ? NO_ADDRESS : { v4: EMPTY, v6: [a, b + 1n] };
}
