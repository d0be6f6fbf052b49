import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { jsonReport } from '../../reports/json/report.js';
import { auditResultJsonSchema, auditResultSchema } from '../../src/audit/result-schema.js';
import type { AuditResult } from '../../src/model/result.js';
import { clean, incomplete, nothingJudged, rich } from './fixture.js';
import { expectGolden } from './golden.js';

const OPTIONS = { colour: false, written: [] };

/** Interfaces, intersections and mapped types of the same fields become the same type; optional and readonly stay. */
type Plain<T> = T extends string | number | boolean | null
  ? T
  : T extends readonly (infer Element)[]
    ? T extends unknown[]
      ? Plain<Element>[]
      : readonly Plain<Element>[]
    : { [Key in keyof T]: Plain<T[Key]> };
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** These lines do not compile when the schema and the contract differ in any field, option or readonly. */
const schemaIsContract: Same<Plain<z.infer<typeof auditResultSchema>>, Plain<AuditResult>> = true;
const seesOptional: Same<Plain<{ readonly a: 1 }>, Plain<{ readonly a?: 1 }>> = false;
const seesReadonly: Same<Plain<{ readonly a: readonly 1[] }>, Plain<{ readonly a: 1[] }>> = false;
const seesUndefined: Same<Plain<{ readonly a?: 1 }>, Plain<{ readonly a?: 1 | undefined }>> = false;

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner)]),
  );
};

describe('json report', () => {
  test('golden', () => expectGolden('rich.json', jsonReport.render(rich, OPTIONS)));

  test('holds the result as it is, hostile names included', () => {
    for (const result of [rich, incomplete, clean, nothingJudged])
      expect(JSON.parse(jsonReport.render(result, OPTIONS))).toEqual(result);
  });

  test('key order does not depend on how the result was built', () => {
    expect(jsonReport.render(shuffled(rich) as AuditResult, OPTIONS)).toBe(jsonReport.render(rich, OPTIONS));
  });

  test('a key that the order does not know is kept', () => {
    const extended = { ...clean, aaa: 1 } as AuditResult;
    expect(JSON.parse(jsonReport.render(extended, OPTIONS))).toEqual(extended);
  });
});

describe('schema of the result', () => {
  test('is the contract, in both directions', () => {
    expect([schemaIsContract, seesOptional, seesReadonly, seesUndefined]).toEqual([true, false, false, false]);
  });

  test('accepts what the report writes and refuses what is not a result', () => {
    for (const result of [rich, incomplete, clean, nothingJudged])
      expect(auditResultSchema.parse(JSON.parse(jsonReport.render(result, OPTIONS)))).toEqual(result);
    expect(auditResultSchema.safeParse({ ...clean, schemaVersion: 2 }).success).toBe(false);
    expect(auditResultSchema.safeParse({ ...clean, asOf: 'today' }).success).toBe(false);
  });

  test('the published JSON Schema is the generated one', () => {
    const file = new URL('../../docs/schema/audit-result.schema.json', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(auditResultJsonSchema(), null, 2)}\n`);
  });
});
