import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PageFormat, requirementsJson, requirementsText } from '../../src/requirements/index.js';
import { RefusedError } from '../../src/source/diagnostic.js';
import { load, tableOf } from './support.js';

/** Either an import whose figures add up and whose ids are unique, or a refusal with a place. */
function survives(name: string, text: string, format?: PageFormat): 'read' | 'refused' {
  try {
    const page = load(name, text, format ? { format } : {});
    const { rows, tables } = page.accounting;
    expect(rows.seen).toBe(rows.imported + rows.review + rows.refused);
    expect(tables.seen).toBe(tables.used + tables.refused.length);
    expect(new Set(page.flows.map((flow) => flow.id)).size).toBe(page.flows.length);
    for (const flow of page.flows) expect(flow.services.length).toBeGreaterThan(0);
    JSON.stringify(requirementsJson([page]));
    requirementsText([page]);
    return 'read';
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    expect(error.place.line).toBeGreaterThan(0);
    return 'refused';
  }
}

const TOKENS = [
  '443',
  '80-90',
  '-',
  'TCP',
  'UDP',
  '/',
  ',',
  '  ',
  'any',
  '(x)',
  '(',
  ')',
  '*',
  'ICMP',
  'or',
  '<br>',
  'dynamic',
  '__proto__',
  'constructor',
  '99999',
  '–',
  '|',
  '`',
  '[',
  '\u00a0',
];

describe('no input crashes', () => {
  const token = fc.oneof(fc.constantFrom(...TOKENS), fc.string({ maxLength: 5 }));
  const cell = fc.array(token, { maxLength: 6 }).map((parts) => parts.join(' '));

  it('rows of any tokens', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell, cell, cell, cell), { maxLength: 4 }), (rows) => {
        survives('p.md', tableOf(...rows.map((row) => `| ${row.join(' | ').replace(/[\r\n]/g, ' ')} |`)));
      }),
      { numRuns: 150 },
    );
  });
  it('any text in any form', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '# A\n',
        '| Port | From | To |\n|--|--|--|\n',
        '<table>',
        '<tr><td>1',
        '- ',
        'flows:\n',
        'source,destination,protocol\n',
        '```\n',
        '* https://a.example\n',
        'reach port 443:\n\n',
        '---\n',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 10 }),
        fc.constantFrom<PageFormat>('markdown', 'html', 'csv', 'yaml'),
        (parts, format) => {
          survives('p', parts.join(''), format);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('input made to hold the reader', () => {
  const table = '| Port | Protocol | Source | Target |\n|---|---|---|---|\n';
  it.each<[string, string, string]>([
    ['nested quotes', 'p.md', '>'.repeat(20_000)],
    ['nested lists on a line', 'p.md', '- '.repeat(20_000)],
    ['nested lists by indent', 'p.md', Array.from({ length: 1500 }, (_, i) => `${'  '.repeat(i)}- a`).join('\n')],
    ['open emphasis', 'p.md', '**a_'.repeat(30_000)],
    ['open links', 'p.md', '[a]('.repeat(30_000)],
    ['open brackets', 'p.md', '['.repeat(50_000)],
    ['open parentheses in a cell', 'p.md', `${table}| ${'('.repeat(50_000)} | TCP | a | b |`],
    [
      'open parentheses in a purpose',
      'p.md',
      `${table.replace('Target', 'Purpose').replace('Source', 'Target').replace('Protocol', 'Source')}| 1 | a | b | ${'(a '.repeat(9000)}${'. B'.repeat(9000)} |`,
    ],
    ['links in a port cell', 'p.md', `${table}| ${'[1](#a)'.repeat(3000)} | TCP | a | b |`],
    ['many ends in a cell', 'p.md', `${table}| 1 | TCP | ${'a<br>'.repeat(2000)} | ${'b<br>'.repeat(2000)} |`],
    ['many equal rows', 'p.md', table + '| 1 | TCP | a | b |\n'.repeat(3000)],
    ['open HTML tables', 'p.md', '<table>\n'.repeat(10_000)],
    ['nested elements', 'p.html', '<div>'.repeat(50_000)],
    ['nested tables', 'p.html', '<table><tr><td>'.repeat(3000)],
    ['wide spans', 'p.html', `<table>${'<tr><td colspan=1000 rowspan=60000>1</td></tr>'.repeat(1000)}`],
    ['nested sequences', 'p.yaml', `flows: ${'['.repeat(20_000)}`],
    ['many aliases', 'p.yaml', 'flows: &a [*a, *a, *a]'],
    ['lists of ends', 'p.csv', `source,destination,protocol\n${'a;'.repeat(2000)},${'b;'.repeat(2000)},tcp\n`],
  ])('%s', (_name, file, text) => {
    const start = performance.now();
    survives(file, text);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
