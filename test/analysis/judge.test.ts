import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/analysis/coins.js';
import { type Flow, prepare } from '../../src/analysis/flow.js';
import { judge } from '../../src/analysis/judge.js';
import type { Device } from '../../src/analysis/view.js';
import { packetsOf } from '../../src/audit/packets.js';
import type { Firewall, Rule } from '../../src/model/firewall.js';
import { atMost, between, exactly, PHASE } from '../../src/model/match.js';
import type { ExamplePacket, FlowVerdict } from '../../src/model/verdict.js';
import { type AddressSet, NO_ADDRESS } from '../../src/sets/address.js';
import { EMPTY, only, range } from '../../src/sets/intervals.js';
import { judgeFlow } from '../support/judge.js';
import { addresses, box, gate, host, list, program, ROUTES, route, routed, router, rule } from './hand-made.js';

const WEB = 'tcp 10.1.0.9 -> 10.2.0.9:443';
const decided = (verdict: FlowVerdict): string[] => verdict.decidedBy.map((by) => by.rule);

function flowOf(packet: ExamplePacket): string {
  const end = (address: string, port?: number): string =>
    `${address.includes(':') ? `[${address}]` : address}${port === undefined ? '' : `:${port}`}`;
  const head = packet.icmp === undefined ? packet.protocol : `${packet.protocol}/${packet.icmp}`;
  return `${head} ${end(packet.source, packet.sourcePort)} -> ${end(packet.destination, packet.port)}`;
}

describe('the verdict table', () => {
  test('permitted, by the rule that accepts', () => {
    const verdict = judgeFlow(
      routed(rule('a', 'drop', { tcp: 80 }), rule('b', 'accept', { tcp: 443 }), rule('c', 'accept')),
      WEB,
    );
    expect(verdict).toMatchObject({
      verdict: 'permitted',
      cause: null,
      passes: true,
      byDefault: false,
      missing: [],
      conditions: [],
    });
    expect(verdict.decidedBy).toEqual([
      { device: 'gate', rule: 'b', name: 'rule b', file: 'rules.txt', line: expect.any(Number), action: 'accept' },
    ]);
    expect(verdict.hops).toEqual([{ device: 'gate', from: 'interface' }]);
    expect(verdict.open).toEqual([
      { source: '10.1.0.9', destination: '10.2.0.9', protocol: 'tcp', ports: '443', sourcePorts: '1024-65535' },
    ]);
  });

  test('blocked, by a rule or by the policy', () => {
    const byRule = judgeFlow(routed(rule('a', 'reject', { from: '10.1.0.0/24' }), rule('b', 'accept')), WEB);
    expect(byRule).toMatchObject({ verdict: 'blocked', cause: 'policy', passes: false, open: [] });
    expect(byRule.decidedBy).toMatchObject([{ rule: 'a', action: 'reject' }]);
    const byPolicy = judgeFlow(routed(rule('a', 'accept', { tcp: 80 })), WEB);
    expect(byPolicy.verdict).toBe('blocked');
    expect(byPolicy.decidedBy).toEqual([
      { device: 'gate', rule: 'default', name: 'policy of forward', file: null, line: null, action: 'drop' },
    ]);
  });

  test('partial: exactly the missing boxes and the open ones', () => {
    const firewall = routed(rule('a', 'drop', { from: '10.1.0.8', tcp: [444, 445] }), rule('b', 'accept', { tcp: [440, 450] }));
    const verdict = judgeFlow(firewall, 'tcp 10.1.0.8/31 -> 10.2.0.9:443-446');
    expect(verdict.verdict).toBe('partial');
    expect(verdict.missing).toEqual([
      { source: '10.1.0.8', destination: '10.2.0.9', protocol: 'tcp', ports: '444-445', sourcePorts: '1024-65535' },
    ]);
    const open = verdict.open.map(({ source, ports }) => `${source} ${ports}`).sort();
    expect([
      ['10.1.0.8 443, 446', '10.1.0.9 443-446'],
      ['10.1.0.8/31 443, 446', '10.1.0.9 444-445'],
    ]).toContainEqual(open);
    expect(decided(verdict)).toEqual(['a', 'b']);
    expect(verdict.witness).toMatchObject({ source: '10.1.0.8', port: 444 });
  });

  test('partial wins over unknown and conditional, unknown over conditional', () => {
    const open = rule('maybe', 'accept', { to: '10.2.0.0/25' }, { conditions: [gate('moon')] });
    const firewall = routed(rule('no', 'drop', { to: '10.2.0.200' }), rule('sure', 'accept', { to: '10.2.0.128/25' }), open);
    expect(judgeFlow(firewall, 'tcp 10.1.0.9 -> 10.2.0.1,10.2.0.200:443').verdict).toBe('partial');
    const lacking = { ...firewall, entries: { forward: { stages: { 4: ['forward'] }, in: [0, 3], out: [0, 3] } } };
    expect(judgeFlow(lacking, 'tcp [10.1.0.9,fd00::1] -> [10.2.0.200,fd00:2::1]:443').verdict).toBe('partial');
    expect(judgeFlow(lacking, 'tcp [10.1.0.9,fd00::1] -> [10.2.0.1,fd00:2::1]:443').verdict).toBe('unknown');
    expect(judgeFlow(lacking, 'tcp 10.1.0.9 -> 10.2.0.1:443').verdict).toBe('conditional');
  });

  test('an empty flow is unknown', () => {
    const bench = prepare([{ name: 'gate', firewall: routed(rule('a', 'accept')), host: NO_ADDRESS, zones: new Map() }], []);
    expect(judge(bench, { packets: {} }, JUDGING, 'overall').verdict).toBe('unknown');
  });

  test('a family that the export lacks is unknown, with the reason', () => {
    const firewall = router([list('forward', 'accept')], {
      entries: { forward: { stages: { 4: ['forward'] }, in: [0, 3], out: [0, 3] } },
    });
    const verdict = judgeFlow(firewall, 'tcp fd00:1::1 -> [fd00:2::1]:443');
    expect(verdict).toMatchObject({ verdict: 'unknown', passes: false, open: [] });
    expect(verdict.conditions).toMatchObject([{ kind: 'export', name: 'the export holds no rules for IPv6', device: 'gate' }]);
    expect(verdict.unjudged).toHaveLength(1);
  });

  test('a default that permits is flagged, so is a filter that is off', () => {
    const open = router([list('forward', 'accept', rule('a', 'drop', { tcp: 22 }))], { routes: ROUTES });
    expect(judgeFlow(open, WEB)).toMatchObject({ verdict: 'permitted', byDefault: true });
    expect(decided(judgeFlow(open, WEB))).toEqual(['default']);
    const written = routed(rule('x', 'accept', {}, { origin: 'default', name: 'intrazone-default' }));
    expect(judgeFlow(written, WEB)).toMatchObject({
      byDefault: true,
      decidedBy: [{ rule: 'default', name: 'intrazone-default' }],
    });
    const off = routed(rule('x', 'accept', {}, { origin: 'off' }), rule('y', 'drop'));
    expect(judgeFlow(off, WEB)).toMatchObject({ verdict: 'permitted', cause: 'device-off', byDefault: false });
    expect(decided(judgeFlow(off, WEB))).toEqual(['off']);
  });

  test('disabled rules decide nothing', () => {
    expect(judgeFlow(routed(rule('a', 'drop', {}, { enabled: false }), rule('b', 'accept')), WEB).verdict).toBe('permitted');
  });
});

