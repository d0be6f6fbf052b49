/** Joined PowerShell CSV, and Get-NetFirewallProfile CSV, to records. */
import { type Diagnostic, RefusedError } from '../../src/source/diagnostic.js';
import type { Source, Span } from '../../src/source/span.js';
import { type Header, NARROWING_FIELDS, readHeader, SCOPE_FIELDS, unknownHeadings } from './columns.js';
import { type CsvRow, readCsv } from './csv-text.js';
import { EXPORT_HINT } from './export-help.js';
import { profileOf, profileSettings } from './profile-rows.js';
import type { ProfileExport, ProfileName, ProfileSettings, RuleExport, RuleField, StoreKind, WindowsRule } from './records.js';

export interface CsvExport {
  readonly rules?: RuleExport;
  readonly profiles?: ProfileExport;
}

const at = (source: Source, row: CsvRow): Span => ({ file: source.name, start: row.start, end: row.end, line: row.line });

/** @throws RefusedError for an inventory without ports and addresses, without directions, without rows. */
export function extractCsv(source: Source): CsvExport {
  const header = readHeader(source.text, Number.POSITIVE_INFINITY);
  if (!header) throw new RefusedError('the file is empty', { file: source.name, line: 1, hint: EXPORT_HINT });
  refuseDoubleHeading(source, header);
  if (isProfileHeader(header)) return { profiles: profileExport(source, header, body(source, header).rows) };
  refuseInventory(source, header);
  const { rows, openQuote } = body(source, header);
  const rowType = header.headings.indexOf('rowtype');
  const isProfileRow = (row: CsvRow): boolean => rowType >= 0 && (row.cells[rowType] ?? '').trim().toLowerCase() === 'profile';
  const profileRows = rows.filter(isProfileRow);
  const ruleRows = rowType < 0 ? rows : rows.filter((row) => !isProfileRow(row));
  // An unbalanced quote can swallow everything; a host without a single rule is none that was exported.
  if (ruleRows.length === 0)
    throw new RefusedError('the table holds no rules', { file: source.name, line: header.line, column: 1, hint: EXPORT_HINT });
  const rules = ruleExport(source, header, ruleRows, openQuote);
  return profileRows.length === 0 ? { rules } : { rules, profiles: profileExport(source, header, profileRows) };
}

export const isProfileHeader = (header: Header): boolean =>
  header.headings.includes('defaultinboundaction') && !header.columns.has('direction');

function body(source: Source, header: Header): { readonly rows: readonly CsvRow[]; readonly openQuote?: number } {
  const { rows, openQuote } = readCsv(source.text, header.delimiter, header.offset, header.line);
  return openQuote === undefined ? { rows: rows.slice(1) } : { rows: rows.slice(1), openQuote };
}

function refuseDoubleHeading(source: Source, header: Header): void {
  const twice = header.headings.find((heading, i) => heading !== '' && header.headings.indexOf(heading) < i);
  if (twice !== undefined)
    throw new RefusedError(`two columns are named "${twice}": which one holds is not known`, {
      file: source.name,
      line: header.line,
      column: 1,
      hint: EXPORT_HINT,
    });
}

function refuseInventory(source: Source, header: Header): void {
  const place = { file: source.name, line: header.line, column: 1, hint: EXPORT_HINT };
  const scope = SCOPE_FIELDS.filter((field) => header.columns.has(field));
  if (!scope.some((field) => field !== 'protocol'))
    throw new RefusedError(
      'an inventory of rules: no ports or addresses exported (Get-NetFirewallRule alone does not hold them)',
      place,
    );
  if (!header.columns.has('direction'))
    throw new RefusedError('no Direction column: which rules are inbound and which outbound is not exported', place);
  if (!header.columns.has('action'))
    throw new RefusedError('no Action column: which rules allow and which block is not exported', place);
}

function ruleExport(source: Source, header: Header, rows: readonly CsvRow[], openQuote: number | undefined): RuleExport {
  if (rows.length === 0)
    throw new RefusedError('the export holds no rule', { file: source.name, line: header.line, hint: EXPORT_HINT });
  const rules = rows.map((row, i) => record(source, header, row, i + 1));
  const diagnostics: Diagnostic[] = [];
  const unknown = unknownHeadings(header);
  if (unknown.length > 0)
    diagnostics.push({
      severity: 'warning',
      code: 'windows-unknown-column',
      message: `columns without a known meaning were not used: ${unknown.join(', ')}`,
      file: source.name,
      line: header.line,
    });
  const cutOff = openQuote === undefined ? undefined : `line ${openQuote}: a quoted cell never ends, the file is cut off`;
  return {
    source,
    rules,
    ...storeOf(header, rows, rules),
    missingColumns: NARROWING_FIELDS.filter((field) => !header.columns.has(field)),
    ...(cutOff === undefined ? {} : { cutOff }),
    diagnostics,
  };
}

