/** Which chains call which: where each chain is reached from, what depends on that, and which calls go in circles. */
import { CONTEXTS, type Context, type Hook } from './context.js';
import { BUILT_IN, type RuleRecord, type TableRecord } from './records.js';

export interface ChainGraph {
  /** Hooks from which a chain can be reached. */
  hooks(chain: string): ReadonlySet<Hook>;
  /** Ways in which a chain can be entered. */
  contexts(chain: string): readonly Context[];
  /** The chain, or one that it calls, means different things in different contexts. */
  contextual(chain: string): boolean;
  /** Calls that close a circle. */
  readonly loops: ReadonlySet<RuleRecord>;
}

const NO_HOOKS: ReadonlySet<Hook> = new Set();
const CONTEXT_MODULES: ReadonlySet<string> = new Set(['addrtype', 'pkttype', 'owner', 'mark']);

export const isUserChain = (table: TableRecord, name: string): boolean =>
  table.chains.has(name) && !(BUILT_IN.get(table.name) ?? []).includes(name);

function callees(table: TableRecord): Map<string, string[]> {
  const out = new Map<string, string[]>();
  for (const chain of table.chains.values()) {
    const names = new Set<string>();
    for (const { target } of chain.rules) if (target && isUserChain(table, target.name)) names.add(target.name);
    out.set(chain.name, [...names]);
  }
  return out;
}

function reach(start: readonly string[], next: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set(start);
  const work = [...start];
  for (let name = work.pop(); name !== undefined; name = work.pop())
    for (const to of next.get(name) ?? [])
      if (!seen.has(to)) {
        seen.add(to);
        work.push(to);
      }
  return seen;
}

function dependsOnContext(rule: RuleRecord, hooks: ReadonlySet<Hook>): boolean {
  return rule.options.some(
    ({ module, name }) =>
      CONTEXT_MODULES.has(module) ||
      (module === 'ip' && ((name === 'o' && hooks.has('PREROUTING')) || (name === 'i' && hooks.has('POSTROUTING')))),
  );
}

/** Depth-first without recursion: chains may be nested thousands deep. */
function findLoops(table: TableRecord): ReadonlySet<RuleRecord> {
  const loops = new Set<RuleRecord>();
  const done = new Set<string>();
  for (const root of table.chains.values()) {
    if (done.has(root.name)) continue;
    const path: { name: string; rules: readonly RuleRecord[]; at: number }[] = [{ name: root.name, rules: root.rules, at: 0 }];
    const onPath = new Set([root.name]);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const rule = top.rules[top.at++];
      if (!rule) {
        done.add(top.name);
        onPath.delete(top.name);
        path.pop();
        continue;
      }
      const name = rule.target?.name ?? '';
      if (!isUserChain(table, name)) continue;
      if (onPath.has(name)) loops.add(rule);
      else if (!done.has(name)) {
        onPath.add(name);
        path.push({ name, rules: table.chains.get(name)?.rules ?? [], at: 0 });
      }
    }
  }
  return loops;
}

export function chainGraph(table: TableRecord): ChainGraph {
  const next = callees(table);
  const builtIn = BUILT_IN.get(table.name) ?? [];
  const hooksOf = new Map<string, Set<Hook>>();
  for (const hook of builtIn)
    for (const name of reach([hook], next)) {
      const hooks = hooksOf.get(name) ?? new Set<Hook>();
      hooks.add(hook as Hook);
      hooksOf.set(name, hooks);
    }
  const hooks = (chain: string): ReadonlySet<Hook> => hooksOf.get(chain) ?? NO_HOOKS;
  const callers = new Map<string, string[]>();
  for (const [from, names] of next)
    for (const to of names) {
      const list = callers.get(to);
      if (list) list.push(from);
      else callers.set(to, [from]);
    }
  const own = [...table.chains.values()].filter((chain) => chain.rules.some((rule) => dependsOnContext(rule, hooks(chain.name))));
  const contextual = reach(
    own.map((chain) => chain.name),
    callers,
  );
  return {
    hooks,
    contexts: (chain) => CONTEXTS.filter((context) => hooks(chain).has(context.hook)),
    contextual: (chain) => contextual.has(chain),
    loops: findLoops(table),
  };
}
