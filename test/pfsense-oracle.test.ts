/** The engine against an interpreter of pf: random config.xml files of several versions, and the files of the corpus. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detect } from '../parsers/detect.js';
import { extract } from '../parsers/pfsense/index.js';
import { decode } from '../src/source/decode.js';
import { RefusedError } from '../src/source/diagnostic.js';
import type { Source } from '../src/source/span.js';
import {
  engineFor,
  isIcmp,
  outcomeOf,
  type Packet,
  packetText,
  pick,
  random,
  readAddress,
  readNetwork,
  Tally,
  type Way,
} from './oracle/packet.js';
import { Pfsense } from './oracle/pfsense.js';

/** Addresses and ports at and beside everything that looks like one in the text. */
function edges(text: string): { addresses: { family: 4 | 6; value: bigint }[]; ports: number[] } {
  const addresses = new Map<string, { family: 4 | 6; value: bigint }>();
  const ports = new Set([0, 1, 22, 80, 443, 500, 65535, 50000]);
  const words = new Set(
    text
      .replace(/<(cert|crt|prv|rrddata|xmldata)>[^<]*</g, '<')
      .split(/[\s<>,|]+/)
      .filter((word) => word.length < 60),
  );
  for (const word of [...words, '8.8.8.8', '10.9.9.9', '169.254.1.1', '172.16.5.5', '2001:db8:9::9', 'fe80::7', 'ff02::1']) {
    const span = readNetwork(word);
    if (span) {
      const own = readAddress(word.split('/')[0] ?? '');
      const top = 1n << (span.family === 4 ? 32n : 128n);
      for (const value of [span.first, span.last, ...(own ? [own.value] : [])])
        for (const near of [value - 1n, value, value + 1n])
          if (near > 0n && near < top) addresses.set(`${span.family}/${near}`, { family: span.family, value: near });
    }
    const range = /^(\d{1,5})(?:[-:](\d{1,5}))?$/.exec(word);
    for (const part of range ? [range[1], range[2] ?? range[1]] : [])
      for (const near of [Number(part) - 1, Number(part), Number(part) + 1]) if (near >= 0 && near < 65536) ports.add(near);
  }
  return { addresses: [...addresses.values()], ports: [...ports] };
}

function packetsFor(text: string, count: number, seed: number): Packet[] {
  const next = random(seed);
  const { addresses, ports } = edges(text);
  const six = addresses.filter((address) => address.family === 6);
  const four = addresses.filter((address) => address.family === 4);
  const out: Packet[] = [];
  while (out.length < count) {
    const pool = next(5) === 0 ? six : four;
    const { family, value: source } = pick(next, pool);
    const { value: destination } = pick(next, pool);
    if (source === destination || source >> (family === 4 ? 29n : 121n) === (family === 4 ? 7n : 127n)) continue;
    // Link-local addresses of the firewall are in no file; only what is passed to all of them is compared.
    const near = family === 6 && destination >> 118n === 0x3fan;
    const protocol = near ? 58 : pick(next, [6, 6, 6, 6, 17, 17, 17, family === 4 ? 1 : 58, 50, 47]);
    const icmp = family === 4 ? [8, 0, 3, 11] : near ? [1, 135, 136] : [128, 1, 135, 133, 3];
    out.push({
      family,
      source,
      destination,
      protocol,
      sourcePort: protocol === 6 || protocol === 17 ? (next(3) ? 50000 : pick(next, ports)) : 0,
      port: protocol === 6 || protocol === 17 ? pick(next, ports) : isIcmp(protocol) ? pick(next, icmp) * 256 : 0,
    });
  }
  return out;
}

function compare(source: Source, count: number, seed: number): Tally {
  const tally = new Tally();
  const { vendor, form } = detect(source);
  const oracle = new Pfsense(extract(source));
  const [firewall] = vendor.parse([{ source, form: form.id }], {});
  if (!firewall) throw new Error('no firewall');
  const links = firewall.links.names.filter((name) => oracle.isKnown(name));
  const packets = packetsFor(source.text, count, seed);
  const engine = engineFor(firewall, packets);
  const next = random(seed + 1);
  if (links.length === 0) return tally;
  for (const packet of packets) {
    const direction = pick(next, ['in', 'forward', 'forward', 'out'] as const);
    const enter = pick(next, links);
    const leave = pick(next, links);
    if (direction === 'forward' && enter === leave) continue;
    const way: Way = { direction, ...(direction === 'out' ? {} : { in: enter }), ...(direction === 'in' ? {} : { out: leave }) };
    const judgement = engine(packet, way);
    const text = () =>
      `${packetText(packet)} ${direction} ${way.in ?? ''}>${way.out ?? ''}; decided by ${judgement.decidedBy.map((d) => `${d.rule} ${d.name}`).join(', ')}; ` +
      judgement.conditions.map((c) => `${c.kind} ${c.name}`).join(' | ');
    tally.add(oracle.outcome(packet, way), outcomeOf(judgement), text);
  }
  return tally;
}

