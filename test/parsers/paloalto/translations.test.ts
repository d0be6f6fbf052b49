/** What the firewall says it rewrites, rule by rule. */
import { describe, expect, it } from 'vitest';
import type { Firewall, Translation } from '../../../src/model/firewall.js';
import type { MatchBox } from '../../../src/model/match.js';
import { contains } from '../../../src/sets/intervals.js';
import { formatAddresses, parseIpv4, parseIpv6 } from '../../../src/sets/ip.js';
import { configuration, ethernet, firewall, members, netmask, type Parts, readText } from './fixture.js';

interface NatParts {
  readonly from?: string;
  readonly to?: string;
  readonly source?: string;
  readonly destination?: string;
  readonly service?: string;
  readonly more?: string;
}

function nat(name: string, body: string, parts: NatParts = {}): string {
  const list = (tag: string, value = 'any'): string => `<${tag}>${members(value)}</${tag}>`;
  return `<entry name="${name}">${list('to', parts.to)}${list('from', parts.from)}${list('source', parts.source)}${list('destination', parts.destination)}<service>${parts.service ?? 'any'}</service>${body}${parts.more ?? ''}</entry>`;
}
const dnat = (body: string): string => `<destination-translation>${body}</destination-translation>`;
const address = (text: string): string => `<translated-address>${text}</translated-address>`;
const snat = (body: string): string => `<source-translation>${body}</source-translation>`;
const hide = (body: string): string => snat(`<dynamic-ip-and-port>${body}</dynamic-ip-and-port>`);
const behind = (name: string): string => hide(`<interface-address><interface>${name}</interface></interface-address>`);
const fixed = (to: string, both = false): string =>
  snat(`<static-ip>${address(to)}${both ? '<bi-directional>yes</bi-directional>' : ''}</static-ip>`);

