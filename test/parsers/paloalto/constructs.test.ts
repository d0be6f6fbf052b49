import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../../parsers/paloalto/tags.js';
import type { Firewall } from '../../../src/model/firewall.js';
import { parseAddressSet } from '../../../src/sets/ip.js';
import { type JudgeOptions, judgeFlow } from '../../support/judge.js';
import { configuration, ethernet, firewall, members, netmask, type Parts, readText, rule, staticRoute, tcp } from './fixture.js';

const PC = '10.1.1.1';
const toDmz = { from: ['trust'], to: ['dmz'] };

function check(fw: Firewall | Parts, flow: string, options: JudgeOptions = {}): string {
  const found = judgeFlow('lists' in fw ? fw : firewall(fw), flow, options);
  const rules = found.decidedBy.map((r) => r.name).join(', ');
  return found.verdict === 'conditional' ? 'conditional' : `${found.verdict} ${rules}`.trim();
}
const conditions = (fw: Firewall | Parts, flow: string, options: JudgeOptions = {}): string[] =>
  judgeFlow('lists' in fw ? fw : firewall(fw), flow, options).conditions.map((c) => `${c.kind}: ${c.name}`);
const codes = (fw: Firewall): string[] => fw.diagnostics.map((d) => d.code);
const set = (text: string) => {
  const found = parseAddressSet(text);
  if (!found) throw new Error(text);
  return found;
};

describe('application groups', () => {
  it('that contain themselves hold anything perhaps', () => {
    const vsys = `<application-group><entry name="g"><members>${members('g', 'ssh')}</members></entry></application-group>`;
    const parts: Parts = { rules: rule('R1', { ...toDmz, application: ['g'] }), vsys };
    expect(check(parts, `tcp ${PC} -> 10.2.0.1:22`, { facts: { application: 'ssh' } })).toBe('permitted R1');
    expect(check(parts, `tcp ${PC} -> 10.2.0.1:22`, { facts: { application: 'ssl' } })).toBe('conditional');
  });
});

