/**
 * Random rulebases: a packet-by-packet walk over what the test itself wrote down must agree with the verdict on the
 * export that the same facts were written to.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeFlow } from '../../support/judge.js';
import { firewall, members, netmask, rule, tcp } from './fixture.js';

interface Packet {
  readonly source: string;
  readonly from: string;
  readonly destination: string;
  readonly to: string;
  readonly port: number;
  readonly application: string;
}

/** Objects and what they hold, by hand. */
const OBJECTS = new Map<string, (address: string) => boolean>([
  ['any', () => true],
  ['pc', (a) => a === '10.1.1.1'],
  ['net-dmz', (a) => a.startsWith('10.2.')],
  ['all6', () => true],
  ['range', (a) => ['10.2.0.8', '10.2.0.9'].includes(a)],
  ['group', (a) => a === '10.1.1.1' || a.startsWith('10.2.0.')],
  ['10.1.0.0/16', (a) => a.startsWith('10.1.')],
  ['nothing', () => false],
]);
const DEFAULTS: ReadonlyMap<string, readonly number[]> = new Map([
  ['ssh', [22]],
  ['ssl', [443]],
  ['dns', [53]],
  ['printing', [9100]],
]);
const PORTS: ReadonlyMap<string, readonly number[] | 'any'> = new Map<string, readonly number[] | 'any'>([
  ['any', 'any'],
  ['s22', [22]],
  ['low', [22, 53, 443]],
  ['service-https', [443]],
  ['sgroup', [22, 9100]],
]);
const VSYS = `<address>${netmask('pc', '10.1.1.1')}${netmask('net-dmz', '10.2.7.7/16')}${netmask('all6', '::/0')}<entry name="range"><ip-range>10.2.0.8-10.2.0.9</ip-range></entry>${netmask('small', '10.2.0.0/24')}</address>
  <address-group><entry name="group"><static>${members('pc', 'inner')}</static></entry><entry name="inner"><static>${members('small')}</static></entry><entry name="nothing"><static/></entry></address-group>
  <service>${tcp('s22', '22')}${tcp('low', '1-1023')}${tcp('p9100', '9100')}</service><service-group><entry name="sgroup"><members>${members('s22', 'p9100')}</members></entry></service-group>
  <application><entry name="printing"><default><port>${members('tcp/9100')}</port></default></entry></application>
  <application-group><entry name="agroup"><members>${members('ssh', 'printing')}</members></entry></application-group>`;
const GROUPS: ReadonlyMap<string, readonly string[]> = new Map([['agroup', ['ssh', 'printing']]]);

const ZONES = ['trust', 'dmz', 'untrust'];
const some = (from: readonly string[]): fc.Arbitrary<readonly string[]> =>
  fc.oneof(fc.constant(['any']), fc.subarray([...from], { minLength: 1, maxLength: 2 }));
const address: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc.constant(['any']),
  fc.subarray(
    [...OBJECTS.keys()].filter((n) => n !== 'any'),
    { minLength: 1, maxLength: 2 },
  ),
);

const anyRule = fc.record({
  from: some(ZONES),
  to: some(ZONES),
  source: address,
  destination: address,
  negateSource: fc.boolean(),
  negateDestination: fc.boolean(),
  application: some([...DEFAULTS.keys(), 'agroup']),
  service: fc.oneof<fc.Arbitrary<readonly string[]>[]>(
    fc.constant(['application-default']),
    some([...PORTS.keys()].filter((n) => n !== 'any')),
  ),
  type: fc.constantFrom('universal', 'intrazone', 'interzone'),
  action: fc.constantFrom('allow', 'allow', 'deny', 'drop', 'reset-both'),
  disabled: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
});
type AnyRule = typeof anyRule extends fc.Arbitrary<infer T> ? T : never;

const negates = (flag: boolean, list: readonly string[]): boolean => flag && !list.includes('any');

function matches(r: AnyRule, p: Packet): boolean {
  const zone = (list: readonly string[], name: string): boolean => list.includes('any') || list.includes(name);
  const zones = {
    universal: zone(r.from, p.from) && zone(r.to, p.to),
    intrazone: p.from === p.to && zone(r.from, p.from),
    interzone: p.from !== p.to && zone(r.from, p.from) && zone(r.to, p.to),
  }[r.type];
  const held = (list: readonly string[], a: string, negate: boolean): boolean =>
    list.some((name) => OBJECTS.get(name)?.(a)) !== negates(negate, list);
  const applications = r.application.flatMap((name) => GROUPS.get(name) ?? [name]);
  const named = r.application.includes('any') || applications.includes(p.application);
  const service = r.service.some((name) => {
    if (name === 'application-default') return DEFAULTS.get(p.application)?.includes(p.port) ?? false;
    const ports = PORTS.get(name);
    return ports === 'any' || ports?.includes(p.port);
  });
  return (
    zones &&
    held(r.source, p.source, r.negateSource) &&
    held(r.destination, p.destination, r.negateDestination) &&
    named &&
    service
  );
}

function walk(rules: readonly AnyRule[], p: Packet): string {
  const index = rules.findIndex((r) => !r.disabled && matches(r, p));
  const hit = rules[index];
  if (hit) return `${hit.action === 'allow' ? 'permitted' : 'blocked'} R${index}`;
  return p.from === p.to ? 'permitted intrazone-default' : 'blocked interzone-default';
}

const PACKETS: readonly Packet[] = [
  ['10.1.1.1', 'trust', '10.2.0.9', 'dmz'],
  ['10.1.1.2', 'trust', '10.2.9.9', 'dmz'],
  ['10.1.1.1', 'trust', '10.1.200.1', 'trust'],
  ['10.2.0.8', 'dmz', '198.51.100.7', 'untrust'],
].flatMap(([source = '', from = '', destination = '', to = '']) =>
  (
    [
      [22, 'ssh'],
      [443, 'ssl'],
      [443, 'ssh'],
      [9100, 'printing'],
    ] as const
  ).map(([port, application]) => ({ source, from, destination, to, port, application })),
);

const written = (r: AnyRule, i: number): string =>
  rule(`R${i}`, {
    ...r,
    more: `<negate-source>${negates(r.negateSource, r.source) ? 'yes' : 'no'}</negate-source><negate-destination>${negates(r.negateDestination, r.destination) ? 'yes' : 'no'}</negate-destination><rule-type>${r.type}</rule-type><disabled>${r.disabled ? 'yes' : 'no'}</disabled>`,
  });

describe('random rulebases', () => {
  it('agree with a walk over their rules, and every verdict is definite', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { minLength: 1, maxLength: 8 }), (rules) => {
        const fw = firewall({ rules: rules.map(written).join(''), vsys: VSYS });
        for (const p of PACKETS) {
          const found = judgeFlow(fw, `tcp ${p.source} -> ${p.destination}:${p.port}`, { facts: { application: p.application } });
          expect(`${found.verdict} ${found.decidedBy.map((d) => d.name).join(',')}`, JSON.stringify(p)).toBe(walk(rules, p));
        }
      }),
      { numRuns: 100, seed: 21 },
    );
  });
});
