/** Vendor facts beyond the numbered traps, judged from end to end. */
import { describe, expect, it } from 'vitest';
import type { Given } from '../../../parsers/types.js';
import { parseAddressSet } from '../../../src/sets/ip.js';
import { judgeFlow } from '../../support/judge.js';
import {
  ANY,
  address,
  alias,
  type ConfigParts,
  codes,
  floating,
  listed,
  network,
  port,
  read,
  readText,
  rule,
  userRules,
} from './build.js';

const TCP = '<protocol>tcp</protocol>';
const OUT = '<direction>out</direction><quick/>';
const LAN = '192.168.1.50';
const set = (text: string) => parseAddressSet(text) ?? { v4: [], v6: [] };

function judge(parts: ConfigParts, flow: string, given: Given = {}) {
  const found = judgeFlow(read(parts, given), flow);
  return { verdict: found.verdict, by: found.decidedBy.map((d) => d.name), open: found.conditions.map((c) => c.name) };
}
const verdict = (parts: ConfigParts, flow: string, given: Given = {}) => judge(parts, flow, given).verdict;

describe('policy routing and what goes out', () => {
  const vpn = {
    interfaces: '<opt2><enable/><if>ovpnc1</if><descr>TUNNEL</descr></opt2>',
    more: '<openvpn><openvpn-client><vpnid>1</vpnid></openvpn-client></openvpn>',
  };
  const through = rule('pass', 'lan', ANY, ANY, '<gateway>TUNNEL_VPNV4</gateway>');
  const flow = `tcp ${LAN} -> 198.51.100.9:443`;

  it('judges outbound rules on the interface of the gateway, not of the default route', () => {
    expect(verdict({ ...vpn, filter: floating('block', 'wan', ANY, ANY, OUT) + through }, flow)).toBe('permitted');
    expect(verdict({ ...vpn, filter: floating('block', 'opt2', ANY, ANY, OUT) + through }, flow)).toBe('blocked');
    // Without the gateway routes decide, and the network that the VPN server assigns is not in the file: it may be this one.
    const routed = { ...vpn, filter: floating('block', 'wan', ANY, ANY, OUT) + rule('pass', 'lan', ANY, ANY) };
    expect(judge(routed, flow)).toMatchObject({ verdict: 'conditional' });
    expect(verdict({ ...routed, filter: routed.filter.replace('<interface>wan<', '<interface>wan,opt2<') }, flow)).toBe(
      'blocked',
    );
  });

  it('leaves open which member of a gateway group carries a packet', () => {
    const group =
      '<gateway_group><name>BOTH</name><item>WANGW|1|address</item><item>TUNNEL_VPNV4|2|address</item></gateway_group>';
    const filter = floating('block', 'opt2', ANY, ANY, OUT) + rule('pass', 'lan', ANY, ANY, '<gateway>BOTH</gateway>');
    const parts = { ...vpn, filter, gateways: group };
    const found = judge(parts, flow);
    expect(found.verdict).toBe('conditional');
    expect(found.open.join()).toMatch(/gateway group BOTH/);
    expect(verdict({ ...parts, filter: filter.replace('opt2', 'opt2,wan') }, flow)).toBe('blocked');
  });

  it('reads a gateway that nobody defined as no gateway', () => {
    const filter = rule('pass', 'lan', ANY, ANY, '<gateway>GONE</gateway>');
    expect(verdict({ filter }, `tcp ${LAN} -> 10.0.1.5:443`)).toBe('permitted');
    expect(codes(read({ filter }))).toContain('gateway-unknown');
  });
});