const read = (rules: string, more: Parts = {}): Firewall => firewall({ rulebase: `<nat><rules>${rules}</rules></nat>`, ...more });
const of = (rules: string, more: Parts = {}): readonly Translation[] => read(rules, more).translations ?? [];
const one = (rules: string, more: Parts = {}): Translation => {
  const found = of(rules, more);
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} translations`);
  return found[0];
};
const to = (translation: Translation): readonly string[] | undefined => translation.to && formatAddresses(translation.to);

interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly in: number;
  readonly out: number;
  readonly port?: number;
}
const TRUST = 0;
const DMZ = 1;
const UNTRUST = 2;

function inBox(box: MatchBox, packet: Packet): boolean {
  const at = (set: MatchBox['source'], text: string): boolean => {
    if (!set) return true;
    const v4 = parseIpv4(text);
    return v4 === undefined ? contains(set.v6, parseIpv6(text) ?? -1n) : contains(set.v4, v4);
  };
  return (
    at(box.source, packet.source) &&
    at(box.destination, packet.destination) &&
    (!box.in || contains(box.in, packet.in)) &&
    (!box.out || contains(box.out, packet.out)) &&
    (!box.protocols || contains(box.protocols, 6)) &&
    (!box.ports || contains(box.ports, packet.port ?? 443))
  );
}
const hits = (translation: Translation, packet: Packet): boolean => translation.match.some((box) => inBox(box, packet));

const IN: Packet = { source: '198.51.100.7', destination: '192.0.2.10', in: UNTRUST, out: UNTRUST };
const OUT: Packet = { source: '10.1.1.1', destination: '198.51.100.7', in: TRUST, out: UNTRUST };
const PUBLISHED: NatParts = { from: 'untrust', to: 'untrust', destination: '192.0.2.10' };
const OUTBOUND: NatParts = { from: 'trust', to: 'untrust' };

describe('destination translation', () => {
  it('publishes its target to the zones it comes from; the zone of the published address is not where packets leave', () => {
    const web = one(nat('web', dnat(address('10.2.5.5')), PUBLISHED));
    expect([web.changes, web.name, to(web)]).toEqual(['destination', 'destination NAT "web"', ['10.2.5.5']]);
    expect(web.span?.line).toBeGreaterThan(1);
    expect(hits(web, IN)).toBe(true);
    expect(hits(web, { ...IN, out: DMZ })).toBe(true);
    expect(hits(web, { ...IN, in: TRUST })).toBe(false);
    expect(hits(web, { ...IN, destination: '192.0.2.11' })).toBe(false);
  });
  it('resolves objects, and leaves open what the export does not hold', () => {
    const vsys = `<address>${netmask('srv', '10.2.5.6')}<entry name="name"><fqdn>srv.example</fqdn></entry></address>`;
    expect(to(one(nat('n', dnat(address('srv')), PUBLISHED), { vsys }))).toEqual(['10.2.5.6']);
    expect(to(one(nat('n', dnat(address('name')), PUBLISHED), { vsys }))).toBeUndefined();
    const ghost = read(nat('n', dnat(address('ghost')), PUBLISHED));
    expect(ghost.translations?.map(to)).toEqual([undefined]);
    expect(ghost.diagnostics.map((d) => d.message).join()).toMatch(/^NAT rule "n" \(line \d+\) uses the address "ghost"/);
    const round = `<dynamic-destination-translation>${address('10.2.0.0/30')}</dynamic-destination-translation>`;
    expect(to(one(nat('n', round, PUBLISHED)))).toEqual(['10.2.0.0/30']);
  });
  it('of the port alone leaves packets at their address', () => {
    expect(to(one(nat('n', dnat('<translated-port>8443</translated-port>'), PUBLISHED)))).toEqual(['192.0.2.10']);
    expect(to(one(nat('n', dnat('<translated-port>8443</translated-port>'))))).toBeUndefined();
  });
  it('of another service is none', () => {
    const https = one(nat('n', dnat(address('10.2.5.5')), { ...PUBLISHED, service: 'service-https' }));
    expect(hits(https, IN)).toBe(true);
    expect(hits(https, { ...IN, port: 80 })).toBe(false);
  });
});

describe('source translation', () => {
  it('names the zones on both sides and the address it writes', () => {
    const out = one(nat('out', behind('ethernet1/3'), OUTBOUND));
    expect([out.changes, out.name, to(out)]).toEqual(['source', 'source NAT "out"', ['192.0.2.1']]);
    expect(hits(out, OUT)).toBe(true);
    expect(hits(out, { ...OUT, out: DMZ })).toBe(false);
    expect(hits(out, { ...OUT, in: DMZ })).toBe(false);
    expect(hits(out, { ...OUT, source: '2001:db8:1::5', destination: '2001:db8:9::5' })).toBe(false);
  });
  it.each([
    [
      'one address of an interface',
      hide('<interface-address><ip>192.0.2.7/24</ip><interface>ethernet1/3</interface></interface-address>'),
      ['192.0.2.7'],
    ],
    [
      'a pool',
      hide(`<translated-address>${members('192.0.2.20', '192.0.2.22')}</translated-address>`),
      ['192.0.2.20', '192.0.2.22'],
    ],
    [
      'a pool with a fallback',
      snat(
        `<dynamic-ip><translated-address>${members('192.0.2.20')}</translated-address><fallback><translated-address>${members('192.0.2.30')}</translated-address></fallback></dynamic-ip>`,
      ),
      ['192.0.2.20', '192.0.2.30'],
    ],
    ['static', fixed('192.0.2.40'), ['192.0.2.40']],
    ['an interface that is not in the export', behind('ethernet1/9'), undefined],
    ['an undefined pool', hide(`<translated-address>${members('ghost')}</translated-address>`), undefined],
    ['a form that is not known', snat('<by-moon-phase/>'), undefined],
  ])('%s', (_, body, expected) => {
    const found = one(nat('out', body, OUTBOUND));
    expect(found.changes).toBe('source');
    expect(to(found)).toEqual(expected);
    expect(hits(found, OUT)).toBe(true);
  });
  it('to an address by DHCP is not known', () => {
    const dhcp = '<entry name="ethernet1/9"><layer3><dhcp-client><enable>yes</enable></dhcp-client></layer3></entry>';
    const more = { interfaces: ethernet('ethernet1/1', '10.1.0.1/16') + dhcp };
    expect(to(one(nat('out', behind('ethernet1/9'), OUTBOUND), more))).toBeUndefined();
  });
  it('that works both ways also publishes the original', () => {
    const found = of(nat('both', fixed('192.0.2.40', true), { ...OUTBOUND, source: '10.1.5.5' }));
    expect(found.map((t) => [t.changes, t.name, to(t)])).toEqual([
      ['source', 'source NAT "both"', ['192.0.2.40']],
      ['destination', 'bi-directional NAT "both"', ['10.1.5.5']],
    ]);
    const [, back] = found;
    expect(back && hits(back, { ...IN, destination: '192.0.2.40' })).toBe(true);
    expect(back && hits(back, IN)).toBe(false);
  });
  it('together with the destination leaves by the zone of the new destination', () => {
    const found = of(nat('turn', behind('ethernet1/2') + dnat(address('10.2.5.5')), { ...PUBLISHED, from: 'trust' }));
    expect(found.map((t) => t.changes)).toEqual(['destination', 'source']);
    for (const each of found) expect(hits(each, { ...OUT, destination: '192.0.2.10', out: DMZ })).toBe(true);
  });
});

describe('rules that translate nothing', () => {
  it('are no entry: none, empty, disabled', () => {
    const off = nat('off', behind('ethernet1/3'), { ...OUTBOUND, more: '<disabled>yes</disabled>' });
    expect(of(nat('none', '', OUTBOUND) + nat('empty', '<source-translation/>', OUTBOUND) + off)).toEqual([]);
    expect(firewall().translations).toEqual([]);
  });
  it('exempt what they take for sure from later rules, and only that', () => {
    const vpn = nat('no nat', '', { ...OUTBOUND, destination: '10.9.0.0/16' });
    const later = one(vpn + nat('out', behind('ethernet1/3'), OUTBOUND));
    expect(hits(later, { ...OUT, destination: '10.9.1.1' })).toBe(false);
    expect(hits(later, { ...OUT, destination: '10.10.1.1' })).toBe(true);
    expect(hits(later, OUT)).toBe(true);
    for (const [what, parts] of [
      ['unknown destination', { ...OUTBOUND, destination: 'ghost' }],
      ['another zone', { from: 'dmz', to: 'untrust' }],
      ['unknown element', { ...OUTBOUND, more: '<odd>x</odd>' }],
      ['egress interface', { ...OUTBOUND, more: '<to-interface>ethernet1/3</to-interface>' }],
      ['disabled', { ...OUTBOUND, more: '<disabled>yes</disabled>' }],
      ['another port', { ...OUTBOUND, service: 'service-http' }],
    ] as const)
      expect(hits(one(nat('no nat', '', parts) + nat('out', behind('ethernet1/3'), OUTBOUND)), OUT), what).toBe(true);
    const after = one(nat('out', behind('ethernet1/3'), OUTBOUND) + vpn);
    expect(hits(after, { ...OUT, destination: '10.9.1.1' })).toBe(true);
  });
  it('a rule of the source alone keeps the destination from later rules', () => {
    const found = of(
      nat('out', behind('ethernet1/3'), OUTBOUND) +
        nat('web', dnat(address('10.2.5.5')), { to: 'untrust', destination: '192.0.2.10' }),
    );
    const web = found.find((t) => t.changes === 'destination');
    expect(web && hits(web, IN)).toBe(true);
    expect(web && hits(web, { ...OUT, destination: '192.0.2.10' })).toBe(false);
  });
});

describe('what is not read', () => {
  it('NAT between families may write anything', () => {
    const found = of(
      nat('six', fixed('192.0.2.40') + dnat(address('10.2.5.5')), { ...OUTBOUND, more: '<nat-type>nat64</nat-type>' }),
    );
    expect(found.map((t) => [t.changes, t.name, to(t)])).toEqual([
      ['destination', 'nat64 "six"', undefined],
      ['source', 'nat64 "six"', undefined],
    ]);
    for (const each of found) expect(hits(each, { ...OUT, source: '2001:db8:1::5', destination: '64:ff9b::1' })).toBe(true);
  });
  it('NAT of a shared gateway may rewrite what crosses its zone', () => {
    const outside = `<entry name="outside"><network><external>${members('sg1')}</external></network></entry>`;
    const zones = `<entry name="trust"><network><layer3>${members('ethernet1/1')}</layer3></network></entry>${outside}`;
    const gateway = (rules: string): string =>
      `<shared-gateway><entry name="sg1"><rulebase><nat><rules>${rules}</rules></nat></rulebase></entry></shared-gateway>`;
    const text = (rules: string): string => configuration({ zones }).replace('</network>\n', `${gateway(rules)}</network>\n`);
    const found = (rules: string) => readText(text(rules)).flatMap((fw) => fw.translations ?? []);
    expect(found(nat('any', behind('ethernet1/3')))).toMatchObject([
      { changes: 'source', match: [{ out: [1, 2] }] },
      { changes: 'destination', match: [{ in: [1, 2] }] },
    ]);
    expect(found('')).toEqual([]);
  });
  it('rules that Panorama pushes may rewrite any source; those in the export come before local ones', () => {
    const device = '<system><hostname>fw1</hostname><panorama-server>10.1.9.9</panorama-server></system>';
    expect(one('', { device })).toMatchObject({ changes: 'source', match: [{}] });
    const top = `<panorama><vsys><entry name="vsys1"><pre-rulebase><nat><rules>${nat('pushed', '', OUTBOUND)}</rules></nat></pre-rulebase></entry></vsys></panorama>`;
    expect(of(nat('out', behind('ethernet1/3'), OUTBOUND), { device, top })).toEqual([]);
  });
});
