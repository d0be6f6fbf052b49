/** One concrete packet, and what connection tracking would say of it. Written from the behaviour of Linux alone. */
import type { OptionRecord } from '../../parsers/iptables/records.js';
import type { Direction } from '../../src/model/firewall.js';
import type { Family } from '../../src/sets/address.js';
import type { IpSets } from './iptables-set-match.js';

/** Undefined: nobody can tell from the dump. */
export type Truth = boolean | undefined;
export const and = (...truths: readonly Truth[]): Truth =>
  truths.includes(false) ? false : truths.includes(undefined) ? undefined : true;
export const or = (...truths: readonly Truth[]): Truth =>
  truths.includes(true) ? true : truths.includes(undefined) ? undefined : false;
export const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);

/** The first packet of a connection, as it arrives (or as the host sends it). */
export interface Packet {
  readonly family: Family;
  readonly source: bigint;
  readonly destination: bigint;
  readonly protocol: number;
  /** 0 for protocols without ports. */
  readonly sourcePort: number;
  /** Destination port; for ICMP type * 256 + code; 0 for other protocols. */
  readonly port: number;
  readonly direction: Direction;
  /** Interface names; empty where the direction has none. */
  readonly in: string;
  readonly out: string;
}

export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'INVALID' | 'UNTRACKED';
export type Moment = 'first' | 'reply' | 'later';

/** What may change on the way; undefined: no longer known. */
export interface Condition {
  readonly destination: bigint | undefined;
  readonly port: number | undefined;
  readonly translated: boolean;
  readonly untracked: boolean;
  readonly mark: number | undefined;
  readonly connectionMark: number | undefined;
}

/** A packet at one chain of the path. */
export interface Sight extends Condition {
  readonly family: Family;
  readonly source: bigint;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly in: string;
  readonly out: string;
  readonly direction: Direction;
  readonly moment: Moment;
  readonly table: string;
  readonly hook: string;
  /** Undefined: cannot be told (errors that may belong to another connection). */
  readonly state: ConnectionState | undefined;
  /** The first packet of the connection. */
  readonly original: Packet;
  /** Address sets that stand beside the dump. */
  readonly sets: IpSets;
}

export const PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);
const ERRORS_4: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
/** Types that open a connection of their own: requests that have an answer. */
const REQUESTS_4: ReadonlySet<number> = new Set([8, 13, 15, 17]);
const REQUESTS_6: ReadonlySet<number> = new Set([128, 139]);
/** Neighbour discovery, router messages and group membership are never tracked. */
const NEVER_TRACKED_6: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 143]);

/** State of a packet that no connection knows yet. */
export function stateOfFirst(packet: Packet): ConnectionState | undefined {
  const type = packet.port >> 8;
  if (packet.protocol === 1 && packet.family === 4)
    return REQUESTS_4.has(type) ? 'NEW' : ERRORS_4.has(type) ? undefined : 'INVALID';
  if (packet.protocol === 58 && packet.family === 6) {
    if (NEVER_TRACKED_6.has(type)) return 'UNTRACKED';
    return REQUESTS_6.has(type) ? 'NEW' : type < 128 ? undefined : 'INVALID';
  }
  return packet.protocol === 1 || packet.protocol === 58 ? undefined : 'NEW';
}

/** FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32. */
export const FLAGS: ReadonlyMap<string, number> = new Map([
  ['FIN', 1],
  ['SYN', 2],
  ['RST', 4],
  ['PSH', 8],
  ['ACK', 16],
  ['URG', 32],
  ['ALL', 63],
  ['NONE', 0],
]);
export const flagsAt = (moment: Moment): number => (moment === 'first' ? 2 : moment === 'reply' ? 18 : 16);

export function readFlags(text: string): number | undefined {
  let all = 0;
  for (const word of text.split(',')) {
    const flag = FLAGS.get(word.toUpperCase());
    if (flag === undefined) return undefined;
    all |= flag;
  }
  return all;
}

const v4 = (text: string): bigint | undefined => {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  return bytes.some((byte) => byte > 255) ? undefined : bytes.reduce((all, byte) => all * 256n + BigInt(byte), 0n);
};