describe('interfaces, groups and networks', () => {
  it('a rule on a group matches on every member and comes before the tabs', () => {
    const more = '<ifgroups><ifgroupentry><ifname>INSIDE</ifname><members>lan opt1</members></ifgroupentry></ifgroups>';
    const filter = rule('pass', 'lan', ANY, ANY) + rule('block', 'INSIDE', ANY, ANY, '<descr>group</descr>');
    expect(judge({ more, filter }, `tcp ${LAN} -> 198.51.100.9:443`)).toMatchObject({ verdict: 'blocked', by: ['group'] });
    expect(verdict({ more, filter, version: '8.0' }, `tcp ${LAN} -> 198.51.100.9:443`)).toBe('permitted');
  });

  it('two orders of group tabs stay open where they decide, since 2.8', () => {
    const more = `<ifgroups><ifgroupentry><ifname>A</ifname><members>lan</members></ifgroupentry><ifgroupentry><ifname>B</ifname><members>lan</members></ifgroupentry></ifgroups>`;
    const filter = rule('block', 'B', ANY, ANY + port('80'), TCP) + rule('pass', 'A', ANY, ANY);
    const flow = `tcp ${LAN} -> 198.51.100.9:80`;
    expect(verdict({ more, filter, version: '23.3' }, flow)).toBe('blocked');
    expect(verdict({ more, filter, version: '24.0' }, flow)).toBe('conditional');
    expect(verdict({ more, filter, version: '24.0' }, `tcp ${LAN} -> 198.51.100.9:81`)).toBe('permitted');
  });

  it('"lan address" is the address, "lan" the network; a CIDR among keywords drops the rule', () => {
    const to = (end: string) => ({ filter: rule('pass', 'opt1', ANY, end) });
    expect(verdict(to(network('lanip')), 'tcp 10.0.1.9 -> 192.168.1.1:22')).toBe('permitted');
    expect(verdict(to(network('lanip')), 'tcp 10.0.1.9 -> 192.168.1.2:22')).toBe('blocked');
    expect(verdict(to(network('lan')), 'tcp 10.0.1.9 -> 192.168.1.0/24:22')).toBe('permitted');
    expect(verdict(to(network('192.168.1.0/24')), 'tcp 10.0.1.9 -> 192.168.1.2:22')).toBe('blocked');
    expect(verdict(to(network('(self)')), 'tcp 10.0.1.9 -> 203.0.113.2:22')).toBe('permitted');
  });

  it('an address by DHCP stays open, lies in no attached network, and can be given', () => {
    const parts = {
      interfaces: '<opt3><enable/><if>igb3</if><ipaddr>dhcp</ipaddr></opt3>',
      filter: rule('block', 'lan', ANY, network('opt3ip')) + rule('pass', 'lan', ANY, ANY),
    };
    expect(judge(parts, `tcp ${LAN} -> 198.51.100.9:22`)).toMatchObject({
      verdict: 'conditional',
      open: ['OPT3 address (IPv4, dhcp)'],
    });
    expect(verdict(parts, `tcp ${LAN} -> 10.0.1.7:22`)).toBe('permitted');
    expect(verdict(parts, `tcp ${LAN} -> 198.51.100.9:22`, { keywords: new Map([['opt3ip', set('198.51.100.7')]]) })).toBe(
      'permitted',
    );
    expect(verdict(parts, `tcp ${LAN} -> 198.51.100.7:22`, { keywords: new Map([['opt3ip', set('198.51.100.7')]]) })).toBe(
      'blocked',
    );
  });

  it('unknown addresses of the other family are not mentioned', () => {
    const parts = {
      interfaces: '<opt3><enable/><if>igb3</if><ipaddr>dhcp</ipaddr><ipaddrv6>dhcp6</ipaddrv6></opt3>',
      filter: rule('block', 'lan', ANY, network('(self)')) + rule('pass', 'lan', ANY, ANY),
    };
    expect(judge(parts, `tcp ${LAN} -> 198.51.100.9:22`).open).toEqual(['OPT3 address (IPv4, dhcp)']);
  });

  it('source in one table and destination in the same table are two facts', () => {
    const aliases = alias('T', 'urltable', '', '<url>https://x.example/t</url>');
    const filter =
      rule('pass', 'lan', address('T'), ANY) + rule('block', 'lan', ANY, address('T')) + rule('pass', 'lan', ANY, ANY);
    expect(verdict({ aliases, filter }, `tcp ${LAN} -> 198.51.100.9:22`)).toBe('conditional');
  });

  it('a table and its negation are one fact, turned round', () => {
    const aliases = alias('T', 'host', 'a.example.com');
    const both = rule('pass', 'lan', ANY, address('T')) + rule('pass', 'lan', ANY, `${address('T')}<not/>`);
    expect(verdict({ aliases, filter: both }, `tcp ${LAN} -> 198.51.100.9:22`)).toBe('permitted');
    const split =
      rule('pass', 'lan', ANY, address('T')) + rule('block', 'lan', ANY, `${address('T')}<not/>`) + rule('pass', 'lan', ANY, ANY);
    expect(verdict({ aliases, filter: split }, `tcp ${LAN} -> 198.51.100.9:22`)).toBe('conditional');
  });
});

