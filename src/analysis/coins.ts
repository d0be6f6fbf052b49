/**
 * Conditions as coins. A condition is settled by a declared fact or an assumption, or it stays open; open conditions
 * that name the same fact are one coin, thrown once for all rules and hops.
 */
import type { AssumptionId, Condition } from '../model/condition.js';
import type { CompiledRule } from './compile.js';
import { type Facts, matchFact } from './facts.js';
import type { Resolve } from './pass.js';

/** Undefined: open. */
export type Truth = boolean | undefined;

export interface Settings {
  /** Assumptions turned on; `strict` turns all off, the defaults included. */
  readonly assume: ReadonlySet<AssumptionId>;
  readonly strict: boolean;
}

export const DEFAULT_SETTINGS: Settings = { assume: new Set(), strict: false };

export function assumed(condition: Condition, settings: Settings): Truth {
  const { assumption } = condition;
  if (!assumption || settings.strict) return undefined;
  return assumption.on || settings.assume.has(assumption.id) ? assumption.value : undefined;
}

/** What facts and assumptions say of a condition. */
export function settled(condition: Condition, facts: Facts, settings: Settings): Truth {
  const byFact = matchFact(condition, facts);
  if (byFact !== undefined) return condition.negated ? !byFact : byFact;
  return assumed(condition, settings);
}

/** One throw of the shared coins: coin -> value (`yes`/`no`, or one of the values, or OTHER). */
export type World = ReadonlyMap<string, string>;
export const OTHER = '\u0000other';

function inWorld(condition: Condition, world: World): Truth {
  const value = world.get(condition.coin);
  if (value === undefined) return undefined;
  const truth = condition.values ? condition.values.includes(value) : value === 'yes';
  return condition.negated ? !truth : truth;
}

/** Reads rules in one world: gates that are shut match nothing, extents reach to `hi` or stay at `lo`. */
export function resolver(facts: Facts, settings: Settings, world: World): Resolve {
  return (rule: CompiledRule) => {
    if (rule.conditions.length === 0) return rule;
    let openGate = false;
    let extents: 'none' | 'all' | 'mixed' | undefined;
    for (const condition of rule.conditions) {
      const truth = settled(condition, facts, settings) ?? inWorld(condition, world);
      if (condition.effect === 'gate') {
        if (truth === false) return undefined;
        if (truth === undefined) openGate = true;
      } else {
        const here = truth === undefined ? 'mixed' : truth ? 'all' : 'none';
        extents = extents === undefined || extents === here ? here : 'mixed';
      }
    }
    const hi = extents === 'none' ? rule.lo : rule.hi;
    if (openGate) return { lo: [], hi };
    return { lo: extents === 'all' ? rule.hi : rule.lo, hi };
  };
}

/** More worlds than this are not enumerated: the coins then count as independent, which only adds `conditional`. */
export const WORLD_LIMIT = 1024;

/** Values of a coin that the conditions can tell apart: values that occur in the same conditions behave alike. */
function faces(conditions: readonly Condition[]): readonly string[] {
  if (!conditions.some((condition) => condition.values)) return ['yes', 'no'];
  const bySignature = new Map<string, string>();
  for (const value of new Set(conditions.flatMap((condition) => condition.values ?? [])))
    bySignature.set(conditions.map((c) => (c.values?.includes(value) ? '1' : '0')).join(''), value);
  return [...bySignature.values(), OTHER];
}

/**
 * The worlds of the coins that more than one of the rules asks for. Coins asked for once stay open: a lone unknown is
 * decided exactly by the bounds.
 * @returns undefined when there would be more than WORLD_LIMIT.
 */
export function worldsOf(rules: Iterable<CompiledRule>, facts: Facts, settings: Settings): readonly World[] | undefined {
  const uses = new Map<string, Condition[]>();
  for (const rule of rules)
    for (const condition of rule.conditions) {
      if (settled(condition, facts, settings) !== undefined) continue;
      const list = uses.get(condition.coin);
      if (list) list.push(condition);
      else uses.set(condition.coin, [condition]);
    }
  let worlds: Map<string, string>[] = [new Map()];
  for (const [coin, conditions] of uses) {
    if (conditions.length < 2) continue;
    const values = faces(conditions);
    if (worlds.length * values.length > WORLD_LIMIT) return undefined;
    worlds = worlds.flatMap((world) => values.map((value) => new Map(world).set(coin, value)));
  }
  return worlds;
}
