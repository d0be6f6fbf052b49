/** One line a gap, for `grep` and `diff`: the example of CONTRIBUTING.md. */
import { statusOf } from '../../reports/shared/status.js';
import { visible } from '../../reports/shared/visible.js';
import { place } from '../../reports/shared/words.js';
import type { Report } from '../../reports/types.js';
import type { AuditResult, RequirementResult } from '../../src/model/result.js';

/** Names are other people's text: nothing of them reaches a terminal before `visible` has seen it. */
const line = (requirement: RequirementResult): string => {
  const rules = requirement.decidedBy
    .filter((rule) => rule.action !== 'accept')
    .map((rule) => place(rule) || visible(rule.device));
  return [statusOf(requirement), visible(requirement.id), ...rules].join(' ');
};

const render = (result: AuditResult): string => {
  const gaps = result.requirements.filter((requirement) => requirement.outcome !== 'met');
  return [...gaps.map(line), `a gate would end with ${result.summary.gateExit}`, ''].join('\n');
};

export const linesReport: Report = { id: 'lines', title: 'One line a gap', extension: 'lines.txt', render };
