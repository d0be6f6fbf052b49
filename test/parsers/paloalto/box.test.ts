import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { subtractMatch } from '../../../parsers/paloalto/box.js';
import type { MatchBox } from '../../../src/model/match.js';
import { type Intervals, only } from '../../../src/sets/intervals.js';

const LINKS = 3;
const point = fc.record({
  source: fc.integer({ min: 0, max: 5 }),
  destination: fc.integer({ min: 0, max: 5 }),
  in: fc.integer({ min: 0, max: LINKS - 1 }),
  out: fc.integer({ min: 0, max: LINKS - 1 }),
  protocol: fc.constantFrom(1, 6, 17),
  port: fc.integer({ min: 0, max: 5 }),
});
type Point = typeof point extends fc.Arbitrary<infer T> ? T : never;

const span = (max: number): fc.Arbitrary<Intervals> =>
  fc.tuple(fc.integer({ min: 0, max }), fc.integer({ min: 1, max: 3 })).map(([first, size]) => [first, first + size]);
const addresses = span(4).map((v4) => ({ v4, v6: [] }));
const portless: fc.Arbitrary<MatchBox> = fc.record(
  { source: addresses, destination: addresses, in: span(LINKS - 1), out: span(LINKS - 1) },
  { requiredKeys: [] },
);
const box: fc.Arbitrary<MatchBox> = fc
  .tuple(portless, fc.option(fc.record({ protocols: fc.constantFrom(only(6), [6, 7, 17, 18]), ports: span(4) })))
  .map(([rest, service]) => ({ ...rest, ...(service ?? {}) }));

const holds = (set: Intervals | undefined, value: number): boolean =>
  !set || set.some((first, i) => i % 2 === 0 && value >= first && value < (set[i + 1] ?? 0));
const inside = (one: MatchBox, at: Point): boolean =>
  holds(one.source?.v4, at.source) &&
  holds(one.destination?.v4, at.destination) &&
  holds(one.in, at.in) &&
  holds(one.out, at.out) &&
  holds(one.protocols, at.protocol) &&
  holds(one.sourcePorts, 1000) &&
  holds(one.ports, at.port);

describe('difference of match boxes', () => {
  it('holds what is in one and in none of the others', () => {
    fc.assert(
      fc.property(fc.array(box, { maxLength: 3 }), fc.array(box, { maxLength: 2 }), fc.array(point), (all, minus, points) => {
        const left = subtractMatch(all, minus, LINKS);
        for (const at of points) {
          const expected = all.some((one) => inside(one, at)) && !minus.some((one) => inside(one, at));
          expect(left.some((one) => inside(one, at))).toBe(expected);
        }
      }),
      { numRuns: 300 },
    );
  });
  it('stops cutting before there are too many pieces, and keeps the whole', () => {
    const minus = Array.from(
      { length: 200 },
      (_, i): MatchBox => ({ source: { v4: [2 * i, 2 * i + 1], v6: [] }, protocols: only(i) }),
    );
    const left = subtractMatch([{}], minus, LINKS);
    expect(left.length).toBeLessThanOrEqual(64);
    expect(left.some((one) => holds(one.source?.v4, 399) && holds(one.protocols, 6))).toBe(true);
  });
});