const often = <T>(usual: T, ...rare: readonly T[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });
const element = (name: string, value: string | undefined): string => (value === undefined ? '' : `<${name}>${value}</${name}>`);

const PLACES = ['lan', 'wan', 'opt1', 'lanip', 'wanip', 'opt1ip', '(self)', 'opt2', 'TRUSTED', 'l2tp', '10.0.0.0/8'].map((name) =>
  element('network', name),
);
const LITERALS = [
  '10.0.1.10',
  '10.0.1.0/25',
  '192.168.1.0/24',
  '192.168.1.20',
  '198.51.100.0/24',
  '2001:db8:1::/64',
  '2001:db8:1::5',
  '0.0.0.0/1',
].map((text) => element('address', text));
const ALIASES = [
  'HOSTS',
  'HOSTS',
  'NETS',
  'NETS',
  'NESTED',
  'EMPTY',
  'CYCLE',
  'NAMES',
  'TABLE',
  'SNAPSHOT',
  'GONE',
  'company',
  'WEB',
].map((name) => element('address', name));
const endpoint = fc
  .record({
    where: fc.oneof(
      { weight: 5, arbitrary: fc.constant('<any/>') },
      { weight: 4, arbitrary: fc.constantFrom(...PLACES) },
      { weight: 4, arbitrary: fc.constantFrom(...LITERALS) },
      { weight: 3, arbitrary: fc.constantFrom(...ALIASES) },
      { weight: 1, arbitrary: fc.constantFrom('', '<any/><address>10.0.1.10</address>') },
    ),
    not: often('', '<not/>'),
  })
  .map(({ where, not }) => where + not);
const port = fc.oneof(
  { weight: 5, arbitrary: fc.constant('') },
  {
    weight: 5,
    arbitrary: fc.constantFrom('443', '80-90', '8000:8010', '1-1023', '1024-65535', '22', '1-65535', 'WEB', 'NESTEDPORTS'),
  },
  { weight: 1, arbitrary: fc.constantFrom('90-80', '0', 'NOPORTS', 'GONE', 'https') },
);
const rule = fc
  .record({
    type: fc.oneof(
      { weight: 5, arbitrary: fc.constant('<type>pass</type>') },
      { weight: 3, arbitrary: fc.constant('<type>block</type>') },
      { weight: 1, arbitrary: fc.constantFrom('', '<type>reject</type>', '<type>match</type>') },
    ),
    tab: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('lan', 'wan', 'opt1') },
      { weight: 2, arbitrary: fc.constantFrom('TRUSTED', 'openvpn', 'opt3', 'enc0', 'opt2', 'wan,lan') },
    ),
    floatingOn: fc.constantFrom('', 'lan', 'wan', 'wan,lan', 'opt7', 'opt7,lan', 'any', 'TRUSTED', 'wan,opt1'),
    floating: fc.constantFrom('', '', '<floating>yes</floating>', '<floating>yes</floating>', '<floating/>'),
    direction: fc.constantFrom('', '<direction>in</direction>', '<direction>out</direction>', '<direction>any</direction>'),
    quick: fc.constantFrom('', '<quick>yes</quick>'),
    family: fc.constantFrom(
      '',
      '',
      '<ipprotocol>inet</ipprotocol>',
      '<ipprotocol>inet46</ipprotocol>',
      '<ipprotocol>inet6</ipprotocol>',
    ),
    protocol: fc.constantFrom('', '', 'tcp', 'tcp', 'udp', 'tcp/udp', 'icmp', 'esp', '47'),
    icmptype: often('', 'echoreq', 'echoreq,unreach'),
    source: endpoint,
    destination: endpoint,
    sourcePort: often('', '1024-65535', '50000'),
    port,
    disabled: often('', '<disabled/>'),
    more: fc.oneof(
      { weight: 16, arbitrary: fc.constant('') },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          '<sched>WORK</sched>',
          '<sched>NEVER_DEFINED</sched>',
          '<gateway>WANGW</gateway>',
          '<gateway>GONE</gateway>',
          '<statetype>none</statetype>',
          '<os>Linux</os>',
          '<tcpflags1>syn</tcpflags1><tcpflags2>syn,ack</tcpflags2>',
          '<tcpflags1>ack</tcpflags1><tcpflags2>syn,ack</tcpflags2>',
          '<tcpflags_any/>',
          '<dscp>ef</dscp>',
          '<tag>RED</tag>',
          '<tag>BLUE</tag>',
          '<tagged>RED</tagged>',
          '<tagged>RED</tagged><nottagged/>',
          '<tag>RED</tag>',
          '<tagged>RED</tagged>',
        ),
      },
    ),
  })
  .map((r) => {
    const floating = r.floating !== '';
    const end = (name: string, where: string, ports: string) =>
      `<${name}>${where}${where === '' || ports === '' ? '' : element('port', ports)}</${name}>`;
    return (
      `<rule>${r.type}<interface>${floating ? r.floatingOn : r.tab}</interface>${r.floating}${floating ? r.direction + r.quick : ''}${r.family}` +
      `${element('protocol', r.protocol === '' ? undefined : r.protocol)}${r.protocol === 'icmp' ? element('icmptype', r.icmptype === '' ? undefined : r.icmptype) : ''}` +
      `${end('source', r.source, r.sourcePort)}${end('destination', r.destination, r.port)}${r.disabled}${r.more}</rule>`
    );
  });

