import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { presentRegion } from '../../src/analysis/present.js';
import { buildSpaces } from '../../src/analysis/space.js';
import { parseAddresses } from '../../src/audit/flow-text.js';
import { type Demand, packetsOf } from '../../src/audit/packets.js';
import { contains, type Intervals, only, range } from '../../src/sets/intervals.js';
import { parseIpv4 } from '../../src/sets/ip.js';
import type { Region } from '../../src/sets/region.js';

const place = { file: 'x', line: 1 };
const addresses = (text: string) => parseAddresses(text, 'the address', place);

function demanded(demand: Partial<Demand>) {
  const whole: Demand = {
    source: addresses('10.0.0.1'),
    destination: addresses('10.0.0.2'),
    services: [{ protocols: [6], ports: only(443) }],
    expect: 'allow',
    ...demand,
  };
  const spaces = buildSpaces([], [whole.source, whole.destination]);
  return { packets: packetsOf(whole, spaces), spaces };
}

const isEmpty = (packets: Readonly<Record<4 | 6, Region>>): boolean => packets[4].length + packets[6].length === 0;

const times = (region: Region, point: readonly number[]): number =>
  region.filter((box) => point.every((value, d) => contains(box[d] as Intervals, value))).length;

const ONE = parseIpv4('10.0.0.1') as number;
const TWO = parseIpv4('10.0.0.2') as number;

describe('ports that a flow demands', () => {
  test('unstated source ports are those of clients; of a prohibition all', () => {
    const allow = demanded({}).packets[4];
    expect(times(allow, [ONE, TWO, 6, 1024, 443])).toBe(1);
    expect(times(allow, [ONE, TWO, 6, 1023, 443])).toBe(0);
    expect(times(allow, [ONE, TWO, 6, 65535, 443])).toBe(1);
    expect(times(allow, [ONE, TWO, 17, 1024, 443])).toBe(0);
    expect(times(demanded({ expect: 'deny' }).packets[4], [ONE, TWO, 6, 0, 443])).toBe(1);
    const stated = demanded({ services: [{ protocols: [17], ports: only(67), sourcePorts: only(68) }] }).packets[4];
    expect([68, 69].map((port) => times(stated, [ONE, TWO, 17, port, 67]))).toEqual([1, 0]);
  });

  test('no ports stated: all of them', () => {
    const all = demanded({ services: [{ protocols: [6] }] }).packets[4];
    expect([0, 65535].map((port) => times(all, [ONE, TWO, 6, 2000, port]))).toEqual([1, 1]);
  });

  test('ICMP types stay types, protocols without ports have none', () => {
    const ping = demanded({ services: [{ protocols: [1], ports: only(2048) }] });
    expect(presentRegion(ping.packets[4], ping.spaces[4])).toEqual([
      { source: '10.0.0.1', destination: '10.0.0.2', protocol: 'icmp', icmp: '8/0' },
    ]);
    const esp = demanded({ services: [{ protocols: [50] }] });
    expect(presentRegion(esp.packets[4], esp.spaces[4])).toEqual([
      { source: '10.0.0.1', destination: '10.0.0.2', protocol: 'esp' },
    ]);
  });

  test('every protocol: ports where there are ports', () => {
    const every = demanded({ services: [{ protocols: [] }] }).packets[4];
    for (const protocol of [0, 1, 6, 17, 47, 58, 132, 255]) expect(times(every, [ONE, TWO, protocol, 2000, 80])).toBe(1);
    expect(times(every, [ONE, TWO, 6, 80, 80])).toBe(0);
    expect(times(every, [ONE, TWO, 47, 80, 80])).toBe(1);
  });

  test('several services that overlap demand each packet once', () => {
    const port = fc.integer({ min: 0, max: 9 });
    const term = fc
      .tuple(fc.uniqueArray(fc.constantFrom(6, 17, 1), { minLength: 1 }), port, port)
      .map(([protocols, a, b]) => ({ protocols, ports: range(Math.min(a, b), Math.max(a, b)) }));
    fc.assert(
      fc.property(fc.array(term, { minLength: 1, maxLength: 4 }), (services) => {
        const region = demanded({ services }).packets[4];
        for (const protocol of [6, 17])
          for (let p = 0; p < 10; p++) {
            const wanted = services.some((s) => s.protocols.some((one) => one === protocol) && contains(s.ports, p));
            expect(times(region, [ONE, TWO, protocol, 5000, p])).toBe(wanted ? 1 : 0);
          }
      }),
      { numRuns: 200 },
    );
  });
});

describe('addresses that a flow demands', () => {
  test('families are paired like with like', () => {
    const mixed = demanded({ source: addresses('10.0.0.1;fd00::1'), destination: addresses('10.0.0.2') });
    expect([mixed.packets[4].length, mixed.packets[6].length]).toEqual([1, 0]);
    const apart = demanded({ source: addresses('fd00::1'), destination: addresses('10.0.0.2') });
    expect(isEmpty(apart.packets)).toBe(true);
    expect(isEmpty(mixed.packets)).toBe(false);
  });

  test('packets from an address to itself are not demanded, those between two are', () => {
    const pair = demanded({ source: addresses('10.0.0.1;10.0.0.2'), destination: addresses('10.0.0.1;10.0.0.2') }).packets[4];
    const at = (a: number, b: number): number => times(pair, [a, b, 6, 2000, 443]);
    expect([at(ONE, ONE), at(ONE, TWO), at(TWO, ONE), at(TWO, TWO)]).toEqual([0, 1, 1, 0]);
    const six = demanded({ source: addresses('fd00::1;fd00::2'), destination: addresses('fd00::1;fd00::2') });
    const texts = presentRegion(six.packets[6], six.spaces[6]).map((box) => `${box.source} ${box.destination}`);
    expect(texts.sort()).toEqual(['fd00::1 fd00::2', 'fd00::2 fd00::1']);
  });
});