const JUDGING = { facts: new Map(), settings: DEFAULT_SETTINGS, firstPacket: false };

describe('unknown links', () => {
  const bare = (...rules: readonly Rule[]): Firewall => router([list('forward', 'drop', ...rules)]);

  test('all links agree: a definite verdict', () => {
    expect(judgeFlow(bare(rule('a', 'accept', { in: 0 }), rule('b', 'accept', { tcp: 443 })), WEB)).toMatchObject({
      verdict: 'permitted',
      conditions: [],
    });
    expect(judgeFlow(bare(rule('a', 'accept', { in: 0, tcp: 80 })), WEB).verdict).toBe('blocked');
  });

  test('they differ: conditional, with the links for which it holds', () => {
    const verdict = judgeFlow(bare(rule('a', 'accept', { in: 1 })), WEB);
    expect(verdict.verdict).toBe('conditional');
    expect(verdict.conditions).toMatchObject([{ class: 'missing', kind: 'interface', holds: [{ in: 'right' }] }]);
    expect(verdict.conditions[0]?.settledBy).toContain('zones:');
    expect(verdict.passes).toBe(false);
  });

  test('every link blocks something: partial', () => {
    const firewall = bare(rule('a', 'accept', { in: 0, tcp: 443 }), rule('b', 'accept', { tcp: 444 }));
    const verdict = judgeFlow(firewall, 'tcp 10.1.0.9 -> 10.2.0.9:443-445');
    expect(verdict.verdict).toBe('partial');
    expect(verdict.open.map((one) => one.ports)).toEqual(['444']);
  });

  test('what the user states of links and zones settles it', () => {
    const firewall = bare(rule('a', 'accept', { in: 1, out: 2 }));
    expect(judgeFlow(firewall, WEB, { in: 'right', out: 'up' }).verdict).toBe('permitted');
    expect(judgeFlow(firewall, WEB, { in: 'left' }).verdict).toBe('blocked');
    expect(judgeFlow(firewall, WEB, { in: 'right' }).conditions).toMatchObject([{ holds: [{ out: 'up' }] }]);
    const zones = new Map([
      ['right', addresses('10.1.0.0/16')],
      ['up', addresses('10.2.0.0/16')],
    ]);
    expect(judgeFlow(firewall, WEB, { zones })).toMatchObject({
      verdict: 'permitted',
      hops: [{ device: 'gate', from: 'declared' }],
    });
  });

  test('profiles of a host', () => {
    const inbound = list('inbound', 'drop', rule('a', 'accept', { tcp: 443, in: 0 }));
    const server = host(inbound, list('outbound', 'accept'), {
      entries: { in: { stages: { 4: ['inbound'] }, in: [0, 3], out: EMPTY } },
    });
    const verdict = judgeFlow(server, 'tcp 10.1.0.9 -> 10.1.0.5:443');
    expect(verdict.verdict).toBe('conditional');
    expect(verdict.conditions).toMatchObject([{ kind: 'profile', holds: [{ in: 'domain' }] }]);
    expect(verdict.conditions[0]?.settledBy).toContain('--profile');
  });
});

