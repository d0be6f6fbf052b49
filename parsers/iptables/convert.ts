/** The tables of one device to a Firewall: every table on a packet's path is a stage, in the order of the kernel's hooks. */
import type { Condition } from '../../src/model/condition.js';
import type { Direction, Entry, Firewall, Rule, RuleList, Translation } from '../../src/model/firewall.js';
import type { Family } from '../../src/sets/address.js';
import type { Diagnostic } from '../../src/source/diagnostic.js';
import { condition } from './condition.js';
import { CONTEXTS, type Context, type Environment, type Hook } from './context.js';
import { type ConvertedTable, convertTable, pseudoRule } from './convert-table.js';
import { type DeviceInput, environmentOf } from './device.js';
import { type LinkSpace, linkSpace, routesOf } from './links.js';
import { DIRECTIONS, PATHS } from './paths.js';
import { BUILT_IN, type TableRecord, type TargetRecord } from './records.js';
import { type TranslationEntry, translationsOf } from './translations.js';

/** What converting one family gives; lists of all families share one map. */
interface FamilyResult {
  readonly stages: ReadonlyMap<Direction, readonly string[]>;
  readonly translations: readonly Translation[];
  readonly notExported: readonly Condition[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Two blocks of one table: the legacy and the nft backend at once, or one that replaced the other. */
function bothLive(earlier: TableRecord, later: TableRecord): boolean {
  return earlier.backend !== undefined && later.backend !== undefined && earlier.backend !== later.backend;
}

/** A rule that lets everything pass a block if that block was replaced by a later one. */
function replacedRule(table: TableRecord, device: string, prefix: string): Rule {
  const why = condition(
    'construct',
    `an earlier *${table.name} block was replaced by a later one`,
    `construct:${device}:${prefix}:replaced`,
    {
      settledBy: 'Keep one dump in the file: what iptables-save prints now.',
    },
  );
  return { ...pseudoRule(table.name, 'is this block in force?', why, table.span), action: { kind: 'accept' } };
}

class FamilyConverter {
  readonly notExported: Condition[] = [];
  readonly diagnostics: Diagnostic[] = [];
  private readonly converted = new Map<string, ConvertedTable[]>();
  private readonly family: Family;
  private readonly input: DeviceInput;
  private readonly tables: readonly TableRecord[];
  private readonly lists: Map<string, RuleList>;
  private readonly environment: Environment;

  constructor(input: DeviceInput, family: Family, links: LinkSpace, lists: Map<string, RuleList>) {
    this.input = input;
    this.family = family;
    this.lists = lists;
    this.tables = input.tables.filter((table) => table.family === family && BUILT_IN.has(table.name));
    this.environment = environmentOf(input, family, this.tables, links);
  }

  convert(): FamilyResult {
    for (const name of BUILT_IN.keys()) this.convertTables(name);
    const unseen = this.unseen();
    const stages = new Map<Direction, readonly string[]>();
    for (const direction of DIRECTIONS) stages.set(direction, [...this.path(direction), ...unseen]);
    return { stages, translations: this.translations(), notExported: this.notExported, diagnostics: this.diagnostics };
  }

  /** The nat tables; and mangle, where TPROXY takes packets in. */
  private translations(): readonly Translation[] {
    const entries = new Map<string, TranslationEntry>();
    const targets = new Map<Rule, TargetRecord>();
    for (const table of ['mangle', 'nat'])
      for (const converted of this.converted.get(table) ?? []) {
        if (table === 'mangle' && converted.translating.size === 0) continue;
        for (const [rule, target] of converted.translating) targets.set(rule, target);
        for (const context of CONTEXTS) {
          if (!BUILT_IN.get(table)?.includes(context.hook)) continue;
          const list = converted.entry(context);
          if (list !== undefined) entries.set(`${context.hook} ${list}`, { table, hook: context.hook, list });
        }
      }
    return translationsOf([...entries.values()], this.lists, targets, this.environment);
  }

  private convertTables(name: string): void {
    const blocks = this.tables.filter((table) => table.name === name);
    const out: ConvertedTable[] = [];
    const latest = new Map<string | undefined, number>();
    for (const [i, block] of blocks.entries()) latest.set(block.backend, i);
    blocks.forEach((block, i) => {
      const last = blocks.at(-1) as TableRecord;
      const replaced = latest.get(block.backend) !== i || (block !== last && !bothLive(block, last));
      const prefix = `ipv${this.family} ${name}${i > 0 ? ` #${i + 1}` : ''}`;
      if (replaced) this.ambiguous(block);
      const converted = convertTable(
        block,
        this.environment,
        prefix,
        replaced ? replacedRule(block, this.input.name, prefix) : undefined,
      );
      for (const list of converted.lists) this.lists.set(list.id, name === 'filter' ? list : { ...list, secondary: true });
      this.notExported.push(...converted.notExported);
      this.diagnostics.push(...converted.diagnostics);
      if (!block.complete) this.truncated(block);
      out.push(converted);
    });
    if (out.length > 0) this.converted.set(name, out);
  }

  private diagnose(severity: Diagnostic['severity'], code: string, message: string, span?: TableRecord['span']): void {
    this.diagnostics.push({ severity, code, message, ...(span ? { file: span.file, line: span.line } : {}) });
  }

  private ambiguous(block: TableRecord): void {
    const message = `Table ${block.name} (IPv${this.family}) comes again later; whether this block is still in force cannot be told.`;
    this.diagnose('warning', 'table-repeated', message, block.span);
  }

  private truncated(block: TableRecord): void {
    this.diagnose('warning', 'truncated', `Table ${block.name} does not end with COMMIT: the dump is cut off.`, block.span);
  }

  private path(direction: Direction): string[] {
    const out: string[] = [];
    for (const [table, hook] of PATHS[direction]) {
      const context: Context = { hook, direction };
      for (const converted of this.converted.get(table) ?? []) {
        const id = converted.entry(context);
        if (id !== undefined && (table === 'filter' || this.decides(id))) out.push(id);
        else if (id === undefined && table !== 'nat') out.push(this.missingChain(table, hook));
      }
    }
    return out;
  }

  /** Whether a list can do anything but let packets pass: most tables of most hosts are empty. */
  private decides(id: string): boolean {
    const seen = new Set([id]);
    const work = [id];
    if (this.lists.get(id)?.end.action === 'drop') return true;
    for (let next = work.pop(); next !== undefined; next = work.pop())
      for (const { action } of this.lists.get(next)?.rules ?? []) {
        if (['drop', 'reject', 'unknown', 'untrack'].includes(action.kind)) return true;
        if ((action.kind === 'jump' || action.kind === 'goto') && !seen.has(action.list)) {
          seen.add(action.list);
          work.push(action.list);
        }
      }
    return false;
  }

  /** A built-in chain that the file does not mention: real dumps always list all of a table. */
  private missingChain(table: string, hook: Hook): string {
    const id = `ipv${this.family} ${table} ${hook} (not in the file)`;
    if (this.lists.has(id)) return id;
    const why = condition('chain', `${table} ${hook}`, `chain:${this.input.name}:${id}`, {
      settledBy: 'The file does not mention this built-in chain; run iptables-save on the host.',
    });
    this.pseudoList(id, `${table} ${hook}`, why);
    return id;
  }

  private pseudoList(id: string, title: string, why: Condition): void {
    this.notExported.push(why);
    const rules = [pseudoRule(title, 'not in the file', why)];
    this.lists.set(id, { id, title, rules, secondary: true, end: { action: 'accept', name: 'not in the file' } });
  }

  /** Stages for what the export does not show; an assumption settles them unless the export warns. */
  private unseen(): string[] {
    return [...this.unseenTables(), ...this.warned()];
  }

  private unseenTables(): string[] {
    const missing = [...BUILT_IN.keys()].filter((name) => !this.converted.has(name));
    if (missing.length === 0) return [];
    const id = `ipv${this.family} tables not in the file`;
    const list = missing.join(', ');
    const tool = this.family === 6 ? 'ip6tables-save' : 'iptables-save';
    const cut = this.tables.at(-1)?.complete === false;
    const why = condition('export', `tables ${list}`, `export:${this.input.name}:${id}`, {
      settledBy: `Run ${tool} without -t as root, so that all tables are printed.`,
      ...(cut ? {} : { assumption: { id: 'unseen-tables-empty', value: false, on: true } as const }),
    });
    this.pseudoList(id, `${this.family === 6 ? 'ip6 ' : ''}tables not in the file`, why);
    this.diagnose('info', 'tables-not-seen', `IPv${this.family}: the export does not show the tables ${list}.`);
    return [id];
  }

  private warned(): string[] {
    const backends = new Set(this.tables.map((table) => table.backend));
    const suppliesLegacy = backends.has('nft') && backends.has('unmarked');
    const out: string[] = [];
    for (const gap of this.input.gaps) {
      if (gap.kind === 'legacy' && (suppliesLegacy || gap.text.includes('ip6tables') !== (this.family === 6))) continue;
      const what = gap.kind === 'legacy' ? 'rules of the legacy backend' : gap.text.replace(/^#\s*/, '');
      const id = `ipv${this.family} ${what} (not in the file)`;
      if (this.lists.has(id)) continue;
      const why = condition('construct', what, `construct:${this.input.name}:${id}`, {
        settledBy:
          gap.kind === 'legacy'
            ? 'Append the output of iptables-legacy-save (ip6tables-legacy-save).'
            : 'Ask for `nft -j list ruleset`.',
      });
      this.pseudoList(id, what, { ...why, span: gap.span });
      this.diagnose('warning', 'rules-not-shown', `The export says that it does not show everything: ${what}.`, gap.span);
      out.push(id);
    }
    return out;
  }
}

function entriesOf(byFamily: ReadonlyMap<Family, FamilyResult>, links: LinkSpace): Partial<Record<Direction, Entry>> {
  const entries: Partial<Record<Direction, Entry>> = {};
  for (const direction of DIRECTIONS) {
    const stages: Partial<Record<Family, readonly string[]>> = {};
    for (const [family, result] of byFamily) stages[family] = result.stages.get(direction) ?? [];
    entries[direction] = {
      stages,
      in: direction === 'out' ? links.none : links.network,
      out: direction === 'in' ? links.none : links.network,
    };
  }
  return entries;
}

/** Converts all tables of one device. Pure; never throws on records that extract made. */
export function convert(input: DeviceInput): Firewall {
  const links = linkSpace(
    input.tables,
    input.host.connected.map(({ link }) => link),
  );
  const lists = new Map<string, RuleList>();
  const byFamily = new Map<Family, FamilyResult>();
  const diagnostics: Diagnostic[] = [];
  for (const family of [4, 6] as const) {
    if (input.tables.some((table) => table.family === family && BUILT_IN.has(table.name)))
      byFamily.set(family, new FamilyConverter(input, family, links, lists).convert());
    else
      diagnostics.push({
        severity: 'info',
        code: 'family-not-in-export',
        message: `IPv${family} is not in the export; flows of that family are not judged. Add the output of ip${family === 6 ? '6' : ''}tables-save.`,
      });
  }
  const results = [...byFamily.values()];
  const routes = routesOf(input.host, links);
  return {
    name: input.name,
    vendor: 'iptables',
    kind: 'host',
    files: input.files,
    links: { kind: 'interface', names: links.names },
    linkOf: links.numberOf,
    lists,
    entries: entriesOf(byFamily, links),
    ...(routes ? { routes } : {}),
    ownAddresses: input.host.own,
    ownAddressesComplete: input.host.complete,
    repliesByRules: true,
    translations: results.flatMap((result) => result.translations),
    notExported: results.flatMap((result) => result.notExported),
    diagnostics: [...diagnostics, ...results.flatMap((result) => result.diagnostics)],
  };
}
