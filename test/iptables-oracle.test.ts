/** The engine against an interpreter of the dump's own records, packet by packet: random rule sets, then the corpus. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extract } from '../parsers/iptables/extract.js';
import { iptables } from '../parsers/iptables/index.js';
import type { Extraction } from '../parsers/iptables/records.js';
import type { Firewall } from '../src/model/firewall.js';
import { interpret, type Outcome } from './oracle/iptables.js';
import { randomFrom, randomPacket, valuesOf } from './oracle/iptables-boundary.js';
import { corpus, corpusPaths, loadDump } from './oracle/iptables-corpus.js';
import { engineFor, sourceOf } from './oracle/iptables-engine.js';
import { type Packet, readAddress, writeAddress } from './oracle/iptables-packet.js';
import { dumpOf, randomRules, randomRulesWithSets } from './oracle/iptables-random.js';
import { type IpSets, readSets } from './oracle/iptables-set-match.js';
import { SETS } from './oracle/iptables-sets.js';

const describePacket = (p: Packet): string =>
  `${p.direction} ${p.in || '-'}>${p.out || '-'} ${p.protocol} ${writeAddress(p.source, p.family)}:${p.sourcePort} -> ` +
  `${writeAddress(p.destination, p.family)}:${p.port}`;

interface Tally {
  packets: number;
  oracle: number;
  accepted: number;
  both: number;
  /** The engine is sure where the interpreter is not: it may know that two unknowns are one. */
  engineAlone: number;
  readonly contradictions: string[];
  readonly openByCondition: Map<string, number>;
  readonly alone: string[];
}

const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);

function compare(
  extraction: Extraction,
  firewall: Firewall,
  packets: readonly Packet[],
  name: string,
  until = Infinity,
  sets: IpSets = new Map(),
): Tally {
  const engine = engineFor(firewall, packets);
  const tally: Tally = {
    packets: 0,
    oracle: 0,
    accepted: 0,
    both: 0,
    engineAlone: 0,
    contradictions: [],
    openByCondition: new Map(),
    alone: [],
  };
  for (const packet of packets)
    for (const judged of ['first', 'connection'] as const) {
      if (performance.now() > until) return tally;
      const answer = interpret(extraction, packet, judged, undefined, sets);
      const judgement = engine(packet, judged);
      const { verdict } = judgement;
      const sure = verdict === 'permitted' || verdict === 'blocked';
      tally.packets++;
      if (answer.outcome === 'unknown') {
        if (sure) {
          tally.engineAlone++;
          tally.alone.push(`${name}: ${judged} ${describePacket(packet)}: ${verdict}; open: ${[...answer.open].join('; ')}`);
        }
        continue;
      }
      tally.oracle++;
      if (answer.outcome === 'accept') tally.accepted++;
      if (sure) tally.both++;
      else
        for (const condition of judgement.conditions)
          count(tally.openByCondition, `${condition.kind}: ${condition.name.slice(0, 70)}`);
      if (verdict === (answer.outcome === 'accept' ? 'blocked' : 'permitted'))
        tally.contradictions.push(
          `${name}: ${judged} ${describePacket(packet)}: interpreter ${answer.outcome}, engine ${verdict} by ` +
            judgement.decidedBy.map((one) => `${one.rule}:${one.line}`).join(', '),
        );
    }
  return tally;
}

if (corpus === undefined) console.warn('corpus tests skipped: no corpus (set FLOWGAP_CORPUS)');

/** Rule sets on which interpreter, kernel and engine once disagreed. */
const FOUND: readonly (readonly [what: string, rules: string, packet: Partial<Packet>, outcome: Outcome])[] = [
  [
    'the raw table comes before connection tracking: nothing is NEW there',
    '*raw\n:PREROUTING ACCEPT\n:OUTPUT ACCEPT\n-A PREROUTING -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n',
    {},
    'drop',
  ],
  [
    'in the raw table no packet has a connection to compare with',
    '*raw\n:PREROUTING ACCEPT\n:OUTPUT ACCEPT\n-A PREROUTING -m conntrack --ctorigdst 10.0.0.0/8 -j DROP\nCOMMIT\n',
    {},
    'accept',
  ],
  [
    'an untracked answer leaves later packets of a TCP connection INVALID',
    '*raw\n:PREROUTING ACCEPT\n:OUTPUT ACCEPT\n-A OUTPUT -j NOTRACK\nCOMMIT\n*filter\n:INPUT DROP\n:FORWARD DROP\n:OUTPUT ACCEPT\n' +
      '-A INPUT -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT\nCOMMIT\n',
    {},
    'drop',
  ],
  [
    'an untracked answer leaves later UDP packets NEW',
    '*raw\n:PREROUTING ACCEPT\n:OUTPUT ACCEPT\n-A OUTPUT -j NOTRACK\nCOMMIT\n*filter\n:INPUT DROP\n:FORWARD DROP\n:OUTPUT ACCEPT\n' +
      '-A INPUT -p udp -m conntrack --ctstate NEW -j ACCEPT\nCOMMIT\n',
    { protocol: 17 },
    'accept',
  ],
  [
    'ICMP messages that nobody answers are never ESTABLISHED',
    '*filter\n:INPUT ACCEPT\n:FORWARD DROP\n:OUTPUT DROP\n-A INPUT -p icmp -m conntrack --ctstate ESTABLISHED -j DROP\nCOMMIT\n',
    { protocol: 1, sourcePort: 0, port: 9 * 256 },
    'accept',
  ],
];

