/** One concrete packet for the interpreters, and the engine's answer for it. */
import { DEFAULT_SETTINGS, type Settings } from '../../src/analysis/coins.js';
import { prepare } from '../../src/analysis/flow.js';
import { type Judgement, judge } from '../../src/analysis/judge.js';
import type { Device } from '../../src/analysis/view.js';
import { packetsOf } from '../../src/audit/packets.js';
import type { Direction, Firewall } from '../../src/model/firewall.js';
import { type AddressSet, type Family, NO_ADDRESS } from '../../src/sets/address.js';
import { only } from '../../src/sets/intervals.js';

export type Outcome = 'accept' | 'drop' | 'unknown';

export interface Packet {
  readonly family: Family;
  readonly source: bigint;
  readonly destination: bigint;
  readonly protocol: number;
  /** 0 where the protocol has no ports. */
  readonly sourcePort: number;
  /** Destination port; type * 256 + code for ICMP. */
  readonly port: number;
}

export const TCP = 6;
export const UDP = 17;
export const isIcmp = (protocol: number): boolean => protocol === 1 || protocol === 58;
const hasPorts = (protocol: number): boolean => [6, 17, 33, 132, 136].includes(protocol);

function dotted(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function colons(text: string): bigint | undefined {
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(':')) return undefined;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const low = tail ? dotted(tail[2] ?? '') : undefined;
  if (tail && low === undefined) return undefined;
  const plain = tail && low !== undefined ? `${tail[1]}${(low >> 16n).toString(16)}:${(low & 65535n).toString(16)}` : text;
  const halves = plain.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string | undefined): string[] => (half ? half.split(':') : []);
  const [left, right] = [groups(halves[0]), groups(halves[1])];
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...left, ...Array<string>(missing).fill('0'), ...right];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return all.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
}

export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

export function readAddress(text: string): Address | undefined {
  const v4 = dotted(text);
  if (v4 !== undefined) return { family: 4, value: v4 };
  const v6 = colons(text);
  return v6 === undefined ? undefined : { family: 6, value: v6 };
}

export const bitsOf = (family: Family): number => (family === 4 ? 32 : 128);

/** First and last address of a network; host bits are ignored. */
export interface Span2 {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

export function network(address: Address, length: number): Span2 {
  const size = 1n << BigInt(bitsOf(address.family) - length);
  const first = (address.value / size) * size;
  return { family: address.family, first, last: first + size - 1n };
}

/** `address` or `address/length`. */
export function readNetwork(text: string): Span2 | undefined {
  const [left = '', length] = text.split('/');
  const address = readAddress(left);
  if (!address) return undefined;
  const bits = length === undefined ? bitsOf(address.family) : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  return bits < 0 || bits > bitsOf(address.family) ? undefined : network(address, bits);
}

export const holds = (span: Span2, family: Family, value: bigint): boolean =>
  span.family === family && span.first <= value && value <= span.last;

export function addressText(family: Family, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  return Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 65535n).toString(16)).join(':');
}

export const packetText = (p: Packet): string =>
  `${p.protocol} ${addressText(p.family, p.source)}:${p.sourcePort} -> ${addressText(p.family, p.destination)}:${
    isIcmp(p.protocol) ? `${p.port >> 8}/${p.port & 255}` : p.port
  }`;

export interface Way {
  readonly direction: Direction;
  readonly in?: string;
  readonly out?: string;
}

const one = (family: Family, value: bigint): AddressSet =>
  family === 4 ? { v4: [Number(value), Number(value) + 1], v6: [] } : { v4: [], v6: [value, value + 1n] };

/** Judges many packets on one firewall, as `check --flows` does. */
export function engineFor(firewall: Firewall, packets: readonly Packet[], settings: Partial<Settings> = {}) {
  const device: Device = { name: firewall.name, firewall, host: NO_ADDRESS, zones: new Map() };
  const ends = new Map(packets.map((p) => [p, { source: one(p.family, p.source), destination: one(p.family, p.destination) }]));
  const bench = prepare(
    [device],
    [...ends.values()].flatMap((end) => [end.source, end.destination]),
  );
  const link = (name: string) => {
    const index = firewall.links.names.indexOf(name);
    if (index < 0) throw new Error(`no link named ${name}; there are ${firewall.links.names.join(', ')}`);
    return only(index);
  };
  return (packet: Packet, way: Way): Judgement => {
    const { source, destination } = ends.get(packet) ?? { source: NO_ADDRESS, destination: NO_ADDRESS };
    const ports = hasPorts(packet.protocol)
      ? { sourcePorts: only(packet.sourcePort), ports: only(packet.port) }
      : isIcmp(packet.protocol)
        ? { ports: only(packet.port) }
        : {};
    const services = [{ protocols: [packet.protocol], ...ports }];
    const stated = {
      direction: way.direction,
      ...(way.in === undefined ? {} : { in: link(way.in) }),
      ...(way.out === undefined ? {} : { out: link(way.out) }),
    };
    return judge(
      bench,
      {
        packets: packetsOf({ source, destination, services, expect: 'allow' }, bench.spaces),
        stated: new Map([[device, stated]]),
      },
      { facts: new Map(), settings: { ...DEFAULT_SETTINGS, ...settings }, firstPacket: false },
    );
  };
}

export function outcomeOf({ verdict }: Judgement): Outcome {
  return verdict === 'permitted' ? 'accept' : verdict === 'blocked' ? 'drop' : 'unknown';
}

/** Agreement of engine and interpreter, counted. */
export class Tally {
  packets = 0;
  /** Definite for the interpreter. */
  definite = 0;
  /** Definite for both. */
  both = 0;
  /** The engine is definite where the interpreter sees both ends. */
  readonly bold: string[] = [];
  readonly wrong: string[] = [];
  /** The interpreter is definite, the engine is not. */
  readonly shy: string[] = [];

  add(oracle: Outcome, engine: Outcome, text: () => string): void {
    this.packets++;
    if (oracle !== 'unknown') this.definite++;
    if (oracle !== 'unknown' && engine === oracle) this.both++;
    else if (oracle !== 'unknown' && engine === 'unknown') this.shy.push(`${oracle}: ${text()}`);
    else if (oracle !== 'unknown') this.wrong.push(`engine ${engine}, interpreter ${oracle}: ${text()}`);
    else if (engine !== 'unknown') this.bold.push(`engine ${engine}, interpreter unknown: ${text()}`);
  }

  join(other: Tally): void {
    this.packets += other.packets;
    this.definite += other.definite;
    this.both += other.both;
    this.bold.push(...other.bold);
    this.wrong.push(...other.wrong);
    this.shy.push(...other.shy);
  }

  get share(): number {
    return this.definite === 0 ? 1 : this.both / this.definite;
  }

  toString(): string {
    const share = (100 * this.share).toFixed(1);
    return `${this.packets} packets, ${this.definite} definite for the interpreter, of these ${share} % for the engine`;
  }
}

/** A small generator of numbers (mulberry32): the same packets on every run. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export function pick<T>(next: (below: number) => number, list: readonly T[]): T {
  if (list.length === 0) throw new Error('nothing to choose from');
  return list[next(list.length)] as T;
}