function record(source: Source, header: Header, row: CsvRow, ordinal: number): WindowsRule {
  const fields: Partial<Record<RuleField, string>> = {};
  for (const [field, index] of header.columns) fields[field] = (row.cells[index] ?? '').trim();
  const problems: string[] = [];
  const expected = header.headings.length;
  const surplus = row.cells.slice(expected).some((cell) => cell.trim() !== '');
  if (row.cells.length < expected || surplus)
    problems.push(`the row has ${row.cells.length} cells where the headings have ${expected}`);
  return { ordinal, form: 'csv', span: at(source, row), fields, problems };
}

/** Headings that only Export-FirewallRules (Firewall-Manager) writes together; its default store is ActiveStore. */
const FIREWALL_MANAGER = ['dynamictarget', 'overrideblockrules', 'loosesourcemapping', 'localonlymapping', 'owner', 'platform'];

function storeOf(
  header: Header,
  rows: readonly CsvRow[],
  rules: readonly WindowsRule[],
): { readonly store: StoreKind; readonly storeReason: string } {
  const marker = header.headings.indexOf('exportedfrom');
  if (marker >= 0 && rows.every((row) => (row.cells[marker] ?? '').trim().toLowerCase() === 'activestore'))
    return { store: 'active', storeReason: 'column ExportedFrom says ActiveStore' };
  if (header.columns.has('store') || header.columns.has('storeType')) {
    if (rules.every(isGroupPolicy)) return { store: 'group-policy', storeReason: 'every rule comes from Group Policy' };
    if (rules.every(isLocal)) return { store: 'local', storeReason: `every rule comes from the local store (${PROPERTY_STORE})` };
    return { store: 'active', storeReason: 'rules of several stores stand together' };
  }
  const manager =
    FIREWALL_MANAGER.every((heading) => header.headings.includes(heading)) && !header.headings.includes('displaygroup');
  if (manager) return { store: 'active', storeReason: 'columns of Export-FirewallRules, which reads ActiveStore' };
  return { store: 'local', storeReason: 'the export does not say which store it was read from; the default is the local one' };
}

const PROPERTY_STORE = 'PolicyStoreSource PersistentStore';
const lower = (text: string | undefined): string => (text ?? '').toLowerCase();
export const isGroupPolicy = (rule: WindowsRule): boolean => lower(rule.fields.storeType) === 'grouppolicy';
export const isLocal = (rule: WindowsRule): boolean =>
  lower(rule.fields.storeType) === 'local' || (!isGroupPolicy(rule) && lower(rule.fields.store) === 'persistentstore');
const HARDENING_STORES = new Set(['staticservicestore', 'configurableservicestore']);
export const isHardening = (rule: WindowsRule): boolean =>
  rule.fields.store !== undefined && HARDENING_STORES.has(rule.fields.store.toLowerCase());

function profileExport(source: Source, header: Header, rows: readonly CsvRow[]): ProfileExport {
  const profiles = new Map<ProfileName, ProfileSettings>();
  let concrete = true;
  for (const row of rows) {
    const cell = (heading: string): string | undefined => {
      const index = header.headings.indexOf(heading);
      return index < 0 ? undefined : (row.cells[index] ?? '').trim();
    };
    const name = profileOf(cell('name') ?? cell('profile') ?? '');
    const place = { file: source.name, line: row.line, hint: EXPORT_HINT };
    if (!name) throw new RefusedError(`a profile row without the name Domain, Private or Public`, place);
    if (profiles.has(name)) throw new RefusedError(`the ${name} profile stands here twice`, place);
    profiles.set(name, profileSettings(cell, at(source, row)));
    concrete &&= ['defaultinboundaction', 'defaultoutboundaction', 'allowlocalfirewallrules', 'allowinboundrules'].every(
      (heading) => !['notconfigured', '', '2'].includes((cell(heading) ?? '').toLowerCase()),
    );
  }
  const marker = header.headings.indexOf('exportedfrom');
  const active = marker >= 0 && rows.every((row) => (row.cells[marker] ?? '').trim().toLowerCase() === 'activestore');
  return { source, store: (marker < 0 ? concrete : active) ? 'active' : 'local', profiles, diagnostics: [] };
}