describe('where packets go', () => {
  const lists = [
    list('input', 'drop', rule('in1', 'accept', { tcp: 22 })),
    list('output', 'drop', rule('out1', 'accept', { tcp: 25 })),
    list('forward', 'drop', rule('fwd1', 'accept', { tcp: 443 })),
  ];
  const entries: Firewall['entries'] = {
    in: { stages: { 4: ['input'] }, in: [0, 3], out: EMPTY },
    out: { stages: { 4: ['output'] }, in: EMPTY, out: [0, 3] },
    forward: { stages: { 4: ['forward'] }, in: [0, 3], out: [0, 3] },
  };
  const full = router(lists, { entries, routes: ROUTES, ownAddresses: addresses('10.1.0.1', '10.2.0.1') });

  test('to the device, from it, and through it', () => {
    expect(decided(judgeFlow(full, 'tcp 10.1.0.9 -> 10.1.0.1:22'))).toEqual(['in1']);
    expect(judgeFlow(full, 'tcp 10.1.0.9 -> 10.2.0.1:443').verdict).toBe('blocked');
    expect(decided(judgeFlow(full, 'tcp 10.2.0.1 -> 198.51.100.25:25'))).toEqual(['out1']);
    expect(decided(judgeFlow(full, WEB))).toEqual(['fwd1']);
    const mixed = judgeFlow(full, 'tcp 10.1.0.9 -> 10.1.0.1,10.2.0.9:443');
    expect(mixed.verdict).toBe('partial');
    expect(mixed.missing).toMatchObject([{ destination: '10.1.0.1' }]);
  });

  test('the stated direction wins', () => {
    expect(decided(judgeFlow(full, 'tcp 10.1.0.9 -> 10.2.0.9:22', { direction: 'in' }))).toEqual(['in1']);
    expect(judgeFlow(full, WEB, { direction: 'out' }).verdict).toBe('blocked');
  });

  test('own addresses unknown: each direction is a possible one', () => {
    const bare = router(lists, { entries, ownAddressesComplete: false });
    const verdict = judgeFlow(bare, WEB);
    expect(verdict.verdict).toBe('conditional');
    expect(verdict.conditions).toMatchObject([{ kind: 'direction', device: 'gate', holds: [{ direction: 'forward' }] }]);
    expect(judgeFlow(bare, 'tcp 10.1.0.9 -> 10.2.0.9:80').verdict).toBe('blocked');
    expect(judgeFlow(bare, WEB, { direction: 'forward' }).verdict).toBe('permitted');
  });

  test('the same side is not applicable, whatever the rules', () => {
    expect(judgeFlow(full, 'tcp 10.1.0.9 -> 10.1.7.7:443')).toMatchObject({ verdict: 'not-applicable', hops: [], witness: null });
    const partly = judgeFlow(full, 'tcp 10.1.0.9 -> 10.1.7.7,10.2.0.9:443');
    expect(partly.verdict).toBe('permitted');
    expect(partly.unjudged).toMatchObject([{ destination: '10.1.7.7' }]);
  });

  test('links that the user states count before what routes say', () => {
    const near = 'tcp 10.1.0.9 -> 10.1.7.7:443';
    expect(judgeFlow(full, near, { in: 'left', out: 'right' })).toMatchObject({
      verdict: 'permitted',
      hops: [{ from: 'declared' }],
    });
    expect(judgeFlow(full, near, { in: 'up' }).verdict).toBe('permitted');
    expect(judgeFlow(full, near, { in: 'left' }).verdict).toBe('not-applicable');
    const nowhere = router(lists, { entries, routes: [...ROUTES, route('10.2.3.0/24', undefined)] });
    expect(judgeFlow(nowhere, 'tcp 10.1.0.9 -> 10.2.3.3:443')).toMatchObject({ verdict: 'blocked', cause: 'route' });
    expect(judgeFlow(nowhere, 'tcp 10.1.0.9 -> 10.2.3.3:443', { out: 'up' }).verdict).toBe('permitted');
  });

  test('two interfaces of one zone are two sides', () => {
    const routes = [
      route('10.1.0.0/16', 0, { interface: 'e1' }),
      route('10.2.0.0/16', 0, { interface: 'e2' }),
      route('10.1.4.0/24', 0, { interface: 'e1' }),
    ];
    const zoned = router([list('forward', 'drop')], { routes });
    expect(judgeFlow(zoned, WEB).verdict).toBe('blocked');
    expect(judgeFlow(zoned, 'tcp 10.1.0.9 -> 10.1.4.4:443').verdict).toBe('not-applicable');
  });

  test('a route that discards: blocked, cause route', () => {
    const firewall = router([list('forward', 'accept')], { routes: [...ROUTES, route('10.2.3.0/24', undefined)] });
    const verdict = judgeFlow(firewall, 'tcp 10.1.0.9 -> 10.2.3.3:443');
    expect(verdict).toMatchObject({
      verdict: 'blocked',
      cause: 'route',
      decidedBy: [{ rule: 'route', line: null, action: 'drop' }],
    });
    const partly = judgeFlow(firewall, 'tcp 10.1.0.9 -> 10.2.2.2,10.2.3.3:443');
    expect(partly).toMatchObject({ verdict: 'partial', cause: 'route', missing: [{ destination: '10.2.3.3' }] });
  });

  test('the longest prefix wins, and equal routes leave it open', () => {
    const byLink = list('forward', 'drop', rule('a', 'accept', { out: 2 }));
    const routes = [...ROUTES, route('10.2.7.0/24', 2, { from: 'route' })];
    expect(judgeFlow(router([byLink], { routes }), 'tcp 10.1.0.9 -> 10.2.7.7:443')).toMatchObject({
      verdict: 'permitted',
      hops: [{ from: 'route' }],
    });
    const equal = [...routes, route('10.2.7.0/24', 1, { from: 'route' })];
    expect(judgeFlow(router([byLink], { routes: equal }), 'tcp 10.1.0.9 -> 10.2.7.7:443').conditions).toMatchObject([
      { kind: 'interface', holds: [{ out: 'up' }] },
    ]);
  });

  test('both ends known only by default routes: a condition on the path', () => {
    const routes = [route('0.0.0.0/0', 1), route('0.0.0.0/0', 2)];
    const verdict = judgeFlow(router([list('forward', 'accept')], { routes }), 'tcp 198.51.100.1 -> 203.0.113.1:443');
    expect(verdict).toMatchObject({ verdict: 'conditional', conditions: [{ kind: 'path', device: 'gate' }] });
    const denied = judgeFlow(router([list('forward', 'drop')], { routes }), 'tcp 198.51.100.1 -> 203.0.113.1:443');
    expect(denied.verdict).toBe('blocked');
  });
});

