/** The first-match list decides like pf's own walk: last match wins, quick stops. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstMatchOrder } from '../../../parsers/pfsense/pf-order.js';

interface Toy {
  readonly quick: boolean;
  readonly action: 'pass' | 'block';
  /** Packets 0..7 that it matches. */
  readonly matches: readonly number[];
}

const toy: fc.Arbitrary<Toy> = fc.record({
  quick: fc.boolean(),
  action: fc.constantFrom('pass', 'block'),
  matches: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7]),
});

/** pf.conf(5): "For each packet processed by the packet filter, the filter rules are evaluated in sequential order, from first to last. The last matching rule decides"; `quick` ends it. */
function walk(rules: readonly Toy[], packet: number): Toy | undefined {
  let last: Toy | undefined;
  for (const rule of rules) {
    if (!rule.matches.includes(packet)) continue;
    last = rule;
    if (rule.quick) break;
  }
  return last;
}

describe('firstMatchOrder', () => {
  it('decides every packet by the rule that the walk ends with', () => {
    fc.assert(
      fc.property(fc.array(toy, { maxLength: 12 }), (rules) => {
        const list = firstMatchOrder(rules);
        for (let packet = 0; packet < 8; packet++)
          expect(list.find((rule) => rule.matches.includes(packet))).toBe(walk(rules, packet));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps every rule once', () => {
    fc.assert(
      fc.property(fc.array(toy), (rules) => {
        expect(new Set(firstMatchOrder(rules))).toEqual(new Set(rules));
      }),
    );
  });
});
