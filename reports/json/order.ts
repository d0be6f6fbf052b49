/** Key order of the JSON report: fixed here, whatever order the audit built its objects in. */
import type { AuditResult } from '../../src/model/result.js';

type Leaf = string | number | boolean | null | undefined;

/** One entry a key, in order; 0 where the value has no keys of its own. Arrays stand for their elements. */
export type Order<T> = [NonNullable<T>] extends [Leaf]
  ? 0
  : NonNullable<T> extends readonly (infer Element)[]
    ? Order<Element>
    : { readonly [Key in keyof NonNullable<T>]-?: Order<NonNullable<T>[Key]> };

const box: Order<AuditResult['excess'][number]['sure']> = {
  source: 0,
  destination: 0,
  protocol: 0,
  ports: 0,
  sourcePorts: 0,
  icmp: 0,
  direction: 0,
  in: 0,
  out: 0,
};

const rule: Order<AuditResult['excess'][number]['rule']> = { device: 0, rule: 0, name: 0, file: 0, line: 0, action: 0 };

const flow = {
  verdict: 0,
  cause: 0,
  hops: { device: 0, from: 0 },
  decidedBy: rule,
  conditions: { class: 0, kind: 0, name: 0, device: 0, rule: 0, file: 0, line: 0, holds: box, settledBy: 0 },
  assumptions: 0,
  facts: 0,
  missing: box,
  open: box,
  unjudged: box,
  witness: { source: 0, destination: 0, protocol: 0, sourcePort: 0, port: 0, icmp: 0, in: 0, out: 0 },
  byDefault: 0,
} as const;

const requirement: Order<AuditResult['requirements']> = {
  id: 0,
  page: 0,
  line: 0,
  purpose: 0,
  alsoFor: 0,
  source: 0,
  destination: 0,
  services: 0,
  expect: 0,
  optional: 0,
  anyOf: 0,
  variant: 0,
  needsReview: 0,
  outcome: 0,
  explanation: 0,
  fix: 0,
  tryIt: 0,
  ...flow,
  devices: { device: 0, ...flow },
  waiver: { reason: 0, owner: 0, ticket: 0, expires: 0 },
};

const summary: Order<AuditResult['summary']> = {
  title: 0,
  requirements: 0,
  met: 0,
  notMet: 0,
  open: 0,
  verdicts: { permitted: 0, blocked: 0, partial: 0, conditional: 0, unknown: 0, 'not-applicable': 0 },
  metByDefault: 0,
  devices: { name: 0, vendor: 0, kind: 0, rules: 0 },
  unauditedActors: 0,
  unboundActors: 0,
  incomplete: 0,
  failing: { reason: 0, count: 0 },
  gateExit: 0,
  assumptions: 0,
};

/** The compiler holds this complete: a new field of AuditResult does not compile until it has its place here. */
export const RESULT_ORDER: Order<AuditResult> = {
  schemaVersion: 0,
  tool: { name: 0, version: 0 },
  asOf: 0,
  inputs: { file: 0, sha256: 0, parser: 0, device: 0, rules: 0, complete: 0 },
  summary,
  requirements: requirement,
  excess: { device: 0, rule, sure: box, possible: box, width: 0, risky: 0 },
  findings: { code: 0, severity: 0, device: 0, rule: 0, file: 0, line: 0, message: 0 },
  ruleTexts: { file: 0, line: 0, text: 0 },
  accounting: {
    page: 0,
    tablesSeen: 0,
    tablesUsed: 0,
    tablesRefused: { line: 0, reason: 0 },
    rowsSeen: 0,
    rowsImported: 0,
    rowsReview: 0,
    rowsRefused: 0,
  },
  diagnostics: { severity: 0, code: 0, message: 0, file: 0, line: 0, column: 0 },
};