describe('ends that nobody bound', () => {
  const judgeFree = (firewall: Firewall, source: AddressSet, destination: AddressSet, free: 'source' | 'destination') => {
    const bench = prepare([{ name: firewall.name, firewall, host: NO_ADDRESS, zones: new Map() }], [source, destination]);
    const services = [{ protocols: [6], ports: only(443) }];
    const end = { actor: 'Remote Proxy', settledBy: 'bind it' };
    const flow: Flow = {
      packets: packetsOf({ source, destination, services, expect: 'allow' }, bench.spaces),
      ...(free === 'source' ? { freeSource: end } : { freeDestination: end }),
    };
    return judge(bench, flow, JUDGING);
  };
  const near = addresses('10.1.0.9');
  const far = addresses('10.2.0.0/16');

  test('every value agrees', () => {
    expect(judgeFree(routed(rule('a', 'accept', { tcp: 443 })), near, far, 'destination').verdict).toBe('permitted');
    expect(judgeFree(routed(rule('a', 'accept', { tcp: 80 })), near, far, 'destination').verdict).toBe('blocked');
  });

  test('values differ: conditional, with the addresses for which it holds; never partial', () => {
    const verdict = judgeFree(routed(rule('a', 'accept', { to: '10.2.9.0/24' })), near, far, 'destination');
    expect(verdict.verdict).toBe('conditional');
    expect(verdict.conditions).toMatchObject([
      { kind: 'actor', name: 'Remote Proxy', holds: [{ destination: '10.2.9.0/24' }], settledBy: 'bind it' },
    ]);
  });

  test('every value loses something: partial', () => {
    const firewall = routed(rule('a', 'drop', { from: '10.1.0.9' }), rule('b', 'accept', { to: '10.2.9.0/24' }));
    expect(judgeFree(firewall, addresses('10.1.0.8/31'), far, 'destination').verdict).toBe('partial');
  });

  test('values that cross no device count for nothing, but are shown', () => {
    const verdict = judgeFree(
      routed(rule('a', 'accept')),
      addresses('10.1.0.0/16', '10.2.0.0/16'),
      addresses('10.2.0.9'),
      'source',
    );
    expect(verdict.verdict).toBe('permitted');
    expect(verdict.unjudged).toMatchObject([{ source: '10.2.0.0-10.2.0.8, 10.2.0.10-10.2.255.255' }]);
  });
});

