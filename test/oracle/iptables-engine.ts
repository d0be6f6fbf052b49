/** The engine's verdicts on single packets, for comparison with an interpreter or a kernel. */
import { iptables } from '../../parsers/iptables/index.js';
import { DEFAULT_SETTINGS } from '../../src/analysis/coins.js';
import { prepare } from '../../src/analysis/flow.js';
import { type Judgement, judge } from '../../src/analysis/judge.js';
import type { Device, Stated } from '../../src/analysis/view.js';
import { packetsOf } from '../../src/audit/packets.js';
import type { Firewall } from '../../src/model/firewall.js';
import { type AddressSet, type Family, NO_ADDRESS } from '../../src/sets/address.js';
import { only } from '../../src/sets/intervals.js';
import type { Source } from '../../src/source/span.js';
import { type Packet, PORTS } from './iptables-packet.js';

export const sourceOf = (name: string, text: string): Source => ({
  name,
  text,
  bytes: new TextEncoder().encode(text),
  encoding: 'utf-8',
  sha256: '',
});

/** The form that detection prefers; undefined when the text is no dump. */
export function formOf(source: Source): string | undefined {
  const scored = iptables.forms.map((form) => ({ id: form.id, score: form.detect(source)?.score ?? 0 }));
  scored.sort((a, b) => b.score - a.score);
  return scored[0] && scored[0].score > 0 ? scored[0].id : undefined;
}

const single = (address: bigint, family: Family): AddressSet =>
  family === 4 ? { ...NO_ADDRESS, v4: only(Number(address)) } : { ...NO_ADDRESS, v6: [address, address + 1n] };

function linkNumber(firewall: Firewall, name: string): number {
  const known = firewall.links.names.indexOf(name);
  const number = known >= 0 ? known : firewall.linkOf?.(name);
  if (number === undefined) throw new Error(`no link for ${name}`);
  return number;
}

/** Judges packets one by one; all addresses must be among `packets`. */
export function engineFor(firewall: Firewall, packets: readonly Packet[]) {
  const device: Device = { name: firewall.name, firewall, host: NO_ADDRESS, zones: new Map() };
  const ends = packets.flatMap((packet) => [single(packet.source, packet.family), single(packet.destination, packet.family)]);
  const bench = prepare([device], ends);
  return (packet: Packet, judged: 'first' | 'connection'): Judgement => {
    const { family, protocol } = packet;
    const icmp = protocol === 1 || protocol === 58;
    const service = {
      protocols: [protocol],
      ...(PORTS.has(protocol) ? { sourcePorts: only(packet.sourcePort) } : {}),
      ...(PORTS.has(protocol) || icmp ? { ports: only(packet.port) } : {}),
    };
    const stated: Stated = {
      direction: packet.direction,
      ...(packet.in === '' ? {} : { in: only(linkNumber(firewall, packet.in)) }),
      ...(packet.out === '' ? {} : { out: only(linkNumber(firewall, packet.out)) }),
    };
    const demand = {
      source: single(packet.source, family),
      destination: single(packet.destination, family),
      services: [service],
      expect: 'allow' as const,
    };
    return judge(
      bench,
      { packets: packetsOf(demand, bench.spaces), stated: new Map([[device, stated]]) },
      { facts: new Map(), settings: DEFAULT_SETTINGS, firstPacket: judged === 'first' },
    );
  };
}
