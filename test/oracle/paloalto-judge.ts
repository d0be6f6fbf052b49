/** The set engine's verdict on single packets of one firewall. */
import { DEFAULT_SETTINGS } from '../../src/analysis/coins.js';
import { prepare } from '../../src/analysis/flow.js';
import { judge } from '../../src/analysis/judge.js';
import type { Device, Stated } from '../../src/analysis/view.js';
import { packetsOf } from '../../src/audit/packets.js';
import type { FactName } from '../../src/model/condition.js';
import type { Firewall } from '../../src/model/firewall.js';
import type { Verdict } from '../../src/model/verdict.js';
import { type AddressSet, NO_ADDRESS } from '../../src/sets/address.js';
import { only } from '../../src/sets/intervals.js';
import { writeAddress } from './iptables-packet.js';
import type { PanPacket } from './paloalto.js';
import type { Address } from './paloalto-objects.js';

const setOf = ({ family, value }: Address): AddressSet =>
  family === 4 ? { v4: only(Number(value)), v6: [] } : { v4: [], v6: [value, value + 1n] };

const WITH_PORTS: readonly number[] = [6, 17, 132];

export const tell = (packet: PanPacket): string =>
  `${packet.protocol} ${writeAddress(packet.source.value, packet.source.family)}:${packet.sourcePort} -> ` +
  `${writeAddress(packet.destination.value, packet.destination.family)}:${packet.port}` +
  ` [${packet.from ?? '?'} to ${packet.to ?? '?'}] ${packet.application ?? 'any application'}`;

export function judgePackets(firewall: Firewall, packets: readonly PanPacket[]): readonly Verdict[] {
  const device: Device = { name: firewall.name, firewall, host: NO_ADDRESS, zones: new Map() };
  const ends = packets.map((packet) => ({ source: setOf(packet.source), destination: setOf(packet.destination) }));
  const bench = prepare(
    [device],
    ends.flatMap(({ source, destination }) => [source, destination]),
  );
  const link = (zone: string): number => {
    const at = firewall.links.names.indexOf(zone);
    if (at < 0) throw new Error(`the firewall has no zone ${zone}: ${firewall.links.names.join(', ')}`);
    return at;
  };
  return packets.map((packet, i) => {
    const ports = WITH_PORTS.includes(packet.protocol);
    const icmp = packet.protocol === 1 || packet.protocol === 58;
    const term = {
      protocols: [packet.protocol],
      ...(ports || icmp ? { ports: only(packet.port) } : {}),
      ...(ports ? { sourcePorts: only(packet.sourcePort) } : {}),
    };
    const end = ends[i] as { source: AddressSet; destination: AddressSet };
    const demand = packetsOf({ ...end, services: [term], expect: 'allow' }, bench.spaces);
    const stated: Stated = {
      ...(packet.from === undefined ? {} : { in: only(link(packet.from)) }),
      ...(packet.to === undefined ? {} : { out: only(link(packet.to)) }),
      ...(i % 2 === 0 ? { direction: 'forward' as const } : {}),
    };
    const facts = new Map<FactName, string>(packet.application === undefined ? [] : [['application', packet.application]]);
    const flow = { packets: demand, stated: new Map([[device, stated]]) };
    return judge(bench, flow, { facts, settings: DEFAULT_SETTINGS, firstPacket: false }).verdict;
  });
}
