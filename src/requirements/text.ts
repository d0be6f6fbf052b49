/** `requirements` for people: the flows as a table, what needs a person, and an accounting that adds up. */
import type { StatedFlow } from '../model/requirement.js';
import type { RequirementImport } from './import.js';
import { serviceTermText } from './port-text.js';

const WIDTHS = { line: 5, ends: 26, service: 26 };

/** `1 row`, `2 rows`. */
const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** Breaks at blanks; a longer word stands alone on its line. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const note = (mark: string, text: string): readonly string[] =>
  wrap(text, 108).map((part, i) => `       ${i === 0 ? mark : ' '.repeat(mark.length)} ${part}`);

function marks(flow: StatedFlow): string {
  const out = [
    ...(flow.expect === 'deny' ? ['must not pass'] : []),
    ...(flow.optional ? ['optional'] : []),
    ...(flow.anyOf === undefined ? [] : [`any of ${flow.anyOf}`]),
    ...(flow.variant ? [`if ${flow.variant.name} is ${flow.variant.value}`] : []),
    ...(flow.symbolic === undefined ? [] : [flow.symbolic]),
  ];
  return out.length > 0 ? ` [${out.join(', ')}]` : '';
}

function flowLines(flow: StatedFlow): readonly string[] {
  const pad = (text: string, width: number): string => text.padEnd(width);
  const services = flow.services.map(serviceTermText).join('; ');
  const purpose = flow.purpose.length > 60 ? `${flow.purpose.slice(0, 59)}…` : flow.purpose;
  const head = `${String(flow.line).padStart(WIDTHS.line)}  ${pad(flow.source.text, WIDTHS.ends)} -> ${pad(flow.destination.text, WIDTHS.ends)} `;
  return [
    `${head}${pad(services, WIDTHS.service)} ${purpose}${marks(flow)}`.trimEnd(),
    ...(flow.needsReview === undefined ? [] : note('review:', flow.needsReview)),
    ...(flow.note === undefined ? [] : note('read:', flow.note)),
  ];
}

function accountingLines(one: RequirementImport): readonly string[] {
  const { tables, rows } = one.accounting;
  const review = one.flows.filter((flow) => flow.needsReview !== undefined).length;
  return [
    'Accounting',
    `  ${count(tables.seen, 'table')} = ${tables.used} used + ${tables.refused.length} refused`,
    ...tables.refused.map((table) => `    line ${table.line}: ${table.reason}`),
    `  ${count(rows.seen, 'row')} = ${rows.imported} imported + ${rows.review} for review + ${rows.refused} refused`,
    `  ${count(one.flows.length, 'flow')} = ${one.flows.length - review} clear + ${review} for review`,
  ];
}

function actorLines(one: RequirementImport): readonly string[] {
  const width = Math.max(0, ...one.actors.map((actor) => actor.name.length));
  return [
    'Actors',
    ...one.actors.map(
      (actor) => `  ${actor.name.padEnd(width)}  starts ${count(actor.asSource, 'flow')}, receives ${actor.asDestination}`,
    ),
    ...one.aliasProposals.map(({ actor, like, reason }) => `  ? "${actor}" may be "${like}": ${reason}`),
  ];
}

/** Diagnostics that neither the flows nor the accounting above already show. */
const SHOWN = new Set(['table-refused', 'row-needs-review', 'alias-proposed']);

function pageText(one: RequirementImport): string {
  const rest = one.diagnostics.filter((diagnostic) => !SHOWN.has(diagnostic.code));
  const title = one.title === one.page ? one.page : `${one.title} (${one.page})`;
  return [
    title,
    '='.repeat(Math.min(title.length, 120)),
    '',
    ...(one.flows.length === 0 ? ['No flows.'] : [' line', ...one.flows.flatMap(flowLines)]),
    '',
    ...(one.actors.length > 0 ? [...actorLines(one), ''] : []),
    ...accountingLines(one),
    ...(rest.length > 0 ? ['', 'Also noticed'] : []),
    ...rest.map(({ line, message }) => `  ${line === undefined ? '' : `line ${line}: `}${message}`),
  ].join('\n');
}

/** All pages, one after the other; ends with a line break. */
export const requirementsText = (imports: readonly RequirementImport[]): string => `${imports.map(pageText).join('\n\n')}\n`;
