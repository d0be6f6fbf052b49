import { describe, expect, it } from 'vitest';
import { briefs, load, refusal } from './support.js';

const HEADER = 'source,destination,protocol,port';

describe('CSV', () => {
  it('reads every column', () => {
    const page = load(
      'flows.csv',
      `\ufeffid,Source,destination,protocol,port,source port,icmp,purpose,expect,optional,any_of,variant,program,source_user\r
web,Client,10.0.0.0/24,tcp;udp,443;8000-8010,1024-65535,,"Web, mostly",deny,yes,g1,os=windows-2008+,a.exe,svc\r
\r
,any,Server,icmp,,,echo-request;3/4,Ping,,,,,,\r
`,
    );
    expect(briefs(page)).toEqual([
      '2 Client -> 10.0.0.0/24: tcp, udp 443, 8000-8010 from port 1024-65535',
      '4 any -> Server: icmp 3/4, 8/0',
    ]);
    expect(page.flows[0]).toMatchObject({
      id: 'web',
      purpose: 'Web, mostly',
      expect: 'deny',
      optional: true,
      anyOf: 'g1',
      variant: { name: 'os', value: 'windows-2008+' },
      facts: { program: 'a.exe', source_user: 'svc' },
    });
    expect(page.flows[1]).toMatchObject({ id: 'flows/icmp-server', expect: 'allow', optional: false });
    expect(page.accounting.rows).toEqual({ seen: 2, imported: 2, review: 0, refused: 0 });
  });
  it('keeps the lines of records after quoted line breaks', () => {
    const page = load('f.csv', 'source,destination,protocol,purpose\na,b,tcp,"x\ny"\nc,d,tcp,z');
    expect(page.flows.map((flow) => [flow.line, flow.purpose])).toEqual([
      [2, 'x y'],
      [4, 'z'],
    ]);
  });
  it('gives a flow for each pair of ends in lists', () => {
    const page = load('f.csv', `id,${HEADER}\nx,10.0.0.1;10.0.0.2,B,tcp,1\n`);
    expect(page.flows.map((flow) => flow.id)).toEqual(['x/10.0.0.1-B', 'x/10.0.0.2-B']);
  });
  it('names interpret as unused', () => {
    const page = load('f.csv', `${HEADER}\na,b,tcp;udp,1;2\n`, { interpret: new Map([[2, 'pairwise']]) });
    expect(page.diagnostics.map((one) => [one.code, one.line])).toEqual([['interpret-unused', 2]]);
  });
  it('takes semicolons and tabs as separators', () => {
    expect(briefs(load('f.csv', 'source;destination;protocol\na;b;tcp\n'))).toEqual(['2 a -> b: tcp any port']);
    expect(briefs(load('f.tsv', 'source\tdestination\tprotocol\na\tb\tany\n'))).toEqual(['2 a -> b: any']);
  });
  it.each([
    ['unknown column', 'source,destination,protocol,prot\na,b,tcp,1\n', 'unknown column "prot"', 1, 'source_port'],
    ['missing column', 'source,destination\na,b\n', 'no column protocol', 1, 'must be there'],
    ['double column', 'source,source,destination,protocol\n', 'two columns are named source', 1, ''],
    ['short line', `${HEADER}\na,b,tcp\n`, 'the line has 3 cells, the header 4', 2, ''],
    ['bad port', `${HEADER}\na,b,tcp,1\na,b,tcp,70000\n`, '"70000" is no port or range of ports', 3, ''],
    ['reversed range', `${HEADER}\na,b,tcp,20-10\n`, '"20-10" is no port or range of ports', 2, ''],
    ['bad protocol', `${HEADER}\na,b,tpc,1\n`, '"tpc" is no protocol', 2, 'Write tcp'],
    ['ports without protocol', `${HEADER}\na,b,any,1\n`, 'ports need a protocol that has them', 2, ''],
    ['ports with ICMP', `${HEADER}\na,b,icmp,1\n`, 'ports beside a protocol without ports', 2, ''],
    ['no source', `${HEADER}\n,b,tcp,1\n`, 'a flow has no source', 2, ''],
    ['bad address', `${HEADER}\n10.0.0.300,b,tcp,1\n`, '"10.0.0.300" is no address, network or range', 2, ''],
    ['bad prefix', `${HEADER}\na,10.0.0.0/33,tcp,1\n`, '"10.0.0.0/33" is no address, network or range', 2, ''],
    ['bad expect', `${HEADER},expect\na,b,tcp,1,maybe\n`, 'expect is "maybe"', 2, 'allow, deny'],
    ['bad variant', `${HEADER},variant\na,b,tcp,1,windows\n`, 'variant has no name and value', 2, ''],
    ['same id twice', `id,${HEADER}\nx,a,b,tcp,1\nx,a,c,tcp,1\n`, 'the id "x" is given twice, first on line 2', 3, ''],
    ['open quote', `${HEADER}\na,"b,tcp,1\n`, 'not readable as CSV', 2, ''],
  ])('refuses: %s', (_name, text, message, line, hint) => {
    const error = refusal('f.csv', text);
    expect(error.message).toContain(message);
    expect(error.place).toMatchObject({ file: 'f.csv', line });
    expect(error.place.hint).toContain(hint);
  });
});

