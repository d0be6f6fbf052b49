/**
 * Conditions as coins. A condition is settled by a declared fact or an assumption, or it stays open; open conditions
 * that name the same fact are one coin, thrown once for all rules and hops.
 */
import type { AssumptionId, Condition } from '../model/condition.js';
import type { CompiledRule } from './compile.js';
import { canonicalValues, type Facts, matchFact, mayBeSame } from './facts.js';
import type { Resolve } from './pass.js';

/** Undefined: open. */
export type Truth = boolean | undefined;

export interface Settings {
  /** Assumptions turned on; `strict` turns all off, these and the defaults. */
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
  if (condition.undeclared !== undefined && condition.fact && !facts.has(condition.fact)) return condition.undeclared;
  return assumed(condition, settings);
}

/** One throw of the shared coins: coin -> value (`yes`/`no`; one of the values, OTHER, or BEYOND and a container). */
export type World = ReadonlyMap<string, string>;
/** A value that no condition lists and that no open-ended one holds either. */
export const OTHER = '\u0000other';
/** A value that no condition lists, in the open-ended container whose key follows; whether in others too is open. */
const BEYOND = '\u0000beyond ';

/** Containers that list the same and yet have different names may hold different values beyond the list. */
const containerKey = (condition: Condition): string => [condition.name, ...canonicalValues(condition)].join('\u0000');

function inWorld(condition: Condition, world: World): Truth {
  const value = world.get(condition.coin);
  if (value === undefined) return undefined;
  const truth = condition.values ? holdsValue(condition, value) : value === 'yes';
  return condition.negated && truth !== undefined ? !truth : truth;
}

function holdsValue(condition: Condition, value: string): Truth {
  const values = canonicalValues(condition);
  if (values.includes(value)) return true;
  if (condition.openEnded) return value === OTHER ? false : value === BEYOND + containerKey(condition) ? true : undefined;
  return values.some((mine) => mayBeSame(condition, mine, value)) ? undefined : false;
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

/**
 * Values of a coin that the conditions can tell apart: values that occur in the same conditions behave alike.
 * Undefined where conditions disagree whether the coin has values at all: such a coin stays open.
 */
function faces(conditions: readonly Condition[]): readonly string[] | undefined {
  const valued = conditions.filter((condition) => condition.values);
  if (valued.length === 0) return ['yes', 'no'];
  if (valued.length < conditions.length) return undefined;
  const bySignature = new Map<string, string>();
  for (const value of new Set(valued.flatMap(canonicalValues)))
    bySignature.set(valued.map((condition) => String(holdsValue(condition, value))).join(), value);
  const containers = new Set(valued.filter((condition) => condition.openEnded).map(containerKey));
  return [...bySignature.values(), ...[...containers].map((key) => BEYOND + key), OTHER];
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
    if (!values) continue;
    if (worlds.length * values.length > WORLD_LIMIT) return undefined;
    worlds = worlds.flatMap((world) => values.map((value) => new Map(world).set(coin, value)));
  }
  return worlds;
}
