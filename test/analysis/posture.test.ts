import { describe, expect, it } from 'vitest';
import { postureOf } from '../../src/analysis/posture.js';
import type { Rule } from '../../src/model/firewall.js';
import { gate, host, list, ROUTES, routed, router, rule } from './hand-made.js';

const PROFILES = { kind: 'profile' as const, names: ['Domain', 'Private', 'Public'] };
const inForce = { in: [0, 2], out: [0, 2] };

/** A host whose profiles Domain and Private may be in force. */
const windows = (...rules: readonly Rule[]) => {
  const plain = host(list('in', 'drop', ...rules), list('out', 'accept'), { links: PROFILES });
  const entry = { stages: { 4: ['in'], 6: ['in'] }, ...inForce };
  return { ...plain, entries: { ...plain.entries, in: entry } };
};
const codes = (firewall: Parameters<typeof postureOf>[0]): readonly string[] => postureOf(firewall).map(({ code }) => code);

describe('a Windows host', () => {
  it.each([
    ['off', 'filter-off'],
    ['default', 'inbound-default-allow'],
    ['user', 'any-any'],
  ] as const)('one open profile that may be in force is critical (%s)', (origin, code) => {
    expect(codes(windows(rule('1', 'accept', { in: 1 }, { origin })))).toEqual([code]);
    expect(codes(windows(rule('1', 'accept', { in: 2 }, { origin })))).toEqual([]);
    expect(codes(windows(rule('1', 'accept', { in: 1 }, { origin, conditions: [gate('policy')] })))).toEqual([]);
  });
});

describe('a network firewall', () => {
  it('a rule of the user for everything is critical on one interface, one for a service is not', () => {
    expect(codes(routed(rule('1', 'accept', { in: 0 })))).toEqual(['any-any']);
    expect(codes(routed(rule('1', 'accept', { in: 0, tcp: 443 })))).toEqual([]);
  });

  it('a default between some links is none, one for every packet is', () => {
    const within = router([list('forward', 'drop', rule('1', 'accept', { in: 0, out: 0 }, { origin: 'default' }))], {
      routes: ROUTES,
    });
    expect(codes(within)).toEqual([]);
    expect(codes(router([list('forward', 'accept')], { routes: ROUTES }))).toEqual(['inbound-default-allow']);
  });
});
