/** The traps of PAN-OS semantics, as verdicts. Numbers follow the reference of the vendor's semantics. */
import { describe, expect, it } from 'vitest';
import type { Firewall } from '../../../src/model/firewall.js';
import { parseAddressSet } from '../../../src/sets/ip.js';
import { type JudgeOptions, judgeFlow } from '../../support/judge.js';
import { firewall, members, netmask, type Parts, rule, tcp } from './fixture.js';

const PC = '10.1.1.1';
const WEB = '8.8.8.8';

const tcp443 = `<service>${tcp('tcp-443', '443')}</service>`;
const toDmz = { from: ['trust'], to: ['dmz'] };
const toUntrust = { from: ['trust'], to: ['untrust'] };

function check(fw: Firewall | Parts, flow: string, options: JudgeOptions = {}): string {
  const device = 'lists' in fw ? fw : firewall(fw);
  const found = judgeFlow(device, flow, options);
  const rules = found.decidedBy.map((r) => r.name).join(', ');
  return rules && found.verdict !== 'conditional' ? `${found.verdict} ${rules}` : found.verdict;
}

const app = (application: string): JudgeOptions => ({ facts: { application } });
const conditionsOf = (fw: Firewall | Parts, flow: string, options: JudgeOptions = {}): string[] =>
  judgeFlow('lists' in fw ? fw : firewall(fw), flow, options).conditions.map((c) => `${c.kind}: ${c.name}`);

