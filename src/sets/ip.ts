/**
 * Addresses as text. Strict: decimal octets without leading zeros, no zone ids, no short forms. What is not
 * an address gives `undefined`, so that a caller must say what it does with such text.
 */
import { type AddressSet, type Family, V4_ALL, V6_ALL } from './address.js';
import { EMPTY } from './intervals.js';

const OCTET = '(0|[1-9][0-9]{0,2})';
const IPV4 = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);

export function parseIpv4(text: string): number | undefined {
  const match = IPV4.exec(text);
  if (!match) return undefined;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const octet = Number(match[i]);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

export function parseIpv6(text: string): bigint | undefined {
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text) || !text.includes(':')) return undefined;
  let source = text;
  const dotted = /^(.*:)([0-9.]+)$/.exec(text);
  if (dotted?.[2]?.includes('.')) {
    const v4 = parseIpv4(dotted[2]);
    if (v4 === undefined) return undefined;
    source = `${dotted[1]}${Math.floor(v4 / 65536).toString(16)}:${(v4 % 65536).toString(16)}`;
  }
  const halves = source.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string | undefined): string[] => (half ? half.split(':') : []);
  const head = groups(halves[0]);
  const tail = groups(halves[1]);
  const given = head.length + tail.length;
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  const all = [...head, ...Array<string>(8 - given).fill('0'), ...tail];
  let value = 0n;
  for (const group of all) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    value = value * 65536n + BigInt(Number.parseInt(group, 16));
  }
  return value;
}

/** The addresses first..last of one family, both inclusive; undefined for mixed families or a reversed range. */
export function addressRange(first: string, last: string): AddressSet | undefined {
  const a4 = parseIpv4(first);
  const b4 = parseIpv4(last);
  if (a4 !== undefined && b4 !== undefined) return a4 <= b4 ? { v4: [a4, b4 + 1], v6: EMPTY } : undefined;
  const a6 = parseIpv6(first);
  const b6 = parseIpv6(last);
  if (a6 === undefined || b6 === undefined || a6 > b6) return undefined;
  return { v4: EMPTY, v6: [a6, b6 + 1n] };
}

/** The network that `address/length` lies in; host bits are masked off, as every vendor here does. */
export function prefixSet(address: string, length: number): AddressSet | undefined {
  if (!Number.isInteger(length) || length < 0) return undefined;
  const v4 = parseIpv4(address);
  if (v4 !== undefined) {
    if (length > 32) return undefined;
    if (length === 0) return { v4: V4_ALL, v6: EMPTY };
    const size = 2 ** (32 - length);
    const start = v4 - (v4 % size);
    return { v4: [start, start + size], v6: EMPTY };
  }
  const v6 = parseIpv6(address);
  if (v6 === undefined || length > 128) return undefined;
  if (length === 0) return { v4: EMPTY, v6: V6_ALL };
  const size = 1n << BigInt(128 - length);
  const start = v6 - (v6 % size);
  return { v4: EMPTY, v6: [start, start + size] };
}

/** Prefix length of a contiguous netmask such as 255.255.240.0, else undefined. */
export function netmaskLength(mask: string): number | undefined {
  const value = parseIpv4(mask);
  if (value === undefined) return undefined;
  const ones = 32 - Math.log2(2 ** 32 - value);
  return Number.isInteger(ones) ? ones : undefined;
}

/** Largest number of ranges that a mask with holes may expand to. */
export const MASK_EXPANSION_LIMIT = 4096;

/**
 * Every IPv4 address a with (a & mask) == (value & mask), for any mask, holes included.
 * @returns undefined when it would need more than MASK_EXPANSION_LIMIT ranges.
 */
export function maskedSet(value: number, mask: number): AddressSet | undefined {
  let trailing = 0;
  while (trailing < 32 && Math.floor(mask / 2 ** trailing) % 2 === 0) trailing++;
  const free: number[] = [];
  for (let bit = trailing; bit < 32; bit++) if (Math.floor(mask / 2 ** bit) % 2 === 0) free.push(bit);
  if (2 ** free.length > MASK_EXPANSION_LIMIT) return undefined;
  const base = Number(BigInt(value) & BigInt(mask));
  const starts: number[] = [];
  for (let n = 0; n < 2 ** free.length; n++) {
    let start = base;
    free.forEach((bit, i) => {
      if (Math.floor(n / 2 ** i) % 2 === 1) start += 2 ** bit;
    });
    starts.push(start);
  }
  starts.sort((a, b) => a - b);
  const out: number[] = [];
  for (const start of starts) {
    if (out[out.length - 1] === start) out[out.length - 1] = start + 2 ** trailing;
    else out.push(start, start + 2 ** trailing);
  }
  return { v4: out, v6: EMPTY };
}

/** `10.0.0.1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `10.0.0.1-10.0.0.9`, and the same for IPv6. */
export function parseAddressSet(text: string): AddressSet | undefined {
  const slash = text.indexOf('/');
  if (slash >= 0) {
    const address = text.slice(0, slash);
    const suffix = text.slice(slash + 1);
    if (/^(0|[1-9][0-9]{0,2})$/.test(suffix)) return prefixSet(address, Number(suffix));
    const length = netmaskLength(suffix);
    return length !== undefined && parseIpv4(address) !== undefined ? prefixSet(address, length) : undefined;
  }
  const dash = text.indexOf('-');
  if (dash >= 0) return addressRange(text.slice(0, dash).trim(), text.slice(dash + 1).trim());
  return addressRange(text, text);
}

export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** RFC 5952 text: lower case, the longest run of zero groups (two or more) shortened. */
export function formatIpv6(value: bigint): string {
  const groups: number[] = [];
  for (let i = 7; i >= 0; i--) groups.push(Number((value >> BigInt(16 * i)) & 0xffffn));
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && groups[i + n] === 0) n++;
    if (n > best.length) best = { start: i, length: n };
    i += n;
  }
  const text = (part: number[]): string => part.map((g) => g.toString(16)).join(':');
  if (best.start < 0) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}

function formatRange<T extends number | bigint>(
  lo: T,
  hi: T,
  bits: number,
  step: (value: T, size: bigint) => T,
  print: (value: T) => string,
): string {
  const first = BigInt(lo);
  const count = BigInt(hi) - first;
  const power = count.toString(2).length - 1;
  if (count === 1n << BigInt(power) && first % count === 0n) return power === 0 ? print(lo) : `${print(lo)}/${bits - power}`;
  return `${print(lo)}-${print(step(lo, count - 1n))}`;
}

/** Prefixes where a range is one, `first-last` where not; IPv4 first; ordered. */
export function formatAddresses(set: AddressSet): readonly string[] {
  const out: string[] = [];
  for (let i = 0; i < set.v4.length; i += 2)
    out.push(formatRange(set.v4[i] as number, set.v4[i + 1] as number, 32, (v, n) => v + Number(n), formatIpv4));
  for (let i = 0; i < set.v6.length; i += 2)
    out.push(formatRange(set.v6[i] as bigint, set.v6[i + 1] as bigint, 128, (v, n) => v + n, formatIpv6));
  return out;
}

export const familyOf = (address: string): Family | undefined =>
  parseIpv4(address) !== undefined ? 4 : parseIpv6(address) !== undefined ? 6 : undefined;
