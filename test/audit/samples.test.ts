/** The sample estate against verdicts that were written by hand from reading the rules. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AuditResult, RequirementResult } from '../../src/model/result.js';
import { flowgap, ROOT } from '../support/cli.js';

interface ExpectedRule {
  readonly rule?: string;
  readonly name?: string;
  readonly file?: string | null;
  readonly line?: number | null;
  readonly action: string;
}
interface ExpectedDevice {
  readonly verdict: string;
  readonly verdictOneOf?: readonly string[];
  readonly decidedBy: readonly ExpectedRule[];
}
interface ExpectedRequirement {
  readonly page: string;
  readonly line: number;
  readonly service: string;
  readonly source: string;
  readonly destination: string;
  readonly expect: string;
  readonly verdict: string;
  readonly outcome: string;
  readonly devices: Readonly<Record<string, ExpectedDevice>>;
}
interface Expected {
  readonly summary: {
    readonly requirements: number;
    readonly met: number;
    readonly notMet: number;
    readonly open: number;
    readonly gateExit: number;
    readonly gateFails: Readonly<Record<string, number>>;
  };
  readonly unboundActors: readonly string[];
  readonly unresolvedNames: readonly string[];
  readonly requirements: readonly ExpectedRequirement[];
}

const expected = JSON.parse(readFileSync(`${ROOT}samples/expected.json`, 'utf8')) as Expected;
const run = flowgap(['audit', 'samples/flowgap.yaml', '--format', 'json', '--as-of', '2026-11-22']);
const result = JSON.parse(run.out) as AuditResult;

/** Ids are made on import: a requirement is found by its page, line and ports. */
function find(one: ExpectedRequirement): RequirementResult {
  const numbers = one.service.match(/\d+/g) ?? [];
  const hits = result.requirements.filter(
    (r) => r.page.endsWith(one.page) && r.line === one.line && numbers.every((n) => r.services.includes(n)),
  );
  const [hit] = hits;
  if (!hit || hits.length > 1) throw new Error(`${hits.length} results for ${one.page}:${one.line} ${one.service}`);
  return hit;
}

describe('the sample estate', () => {
  it('sums up as read by hand', () => {
    const { requirements, met, notMet, open, gateExit, failing } = result.summary;
    expect({ requirements, met, notMet, open, gateExit }).toEqual({
      requirements: expected.summary.requirements,
      met: expected.summary.met,
      notMet: expected.summary.notMet,
      open: expected.summary.open,
      gateExit: expected.summary.gateExit,
    });
    expect(Object.fromEntries(failing.map(({ reason, count }) => [reason, count]))).toEqual(
      Object.fromEntries(Object.entries(expected.summary.gateFails).filter(([, count]) => count > 0)),
    );
    expect(run.code).toBe(1);
    expect(result.summary.unboundActors).toEqual([...expected.unboundActors, ...expected.unresolvedNames].sort());
  });

  it.each(expected.requirements.map((one) => [`${one.page}:${one.line} ${one.service}`, one] as const))('%s', (_name, one) => {
    const found = find(one);
    expect({
      source: found.source,
      destination: found.destination,
      expect: found.expect,
      verdict: found.verdict,
      outcome: found.outcome,
    }).toEqual({
      source: one.source,
      destination: one.destination,
      expect: one.expect,
      verdict: one.verdict,
      outcome: one.outcome,
    });
    const devices = new Map(found.devices.map((device) => [device.device, device]));
    for (const [name, device] of Object.entries(one.devices)) {
      const allowed = device.verdictOneOf ?? [device.verdict];
      expect(allowed, `${name} of ${one.page}:${one.line}`).toContain(devices.get(name)?.verdict ?? 'not-applicable');
      for (const rule of device.decidedBy) {
        const match = (devices.get(name)?.decidedBy ?? []).filter(
          (d) => d.action === rule.action || (rule.action === 'drop' && d.action === 'reject'),
        );
        const cited = match.some((d) =>
          rule.line == null ? d.rule === (rule.rule ?? d.rule) : d.line === rule.line && d.file === `samples/${rule.file}`,
        );
        expect(
          cited,
          `${name} of ${one.page}:${one.line} ${one.service}: ${JSON.stringify(rule)} among ${JSON.stringify(devices.get(name)?.decidedBy)}`,
        ).toBe(true);
      }
    }
    expect([...devices.keys()].filter((name) => !(name in one.devices))).toEqual([]);
  });
});
