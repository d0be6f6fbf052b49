import { describe, expect, test } from 'vitest';
import { REPORTS } from '../../reports/registry.js';
import type { AuditResult } from '../../src/model/result.js';
import { clean, incomplete, nothingJudged, rich } from './fixture.js';

const OPTIONS = { colour: false, written: ['out/gaps.html'], width: 100 };
const RESULTS: readonly (readonly [string, AuditResult])[] = [
  ['rich', rich],
  ['incomplete', incomplete],
  ['clean', clean],
  ['nothing judged', nothingJudged],
];

const freeze = <T>(value: T): T => {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
};

describe('every report', () => {
  test('has an id and an extension of its own', () => {
    expect(new Set(REPORTS.map(({ id }) => id)).size).toBe(REPORTS.length);
    expect(new Set(REPORTS.map(({ extension }) => extension)).size).toBe(REPORTS.length);
    expect(REPORTS.map(({ id }) => id)).toEqual(expect.arrayContaining(['text', 'html', 'csv', 'json']));
  });

  for (const report of REPORTS)
    for (const [name, result] of RESULTS)
      test(`${report.id} of ${name}: changes nothing, gives the same bytes twice, ends its last line`, () => {
        const input = freeze(structuredClone(result));
        const once = report.render(input, OPTIONS);
        expect(report.render(structuredClone(result), OPTIONS)).toBe(once);
        expect(once.endsWith('\n')).toBe(true);
        expect(once).not.toMatch(/undefined|\[object Object\]|NaN/);
        for (const companion of report.companions ?? [])
          expect(companion.render(input, OPTIONS)).toBe(companion.render(structuredClone(result), OPTIONS));
      });

  for (const report of REPORTS)
    test(`${report.id}: no raw control character or bidirectional mark gets through`, () => {
      const output = [report.render(rich, OPTIONS), ...(report.companions ?? []).map((each) => each.render(rich, OPTIONS))].join(
        '',
      );
      expect(output.replace(/[\t\n\r]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    });
});
