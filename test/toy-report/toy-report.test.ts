/** The walk-through "add a report" of CONTRIBUTING.md, held to work. */
import { describe, expect, it } from 'vitest';
import type { AuditResult } from '../../src/model/result.js';
import { rich } from '../reports/fixture.js';
import { flowgap } from '../support/cli.js';
import { linesReport } from './lines.js';

const OPTIONS = { colour: false, written: [] };

describe('lines, the report of the walk-through', () => {
  it('has a line for each gap of the sample estate, and one for the gate', () => {
    const result: AuditResult = JSON.parse(
      flowgap(['audit', 'samples/flowgap.yaml', '--no-gate', '--format', 'json', '--as-of', '2026-11-22']).out,
    );
    const lines = linesReport.render(result, OPTIONS).split('\n');
    expect(lines).toContain('blocked privilege-secure-ports/9389-domain-controller samples/exports/core-panos.xml:786');
    expect(lines.length).toBe(result.summary.notMet + result.summary.open + 2);
    expect(lines.at(-2)).toBe('a gate would end with 1');
  });

  it('lets no control character and no line break of a name through', () => {
    const text = linesReport.render(rich, OPTIONS);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text.split('\n').length).toBe(rich.requirements.filter((one) => one.outcome !== 'met').length + 2);
  });
});
