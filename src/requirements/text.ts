/** `requirements` for people: the flows as a table, what needs a person, and an accounting that adds up. */
import type { StatedFlow } from '../model/requirement.js';
import type { RequirementImport } from './import.js';
import { serviceTermText } from './port-text.js';

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

/** Widths of the columns source, destination, service and purpose: as wide as their texts, within reason. */
function columnWidths(flows: readonly StatedFlow[]): readonly number[] {
  const widest = (texts: readonly string[], least: number, most: number): number =>
    texts.reduce((width, text) => Math.min(most, Math.max(width, text.length)), least);
  return [
    widest(
      flows.map((flow) => flow.source.text),
      6,
      28,
    ),
    widest(
      flows.map((flow) => flow.destination.text),
      11,
      28,
    ),
    widest(flows.map(servicesText), 7, 28),
    60,
  ];
}

const servicesText = (flow: StatedFlow): string => flow.services.map(serviceTermText).join('; ');
const shorten = (text: string, limit: number): string => (text.length > limit ? `${text.slice(0, limit - 1)}…` : text);

/** Cells side by side, each wrapped in its column. */
function gridLines(cells: readonly string[], widths: readonly number[], separators: readonly string[]): readonly string[] {
  const columns = cells.map((cell, i) => wrap(cell, widths[i] ?? 0));
  const height = Math.max(1, ...columns.map((column) => column.length));
  return Array.from({ length: height }, (_, row) =>
    columns
      .map((column, i) => {
        const separator = separators[i] ?? '';
        return `${row === 0 ? separator : ' '.repeat(separator.length)}${(column[row] ?? '').padEnd(widths[i] ?? 0)}`;
      })
      .join('')
      .trimEnd(),
  );
}

function flowLines(flow: StatedFlow, widths: readonly number[]): readonly string[] {
  const cells = [flow.source.text, flow.destination.text, servicesText(flow), `${shorten(flow.purpose, 100)}${marks(flow)}`];
  return [
    ...gridLines(cells, widths, [`${String(flow.line).padStart(5)}  `, '  -> ', '  ', '  ']),
    ...(flow.needsReview === undefined ? [] : note('review:', flow.needsReview)),
    ...(flow.note === undefined ? [] : note('read:', flow.note)),
  ];
}

/** Rows that no `interpret` settles: how else. */
function settling(flows: readonly StatedFlow[]): readonly string[] {
  const lines = [...new Set(flows.flatMap((flow) => (flow.needsReview && !flow.interpretable ? [flow.line] : [])))];
  if (lines.length === 0) return [];
  const which = `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`;
  return [
    '',
    ...wrap(
      `To settle the review of ${which}, state the flow in a YAML of your own, or write the row out in a copy of the page.`,
      116,
    ),
  ];
}

function flowTable(flows: readonly StatedFlow[]): readonly string[] {
  if (flows.length === 0) return ['No flows.'];
  const widths = columnWidths(flows);
  const header = gridLines(['source', 'destination', 'service', 'purpose'], widths, [' line  ', '     ', '  ', '  ']);
  return [...header, ...flows.flatMap((flow) => flowLines(flow, widths)), ...settling(flows)];
}

const tablesLine = (tables: RequirementImport['accounting']['tables']): string =>
  `  ${count(tables.seen, 'table')} = ${tables.used} used + ${tables.refused.length} refused`;

function accountingLines(one: RequirementImport): readonly string[] {
  const { tables, rows } = one.accounting;
  const review = one.flows.filter((flow) => flow.needsReview !== undefined).length;
  return [
    'Accounting',
    ...(tables.seen === 0 ? [] : [tablesLine(tables)]),
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

/** `line 4: …`, `lines 7, 9: …`: equal messages once. */
function noticed(one: RequirementImport): readonly string[] {
  const lines = new Map<string, Set<number>>();
  for (const { code, line, message } of one.diagnostics) {
    if (SHOWN.has(code)) continue;
    const known = lines.get(message) ?? new Set();
    lines.set(message, line === undefined ? known : known.add(line));
  }
  return [...lines].flatMap(([message, at]) => {
    const place = at.size === 0 ? '' : `${at.size === 1 ? 'line' : 'lines'} ${[...at].join(', ')}: `;
    return wrap(`${place}${message}`, 116).map((part, i) => (i === 0 ? `  ${part}` : `    ${part}`));
  });
}

function pageText(one: RequirementImport): string {
  const rest = noticed(one);
  const title = one.title === one.page ? one.page : `${one.title} (${one.page})`;
  return [
    title,
    '='.repeat(Math.min(title.length, 120)),
    '',
    ...flowTable(one.flows),
    '',
    ...(one.actors.length > 0 ? [...actorLines(one), ''] : []),
    ...accountingLines(one),
    ...(rest.length > 0 ? ['', 'Also noticed', ...rest] : []),
  ].join('\n');
}

/** All pages, one after the other; ends with a line break. */
export const requirementsText = (imports: readonly RequirementImport[]): string => `${imports.map(pageText).join('\n\n')}\n`;