const alias = (name: string, type: string, members: string, more = ''): string =>
  `<alias><name>${name}</name><type>${type}</type><address>${members}</address>${more}</alias>`;
const ALL_ALIASES = [
  alias('HOSTS', 'host', '10.0.1.10 192.168.1.20 2001:db8:1::5'),
  alias('NETS', 'network', '10.0.0.0/8 172.16.0.0/12 2001:db8::/32'),
  alias('NESTED', 'network', 'HOSTS 198.51.100.0/28'),
  alias('EMPTY', 'host', ''),
  alias('CYCLE', 'network', 'CYCLE 10.0.1.64/26 NESTED'),
  alias('NAMES', 'host', '10.0.1.11 app.example.com'),
  alias('TABLE', 'urltable', '', '<url>https://lists.example/a.txt</url>'),
  alias('SNAPSHOT', 'url', '198.51.100.64/27', '<aliasurl>https://lists.example/b.txt</aliasurl>'),
  alias('company', 'network', '192.168.0.0/16'),
  alias('WEB', 'port', '80 443 8000:8010'),
  alias('NESTEDPORTS', 'port', 'WEB 22'),
  alias('NOPORTS', 'port', ''),
].join('');

const configuration = fc
  .record({
    version: fc.constantFrom('8.0', '10.1', '12.0', '15.4', '19.1', '21.7', '22.2', '22.9', '23.3', '23.3', '24.0', '23.09'),
    rules: fc.array(rule, { minLength: 2, maxLength: 9 }),
    six: often('<ipv6allow/>', ''),
    apipa: often('', '<no_apipa_block/>'),
    lockout: often('', '<noantilockout/>'),
    ssh: often('', '<ssh><enable/><port>2222</port></ssh>'),
    wan: often('<ipaddr>203.0.113.2</ipaddr><subnet>24</subnet><gateway>WANGW</gateway>', '<ipaddr>dhcp</ipaddr>'),
    wanMore: often('', '<blockpriv/>', '<blockbogons/>', '<blockpriv/><blockbogons/>'),
    vips: often(
      '',
      '<vip><mode>ipalias</mode><interface>lan</interface><subnet>172.20.0.1</subnet><subnet_bits>24</subnet_bits></vip>',
      '<vip><mode>carp</mode><interface>wan</interface><subnet>203.0.113.7</subnet><subnet_bits>24</subnet_bits><vhid>1</vhid></vip>',
    ),
    opt2: fc.constantFrom('', '<enable/>'),
    vpn: fc.constantFrom(
      '',
      '<openvpn><openvpn-server><vpnid>1</vpnid><tunnel_network>10.8.0.0/24</tunnel_network></openvpn-server></openvpn>',
    ),
    ipsec: often(
      '',
      '<ipsec><phase1><ikeid>1</ikeid><interface>wan</interface><remote-gateway>198.51.100.9</remote-gateway></phase1></ipsec>',
    ),
    nat: fc.constantFrom('disabled', 'automatic', 'automatic', 'hybrid'),
    forward: often(
      '',
      '<rule><interface>wan</interface><protocol>tcp</protocol><source><any/></source><destination><network>wanip</network><port>443</port></destination><target>10.0.1.10</target><local-port>8443</local-port><natreflection>disable</natreflection></rule>',
    ),
    routes: often('', '<staticroutes><route><network>10.50.0.0/16</network><gateway>LANGW</gateway></route></staticroutes>'),
  })
  .map(
    (c) => `<?xml version="1.0"?>
<pfsense>
<version>${c.version}</version>
<system><hostname>fw</hostname><webgui><protocol>https</protocol>${c.lockout}</webgui>${c.six}${c.apipa}${c.ssh}</system>
<interfaces>
<wan><enable/><if>igb0</if>${c.wan}${c.wanMore}</wan>
<lan><enable/><if>igb1</if><ipaddr>192.168.1.1</ipaddr><subnet>24</subnet><ipaddrv6>2001:db8:1::1</ipaddrv6><subnetv6>64</subnetv6></lan>
<opt1><enable/><if>igb2</if><ipaddr>10.0.1.1</ipaddr><subnet>24</subnet></opt1>
<opt2>${c.opt2}<if>igb3</if><ipaddr>10.0.2.1</ipaddr><subnet>24</subnet></opt2>
${c.vpn ? '<opt3><enable/><if>ovpns1</if></opt3>' : ''}
</interfaces>
<ifgroups><ifgroupentry><ifname>TRUSTED</ifname><members>lan opt1</members></ifgroupentry></ifgroups>
<gateways><gateway_item><interface>wan</interface><gateway>203.0.113.1</gateway><name>WANGW</name><ipprotocol>inet</ipprotocol></gateway_item>
<gateway_item><interface>lan</interface><gateway>192.168.1.9</gateway><name>LANGW</name><ipprotocol>inet</ipprotocol></gateway_item><defaultgw4>WANGW</defaultgw4></gateways>
<virtualip>${c.vips}</virtualip>${c.vpn}${c.ipsec}${c.routes}
<schedules><schedule><name>WORK</name><timerange><position>1,2,3,4,5</position><hour>8:00-18:00</hour></timerange></schedule></schedules>
<aliases>${ALL_ALIASES}</aliases>
<nat><outbound><mode>${c.nat}</mode></outbound>${c.forward}</nat>
<filter>
${c.rules.map((text) => (c.version === '8.0' ? text.replace(/<ipprotocol>.*?<\/ipprotocol>/, '') : text)).join('\n')}
</filter>
</pfsense>
`,
  );

