/**
 * The engine against the kernel: random rule sets are loaded, packets on their boundaries sent through, and every
 * definite verdict must be what happened. Needs root and the tools; FLOWGAP_KERNEL_PACKETS asks for more packets.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extract } from '../../parsers/iptables/extract.js';
import { iptables } from '../../parsers/iptables/index.js';
import type { Extraction } from '../../parsers/iptables/records.js';
import type { Family } from '../../src/sets/address.js';
import { interpret } from '../oracle/iptables.js';
import { randomFrom, randomPacket, valuesOf } from '../oracle/iptables-boundary.js';
import { corpusPaths, type Dump, loadDump } from '../oracle/iptables-corpus.js';
import { engineFor, sourceOf } from '../oracle/iptables-engine.js';
import { type Packet, PORTS, readAddress, writeAddress } from '../oracle/iptables-packet.js';
import { dumpOf, INTERFACES, type RandomRules, randomRules, randomRulesWithSets, smaller } from '../oracle/iptables-random.js';
import { type IpSets, readSets } from '../oracle/iptables-set-match.js';
import { SETS } from '../oracle/iptables-sets.js';
import { type Backend, type Fate, Kernel, whyNot } from './namespace.js';

const reason = whyNot();
if (reason !== undefined) console.warn(`kernel tests skipped: ${reason}`);

const PACKETS = Number(process.env.FLOWGAP_KERNEL_PACKETS ?? 3000);
/** From here on chance leaves no test, target or negation out. */
const MANY = 100_000;
/** What is true wherever it is reached: targets, calls, policies, and modules without a test. */
const ALWAYS = /^(?:-j |policy |jump|goto|comment|tcp$|udp$)/;
const PER_SET = 75;
/** Packets for each dump of the corpus. */
const PER_DUMP = Math.max(30, Math.round(PACKETS / 100));
const SEED = Number(process.env.FLOWGAP_SEED ?? 1);

/** Packets that routing would not take: sources and destinations that are special to the kernel itself. */
function routable({ family, source, destination, protocol, direction }: Packet): boolean {
  const usual = (address: bigint): boolean => {
    if (family === 6) return address >> 125n === 1n || address >> 121n === 0x7en;
    const first = Number(address >> 24n);
    return first > 0 && first !== 127 && first < 224;
  };
  const kernelsOwn =
    protocol === 0 ||
    (PORTS.has(protocol) && protocol !== 6 && protocol !== 17) ||
    [43, 44, 50, 51, 59, 60, 135].includes(protocol);
  // Sent by the host itself its checksum is not looked at, so that its type decides after all; nobody sends such packets.
  const strange = direction === 'out' && family === 4 && protocol === 58;
  return usual(source) && usual(destination) && !kernelsOwn && !strange && !(direction === 'out' && protocol === 255);
}

function packetsFor(extraction: Extraction, family: Family, seed: number, count: number): readonly Packet[] {
  const random = randomFrom(seed);
  const values = { ...valuesOf(extraction, family), interfaces: INTERFACES };
  const packets: Packet[] = [];
  while (packets.length < count) {
    const packet = randomPacket(values, family, random);
    if (routable(packet)) packets.push(packet);
  }
  return packets;
}

/** Tests of address types ask for the kernel's own addresses: packets to and from it then carry these. */
function withOwnAddresses(packet: Packet): Packet {
  const own = readAddress(packet.family === 4 ? '203.0.113.1' : '2001:db8:ffff::1', packet.family) ?? 0n;
  if (packet.direction === 'in') return { ...packet, destination: own };
  return packet.direction === 'out' ? { ...packet, source: own } : packet;
}

const describePacket = (p: Packet): string =>
  `${p.direction} ${p.in || '-'}>${p.out || '-'} protocol ${p.protocol} ${writeAddress(p.source, p.family)}:${p.sourcePort} -> ` +
  `${writeAddress(p.destination, p.family)}:${p.port}`;

