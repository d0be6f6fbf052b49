/** What is open beyond need, rule hygiene, and the evidence that the report rests on. */
import type { AssumptionId } from '../../../src/model/condition.js';
import type { AuditResult, ExcessFinding, Finding } from '../../../src/model/result.js';
import type { PacketBox } from '../../../src/model/verdict.js';
import { boxParts, shortBox } from '../../shared/boxes.js';
import { excessInOrder, riskyInShort } from '../../shared/excess.js';
import { visible } from '../../shared/visible.js';
import { ASSUMPTION_TEXTS, place, plural, ruleWords, thousands } from '../../shared/words.js';
import { type BoxesView, boxesView, groupedBy } from './common.js';

export interface ExcessView {
  readonly device: string;
  readonly words: string;
  readonly place: string;
  readonly width: string;
  /** One opening in short, the service first. */
  readonly gist: string;
  readonly risky: readonly string[];
  readonly boxes: readonly BoxesView[];
}

const SCALES: readonly (readonly [number, string])[] = [
  [1e12, 'trillion'],
  [1e9, 'billion'],
  [1e6, 'million'],
];

const roughly = (count: number): string => {
  const scale = SCALES.find(([size]) => count >= size);
  if (scale === undefined) return thousands(Math.round(count));
  const amount = count / scale[0];
  return amount >= 1000 ? `more than 1,000 ${scale[1]}` : `${amount.toFixed(1).replace(/\.0$/, '')} ${scale[1]}`;
};

const gistOf = (boxes: readonly PacketBox[]): string => {
  const first = boxes.find(({ icmp }) => icmp === undefined) ?? boxes[0];
  if (first === undefined) return '';
  const more = boxes.length - 1;
  const { source: _source, destination: _destination, ...service } = shortBox(first);
  const [ends] = boxParts(shortBox(first));
  const hasEnds = first.source !== undefined || first.destination !== undefined;
  return (
    boxParts(service).join(' ') +
    (hasEnds ? `, ${ends}` : '') +
    (more > 0 ? ` and ${plural(more, 'more box', 'more boxes')}` : '')
  );
};

const excessView = (finding: ExcessFinding, label: string, boxes: readonly PacketBox[]): ExcessView => ({
  device: visible(finding.device),
  words: ruleWords(finding.rule),
  place: place(finding.rule),
  width: `about ${roughly(finding.width)} addresses × ports`,
  gist: gistOf(boxes),
  risky: riskyInShort(finding.risky.map(visible)),
  boxes: boxesView(label, boxes),
});

/** Openings shown before the rest folds away. */
const SHOWN = 6;

interface OpeningsView {
  readonly first: readonly ExcessView[];
  readonly rest: readonly ExcessView[];
  readonly restLabel: string;
}

const openingsView = (views: readonly ExcessView[]): readonly OpeningsView[] => {
  if (views.length === 0) return [];
  const shown = views.length <= SHOWN + 2 ? views.length : SHOWN;
  const rest = views.slice(shown);
  return [{ first: views.slice(0, shown), rest, restLabel: rest.length === 0 ? '' : plural(rest.length, 'more rule') }];
};

export interface BeyondView {
  /** One list each, or none. */
  readonly sure: readonly OpeningsView[];
  readonly possible: readonly OpeningsView[];
  readonly any: boolean;
}

/** Openings that nobody required, sure and possible apart. */
export const beyondView = (result: AuditResult): BeyondView => {
  const { sure, possible } = excessInOrder(result.excess);
  return {
    sure: openingsView(sure.map((finding) => excessView(finding, 'Accepts', finding.sure))),
    possible: openingsView(possible.map((finding) => excessView(finding, 'May accept', finding.possible))),
    any: sure.length + possible.length > 0,
  };
};

export interface HygieneView {
  readonly code: string;
  readonly severity: string;
  readonly count: string;
  readonly open: boolean;
  readonly findings: readonly {
    readonly device: string;
    readonly rule: string;
    readonly place: string;
    readonly message: string;
  }[];
}

const SEVERITIES: readonly Finding['severity'][] = ['critical', 'warning', 'info'];

/** Findings folded by code, critical ones first and unfolded. */
export const hygieneView = (result: AuditResult): readonly HygieneView[] =>
  SEVERITIES.flatMap((severity) =>
    [
      ...groupedBy(
        result.findings.filter((finding) => finding.severity === severity),
        ({ code }) => code,
      ),
    ].map(
      ([code, findings]): HygieneView => ({
        code: visible(code),
        severity,
        count: plural(findings.length, 'finding'),
        open: severity === 'critical',
        findings: findings.map((finding) => ({
          device: visible(finding.device),
          rule: visible(finding.rule ?? ''),
          place: place(finding),
          message: visible(finding.message),
        })),
      }),
    ),
  );

export interface EvidenceView {
  readonly inputs: readonly {
    readonly file: string;
    readonly parser: string;
    readonly device: string;
    readonly rules: string;
    readonly sha256: string;
    readonly complete: boolean;
  }[];
  readonly assumptions: readonly { readonly id: string; readonly text: string; readonly scope: string }[];
  readonly accounting: readonly {
    readonly page: string;
    readonly tables: string;
    readonly rows: string;
    readonly refused: readonly { readonly place: string; readonly reason: string }[];
  }[];
  readonly diagnostics: readonly {
    readonly severity: string;
    readonly place: string;
    readonly message: string;
    readonly code: string;
  }[];
  readonly unaudited: readonly string[];
  readonly unbound: readonly string[];
}

const assumptionsOf = (result: AuditResult): EvidenceView['assumptions'] => {
  const whole = new Set<AssumptionId>(result.summary.assumptions);
  const uses = new Map<AssumptionId, number>([...whole].map((id) => [id, 0]));
  for (const id of result.requirements.flatMap(({ assumptions }) => assumptions)) uses.set(id, (uses.get(id) ?? 0) + 1);
  return [...uses].map(([id, count]) => ({
    id,
    text: ASSUMPTION_TEXTS[id],
    scope: whole.has(id) ? 'the whole report' : plural(count, 'requirement'),
  }));
};

const accountingOf = (result: AuditResult): EvidenceView['accounting'] =>
  result.accounting.map((page) => ({
    page: visible(page.page),
    tables: `${page.tablesUsed} of ${page.tablesSeen} used`,
    rows: `${page.rowsImported} of ${page.rowsSeen} imported, ${page.rowsReview} to be reviewed, ${page.rowsRefused} refused`,
    refused: page.tablesRefused.map(({ line, reason }) => ({ place: place({ file: page.page, line }), reason: visible(reason) })),
  }));

/** What stands by itself in a year. */
export const evidenceView = (result: AuditResult): EvidenceView => ({
  inputs: result.inputs.map((input) => ({
    file: visible(input.file),
    parser: visible(input.parser),
    device: visible(input.device ?? 'requirements'),
    rules: input.device === null ? '' : thousands(input.rules),
    sha256: visible(input.sha256),
    complete: input.complete,
  })),
  assumptions: assumptionsOf(result),
  accounting: accountingOf(result),
  diagnostics: result.diagnostics.map((diagnostic) => ({
    severity: diagnostic.severity,
    place: place(diagnostic),
    message: visible(diagnostic.message),
    code: visible(diagnostic.code),
  })),
  unaudited: result.summary.unauditedActors.map(visible),
  unbound: result.summary.unboundActors.map(visible),
});
