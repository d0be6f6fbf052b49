/** Packets as bytes, with an identification by which they are known again. */
import { type Packet, PORTS } from '../oracle/iptables-packet.js';

const bytes = (value: bigint, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Number((value >> BigInt(8 * (count - 1 - i))) & 255n));
const word = (value: number): number[] => [(value >> 8) & 255, value & 255];

function checksum(data: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += ((data[i] ?? 0) << 8) | (data[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

const withChecksum = (data: readonly number[], at: number, before: readonly number[] = []): number[] => {
  const sum = checksum([...before, ...data]);
  return data.with(at, sum >> 8).with(at + 1, sum & 255);
};

/** What stands in front of the payload in checksums of TCP, UDP and ICMPv6. */
function pseudoHeader(packet: Packet, length: number): number[] {
  const size = packet.family === 4 ? 4 : 16;
  const ends = [...bytes(packet.source, size), ...bytes(packet.destination, size)];
  return packet.family === 4
    ? [...ends, 0, packet.protocol, ...word(length)]
    : [...ends, 0, 0, ...word(length), 0, 0, 0, packet.protocol];
}

function payload(packet: Packet): number[] {
  const { protocol, sourcePort, port, family } = packet;
  const ports = [...word(sourcePort), ...word(port)];
  if (protocol === 6) {
    const segment = [...ports, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0x20, 0, 0, 0, 0, 0];
    return withChecksum(segment, 16, pseudoHeader(packet, segment.length));
  }
  if (protocol === 17) {
    const datagram = [...ports, ...word(12), 0, 0, 1, 2, 3, 4];
    return withChecksum(datagram, 6, pseudoHeader(packet, datagram.length));
  }
  if (protocol === 1 || protocol === 58) {
    const message = [port >> 8, port & 255, 0, 0, 0x12, 0x34, 0, 1, ...Array<number>(40).fill(0)];
    return withChecksum(message, 2, protocol === 58 && family === 6 ? pseudoHeader(packet, message.length) : []);
  }
  if (PORTS.has(protocol)) throw new Error(`no packets of protocol ${protocol}`);
  return Array<number>(24).fill(0);
}

/** Time to live of the test's packets: what the kernel sends by itself (64) is told from them. */
export const LIFE = 200;

/** An IP packet; `identification` 1..65535 is its IPv4 ID or IPv6 flow label, `service` its type of service. */
export function ipPacket(packet: Packet, identification: number, service: number): number[] {
  const content = payload(packet);
  if (packet.family === 4) {
    const header = [0x45, service, ...word(20 + content.length), ...word(identification), 0, 0, LIFE, packet.protocol, 0, 0];
    return [...withChecksum([...header, ...bytes(packet.source, 4), ...bytes(packet.destination, 4)], 10), ...content];
  }
  const first = [0x60 | (service >> 4), (service & 15) << 4, ...word(identification)];
  return [
    ...first,
    ...word(content.length),
    packet.protocol,
    LIFE,
    ...bytes(packet.source, 16),
    ...bytes(packet.destination, 16),
    ...content,
  ];
}

export const hex = (data: readonly number[]): string => Buffer.from(data).toString('hex');