describe('address objects', () => {
  const to = (name: string, vsys: string, more = ''): Parts => ({
    rules: rule('R1', { ...toDmz, destination: [name], more }),
    vsys,
  });

  it('ranges hold both ends, reversed ones nothing', () => {
    const vsys = (value: string) => `<address><entry name="r"><ip-range>${value}</ip-range></entry></address>`;
    expect(check(to('r', vsys('10.2.0.5-10.2.0.7')), `tcp ${PC} -> 10.2.0.7:1`)).toBe('permitted R1');
    expect(check(to('r', vsys('10.2.0.5-10.2.0.5')), `tcp ${PC} -> 10.2.0.5:1`)).toBe('permitted R1');
    const reversed = firewall(to('r', vsys('10.2.0.7-10.2.0.5')));
    expect(check(reversed, `tcp ${PC} -> 10.2.0.6:1`)).toBe('blocked interzone-default');
    expect(codes(reversed)).toContain('reversed-range');
    expect(check(to('r', vsys('10.2.0.7-x')), `tcp ${PC} -> 10.2.0.6:1`)).toBe('conditional');
  });

  it('host names are conditions until names are given', () => {
    const parts = to('h', '<address><entry name="h"><fqdn>App.Example.COM</fqdn></entry></address>');
    expect(conditions(parts, `tcp ${PC} -> 10.2.0.6:1`)).toEqual(['name: App.Example.COM']);
    const given = { names: new Map([['app.example.com', set('10.2.0.6')]]) };
    expect(check(firewall(parts, given), `tcp ${PC} -> 10.2.0.6:1`)).toBe('permitted R1');
    expect(check(firewall(parts, given), `tcp ${PC} -> 10.2.0.7:1`)).toBe('blocked interzone-default');
  });

  it('a missing object is no country, however short its name', () => {
    expect(conditions(to('H1', ''), `tcp ${PC} -> 10.2.0.6:1`)).toEqual(['construct: undefined address H1']);
    expect(check(to('DE', ''), `tcp ${PC} -> 10.2.0.6:1`)).toBe('blocked interzone-default');
  });

  it('known members stay definite beside an unknown one', () => {
    const vsys = `<address>${netmask('a', '10.2.0.1')}<entry name="h"><fqdn>x.example</fqdn></entry></address>
      <address-group><entry name="g"><static>${members('a', 'h')}</static></entry></address-group>`;
    expect(check(to('g', vsys), `tcp ${PC} -> 10.2.0.1:1`)).toBe('permitted R1');
    expect(check(to('g', vsys), `tcp ${PC} -> 10.2.0.2:1`)).toBe('conditional');
    const negated = to('g', vsys, '<negate-destination>yes</negate-destination>');
    expect(check(negated, `tcp ${PC} -> 10.2.0.1:1`)).toBe('blocked interzone-default');
    expect(check(negated, `tcp ${PC} -> 10.2.0.2:1`)).toBe('conditional');
  });

  it('groups: empty holds nothing, cycles and undefined members are open', () => {
    const group = (content: string) => `<address-group><entry name="g"><static>${content}</static></entry></address-group>`;
    expect(check(to('g', group('')), `tcp ${PC} -> 10.2.0.1:1`)).toBe('blocked interzone-default');
    const cyclic = firewall(to('g', group('<member>g</member><member>10.2.0.1</member>')));
    expect(check(cyclic, `tcp ${PC} -> 10.2.0.1:1`)).toBe('permitted R1');
    expect(check(cyclic, `tcp ${PC} -> 10.2.0.2:1`)).toBe('conditional');
    expect(codes(cyclic)).toContain('cyclic-group');
    const undef = firewall(to('g', group('<member>ghost</member>')));
    expect(check(undef, `tcp ${PC} -> 10.2.0.2:1`)).toBe('conditional');
    expect(codes(undef)).toContain('undefined-object');
    expect(
      check(
        to('g', '<address-group><entry name="g"><member>10.2.0.1</member></entry></address-group>'),
        `tcp ${PC} -> 10.2.0.1:1`,
      ),
    ).toBe('permitted R1');
  });

  it('a name defined twice with different content is open', () => {
    const vsys = `<address>${netmask('a', '10.2.0.1')}${netmask('a', '10.2.0.2')}${netmask('b', '10.2.0.1')}${netmask('b', '10.2.0.1')}</address>`;
    expect(check(to('a', vsys), `tcp ${PC} -> 10.2.0.1:1`)).toBe('conditional');
    expect(check(to('b', vsys), `tcp ${PC} -> 10.2.0.1:1`)).toBe('permitted R1');
  });

  it('names of object prototypes are ordinary names', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(check(to(name, `<address>${netmask(name, '10.2.0.1')}</address>`), `tcp ${PC} -> 10.2.0.1:1`)).toBe('permitted R1');
      expect(check(to(name, ''), `tcp ${PC} -> 10.2.0.1:1`)).toBe('conditional');
    }
  });

  it('regions: custom ones are exact, countries hold no private address', () => {
    const custom = '<region><entry name="Lab"><address><member>10.2.5.0/24</member></address></entry></region>';
    expect(check(to('Lab', custom), `tcp ${PC} -> 10.2.5.1:1`)).toBe('permitted R1');
    expect(check(to('Lab', custom), `tcp ${PC} -> 10.2.6.1:1`)).toBe('blocked interzone-default');
    expect(check(to('US', ''), `tcp ${PC} -> 10.2.6.1:1`)).toBe('blocked interzone-default');
    expect(check(to('US', '', '<negate-destination>yes</negate-destination>'), `tcp ${PC} -> 10.2.6.1:1`)).toBe('permitted R1');
    const out: Parts = { rules: rule('R1', { from: ['trust'], destination: ['US'] }) };
    expect(conditions(out, `tcp ${PC} -> 8.8.8.8:1`)).toEqual(['list: region US']);
  });

  it('external lists: given contents less the exceptions', () => {
    const vsys =
      '<external-list><entry name="feed"><type><ip><url>https://x.example</url><exception-list><member>10.2.0.9</member></exception-list></ip></type></entry></external-list>';
    expect(check(to('feed', vsys), `tcp ${PC} -> 10.2.0.9:1`)).toBe('blocked interzone-default');
    expect(conditions(to('feed', vsys), `tcp ${PC} -> 10.2.0.8:1`)).toEqual(['list: feed']);
    const given = { lists: new Map([['feed', set('10.2.0.0/28')]]) };
    expect(check(firewall(to('feed', vsys), given), `tcp ${PC} -> 10.2.0.8:1`)).toBe('permitted R1');
    expect(check(firewall(to('feed', vsys), given), `tcp ${PC} -> 10.2.0.9:1`)).toBe('blocked interzone-default');
  });

  it('the same list as source and as destination are two facts', () => {
    const rules = rule('R1', { source: ['feed'], action: 'deny' }) + rule('R2', { destination: ['feed'] });
    const vsys = '<external-list><entry name="feed"><type><ip/></type></entry></external-list>';
    expect(check({ rules, vsys }, `tcp ${PC} -> 10.2.0.8:1`)).toBe('conditional');
  });
});

