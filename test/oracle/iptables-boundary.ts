/** Packets on the boundaries of a dump's own values: one before, on, and one after each address, port and type. */
import type { Extraction } from '../../parsers/iptables/records.js';
import { DIRECTIONS } from '../../src/model/firewall.js';
import type { Family } from '../../src/sets/address.js';
import { type Packet, PORTS, readAddress, readMasked, readPorts, readProtocol } from './iptables-packet.js';

/** A small generator of numbers (mulberry32): the same seed gives the same packets everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Values {
  readonly sources: readonly bigint[];
  readonly destinations: readonly bigint[];
  readonly ports: readonly number[];
  readonly protocols: readonly number[];
  readonly types: readonly number[];
  readonly interfaces: readonly string[];
}

const around = (low: bigint, high: bigint, all: bigint): bigint[] =>
  [low - 1n, low, low + 1n, (low + high) / 2n, high, high + 1n].filter((value) => value >= 0n && value <= all);

function addressValues(text: string, family: Family): bigint[] {
  const all = family === 4 ? 2n ** 32n - 1n : 2n ** 128n - 1n;
  return text.split(',').flatMap((one) => {
    const [low, high] = one.split('-').map((end) => readAddress(end, family));
    if (low !== undefined && high !== undefined) return around(low, high, all);
    const network = readMasked(one, family);
    if (!network) return [];
    const first = network.value & network.mask;
    return around(first, first | (all & ~network.mask), all);
  });
}

/** Everything the rules of one family compare packets with. */
export function valuesOf(extraction: Extraction, family: Family): Values {
  const base = family === 4 ? ['10.1.2.3', '192.168.1.77', '198.51.100.9', '172.17.0.2'] : ['2001:db8::9', 'fd00::7', 'fe80::1'];
  const plain = base.map((text) => readAddress(text, family) ?? 0n);
  const sources = new Set<bigint>(plain);
  const destinations = new Set<bigint>(plain);
  const ports = new Set<number>([22, 53, 80, 443, 40000]);
  const protocols = new Set<number>([6, 17, family === 4 ? 1 : 58]);
  const types = new Set<number>(family === 4 ? [8 * 256, 13 * 256] : [128 * 256, 135 * 256]);
  const interfaces = new Set<string>(['eth0', 'zz9']);
  for (const table of extraction.tables)
    for (const chain of table.family === family ? table.chains.values() : [])
      for (const rule of chain.rules)
        for (const { name, values } of rule.options) {
          const [value = ''] = values;
          if (['s', 'src-range', 'ctorigsrc'].includes(name)) for (const one of addressValues(value, family)) sources.add(one);
          else if (['d', 'dst-range', 'ctorigdst'].includes(name))
            for (const one of addressValues(value, family)) destinations.add(one);
          else if (/^(?:[sd]?ports?|ctorigdstport)$/.test(name))
            for (const one of value.split(',')) for (const port of portValues(one)) ports.add(port);
          else if (name === 'p') protocols.add(readProtocol(value) || 6);
          else if (name === 'icmp-type' || name === 'icmpv6-type') for (const type of typeValues(value)) types.add(type);
          else if (name === 'i' || name === 'o') interfaces.add(value.endsWith('+') ? `${value.slice(0, -1)}7` : value);
        }
  interfaces.delete('');
  interfaces.delete('lo');
  return {
    sources: [...sources],
    destinations: [...destinations],
    ports: [...ports],
    protocols: [...protocols],
    types: [...types],
    interfaces: [...interfaces],
  };
}

function portValues(text: string): number[] {
  const found = readPorts(text);
  return found ? [found[0] - 1, found[0], found[1], found[1] + 1].filter((port) => port >= 0 && port <= 65535) : [];
}

function typeValues(text: string): number[] {
  const [type, code] = text.split('/');
  const number = /^\d+$/.test(type ?? '') ? Number(type) : undefined;
  if (number === undefined || number > 255) return [];
  const base = number * 256 + (code && /^\d+$/.test(code) ? Number(code) & 255 : 0);
  return [base, base + 1].filter((value) => value < 65536);
}

export function randomPacket(values: Values, family: Family, random: () => number): Packet {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const source = pick(values.sources);
  let destination = pick(values.destinations);
  while (destination === source) destination = random() < 0.5 ? destination ^ 1n : pick(values.destinations);
  const protocol = random() < 0.7 ? pick([6, 6, 17]) : pick(values.protocols);
  const hasPorts = PORTS.has(protocol);
  const icmp = protocol === (family === 4 ? 1 : 58);
  const direction = pick(DIRECTIONS);
  const incoming = pick(values.interfaces);
  return {
    family,
    source,
    destination,
    protocol,
    sourcePort: hasPorts ? (random() < 0.6 ? 1024 + Math.floor(random() * 64512) : pick(values.ports)) : 0,
    port: hasPorts ? (random() < 0.1 ? Math.floor(random() * 65536) : pick(values.ports)) : icmp ? pick(values.types) : 0,
    direction,
    in: direction === 'out' ? '' : incoming,
    out: direction === 'in' ? '' : pick(values.interfaces),
  };
}
