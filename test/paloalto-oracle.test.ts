/** PAN-OS exports through the reader and the set engine, against an interpreter that walks the records. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { APPLICATIONS } from '../parsers/paloalto/applications.js';
import { XML_FORM } from '../parsers/paloalto/forms.js';
import { configsOf, extract, type PanConfig, paloalto, type VsysRecord } from '../parsers/paloalto/index.js';
import type { Firewall } from '../src/model/firewall.js';
import { contains } from '../src/sets/intervals.js';
import { decode } from '../src/source/decode.js';
import type { Source } from '../src/source/span.js';
import { interpret, type PanPacket } from './oracle/paloalto.js';
import { judgePackets, tell } from './oracle/paloalto-judge.js';
import { edgesOf, packetOn, random } from './oracle/paloalto-packets.js';
import { randomConfig } from './oracle/paloalto-random.js';

const corpus = join(process.env.FLOWGAP_CORPUS ?? '../shared/corpus', 'paloalto');

interface Subject {
  readonly config: PanConfig;
  readonly vsys: VsysRecord;
  readonly firewall: Firewall;
}

/** Each virtual system with the firewall that the reader makes of it. */
function subjectsOf(source: Source): readonly Subject[] {
  const records = configsOf(source).map((element) => extract(element, source));
  const pairs = records.flatMap((config) => config.vsys.map((vsys) => ({ config, vsys })));
  const firewalls = paloalto.parse([{ source, form: XML_FORM }], {});
  expect(firewalls).toHaveLength(pairs.length);
  return pairs.map((pair, i) => ({ ...pair, firewall: firewalls[i] as Firewall }));
}

/** How the engine compares with the walk, over many packets. */
class Tally {
  judged = 0;
  /** The walk knows the end. */
  definite = 0;
  accepted = 0;
  /** And the engine says the same. */
  agreed = 0;
  /** The engine says the opposite. */
  readonly wrong: string[] = [];
  /** The engine is sure of what the walk finds open: as wrong, unless the walk overlooks that two open facts are one. */
  readonly bold: string[] = [];

  add(other: Tally): void {
    this.judged += other.judged;
    this.definite += other.definite;
    this.accepted += other.accepted;
    this.agreed += other.agreed;
    this.wrong.push(...other.wrong);
    this.bold.push(...other.bold);
  }

  get share(): number {
    return this.definite === 0 ? 1 : this.agreed / this.definite;
  }

  toString(): string {
    const percent = (100 * this.share).toFixed(1);
    return `${this.judged} packets, ${this.definite} definite (${this.accepted} accepted), ${percent} % of them in the engine`;
  }

  compare(subject: Subject, packets: readonly PanPacket[], where: string): void {
    const verdicts = judgePackets(subject.firewall, packets);
    for (const [i, packet] of packets.entries()) {
      const { outcome, open } = interpret(subject.config, subject.vsys, packet);
      if (outcome === 'none') continue;
      this.judged++;
      const verdict = verdicts[i] ?? 'unknown';
      const engine = verdict === 'permitted' ? 'accept' : verdict === 'blocked' ? 'drop' : undefined;
      const text = `${where}: ${tell(packet)}: ${outcome} (${[...open].join('; ')}), the engine says ${verdict}`;
      if (outcome === 'unknown') {
        if (engine) this.bold.push(text);
        continue;
      }
      this.definite++;
      if (outcome === 'accept') this.accepted++;
      if (engine === outcome) this.agreed++;
      else if (engine) this.wrong.push(text);
    }
  }
}

function judged(source: Source, count: number, seed: number): Tally {
  const tally = new Tally();
  for (const subject of subjectsOf(source)) {
    const below = random(seed);
    const edges = edgesOf(subject.config, subject.vsys);
    const packets = Array.from({ length: count }, () => packetOn(edges, below));
    tally.compare(subject, packets, `${source.name} ${subject.vsys.name}`);
  }
  return tally;
}

describe('random PAN-OS configurations, packet by packet', () => {
  it('agrees with the walk over the records', () => {
    const sum = new Tally();
    fc.assert(
      fc.property(randomConfig, fc.integer(), (xml, seed) => {
        const { source } = decode('random.xml', Buffer.from(xml));
        const tally = judged(source, 60, seed);
        sum.add(tally);
        expect(tally.wrong).toEqual([]);
        expect(tally.bold).toEqual([]);
      }),
      { numRuns: Number(process.env.FLOWGAP_ORACLE_RUNS ?? 80), seed: Number(process.env.FLOWGAP_SEED ?? 7), endOnFailure: true },
    );
    expect(sum.share).toBeGreaterThan(0.98);
    // Otherwise the packets would say little.
    expect(sum.definite / sum.judged).toBeGreaterThan(0.5);
    expect(sum.accepted / sum.definite).toBeGreaterThan(0.1);
  }, 60_000);
});

describe.skipIf(!existsSync(corpus))('PAN-OS exports of the corpus, packet by packet (set FLOWGAP_CORPUS)', () => {
  const files = ['xml-firewall', 'xml-generated'].flatMap((folder) => {
    const path = join(corpus, folder);
    return existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];
  });
  const lines: string[] = [];
  const sum = new Tally();
  afterAll(() => {
    if (lines.length > 0) console.log([...lines, `all: ${sum}`].join('\n'));
  });

  it.each(files)('%s', (path) => {
    const { source } = decode(path.slice(corpus.length + 1), readFileSync(path));
    const tally = judged(source, 300, 1);
    sum.add(tally);
    lines.push(`${source.name}: ${tally}`);
    expect(tally.wrong).toEqual([]);
    expect(tally.bold).toEqual([]);
    expect(tally.share).toBeGreaterThan(0.95);
  });

  it('the engine decides nearly all that the walk decides', () => {
    expect(sum.share).toBeGreaterThan(0.98);
  });

  it('default ports are those of the published list', () => {
    const text = readFileSync(join(corpus, 'reference', 'appid-list-default-ports.csv'), 'utf8');
    const different: string[] = [];
    for (const line of text.split('\n').slice(1)) {
      const cells = line.match(/("[^"]*"|[^,]*)(?:,|$)/g)?.map((cell) => cell.replace(/,$/, '').replaceAll('"', '')) ?? [];
      const facts = APPLICATIONS.get(cells[0] ?? '');
      const listed = (cells[14] ?? '').trim();
      if (!facts || facts.header || listed === '') continue;
      const holds = (protocol: number, port: number): boolean =>
        facts.defaults.some((box) => contains(box.protocols ?? [0, 256], protocol) && (!box.ports || contains(box.ports, port)));
      const wanted = new Map<number, (port: number) => boolean>();
      for (const part of listed.split('|')) {
        const [name = '', ports = ''] = part.split('/');
        const protocol = { tcp: 6, udp: 17 }[name.trim()];
        if (protocol === undefined) continue;
        const before = wanted.get(protocol);
        const ranges = ports.split(',').map((one) => one.trim().split('-').map(Number));
        const here = (port: number): boolean =>
          ports.includes('dynamic') || ranges.some(([first = -1, last = first]) => port >= first && port <= last);
        wanted.set(protocol, (port) => before?.(port) === true || here(port));
      }
      for (const protocol of [6, 17])
        for (let port = 0; port <= 65535; port++)
          if (holds(protocol, port) !== (wanted.get(protocol)?.(port) ?? false)) {
            different.push(`${cells[0]} ${protocol}/${port}`);
            break;
          }
    }
    expect(different).toEqual([]);
  });
});
