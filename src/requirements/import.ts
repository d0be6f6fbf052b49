/** Requirement pages of every accepted form, to flows. */
import type { Accounting, StatedFlow } from '../model/requirement.js';
import { type Diagnostic, RefusedError } from '../source/diagnostic.js';
import type { Source } from '../source/span.js';
import { type Actor, type AliasProposal, actorsOf, proposeAliases } from './actors.js';
import { readCsv } from './csv.js';
import { type PageFormat, pageFormat } from './format.js';
import { readHtml } from './html.js';
import { mintIds } from './ids.js';
import { readMarkdown } from './markdown.js';
import { guardMarkdown } from './markdown-guard.js';
import { quote, slug } from './page.js';
import { importPage, type PageReading } from './page-import.js';
import { type RequirementRecord, recordFlows } from './record.js';
import type { Reading } from './services.js';
import { readYaml } from './yaml.js';

export interface ImportOptions {
  /** Form of the page; told from its name and content where absent. */
  readonly format?: PageFormat;
  /** Lines of rows with several ports and several protocols, and how they are to be read. */
  readonly interpret?: ReadonlyMap<number, Reading>;
}

export interface RequirementImport {
  /** Name of the file as the user gave it. */
  readonly page: string;
  /** First heading of the page or `title:`; the file's name where there is none. */
  readonly title: string;
  readonly format: PageFormat;
  /** In the order of their lines. */
  readonly flows: readonly StatedFlow[];
  readonly actors: readonly Actor[];
  readonly aliasProposals: readonly AliasProposal[];
  /** `rows.seen` = imported + review + refused; rows of refused tables count as refused, items of URL lists as rows. */
  readonly accounting: Accounting;
  readonly diagnostics: readonly Diagnostic[];
}

/** `samples/Vault ports.md` gives `vault-ports`. */
export const pageSlug = (file: string): string => slug((/[^/\\]*$/.exec(file)?.[0] ?? file).replace(/\.[A-Za-z]{2,8}$/, ''));

const NO_INTERPRET: ReadonlyMap<number, Reading> = new Map();

/** Rows of CSV and YAML mean all combinations; `interpret` has nothing to settle there. */
const unusedInterpret = (file: string, interpret: ReadonlyMap<number, Reading>): readonly Diagnostic[] =>
  [...interpret.keys()].map((line) => ({
    severity: 'warning',
    code: 'interpret-unused',
    message: `interpret names line ${line} of a list of flows, where lists always mean all combinations`,
    file,
    line,
  }));

function importRecords(
  file: string,
  records: readonly RequirementRecord[],
  interpret: ReadonlyMap<number, Reading>,
): PageReading {
  const given = new Map<string, number>();
  const drafts = records.flatMap((record) => {
    const flows = recordFlows(file, record);
    for (const flow of flows) {
      if (flow.id === undefined) continue;
      const before = given.get(flow.id);
      if (before !== undefined)
        throw new RefusedError(`the id ${quote(flow.id)} is given twice, first on line ${before}`, {
          file,
          line: flow.line,
          hint: 'Give every flow an id of its own, or none.',
        });
      given.set(flow.id, flow.line);
    }
    return flows;
  });
  return {
    drafts,
    accounting: {
      tables: { seen: 0, used: 0, refused: [] },
      rows: { seen: records.length, imported: records.length, review: 0, refused: 0 },
    },
    tables: [],
    diagnostics: unusedInterpret(file, interpret),
  };
}

function read(
  source: Source,
  format: PageFormat,
  options: ImportOptions,
): { readonly title: string; readonly reading: PageReading } {
  const { name } = source;
  const text = source.text.replace(/^\ufeff/, '');
  const interpret = options.interpret ?? NO_INTERPRET;
  if (format === 'csv') return { title: '', reading: importRecords(name, readCsv(name, text), interpret) };
  if (format === 'yaml') {
    const { title, records } = readYaml(name, text);
    return { title, reading: importRecords(name, records, interpret) };
  }
  if (format === 'markdown') guardMarkdown(name, text);
  const page = format === 'html' ? readHtml(text) : readMarkdown(text);
  return { title: page.title, reading: importPage(page, name, interpret) };
}

/**
 * Reads the required flows of one page. Nothing is dropped in silence: what gives no flow is in `accounting` and
 * `diagnostics`, what is read with a doubt has `needsReview`.
 * @throws RefusedError when the file is no page (wrong kind, binary, syntax, unknown keys).
 */
export function importRequirements(source: Source, options: ImportOptions = {}): RequirementImport {
  const format = pageFormat(source, options.format);
  const { title, reading } = read(source, format, options);
  const flows = mintIds(pageSlug(source.name), reading.drafts);
  const actors = actorsOf(flows);
  const aliasProposals = proposeAliases(actors, reading.tables);
  const diagnostics: Diagnostic[] = [...reading.diagnostics];
  if (flows.length === 0)
    diagnostics.push({
      severity: 'warning',
      code: 'no-flows',
      message: 'the page gives no required flow',
      file: source.name,
      line: 1,
    });
  for (const { actor, like, reason } of aliasProposals) {
    const line = actors.find((one) => one.name === actor)?.lines[0];
    const message = `${quote(actor)} may be ${quote(like)}: ${reason}. If so, add it to the aliases of that role`;
    diagnostics.push({
      severity: 'info',
      code: 'alias-proposed',
      message,
      file: source.name,
      ...(line === undefined ? {} : { line }),
    });
  }
  return {
    page: source.name,
    title: title === '' ? source.name : title,
    format,
    flows,
    actors,
    aliasProposals,
    accounting: reading.accounting,
    diagnostics,
  };
}
