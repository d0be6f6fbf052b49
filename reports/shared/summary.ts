/** The answer of an audit, in the few words that every report for people opens with. */
import type { AuditResult, AuditSummary, FailReason } from '../../src/model/result.js';
import { visible } from './visible.js';
import { listed, plural } from './words.js';

/** The answer in capitals. Anything short of a full, met judgement has a word of its own. */
export const answerWord = (summary: AuditSummary): string => {
  if (summary.incomplete) return 'INCOMPLETE';
  if (summary.requirements === 0) return 'NOTHING JUDGED';
  if (summary.notMet > 0) return 'NOT MET';
  return summary.open > 0 ? 'OPEN' : 'MET';
};

/** `judged on app01, core; no export for Proxy`. */
export const judgedOn = (summary: AuditSummary): string => {
  const names = summary.devices.map((device) => visible(device.name));
  const judged = names.length === 0 ? 'judged on no device' : `judged on ${names.join(', ')}`;
  const missing = summary.unauditedActors.map(visible);
  if (missing.length === 0) return judged;
  const ends = missing.length > 4 ? `${missing.slice(0, 3).join(', ')} and ${missing.length - 3} more ends` : listed(missing);
  return `${judged}; no export for ${ends}`;
};

const REASONS: Readonly<Record<FailReason, readonly [string, string]>> = {
  blocked: ['blocked', 'blocked'],
  partial: ['partial', 'partial'],
  reachable: ['reachable', 'reachable'],
  conditional: ['conditional', 'conditional'],
  unknown: ['unknown', 'unknown'],
  critical: ['critical finding', 'critical findings'],
};

/** `a gate would end with 1: 2 blocked, 1 critical finding`. */
export const gateWords = (summary: AuditSummary): string => {
  const failing = summary.failing.map(({ reason, count }) => plural(count, ...REASONS[reason])).join(', ');
  const end = `a gate would end with ${summary.gateExit}`;
  if (summary.gateExit === 2) {
    const why = summary.incomplete ? 'an export could not be read whole' : 'there is no trustworthy answer';
    return `${end}: ${why}${failing === '' ? '' : `; besides ${failing}`}`;
  }
  return `${end}: ${failing === '' ? 'nothing it fails on' : failing}`;
};

/** Requirement pages have no device. */
export const exportsOf = (result: AuditResult): AuditResult['inputs'] => result.inputs.filter((input) => input.device !== null);
