import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cell } from '../../reports/csv/cell.js';
import { csvReport } from '../../reports/csv/report.js';
import { FORMULA_NAME, rich } from './fixture.js';
import { expectGolden } from './golden.js';

const OPTIONS = { colour: false, written: [] };
const requirements = csvReport.render(rich, OPTIONS);
const excess = csvReport.companions?.[0]?.render(rich, OPTIONS) ?? '';
const read = (text: string): Record<string, string>[] => parse(text, { columns: true, record_delimiter: '\r\n' });

describe('csv report', () => {
  test('goldens', () => {
    expectGolden('rich.csv', requirements);
    expectGolden('rich-excess.csv', excess);
    expect(csvReport.companions?.[0]?.suffix).toBe('-excess');
  });

  test('one overall line a requirement, with an empty device, and one line a device', () => {
    const rows = read(requirements);
    expect(rows.filter(({ device }) => device === '').length).toBe(rich.requirements.length);
    expect(rows.length).toBe(rich.requirements.length + rich.requirements.flatMap(({ devices }) => devices).length);
    expect(read(excess).length).toBe(rich.excess.length);
  });

  test('column names are snake case and unique; every line ends with CR LF', () => {
    for (const text of [requirements, excess]) {
      const names = text.slice(0, text.indexOf('\r\n')).split(',');
      expect(names.every((name) => /^[a-z]+(_[a-z]+)*$/.test(name))).toBe(true);
      expect(new Set(names).size).toBe(names.length);
      expect(text.replaceAll('\r\n', '')).not.toMatch(/\n$/);
      expect(text.endsWith('\r\n')).toBe(true);
    }
  });

  test('lists are joined by "; ", dates are ISO dates', () => {
    const rows = read(requirements);
    const dns = rows.find((row) => row.requirement_id === 'vault/domain-controllers/dns' && row.device === '');
    expect(dns?.assumptions).toBe('no-other-filter; no-group-policy');
    expect(dns?.as_of).toBe('2026-11-22');
    expect(rows.find((row) => row.waiver_ticket === 'CHG-1042')?.waiver_expires).toBe('2027-03-31');
  });

  test('formulas are defused, names keep their text', () => {
    for (const row of [...read(requirements), ...read(excess)])
      for (const value of Object.values(row)) expect(value).not.toMatch(/^[=+\-@\t\r]/);
    expect(read(requirements).some(({ purpose }) => purpose === `'${FORMULA_NAME}`)).toBe(true);
  });
});

describe('cell', () => {
  test('defuses what a spreadsheet would run', () => {
    for (const start of ['=', '+', '-', '@', '\t', '\r', '\n', '＝']) expect(cell(`${start}1`)).toMatch(/^"?'/);
    expect(cell('1=2')).toBe('1=2');
    expect(cell(['=a', 'b'])).toBe("'=a; b");
  });

  test('a list item with the separator in it stays one item', () => {
    expect(cell(['a; b', 'c'])).toBe('a\\; b; c');
  });

  test('any text survives RFC 4180, apostrophe aside', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', '=', ';', 'é') }), (text) => {
        const [[read]] = parse(`${cell(text)},x\r\n`, { record_delimiter: '\r\n' }) as [[string]];
        expect(read.replace(/^'/, '')).toBe(text);
      }),
      { numRuns: 200 },
    );
  });
});