const v6 = (text: string): bigint | undefined => {
  if (!/^[0-9a-fA-F:]*:[0-9a-fA-F:.]*$/.test(text)) return undefined;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const low = v4(dotted[2] ?? '');
    if (low === undefined) return undefined;
    return v6(`${dotted[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string | undefined): string[] => (half ? half.split(':') : []);
  const [head, tail] = [groups(halves[0]), groups(halves[1])];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 0) return undefined;
  const all = [...head, ...Array<string>(Math.max(0, missing)).fill('0'), ...tail];
  if (all.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return all.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
};

export const readAddress = (text: string, family: Family): bigint | undefined => (family === 4 ? v4(text) : v6(text));

export function writeAddress(value: bigint, family: Family): string {
  const [count, bits, radix, joint] = family === 4 ? ([4, 8n, 10, '.'] as const) : ([8, 16n, 16, ':'] as const);
  const parts: string[] = [];
  for (let i = count - 1; i >= 0; i--) parts.push(((value >> (BigInt(i) * bits)) & ((1n << bits) - 1n)).toString(radix));
  return parts.join(joint);
}

/** `10.0.0.0/8`, `10.0.0.1`, `10.0.5.0/255.0.255.0`: value and mask. */
export function readMasked(text: string, family: Family): { readonly value: bigint; readonly mask: bigint } | undefined {
  const [head = '', tail, more] = text.split('/');
  const bits = family === 4 ? 32 : 128;
  const full = (1n << BigInt(bits)) - 1n;
  const value = readAddress(head, family);
  if (value === undefined || more !== undefined) return undefined;
  if (tail === undefined) return { value, mask: full };
  if (/^\d{1,3}$/.test(tail)) return Number(tail) > bits ? undefined : { value, mask: full ^ (full >> BigInt(Number(tail))) };
  const mask = readAddress(tail, family);
  return mask === undefined ? undefined : { value, mask };
}

const PROTOCOL_NUMBERS: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['igmp', 2],
  ['ipencap', 4],
  ['tcp', 6],
  ['udp', 17],
  ['dccp', 33],
  ['ipv6', 41],
  ['gre', 47],
  ['esp', 50],
  ['ipv6-crypt', 50],
  ['ah', 51],
  ['ipv6-auth', 51],
  ['ipv6-icmp', 58],
  ['icmpv6', 58],
  ['icmp6', 58],
  ['ospf', 89],
  ['ospfigp', 89],
  ['pim', 103],
  ['vrrp', 112],
  ['sctp', 132],
  ['udplite', 136],
]);

/** 0 is `all`. */
export const readProtocol = (text: string): number | undefined =>
  text.toLowerCase() === 'all' ? 0 : /^\d{1,3}$/.test(text) ? Number(text) : PROTOCOL_NUMBERS.get(text.toLowerCase());

const SERVICES: ReadonlyMap<string, number> = new Map([
  ['ssh', 22],
  ['smtp', 25],
  ['domain', 53],
  ['http', 80],
  ['https', 443],
]);
const port = (text: string, blank: number): number | undefined => {
  if (text === '') return blank;
  const number = /^\d{1,5}$/.test(text) ? Number(text) : SERVICES.get(text);
  return number === undefined || number > 65535 ? undefined : number;
};

/** `22`, `1024:`, `:1023`, `20:80`. */
export function readPorts(text: string): readonly [number, number] | undefined {
  const [head = '', tail, more] = text.split(':');
  if (text === '' || more !== undefined) return undefined;
  const first = port(head, 0);
  const last = tail === undefined ? first : port(tail, 65535);
  return first === undefined || last === undefined ? undefined : [first, last];
}

export const inPorts = (value: number | undefined, text: string): Truth => {
  const found = readPorts(text);
  return found === undefined || value === undefined ? undefined : value >= found[0] && value <= found[1];
};

export const first = (option: OptionRecord): string => option.values[0] ?? '';
export const applied = (option: OptionRecord, truth: Truth): Truth => (option.negated ? not(truth) : truth);
