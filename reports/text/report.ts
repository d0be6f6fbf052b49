/** The report for terminals: the answer first, then what is broken, worst first, one flow a block. */
import type { AuditResult, ExcessFinding, ResultDiagnostic } from '../../src/model/result.js';
import { excessInOrder } from '../shared/excess.js';
import { statusOf, worstFirst } from '../shared/status.js';
import { answerWord, exportsOf, gateWords, judgedOn } from '../shared/summary.js';
import { visible } from '../shared/visible.js';
import { listed, place, plural, ruleWords, thousands } from '../shared/words.js';
import type { Report, ReportOptions } from '../types.js';
import type { Style } from './ansi.js';
import { clipped, columnsOf, flowBlock } from './flow.js';
import { type Page, type Piece, paragraph } from './layout.js';

const WARNING_LIMIT = 6;

const head = (result: AuditResult, page: Page): string => {
  const { summary } = result;
  const exports = exportsOf(result);
  const rules = exports.reduce((sum, input) => sum + input.rules, 0);
  const facts = [
    clipped(visible(summary.title)),
    plural(summary.requirements, 'requirement'),
    plural(summary.devices.length, 'firewall'),
    `${plural(exports.length, 'export')}, ${plural(rules, 'rule')}`,
  ];
  return paragraph(
    [{ text: `flowgap ${result.tool.version}`, style: 'bold' }, { text: facts.filter((fact) => fact !== '').join(' · ') }],
    page,
    0,
    2,
  );
};

const answer = (result: AuditResult, page: Page): string => {
  const { summary } = result;
  const word = answerWord(summary);
  const style: Style = word === 'MET' ? 'green' : word === 'NOT MET' || word === 'INCOMPLETE' ? 'red' : 'yellow';
  const tally: readonly Piece[] = [
    { text: word, style, keep: true, pad: word.length + 1 },
    ...[`${thousands(summary.met)} met`, `${thousands(summary.notMet)} not met`, `${thousands(summary.open)} open`].map(
      (text): Piece => ({ text, keep: true, pad: text.length + 1 }),
    ),
  ];
  return paragraph([...tally, { text: judgedOn(summary), style: 'dim' }], page, 2, 4);
};

const diagnosticLine = (diagnostic: ResultDiagnostic, page: Page): string =>
  paragraph(
    [
      { text: diagnostic.severity, style: diagnostic.severity === 'error' ? 'red' : 'yellow', keep: true, pad: 11 },
      { text: place(diagnostic), style: 'cyan', keep: true },
      { text: `${visible(diagnostic.message)} [${visible(diagnostic.code)}]` },
    ],
    page,
    2,
    15,
  );

const errorLines = (result: AuditResult, page: Page): readonly string[] =>
  result.diagnostics.filter(({ severity }) => severity === 'error').map((error) => diagnosticLine(error, page));

const warningLines = (result: AuditResult, page: Page): readonly string[] => {
  const warnings = result.diagnostics.filter(({ severity }) => severity === 'warning');
  const shown = warnings.slice(0, WARNING_LIMIT).map((warning) => diagnosticLine(warning, page));
  const rest = warnings.length - shown.length;
  return rest === 0 ? shown : [...shown, `  and ${plural(rest, 'further warning')}; the html and json reports list all`];
};

const criticalLines = (result: AuditResult, page: Page): readonly string[] =>
  result.findings
    .filter((finding) => finding.severity === 'critical')
    .map((finding) =>
      paragraph(
        [
          { text: 'critical', style: 'red', keep: true, pad: 11 },
          { text: visible(finding.device), style: 'bold' },
          { text: finding.rule === null ? '' : `rule "${clipped(visible(finding.rule))}"` },
          { text: place(finding), style: 'cyan', keep: true },
          { text: `${visible(finding.message)} [${visible(finding.code)}]` },
        ],
        page,
        2,
        15,
      ),
    );

const excessLine = (label: string, findings: readonly ExcessFinding[], page: Page): readonly string[] => {
  const [widest] = findings;
  if (widest === undefined) return [];
  const { rule } = widest;
  return [
    paragraph(
      [
        { text: `${label}: ${plural(findings.length, 'rule')}, the widest` },
        { text: visible(widest.device), style: 'bold' },
        { text: ruleWords({ rule: clipped(rule.rule), name: clipped(rule.name) }), tight: true },
        { text: place(rule), style: 'cyan', keep: true },
      ],
      page,
      2,
      4,
    ),
  ];
};

const asideLines = (result: AuditResult, page: Page): readonly string[] => {
  const { summary } = result;
  const { sure, possible } = excessInOrder(result.excess);
  const other = result.findings.filter((finding) => finding.severity === 'warning').length;
  const lines = [
    summary.metByDefault === 0
      ? ''
      : `${thousands(summary.metByDefault)} of the ${thousands(summary.met)} met ${summary.metByDefault === 1 ? 'rests' : 'rest'} on a default policy: no rule authorises ${summary.metByDefault === 1 ? 'it' : 'them'}`,
    summary.unboundActors.length === 0
      ? ''
      : `without addresses: ${listed(summary.unboundActors.map(visible))}; bind under roles`,
    summary.assumptions.length === 0 ? '' : `the whole report assumes ${listed(summary.assumptions)}`,
  ].filter((line) => line !== '');
  return [
    ...lines.map((text) => paragraph([{ text }], page, 2, 4)),
    ...excessLine('open, but required by nobody', sure, page),
    ...excessLine('open under conditions, and required by nobody', possible, page),
    ...(other === 0 ? [] : [`  rule hygiene: ${plural(other, 'warning')}`]),
  ];
};

const foot = (result: AuditResult, options: ReportOptions, page: Page): string => {
  const files = options.written.map((file): Piece => ({ text: visible(file), style: 'cyan', keep: true }));
  const gate: Piece = { text: gateWords(result.summary), style: 'bold' };
  const together = paragraph([...files, { ...gate, keep: true }], { ...page, colour: false }, 2, 2);
  if (!together.includes('\n')) return paragraph([...files, gate], page, 2, 2);
  return [paragraph(files, page, 2, 2), paragraph([gate], page, 2, 4)].join('\n');
};

const render = (result: AuditResult, options: ReportOptions): string => {
  const page: Page = { width: options.width, colour: options.colour };
  const broken = worstFirst(result.requirements).filter((requirement) => statusOf(requirement) !== 'met');
  const columns = columnsOf(broken);
  const sections = [
    [head(result, page)],
    [answer(result, page)],
    errorLines(result, page),
    [...broken.map((requirement) => flowBlock(requirement, result.summary, columns, page)), ...criticalLines(result, page)],
    warningLines(result, page),
    asideLines(result, page),
    [foot(result, options, page)],
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')}\n`;
};

export const textReport: Report = { id: 'text', title: 'Summary for the terminal', extension: 'txt', render };
