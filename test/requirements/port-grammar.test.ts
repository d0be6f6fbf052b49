/** Port cells against a model: what the pieces of a cell state is known before they are joined. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, equal, type Intervals, range, ranges, unionAll } from '../../src/sets/intervals.js';
import { cells, load, reading, tableOf } from './support.js';

describe('open ranges', () => {
  it.each([
    ['1024+', 'tcp 1024-65535'],
    ['389 636+', 'tcp 389, 636-65535'],
    ['1024 and above', 'tcp 1024-65535'],
    ['1024 or higher', 'tcp 1024-65535'],
    ['22, 1024 and up', 'tcp 22, 1024-65535'],
    ['> 1023', 'tcp 1024-65535'],
    ['&gt;1023', 'tcp 1024-65535'],
    ['>= 1024', 'tcp 1024-65535'],
    ['≥ 1024', 'tcp 1024-65535'],
    ['above 1023', 'tcp 1024-65535'],
    ['all ports above 1023', 'tcp 1024-65535'],
    ['from 9000 to 9010', 'tcp 9000-9010'],
    ['from 9000 upwards', 'tcp 9000-65535'],
    ['389 + 636', 'tcp 389, 636'],
  ])('%s', (port, services) => {
    expect(reading(port, 'TCP')).toEqual({ services, review: undefined });
  });
  it.each([
    ['from 9000', '"from 9000"'],
    ['up to 1024', '"up", "to"'],
    ['below 1024', '"below"'],
    ['< 1024', '"<"'],
    ['1024 up to 2048', '"up", "to"'],
    ['9000-9010+', '"+"'],
    ['> 65535', '"> 65535"'],
    ['1024-', '"-"'],
    ['at least 1024', '"at", "least"'],
    ['8000 (and higher)', '"(and higher)"'],
    ['8000 (+)', '"(+)"'],
    ['8000 (dynamic)', '"(dynamic)"'],
    ['any, 443', '"any"'],
    ['3,389', '"3,389"'],
    ['49 152', '"49 152"'],
    ['443<br>SSH', '"SSH"'],
    ['443 and', '"and"'],
  ])('%s is for review', (port, named) => {
    expect(reading(port, 'TCP').review).toContain(`${named} in the port cell`);
  });
});

describe('markup and footnotes', () => {
  it.each([
    ['443<sup>2</sup>', 'footnote 2 of the port cell is not read'],
    ['443²', 'footnote 2 of the port cell is not read'],
    ['443<sup>[1](#note)</sup>', 'footnote 1 of the port cell is not read'],
    ['443 [1]', 'footnote [1] is not read'],
    ['443[^1]', 'footnote [^1] is not read'],
    ['443†', 'footnote † is not read'],
  ])('%s is port 443 with a note', (port, note) => {
    const [flow] = load('p.md', tableOf(cells(port, 'TCP'))).flows;
    expect(flow?.services).toEqual([{ protocols: [6], ports: range(443, 443) }]);
    expect(flow?.needsReview).toBeUndefined();
    expect(flow?.note).toBe(note);
  });
  it.each([
    ['443*', '"*" in the port cell'],
    ['443 (1)', '"(1)" in the port cell'],
    ['443[1](#note)', '"1" is a link within the page in the port cell'],
    ['443 [1](#note)', '"1" is a link within the page in the port cell'],
    ['443[1](https://x.example)', '"4431" in the port cell'],
    ['<b>80</b><b>443</b>', '"80443" in the port cell'],
    ['80**443**', '"80443" in the port cell'],
    ['443<sub>2</sub>', '"4432" in the port cell'],
    ['443<sup>udp</sup>', '"udp" is raised in the port cell'],
    ['443<sup>12</sup>', '"12" is raised in the port cell'],
    ['<del>80</del> 443', '"80" is struck out in the port cell'],
    ['~~80~~ 443', '"~"'],
    ['<port>', '"<"'],
  ])('%s is for review', (port, named) => {
    expect(reading(port, 'TCP').review).toContain(named);
  });
  it('of HTML pages are read alike', () => {
    const row = (port: string): string => `<tr><td>${port}</td><td>TCP<sup>a</sup></td><td>A<sup>1</sup></td><td>B</td></tr>`;
    const page = load(
      'p.html',
      `<table><tr><th>Port<sup>1</sup></th><th>Protocol</th><th>Source</th><th>Target</th></tr>
${row('443<sup>2</sup>')}
${row('<span>80</span><span>443</span>')}
${row('<table><tr><td>80</td><td>443</td></tr></table>')}</table>`,
    );
    expect(page.flows.map((flow) => [flow.source.text, flow.needsReview])).toEqual([
      ['A', undefined],
      ['A', '"80443" in the port cell is not understood'],
      ['A', undefined],
    ]);
    expect(page.flows[2]?.services).toEqual([{ protocols: [6], ports: unionAll([range(80, 80), range(443, 443)]) }]);
  });
});

describe('protocols in the port cell', () => {
  it.each([
    ['ICMP, UDP 161', 'icmp; udp 161'],
    ['443/TCP, ICMP', 'icmp; tcp 443'],
    ['ICMP 8, UDP 161', 'icmp 8/*; udp 161'],
    ['1723 TCP, GRE', 'gre; tcp 1723'],
    ['TCP any', 'tcp any port'],
    ['443<b>TCP</b>', 'tcp 443'],
  ])('%s', (port, services) => {
    expect(reading(port, '')).toEqual({ services, review: undefined });
  });
  it.each([
    ['ICMP echo, UDP 161', '', 'icmp; udp 161', '"echo" in the port cell'],
    ['UDP 161, TCP', '', 'udp 161', '"tcp" in the port cell'],
    ['443 TCP, UDP 53', '', 'tcp, udp 53, 443', '"udp" in the port cell'],
    ['TCP any', 'UDP', 'udp any port', 'the port cell says tcp and the protocol cell udp'],
    ['443', 'TCP, any', 'tcp 443', '"any" in the protocol cell'],
    ['443', 'IP, TCP', 'tcp 443', '"IP" in the protocol cell'],
    ['443', 'TCP+', 'tcp 443', '"+" in the protocol cell'],
  ])('%s | %s is for review', (port, protocol, services, named) => {
    const read = reading(port, protocol);
    expect(read.services).toBe(services);
    expect(read.review).toContain(named);
  });
});

interface Piece {
  readonly text: string;
  readonly ports: Intervals;
}
const number = fc.integer({ min: 100, max: 65000 });
const piece: fc.Arbitrary<Piece> = fc.oneof(
  number.map((n) => ({ text: `${n}`, ports: range(n, n) })),
  fc
    .tuple(number, fc.integer({ min: 1, max: 500 }), fc.constantFrom('-', ' – ', ' to ', '..', ' through '))
    .map(([n, more, sign]) => ({ text: `${n}${sign}${n + more}`, ports: range(n, n + more) })),
  fc
    .tuple(number, fc.constantFrom('+', ' and above', ' or higher', ' upwards'))
    .map(([n, up]) => ({ text: `${n}${up}`, ports: range(n, 65535) })),
  fc
    .tuple(number, fc.constantFrom('> ', '&gt;', 'above '))
    .map(([n, sign]) => ({ text: `${sign}${n}`, ports: range(n + 1, 65535) })),
  fc.tuple(number, fc.constantFrom('>= ', '≥')).map(([n, sign]) => ({ text: `${sign}${n}`, ports: range(n, 65535) })),
  fc
    .tuple(number, fc.constantFrom('<sup>1</sup>', '†', '[2]', '[^n]', '³', ' (default)'))
    .map(([n, mark]) => ({ text: `${n}${mark}`, ports: range(n, n) })),
  number.map((n) => ({ text: `<b>${n}</b>`, ports: range(n, n) })),
);

describe('whatever a cell holds', () => {
  it('known pieces give exactly what they state', () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), fc.constantFrom(', ', '; ', '<br>'), (pieces, separator) => {
        const [flow] = load('p.md', tableOf(cells(pieces.map((one) => one.text).join(separator), 'TCP'))).flows;
        expect(flow?.needsReview).toBeUndefined();
        expect(equal(flow?.services[0]?.ports ?? [], unionAll(pieces.map((one) => one.ports)))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  const NOISE = [
    ...[
      '+',
      '-',
      '~',
      '*',
      '†',
      '[1]',
      '(1)',
      '<sup>2</sup>',
      '<b>',
      '</b>',
      '<i>7</i>',
      '<',
      '>',
      '=',
      '/',
      ',',
      ':',
      '.',
      "'",
      '#',
      '^',
      '²',
    ],
    ...[
      'from',
      'to',
      'up',
      'above',
      'below',
      'and',
      'or',
      'not',
      'any',
      'all',
      'range',
      'dynamic',
      'plus',
      'TCP',
      'UDP',
      'ICMP',
      'GRE',
      'HTTPS',
    ],
    ...['(not 80)', '(see 5)', '(TCP)', '(x)', 'x', '_', '\u200b', '\u00a0', '<br>', '&sup1;', '**', '`', 'é', '٣'],
  ];
  it('every number is in the ports as written, and no other number bounds them, or the row is for review', () => {
    const part = fc.oneof({ weight: 2, arbitrary: number.map(String) }, { weight: 3, arbitrary: fc.constantFrom(...NOISE) });
    const parts = fc.array(fc.tuple(part, fc.constantFrom('', ' ', '  ')), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(parts, (all) => {
        // Numbers of their own never touch, so that each run of digits is one that the cell means.
        const text = all
          .map(([one, blank], i) => `${one}${/\d$/.test(one) && /^\d/.test(all[i + 1]?.[0] ?? '') ? ' ' : blank}`)
          .join('');
        fc.pre(!text.includes('](')); // A link: its text is the cell's own.
        const flows = load('p.md', tableOf(cells(text, 'TCP'))).flows.filter((flow) => flow.needsReview === undefined);
        const written = all.flatMap(([one]) => (/^(?:\d+|<i>7<\/i>)$/.test(one) ? [Number(one.replace(/\D/g, ''))] : []));
        const beyond = /[>]|above/.test(text) ? written.map((one) => one + 1) : [];
        for (const { services } of flows) {
          const ports = unionAll(services.flatMap((term) => (term.ports === undefined ? [range(0, 65535)] : [term.ports])));
          for (const one of written)
            expect(contains(ports, one) || (beyond.length > 0 && contains(ports, one + 1)), `${text}: ${one}`).toBe(true);
          const known = new Set([...written, ...beyond, 0, 443, 65535]);
          for (const bound of [...ranges(ports)].flat()) expect(known.has(bound), `${text}: bound ${bound}`).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});
