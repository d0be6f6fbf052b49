/** Regions in ordinary notation, and one packet out of them. */
import { PORT_PROTOCOLS, PROTOCOL } from '../model/match.js';
import type { ExamplePacket, PacketBox } from '../model/verdict.js';
import { contains, EMPTY, equal, type Intervals, intersect, ranges, subtract, unionAll } from '../sets/intervals.js';
import { formatAddresses } from '../sets/ip.js';
import type { Box, Region } from '../sets/region.js';
import { ALL_PORTS, ALL_PROTOCOLS, DIM, type Space } from './space.js';

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(PROTOCOL).map(([name, number]) => [number, name]));

export const protocolName = (protocol: number): string => PROTOCOL_NAMES.get(protocol) ?? String(protocol);

const ICMP_LIKE: Intervals = [1, 2, 58, 59];
const WITH_PORTS: Intervals = unionAll(PORT_PROTOCOLS.map((protocol) => [protocol, protocol + 1]));

/** `22`, `8000-8010`, joined by `, `. */
export function formatNumbers(set: Intervals): string {
  return [...ranges(set)].map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}

export function formatProtocols(set: Intervals): string {
  const parts: string[] = [];
  for (const [first, last] of ranges(set)) {
    if (last - first > 3) parts.push(`${first}-${last}`);
    else for (let protocol = first; protocol <= last; protocol++) parts.push(protocolName(protocol));
  }
  return parts.join(', ');
}

/** `8/0`, `3/*`, `8/0-5`, `9-255/*`, joined by `, `, from sets of type * 256 + code. */
export function formatIcmp(set: Intervals): string {
  const parts: string[] = [];
  for (const [first, last] of ranges(set)) {
    let from = first;
    while (from <= last) {
      const type = Math.floor(from / 256);
      const lastWhole = Math.floor((last + 1) / 256) - 1;
      if (from % 256 === 0 && lastWhole >= type) {
        parts.push(`${type === lastWhole ? type : `${type}-${lastWhole}`}/*`);
        from = (lastWhole + 1) * 256;
        continue;
      }
      const to = Math.min(last, type * 256 + 255);
      parts.push(`${type}/${from === to ? from % 256 : `${from % 256}-${to % 256}`}`);
      from = to + 1;
    }
  }
  return parts.join(', ');
}

/** A box whose ports mean one thing: type and code, ports, or nothing. */
function byPortMeaning(box: Box): Box[] {
  const protocols = box[DIM.protocol] as Intervals;
  if (equal(box[DIM.port] as Intervals, ALL_PORTS) && equal(box[DIM.sourcePort] as Intervals, ALL_PORTS)) return [box];
  const out: Box[] = [];
  const icmp = intersect(protocols, ICMP_LIKE);
  const ports = intersect(protocols, WITH_PORTS);
  const rest = subtract(subtract(protocols, icmp), ports);
  if (icmp.length > 0) out.push(box.with(DIM.protocol, icmp));
  if (ports.length > 0) out.push(box.with(DIM.protocol, ports));
  if (rest.length > 0) out.push(box.with(DIM.protocol, rest));
  return out;
}

function presentBox(box: Box, space: Space): PacketBox {
  const protocols = box[DIM.protocol] as Intervals;
  const port = box[DIM.port] as Intervals;
  const sourcePort = box[DIM.sourcePort] as Intervals;
  const icmp = subtract(protocols, ICMP_LIKE).length === 0;
  return {
    source: formatAddresses(space.addresses(box[DIM.source] as Intervals)).join(', '),
    destination: formatAddresses(space.addresses(box[DIM.destination] as Intervals)).join(', '),
    ...(equal(protocols, ALL_PROTOCOLS) ? {} : { protocol: formatProtocols(protocols) }),
    ...(equal(port, ALL_PORTS) ? {} : icmp ? { icmp: formatIcmp(port) } : { ports: formatNumbers(port) }),
    ...(equal(sourcePort, ALL_PORTS) || icmp ? {} : { sourcePorts: formatNumbers(sourcePort) }),
  };
}

const sortKey = (box: Box): number => box[DIM.source]?.[0] ?? 0;

/** Boxes in ordinary notation, in a stable order. */
export function presentRegion(region: Region, space: Space): readonly PacketBox[] {
  const boxes = [...region].sort((a, b) => sortKey(a) - sortKey(b) || (a.join(';') < b.join(';') ? -1 : 1));
  return boxes.flatMap(byPortMeaning).map((box) => presentBox(box, space));
}

const firstOf = (set: Intervals, preferred: readonly number[]): number =>
  preferred.find((value) => contains(set, value)) ?? (set[0] as number);

/** One packet of a region: the first box, with everyday values where they belong to it. */
export function examplePacket(region: Region, space: Space): { packet: ExamplePacket; point: readonly number[] } | null {
  const box = region[0];
  if (!box) return null;
  const [source = EMPTY, destination = EMPTY, protocols = EMPTY, sourcePorts = EMPTY, ports = EMPTY] = box;
  const protocol = firstOf(protocols, [6, 17, 1, 58]);
  const point = [
    source[0] as number,
    destination[0] as number,
    protocol,
    firstOf(sourcePorts, [49152, 1024]),
    firstOf(ports, protocol === 1 ? [2048] : protocol === 58 ? [32768] : [443, 80, 22]),
  ];
  const address = (at: number): string => {
    const set = space.addresses([at, at + 1]);
    return formatAddresses({
      v4: set.v4.length ? [set.v4[0] as number, (set.v4[0] as number) + 1] : EMPTY,
      v6: set.v6.length ? [set.v6[0] as bigint, (set.v6[0] as bigint) + 1n] : EMPTY,
    })[0] as string;
  };
  const icmp = contains(ICMP_LIKE, protocol);
  const packet: ExamplePacket = {
    source: address(point[0] as number),
    destination: address(point[1] as number),
    protocol: protocolName(protocol),
    ...(contains(WITH_PORTS, protocol) ? { sourcePort: point[3] as number, port: point[4] as number } : {}),
    ...(icmp ? { icmp: formatIcmp([point[4] as number, (point[4] as number) + 1]) } : {}),
  };
  return { packet, point };
}
