/** The traps of the reference, one test each, judged from end to end on one firewall. */
import { describe, expect, it } from 'vitest';
import type { Given } from '../../../parsers/types.js';
import { parseAddressSet } from '../../../src/sets/ip.js';
import { judgeFlow } from '../../support/judge.js';
import { ANY, address, alias, type ConfigParts, codes, floating, network, port, read, rule } from './build.js';

const LAN_HOST = '192.168.1.50';
const TCP = '<protocol>tcp</protocol>';
const UDP = '<protocol>udp</protocol>';
const passLan = rule('pass', 'lan', ANY, ANY, '<descr>lan out</descr>');

function judge(parts: ConfigParts, flow: string, given: Given = {}) {
  const found = judgeFlow(read(parts, given), flow);
  return { verdict: found.verdict, by: found.decidedBy.map((d) => d.name), open: found.conditions.map((c) => c.name) };
}

describe('traps', () => {
  it('1: tab rules are quick, the first match decides', () => {
    const filter = rule('block', 'lan', ANY, ANY + port('25'), `${TCP}<descr>no mail</descr>`) + passLan;
    expect(judge({ filter }, `tcp ${LAN_HOST} -> 198.51.100.9:25`)).toMatchObject({ verdict: 'blocked', by: ['no mail'] });
    expect(judge({ filter }, `tcp ${LAN_HOST} -> 198.51.100.9:26`).verdict).toBe('permitted');
  });

  it('2: a later quick tab rule wins over a floating rule without quick', () => {
    const filter = floating('block', 'lan', ANY, ANY) + passLan;
    const found = judge({ filter }, `tcp ${LAN_HOST} -> 198.51.100.9:443`);
    expect(found.verdict).toBe('permitted');
    expect(found.by).toContain('lan out');
  });

  it('3: a floating pass without quick overrides the default deny', () => {
    const filter = floating('pass', 'opt1', ANY, ANY, '<direction>in</direction><descr>floats</descr>');
    const found = judge({ filter }, 'tcp 10.0.1.9 -> 198.51.100.9:443');
    expect(found.verdict).toBe('permitted');
    expect(found.by).toContain('floats');
    expect(judge({}, 'tcp 10.0.1.9 -> 198.51.100.9:443').verdict).toBe('blocked');
  });

  it('4: of two floating rules without quick the last match decides', () => {
    const filter =
      floating('pass', 'lan', ANY, ANY + port('22'), `${TCP}<descr>first</descr>`) +
      floating('block', 'lan', ANY, ANY + port('22'), `${TCP}<descr>second</descr>`);
    expect(judge({ filter }, `tcp ${LAN_HOST} -> 198.51.100.9:22`)).toMatchObject({ verdict: 'blocked', by: ['second'] });
  });

  it('5: a floating rule without interface applies everywhere', () => {
    const filter =
      floating('block', '', ANY, ANY + port('53'), `${UDP}<direction>in</direction><quick>yes</quick><descr>dns</descr>`) +
      passLan;
    expect(judge({ filter }, `udp ${LAN_HOST} -> 198.51.100.9:53`)).toMatchObject({ verdict: 'blocked', by: ['dns'] });
  });

  it('6: outbound rules see the source after outbound NAT', () => {
    const filter =
      floating('block', 'wan', network('lan'), ANY + port('25'), `${TCP}<direction>out</direction><quick/><descr>mail</descr>`) +
      passLan;
    expect(judge({ filter }, `tcp ${LAN_HOST} -> 198.51.100.9:25`).verdict).toBe('permitted');
  });

  it('6: with outbound NAT disabled the rule matches; in manual mode it may', () => {
    const filter =
      floating('block', 'wan', network('lan'), ANY + port('25'), `${TCP}<direction>out</direction><quick/><descr>mail</descr>`) +
      passLan;
    const flow = `tcp ${LAN_HOST} -> 198.51.100.9:25`;
    const manual = (outboundMode: string, outboundRules = '') => judge({ filter, outboundMode, outboundRules }, flow);
    expect(manual('disabled')).toMatchObject({ verdict: 'blocked', by: ['mail'] });
    const outbound = '<rule><interface>wan</interface><source><network>192.168.0.0/16</network></source></rule>';
    const open = manual('advanced', outbound);
    expect(open.verdict).toBe('conditional');
    expect(open.open.join()).toMatch(/outbound NAT on WAN/);
    expect(manual('advanced').verdict).toBe('blocked');
  });

  it('7: a tag set inbound is tested outbound', () => {
    const filter =
      floating('block', 'wan', ANY, ANY, '<direction>out</direction><quick/><tagged>STAY</tagged><descr>kill switch</descr>') +
      rule('pass', 'lan', ANY, ANY, '<tag>STAY</tag>');
    expect(judge({ filter }, `tcp ${LAN_HOST} -> 198.51.100.9:443`)).toMatchObject({ verdict: 'blocked', by: ['kill switch'] });
    const two = filter.replace('<tag>STAY</tag>', `<tag>STAY</tag>${TCP}`) + passLan;
    expect(judge({ filter: two }, `udp ${LAN_HOST} -> 198.51.100.9:443`).verdict).toBe('permitted');
    const onTheWay = floating('match', 'lan', ANY, ANY, '<tag>STAY</tag>') + two.replace('<tag>STAY</tag>', '');
    expect(judge({ filter: onTheWay }, `udp ${LAN_HOST} -> 198.51.100.9:443`)).toMatchObject({
      verdict: 'conditional',
      open: ['packet tag STAY'],
    });
    const without = filter.replace('<tagged>', '<nottagged/><tagged>');
    expect(judge({ filter: without }, `udp ${LAN_HOST} -> 198.51.100.9:443`).verdict).toBe('permitted');
    const untagged = filter.replace('<tag>STAY</tag>', '');
    expect(judge({ filter: untagged }, `tcp ${LAN_HOST} -> 198.51.100.9:443`).verdict).toBe('permitted');
  });

  it('8: a floating rule whose interface is gone: everywhere up to 2.5.1, dropped since', () => {
    const filter = floating('pass', 'opt7', ANY, ANY, '<quick/>');
    const flow = 'tcp 10.0.1.9 -> 192.168.1.5:22';
    expect(judge({ filter, version: '19.1' }, flow).verdict).toBe('permitted');
    expect(judge({ filter, version: '21.7' }, flow).verdict).toBe('blocked');
  });

  it('9: a tab rule with two interfaces matches nothing', () => {
    expect(judge({ filter: rule('pass', 'lan,opt1', ANY, ANY) }, `tcp ${LAN_HOST} -> 198.51.100.9:443`).verdict).toBe('blocked');
  });

  it('10: <disabled>0</disabled> is disabled', () => {
    const filter = rule('pass', 'lan', ANY, ANY, '<disabled>0</disabled>');
    expect(judge({ filter }, `tcp ${LAN_HOST} -> 198.51.100.9:443`).verdict).toBe('blocked');
  });

  it('11: a port without a protocol is all of TCP and nothing else', () => {
    const filter = rule('pass', 'lan', ANY, ANY + port('443'));
    expect(judge({ filter }, `tcp ${LAN_HOST} -> 198.51.100.9:22`).verdict).toBe('permitted');
    expect(judge({ filter }, `udp ${LAN_HOST} -> 198.51.100.9:443`).verdict).toBe('blocked');
  });

  it('12: protocol any ignores the port', () => {
    const filter = rule('block', 'lan', ANY, ANY + port('443'), '<protocol>any</protocol>') + passLan;
    expect(judge({ filter }, `tcp ${LAN_HOST} -> 198.51.100.9:80`).verdict).toBe('blocked');
  });

  it('13: a rule with an undefined alias is left out, whatever its action', () => {
    const filter = rule('block', 'lan', ANY, address('BAD'), '<descr>no bad</descr>') + passLan;
    const firewall = read({ filter });
    expect(judgeFlow(firewall, `tcp ${LAN_HOST} -> 198.51.100.9:443`).verdict).toBe('permitted');
    expect(firewall.diagnostics).toContainEqual(
      expect.objectContaining({
        code: 'rule-dropped',
        severity: 'warning',
        line: expect.any(Number),
        message: expect.stringContaining('BAD'),
      }),
    );
    expect(judge({ filter: rule('pass', 'lan', ANY, address('BAD')) }, `tcp ${LAN_HOST} -> 198.51.100.9:443`).verdict).toBe(
      'blocked',
    );
  });

  it('14: literals of an alias with a host name are sure, everything else is open', () => {
    const parts = {
      aliases: alias('HOSTS', 'host', '10.0.1.10 app.example.com'),
      filter: rule('pass', 'lan', ANY, address('HOSTS') + port('443'), TCP),
    };
    expect(judge(parts, `tcp ${LAN_HOST} -> 10.0.1.10:443`).verdict).toBe('permitted');
    expect(judge(parts, `tcp ${LAN_HOST} -> 10.0.1.11:443`)).toMatchObject({ verdict: 'conditional', open: ['app.example.com'] });
    const names = new Map([['app.example.com', parseAddressSet('10.0.1.12') ?? { v4: [], v6: [] }]]);
    expect(judge(parts, `tcp ${LAN_HOST} -> 10.0.1.11:443`, { names }).verdict).toBe('blocked');
    expect(judge(parts, `tcp ${LAN_HOST} -> 10.0.1.12:443`, { names }).verdict).toBe('permitted');
  });

  it('15: a URL table is unknown until it is given', () => {
    const parts = {
      aliases: alias('pfB_X', 'urltable', '', '<url>https://127.0.0.1/x</url>'),
      filter: rule('block', 'lan', ANY, address('pfB_X')) + passLan,
    };
    const flow = `tcp ${LAN_HOST} -> 198.51.100.9:443`;
    expect(judge(parts, flow)).toMatchObject({ verdict: 'conditional', open: ['pfB_X'] });
    const table = (text: string) => ({ lists: new Map([['pfB_X', parseAddressSet(text) ?? { v4: [], v6: [] }]]) });
    expect(judge(parts, flow, table('192.0.2.0/24')).verdict).toBe('permitted');
    expect(judge(parts, flow, table('198.51.100.0/24')).verdict).toBe('blocked');
  });

  it('16: not an alias', () => {
    const filter = rule('pass', 'lan', ANY, `${address('PRIV')}<not/>`);
    const known = { filter, aliases: alias('PRIV', 'network', '10.0.0.0/8 172.16.0.0/12 192.168.0.0/16') };
    expect(judge(known, `tcp ${LAN_HOST} -> 10.0.1.5:443`).verdict).toBe('blocked');
    expect(judge(known, `tcp ${LAN_HOST} -> 198.51.100.9:443`).verdict).toBe('permitted');
    const partly = { filter, aliases: alias('PRIV', 'network', '10.0.0.0/8 x.example.com') };
    expect(judge(partly, `tcp ${LAN_HOST} -> 198.51.100.9:443`).verdict).toBe('conditional');
    expect(judge(partly, `tcp ${LAN_HOST} -> 10.0.1.5:443`).verdict).toBe('blocked');
  });

  it('17, 18: a flow that a port forward touches is open, and names it', () => {
    const nat = `<rule><interface>wan</interface><protocol>tcp</protocol><source><any/></source><destination><network>wanip</network><port>443</port></destination><target>10.0.1.5</target><local-port>8443</local-port></rule>`;
    const parts = {
      nat,
      system: '<ipv6allow/><disablenatreflection>yes</disablenatreflection>',
      filter: rule('pass', 'wan', ANY, address('10.0.1.5') + port('8443'), TCP),
    };
    expect(judge(parts, 'tcp 198.51.100.9 -> 203.0.113.2:443')).toMatchObject({
      verdict: 'conditional',
      open: ['port forward to 10.0.1.5:8443'],
    });
    expect(judge(parts, 'tcp 198.51.100.9 -> 203.0.113.2:444').verdict).toBe('blocked');
    expect(judge(parts, 'tcp 198.51.100.9 -> 10.0.1.5:8443').verdict).toBe('permitted');
    expect(judge(parts, `tcp ${LAN_HOST} -> 203.0.113.2:443`).verdict).toBe('blocked');
    expect(judge({ ...parts, system: '<ipv6allow/>' }, `tcp ${LAN_HOST} -> 203.0.113.2:443`).verdict).toBe('conditional');
  });

  it('19: blocked private networks stand above floating quick rules', () => {
    const parts = {
      wan: '<blockpriv/>',
      filter: floating('pass', 'wan', address('10.0.0.0/8'), ANY, '<quick/><direction>in</direction>'),
      more: '<staticroutes><route><network>10.9.0.0/16</network><gateway>WANGW</gateway></route></staticroutes>',
    };
    expect(judge(parts, 'tcp 10.9.9.9 -> 10.0.1.5:443')).toMatchObject({
      verdict: 'blocked',
      by: ['Block private networks on WAN'],
    });
    expect(judge({ ...parts, wan: '' }, 'tcp 10.9.9.9 -> 10.0.1.5:443').verdict).toBe('permitted');
  });

  it('20: anti-lockout stands above the user rules', () => {
    const filter = rule('block', 'lan', network('lan'), network('lanip') + port('443'), TCP);
    expect(judge({ filter }, `tcp ${LAN_HOST} -> 192.168.1.1:443`)).toMatchObject({
      verdict: 'permitted',
      by: ['Anti-lockout rule'],
    });
    expect(judge({ filter, webgui: '<noantilockout/>' }, `tcp ${LAN_HOST} -> 192.168.1.1:443`).verdict).toBe('blocked');
  });

  it('21: IPv4 is the default family; IPv6 needs its switch', () => {
    const v6 = {
      lan: '<ipaddrv6>fd00:1::1</ipaddrv6><subnetv6>64</subnetv6>',
      wan: '<ipaddrv6>2001:db8:ffff::2</ipaddrv6><subnetv6>64</subnetv6><gatewayv6>WANGW6</gatewayv6>',
    };
    const flow = 'tcp [fd00:1::5] -> [2001:db8::1]:443';
    expect(judge({ ...v6, filter: rule('pass', 'lan', ANY, ANY, '<ipprotocol>inet</ipprotocol>') }, flow).verdict).toBe(
      'blocked',
    );
    const both = rule('pass', 'lan', ANY, ANY, '<ipprotocol>inet46</ipprotocol>');
    expect(judge({ ...v6, filter: both }, flow).verdict).toBe('permitted');
    expect(judge({ ...v6, filter: both, system: '' }, flow).by.join()).toMatch(/Block all IPv6/);
  });

  it('22: the OpenVPN tab comes before the tab of an assigned instance', () => {
    const parts = {
      interfaces: '<opt2><enable/><if>ovpns1</if><descr>VPN</descr></opt2>',
      more: '<openvpn><openvpn-server><vpnid>1</vpnid><tunnel_network>10.8.0.0/24</tunnel_network></openvpn-server></openvpn>',
    };
    const blocked = rule('block', 'opt2', ANY, ANY, '<descr>vpn no</descr>');
    expect(
      judge({ ...parts, filter: blocked + rule('pass', 'openvpn', ANY, ANY) }, 'tcp 10.8.0.9 -> 192.168.1.5:443').verdict,
    ).toBe('permitted');
    expect(judge({ ...parts, filter: blocked }, 'tcp 10.8.0.9 -> 192.168.1.5:443')).toMatchObject({
      verdict: 'blocked',
      by: ['vpn no'],
    });
  });

  it('23: policy routing to an attached network is no pass', () => {
    const filter = rule('pass', 'lan', network('lan'), ANY, '<gateway>WAN2_GW</gateway>');
    const flow = `tcp ${LAN_HOST} -> 10.0.1.5:443`;
    expect(judge({ filter }, flow)).toMatchObject({ verdict: 'conditional', open: ['policy routing through WAN2_GW'] });
    expect(judge({ filter }, `tcp ${LAN_HOST} -> 198.51.100.9:443`).verdict).toBe('permitted');
    const above = rule('pass', 'lan', network('lan'), network('opt1')) + filter;
    expect(judge({ filter: above }, flow).verdict).toBe('permitted');
  });

  it('24: a schedule is a condition; an undefined one is none', () => {
    const filter = rule('pass', 'lan', ANY, ANY, '<sched>WORK</sched>');
    const more = '<schedules><schedule><name>WORK</name><timerange><hour>8:00-18:00</hour></timerange></schedule></schedules>';
    expect(judge({ filter, more }, `tcp ${LAN_HOST} -> 198.51.100.9:443`)).toMatchObject({
      verdict: 'conditional',
      open: ['WORK'],
    });
    expect(judge({ filter }, `tcp ${LAN_HOST} -> 198.51.100.9:443`).verdict).toBe('permitted');
  });

  it('25: "not lan" with a second network, by version', () => {
    const parts = {
      filter: rule('pass', 'opt1', network('opt1'), `${network('lan')}<not/>`),
      more: '<virtualip><vip><mode>ipalias</mode><interface>lan</interface><subnet>172.20.0.1</subnet><subnet_bits>24</subnet_bits></vip></virtualip>',
    };
    const flow = 'tcp 10.0.1.9 -> 192.168.1.5:443';
    expect(judge({ ...parts, version: '23.3' }, flow).verdict).toBe('blocked');
    expect(judge({ ...parts, version: '22.9' }, flow).verdict).toBe('permitted');
    expect(codes(read({ ...parts, version: '22.9' }))).toContain('negated-network-list');
  });
});
