/** Every report of the registry, and so the next one too. */
import { describe, expect, it } from 'vitest';
import { REPORTS } from '../../reports/registry.js';
import type { AuditResult } from '../../src/model/result.js';
import { flowgap } from '../support/cli.js';

const result = JSON.parse(
  flowgap(['audit', 'samples/flowgap.yaml', '--no-gate', '--format', 'json', '--as-of', '2026-11-22']).out,
) as AuditResult;
const empty: AuditResult = {
  ...result,
  inputs: [],
  requirements: [],
  excess: [],
  findings: [],
  ruleTexts: [],
  accounting: [],
  diagnostics: [],
  summary: {
    ...result.summary,
    requirements: 0,
    met: 0,
    notMet: 0,
    open: 0,
    failing: [],
    gateExit: 0,
    devices: [],
    unauditedActors: [],
    unboundActors: [],
  },
};
const incomplete: AuditResult = { ...result, summary: { ...result.summary, incomplete: true, gateExit: 2 } };
const OPTIONS = { colour: false, written: [] };

it('ids and file extensions are there, ids unique', () => {
  expect(new Set(REPORTS.map((report) => report.id)).size).toBe(REPORTS.length);
  for (const report of REPORTS) expect(report.id).toMatch(/^[a-z]+$/);
  for (const report of REPORTS) expect(report.extension).toMatch(/^\.?[a-z]+$/);
});

for (const report of REPORTS)
  describe(report.id, () => {
    it('gives the same bytes for the same result, and leaves it as it was', () => {
      const before = JSON.stringify(result);
      expect(report.render(result, OPTIONS)).toBe(report.render(result, OPTIONS));
      expect(JSON.stringify(result)).toBe(before);
    });
    it('names every requirement', () => {
      const text = report.render(result, OPTIONS);
      if (report.id !== 'text')
        for (const requirement of result.requirements) expect(text.includes(requirement.id), requirement.id).toBe(true);
      for (const requirement of result.requirements.filter((one) => one.outcome === 'not-met'))
        expect(text).toContain(requirement.destination);
    });
    it('stands an empty result, and stamps an incomplete one', () => {
      expect(report.render(empty, OPTIONS).length).toBeGreaterThan(0);
      expect(report.render(incomplete, OPTIONS)).not.toBe(report.render(result, OPTIONS));
      expect(report.render(incomplete, OPTIONS)).toMatch(/incomplete/i);
    });
    it('ends with a line end and holds no control characters', () => {
      const text = report.render(result, OPTIONS);
      expect(text.endsWith('\n')).toBe(true);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
      expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
    });
  });