const RUNS = Number(process.env.FLOWGAP_ORACLE_RUNS ?? 150);

describe('pfSense against an interpreter', () => {
  it('agrees on random configurations', () => {
    const total = new Tally();
    let seed = 1;
    fc.assert(
      fc.property(configuration, (text) => {
        const { source } = decode('fw.xml', new TextEncoder().encode(text));
        const tally = compare(source, 40, seed++);
        expect(tally.wrong, text).toEqual([]);
        expect(tally.bold, text).toEqual([]);
        total.join(tally);
      }),
      { numRuns: RUNS, seed: Number(process.env.FLOWGAP_SEED ?? 20) },
    );
    console.log(`random configurations: ${total}`);
    if (process.env.FLOWGAP_VERBOSE) console.log(total.shy.slice(0, 60).join('\n'));
    expect(total.share).toBeGreaterThanOrEqual(0.95);
  }, 60_000);
});

/** Every user rule of the configuration; WAN by DHCP, LAN and DMZ (opt1) attached. */
const small = (rules: string): string => `<pfsense><version>23.3</version><system><hostname>fw</hostname><ipv6allow/></system>
<interfaces><wan><enable/><if>igb0</if><ipaddr>dhcp</ipaddr></wan>
<lan><enable/><if>igb1</if><ipaddr>192.168.1.1</ipaddr><subnet>24</subnet></lan>
<opt1><enable/><if>igb2</if><ipaddr>10.0.1.1</ipaddr><subnet>24</subnet></opt1></interfaces>
<gateways><gateway_item><interface>wan</interface><gateway>dynamic</gateway><name>WAN_DHCP</name></gateway_item></gateways>
<filter>${rules}</filter></pfsense>`;
const ANY_TO_ANY = '<source><any/></source><destination><any/></destination>';
const tcp = (source: string, destination: string, port: number): Packet => ({
  family: 4,
  source: readAddress(source)?.value ?? 0n,
  destination: readAddress(destination)?.value ?? 0n,
  protocol: 6,
  sourcePort: 50000,
  port,
});