describe('conditions, facts and assumptions', () => {
  const lsass = 'C:\\Windows\\System32\\lsass.exe';
  const guarded = (...conditions: Parameters<typeof rule>[3][]): Firewall =>
    host(
      list('inbound', 'drop', ...conditions.map((more, i) => rule(`r${i + 1}`, 'accept', { tcp: 443 }, more))),
      list('outbound', 'accept'),
    );
  const LOCAL = 'tcp 10.1.0.9 -> 10.1.0.5:443';

  test('open: conditional, naming the rule, the condition and what settles it', () => {
    const verdict = judgeFlow(guarded({ conditions: [gate('moon')] }), LOCAL);
    expect(verdict).toMatchObject({ verdict: 'conditional', cause: 'policy', missing: [], open: [], facts: [], assumptions: [] });
    expect(verdict.conditions).toMatchObject([
      { class: 'missing', kind: 'construct', name: 'moon', device: 'server', rule: 'r1', file: 'rules.txt', settledBy: 'look' },
    ]);
    expect(verdict.conditions[0]?.holds).toMatchObject([{ source: '10.1.0.9', ports: '443' }]);
    expect(decided(verdict).sort()).toEqual(['default', 'r1']);
  });

  test('programs: equal, other, same file name elsewhere', () => {
    const firewall = guarded({ conditions: [program('%SystemRoot%\\System32\\lsass.exe')] });
    const fact = (value: string) => judgeFlow(firewall, LOCAL, { facts: { program: value } });
    expect(fact(lsass)).toMatchObject({ verdict: 'permitted', facts: [`program=${lsass}`], conditions: [] });
    expect(fact('c:/windows/system32/LSASS.EXE').verdict).toBe('permitted');
    expect(fact('C:\\Windows\\System32\\spoolsv.exe')).toMatchObject({
      verdict: 'blocked',
      facts: [expect.stringContaining('spoolsv')],
    });
    expect(fact('D:\\tools\\lsass.exe').verdict).toBe('conditional');
    expect(fact('lsass.exe').verdict).toBe('conditional');
    expect(judgeFlow(firewall, LOCAL, { facts: { source_program: lsass } }).verdict).toBe('conditional');
  });

  test('negated facts, open-ended containers and facts that hold undeclared', () => {
    const app = (more: object) => gate('application', { kind: 'application', values: ['ssl'], fact: 'application', ...more });
    const verdict = (more: object, application?: string) =>
      judgeFlow(guarded({ conditions: [app(more)] }), LOCAL, application === undefined ? {} : { facts: { application } }).verdict;
    expect(verdict({}, 'SSL')).toBe('permitted');
    expect(verdict({}, 'ssh')).toBe('blocked');
    expect(verdict({ negated: true }, 'ssl')).toBe('blocked');
    expect(verdict({ negated: true }, 'ssh')).toBe('permitted');
    expect(verdict({ openEnded: true }, 'ssh')).toBe('conditional');
    expect(verdict({ openEnded: true }, 'ssl')).toBe('permitted');
    expect(verdict({ undeclared: false })).toBe('blocked');
    expect(verdict({ undeclared: true })).toBe('permitted');
    expect(verdict({ undeclared: false }, 'ssl')).toBe('permitted');
    expect(verdict({ undeclared: true }, 'ssh')).toBe('blocked');
  });

  test('assumptions: on by default, off by default, strict', () => {
    const assume = (on: boolean, value = true) => ({
      conditions: [gate('limit', { assumption: { id: 'below-rate-limits', value, on } })],
    });
    expect(judgeFlow(guarded(assume(true)), LOCAL)).toMatchObject({ verdict: 'permitted', assumptions: ['below-rate-limits'] });
    expect(judgeFlow(guarded(assume(true, false)), LOCAL)).toMatchObject({
      verdict: 'blocked',
      assumptions: ['below-rate-limits'],
    });
    expect(judgeFlow(guarded(assume(false)), LOCAL)).toMatchObject({ verdict: 'conditional', assumptions: [] });
    const settings = { assume: new Set(['below-rate-limits' as const]) };
    expect(judgeFlow(guarded(assume(false)), LOCAL, { settings }).verdict).toBe('permitted');
    expect(judgeFlow(guarded(assume(true)), LOCAL, { settings: { ...settings, strict: true } }).verdict).toBe('conditional');
  });

  test('one coin on several rules and on several devices is thrown once', () => {
    const always = guarded({ conditions: [gate('moon')] }, { conditions: [gate('moon', { negated: true })] });
    expect(judgeFlow(always, LOCAL)).toMatchObject({ verdict: 'permitted', conditions: [] });
    const apart = guarded({ conditions: [gate('moon')] }, { conditions: [gate('sun', { negated: true })] });
    expect(judgeFlow(apart, LOCAL).verdict).toBe('conditional');
    const never = routed(rule('a', 'drop', {}, { conditions: [gate('moon')] }), rule('b', 'accept'));
    const other = { ...routed(rule('a', 'accept', {}, { conditions: [gate('moon')] })), name: 'second' };
    expect(judgeOn([never, other], WEB).verdict).toBe('blocked');
    expect(judgeOn([never], WEB).verdict).toBe('conditional');
    expect(judgeOn([other], WEB).verdict).toBe('conditional');
  });

  test('values of one fact: what an open-ended container may hold is not ruled out', () => {
    const app = (values: readonly string[], more: object = {}) => ({
      conditions: [gate('application', { kind: 'application' as const, values, ...more })],
    });
    const end = rule('end', 'accept');
    const container = rule('container', 'drop', {}, app(['ssl'], { openEnded: true }));
    // ssl is accepted first; another application may or may not be in the container.
    expect(judgeFlow(routed(rule('first', 'accept', {}, app(['ssl'])), container, end), WEB).verdict).toBe('conditional');
    const closed = rule('closed', 'drop', {}, app(['ssl']));
    expect(judgeFlow(routed(rule('first', 'accept', {}, app(['ssl'])), closed, end), WEB).verdict).toBe('permitted');
    // The same container twice is one thing.
    const same = rule('same', 'accept', {}, app(['ssl'], { openEnded: true }));
    expect(judgeFlow(routed(same, container, end), WEB).verdict).toBe('permitted');
    const otherwise = rule('otherwise', 'accept', {}, app(['ssl'], { openEnded: true, negated: true }));
    expect(judgeFlow(routed(same, otherwise), WEB).verdict).toBe('permitted');
  });

  test('values that differ in case, or programs written in two ways, are one value', () => {
    const one = program('C:\\Windows\\System32\\svchost.exe');
    const two = program('%systemroot%\\system32\\SVCHOST.EXE');
    const both = guarded({ conditions: [one, { ...two, negated: true }] });
    expect(judgeFlow(both, LOCAL).verdict).toBe('blocked');
    const unclear = program('%OWN%\\svchost.exe');
    expect(judgeFlow(guarded({ conditions: [one, unclear] }), LOCAL).verdict).toBe('conditional');
    expect(judgeFlow(guarded({ conditions: [one, program('C:\\other.exe')] }), LOCAL).verdict).toBe('blocked');
  });

  test('a coin with and without values stays open', () => {
    const firewall = routed(
      rule('a', 'drop', {}, { conditions: [gate('mixed', { values: ['x'] })] }),
      rule('b', 'accept', {}, { conditions: [gate('mixed', { negated: true })] }),
      rule('c', 'accept', {}, { conditions: [gate('mixed')] }),
    );
    expect(judgeFlow(firewall, WEB).verdict).toBe('conditional');
  });

  test('extents: what the list surely holds, and what it may hold', () => {
    const extent = gate('list:blocked', { kind: 'list', effect: 'extent' });
    const firewall = routed(
      rule(
        'a',
        'drop',
        {},
        { match: between([box({ from: '10.1.0.8' })], [box({ from: '10.1.0.8/31' })]), conditions: [extent] },
      ),
      rule('b', 'accept', { tcp: 443 }),
    );
    expect(judgeFlow(firewall, 'tcp 10.1.0.8 -> 10.2.0.9:443').verdict).toBe('blocked');
    expect(judgeFlow(firewall, WEB).verdict).toBe('conditional');
    expect(judgeFlow(firewall, 'tcp 10.1.0.10 -> 10.2.0.9:443').verdict).toBe('permitted');
    const bare = routed(rule('a', 'drop', {}, { match: atMost(box({ tcp: 443 })) }), rule('b', 'accept'));
    expect(judgeFlow(bare, WEB).verdict).toBe('conditional');
  });

  test('an extent and a gate on one coin', () => {
    const reach = atMost(box({ tcp: 443 }));
    const extent = rule('a', 'accept', {}, { match: reach, conditions: [gate('moon', { effect: 'extent' })] });
    const otherwise = rule('b', 'accept', {}, { conditions: [gate('moon', { negated: true })] });
    expect(judgeFlow(routed(extent, otherwise), WEB).verdict).toBe('permitted');
    expect(judgeFlow(routed({ ...extent, action: { kind: 'drop' } }, otherwise), WEB).verdict).toBe('conditional');
    const shut = rule('c', 'drop', {}, { conditions: [gate('moon', { negated: true })] });
    expect(judgeFlow(routed({ ...extent, action: { kind: 'drop' } }, shut, rule('d', 'accept')), WEB).verdict).toBe('blocked');
  });

  test('more coins than can be enumerated only add conditions', () => {
    const many = Array.from({ length: 12 }, (_, i) => [
      rule(`a${i}`, 'continue', {}, { conditions: [gate(`coin ${i}`)] }),
      rule(`b${i}`, 'continue', {}, { conditions: [gate(`coin ${i}`)] }),
    ]).flat();
    const pair = [
      rule('a', 'accept', {}, { conditions: [gate('moon')] }),
      rule('b', 'accept', {}, { conditions: [gate('moon', { negated: true })] }),
    ];
    expect(['permitted', 'conditional']).toContain(judgeFlow(routed(...many, ...pair), WEB).verdict);
  });

  test('an unknown action leaves all ways open, whatever follows', () => {
    for (const end of ['accept', 'drop'] as const) {
      const firewall = router([list('forward', end, rule('nat', 'unknown', { tcp: 443 }))], { routes: ROUTES });
      expect(judgeFlow(firewall, WEB).verdict).toBe('conditional');
      expect(judgeFlow(firewall, 'tcp 10.1.0.9 -> 10.2.0.9:80').verdict).toBe(end === 'accept' ? 'permitted' : 'blocked');
    }
  });
});

