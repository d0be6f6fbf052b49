/** One table of a dump to rule lists: one a chain, or one a way of entering it where its meaning depends on that. */
import type { Condition } from '../../src/model/condition.js';
import type { Action, Rule, RuleList } from '../../src/model/firewall.js';
import { MATCH_ALL } from '../../src/model/match.js';
import type { Intervals } from '../../src/sets/intervals.js';
import type { Diagnostic } from '../../src/source/diagnostic.js';
import { condition } from './condition.js';
import { and, type Constraint, exactly, pieces } from './constraint.js';
import type { Context, Environment, RuleContext } from './context.js';
import { type ChainGraph, chainGraph, isUserChain } from './graph.js';
import { INITIATOR_PHASES, RESPONDER_PHASES } from './opaque.js';
import { BUILT_IN, type ChainRecord, type RuleRecord, type TableRecord, type TargetRecord } from './records.js';
import { CUT_OFF, cutRule, protocolClash, ruleMatch } from './rule-match.js';
import { mayTranslate, type Verdict, verdictOf } from './targets.js';

export interface ConvertedTable {
  readonly lists: readonly RuleList[];
  /** List where packets enter the table in a context; undefined: the table has no such chain. */
  entry(context: Context): string | undefined;
  /** Targets that may rewrite packets. */
  readonly translating: ReadonlyMap<Rule, TargetRecord>;
  readonly diagnostics: readonly Diagnostic[];
  readonly notExported: readonly Condition[];
}

/** A rule that stands for something the file does not show. */
export function pseudoRule(id: string, name: string, why: Condition, span?: Rule['span']): Rule {
  return {
    id,
    name,
    ...(span ? { span } : {}),
    origin: 'automatic',
    enabled: true,
    action: { kind: 'unknown' },
    match: MATCH_ALL,
    conditions: [why],
  };
}

