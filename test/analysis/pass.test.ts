/** The engine against the packet-by-packet interpreter, over every resolution of what is unknown. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, resolver } from '../../src/analysis/coins.js';
import { compile } from '../../src/analysis/compile.js';
import { type Evaluation, evaluate } from '../../src/analysis/evaluate.js';
import { NO_FACTS } from '../../src/analysis/facts.js';
import { type Budget, runPass, StepLimitError } from '../../src/analysis/pass.js';
import { buildSpaces } from '../../src/analysis/space.js';
import type { Device, Part, View } from '../../src/analysis/view.js';
import type { Firewall } from '../../src/model/firewall.js';
import { PHASE } from '../../src/model/match.js';
import { NO_ADDRESS } from '../../src/sets/address.js';
import { contains, EMPTY, type Intervals } from '../../src/sets/intervals.js';
import type { Box, Region } from '../../src/sets/region.js';
import { converse, type Fate, type Packet, resolutions, travel } from './interpreter.js';
import { type Mix, randomFirewall, SIDE } from './random-rules.js';

/** More resolutions of one packet than this are not walked. */
const ENOUGH = 3000;
const PATH = ['first', 'second'];
const TCP = 6;
const small: Intervals = [0, SIDE];
const FLOW: Box = [small, small, [TCP, TCP + 1], small, small];

const holds = (region: Region, point: readonly number[]): boolean =>
  region.some((box) => point.every((value, d) => contains(box[d] as Intervals, value)));
const timesHeld = (region: Region, point: readonly number[]): number =>
  region.filter((box) => point.every((value, d) => contains(box[d] as Intervals, value))).length;

const flowPoint = (p: Packet): readonly number[] => [p.source, p.destination, p.protocol, p.sourcePort, p.port];
const wholePoint = (p: Packet): readonly number[] => [...flowPoint(p), p.in, p.out, p.phase];

function packets(): Packet[] {
  const out: Packet[] = [];
  for (let bits = 0; bits < SIDE ** 6; bits++) {
    const digit = (place: number): number => Math.floor(bits / SIDE ** place) % SIDE;
    out.push({
      source: digit(0),
      destination: digit(1),
      protocol: TCP,
      sourcePort: digit(2),
      port: digit(3),
      in: digit(4),
      out: digit(5),
      phase: PHASE.first,
    });
  }
  return out;
}

const PACKETS = packets();

function passOf(firewall: Firewall, budget?: Budget) {
  const device = compile(firewall, buildSpaces([firewall], [])[4]);
  return runPass(
    device,
    PATH,
    [[...FLOW, small, small, [PHASE.first, PHASE.first + 1]]],
    resolver(NO_FACTS, DEFAULT_SETTINGS, new Map()),
    budget,
  );
}

test('a pass that looks at more rules than the budget allows is an error, never half an answer', () => {
  const [firewall] = fc.sample(randomFirewall({ unknown: false, conditions: 'none', tangled: false }), { numRuns: 1, seed: 1 });
  expect(() => passOf(firewall as Firewall, { steps: 1 })).toThrow(StepLimitError);
});