describe('what cannot be resolved', () => {
  const messages = (parts: Parts, code: string): string[] =>
    firewall(parts).diagnostics.flatMap((d) => (d.code === code ? [`${d.line}: ${d.message.split(';')[0]}`] : []));
  const lineOf = (parts: Parts, text: string): number =>
    configuration(parts).slice(0, configuration(parts).indexOf(text)).split('\n').length;

  it('is said once, with the rules that use it, their lines and what is assumed', () => {
    const rules = ['A', 'B', 'C', 'D', 'E'].map((name) => rule(name, { source: ['feed'] })).join('\n');
    const line = lineOf({ rules }, '<entry name="A">');
    expect(messages({ rules }, 'undefined-object')).toEqual([
      `${line}: rule "A" (line ${line}), rule "B" (line ${line + 1}), rule "C" (line ${line + 2}) and 2 more use the address "feed", which is neither an address nor an object of this export`,
    ]);
    const [found] = firewall({ rules: rule('A', { source: ['feed'] }) }).diagnostics;
    expect([found?.severity, found?.message]).toEqual([
      'error',
      expect.stringMatching(/^rule "A" .* uses .*; assumed: any address may be in it and none surely is, so verdicts/),
    ]);
  });
  it('through a group, the group is named too', () => {
    const parts: Parts = {
      vsys: `<address-group><entry name="g"><static>${members('ghost')}</static></entry></address-group>`,
      rules: rule('R1', { destination: ['g'] }),
    };
    const [group, at] = [lineOf(parts, '<entry name="g">'), lineOf(parts, '<entry name="R1">')];
    expect(messages(parts, 'undefined-object')).toEqual([
      `${at}: rule "R1" (line ${at}), through address group "g" (line ${group}), uses the address "ghost", which is neither an address nor an object of this export`,
    ]);
  });
  it('a value that is no address is shown at its object', () => {
    const parts: Parts = {
      vsys: `<address>${netmask('a', '10.2.0.300')}</address>`,
      rules: rule('R1', { destination: ['a'], more: '<disabled>yes</disabled>' }),
    };
    const at = lineOf(parts, '<entry name="R1">');
    expect(messages(parts, 'bad-address')).toEqual([
      `${lineOf(parts, '<entry name="a">')}: disabled rule "R1" (line ${at}) uses the address object "a", whose value "10.2.0.300" is not an address, prefix or range that is understood`,
    ]);
  });
  it('services likewise', () => {
    const parts: Parts = { vsys: `<service>${tcp('s', '99999')}</service>`, rules: rule('R1', { service: ['s', 'ghost'] }) };
    const at = lineOf(parts, '<entry name="R1">');
    expect(messages(parts, 'undefined-object')).toEqual([
      `${at}: rule "R1" (line ${at}) uses the service "ghost", which is not defined in this export`,
    ]);
    expect(messages(parts, 'bad-service')).toEqual([
      `${lineOf(parts, '<entry name="s">')}: rule "R1" (line ${at}) uses a service that cannot be resolved (service s is not understood)`,
    ]);
  });
});

describe('tag filters', () => {
  const matches = (filter: string, ...tags: string[]) => compileFilter(filter)?.(new Set(tags));
  it('and binds tighter than or; words may be bare', () => {
    expect(matches("'a' or 'b' and 'c'", 'a')).toBe(true);
    expect(matches("'a' or 'b' and 'c'", 'b')).toBe(false);
    expect(matches("('a' or 'b')\n AND c", 'b', 'c')).toBe(true);
    expect(matches("'two words'", 'two words')).toBe(true);
  });
  it.each(["'a' 'b'", "not 'a'", "('a'", "'a' and", '', "'a"])('%s is not understood', (filter) => {
    expect(compileFilter(filter)).toBeUndefined();
  });
});

