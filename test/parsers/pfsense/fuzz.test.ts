/** No input crashes: it is read or refused with a reason. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PFSENSE_CONFIG, pfsense } from '../../../parsers/pfsense/index.js';
import type { Firewall } from '../../../src/model/firewall.js';
import { decode } from '../../../src/source/decode.js';
import { RefusedError } from '../../../src/source/diagnostic.js';
import { config } from './build.js';

function attempt(text: string): Firewall | undefined {
  const { source } = decode('fuzz.xml', Buffer.from(text === '' ? ' ' : text));
  for (const form of pfsense.forms) form.detect(source);
  try {
    return pfsense.parse([{ source, form: PFSENSE_CONFIG }], {})[0];
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    expect(error.place.hint).toBeTruthy();
    return undefined;
  }
}

const words = [
  'lan',
  'wan',
  'opt1',
  'opt9',
  'wanip',
  'lanip',
  '(self)',
  'any',
  'A',
  'B',
  'GRP',
  'enc0',
  'openvpn',
  'l2tp',
  'pppoe',
  'WireGuard',
];
const odd = [
  '',
  '0',
  'yes',
  'inet',
  'inet6',
  'inet46',
  'tcp',
  'udp',
  'tcp/udp',
  'icmp',
  'esp',
  'sctp',
  '300',
  '80',
  '80-90',
  '90-80',
  '1-65535',
  '70000',
  'https',
  '10.0.0.0/8',
  '192.168.1.1',
  '::1',
  '::5:6',
  'fe80::1%igb0',
  '10.0.0.1-10.0.0.9',
  'XXX.XXX.XXX.XXX',
  '[REDACTED]',
  'dhcp',
  'dhcp6',
  'track6',
  'block',
  'reject',
  'match',
  '__proto__',
  'constructor',
  '-1',
  '1e9',
  'a'.repeat(300),
  'é&amp;lt;',
  'WAN_DHCP',
  'echoreq,unreach',
  'syn,ack',
  'none',
  'keep state',
  'igb1',
  'ovpns1',
  'ipsec1',
  'bridge0',
  '_vip1',
  '0.0.0.0/0',
  '32',
  '128',
  '24',
];
const value = fc.constantFrom(...words, ...odd);
const fields = [
  'type',
  'interface',
  'floating',
  'direction',
  'quick',
  'ipprotocol',
  'protocol',
  'icmptype',
  'disabled',
  'log',
  'sched',
  'gateway',
  'statetype',
  'tcpflags1',
  'tcpflags2',
  'tcpflags_any',
  'os',
  'tag',
  'tagged',
  'nottagged',
  'dscp',
  'nat',
  'tracker',
  'unheard-of',
  'any',
  'network',
  'address',
  'not',
  'port',
  'name',
  'if',
  'enable',
  'ipaddr',
  'subnet',
  'ipaddrv6',
  'subnetv6',
  'blockpriv',
  'blockbogons',
  'bridge',
  'mode',
  'subnet_bits',
  'uniqid',
  'members',
  'ifname',
  'url',
  'aliasurl',
  'target',
  'local-port',
  'nordr',
  'external',
  'external-port',
  'natreflection',
  'ikeid',
  'remote-gateway',
  'defaultgw',
  'vpnid',
  'tunnel_network',
];
const leaf = fc.tuple(fc.constantFrom(...fields), value).map(([name, text]) => `<${name}>${text}</${name}>`);
const end = (name: string) => fc.array(leaf, { maxLength: 3 }).map((parts) => `<${name}>${parts.join('')}</${name}>`);
const entry = (name: string) =>
  fc
    .tuple(fc.array(leaf, { maxLength: 10 }), end('source'), end('destination'))
    .map(([parts, s, d]) => `<${name}>${parts.join('')}${s}${d}</${name}>`);
const list = (name: string) => fc.array(entry(name), { maxLength: 4 }).map((entries) => entries.join(''));

const document = fc
  .record({
    version: fc.constantFrom(
      '2.9',
      '8.0',
      '10.1',
      '12.0',
      '15.4',
      '19.1',
      '21.7',
      '22.2',
      '22.9',
      '23.3',
      '24.0',
      '23.09',
      'x',
      '',
    ),
    filter: list('rule'),
    nat: fc.tuple(list('rule'), list('onetoone'), list('npt')).map((parts) => parts.join('')),
    aliases: list('alias'),
    interfaces: fc
      .array(fc.tuple(fc.constantFrom('opt2', 'opt3', 'opt9', 'openvpn'), fc.array(leaf, { maxLength: 8 })), { maxLength: 3 })
      .map((all) => all.map(([key, parts]) => `<${key}>${parts.join('')}</${key}>`).join('')),
    more: fc
      .tuple(
        list('vip'),
        list('phase1'),
        list('phase2'),
        list('openvpn-server'),
        list('ifgroupentry'),
        list('bridged'),
        list('route'),
        list('vlan'),
      )
      .map(
        ([vip, p1, p2, vpn, group, bridge, route]) =>
          `<virtualip>${vip}</virtualip><ipsec>${p1}${p2}</ipsec><openvpn>${vpn}</openvpn><ifgroups>${group}</ifgroups>` +
          `<bridges>${bridge}</bridges><staticroutes>${route}</staticroutes>`,
      ),
  })
  .map(config);

describe('no input crashes', () => {
  it('whatever the elements hold', () => {
    fc.assert(
      fc.property(document, (text) => {
        const firewall = attempt(text);
        for (const list of firewall?.lists.values() ?? [])
          for (const rule of list.rules) {
            const { lo, hi } = rule.match;
            expect(lo === hi || rule.conditions.length > 0, `${rule.id} ${rule.name}`).toBe(true);
          }
      }),
      { numRuns: 300 },
    );
  });

  it('wherever the file is cut off or damaged', () => {
    const whole = config({
      filter: '<rule><type>pass</type><interface>lan</interface><source><any/></source><destination><any/></destination></rule>',
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 4), fc.string({ maxLength: 6 }), (at, junk) => {
        expect(attempt(whole.slice(0, at))).toBeUndefined();
        attempt(whole.slice(0, at) + junk + whole.slice(at));
      }),
      { numRuns: 200 },
    );
  });

  it('whatever text comes', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(attempt(text)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('large files stay quick', () => {
    const start = performance.now();
    const many = (n: number, make: (i: number) => string) => Array.from({ length: n }, (_, i) => make(i)).join('');
    attempt(
      config({
        aliases:
          `<alias><name>BIG</name><type>network</type><address>${many(20_000, (i) => `10.${i >> 8}.${i & 255}.0/26 `)}</address></alias>` +
          `<alias><name>NAMES</name><type>host</type><address>${many(5000, (i) => `h${i}.example.com `)}</address></alias>` +
          many(3000, (i) => `<alias><name>A${i}</name><type>host</type><address>A${(i + 1) % 3000} 10.9.9.9</address></alias>`),
        filter: many(
          5000,
          (i) =>
            `<rule><type>pass</type><interface>lan</interface><source><address>${['BIG', 'NAMES', 'A0'][i % 3]}</address></source><destination><any/></destination></rule>`,
        ),
        more: `<x>${'['.repeat(200_000)}</x>`,
      }),
    );
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
