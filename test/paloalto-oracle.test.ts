/** PAN-OS exports through the reader and the set engine, against an interpreter that walks the records. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { XML_FORM } from '../parsers/paloalto/forms.js';
import { configsOf, extract, type PanConfig, paloalto, type VsysRecord } from '../parsers/paloalto/index.js';
import type { Firewall } from '../src/model/firewall.js';
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

interface Tally {
  judged: number;
  /** Definite here, and in both. */
  definite: number;
  both: number;
  /** Open here, definite in the engine. */
  bold: number;
}

const lies: string[] = [];
const bolds: string[] = [];
const losses: string[] = [];

function compare(subject: Subject, packets: readonly PanPacket[], tally: Tally, where: string): void {
  const verdicts = judgePackets(subject.firewall, packets);
  for (const [i, packet] of packets.entries()) {
    const answer = interpret(subject.config, subject.vsys, packet);
    const verdict = verdicts[i] ?? '';
    if (answer.outcome === 'none') continue;
    tally.judged++;
    const engine = verdict === 'permitted' ? 'accept' : verdict === 'blocked' ? 'drop' : undefined;
    const text = () => `${where}: ${tell(packet)}: here ${answer.outcome} (${[...answer.open].join('; ')}), engine ${verdict}`;
    if (answer.outcome === 'unknown') {
      if (engine) {
        tally.bold++;
        bolds.push(text());
      }
      continue;
    }
    tally.definite++;
    if (engine === answer.outcome) tally.both++;
    else if (engine) lies.push(text());
    else losses.push(text());
  }
}

const percent = (tally: Tally): string => `${((100 * tally.both) / Math.max(1, tally.definite)).toFixed(1)} %`;

describe('random PAN-OS configurations, packet by packet', () => {
  it('agrees with the walk over the records', () => {
    const tally: Tally = { judged: 0, definite: 0, both: 0, bold: 0 };
    let count = 0;
    fc.assert(
      fc.property(randomConfig, fc.integer(), (xml, seed) => {
        const { source } = decode(`random-${count++}.xml`, Buffer.from(xml));
        const [subject] = subjectsOf(source);
        if (!subject) throw new Error('no virtual system');
        const below = random(seed);
        const edges = edgesOf(subject.config, subject.vsys);
        const packets = Array.from({ length: 60 }, () => packetOn(edges, below));
        const before = lies.length + bolds.length;
        compare(subject, packets, tally, source.name);
        if (lies.length + bolds.length > before) writeFileSync(`/tmp/pan-${source.name}`, xml.replace(/></g, '>\n<'));
      }),
      { numRuns: Number(process.env.RUNS ?? 60), seed: Number(process.env.SEED ?? 7) },
    );
    const lossy = losses.filter((_, i) => i % Math.ceil(losses.length / 40) === 0);
    console.log(
      [
        `${JSON.stringify(tally)} ${percent(tally)}`,
        `lies ${lies.length}`,
        ...lies.slice(0, 30),
        `bolds ${bolds.length}`,
        ...bolds.slice(0, 60),
        `losses ${losses.length}`,
        ...lossy,
      ].join('\n'),
    );
    expect(lies).toEqual([]);
  });
});

describe.skipIf(!existsSync(corpus))('PAN-OS exports of the corpus, packet by packet (set FLOWGAP_CORPUS)', () => {
  const files = ['xml-firewall', 'xml-generated'].flatMap((folder) => {
    const path = join(corpus, folder);
    return existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];
  });
  const lines: string[] = [];
  const sum: Tally = { judged: 0, definite: 0, both: 0, bold: 0 };
  it.each(files)('%s', (path) => {
    const { source } = decode(path, readFileSync(path));
    const started = performance.now();
    for (const [i, subject] of subjectsOf(source).entries()) {
      const tally: Tally = { judged: 0, definite: 0, both: 0, bold: 0 };
      const below = random(i + 1);
      const edges = edgesOf(subject.config, subject.vsys);
      const packets = Array.from({ length: 300 }, () => packetOn(edges, below));
      compare(subject, packets, tally, path.slice(corpus.length + 1));
      for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += tally[key];
      lines.push(
        `${path.slice(corpus.length + 1)} ${subject.vsys.name}: ${tally.judged} packets, ${tally.definite} definite, ${percent(tally)} of them in the engine; ${tally.bold} bold; ${(performance.now() - started).toFixed(0)} ms`,
      );
    }
  });
  it('sums up', () => {
    console.log(
      [
        ...lines,
        `all: ${JSON.stringify(sum)} ${percent(sum)}`,
        `lies ${lies.length}`,
        ...lies.slice(0, 30),
        `bold ${bolds.length}`,
        ...bolds.slice(0, 40),
        `losses ${losses.length}`,
        ...losses.filter((_, i) => i % Math.ceil(losses.length / 30) === 0),
      ].join('\n'),
    );
    expect(lies).toEqual([]);
  });
});