describe('services', () => {
  it('lists, groups and predefined ones, which objects override', () => {
    const vsys = `<service>${tcp('web', '80, 443,8000-8100')}</service><service-group><entry name="all"><members>${members('web', 'service-http')}</members></entry></service-group>`;
    const fw = firewall({ rules: rule('R1', { ...toDmz, service: ['all'] }), vsys });
    for (const port of [80, 443, 8050, 8080]) expect(check(fw, `tcp ${PC} -> 10.2.0.1:${port}`)).toBe('permitted R1');
    for (const flow of [`tcp ${PC} -> 10.2.0.1:8101`, `udp ${PC} -> 10.2.0.1:80`])
      expect(check(fw, flow)).toBe('blocked interzone-default');
    const own = {
      rules: rule('R1', { ...toDmz, service: ['service-http'] }),
      vsys: `<service>${tcp('service-http', '81')}</service>`,
    };
    expect(check(own, `tcp ${PC} -> 10.2.0.1:80`)).toBe('blocked interzone-default');
  });
  it('unknown, malformed and doubled ones are open within tcp, udp and sctp', () => {
    const both =
      '<service><entry name="s"><protocol><tcp><port>1</port></tcp><udp><port>1</port></udp></protocol></entry></service>';
    for (const vsys of ['', `<service>${tcp('s', '99999')}</service>`, both]) {
      const fw = firewall({ rules: rule('R1', { ...toDmz, service: ['s'] }), vsys });
      expect(check(fw, `tcp ${PC} -> 10.2.0.1:1`)).toBe('conditional');
      expect(check(fw, `gre ${PC} -> 10.2.0.1`)).toBe('blocked interzone-default');
    }
  });
});

describe('rules', () => {
  it.each([
    ['<source-hip><member>patched</member></source-hip>', 'user: HIP profile patched'],
    ['<category><member>news</member></category>', 'url-category: news'],
    ['<schedule>nights</schedule>', 'schedule: nights'],
    ['<source-imsi><member>1234</member></source-imsi>', 'construct: <source-imsi> 1234'],
    ['<future><option>x</option></future>', 'construct: <future>'],
    ['<negate-source>maybe</negate-source>', 'construct: <negate-source> maybe'],
  ])('%s is a gate', (more, condition) => {
    expect(conditions({ rules: rule('R1', { ...toDmz, more }) }, `tcp ${PC} -> 10.2.0.1:1`)).toEqual([condition]);
  });
  it('what says nothing is no condition', () => {
    const more =
      '<source-imsi><member>any</member></source-imsi><target><negate>no</negate></target><tag><member>x</member></tag><profile-setting><group><member>p</member></group></profile-setting>';
    expect(check({ rules: rule('R1', { ...toDmz, more }) }, `tcp ${PC} -> 10.2.0.1:1`)).toBe('permitted R1');
  });
  it('a missing or unknown action, and missing lists, never decide', () => {
    const complete = rule('R1', toDmz);
    for (const broken of [
      complete.replace('<action>allow</action>', ''),
      complete.replace('>allow<', '>shrug<'),
      complete.replace(/<source>.*<\/source>/, '<source/>'),
      complete.replace(/<service>.*<\/service>/, ''),
      complete.replace(/<application>.*<\/application>/, ''),
      complete.replace(/<to>.*<\/to>/, '<to/>'),
    ])
      expect(check({ rules: broken }, `tcp ${PC} -> 10.2.0.1:1`)).toBe('conditional');
  });
  it('negating any matches nothing', () => {
    const fw = firewall({ rules: rule('R1', { ...toDmz, more: '<negate-source>yes</negate-source>' }) });
    expect(check(fw, `tcp ${PC} -> 10.2.0.1:1`)).toBe('blocked interzone-default');
    expect(codes(fw)).toContain('negate-any');
  });
  it('a zone that the export does not define may be any', () => {
    const fw = firewall({ rules: rule('R1', { from: ['ghost'], action: 'deny' }) + rule('R2') });
    expect(codes(fw)).toContain('undefined-zone');
    expect(check(fw, `tcp ${PC} -> 10.2.0.1:1`)).toBe('conditional');
  });
  it('resets are rejects; span and text are those of the export', () => {
    const fw = firewall({
      rules: rule('R1', { action: 'reset-both', more: '<description>why</description><log-end>no</log-end>' }),
    });
    const first = fw.lists.get('security')?.rules[0];
    expect(first).toMatchObject({ id: 'R1', action: { kind: 'reject' }, description: 'why', logged: false });
    expect(
      configuration({ rules: '' })
        .split('\n')
        .findIndex((l) => l.includes('<security>')) + 2,
    ).toBe(first?.span?.line);
  });
});

