/** A page's blocks, to flows with accounting: tables, lists of URLs, dynamic ranges. */
import type { Accounting } from '../model/requirement.js';
import type { Diagnostic } from '../source/diagnostic.js';
import type { TableEnds } from './actors.js';
import { classify } from './columns.js';
import { type DynamicRange, findDynamicRanges, withDynamicRange } from './dynamic-range.js';
import type { FlowDraft } from './ids.js';
import { localEnd } from './local-end.js';
import { type Page, quote, type TableBlock } from './page.js';
import { type Section, sectionsOf, textBefore } from './sections.js';
import type { Reading } from './services.js';
import { type RowReading, readTableRows } from './table-flows.js';
import { readUrlLists, type UrlContext } from './url-flows.js';

export interface PageReading {
  readonly drafts: readonly FlowDraft[];
  readonly accounting: Accounting;
  readonly tables: readonly TableEnds[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Tally {
  readonly file: string;
  readonly interpret: ReadonlyMap<number, Reading>;
  readonly ranges: readonly DynamicRange[];
  readonly drafts: FlowDraft[];
  readonly tables: TableEnds[];
  readonly diagnostics: Diagnostic[];
  readonly refused: { line: number; reason: string }[];
  readonly crossedLines: Set<number>;
  seen: number;
  used: number;
  rows: { imported: number; review: number; refused: number };
}

const report = (tally: Tally, severity: Diagnostic['severity'], code: string, line: number, message: string): void => {
  tally.diagnostics.push({ severity, code, message, file: tally.file, line });
};

function refuseTable(tally: Tally, line: number, rows: number, reason: string): void {
  tally.refused.push({ line, reason });
  tally.rows.refused += rows;
  report(tally, 'info', 'table-refused', line, `the table is not imported: ${reason}`);
}

function countRow(tally: Tally, row: RowReading): readonly FlowDraft[] {
  if (row.refused !== undefined) {
    tally.rows.refused++;
    report(tally, 'warning', 'row-refused', row.line, `the row is not imported: ${row.refused}`);
    return [];
  }
  if (row.crossed) tally.crossedLines.add(row.line);
  const flows = withDynamicRange(row.flows, tally.ranges, row.dynamic);
  const doubt = flows.find((flow) => flow.needsReview !== undefined)?.needsReview;
  if (doubt === undefined) tally.rows.imported++;
  else {
    tally.rows.review++;
    report(tally, 'warning', 'row-needs-review', row.line, doubt);
  }
  return flows;
}

function importTable(tally: Tally, section: Section, index: number, table: TableBlock): readonly FlowDraft[] {
  tally.seen++;
  const kind = classify(table);
  if (kind.kind === 'refused') {
    refuseTable(tally, table.line, table.rows.length, kind.reason);
    return [];
  }
  const local = kind.kind === 'one-ended' ? localEnd(section, index) : undefined;
  if (kind.kind === 'one-ended' && local?.role !== kind.missing) {
    const found = local ? `; the text of line ${local.line} gives the ${local.role}, which the table has too` : '';
    refuseTable(tally, table.line, table.rows.length, `${kind.reason}${found}`);
    return [];
  }
  tally.used++;
  const context = { page: tally.file, table, roles: kind.roles, interpret: tally.interpret, ...(local ? { local } : {}) };
  const flows = readTableRows(context).flatMap((row) => countRow(tally, row));
  const caption = textBefore(section, index);
  tally.tables.push({
    caption: caption?.text ?? '',
    captionLine: caption?.line ?? table.line,
    ends: [...new Set(flows.flatMap((flow) => [flow.source.text, flow.destination.text]))],
  });
  return flows;
}

const MENTIONS_PORT = /\b(?:ports?|tcp|udp)\b[^.]{0,40}?\b[0-9]{2,5}\b|\b[0-9]{2,5}\/(?:tcp|udp)\b/i;

/** Ports in sentences are not read; they are at least not passed over in silence. */
function reportProse(tally: Tally, sections: readonly Section[], read: ReadonlySet<number>): void {
  for (const section of sections)
    for (const block of section.blocks) {
      if (block.kind !== 'text' || read.has(block.line) || !MENTIONS_PORT.test(block.text)) continue;
      report(
        tally,
        'info',
        'prose-names-ports',
        block.line,
        `the text names ports and is not read as a flow: ${quote(block.text, 120)}`,
      );
    }
}

function reportUnused(tally: Tally): void {
  for (const line of tally.interpret.keys())
    if (!tally.crossedLines.has(line))
      report(
        tally,
        'warning',
        'interpret-unused',
        line,
        `interpret names line ${line}, which has no row with several ports and several protocols`,
      );
  const named = tally.drafts.some((flow) => flow.symbolic !== undefined);
  for (const range of tally.ranges)
    if (!named)
      report(
        tally,
        'warning',
        'dynamic-range-unlinked',
        range.line,
        `the dynamic range ${range.first}-${range.last} belongs to no row: none has TCP port 135 or names it`,
      );
}

/** The tables of one section. @returns its distinct sources. */
function importSection(tally: Tally, section: Section): readonly string[] {
  const flows: FlowDraft[] = [];
  section.blocks.forEach((block, i) => {
    if (block.kind === 'table') flows.push(...importTable(tally, section, i, block));
    else if (block.kind === 'unread') {
      tally.seen++;
      refuseTable(tally, block.line, 0, block.reason);
    }
  });
  tally.drafts.push(...flows);
  return [...new Set(flows.map((flow) => flow.source.text))];
}

/** The URL lists of one section. @returns the lines that were read. */
function importUrlLists(tally: Tally, section: Section, context: UrlContext): readonly number[] {
  const urls = readUrlLists(section, context);
  for (const line of urls.unread)
    report(tally, 'warning', 'url-list-unread', line, 'asks to reach a list that is not read: some of its items are no URLs');
  for (const flow of urls.flows)
    tally.drafts.push(...countRow(tally, { line: flow.line, flows: [flow], crossed: false, dynamic: false }));
  return [...urls.lines, ...urls.flows.map((flow) => flow.source.line)];
}

const newTally = (file: string, interpret: ReadonlyMap<number, Reading>, ranges: readonly DynamicRange[]): Tally => ({
  file,
  interpret,
  ranges,
  drafts: [],
  tables: [],
  diagnostics: [],
  refused: [],
  crossedLines: new Set(),
  seen: 0,
  used: 0,
  rows: { imported: 0, review: 0, refused: 0 },
});

/** Reads a page. Flows and diagnostics come in the order of their lines. */
export function importPage(page: Page, file: string, interpret: ReadonlyMap<number, Reading>): PageReading {
  const sections = sectionsOf(page);
  const { ranges, lines } = findDynamicRanges(sections);
  const tally = newTally(file, interpret, ranges);
  const sources = sections.map((section) => importSection(tally, section));
  const actors = [...new Set(tally.drafts.flatMap((flow) => [flow.source.text, flow.destination.text]))];
  const read = new Set(lines);
  sections.forEach((section, i) => {
    const context = { page: file, title: page.title, sources: sources[i] ?? [], actors };
    for (const line of importUrlLists(tally, section, context)) read.add(line);
  });
  reportProse(tally, sections, read);
  reportUnused(tally);
  const { imported, review, refused } = tally.rows;
  return {
    drafts: [...tally.drafts].sort((a, b) => a.line - b.line),
    accounting: {
      tables: { seen: tally.seen, used: tally.used, refused: tally.refused },
      rows: { seen: imported + review + refused, imported, review, refused },
    },
    tables: tally.tables,
    diagnostics: tally.diagnostics.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
  };
}
