/** The report for terminals: the answer first, then what is broken, worst first, one flow a block. */
import type { AuditResult, AuditSummary, ExcessFinding, RequirementResult, ResultDiagnostic } from '../../src/model/result.js';
import { excessInOrder, riskyInShort } from '../shared/excess.js';
import { type Question, questionsOf, questionWords, reachWords } from '../shared/questions.js';
import { counts, statusOf, worstFirst } from '../shared/status.js';
import { answerWord, exportsOf, gateWords, judgedOn } from '../shared/summary.js';
import { visible } from '../shared/visible.js';
import { listed, place, plural, ruleWords, sentence, thousands } from '../shared/words.js';
import type { Report, ReportOptions } from '../types.js';
import type { Style } from './ansi.js';
import { clipped, columnsOf, flowBlock } from './flow.js';
import { type Page, type Piece, paragraph } from './layout.js';

const WARNING_LIMIT = 6;
const QUESTION_LIMIT = 5;
const ACTORS = 5;
const QUESTION_PAD = 18;

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
  // A row to be reviewed says so in its own block.
  const said = new Set(result.requirements.map(({ needsReview }) => needsReview));
  const warnings = result.diagnostics.filter(({ severity, message }) => severity === 'warning' && !said.has(message));
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

const EXCESS_LIMIT = 3;

const excessLines = (label: string, findings: readonly ExcessFinding[], page: Page): readonly string[] => {
  if (findings.length === 0) return [];
  const shown = findings
    .slice(0, EXCESS_LIMIT)
    .map(({ device, rule, risky }) =>
      paragraph(
        [
          { text: visible(device), style: 'bold' },
          { text: ruleWords({ rule: clipped(rule.rule), name: clipped(rule.name) }) },
          { text: place(rule), style: 'cyan', keep: true },
          { text: riskyInShort(risky.map(visible)).join(', '), style: 'dim' },
        ],
        page,
        4,
        6,
      ),
    );
  const first = findings.length > shown.length ? `, the riskiest and widest first` : '';
  return [paragraph([{ text: `${label}: ${plural(findings.length, 'rule')}${first}` }], page, 2, 4), ...shown];
};

const byDefaultWords = ({ met, metByDefault }: AuditSummary): string => {
  if (metByDefault === 0) return '';
  if (metByDefault === met)
    return met === 1
      ? 'the one met rests on a default policy: no rule authorises it'
      : `all ${thousands(met)} met rest on a default policy: no rule authorises them`;
  return `${thousands(metByDefault)} of the ${thousands(met)} met ${metByDefault === 1 ? 'rests' : 'rest'} on a default policy: no rule authorises ${metByDefault === 1 ? 'it' : 'them'}`;
};

const someOf = (names: readonly string[]): string =>
  listed(names.length <= ACTORS + 1 ? names : [...names.slice(0, ACTORS), `${names.length - ACTORS} more`]);

const asideLines = (result: AuditResult, page: Page): readonly string[] => {
  const { summary } = result;
  const { sure, possible } = excessInOrder(result.excess);
  const other = result.findings.filter((finding) => finding.severity === 'warning').length;
  const lines = [
    byDefaultWords(summary),
    summary.unboundActors.length === 0
      ? ''
      : `without addresses: ${someOf(summary.unboundActors.map(visible))}; bind under roles`,
    summary.assumptions.length === 0 ? '' : `the whole report assumes ${listed(summary.assumptions)}`,
  ].filter((line) => line !== '');
  return [
    ...lines.map((text) => paragraph([{ text }], page, 2, 4)),
    ...excessLines('open, but required by nobody', sure, page),
    ...excessLines('open under conditions, and required by nobody', possible, page),
    ...(other === 0 ? [] : [`  rule hygiene: ${plural(other, 'warning')}`]),
  ];
};

/** Questions that bear on several flows, asked once. */
const sharedQuestions = (result: AuditResult): readonly Question[] =>
  questionsOf(result.requirements)
    .filter(({ flows, settledBy }) => flows.length > 1 && settledBy !== '')
    .slice(0, QUESTION_LIMIT);

const questionLines = (questions: readonly Question[], page: Page): readonly string[] =>
  questions.length === 0
    ? []
    : [
        '  Settle first',
        ...questions.map((question) =>
          paragraph(
            [
              { text: reachWords(question), style: 'yellow', pad: QUESTION_PAD },
              { text: sentence(question.settledBy) },
              // What settles an actor names it.
              { text: question.kind === 'actor' ? '' : questionWords(question), style: 'dim' },
            ],
            page,
            4,
            6,
          ),
        ),
      ];

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
  const gaps = broken.filter((requirement) => requirement.outcome === 'not-met' && counts(requirement));
  const rest = broken.filter((requirement) => !gaps.includes(requirement));
  const surroundings = { summary: result.summary, columns: columnsOf(broken), asked: sharedQuestions(result) };
  const blocks = (requirements: readonly RequirementResult[]): readonly string[] =>
    requirements.map((requirement) => flowBlock(requirement, surroundings, page));
  const sections = [
    [head(result, page)],
    [answer(result, page)],
    errorLines(result, page),
    [...blocks(gaps), ...criticalLines(result, page)],
    questionLines(surroundings.asked, page),
    blocks(rest),
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