describe('other policies', () => {
  const override = (label: string) =>
    `<application-override><rules><entry name="O1">${'<from><member>any</member></from><to><member>any</member></to><source><member>any</member></source><destination><member>10.2.0.1</member></destination>'}<protocol>tcp</protocol><port>9100</port><application>${label}</application></entry></rules></application-override>`;
  const vsys = '<application><entry name="printing"/></application>';

  it('application override names the application', () => {
    const rules = rule('R1', { ...toDmz, application: ['printing'], service: ['application-default'] });
    const fw = firewall({ rules, vsys, rulebase: override('printing') });
    expect(check(fw, `tcp ${PC} -> 10.2.0.1:9100`)).toBe('permitted R1');
    expect(check(fw, `tcp ${PC} -> 10.2.0.1:9101`)).toBe('blocked interzone-default');
    const real = firewall({ rules: rule('R1', { ...toDmz, application: ['ssl'] }), vsys, rulebase: override('printing') });
    expect(check(real, `tcp ${PC} -> 10.2.0.1:9100`, { facts: { application: 'ssl' } })).toBe('blocked interzone-default');
    expect(check(real, `tcp ${PC} -> 10.2.0.1:9101`, { facts: { application: 'ssl' } })).toBe('permitted R1');
    const any = firewall({ rules: rule('R1', toDmz), vsys, rulebase: override('printing') });
    expect(check(any, `tcp ${PC} -> 10.2.0.1:9100`)).toBe('permitted R1');
  });

  it('policy-based forwarding makes the zone of what it matches doubtful', () => {
    const pbf = (action: string) =>
      `<pbf><rules><entry name="P0"><from><zone><member>trust</member></zone></from><source><member>any</member></source><destination><member>10.2.0.2</member></destination><service><member>any</member></service><action><no-pbf/></action></entry>
       <entry name="P1"><from><zone><member>trust</member></zone></from><source><member>any</member></source><destination><member>10.2.0.0/24</member></destination><service><member>any</member></service><action>${action}</action></entry></rules></pbf>`;
    const fw = firewall({ rules: rule('R1', toDmz), rulebase: pbf('<forward/>') });
    expect(conditions(fw, `tcp ${PC} -> 10.2.0.1:1`)).toEqual(['construct: policy-based forwarding "P1"']);
    expect(check(fw, `tcp ${PC} -> 10.2.0.2:1`)).toBe('permitted R1');
    expect(check(fw, `tcp ${PC} -> 10.2.1.1:1`)).toBe('permitted R1');
  });

  it('NAT ends at the first match, source translation does not matter', () => {
    const entry = (name: string, destination: string, more: string) =>
      `<entry name="${name}"><from><member>any</member></from><to><member>dmz</member></to><source><member>any</member></source><destination><member>${destination}</member></destination><service>any</service>${more}</entry>`;
    const rulebase = `<nat><rules>${entry('N0', '10.2.0.2', '')}${entry('N1', '10.2.0.0/24', '<destination-translation><translated-address>10.2.9.9</translated-address></destination-translation>')}${entry('N2', 'any', '<source-translation><dynamic-ip-and-port/></source-translation>')}</rules></nat>`;
    const fw = firewall({ rules: rule('R1', toDmz), rulebase });
    expect(check(fw, `tcp ${PC} -> 10.2.0.2:1`)).toBe('permitted R1');
    expect(conditions(fw, `tcp ${PC} -> 10.2.0.1:1`)).toEqual(['construct: destination NAT "N1"']);
    expect(check(fw, `tcp ${PC} -> 10.2.1.1:1`)).toBe('permitted R1');
    const two = `<nat><rules>${entry('N3', 'any', '<source-translation><static-ip><bi-directional>yes</bi-directional><translated-address>10.2.0.77</translated-address></static-ip></source-translation>').replace('any</member></source>', '10.1.5.5</member></source>')}</rules></nat>`;
    expect(conditions({ rules: rule('R1', toDmz), rulebase: two }, `tcp ${PC} -> 10.2.0.77:1`)).toEqual([
      'construct: bi-directional NAT "N3"',
    ]);
  });
});

