/** Random rule sets against Windows' own words, packet by packet: bypass aside, block beats allow beats default, whatever the order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csv, DOMAIN, profiles, type Row, read, verdict } from './support.js';

const HOST = '10.0.0.5';
const PEERS = ['10.1.0.1', '10.1.0.2', '10.2.0.1'];
const PORTS = [1, 2, 3];

interface Plain {
  readonly direction: 'Inbound' | 'Outbound';
  readonly action: 'Allow' | 'Block';
  readonly enabled: boolean;
  readonly profile: string;
  readonly protocol: 'TCP' | 'UDP' | 'Any';
  /** The port at the destination. */
  readonly ports: readonly number[];
  readonly peers: readonly string[];
  readonly program: boolean;
}

const plain: fc.Arbitrary<Plain> = fc.record({
  direction: fc.constantFrom('Inbound' as const, 'Outbound' as const),
  action: fc.constantFrom('Allow' as const, 'Block' as const),
  enabled: fc.boolean(),
  profile: fc.constantFrom('Any', 'Domain', 'Private, Public', 'Domain, Public'),
  protocol: fc.constantFrom('TCP' as const, 'UDP' as const, 'Any' as const),
  ports: fc.subarray(PORTS),
  peers: fc.subarray(PEERS),
  program: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
});

function rowOf(rule: Plain): Row {
  const ports = rule.protocol === 'Any' || rule.ports.length === 0 ? 'Any' : rule.ports.join(',');
  return {
    Direction: rule.direction,
    Action: rule.action,
    Enabled: rule.enabled ? 'True' : 'False',
    Profile: rule.profile,
    Protocol: rule.protocol,
    [rule.direction === 'Inbound' ? 'LocalPort' : 'RemotePort']: ports,
    RemoteAddress: rule.peers.length === 0 ? 'Any' : rule.peers.join(','),
    Program: rule.program ? 'C:\\a.exe' : 'Any',
  };
}

interface Packet {
  readonly direction: 'Inbound' | 'Outbound';
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly peer: string;
}

const covers = (rule: Plain, packet: Packet): boolean =>
  rule.enabled &&
  rule.direction === packet.direction &&
  /Any|Domain/.test(rule.profile) &&
  (rule.protocol === 'Any' ||
    (rule.protocol.toLowerCase() === packet.protocol && (rule.ports.length === 0 || rule.ports.includes(packet.port)))) &&
  (rule.peers.length === 0 || rule.peers.includes(packet.peer));

/** The verdict with the program a.exe and with another; where they differ nobody can tell. */
function expected(rules: readonly Plain[], packet: Packet, inbound: string, outbound: string): string {
  const decide = (isProgram: boolean): string => {
    const hits = rules.filter((rule) => covers(rule, packet) && (!rule.program || isProgram));
    if (hits.some((rule) => rule.action === 'Block')) return 'blocked';
    if (hits.length > 0) return 'permitted';
    const action = packet.direction === 'Inbound' ? inbound : outbound;
    return action === 'Block' ? 'blocked' : 'permitted';
  };
  const [yes, no] = [decide(true), decide(false)];
  return yes === no ? yes : 'conditional';
}

const PACKETS: readonly Packet[] = (['Inbound', 'Outbound'] as const).flatMap((direction) =>
  (['tcp', 'udp'] as const).flatMap((protocol) =>
    PORTS.flatMap((port) => PEERS.map((peer) => ({ direction, protocol, port, peer }))),
  ),
);
const textOf = ({ direction, protocol, port, peer }: Packet): string =>
  direction === 'Inbound' ? `${protocol} ${peer} -> ${HOST}:${port}` : `${protocol} ${HOST} -> ${peer}:${port}`;

describe('precedence', () => {
  it('agrees with a walk over the rows', () => {
    const action = fc.constantFrom('Block', 'Allow');
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 7 }), action, action, (rules, inbound, outbound) => {
        const profileText = profiles({ Domain: { policy: `${inbound}Inbound,${outbound}Outbound` } });
        // Both directions and both actions stand in the export, away from the packets.
        const frame = (['Inbound', 'Outbound'] as const).flatMap((Direction) =>
          (['Allow', 'Block'] as const).map((Action): Row => ({ Direction, Action, Protocol: '47', RemoteAddress: '192.0.2.1' })),
        );
        const firewall = read(csv([...rules.map(rowOf), ...frame]), { given: DOMAIN, profileText });
        for (const packet of PACKETS)
          expect(verdict(firewall, textOf(packet)), textOf(packet)).toBe(expected(rules, packet, inbound, outbound));
      }),
      { numRuns: 60 },
    );
  });
});