function judgeOn(firewalls: readonly Firewall[], text: string, more: Partial<Flow> = {}) {
  const [, from = '', to = '', port = ''] = /^tcp (\S+) -> (\S+):(\d+)$/.exec(text) ?? [];
  const devices = firewalls.map((firewall): Device => ({ name: firewall.name, firewall, host: NO_ADDRESS, zones: new Map() }));
  const [source, destination] = [addresses(from), addresses(to)];
  const bench = prepare(devices, [source, destination]);
  const services = [{ protocols: [6], ports: only(Number(port)) }];
  const packets = packetsOf({ source, destination, services, expect: 'allow' }, bench.spaces);
  return judge(bench, { packets, ...more }, JUDGING, 'overall');
}

describe('several devices', () => {
  test('every hop must accept; the deciding rule is that of the hop that denies', () => {
    const first = routed(rule('a', 'accept'));
    const second = { ...routed(rule('b', 'drop', { tcp: 443 })), name: 'second' };
    const verdict = judgeOn([first, second], WEB);
    expect(verdict).toMatchObject({ verdict: 'blocked', decidedBy: [{ device: 'second', rule: 'b' }] });
    expect(verdict.hops.map((hop) => hop.device)).toEqual(['gate', 'second']);
    expect(verdict.devices.map(({ device, verdict }) => [device, verdict])).toEqual([
      ['gate', 'permitted'],
      ['second', 'blocked'],
    ]);
  });

  test('parts that different hops deny add up', () => {
    const first = routed(rule('a', 'drop', { to: '10.2.0.8' }), rule('b', 'accept'));
    const second = { ...routed(rule('c', 'drop', { to: '10.2.0.9' }), rule('d', 'accept')), name: 'second' };
    expect(judgeOn([first, second], 'tcp 10.1.0.9 -> 10.2.0.8/31:443').verdict).toBe('blocked');
  });

  test('a flow that crosses no device is unknown; one that a device cannot judge too', () => {
    const firewall = routed(rule('a', 'accept'));
    expect(judgeOn([firewall], 'tcp 10.1.0.9 -> 10.1.0.10:443')).toMatchObject({ verdict: 'unknown', passes: false, hops: [] });
    const unread = judgeOn([firewall], WEB, { unreadable: ['core'] });
    expect(unread).toMatchObject({ verdict: 'unknown', conditions: [{ kind: 'export', device: 'core' }] });
    expect(unread.devices).toMatchObject([{ device: 'gate', verdict: 'permitted' }]);
    expect(judgeOn([routed(rule('a', 'drop'))], WEB, { unreadable: ['core'] }).verdict).toBe('blocked');
  });
});