interface Outcome {
  readonly packet: Packet;
  readonly fate: Fate;
  readonly engine: string;
  readonly oracle: string;
}

const READ_SETS = readSets(SETS);

class Judge {
  readonly notes = new Map<string, [yes: number, no: number]>();
  readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** What the tool says against the rules, or what became of the packets. */
  judge(rules: RandomRules, packets: readonly Packet[], backend: Backend): readonly Outcome[] | string {
    const text = dumpOf(rules);
    const source = sourceOf('random.rules', text);
    const form = rules.family === 4 ? 'iptables-save' : 'ip6tables-save';
    const [firewall] = iptables.parse([{ source, form }], { ipsets: [sourceOf('sets', SETS)] });
    if (!firewall) throw new Error('no firewall');
    return this.dump({ text, firewall, extraction: extract(source, rules.family) }, rules.family, packets, backend, READ_SETS);
  }

  dump(
    dump: Omit<Dump, 'name'>,
    family: Family,
    packets: readonly Packet[],
    backend: Backend,
    sets: IpSets = new Map(),
  ): readonly Outcome[] | string {
    const refused = this.kernel.load(dump.text, family, backend);
    if (refused !== undefined) return refused;
    const fates = this.kernel.send(packets, family);
    const engine = engineFor(dump.firewall, packets);
    const note = (what: string, truth: boolean): void => {
      const counts = this.notes.get(what) ?? [0, 0];
      this.notes.set(what, counts);
      counts[truth ? 0 : 1]++;
    };
    return packets.map((packet, i) => ({
      packet,
      fate: fates[i] as Fate,
      engine: engine(packet, 'first').verdict,
      oracle: interpret(dump.extraction, packet, 'first', note, sets).outcome,
    }));
  }
}

const isWrong = ({ fate, engine, oracle }: Outcome): boolean =>
  engine === (fate.passed ? 'blocked' : 'permitted') || oracle === (fate.passed ? 'drop' : 'accept');

/** A small rule set on which the packet still goes wrong. */
function shrink(judge: Judge, rules: RandomRules, packet: Packet, backend: Backend): RandomRules {
  let best = rules;
  for (let tries = 0, found = true; found && tries < 400; ) {
    found = false;
    for (const candidate of smaller(best)) {
      if (++tries > 400) break;
      const outcome = judge.judge(candidate, [packet], backend);
      if (typeof outcome === 'string' || !outcome.some(isWrong)) continue;
      best = candidate;
      found = true;
      break;
    }
  }
  return best;
}

