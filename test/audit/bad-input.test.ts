/** What is accepted with a diagnostic, and what is refused with a place and a way out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/analysis/coins.js';
import { prepare } from '../../src/analysis/flow.js';
import { judge } from '../../src/analysis/judge.js';
import { loadConfig } from '../../src/audit/config.js';
import { loadDevice } from '../../src/audit/devices.js';
import { parseFlow } from '../../src/audit/flow-text.js';
import { readFlows } from '../../src/audit/flows-csv.js';
import { packetsOf } from '../../src/audit/packets.js';
import { importRequirements } from '../../src/requirements/index.js';
import { decode } from '../../src/source/decode.js';
import { RefusedError } from '../../src/source/diagnostic.js';
import { ROOT } from '../support/cli.js';

const SAMPLES = ['app01-rules.csv', 'app01-netsh.txt', 'edge-pfsense.xml', 'core-panos.xml', 'proxy01.iptables'];
const sample = (name: string): Buffer => readFileSync(join(ROOT, 'samples/exports', name));
const load = (bytes: Uint8Array, name = 'export') => loadDevice([name], {}, () => bytes);
const refusal = (bytes: Uint8Array): RefusedError => {
  try {
    load(bytes);
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
  throw new Error('it was read');
};

const FLOWS = [
  'tcp 10.20.1.10 -> 10.20.2.10:135',
  'tcp 10.20.8.70 -> 10.20.40.20:22',
  'udp 10.20.1.10 -> 10.20.2.53:53',
  'tcp 10.20.1.10 -> 10.20.40.20:6520',
].map((text, i) => parseFlow(text, String(i), { file: 'test', line: 1 }));

function verdicts(bytes: Uint8Array): string[] {
  const { devices } = load(bytes);
  const bench = prepare(
    devices,
    FLOWS.flatMap((flow) => [flow.source, flow.destination]),
  );
  return FLOWS.map(
    (flow) =>
      judge(
        bench,
        { packets: packetsOf({ ...flow, expect: 'allow' }, bench.spaces) },
        { facts: new Map(), settings: DEFAULT_SETTINGS, firstPacket: false },
      ).verdict,
  );
}

describe('accepted, with the same verdicts', () => {
  for (const name of SAMPLES) {
    const text = sample(name).toString('utf8').replaceAll('\r\n', '\n');
    const before = verdicts(Buffer.from(text));
    it.each([
      ['CRLF', Buffer.from(text.replaceAll('\n', '\r\n'))],
      ['a BOM', Buffer.from(`\ufeff${text}`)],
      ['UTF-16LE with BOM', iconv.encode(text, 'utf-16le', { addBOM: true })],
      ['UTF-16BE with BOM', iconv.encode(text, 'utf-16be', { addBOM: true })],
    ])(`${name} with %s`, (_form, bytes) => {
      expect(verdicts(bytes)).toEqual(before);
    });
  }

  it('names in a code page are a diagnostic, not a refusal', () => {
    const text = sample('app01-netsh.txt')
      .toString('utf8')
      .replace(/(Description:\s+)\S/, '$1Größe ');
    const loaded = load(iconv.encode(text, 'cp850'));
    expect(loaded.diagnostics.map((d) => d.code)).toContain('encoding-guessed');
    expect(verdicts(iconv.encode(text, 'cp850'))).toEqual(verdicts(Buffer.from(text)));
  });
});

describe('refused', () => {
  it.each([
    ['an empty file', Buffer.alloc(0), /empty/],
    ['blank lines', Buffer.from('\n\n  \n'), /not recognised/],
    ['prose', Buffer.from('Dear colleagues,\nthe firewall is fine.\n'), /not recognised/],
    ['binary', Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 37) % 256)), /binary/],
    [
      'a picture',
      Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]), Buffer.alloc(200, 7)]),
      /binary/,
    ],
    ['XML of nobody', Buffer.from('<?xml version="1.0"?><rss><channel/></rss>'), /not recognised/],
    [
      'a DOCTYPE bomb',
      Buffer.from(
        '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><pfsense><version>21.7</version><filter><rule><descr>&b;</descr></rule></filter></pfsense>',
      ),
      /DOCTYPE/,
    ],
    [
      'an encrypted backup',
      Buffer.from(
        `---- BEGIN config.xml ----\n${'U2FsdGVkX19hYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODk=\n'.repeat(20)}---- END config.xml ----\n`,
      ),
      /encrypted/,
    ],
    [
      'an inventory without ports',
      Buffer.from('"Name","DisplayName","Direction","Action","Enabled"\n"a","A","Inbound","Allow","True"\n'),
      /no ports/,
    ],
    [
      'two vendors in one file',
      Buffer.from(`${sample('proxy01.iptables').toString()}\n${sample('app01-netsh.txt').toString()}`),
      /two vendors/,
    ],
  ])('%s, with a place and what to do', (_what, bytes, message) => {
    const error = refusal(bytes);
    expect(error.message).toMatch(message);
    expect(error.place.file).toBe('export');
    expect(error.place.hint?.length).toBeGreaterThan(15);
  });

  it.each(['edge-pfsense.xml', 'core-panos.xml'])('%s cut off anywhere', (name) => {
    const bytes = sample(name);
    for (const share of [0.3, 0.6, 0.9, 0.999]) {
      const error = refusal(bytes.subarray(0, Math.floor(bytes.length * share)));
      expect(error.message).toMatch(/well-formed/);
      expect(error.place.line).toBeGreaterThan(1);
      expect(error.place.column).toBeGreaterThan(0);
    }
  });

  it('a text dump cut off is read, and nothing is permitted or blocked on what is missing', () => {
    const text = sample('proxy01.iptables').toString();
    const cut = Buffer.from(text.slice(0, text.indexOf('-A PS-IN')));
    const found = verdicts(cut);
    expect(found).not.toContain('permitted');
    expect(found[3]).toBe('conditional');
  });
});

describe('hostile content', () => {
  it('names of Object.prototype are names', () => {
    const text = sample('proxy01.iptables').toString().replaceAll('ADMIN-IN', '__proto__').replaceAll('PS-IN', 'constructor');
    expect(verdicts(Buffer.from(text))).toEqual(verdicts(sample('proxy01.iptables')));
    const panos = sample('core-panos.xml')
      .toString()
      .replaceAll('grp-domain-controllers', '__proto__')
      .replaceAll('"app01"', '"constructor"')
      .replaceAll('>app01<', '>constructor<');
    expect(verdicts(Buffer.from(panos))).toEqual(verdicts(sample('core-panos.xml')));
  });

  it('a line of many megabytes ends soon', () => {
    const started = performance.now();
    const line = `-A INPUT -m comment --comment "${'x'.repeat(20_000_000)}" -j DROP`;
    load(Buffer.from(`*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${line}\nCOMMIT\n`));
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('chains that call each other in a circle, or exponentially often, end with an answer', () => {
    const head = '*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n';
    const circle = `${head}:A - [0:0]\n:B - [0:0]\n-A INPUT -j A\n-A A -j B\n-A B -j A\nCOMMIT\n`;
    expect(verdicts(Buffer.from(circle))[0]).toBe('conditional');
    const names = Array.from({ length: 60 }, (_, i) => `C${i}`);
    const tower = `${head}${names.map((n) => `:${n} - [0:0]\n`).join('')}-A INPUT -j C0\n${names
      .slice(1)
      .flatMap((n, i) => [`-A C${i} -p tcp -j ${n}`, `-A C${i} -j ${n}`])
      .join('\n')}\nCOMMIT\n`;
    const started = performance.now();
    expect(['unknown', 'blocked', 'conditional']).toContain(verdicts(Buffer.from(tower))[0]);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('configuration and flows', () => {
  const config = (text: string): RefusedError => {
    try {
      loadConfig(decode('flowgap.yaml', Buffer.from(text)).source);
    } catch (error) {
      if (error instanceof RefusedError) return error;
      throw error;
    }
    throw new Error('it was read');
  };
  it.each([
    ['requirements: [{ page: p.md }]\ndevices:\n  - { name: a, exports: [x], profil: domain }\n', 3, /profil/],
    ['requirement: []\n', 1, /requirement/],
    [
      'requirements: [{ page: p.md }]\ndevices: [{ name: a, exports: [x] }]\nassume: [everything-is-fine]\n',
      3,
      /expected one of/,
    ],
    ['requirements: [{ page: p.md }\ndevices: []\n', 2, /YAML/],
    ['requirements: [{ page: p.md }]\ndevices: []\n', 2, /devices/],
    ['a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n', 1, /./],
    [
      'requirements: [{ page: p.md }]\ndevices: [{ name: a, exports: [x] }]\nroles: { A: { addresses: 10.0.0.1, address: 10.0.0.2 } }\n',
      3,
      /"address"/,
    ],
    ['requirements: [{ page: p.md }]\nrequirements: [{ page: q.md }]\n', 2, /unique/],
  ])('%j is refused on its line', (text, line, message) => {
    const error = config(text);
    expect(error.message).toMatch(message);
    expect(error.place.line).toBe(line);
    expect(error.place.column).toBeGreaterThan(0);
    expect(error.place.hint).toBeTruthy();
  });

  it.each([
    ['id,source,destination,protocol\n1,a,b,c\n', 1],
    ['id,source,destination,protocol,port,colour\n', 1],
    ['id,source,destination,protocol,port\n1,10.0.0.1,10.0.0.2,tcp,22\n2,10.0.0.1,nowhere,tcp,22\n', 3],
    ['id,source,destination,protocol,port\n1,10.0.0.1,10.0.0.2,tcp,70000\n', 2],
    ['id,source,destination,protocol,port\n1,10.0.0.1,10.0.0.2,tcp\n', 2],
    ['id,source,destination,protocol,port,direction\n1,10.0.0.1,10.0.0.2,tcp,22,sideways\n', 2],
  ])('flows %j are refused on their line', (text, line) => {
    expect(() => readFlows(decode('flows.csv', Buffer.from(text)).source)).toThrow(
      expect.objectContaining({ name: 'RefusedError', place: expect.objectContaining({ line, hint: expect.any(String) }) }),
    );
  });

  it('a page of the wrong kind is refused', () => {
    expect(() => importRequirements(decode('page.md', sample('core-panos.xml')).source)).toThrow(RefusedError);
  });
});