describe('routing', () => {
  const via = (name: string) => `<interface>${name}</interface>`;
  const router = (name: string, interfaces: readonly string[], routes: string, more = '') =>
    `<entry name="${name}">${more}<interface>${members(...interfaces)}</interface><routing-table><ip><static-route>${routes}</static-route></ip></routing-table></entry>`;
  const all = ['ethernet1/1', 'ethernet1/2', 'ethernet1/3', 'ethernet1/4'];
  const allow = rule('R1', toDmz);

  it('no route, discarded, and through a more specific route', () => {
    const routers = router(
      'default',
      all,
      staticRoute('a', '172.16.0.0/12', via('ethernet1/2')) + staticRoute('b', '172.16.9.0/24', '<nexthop><discard/></nexthop>'),
    );
    const fw = firewall({ rules: rule('R1'), routers });
    expect(judgeFlow(fw, `tcp ${PC} -> 8.8.8.8:1`)).toMatchObject({ verdict: 'blocked', cause: 'route' });
    expect(judgeFlow(fw, `tcp ${PC} -> 172.16.9.1:1`)).toMatchObject({ verdict: 'blocked', cause: 'route' });
    expect(check({ rules: allow, routers }, `tcp ${PC} -> 172.16.8.1:1`)).toBe('permitted R1');
  });

  it('equal routes to two zones leave both possible; distance and metric decide otherwise', () => {
    const two = (metric: number) =>
      router(
        'default',
        all,
        staticRoute('a', '172.16.0.0/12', via('ethernet1/2')) +
          staticRoute('b', '172.16.0.0/12', `${via('ethernet1/3')}<metric>${metric}</metric>`),
      );
    expect(check({ rules: allow, routers: two(10) }, `tcp ${PC} -> 172.16.8.1:1`)).toBe('conditional');
    expect(check({ rules: allow, routers: two(20) }, `tcp ${PC} -> 172.16.8.1:1`)).toBe('permitted R1');
  });

  it('routing protocols make all but connected networks doubtful', () => {
    const routers = router(
      'default',
      all,
      staticRoute('a', '172.16.0.0/12', via('ethernet1/2')),
      '<protocol><bgp><enable>yes</enable></bgp></protocol>',
    );
    expect(check({ rules: allow, routers }, `tcp ${PC} -> 172.16.8.1:1`)).toBe('conditional');
    expect(check({ rules: allow, routers }, `tcp ${PC} -> 10.2.8.1:1`)).toBe('permitted R1');
  });

  it('an interface with an address by DHCP is a candidate beside static routes', () => {
    const interfaces = `${ethernet('ethernet1/1', '10.1.0.1/16')}${ethernet('ethernet1/2', '10.2.0.1/16')}<entry name="ethernet1/3"><layer3><dhcp-client/></layer3></entry>`;
    const fw = firewall({
      rules: allow,
      interfaces,
      routers: router('default', all, staticRoute('a', '172.16.0.0/12', via('ethernet1/2'))),
    });
    expect(check(fw, `tcp ${PC} -> 172.16.8.1:1`)).toBe('conditional');
    expect(check(fw, `tcp ${PC} -> 8.8.8.8:1`)).toBe('blocked interzone-default');
    expect(fw.ownAddressesComplete).toBe(false);
  });

  it('a route into another virtual router takes its more specific routes along', () => {
    const routers =
      router('inside', ['ethernet1/1'], staticRoute('d', '0.0.0.0/0', '<nexthop><next-vr>outside</next-vr></nexthop>')) +
      router(
        'outside',
        ['ethernet1/2', 'ethernet1/3'],
        staticRoute('d', '0.0.0.0/0', via('ethernet1/3')) +
          staticRoute('b', '10.1.0.0/16', '<nexthop><next-vr>inside</next-vr></nexthop>'),
      );
    const fw = firewall({ rules: allow + rule('R2', { from: ['trust'], to: ['untrust'] }), routers });
    expect(fw.linkTables).toEqual(['inside', 'outside', 'outside']);
    expect(check(fw, `tcp ${PC} -> 10.2.0.1:1`)).toBe('permitted R1');
    expect(check(fw, `tcp ${PC} -> 8.8.8.8:1`)).toBe('permitted R2');
  });

  it('a zone in two virtual routers leaves the routes of both possible, unless the source is on an interface of one', () => {
    const routers =
      router('one', ['ethernet1/1', 'ethernet1/2'], staticRoute('d', '172.16.0.0/12', via('ethernet1/2'))) +
      router('two', ['ethernet1/4', 'ethernet1/3'], staticRoute('d', '172.16.0.0/16', via('ethernet1/3')));
    const fw = firewall({ rules: allow, routers });
    expect(codes(fw)).toContain('zone-in-several-routers');
    for (const destination of ['172.16.0.1', '172.17.0.1', '10.2.0.1'])
      expect(check(fw, `tcp ${PC} -> ${destination}:1`)).toBe('permitted R1');
    for (const destination of ['172.16.0.1', '172.17.0.1', '10.2.0.1'])
      expect(judgeFlow(fw, `tcp 172.30.0.1 -> ${destination}:1`, { in: 'trust' }).verdict).toBe('conditional');
  });

  it('a route into another virtual router that has no way is lost, whatever DHCP may add', () => {
    const interfaces = `${ethernet('ethernet1/1', '10.1.0.1/16')}${ethernet('ethernet1/2', '10.2.0.1/16')}<entry name="ethernet1/3"><layer3><dhcp-client/></layer3></entry>`;
    const over = staticRoute('o', '172.16.0.0/12', '<nexthop><next-vr>two</next-vr></nexthop>');
    const routers = router('one', ['ethernet1/1', 'ethernet1/3'], over) + router('two', ['ethernet1/2'], '');
    const fw = firewall({ rules: rule('R1', { from: ['trust'] }), interfaces, routers });
    expect(check(fw, `tcp ${PC} -> 172.16.0.1:1`)).toBe('conditional');
    expect(conditions(fw, `tcp ${PC} -> 172.16.0.1:1`)).toEqual(['path: the device may have no route to the destination']);
    expect(judgeFlow(fw, `tcp ${PC} -> 172.16.0.1:1`, { in: 'trust', out: 'untrust' }).verdict).toBe('permitted');
  });

  it('what path monitoring takes out falls back to the next shorter prefix', () => {
    const monitored = `${via('ethernet1/2')}<path-monitor><enable>yes</enable></path-monitor>`;
    const fw = (fallback: string) =>
      firewall({ rules: allow, routers: router('r', all, staticRoute('m', '172.16.0.0/16', monitored) + fallback) });
    expect(check(fw(staticRoute('d', '0.0.0.0/0', via('ethernet1/3'))), `tcp ${PC} -> 172.16.0.1:1`)).toBe('conditional');
    expect(check(fw(staticRoute('d', '0.0.0.0/0', via('ethernet1/2'))), `tcp ${PC} -> 172.16.0.1:1`)).toBe('permitted R1');
    expect(check(fw(''), `tcp ${PC} -> 172.16.0.1:1`)).toBe('conditional');
  });

  it('DHCP brings a default route unless it is told not to, and none for IPv6', () => {
    const interfaces = (more: string) =>
      `${ethernet('ethernet1/1', '10.1.0.1/16')}${ethernet('ethernet1/2', '10.2.0.1/16')}<entry name="ethernet1/3"><layer3><dhcp-client>${more}</dhcp-client></layer3></entry>`;
    const fw = (more = '') =>
      firewall({ rules: rule('R1', { from: ['trust'] }), interfaces: interfaces(more), routers: router('r', all, '') });
    expect(check(fw(), `tcp ${PC} -> 8.8.8.8:1`)).toBe('permitted R1');
    expect(check(fw('<create-default-route>no</create-default-route>'), `tcp ${PC} -> 8.8.8.8:1`)).toBe('conditional');
    expect(judgeFlow(fw(), 'tcp 2001:db8:1::5 -> 2001:db8:9::1', { in: 'trust' })).toMatchObject({
      verdict: 'blocked',
      cause: 'route',
    });
  });

  it('an interface without a zone drops in both directions', () => {
    const interfaces =
      ethernet('ethernet1/1', '10.1.0.1/16') + ethernet('ethernet1/2', '10.2.0.1/16') + ethernet('ethernet1/9', '10.9.0.1/16');
    const fw = firewall({
      rules: rule('R1'),
      interfaces,
      routers: router('default', ['ethernet1/1', 'ethernet1/2', 'ethernet1/9'], ''),
    });
    expect(check(fw, `tcp ${PC} -> 10.9.0.5:1`)).toBe('blocked interface without a zone here');
    expect(check(fw, `tcp 10.9.0.5 -> ${PC}:1`)).toBe('blocked interface without a zone here');
  });

  it('without routers or zones the zone is unknown', () => {
    const fw = firewall({ rules: allow, routers: '' });
    expect(fw.routes).toBeUndefined();
    expect(check(fw, `tcp ${PC} -> 10.2.0.1:1`)).toBe('conditional');
    expect(check(fw, `tcp ${PC} -> 10.2.0.1:1`, { in: 'trust', out: 'dmz' })).toBe('permitted R1');
    const bare = firewall({ rules: allow, zones: '' });
    expect(bare.links.names).toEqual(['dmz', 'trust', '(another zone)']);
  });
});