describe.skipIf(reason !== undefined)('the kernel judges', () => {
  let kernel: Kernel | undefined;
  beforeAll(() => {
    kernel = new Kernel();
  });
  afterAll(() => kernel?.close());

  it('agrees with the kernel on random rule sets', { timeout: 60_000 + PACKETS * 60 }, () => {
    if (!kernel) throw new Error('no kernel');
    const judge = new Judge(kernel);
    const sets = fc.sample(fc.oneof(randomRules, randomRulesWithSets), { seed: SEED, numRuns: Math.ceil(PACKETS / PER_SET) });
    const counts = { passed: 0, dropped: 0, lost: 0, definite: 0, refused: 0 };
    sets.forEach((rules, i) => {
      // The nft tool refuses the negation of everything, which the legacy one loads.
      const backend: Backend = i % 3 === 2 && !/! -[sd] \S+\/0 /.test(dumpOf(rules)) ? 'nft' : 'legacy';
      const extraction = extract(sourceOf('random.rules', dumpOf(rules)), rules.family);
      const packets = packetsFor(extraction, rules.family, SEED + i, PER_SET);
      const outcomes = judge.judge(rules, packets, backend);
      if (typeof outcomes === 'string') {
        counts.refused++;
        if (process.env.FLOWGAP_VERBOSE) console.log(`${backend}: ${outcomes}\n${dumpOf(rules)}`);
        return;
      }
      for (const outcome of outcomes) {
        if (!outcome.fate.came) counts.lost++;
        else counts[outcome.fate.passed ? 'passed' : 'dropped']++;
        if (outcome.engine === 'permitted' || outcome.engine === 'blocked') counts.definite++;
      }
      const wrong = outcomes.find((outcome) => outcome.fate.came && isWrong(outcome));
      if (!wrong) return;
      const small = shrink(judge, rules, wrong.packet, backend);
      expect.fail(
        `seed ${SEED}, set ${i}, ${backend}: ${describePacket(wrong.packet)}: kernel ${wrong.fate.passed ? 'passed' : 'dropped'}, ` +
          `engine ${wrong.engine}, interpreter ${wrong.oracle}\n${dumpOf(small)}`,
      );
    });
    const total = counts.passed + counts.dropped;
    console.log(
      `kernel, seed ${SEED}: ${sets.length} rule sets (${counts.refused} refused), ${total} packets, ${counts.passed} passed, ` +
        `${counts.dropped} dropped, ${counts.lost} lost, ${((100 * counts.definite) / (total + counts.lost)).toFixed(2)} % definite`,
    );
    const table = [...judge.notes].sort(([a], [b]) => (a < b ? -1 : 1));
    if (PACKETS >= MANY || process.env.FLOWGAP_VERBOSE)
      console.log(table.map(([what, [yes, no]]) => `${what}: ${yes} yes, ${no} no`).join('\n'));
    const oneSided = table.filter(([what, [yes, no]]) => yes === 0 || (no === 0 && !ALWAYS.test(what)));
    if (PACKETS >= MANY) expect(oneSided.map(([what]) => what)).toEqual([]);
    expect(counts.lost).toBeLessThan(total * 0.01);
    expect(counts.refused).toBeLessThan(sets.length * 0.1);
    expect(Math.min(counts.passed, counts.dropped)).toBeGreaterThan(total * (PACKETS >= MANY ? 0.2 : 0.05));
    expect(counts.definite).toBeGreaterThan(total * 0.95);
  });

  it('agrees with the kernel on the dumps of the corpus that it loads', { timeout: 60_000 + PACKETS * 60 }, () => {
    if (!kernel) throw new Error('no kernel');
    const judge = new Judge(kernel);
    const counts = { dumps: 0, packets: 0, passed: 0, definite: 0 };
    const wrong: string[] = [];
    corpusPaths().forEach((path, i) => {
      const dump = loadDump(path);
      const families = new Set(dump?.extraction.tables.map((table) => table.family));
      const [family] = families;
      if (!dump || family === undefined || families.size > 1) return;
      const asksForOwn = /addrtype|-j (?:REDIRECT|DNAT|DOCKER)/.test(dump.text);
      const packets = packetsFor(dump.extraction, family, SEED + i, PER_DUMP).map((p) => (asksForOwn ? withOwnAddresses(p) : p));
      const outcomes = judge.dump(dump, family, packets, 'legacy');
      if (typeof outcomes === 'string') {
        if (process.env.FLOWGAP_VERBOSE) console.log(`${dump.name}: not loaded: ${outcomes.split('\n')[0]}`);
        return;
      }
      counts.dumps++;
      for (const outcome of outcomes.filter(({ fate }) => fate.came)) {
        counts.packets++;
        if (outcome.fate.passed) counts.passed++;
        if (outcome.engine === 'permitted' || outcome.engine === 'blocked') counts.definite++;
        if (isWrong(outcome))
          wrong.push(
            `${dump.name}: ${describePacket(outcome.packet)}: kernel ${outcome.fate.passed ? 'passed' : 'dropped'}, ` +
              `engine ${outcome.engine}, interpreter ${outcome.oracle}`,
          );
      }
    });
    console.log(
      `kernel, corpus, seed ${SEED}: ${counts.dumps} dumps, ${counts.packets} packets, ${counts.passed} passed, ` +
        `${((100 * counts.definite) / counts.packets).toFixed(2)} % definite`,
    );
    expect(wrong.slice(0, 30)).toEqual([]);
  });
});