class TableConverter {
  readonly lists: RuleList[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly notExported: Condition[] = [];
  readonly translating = new Map<Rule, TargetRecord>();
  private readonly graph: ChainGraph;
  private readonly builtIn: readonly string[];
  private readonly table: TableRecord;
  private readonly environment: Environment;
  private readonly prefix: string;
  private readonly first: Rule | undefined;

  /**
   * @param prefix unique over the device, of all list ids and coins of this table.
   * @param first a rule that stands before all others of every built-in chain.
   */
  constructor(table: TableRecord, environment: Environment, prefix: string, first: Rule | undefined) {
    this.table = table;
    this.environment = environment;
    this.prefix = prefix;
    this.first = first;
    this.graph = chainGraph(table);
    this.builtIn = BUILT_IN.get(table.name) ?? [];
  }

  convert(): void {
    for (const chain of this.table.chains.values()) {
      this.notes(chain);
      const contexts = this.graph.contexts(chain.name);
      if (contexts.length > 1 && this.graph.contextual(chain.name)) for (const context of contexts) this.chain(chain, context);
      else this.chain(chain, contexts.length === 1 ? contexts[0] : undefined);
    }
  }

  /** Id of the list of a chain as seen from a context. */
  listId(chain: string, context: Context | undefined): string {
    const base = `${this.prefix} ${chain}`;
    const contexts = this.graph.contexts(chain);
    if (contexts.length < 2 || !this.graph.contextual(chain)) return base;
    const own = context ?? (contexts[0] as Context);
    return `${base} [${own.hook} ${own.direction}]`;
  }

  private warn(code: string, message: string, line: number): void {
    this.diagnostics.push({ severity: 'warning', code, message, file: this.table.span.file, line });
  }

  private notes(chain: ChainRecord): void {
    if (!chain.span && chain.rules[0] && !this.builtIn.includes(chain.name))
      this.warn('would-be-refused', `Chain ${chain.name} is used without being declared.`, chain.rules[0].span.line);
    for (const rule of chain.rules) {
      const clash = protocolClash(rule);
      if (clash !== undefined) this.warn('would-be-refused', `-m ${clash} asks for another protocol than -p.`, rule.span.line);
      if (this.graph.loops.has(rule))
        this.warn('chain-loop', `Chain ${rule.target?.name ?? ''} calls itself by way of others.`, rule.span.line);
    }
  }

  private chain(chain: ChainRecord, context: Context | undefined): void {
    const id = this.listId(chain.name, context);
    const builtIn = this.builtIn.includes(chain.name);
    const rules: Rule[] = builtIn && this.first ? [this.first] : [];
    chain.rules.forEach((record, i) => {
      for (const rule of this.rule(chain, record, i + 1, context)) rules.push(rule);
    });
    if (!this.table.complete) rules.push(this.cutOff(chain));
    if (builtIn && chain.policy === undefined && this.table.name !== 'nat') rules.push(this.unknownPolicy(chain.name));
    const policy = builtIn ? (chain.policy ?? 'ACCEPT') : undefined;
    const action = policy === undefined ? 'return' : policy === 'ACCEPT' ? 'accept' : 'drop';
    const name = policy === undefined ? `end of chain ${chain.name}` : `policy ${policy}`;
    this.lists.push({
      id,
      title: this.title(chain.name),
      rules,
      end: { action, name, ...(chain.span ? { span: chain.span } : {}) },
    });
  }

  private title(chain: string): string {
    return `${this.environment.family === 6 ? 'ip6 ' : ''}${this.table.name} ${chain}`;
  }

  private cutOff(chain: ChainRecord): Rule {
    const what = `rest of table ${this.table.name}`;
    const why = condition('export', what, `export:${this.environment.device}:${this.prefix}:cut`, { settledBy: CUT_OFF });
    this.remember(why);
    return pseudoRule(`${this.table.name} ${chain.name}`, 'the dump ends here', why, this.table.span);
  }

  private unknownPolicy(chain: string): Rule {
    const why = condition(
      'chain',
      `policy of ${this.title(chain)}`,
      `chain:${this.environment.device}:${this.prefix}:${chain}:policy`,
      {
        settledBy: 'The file does not set it; run iptables-save on the host.',
      },
    );
    this.remember(why);
    return pseudoRule(`${this.table.name} ${chain}`, 'policy not in the file', why, this.table.span);
  }

  private remember(why: Condition): void {
    if (!this.notExported.some((known) => known.coin === why.coin)) this.notExported.push(why);
  }

  private action(record: RuleRecord, verdict: Verdict, context: Context | undefined): Action {
    if (verdict.kind !== 'call') return { kind: verdict.kind };
    return { kind: record.target?.goto ? 'goto' : 'jump', list: this.listId(record.target?.name ?? '', context) };
  }

  private verdict(chain: ChainRecord, record: RuleRecord, key: string): Verdict {
    if (record.cut) return { kind: 'unknown', conditions: [] };
    const isChain = record.target !== undefined && isUserChain(this.table, record.target.name);
    if (!this.graph.loops.has(record)) return verdictOf(record, this.table.name, key, this.graph.hooks(chain.name), isChain);
    const why = condition('construct', `loop through chain ${record.target?.name ?? ''}`, `construct:${key}:loop`, {
      settledBy: 'The kernel refuses chains that call each other in circles.',
    });
    return { kind: 'unknown', conditions: [why] };
  }

  private rule(chain: ChainRecord, record: RuleRecord, number: number, context: Context | undefined): Rule[] {
    const id = `${this.table.name} ${chain.name} ${number}`;
    const key = `${this.environment.device}:${this.prefix} ${chain.name} ${number}`;
    const scope: RuleContext = { environment: this.environment, table: this.table.name, key, context };
    const verdict = this.verdict(chain, record, key);
    let match = record.cut ? cutRule(scope) : ruleMatch(record, scope);
    if (verdict.phases) match = and(match, exactly({ phases: verdict.phases }));
    const comment = record.options.filter((option) => option.module === 'comment').map((option) => option.values[0] ?? '');
    const base = {
      id,
      name: comment.length > 0 ? comment.join(' / ') : id,
      span: record.span,
      origin: 'user' as const,
      enabled: true,
      action: this.action(record, verdict, context),
      ...(verdict.logged ? { logged: true } : {}),
      ...(comment.length > 0 ? { description: comment.join(' / ') } : {}),
    };
    const rules = halves(match)
      .flatMap(pieces)
      .map((piece): Rule => ({ ...base, match: piece.match, conditions: [...piece.conditions, ...verdict.conditions] }));
    const { target } = record;
    const open = this.table.name === 'nat' && verdict.kind === 'unknown';
    if (target && !record.cut && (open || mayTranslate(target, this.table.name)))
      for (const rule of rules) this.translating.set(rule, target);
    return rules;
  }
}

function half(match: Constraint, phases: Intervals, end: 'initiator' | 'responder'): Constraint {
  const own = match.sided.map((pair) => pair[end]);
  return and({ ...match, conditions: [...match.conditions, ...own], sided: [] }, exactly({ phases }));
}

/** Conditions about one end are about the other end in replies: then the rule is two rules of the model. */
function halves(match: Constraint): readonly Constraint[] {
  if (match.sided.length === 0) return [match];
  const there = half(match, INITIATOR_PHASES, 'initiator');
  const back = half(match, RESPONDER_PHASES, 'responder');
  const live = [there, back].filter(({ sure, maybe }) => sure.length + maybe.length > 0);
  return live.length > 0 ? live : [there];
}

export function convertTable(table: TableRecord, environment: Environment, prefix: string, first?: Rule): ConvertedTable {
  const converter = new TableConverter(table, environment, prefix, first);
  converter.convert();
  const { lists, diagnostics, notExported, translating } = converter;
  const entry = (context: Context): string | undefined =>
    table.chains.has(context.hook) ? converter.listId(context.hook, context) : undefined;
  return { lists, entry, diagnostics, notExported, translating };
}