describe('documents', () => {
  it('reads API responses and several documents in one file', () => {
    const one = configuration({ rules: rule('R1') }).replace(/<\?xml[^>]*>\s*/, '');
    expect(readText(`<response status="success"><result>${one}</result></response>`)).toHaveLength(1);
    const both = readText(`<?xml version="1.0"?>${one}\n<?xml version="1.0"?>\n${one}`);
    expect(both.map((fw) => fw.name)).toEqual(['fw1 (document 1)', 'fw1 (document 2)']);
    const text = `<?xml version="1.0"?>${one}\n<?xml version="1.0"?>\n${one}`;
    const span = both[1]?.lists.get('security')?.rules[0]?.span;
    expect(span && text.slice(span.start, span.end)).toMatch(/^<entry name="R1">/);
    expect(span?.line).toBe(text.slice(0, span?.start).split('\n').length);
  });

  it('several virtual systems are several firewalls, and given.vsys picks one', () => {
    const second = '</entry><entry name="vsys2"><display-name>guests</display-name><zone/><rulebase/></entry></vsys>';
    const two = configuration().replace(/<\/entry>\s*<\/vsys>/, second);
    expect(readText(two).map((fw) => fw.name)).toEqual(['fw1 vsys1', 'fw1 vsys2']);
    expect(readText(two, { vsys: 'guests' }).map((fw) => fw.name)).toEqual(['fw1']);
    expect(() => readText(two, { vsys: 'vsys9' })).toThrow(/no virtual system "vsys9"/);
  });

  it.each([
    [
      '<config urldb="paloaltonetworks"><devices><entry name="x"><device-group><entry name="d"/></device-group></entry></devices></config>',
      /Panorama/,
    ],
    ['<config urldb="paloaltonetworks"><devices/></config>', /no virtual system/],
    ['<response status="error"><msg>no</msg></response>', /API answered with an error/],
    ['<response status="success"><result><rules/></result></response>', /part of the configuration/],
    ['<rules><entry name="x"/></rules>', /expected a whole <config>/],
    ['<config><devices>', /well-formed/],
  ])('refuses %s', (text, message) => {
    expect(() => readText(text)).toThrow(
      expect.objectContaining({
        name: 'RefusedError',
        message: expect.stringMatching(message),
        place: expect.objectContaining({ file: 'fw.xml', hint: expect.any(String) }),
      }),
    );
  });

  it('IPv6 that the firewall does not filter is not judged', () => {
    const device = '<system/><setting><session><ipv6-firewalling>no</ipv6-firewalling></session></setting>';
    expect(judgeFlow(firewall({ rules: rule('R1'), device }), 'tcp 2001:db8:1::5 -> [2001:db8:2::5]:1').verdict).toBe('unknown');
  });
});