describe('aliases and ports', () => {
  const out = (aliases: string, destination: string, more = TCP) => ({
    aliases,
    filter: rule('pass', 'lan', ANY, destination, more),
  });

  it('nests, ends cycles, and tells empty from missing', () => {
    const cycle = alias('A', 'host', 'B 10.0.1.5') + alias('B', 'network', 'A 10.0.1.64/26');
    expect(verdict(out(cycle, address('A')), `tcp ${LAN} -> 10.0.1.70:1`)).toBe('permitted');
    expect(verdict(out(cycle, address('B')), `tcp ${LAN} -> 10.0.1.5:1`)).toBe('permitted');
    expect(verdict(out(cycle, address('A')), `tcp ${LAN} -> 10.0.1.6:1`)).toBe('blocked');
    const empty = alias('E', 'host', '');
    expect(verdict(out(empty, address('E')), `tcp ${LAN} -> 10.0.1.6:1`)).toBe('blocked');
    expect(verdict(out(empty, `${address('E')}<not/>`), `tcp ${LAN} -> 10.0.1.6:1`)).toBe('permitted');
    expect(verdict(out('', `${address('E')}<not/>`), `tcp ${LAN} -> 10.0.1.6:1`)).toBe('blocked');
  });

  it('port aliases, ranges and their edges', () => {
    const ports = alias('P', 'port', '80 443 8000:8010 MORE') + alias('MORE', 'port', 'ssh');
    const flow = (n: number) => verdict(out(ports, address('10.0.1.5') + port('P')), `tcp ${LAN} -> 10.0.1.5:${n}`);
    expect([22, 23, 80, 443, 7999, 8000, 8010, 8011].map(flow)).toEqual([
      'permitted',
      'blocked',
      'permitted',
      'permitted',
      'blocked',
      'permitted',
      'permitted',
      'blocked',
    ]);
    const range = (n: number) => verdict(out('', ANY + port('80-90')), `tcp ${LAN} -> 10.0.1.5:${n}`);
    expect([79, 80, 90, 91].map(range)).toEqual(['blocked', 'permitted', 'permitted', 'blocked']);
    expect(verdict(out('', ANY + port('90-80')), `tcp ${LAN} -> 10.0.1.5:85`)).toBe('blocked');
    expect(verdict(out('', ANY + port('0')), `tcp ${LAN} -> 10.0.1.5:85`)).toBe('permitted');
  });

  it('a port that cannot be resolved: every port up to 2.2, dropped since 2.3', () => {
    const parts = out('', ANY + port('NO_SUCH'));
    expect(verdict({ ...parts, version: '12.0' }, `tcp ${LAN} -> 10.0.1.5:85`)).toBe('permitted');
    expect(verdict({ ...parts, version: '15.4' }, `tcp ${LAN} -> 10.0.1.5:85`)).toBe('blocked');
  });

  it('an inet6 rule with an alias of IPv4 addresses matches nothing', () => {
    const parts = out(alias('V4', 'host', '10.0.1.5'), address('V4'), '<ipprotocol>inet6</ipprotocol>');
    expect(userRules(read(parts))[0]?.match.hi).toEqual([]);
  });

  it('a range in a host alias is not read as the range', () => {
    const found = judge(out(alias('R', 'host', '10.0.1.1-10.0.1.9'), address('R')), `tcp ${LAN} -> 10.0.1.5:1`);
    expect(found.verdict).toBe('conditional');
    expect(found.open.join()).toContain('10.0.1.1-10.0.1.9');
  });

  it('redacted values are unknown, neither any nor absent', () => {
    const found = judge(out('', address('XXX.XXX.XXX.XXX')), `tcp ${LAN} -> 10.0.1.5:1`);
    expect(found).toMatchObject({ verdict: 'conditional', open: ['redacted value "XXX.XXX.XXX.XXX"'] });
    expect(verdict({ ...out('', ANY), lan: '' }, `tcp ${LAN} -> 10.0.1.5:1`)).toBe('permitted');
  });
});