describe('replies judged by rules', () => {
  const established = exactly({ phases: range(PHASE.reply, PHASE.later) });
  const opening = exactly({ ...box({ tcp: 443 }), phases: only(PHASE.first) });
  const stateful = (incoming: readonly Rule[], outgoing: readonly Rule[], more: Partial<Firewall> = {}): Firewall =>
    host(list('INPUT', 'drop', ...incoming), list('OUTPUT', 'drop', ...outgoing), { repliesByRules: true, ...more });
  const LOCAL = 'tcp 10.1.0.9 -> 10.1.0.5:443';
  const open = rule('open', 'accept', {}, { match: opening });
  const more = rule('more', 'accept', {}, { match: established });

  test('request, answer and later packets must all pass', () => {
    expect(judgeFlow(stateful([open, more], [more]), LOCAL)).toMatchObject({
      verdict: 'permitted',
      decidedBy: [{ rule: 'open' }],
    });
    const unanswered = judgeFlow(stateful([open, more], []), LOCAL);
    expect(unanswered).toMatchObject({ verdict: 'blocked', decidedBy: [{ rule: 'default', name: 'policy of OUTPUT (reply)' }] });
    expect(judgeFlow(stateful([open], [more]), LOCAL)).toMatchObject({
      verdict: 'blocked',
      decidedBy: [{ name: 'policy of INPUT (later packets)' }],
    });
    expect(judgeFlow(stateful([open], []), LOCAL, { firstPacket: true }).verdict).toBe('permitted');
  });

  test('answers have their ends and ports exchanged', () => {
    const answer = exactly({
      source: addresses('10.1.0.5'),
      protocols: only(6),
      sourcePorts: only(443),
      phases: only(PHASE.reply),
    });
    expect(judgeFlow(stateful([open, more], [rule('answer', 'accept', {}, { match: answer })]), LOCAL).verdict).toBe('permitted');
    const wrong = exactly({ protocols: only(6), ports: only(443), phases: only(PHASE.reply) });
    expect(judgeFlow(stateful([open, more], [rule('answer', 'accept', {}, { match: wrong })]), LOCAL).verdict).toBe('blocked');
    const some = exactly({ protocols: only(6), ports: range(1024, 40000), phases: only(PHASE.reply) });
    const partial = judgeFlow(stateful([open, more], [rule('answer', 'accept', {}, { match: some })]), LOCAL);
    expect(partial.verdict).toBe('partial');
    expect(partial.missing).toMatchObject([{ ports: '443', sourcePorts: '40001-65535' }]);
  });

  test('echo requests are answered by echo replies, errors and multicast by nothing', () => {
    const echo = rule(
      'echo',
      'accept',
      {},
      { match: exactly({ protocols: only(1), ports: only(8 * 256), phases: only(PHASE.first) }) },
    );
    const pong = rule(
      'pong',
      'accept',
      {},
      { match: exactly({ protocols: only(1), ports: only(0), phases: only(PHASE.reply) }) },
    );
    expect(judgeFlow(stateful([echo, more], [pong]), 'icmp/8/0 10.1.0.9 -> 10.1.0.5').verdict).toBe('permitted');
    expect(judgeFlow(stateful([echo, more], []), 'icmp/8/0 10.1.0.9 -> 10.1.0.5').verdict).toBe('blocked');
    const all = rule('all', 'accept');
    expect(judgeFlow(stateful([all], []), 'icmp/3/1 10.1.0.9 -> 10.1.0.5').verdict).toBe('permitted');
    expect(judgeFlow(stateful([all], []), 'udp 10.1.0.9 -> 224.0.0.251:5353', { direction: 'in' }).verdict).toBe('permitted');
    expect(judgeFlow(stateful([all], []), 'udp fd00::9 -> [ff02::fb]:5353', { direction: 'in' }).verdict).toBe('permitted');
  });

  test('untracked requests: the answer is new in its own right', () => {
    const notrack = rule('notrack', 'untrack', { tcp: 443 });
    const loose = rule('loose', 'accept', {}, { match: exactly({ phases: only(PHASE.untrackedFirst) }) });
    const later = rule('later', 'accept', {}, { match: exactly({ phases: only(PHASE.untrackedLater) }) });
    expect(judgeFlow(stateful([open, notrack, loose], []), LOCAL, { firstPacket: true }).verdict).toBe('permitted');
    expect(judgeFlow(stateful([notrack, open], []), LOCAL, { firstPacket: true }).verdict).toBe('blocked');
    const strayOut = rule('stray', 'accept', {}, { match: exactly({ phases: only(PHASE.strayReply) }) });
    expect(judgeFlow(stateful([notrack, loose, later], [more]), LOCAL).verdict).toBe('blocked');
    expect(judgeFlow(stateful([notrack, loose, later], [strayOut]), LOCAL).verdict).toBe('permitted');
  });

  test('tracking that is bypassed for later packets only', () => {
    const notrack = rule('notrack', 'untrack', {}, { match: exactly({ phases: only(PHASE.later) }) });
    const loose = rule('loose', 'accept', {}, { match: exactly({ phases: only(PHASE.untrackedLater) }) });
    expect(judgeFlow(stateful([notrack, open, more], [more]), LOCAL).verdict).toBe('blocked');
    expect(judgeFlow(stateful([notrack, open, loose], [more]), LOCAL).verdict).toBe('permitted');
    const answers = rule('answers', 'untrack', {}, { match: exactly({ phases: only(PHASE.reply) }) });
    const stray = rule('stray', 'accept', {}, { match: exactly({ phases: only(PHASE.untrackedReply) }) });
    // Tracking never saw an answer: what follows is no part of an established connection (measured: INVALID for TCP).
    expect(judgeFlow(stateful([open, more], [answers, stray]), LOCAL).verdict).toBe('blocked');
    const unseen = rule('unseen', 'accept', {}, { match: exactly({ phases: only(PHASE.unseenLater) }) });
    expect(judgeFlow(stateful([open, unseen], [answers, stray]), LOCAL).verdict).toBe('permitted');
  });

  test('the rules for answers are not in the export: unknown, unless the request is denied', () => {
    const entries: Firewall['entries'] = { in: { stages: { 4: ['INPUT'] }, in: EMPTY, out: EMPTY } };
    const verdict = judgeFlow(stateful([open, more], [], { entries }), LOCAL);
    expect(verdict).toMatchObject({ verdict: 'unknown', conditions: [{ kind: 'direction' }] });
    expect(judgeFlow(stateful([], [], { entries }), LOCAL).verdict).toBe('blocked');
    expect(judgeFlow(stateful([open], [], { entries }), LOCAL, { firstPacket: true }).verdict).toBe('permitted');
  });
});

