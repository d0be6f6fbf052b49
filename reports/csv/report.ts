/** One line a requirement and device, one overall line with an empty device; and one line an excess finding beside it. */
import type { AuditResult, ExcessFinding, RequirementResult } from '../../src/model/result.js';
import type { FlowVerdict, OpenCondition, PacketBox } from '../../src/model/verdict.js';
import { boxParts } from '../shared/boxes.js';
import { excessInOrder } from '../shared/excess.js';
import { statusOf } from '../shared/status.js';
import { packetWords, place } from '../shared/words.js';
import type { Report } from '../types.js';
import { type Column, table } from './cell.js';

interface Line {
  readonly asOf: string;
  /** `complete`, or `INCOMPLETE` where an export could not be read. */
  readonly report: string;
  readonly requirement: RequirementResult;
  /** Empty on the overall line. */
  readonly device: string;
  readonly vendor: string;
  readonly flow: FlowVerdict;
}

const boxes = (list: readonly PacketBox[]): readonly string[] => list.map((box) => boxParts(box, '->').join(' '));
const unique = (list: readonly string[]): readonly string[] => [...new Set(list)];
const settled = (condition: OpenCondition): readonly string[] => (condition.settledBy === undefined ? [] : [condition.settledBy]);
const overall = <Value>(line: Line, value: Value): Value | null => (line.device === '' ? value : null);

const COLUMNS: readonly Column<Line>[] = [
  { name: 'requirement_id', value: ({ requirement }) => requirement.id },
  { name: 'page', value: ({ requirement }) => requirement.page },
  { name: 'page_line', value: ({ requirement }) => requirement.line },
  { name: 'purpose', value: ({ requirement }) => requirement.purpose },
  { name: 'also_for', value: ({ requirement }) => requirement.alsoFor },
  { name: 'source', value: ({ requirement }) => requirement.source },
  { name: 'destination', value: ({ requirement }) => requirement.destination },
  { name: 'services', value: ({ requirement }) => requirement.services },
  { name: 'expect', value: ({ requirement }) => requirement.expect },
  { name: 'optional', value: ({ requirement }) => requirement.optional },
  { name: 'any_of', value: ({ requirement }) => requirement.anyOf },
  { name: 'variant', value: ({ requirement }) => requirement.variant },
  { name: 'needs_review', value: ({ requirement }) => requirement.needsReview },
  { name: 'outcome', value: ({ requirement }) => requirement.outcome },
  { name: 'status', value: ({ requirement }) => statusOf(requirement) },
  { name: 'device', value: ({ device }) => device },
  { name: 'vendor', value: ({ vendor }) => vendor },
  { name: 'verdict', value: ({ flow }) => flow.verdict },
  { name: 'cause', value: ({ flow }) => flow.cause },
  { name: 'by_default', value: ({ flow }) => flow.byDefault },
  { name: 'hops', value: ({ flow }) => flow.hops.map((hop) => `${hop.device} (${hop.from})`) },
  { name: 'rule_device', value: ({ flow }) => flow.decidedBy.map((rule) => rule.device) },
  { name: 'rule', value: ({ flow }) => flow.decidedBy.map((rule) => rule.rule) },
  { name: 'rule_name', value: ({ flow }) => flow.decidedBy.map((rule) => rule.name) },
  { name: 'rule_location', value: ({ flow }) => flow.decidedBy.map(place) },
  { name: 'rule_action', value: ({ flow }) => flow.decidedBy.map((rule) => rule.action) },
  { name: 'missing', value: ({ flow }) => boxes(flow.missing) },
  { name: 'open', value: ({ flow }) => boxes(flow.open) },
  { name: 'unjudged', value: ({ flow }) => boxes(flow.unjudged) },
  { name: 'conditions', value: ({ flow }) => flow.conditions.map((condition) => `${condition.kind}: ${condition.name}`) },
  { name: 'settled_by', value: ({ flow }) => unique(flow.conditions.flatMap(settled)) },
  { name: 'assumptions', value: ({ flow }) => flow.assumptions },
  { name: 'facts', value: ({ flow }) => flow.facts },
  { name: 'example_packet', value: ({ flow }) => (flow.witness === null ? null : packetWords(flow.witness, '->')) },
  { name: 'explanation', value: (line) => overall(line, line.requirement.explanation) },
  { name: 'fix', value: (line) => overall(line, line.requirement.fix) },
  { name: 'try_it', value: (line) => overall(line, line.requirement.tryIt) },
  { name: 'waiver_reason', value: ({ requirement }) => requirement.waiver?.reason ?? null },
  { name: 'waiver_owner', value: ({ requirement }) => requirement.waiver?.owner ?? null },
  { name: 'waiver_ticket', value: ({ requirement }) => requirement.waiver?.ticket ?? null },
  { name: 'waiver_expires', value: ({ requirement }) => requirement.waiver?.expires ?? null },
  { name: 'as_of', value: ({ asOf }) => asOf },
  { name: 'report', value: ({ report }) => report },
];

const EXCESS_COLUMNS: readonly Column<
  ExcessFinding & { readonly asOf: string; readonly rank: number; readonly report: string }
>[] = [
  { name: 'rank', value: (finding) => finding.rank },
  { name: 'device', value: (finding) => finding.device },
  { name: 'rule', value: (finding) => finding.rule.rule },
  { name: 'rule_name', value: (finding) => finding.rule.name },
  { name: 'rule_location', value: (finding) => place(finding.rule) },
  { name: 'rule_action', value: (finding) => finding.rule.action },
  { name: 'certainty', value: (finding) => (finding.sure.length > 0 ? 'sure' : 'possible') },
  { name: 'width', value: (finding) => finding.width },
  { name: 'risky', value: (finding) => finding.risky },
  { name: 'sure', value: (finding) => boxes(finding.sure) },
  { name: 'possible', value: (finding) => boxes(finding.possible) },
  { name: 'as_of', value: (finding) => finding.asOf },
  { name: 'report', value: (finding) => finding.report },
];

const stampOf = (result: AuditResult): string => (result.summary.incomplete ? 'INCOMPLETE' : 'complete');

const render = (result: AuditResult): string => {
  const vendors = new Map(result.summary.devices.map((device) => [device.name, device.vendor]));
  const lines = result.requirements.flatMap((requirement): readonly Line[] => [
    { asOf: result.asOf, report: stampOf(result), requirement, device: '', vendor: '', flow: requirement },
    ...requirement.devices.map((flow) => ({
      asOf: result.asOf,
      report: stampOf(result),
      requirement,
      device: flow.device,
      vendor: vendors.get(flow.device) ?? '',
      flow,
    })),
  ]);
  return table(COLUMNS, lines);
};

const renderExcess = (result: AuditResult): string => {
  const { sure, possible } = excessInOrder(result.excess);
  const ranked = [...new Set([...sure, ...possible])];
  return table(
    EXCESS_COLUMNS,
    ranked.map((finding, index) => ({ ...finding, asOf: result.asOf, rank: index + 1, report: stampOf(result) })),
  );
};

export const csvReport: Report = {
  id: 'csv',
  title: 'One line a requirement and device, for spreadsheets',
  extension: 'csv',
  companions: [{ suffix: '-excess', render: renderExcess }],
  render,
};