describe('protocols and other tests of a rule', () => {
  const pass = (more: string, destination = ANY) => ({ filter: rule('pass', 'lan', ANY, destination, more) });

  it('ICMP types, protocols by name and number, TCP flags', () => {
    const echo = pass('<protocol>icmp</protocol><icmptype>echoreq,unreach</icmptype>');
    expect(verdict(echo, `icmp/8/0 ${LAN} -> 10.0.1.5`)).toBe('permitted');
    expect(verdict(echo, `icmp/13/0 ${LAN} -> 10.0.1.5`)).toBe('blocked');
    expect(verdict(pass('<protocol>47</protocol>'), `gre ${LAN} -> 10.0.1.5`)).toBe('permitted');
    expect(verdict(pass('<protocol>bogus</protocol>'), `tcp ${LAN} -> 10.0.1.5:1`)).toBe('conditional');
    expect(verdict(pass(`${TCP}<tcpflags1>ack</tcpflags1><tcpflags2>syn,ack</tcpflags2>`), `tcp ${LAN} -> 10.0.1.5:1`)).toBe(
      'blocked',
    );
    expect(verdict(pass(`${TCP}<tcpflags1>syn</tcpflags1><tcpflags2>syn,ack</tcpflags2>`), `tcp ${LAN} -> 10.0.1.5:1`)).toBe(
      'permitted',
    );
  });

  it.each([
    ['<statetype>none</statetype>', /state type none/],
    [`${TCP}<os>Linux</os>`, /Linux/],
    ['<dscp>ef</dscp>', /DSCP ef/],
    ['<novelty>1</novelty>', /unread part <novelty>/],
    ['<protocol>tcp</protocol><protocol>udp</protocol>', /twice/],
  ])('%s makes the rule conditional', (more, name) => {
    const found = judge(pass(more), `tcp ${LAN} -> 10.0.1.5:1`);
    expect(found.verdict).toBe('conditional');
    expect(found.open.join()).toMatch(name);
  });

  it('reject blocks, match decides nothing, a missing type passes', () => {
    const flow = `tcp ${LAN} -> 10.0.1.5:1`;
    expect(verdict({ filter: rule('reject', 'lan', ANY, ANY) + rule('pass', 'lan', ANY, ANY) }, flow)).toBe('blocked');
    expect(verdict({ filter: floating('match', 'lan', ANY, ANY, '<quick/>') }, flow)).toBe('blocked');
    expect(verdict({ filter: rule('pass', 'lan', ANY, ANY).replace('<type>pass</type>', '') }, flow)).toBe('permitted');
  });

  it('<any/> wins over <not/>; a missing destination drops the rule', () => {
    const flow = `tcp ${LAN} -> 10.0.1.5:1`;
    expect(verdict({ filter: rule('pass', 'lan', ANY, '<any/><not/>') }, flow)).toBe('permitted');
    expect(verdict({ filter: rule('pass', 'lan', ANY, '') }, flow)).toBe('blocked');
  });

  it('element names are folded to lower case', () => {
    const filter =
      '<RULE><Type>pass</Type><Interface>lan</Interface><Source><ANY/></Source><Destination><Any/></Destination></RULE>';
    expect(verdict({ filter }, `tcp ${LAN} -> 10.0.1.5:1`)).toBe('permitted');
  });

  it('texts are decoded once more as HTML, inside CDATA too', () => {
    const filter = rule('pass', 'lan', ANY, ANY, '<descr><![CDATA[R&amp;D acci&oacute;n]]></descr>');
    expect(userRules(read({ filter }))[0]?.name).toBe('R&D acción');
  });
});