describe('what the comparison brought to light', () => {
  const both = (rules: string, packet: Packet, way: Way): string[] => {
    const { source } = decode('fw.xml', new TextEncoder().encode(small(rules)));
    const [firewall] = detect(source).vendor.parse([{ source, form: detect(source).form.id }], {});
    if (!firewall) throw new Error('no firewall');
    return [new Pfsense(extract(source)).outcome(packet, way), outcomeOf(engineFor(firewall, [packet])(packet, way))];
  };
  const forward: Way = { direction: 'forward', in: 'lan', out: 'opt1' };

  it('a rule without quick and with a gateway sends attached destinations astray', () => {
    const rule = `<rule><type>pass</type><floating>yes</floating><interface>lan</interface><direction>in</direction><gateway>WAN_DHCP</gateway>${ANY_TO_ANY}</rule>`;
    expect(both(rule, tcp('192.168.1.20', '10.0.1.10', 443), forward)).toEqual(['unknown', 'unknown']);
    expect(both(rule, tcp('192.168.1.20', '198.51.100.7', 443), { ...forward, out: 'wan' })).toEqual(['accept', 'accept']);
  });

  it('no later rule makes up for a deciding pass without state', () => {
    const stateless = `<rule><type>pass</type><interface>lan</interface><statetype>none</statetype>${ANY_TO_ANY}</rule>`;
    const stateful = `<rule><type>pass</type><interface>lan</interface>${ANY_TO_ANY}</rule>`;
    const packet = tcp('192.168.1.20', '10.0.1.10', 443);
    expect(both(stateless + stateful, packet, forward)).toEqual(['unknown', 'unknown']);
    expect(both(stateful + stateless, packet, forward)).toEqual(['accept', 'accept']);
  });

  it('a gateway takes packets for an address of the firewall that nobody knows', () => {
    const rule = `<rule><type>pass</type><interface>lan</interface><gateway>WAN_DHCP</gateway>${ANY_TO_ANY}</rule>`;
    expect(both(rule, tcp('192.168.1.20', '198.51.100.7', 443), { direction: 'in', in: 'lan' })).toEqual(['unknown', 'unknown']);
  });

  it('an outbound rule with a gateway moves packets off the interface they were leaving by', () => {
    const pass = `<rule><type>pass</type><interface>lan</interface>${ANY_TO_ANY}</rule>`;
    const out = `<rule><type>pass</type><floating>yes</floating><quick/><interface>opt1,wan</interface><direction>out</direction><gateway>WAN_DHCP</gateway>${ANY_TO_ANY}</rule>`;
    const packet = tcp('192.168.1.20', '198.51.100.7', 443);
    expect(both(pass + out, packet, forward)).toEqual(['unknown', 'unknown']);
    expect(both(pass + out, packet, { ...forward, out: 'wan' })).toEqual(['accept', 'accept']);
  });
});

const ROOT = resolve(process.env.FLOWGAP_CORPUS ?? '../shared/corpus', 'pfsense');
const present = existsSync(ROOT);
if (!present) console.warn(`skipped: no corpus at ${ROOT} (set FLOWGAP_CORPUS)`);

describe.skipIf(!present)('pfSense, exports of the corpus', () => {
  it('agrees with the interpreter on every file that is read', () => {
    const total = new Tally();
    for (const file of readdirSync(ROOT)
      .filter((name) => name.endsWith('.xml'))
      .sort()) {
      let tally: Tally;
      try {
        tally = compare(
          decode(file, readFileSync(join(ROOT, file))).source,
          Number(process.env.FLOWGAP_ORACLE_PACKETS ?? 250),
          7,
        );
      } catch (error) {
        if (error instanceof RefusedError) continue;
        throw error;
      }
      console.log(`${file}: ${tally}`);
      if (process.env.FLOWGAP_VERBOSE) console.log([...tally.wrong, ...tally.bold, ...tally.shy].slice(0, 12).join('\n'));
      expect(tally.wrong, file).toEqual([]);
      total.join(tally);
    }
    console.log(`corpus: ${total}`);
    expect(total.wrong).toEqual([]);
    expect(total.share).toBeGreaterThanOrEqual(0.95);
  }, 60_000);
});