describe('PAN-OS traps', () => {
  it('1: an address with host bits is the whole subnet', () => {
    const parts = {
      rules: rule('R1', { ...toDmz, destination: ['srv'], service: ['tcp-443'] }),
      vsys: `<address>${netmask('srv', '10.2.5.5/24')}</address>${tcp443}`,
    };
    expect(check(parts, `tcp ${PC} -> 10.2.5.77:443`)).toBe('permitted R1');
    expect(check(parts, `tcp ${PC} -> 10.2.6.77:443`)).toBe('blocked interzone-default');
  });

  it('2: application-default decides by App-ID and its ports', () => {
    const fw = firewall({ rules: rule('R1', { ...toDmz, application: ['ssh'], service: ['application-default'] }) });
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:22`)).toBe('conditional');
    expect(conditionsOf(fw, `tcp ${PC} -> 10.2.0.9:22`)).toEqual(['application: ssh']);
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:22`, app('ssh'))).toBe('permitted R1');
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:2222`, app('ssh'))).toBe('blocked interzone-default');
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:2222`)).toBe('blocked interzone-default');
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:22`, app('ssl'))).toBe('blocked interzone-default');
  });

  it('3: default ports are judged per application', () => {
    const fw = firewall({ rules: rule('R1', { ...toDmz, application: ['ssh', 'ssl'], service: ['application-default'] }) });
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:443`, app('ssh'))).toBe('blocked interzone-default');
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:443`, app('ssl'))).toBe('permitted R1');
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:22`, app('ssh'))).toBe('permitted R1');
  });

  it('4: a deny by App-ID above an allow makes the flow conditional', () => {
    const fw = firewall({ rules: rule('R1', { application: ['facebook-base'], action: 'deny' }) + rule('R2', toUntrust) });
    expect(check(fw, `tcp ${PC} -> ${WEB}:443`)).toBe('conditional');
    expect(check(fw, `tcp ${PC} -> ${WEB}:443`, app('ssl'))).toBe('permitted R2');
    expect(check(fw, `tcp ${PC} -> ${WEB}:443`, app('facebook-base'))).toBe('blocked R1');
  });

  it('5: TLS that is not decrypted is ssl, not web-browsing', () => {
    const fw = firewall({ rules: rule('R1', { ...toUntrust, application: ['web-browsing'], service: ['application-default'] }) });
    expect(check(fw, `tcp ${PC} -> ${WEB}:443`, app('ssl'))).toBe('blocked interzone-default');
    expect(check(fw, `tcp ${PC} -> ${WEB}:443`)).toBe('conditional');
    expect(conditionsOf(fw, `tcp ${PC} -> ${WEB}:443`)).toContain('construct: web-browsing on its secure port 443');
    expect(check(fw, `tcp ${PC} -> ${WEB}:80`, app('web-browsing'))).toBe('permitted R1');
  });

  it('6: a TCP service never matches ICMP, service any does', () => {
    const vsys = `<service>${tcp('all-tcp', '1-65535')}</service>`;
    expect(check({ rules: rule('R1', { ...toDmz, service: ['all-tcp'] }), vsys }, `icmp/8/0 ${PC} -> 10.2.0.9`)).toBe(
      'blocked interzone-default',
    );
    expect(check({ rules: rule('R1', toDmz) }, `icmp/8/0 ${PC} -> 10.2.0.9`)).toBe('permitted R1');
    expect(check({ rules: rule('R1', toDmz) }, `esp ${PC} -> 10.2.0.9`)).toBe('permitted R1');
  });

  it('7: a universal deny also stops traffic within a zone', () => {
    expect(check({ rules: rule('R1', { action: 'deny' }) }, `tcp ${PC} -> 10.1.200.2:22`)).toBe('blocked R1');
  });

  it('8: default rules and their overrides', () => {
    expect(check({}, `tcp ${PC} -> 10.1.200.2:22`)).toBe('permitted intrazone-default');
    expect(check({}, `tcp ${PC} -> 10.2.0.9:22`)).toBe('blocked interzone-default');
    const rulebase =
      '<default-security-rules><rules><entry name="intrazone-default"><action>drop</action></entry></rules></default-security-rules>';
    expect(check({ rulebase }, `tcp ${PC} -> 10.1.200.2:22`)).toBe('blocked intrazone-default');
    const onlyLog = rulebase.replace('<action>drop</action>', '<log-end>yes</log-end>');
    expect(check({ rulebase: onlyLog }, `tcp ${PC} -> 10.1.200.2:22`)).toBe('permitted intrazone-default');
  });

  it('9: intrazone', () => {
    const parts = {
      rules: rule('R1', { from: ['dmz', 'untrust'], to: ['dmz', 'untrust'], more: '<rule-type>intrazone</rule-type>' }),
      rulebase:
        '<default-security-rules><rules><entry name="intrazone-default"><action>deny</action></entry></rules></default-security-rules>',
    };
    expect(check(parts, 'tcp 10.2.0.1 -> 8.8.8.8:22')).toBe('blocked interzone-default');
    expect(check(parts, 'tcp 10.2.0.2 -> 10.2.0.1:22', { direction: 'forward' })).toBe('permitted R1');
    expect(check(parts, `tcp ${PC} -> 10.1.200.2:22`)).toBe('blocked intrazone-default');
  });

  it('10: interzone', () => {
    const fw = firewall({
      rules:
        rule('R1', { from: ['trust', 'dmz'], to: ['trust', 'dmz'], action: 'deny', more: '<rule-type>interzone</rule-type>' }) +
        rule('R2'),
    });
    expect(check(fw, `tcp ${PC} -> 10.1.200.2:22`)).toBe('permitted R2');
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:22`)).toBe('blocked R1');
  });

  it('11: disabled rules are skipped and kept', () => {
    const fw = firewall({
      rules: rule('R1', { ...toDmz, action: 'deny', more: '<disabled>yes</disabled>' }) + rule('R2', toDmz),
    });
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:22`)).toBe('permitted R2');
    expect(fw.lists.get('security')?.rules[0]).toMatchObject({ id: 'R1', enabled: false });
  });

  it('12: negation covers the other family', () => {
    const fw = firewall({
      rules: rule('R1', { from: ['trust'], destination: ['10.2.0.0/16'], more: '<negate-destination>yes</negate-destination>' }),
    });
    expect(check(fw, `tcp ${PC} -> 10.2.0.1:443`)).toBe('blocked interzone-default');
    expect(check(fw, `tcp ${PC} -> ${WEB}:443`)).toBe('permitted R1');
    expect(check(fw, 'tcp 2001:db8:1::5 -> [2001:db8:ffff::1]:443')).toBe('permitted R1');
  });

  it('13: ::/0 holds IPv4, 2000::/3 does not', () => {
    const vsys = `<address>${netmask('ANY6', '::/0')}${netmask('GLOBAL6', '2000::/3')}</address>`;
    const with6 = (name: string) => ({ rules: rule('R1', { ...toUntrust, source: [name] }), vsys });
    expect(check(with6('ANY6'), `tcp ${PC} -> ${WEB}:443`)).toBe('permitted R1');
    expect(check(with6('GLOBAL6'), `tcp ${PC} -> ${WEB}:443`)).toBe('blocked interzone-default');
    expect(check(with6('GLOBAL6'), 'tcp 2001:db8:1::5 -> [2001:db8:ffff::1]:443')).toBe('permitted R1');
  });

  it('14: an object wins over a literal of the same text', () => {
    const fw = firewall({
      rules: rule('R1', { ...toDmz, destination: ['10.2.0.1'] }),
      vsys: `<address>${netmask('10.2.0.1', '10.2.9.9')}</address>`,
    });
    expect(check(fw, `tcp ${PC} -> 10.2.9.9:443`)).toBe('permitted R1');
    expect(check(fw, `tcp ${PC} -> 10.2.0.1:443`)).toBe('blocked interzone-default');
  });

  it('15: the object of the virtual system wins over the shared one', () => {
    const fw = firewall({
      rules: rule('R1', { ...toDmz, destination: ['WEB'] }),
      vsys: `<address>${netmask('WEB', '10.2.1.1')}</address>`,
      shared: `<address>${netmask('WEB', '10.2.2.2')}</address>`,
    });
    expect(check(fw, `tcp ${PC} -> 10.2.2.2:443`)).toBe('blocked interzone-default');
    expect(check(fw, `tcp ${PC} -> 10.2.1.1:443`)).toBe('permitted R1');
    expect(fw.diagnostics.map((d) => d.code)).toContain('shadowed-object');
  });

  it('19: destination NAT is a condition that names the rule', () => {
    const nat = `<nat><rules><entry name="publish">
      <from><member>untrust</member></from><to><member>untrust</member></to><source><member>any</member></source>
      <destination><member>192.0.2.10</member></destination><service>tcp-443</service>
      <destination-translation><translated-address>10.2.1.1</translated-address><translated-port>8443</translated-port></destination-translation>
    </entry></rules></nat>`;
    const fw = firewall({
      rules: rule('R1', { from: ['untrust'], to: ['dmz'], destination: ['192.0.2.10'], service: ['tcp-443'] }),
      vsys: tcp443,
      rulebase: nat,
    });
    expect(check(fw, 'tcp 198.51.100.7 -> 192.0.2.10:443', { direction: 'forward' })).toBe('conditional');
    expect(conditionsOf(fw, 'tcp 198.51.100.7 -> 192.0.2.10:443', { direction: 'forward' })).toContain(
      'construct: destination NAT "publish"',
    );
    // The real address is judged as it stands.
    expect(check(fw, 'tcp 198.51.100.7 -> 10.2.1.1:8443')).toBe('blocked interzone-default');
    expect(check(fw, `tcp ${PC} -> 192.0.2.10:443`)).toBe('blocked interzone-default');
  });

  it('20: external dynamic lists', () => {
    const rules =
      rule('R1', { source: ['panw-highrisk-ip-list'], action: 'drop' }) +
      rule('R2', { from: ['untrust'], to: ['dmz'], service: ['tcp-443'] });
    const parts = { rules, vsys: tcp443 };
    const flow = 'tcp 203.0.113.5 -> 10.2.0.9:443';
    expect(check(parts, flow)).toBe('conditional');
    expect(conditionsOf(parts, flow)).toContain('list: panw-highrisk-ip-list');
    const list = parseAddressSet('198.51.100.0/24');
    const given = { lists: new Map(list ? [['panw-highrisk-ip-list', list]] : []) };
    expect(check(firewall(parts, given), flow)).toBe('permitted R2');
    expect(check(firewall(parts, given), 'tcp 198.51.100.3 -> 10.2.0.9:443')).toBe('blocked R1');
  });

  it('20: the assumption edl-private is about private addresses alone', () => {
    const fw = firewall({
      rules: rule('R1', { source: ['panw-highrisk-ip-list'], action: 'drop' }) + rule('R2'),
    });
    const assume = { settings: { assume: new Set(['edl-private' as const]) } };
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:443`)).toBe('conditional');
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:443`, assume)).toBe('permitted R2');
    expect(check(fw, 'tcp 203.0.113.5 -> 10.2.0.9:443', assume)).toBe('conditional');
  });

  it('21: static members of a dynamic group are surely in it, others perhaps', () => {
    const vsys = `<address>${netmask('S1', '10.2.3.3', ['web', 'prod'])}${netmask('S2', '10.2.4.4', ['web'])}</address>
      <address-group><entry name="G"><dynamic><filter>&apos;web&apos; and 'prod'</filter></dynamic></entry></address-group>`;
    const allow = firewall({ rules: rule('R1', { ...toDmz, destination: ['G'] }), vsys });
    expect(check(allow, `tcp ${PC} -> 10.2.3.3:443`)).toBe('permitted R1');
    expect(check(allow, `tcp ${PC} -> 10.2.4.4:443`)).toBe('conditional');
    const deny = firewall({ rules: rule('R1', { destination: ['G'], action: 'deny' }) + rule('R2', toDmz), vsys });
    expect(check(deny, `tcp ${PC} -> 10.2.3.3:443`)).toBe('blocked R1');
    expect(check(deny, `tcp ${PC} -> 10.2.4.4:443`)).toBe('conditional');
  });

  it('22: users', () => {
    const parts = (more: string) => ({
      rules:
        rule('R1', { ...toDmz, service: ['tcp-443'], more: '<source-user><member>corp\\admins</member></source-user>' }) + more,
      vsys: tcp443,
    });
    const flow = `tcp ${PC} -> 10.2.0.9:443`;
    expect(check(parts(''), flow)).toBe('conditional');
    expect(check(parts(''), flow, { facts: { source_user: 'corp\\admins' } })).toBe('permitted R1');
    expect(check(parts(''), flow, { facts: { source_user: 'corp\\bob' } })).toBe('conditional');
    expect(check(parts(rule('R2', { ...toDmz, service: ['tcp-443'] })), flow)).toMatch(/^permitted .*R2/);
  });

  it('23: source ports', () => {
    const fw = firewall({
      rules: rule('R1', { ...toDmz, service: ['ike'] }),
      vsys: `<service><entry name="ike"><protocol><udp><port>500</port><source-port>500</source-port></udp></protocol></entry></service>`,
    });
    expect(check(fw, `udp ${PC}:500 -> 10.2.0.9:500`)).toBe('permitted R1');
    expect(check(fw, `udp ${PC} -> 10.2.0.9:500`)).toBe('blocked interzone-default');
  });

  it('24: overlapping wildcard masks are not matched strictly in order', () => {
    const parts = (mode: string) => ({
      rules: rule('R1', { source: ['wide'] }) + rule('R2', { source: ['narrow'], action: 'deny' }),
      vsys: `<address><entry name="wide"><ip-wildcard>10.0.8.0/0.255.0.255</ip-wildcard></entry>
        <entry name="narrow"><ip-wildcard>10.1.8.0/0.0.0.255</ip-wildcard></entry></address>`,
      device: `<system><hostname>fw1</hostname></system><setting><management><wildcard-topdown-match-mode>${mode}</wildcard-topdown-match-mode></management></setting>`,
    });
    expect(check(parts('no'), `tcp 10.1.8.5 -> ${WEB}:443`)).toBe('conditional');
    expect(conditionsOf(parts('no'), `tcp 10.1.8.5 -> ${WEB}:443`)).toContain('construct: wildcard order');
    expect(check(parts('yes'), `tcp 10.1.8.5 -> ${WEB}:443`)).toBe('permitted R1');
    for (const mode of ['no', 'yes']) {
      expect(check(parts(mode), `tcp 10.2.8.5 -> ${WEB}:443`)).toBe('permitted R1');
      expect(check(parts(mode), `tcp 10.1.9.5 -> ${WEB}:443`)).toBe('blocked interzone-default');
    }
    const same = { ...parts('no'), rules: rule('R1', { source: ['wide'] }) + rule('R2', { source: ['narrow'] }) };
    expect(check(same, `tcp 10.1.8.5 -> ${WEB}:443`)).toBe('permitted R1');
  });

  it('25: a managed firewall without its pushed rules is never definite', () => {
    const device =
      '<system><hostname>fw1</hostname><panorama><local-panorama><panorama-server>10.9.9.9</panorama-server></local-panorama></panorama></system>';
    const fw = firewall({ rules: rule('R1', toDmz), device });
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:443`)).toBe('conditional');
    expect(check(fw, `tcp ${PC} -> ${WEB}:443`)).toBe('conditional');
    expect(fw.notExported.map((c) => c.kind)).toEqual(['pushed-policy', 'pushed-policy']);
    const pushed = (pre: string, post: string) =>
      `<panorama><vsys><entry name="vsys1"><address>${netmask('SRV', '10.2.7.7')}</address>
        <pre-rulebase><security><rules>${pre}</rules></security></pre-rulebase><post-rulebase><security><rules>${post}</rules></security></post-rulebase></entry></vsys></panorama>`;
    const vsys = `<address>${netmask('SRV', '10.2.8.8')}</address>`;
    const full = firewall({
      rules: rule('LOCAL', { ...toDmz, service: ['service-http'] }),
      vsys,
      device,
      top: pushed(rule('PRE', { destination: ['SRV'], action: 'deny' }), rule('POST', { ...toDmz, action: 'allow' })),
    });
    expect(check(full, `tcp ${PC} -> 10.2.7.7:80`)).toBe('blocked PRE');
    expect(check(full, `tcp ${PC} -> 10.2.8.8:8080`)).toBe('permitted LOCAL');
    expect(check(full, `tcp ${PC} -> 10.2.8.8:22`)).toBe('permitted POST');
  });

  it('rulings: ICMP applications, unknown names, groups', () => {
    const ping = firewall({ rules: rule('R1', { ...toDmz, application: ['ping'] }) });
    expect(check(ping, `tcp ${PC} -> 10.2.0.9:22`)).toBe('blocked interzone-default');
    expect(check(ping, `icmp/8/0 ${PC} -> 10.2.0.9`)).toBe('conditional');
    expect(check(ping, `icmp/8/0 ${PC} -> 10.2.0.9`, app('ping'))).toBe('permitted R1');
    const odd = firewall({ rules: rule('R1', { ...toDmz, application: ['some-new-app'], service: ['application-default'] }) });
    expect(check(odd, `tcp ${PC} -> 10.2.0.9:22`)).toBe('conditional');
    expect(check(odd, `tcp ${PC} -> 10.2.0.9:22`, app('some-new-app'))).toBe('conditional');
    expect(check(odd, `tcp ${PC} -> 10.2.0.9:22`, app('ssl'))).toBe('blocked interzone-default');
    const container = firewall({ rules: rule('R1', { application: ['dropbox'], action: 'deny' }) + rule('R2') });
    expect(check(container, `tcp ${PC} -> ${WEB}:443`, app('ssl'))).toBe('permitted R2');
    expect(check(container, `tcp ${PC} -> ${WEB}:443`, app('dropbox'))).toBe('blocked R1');
    expect(check(container, `tcp ${PC} -> ${WEB}:443`, app('dropbox-download'))).toBe('conditional');
    const dns = firewall({ rules: rule('R1', { application: ['dns'], action: 'deny' }) + rule('R2') });
    expect(check(dns, `udp ${PC} -> ${WEB}:53`, app('dns'))).toBe('blocked R1');
    expect(check(dns, `udp ${PC} -> ${WEB}:53`, app('dns-base'))).toBe('conditional');
    expect(check(dns, `udp ${PC} -> ${WEB}:53`, app('ntp'))).toBe('permitted R2');
    const smb = firewall({ rules: rule('R1', { ...toDmz, application: ['ms-ds-smb'], service: ['application-default'] }) });
    expect(check(smb, `tcp ${PC} -> 10.2.0.9:445`, app('ms-ds-smbv3'))).toBe('permitted R1');
    expect(check(smb, `tcp ${PC} -> 10.2.0.9:22`)).toBe('blocked interzone-default');
    expect(check(smb, `tcp ${PC} -> 10.2.0.9:445`, app('ms-ds-smb-next'))).toBe('conditional');
    expect(check(smb, `tcp ${PC} -> 10.2.0.9:445`, app('ssl'))).toBe('blocked interzone-default');
    const snmp = firewall({ rules: rule('R1', { ...toDmz, application: ['snmp'], service: ['application-default'] }) });
    expect(check(snmp, `udp ${PC} -> 10.2.0.9:161`, app('snmp-trap'))).toBe('blocked interzone-default');
    expect(check(snmp, `udp ${PC} -> 10.2.0.9:162`, app('snmp-trap'))).toBe('permitted R1');
    const group = firewall({
      rules: rule('R1', { ...toDmz, application: ['admin'] }),
      vsys: `<application-group><entry name="admin"><members>${members('ssh', 'ms-rdp')}</members></entry></application-group>`,
    });
    expect(check(group, `tcp ${PC} -> 10.2.0.9:4444`, app('ms-rdp'))).toBe('permitted R1');
    expect(check(group, `tcp ${PC} -> 10.2.0.9:4444`, app('ssl'))).toBe('blocked interzone-default');
  });

  it('rulings: an application of the table is that and no other', () => {
    for (const application of [['bittorrent'], ['ssl', 'telnet'], ['bittorrent', 'ping']]) {
      const deny = firewall({ rules: rule('R1', { application, action: 'deny' }) + rule('R2') });
      expect(check(deny, `tcp ${PC} -> ${WEB}:443`, app('acme-erp')), application.join()).toBe('permitted R2');
      expect(check(deny, `tcp ${PC} -> ${WEB}:443`)).toBe('conditional');
    }
    const p2p = firewall({ rules: rule('R1', { application: ['bittorrent'], action: 'deny' }) + rule('R2') });
    expect(check(p2p, `tcp ${PC} -> ${WEB}:443`, app('bittorrent'))).toBe('blocked R1');
    expect(check(p2p, `tcp ${PC} -> ${WEB}:443`, app('bittorrent-sync'))).toBe('permitted R2');
    const vsys = `<application-filter><entry name="risky"><risk><member>5</member></risk></entry></application-filter>
      <application-group><entry name="bad"><members>${members('bittorrent', 'risky')}</members></entry></application-group>`;
    for (const open of ['bad', 'risky', 'dropbox', 'some-new-app']) {
      const deny = firewall({ rules: rule('R1', { application: [open], action: 'deny' }) + rule('R2'), vsys });
      expect(check(deny, `tcp ${PC} -> ${WEB}:443`, app('acme-erp')), open).toBe('conditional');
    }
  });

  it('rulings: with service any an application is met on the protocols it is read on', () => {
    const met = (application: readonly string[], flow: string, vsys = ''): string =>
      check(firewall({ rules: rule('R1', { ...toDmz, application }), vsys }), flow);
    const icmp = `icmp/8/0 ${PC} -> 10.2.0.9`;
    const esp = `esp ${PC} -> 10.2.0.9`;
    const udp = `udp ${PC} -> 10.2.0.9:4444`;
    for (const application of [['ssl'], ['web-browsing', 'ntp'], ['msrpc']]) {
      for (const flow of [icmp, esp, `gre ${PC} -> 10.2.0.9`]) expect(met(application, flow)).toBe('blocked interzone-default');
      for (const flow of [udp, `tcp ${PC} -> 10.2.0.9:4444`]) expect(met(application, flow)).toBe('conditional');
    }
    expect([met(['traceroute'], icmp), met(['traceroute'], udp), met(['traceroute'], esp)]).toEqual([
      'conditional',
      'conditional',
      'blocked interzone-default',
    ]);
    expect([met(['ssl', 'ping'], icmp), met(['ssl', 'ipsec-esp'], esp)]).toEqual(['conditional', 'conditional']);
    expect([met(['unknown-tcp'], udp), met(['unknown-udp'], udp)]).toEqual(['blocked interzone-default', 'conditional']);
    for (const application of [['some-new-app'], ['ssl', 'some-new-app'], ['dropbox']])
      expect(met(application, icmp), application.join()).toBe('conditional');
    const own = (ports: string): string => `<application><entry name="own">${ports}</entry></application>`;
    const tcp = own('<default><port><member>tcp/9000</member></port></default>');
    expect([met(['own'], icmp, tcp), met(['own'], udp, tcp), met(['own'], icmp, own(''))]).toEqual([
      'blocked interzone-default',
      'conditional',
      'conditional',
    ]);
  });

  it('any application on application-default knows the ports of a declared application', () => {
    const fw = firewall({ rules: rule('R1', { ...toDmz, service: ['application-default'] }) });
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:22`)).toBe('conditional');
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:22`, app('ssh'))).toBe('permitted R1');
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:2222`, app('ssh'))).toBe('blocked interzone-default');
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:2222`, app('never-heard-of'))).toBe('conditional');
    expect(check(fw, `tcp ${PC} -> 10.2.0.9:22`, app('unknown-tcp'))).toBe('blocked interzone-default');
  });
});