describe('the example packet', () => {
  test('lies in what the verdict speaks of, in either family: alone it gets the same verdict', () => {
    const prefix = fc.constantFrom('10.2.0.0/24', '10.2.0.64/26', 'fd00:2::/64', 'fd00:2::8/125', 'fd00:2::9');
    const rules = fc.array(
      fc.tuple(
        fc.constantFrom('accept' as const, 'drop' as const),
        prefix,
        fc.integer({ min: 440, max: 446 }),
        fc.nat({ max: 4 }),
        fc.boolean(),
      ),
      { maxLength: 6 },
    );
    const flow = 'tcp [10.1.0.9,fd00:1::9] -> [10.2.0.0/24,fd00:2::/64]:441-445';
    const seen = new Set<string>();
    fc.assert(
      fc.property(rules, fc.boolean(), (made, end) => {
        const firewall = routed(
          ...made.map(([action, to, from, more, open], i) =>
            rule(`r${i}`, action, { to, tcp: [from, from + more] }, { conditions: open ? [gate(`coin ${i}`)] : [] }),
          ),
          ...(end ? [rule('end', 'accept')] : []),
        );
        const whole = judgeFlow(firewall, flow);
        seen.add(whole.verdict);
        if (!whole.witness) throw new Error('no example');
        const alone = judgeFlow(firewall, flowOf(whole.witness));
        expect(alone.verdict).toBe(whole.verdict === 'partial' ? 'blocked' : whole.verdict);
        // Boxes of the answer never contradict it either: each packet's fate is one of missing, open, conditional.
        for (const missing of whole.missing)
          expect(judgeFlow(firewall, `tcp [${missing.source}] -> [${missing.destination}]:${missing.ports}`).verdict).toBe(
            'blocked',
          );
        for (const open of whole.open)
          expect(judgeFlow(firewall, `tcp [${open.source}] -> [${open.destination}]:${open.ports}`).verdict).toBe('permitted');
      }),
      {
        numRuns: 120,
        examples: [
          [[], true],
          [[], false],
          [[['drop', '10.2.0.64/26', 441, 2, false]], true],
          [[['drop', 'fd00:2::8/125', 441, 2, true]], true],
        ],
      },
    );
    expect([...seen].sort()).toEqual(['blocked', 'conditional', 'partial', 'permitted']);
  });

  test('of a flow that is denied in one family only', () => {
    const firewall = routed(rule('a', 'accept', { to: '10.2.0.0/16' }));
    expect(judgeFlow(firewall, 'tcp [10.1.0.9,fd00:1::9] -> [10.2.0.9,fd00:2::9]:443')).toMatchObject({
      verdict: 'partial',
      witness: { source: 'fd00:1::9', destination: 'fd00:2::9' },
    });
  });
});

describe('bounds', () => {
  const doubling = (): Firewall => {
    const chains = Array.from({ length: 24 }, (_, i) =>
      list(`c${i}`, 'return', rule('x', { kind: 'jump', list: `c${i + 1}` }), rule('y', { kind: 'jump', list: `c${i + 1}` })),
    );
    const first = list('forward', 'drop', rule('j', { kind: 'jump', list: 'c0' }));
    return router([first, ...chains, list('c24', 'return')], { routes: ROUTES });
  };

  test('chains that double at every level are walked once for the same packets', () => {
    const started = performance.now();
    expect(judgeFlow(doubling(), WEB).verdict).toBe('blocked');
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('a question that would take too long ends in a reasoned unknown', () => {
    const unknown = (name: string): Firewall => ({
      ...router(['INPUT', 'OUTPUT', 'forward'].map((id) => list(id, 'accept'))),
      name,
      ownAddressesComplete: false,
      entries: {
        in: { stages: { 4: ['INPUT'] }, in: [0, 3], out: EMPTY },
        out: { stages: { 4: ['OUTPUT'] }, in: EMPTY, out: [0, 3] },
        forward: { stages: { 4: ['forward'] }, in: [0, 3], out: [0, 3] },
      },
    });
    const verdict = judgeOn(['a', 'b', 'c', 'd', 'e', 'f'].map(unknown), WEB);
    expect(verdict).toMatchObject({ verdict: 'unknown', passes: false, bound: expect.stringContaining('bound') });
    expect(verdict.conditions).toMatchObject([{ name: verdict.bound }]);
    expect(judgeOn([unknown('a'), unknown('b')], WEB).verdict).toBe('permitted');
  });

  test('a list that two stages jump to counts in both', () => {
    const jump = rule('j', { kind: 'jump', list: 'shared' });
    const lists = (action: 'accept' | 'drop') => [
      list('one', 'drop', jump),
      list('two', 'drop', jump),
      list('shared', 'return', rule('s', action)),
    ];
    const entries: Firewall['entries'] = { forward: { stages: { 4: ['one', 'two'] }, in: [0, 3], out: [0, 3] } };
    expect(judgeFlow(router(lists('accept'), { routes: ROUTES, entries }), WEB).verdict).toBe('permitted');
    expect(judgeFlow(router(lists('drop'), { routes: ROUTES, entries }), WEB).verdict).toBe('blocked');
  });

  test('lists that call each other are undecided, not endless', () => {
    const firewall = router(
      [
        list('forward', 'drop', rule('j', { kind: 'jump', list: 'a' })),
        list('a', 'return', rule('x', { kind: 'jump', list: 'b' })),
        list('b', 'return', rule('y', { kind: 'goto', list: 'a' })),
      ],
      { routes: ROUTES },
    );
    expect(judgeFlow(firewall, WEB).verdict).toBe('conditional');
  });

  test('a list that is jumped to and has an end of its own decides there', () => {
    const firewall = router([list('forward', 'accept', rule('j', { kind: 'jump', list: 'a' })), list('a', 'drop')], {
      routes: ROUTES,
    });
    expect(judgeFlow(firewall, WEB).verdict).toBe('blocked');
  });
});
