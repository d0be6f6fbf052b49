import { describe, expect, test } from 'vitest';
import { cells, paragraph } from '../../reports/text/layout.js';
import { textReport } from '../../reports/text/report.js';
import type { AuditResult } from '../../src/model/result.js';
import { clean, incomplete, nothingJudged, requirement, rich } from './fixture.js';
import { expectGolden } from './golden.js';

const WRITTEN = ['out/gaps.html', 'out/gaps.csv'];
const text = (result: AuditResult, width?: number): string =>
  textReport.render(result, { colour: false, written: WRITTEN, ...(width === undefined ? {} : { width }) });

describe('text report', () => {
  test('goldens', () => {
    expectGolden('rich.txt', text(rich, 120));
    expectGolden('rich-narrow.txt', text(rich, 60));
    expectGolden('rich-piped.txt', text(rich));
    expectGolden('incomplete.txt', text(incomplete, 120));
    expectGolden('clean.txt', text(clean, 120));
    expectGolden('nothing-judged.txt', text(nothingJudged, 120));
  });

  test('keeps to the width, except for words and paths that are longer', () => {
    for (const width of [50, 60, 80, 100, 120]) {
      for (const line of text(clean, width).split('\n')) expect(cells(line)).toBeLessThanOrEqual(width);
      for (const line of text(rich, width)
        .split('\n')
        .filter((each) => cells(each) > width))
        expect(line.trim().replace(/^(missing|open|unjudged|fix|try|waived|review|warning)\s+/, '')).toMatch(
          /^(\S+|.*core "x"\.xml:7|Test-NetConnection .*)$/,
        );
    }
  });

  test('paths stay whole and clickable, also with blanks in them', () => {
    for (const width of [40, 60, 90]) {
      const lines = text(rich, width).split('\n');
      for (const path of ['exports/core-panos.xml:412', 'exports/with space/core "x".xml:7', 'exports/edge-pfsense.xml:88:5'])
        expect(lines.some((line) => line.includes(path))).toBe(true);
    }
  });

  test('without colour there is no escape; with colour the words are the same', () => {
    const coloured = textReport.render(rich, { colour: true, written: WRITTEN, width: 120 });
    expect(text(rich, 120)).not.toContain('\u001B');
    expect(coloured).toContain('\u001B[31m');
    expect(coloured.replace(/\p{Cc}\[\d+m/gu, '')).toBe(text(rich, 120));
  });

  test('the answer is never MET when something is amiss', () => {
    const answer = (result: AuditResult): string => text(result).split('\n')[2] ?? '';
    expect(answer(clean)).toMatch(/^ {2}MET /);
    expect(answer(rich)).toMatch(/^ {2}NOT MET /);
    expect(answer(nothingJudged)).toMatch(/^ {2}NOTHING JUDGED /);
    expect(answer({ ...clean, summary: { ...clean.summary, incomplete: true } })).toMatch(/^ {2}INCOMPLETE /);
    expect(answer({ ...clean, summary: { ...clean.summary, open: 1, met: 0 } })).toMatch(/^ {2}OPEN /);
  });

  test('worst first; waived and optional gaps last; what is met is not listed', () => {
    const words = text(rich)
      .split('\n')
      .map((line) => /^ {2}(blocked|partial|reachable|conditional|unknown|met) /.exec(line)?.[1])
      .filter((word) => word !== undefined);
    expect(words).toEqual([
      'blocked',
      'blocked',
      'partial',
      'reachable',
      'conditional',
      'conditional',
      'conditional',
      'unknown',
      'blocked',
      'blocked',
    ]);
  });

  test('a place that the explanation names is not said twice', () => {
    const shown = text({ ...rich, requirements: rich.requirements.filter(({ id }) => id === 'relay/admin-port') });
    expect(shown.split('\n\n')[2]?.split('exports/edge-pfsense.xml:233').length).toBe(3); // explanation and critical finding
    const rule = { device: 'core', rule: '1', name: 'one', file: 'a.xml', line: 4, action: 'drop' } as const;
    const longer = requirement({
      id: 'x',
      outcome: 'not-met',
      verdict: 'blocked',
      explanation: 'See a.xml:42.',
      decidedBy: [rule],
    });
    expect(text({ ...clean, requirements: [longer] })).toContain('a.xml:4  drops it');
  });
});

describe('layout', () => {
  test('wraps at words, pads columns, counts wide characters as two cells', () => {
    const page = { width: 20, colour: false };
    expect(paragraph([{ text: 'one two three four five' }], page, 0, 2)).toBe('one two three four\n  five');
    expect(paragraph([{ text: 'a', pad: 4 }, { text: 'b' }], page, 1, 2)).toBe(' a     b');
    expect(cells('漢字e\u0301')).toBe(5);
  });
});