describe('rule sets that were judged wrongly once', () => {
  it.each(FOUND)('%s', (_, rules, different, outcome) => {
    const source = sourceOf('found.rules', rules);
    const [firewall] = iptables.parse([{ source, form: 'iptables-save' }], {});
    if (!firewall) throw new Error('no firewall');
    const packet: Packet = {
      family: 4,
      source: readAddress('10.0.0.9', 4) ?? 0n,
      destination: readAddress('10.0.0.1', 4) ?? 0n,
      protocol: 6,
      sourcePort: 40000,
      port: 443,
      direction: 'in',
      in: 'eth0',
      out: '',
      ...different,
    };
    expect(interpret(extract(source, 4), packet, 'connection').outcome).toBe(outcome);
    expect(engineFor(firewall, [packet])(packet, 'connection').verdict).toBe(outcome === 'accept' ? 'permitted' : 'blocked');
  });
});

describe('random rule sets, packet by packet', () => {
  it('agrees with the interpreter', { timeout: 120_000 }, () => {
    const runs = Number(process.env.FLOWGAP_ORACLE_RUNS ?? 150);
    const sets = readSets(SETS);
    let [oracle, both, total, accepted] = [0, 0, 0, 0];
    fc.assert(
      fc.property(fc.oneof(randomRules, randomRulesWithSets), fc.nat(), (rules, seed) => {
        const text = dumpOf(rules);
        const form = rules.family === 4 ? 'iptables-save' : 'ip6tables-save';
        const source = sourceOf('random.rules', text);
        const extraction = extract(source, rules.family);
        const [firewall] = iptables.parse([{ source, form }], { ipsets: [sourceOf('sets', SETS)] });
        if (!firewall) throw new Error('no firewall');
        const random = randomFrom(seed);
        const values = valuesOf(extraction, rules.family);
        const packets = Array.from({ length: 25 }, () => randomPacket(values, rules.family, random));
        const tally = compare(extraction, firewall, packets, 'random', Infinity, sets);
        total += tally.packets;
        oracle += tally.oracle;
        both += tally.both;
        accepted += tally.accepted;
        expect(tally.contradictions, text).toEqual([]);
      }),
      { numRuns: runs, ...(process.env.FLOWGAP_SEED ? { seed: Number(process.env.FLOWGAP_SEED) } : {}) },
    );
    const share = (100 * both) / oracle;
    console.log(
      `random rule sets: ${runs}, ${total} judgements, ${oracle} sure to the interpreter (${accepted} accepted), ` +
        `${share.toFixed(2)} % of those sure here`,
    );
    expect(oracle).toBeGreaterThan(total * 0.8);
    expect(accepted).toBeGreaterThan(oracle * 0.1);
    expect(share).toBeGreaterThanOrEqual(95);
  });
});

describe.skipIf(corpus === undefined)('the corpus, packet by packet', () => {
  const perFile = Number(process.env.FLOWGAP_ORACLE_PACKETS ?? 150);
  const seconds = Number(process.env.FLOWGAP_ORACLE_SECONDS ?? 20);
  const seed = Number(process.env.FLOWGAP_SEED ?? 20240607);
  it('no packet is wrongly permitted or blocked, and what the interpreter decides the engine decides', {
    timeout: (seconds + 60) * 1000,
  }, () => {
    const start = performance.now();
    const paths = corpusPaths();
    const contradictions: string[] = [];
    const lines: string[] = [];
    const open = new Map<string, number>();
    const alone: string[] = [];
    let [packetCount, oracle, both] = [0, 0, 0];
    paths.forEach((path, index) => {
      const dump = loadDump(path);
      if (!dump) return;
      const { name, extraction, firewall } = dump;
      const random = randomFrom(seed + index);
      const families = [...new Set(extraction.tables.map((table) => table.family))];
      const packets = families.flatMap((family) => {
        const values = valuesOf(extraction, family);
        return Array.from({ length: Math.ceil(perFile / families.length) }, () => randomPacket(values, family, random));
      });
      // Every file gets its share of what is left of the time.
      const now = performance.now();
      const until = now + Math.max(50, ((start + seconds * 1000 - now) / (paths.length - index)) * 12);
      const tally = compare(extraction, firewall, packets, name, until);
      packetCount += tally.packets;
      oracle += tally.oracle;
      both += tally.both;
      contradictions.push(...tally.contradictions);
      alone.push(...tally.alone.slice(0, 20));
      for (const [key, value] of tally.openByCondition) open.set(key, (open.get(key) ?? 0) + value);
      const share = tally.oracle === 0 ? '-' : `${((100 * tally.both) / tally.oracle).toFixed(1)} %`;
      lines.push(
        `${name}: ${tally.packets} packets, ${tally.oracle} sure, of those here ${share}; sure here alone ${tally.engineAlone}`,
      );
    });
    const share = (100 * both) / oracle;
    const most = [...open].sort((a, b) => b[1] - a[1]).slice(0, 40);
    if (process.env.FLOWGAP_VERBOSE)
      console.log([...lines, ...most.map(([key, value]) => `${value} ${key}`), ...alone].join('\n'));
    console.log(
      `iptables corpus, seed ${seed}: ${lines.length} dumps, ${packetCount} judgements, ${oracle} sure to the interpreter, ` +
        `${share.toFixed(2)} % of those sure here`,
    );
    expect(contradictions.slice(0, 20)).toEqual([]);
    expect(oracle).toBeGreaterThan(1000);
    expect(share).toBeGreaterThanOrEqual(95);
  });
});
