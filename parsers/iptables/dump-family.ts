/** The tables of a file while it is read, and which family each dump in it is about. */
import type { Family } from '../../src/sets/address.js';
import type { Diagnostic } from '../../src/source/diagnostic.js';
import type { Source, Span } from '../../src/source/span.js';
import { decideFamily, noEvidence, weigh } from './family.js';
import type { RuleRecord } from './records.js';

export interface ChainDraft {
  name: string;
  policy: string | undefined;
  span: Span | undefined;
  rules: RuleRecord[];
}
export interface TableDraft {
  name: string;
  headerFamily: Family | undefined;
  backend: 'nft' | 'unmarked' | undefined;
  dump: number;
  chains: Map<string, ChainDraft>;
  complete: boolean;
  span: Span;
}
/** Family of every dump: header, else what stands in its rules, else what the whole file says, else `fallback`. */
export function families(
  drafts: readonly TableDraft[],
  source: Source,
  fallback: Family,
  diagnostics: Diagnostic[],
): ReadonlyMap<number, Family> {
  const out = new Map<number, Family>();
  const whole = noEvidence();
  const open: TableDraft[] = [];
  const dumps = new Map<number, TableDraft[]>();
  for (const draft of drafts) {
    const tables = dumps.get(draft.dump);
    if (tables) tables.push(draft);
    else dumps.set(draft.dump, [draft]);
  }
  for (const [dump, tables] of dumps) {
    const evidence = noEvidence();
    for (const table of tables)
      for (const chain of table.chains.values())
        for (const rule of chain.rules) {
          weigh(rule, evidence);
          weigh(rule, whole);
        }
    const header = tables[0]?.headerFamily;
    const found = decideFamily(evidence, fallback);
    if (header !== undefined && found !== undefined && found !== header)
      diagnostics.push({
        severity: 'warning',
        code: 'family-contradicts-header',
        message: `The header says IPv${header}, the rules are about IPv${found}; the header counts.`,
        file: source.name,
        ...(tables[0] ? { line: tables[0].span.line } : {}),
      });
    const family = header ?? found;
    if (family !== undefined) out.set(dump, family);
    else if (tables[0]) open.push(tables[0]);
  }
  for (const table of open) {
    const found = decideFamily(whole, fallback);
    out.set(table.dump, found ?? fallback);
    if (found === undefined)
      diagnostics.push({
        severity: 'warning',
        code: 'family-assumed',
        message: `Nothing says whether this dump is about IPv4 or IPv6; it is read as IPv${fallback}. Keep the header line of iptables-save or ip6tables-save.`,
        file: source.name,
        line: table.span.line,
      });
  }
  return out;
}