describe('YAML', () => {
  it('reads lists, titles and facts, values as written', () => {
    const page = load(
      'flows.yaml',
      'title: Site rules\nflows:\n  - id: 1.10\n    source: any\n    destination: [A, "10.0.0.1"]\n    protocol: tcp\n    port: [443, 8000-8010]\n    application: ssl\n    expect: deny\n\n  - { source: B, destination: C, protocol: 58, icmp: echo-request }\n',
    );
    expect(page.title).toBe('Site rules');
    expect(briefs(page)).toEqual([
      '3 any -> A: tcp 443, 8000-8010',
      '3 any -> 10.0.0.1: tcp 443, 8000-8010',
      '11 B -> C: icmpv6 128/0',
    ]);
    expect(page.flows[0]).toMatchObject({ id: '1.10/any-A', expect: 'deny', facts: { application: 'ssl' } });
    expect(page.accounting.rows).toEqual({ seen: 2, imported: 2, review: 0, refused: 0 });
  });
  it.each([
    ['syntax', 'flows:\n  - source: [a\n', 'not readable as YAML', 3, 1],
    ['unknown top key', 'flow: []\n', 'unknown key "flow"', 1, 1],
    ['no flows', 'title: x\n', 'there is no flows:', 1, 1],
    ['flows no list', 'flows: 7\n', 'flows is not a list', 1, 8],
    ['entry no map', 'flows:\n  - x\n', 'an entry of flows is not a set of keys', 2, 5],
    ['unknown key', 'flows:\n  - source: a\n    dest: b\n', 'unknown key "dest"', 3, 5],
    ['prototype key', 'flows:\n  - __proto__: a\n', 'unknown key "__proto__"', 2, 5],
    ['same key twice', 'flows:\n  - source: a\n    source: b\n', 'not readable as YAML', 3, 5],
    ['octal port', 'flows:\n  - { source: a, destination: b, protocol: tcp, port: 99999 }\n', '"99999" is no port', 2, 55],
    ['alias', 'flows:\n  - { source: &x a, destination: *x, protocol: tcp }\n', 'destination is an alias', 2, 34],
    ['nested value', 'flows:\n  - { source: { a: b }, destination: b, protocol: tcp }\n', 'source is not a single value', 2, 15],
    ['two documents', 'flows: []\n---\nflows: []\n', 'not readable as YAML', 2, 1],
    ['no map', '- a\n', 'the document is not a set of keys', 1, 1],
  ])('refuses: %s', (_name, text, message, line, column) => {
    const error = refusal('f.yaml', text);
    expect(error.message).toContain(message);
    expect(error.place).toMatchObject({ file: 'f.yaml', line, column });
  });
});

describe('what is no page', () => {
  it.each([
    ['', 'empty'],
    ['\n \n', 'empty'],
    ['PK\u0003\u0004...', 'a ZIP file'],
    ['%PDF-1.7', 'a PDF'],
    ['a\u0000b', 'binary'],
    ['<?xml version="1.0"?>\n<pfsense>', 'XML, not a page'],
    ['*filter\n:INPUT ACCEPT [0:0]', 'an iptables export'],
    ['just words', 'of no accepted form'],
  ])('is refused: %j', (text, message) => {
    expect(refusal('page', text).message).toContain(message);
  });
  it('is told by content where the name does not tell', () => {
    expect(load('-', 'source,destination,protocol\na,b,tcp\n').format).toBe('csv');
    expect(load('-', 'title: x\nflows: []\n').format).toBe('yaml');
    expect(load('-', '<!DOCTYPE html>\n<p>x').format).toBe('html');
    expect(load('-', '# T\n').format).toBe('markdown');
    expect(load('-', 'Port | From | To\n--- | --- | ---\n').format).toBe('markdown');
  });
});