describe('one pass', () => {
  test('without unknowns: exactly what the interpreter says, for every packet', () => {
    const mix: Mix = { unknown: false, conditions: 'none', tangled: false };
    fc.assert(
      fc.property(randomFirewall(mix), (firewall) => {
        const result = passOf(firewall);
        for (const packet of PACKETS) {
          const [end] = resolutions((oracle) => travel(firewall, PATH, packet, oracle), 1) ?? [];
          if (!end) throw new Error('something was unknown');
          // A packet whose tracking was bypassed has another phase at its end; no phase but that one may be left.
          for (let phase = 0; phase < 8; phase++) {
            const point = wholePoint({ ...packet, phase });
            const here = phase === end.packet.phase;
            for (const fate of ['accept', 'deny'] as const) {
              const region = fate === 'accept' ? result.accepted : result.denied;
              if (timesHeld(region, point) !== (here && end.fate === fate ? 1 : 0)) expect.fail(`${fate}: ${point.join()}`);
            }
          }
        }
      }),
      { numRuns: 250 },
    );
  });

  test('with unknowns of every kind: holds whatever any resolution gives', () => {
    const mix: Mix = { unknown: true, conditions: 'any', tangled: true };
    let both = 0;
    fc.assert(
      fc.property(randomFirewall(mix), fc.integer({ min: 0, max: PACKETS.length - 1 }), (firewall, start) => {
        const result = passOf(firewall);
        for (let i = 0; i < 10; i++) {
          const packet = PACKETS[(start + i * 7) % PACKETS.length] as Packet;
          const ends = resolutions((oracle) => travel(firewall, PATH, packet, oracle), ENOUGH);
          if (!ends) continue;
          for (const end of ends) {
            const region = end.fate === 'accept' ? result.accepted : result.denied;
            if (!holds(region, wholePoint(end.packet))) expect.fail(`${end.fate} of ${JSON.stringify(packet)} is not foreseen`);
          }
          if (new Set(ends.map((end) => end.fate)).size === 2) both++;
        }
      }),
      { numRuns: 300 },
    );
    expect(both).toBeGreaterThan(100);
  });

  test('a condition only widens: the pass without it stays inside', () => {
    const mix: Mix = { unknown: true, conditions: 'any', tangled: true };
    fc.assert(
      fc.property(randomFirewall(mix), (firewall) => {
        const settled: Firewall = {
          ...firewall,
          lists: new Map(
            [...firewall.lists].map(([id, list]) => [
              id,
              {
                ...list,
                rules: list.rules.map((rule) => ({ ...rule, conditions: [], match: { lo: rule.match.hi, hi: rule.match.hi } })),
              },
            ]),
          ),
        };
        const [wide, narrow] = [passOf(firewall), passOf(settled)];
        for (const packet of PACKETS)
          for (const phase of [PHASE.first, PHASE.untrackedFirst]) {
            const point = wholePoint({ ...packet, phase });
            if (holds(narrow.accepted, point)) expect(holds(wide.accepted, point)).toBe(true);
            if (holds(narrow.denied, point)) expect(holds(wide.denied, point)).toBe(true);
          }
      }),
      { numRuns: 200 },
    );
  });
});

function evaluateOn(firewall: Firewall, links?: { in: Intervals; out: Intervals }): readonly Evaluation[] {
  const device: Device = { name: firewall.name, firewall, host: NO_ADDRESS, zones: new Map() };
  const compiled = compile(firewall, buildSpaces([firewall], [])[4]);
  const entry = firewall.entries.in;
  if (!entry) throw new Error('no entry');
  const part: Part = {
    direction: 'in',
    entry: { ...entry, in: links ? links.in : EMPTY, out: links ? links.out : EMPTY },
    flow: [FLOW],
    in: links?.in ?? [0, 1],
    out: links?.out ?? [0, 1],
    from: 'host',
    doubtful: false,
  };
  const view: View = { device, parts: [part], discarded: [], unread: [] };
  return evaluate([{ view, device: compiled }], { facts: NO_FACTS, settings: DEFAULT_SETTINGS, firstPacket: false });
}

type Told = 'permitted' | 'blocked' | 'open';
const told = (evaluation: Evaluation, packet: Packet): Told =>
  holds(evaluation.denied, flowPoint(packet)) ? 'blocked' : holds(evaluation.open, flowPoint(packet)) ? 'open' : 'permitted';
const truth = (fates: readonly Fate[]): Told =>
  fates.every((fate) => fate === 'accept') ? 'permitted' : fates.every((fate) => fate === 'deny') ? 'blocked' : 'open';

const FIXED = PACKETS.filter((packet) => packet.in === 0 && packet.out === 0);