describe('automatic rules', () => {
  it('port 0 and link-local are blocked, whatever the user passes', () => {
    const filter = floating('pass', '', ANY, ANY, '<quick/>');
    expect(verdict({ filter }, `tcp ${LAN} -> 10.0.1.5:0`)).toBe('blocked');
    expect(verdict({ filter }, 'tcp 169.254.1.1 -> 10.0.1.5:80')).toMatch(/blocked/);
    expect(verdict({ filter, version: '10.1' }, 'tcp 169.254.1.1 -> 10.0.1.5:80')).not.toBe('blocked');
  });

  it('an empty filter leaves default deny and anti-lockout', () => {
    expect(judge({}, `tcp ${LAN} -> 10.0.1.5:443`)).toMatchObject({ verdict: 'blocked', by: ['Default deny rule'] });
    expect(judge({}, `tcp ${LAN} -> 192.168.1.1:443`)).toMatchObject({ verdict: 'permitted', by: ['Anti-lockout rule'] });
    expect(
      verdict({ system: '<ipv6allow/><ssh><enable>enabled</enable><port>2222</port></ssh>' }, `tcp ${LAN} -> 192.168.1.1:2222`),
    ).toBe('permitted');
    expect(verdict({}, 'tcp 10.0.1.9 -> 10.0.1.1:443')).toBe('blocked');
  });

  it('bogons are open for private sources only, and can be given', () => {
    const parts = {
      wan: '<blockbogons/>',
      filter: rule('pass', 'wan', ANY, ANY),
      more: '<staticroutes><route><network>10.9.0.0/16</network><gateway>WANGW</gateway></route></staticroutes>',
    };
    expect(judge(parts, 'tcp 10.9.9.9 -> 10.0.1.5:443')).toMatchObject({ verdict: 'conditional', open: ['bogons'] });
    expect(verdict(parts, 'tcp 8.8.8.8 -> 10.0.1.5:443')).toBe('permitted');
    expect(verdict(parts, 'tcp 10.9.9.9 -> 10.0.1.5:443', { lists: new Map([['bogons', set('192.0.2.0/24')]]) })).toBe(
      'permitted',
    );
  });

  it('switched off, everything passes', () => {
    const found = read({ system: '<disablefilter/>' });
    expect(judgeFlow(found, `tcp ${LAN} -> 10.0.1.5:443`).verdict).toBe('permitted');
    expect(listed(found, 'inbound')[0]).toMatchObject({ origin: 'off', action: { kind: 'accept' } });
  });

  it('captive portal stops clients that have not logged in', () => {
    const more = '<captiveportal><guests><enable/><interface>lan</interface></guests></captiveportal>';
    const found = judge({ more, filter: rule('pass', 'lan', ANY, ANY) }, `tcp ${LAN} -> 10.0.1.5:443`);
    expect(found.verdict).toBe('conditional');
    expect(found.open.join()).toMatch(/captive portal guests/);
  });

  it('IPsec: enc0 judges tunnel traffic, "if_ipsec" blocks it, service rules let peers in', () => {
    const ipsec = (mode = '') =>
      `<ipsec>${mode}<phase1><ikeid>1</ikeid><interface>wan</interface><remote-gateway>198.51.100.1</remote-gateway></phase1>` +
      '<phase2><ikeid>1</ikeid><mode>tunnel</mode><remoteid><type>network</type><address>10.50.0.0</address><netbits>16</netbits></remoteid></phase2></ipsec>';
    const filter = rule('pass', 'enc0', ANY, ANY);
    expect(verdict({ filter, more: ipsec() }, 'tcp 10.50.1.1 -> 192.168.1.5:22')).toBe('permitted');
    expect(verdict({ more: ipsec() }, 'tcp 10.50.1.1 -> 192.168.1.5:22')).toBe('blocked');
    expect(verdict({ filter, more: ipsec('<filtermode>if_ipsec</filtermode>') }, 'tcp 10.50.1.1 -> 192.168.1.5:22')).toBe(
      'blocked',
    );
    expect(verdict({ more: ipsec() }, 'udp 198.51.100.1 -> 203.0.113.2:500')).toBe('permitted');
    expect(verdict({ more: ipsec() }, 'udp 198.51.100.2 -> 203.0.113.2:500')).toBe('blocked');
  });

  it('1:1 translation and UPnP leave what they touch open', () => {
    const nat =
      '<onetoone><interface>wan</interface><external>203.0.113.80</external><source><address>10.0.1.5</address></source></onetoone>';
    expect(judge({ nat }, 'tcp 198.51.100.9 -> 203.0.113.80:80').open.join()).toMatch(/1:1 translation/);
    const more =
      '<installedpackages><miniupnpd><config><enable>on</enable><ext_iface>wan</ext_iface></config></miniupnpd></installedpackages>';
    expect(judge({ more }, 'tcp 198.51.100.9 -> 10.0.1.5:80')).toMatchObject({ verdict: 'conditional' });
  });
});