describe('worlds of shared conditions', () => {
  test('exact where coins are all that is unknown: gates and extents, yes or no and valued, shared by rules', () => {
    const mix: Mix = { unknown: false, conditions: 'coins', tangled: false };
    const seen = { permitted: 0, blocked: 0, open: 0 };
    fc.assert(
      fc.property(randomFirewall(mix), (firewall) => {
        const [evaluation, ...more] = evaluateOn(firewall);
        expect(more).toEqual([]);
        for (const packet of FIXED) {
          const fates = resolutions((oracle) => travel(firewall, PATH, packet, oracle).fate, ENOUGH);
          if (!fates || !evaluation) throw new Error('too many');
          const wanted = truth(fates);
          expect(told(evaluation, packet)).toBe(wanted);
          seen[wanted]++;
        }
      }),
      { numRuns: 400 },
    );
    expect(Math.min(seen.permitted, seen.blocked, seen.open)).toBeGreaterThan(100);
  });

  test('never a definite verdict that some resolution contradicts', () => {
    const mix: Mix = { unknown: true, conditions: 'any', tangled: true };
    fc.assert(
      fc.property(randomFirewall(mix), (firewall) => {
        const [evaluation] = evaluateOn(firewall);
        for (const packet of FIXED) {
          const fates = resolutions((oracle) => travel(firewall, PATH, packet, oracle).fate, ENOUGH);
          if (!fates || !evaluation) continue;
          const found = told(evaluation, packet);
          if (found !== 'open') expect(truth(fates)).toBe(found);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('unknown links: each class is judged by itself', () => {
    const mix: Mix = { unknown: false, conditions: 'none', tangled: false };
    fc.assert(
      fc.property(randomFirewall(mix), (firewall) => {
        const evaluations = evaluateOn(firewall, { in: small, out: small });
        for (const packet of PACKETS) {
          const [fate] = resolutions((oracle) => travel(firewall, PATH, packet, oracle).fate, 1) ?? [];
          const of = evaluations.filter(({ assignment }) =>
            [...assignment].every(([variable, links]) =>
              contains(links, variable.includes('\u0000in\u0000') ? packet.in : packet.out),
            ),
          );
          expect(of).toHaveLength(1);
          expect(told(of[0] as Evaluation, packet)).toBe(fate === 'accept' ? 'permitted' : 'blocked');
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('answers judged by the rules', () => {
  const stateful = (firewall: Firewall): Firewall => ({
    ...firewall,
    repliesByRules: true,
    entries: {
      in: { stages: { 4: ['first'] }, in: EMPTY, out: EMPTY },
      out: { stages: { 4: ['second'] }, in: EMPTY, out: EMPTY },
    },
  });
  const fatesOf = (firewall: Firewall, packet: Packet): Fate[] | undefined =>
    resolutions((oracle) => converse(firewall, ['first'], ['second'], packet, oracle), ENOUGH);

  test('without unknowns: request, answer and later packets, exactly', () => {
    const seen = { permitted: 0, blocked: 0, open: 0 };
    fc.assert(
      fc.property(randomFirewall({ unknown: false, conditions: 'none', tangled: false }), (random) => {
        const firewall = stateful(random);
        const [evaluation] = evaluateOn(firewall);
        for (const packet of FIXED) {
          const wanted = truth(fatesOf(firewall, packet) ?? []);
          expect(told(evaluation as Evaluation, packet)).toBe(wanted);
          seen[wanted]++;
        }
      }),
      { numRuns: 250 },
    );
    expect(Math.min(seen.permitted, seen.blocked)).toBeGreaterThan(100);
  });

  test('with unknowns: never a definite verdict that some resolution contradicts', () => {
    fc.assert(
      fc.property(randomFirewall({ unknown: true, conditions: 'any', tangled: true }), (random) => {
        const firewall = stateful(random);
        const [evaluation] = evaluateOn(firewall);
        for (const packet of FIXED) {
          const fates = fatesOf(firewall, packet);
          if (!fates || !evaluation) continue;
          const found = told(evaluation, packet);
          if (found !== 'open') expect(truth(fates)).toBe(found);
        }
      }),
      { numRuns: 250 },
    );
  });
});