describe('what is no whole configuration', () => {
  it.each([
    ['<opnsense><version>1</version></opnsense>', /OPNsense/],
    ['---- BEGIN config.xml ----\nU2FsdGVk\n---- END config.xml ----\n', /encrypted/],
    ['<config><x/></config>', /<config>/],
    ['<pfsense><filter/><filter/></pfsense>', /twice/],
    ['<pfsense><system>', /well-formed/],
  ])('%s is refused', (text, message) => {
    expect(() => readText(text)).toThrow(
      expect.objectContaining({
        name: 'RefusedError',
        message: expect.stringMatching(message),
        place: expect.objectContaining({ file: 'fw.xml', line: expect.any(Number), hint: expect.any(String) }),
      }),
    );
  });

  it('a backup of the rules alone is listed, and judges nothing', () => {
    const found = readText(`<filter>${rule('pass', 'lan', address('X'), network('opt1') + port('PORTS'), TCP)}</filter>`);
    expect(userRules(found)).toHaveLength(1);
    expect(found.entries.forward?.stages).toEqual({});
    expect(found.notExported).toHaveLength(1);
    expect(judgeFlow(found, `tcp ${LAN} -> 10.0.1.5:443`).verdict).toBe('unknown');
  });

  it('a missing filter section may do anything', () => {
    const text =
      '<pfsense><version>23.3</version><system/><interfaces><lan><enable/><if>a</if><ipaddr>192.168.1.1</ipaddr><subnet>24</subnet></lan><wan><enable/><if>b</if><ipaddr>203.0.113.2</ipaddr><subnet>24</subnet></wan></interfaces></pfsense>';
    expect(judgeFlow(readText(text), `tcp ${LAN} -> 203.0.113.9:443`).verdict).toBe('conditional');
  });

  it('ids are trackers where unique, else positions', () => {
    const filter = ['<tracker>7</tracker>', '<tracker>8</tracker>', '<tracker>08</tracker>', '']
      .map((more) => rule('pass', 'lan', ANY, ANY, more))
      .join('');
    expect(userRules(read({ filter })).map((r) => r.id)).toEqual(['7', 'filter[1]', 'filter[2]', 'filter[3]']);
  });
});
