/** Declared facts against conditions: a rule that asks for another value than the declared one cannot match. */
import type { Condition, FactName } from '../model/condition.js';

export type Facts = ReadonlyMap<FactName, string>;
export const NO_FACTS: Facts = new Map();

const ENVIRONMENT: readonly (readonly [variable: string, path: string])[] = [
  ['%systemroot%', 'c:\\windows'],
  ['%windir%', 'c:\\windows'],
  ['%programfiles(x86)%', 'c:\\program files (x86)'],
  ['%programfiles%', 'c:\\program files'],
  ['%systemdrive%', 'c:'],
];

/** A Windows path in lower case with the standard variables expanded; C: is taken off as the usual system drive, another drive is not. */
export function normalProgram(path: string): string {
  let text = path.trim().toLowerCase().replaceAll('/', '\\');
  for (const [variable, value] of ENVIRONMENT) if (text.startsWith(variable)) text = value + text.slice(variable.length);
  return text.replace(/^c:/, '');
}

const fileName = (path: string): string => path.slice(path.lastIndexOf('\\') + 1);

const canonical = new WeakMap<Condition, readonly string[]>();

/** The values of a condition as they are compared: upper and lower case are one, programs as `normalProgram`; sorted. */
export function canonicalValues(condition: Condition): readonly string[] {
  const known = canonical.get(condition);
  if (known) return known;
  const plain = (value: string): string => (condition.kind === 'program' ? normalProgram(value) : value.toLowerCase());
  const values = [...new Set((condition.values ?? []).map(plain))].sort();
  canonical.set(condition, values);
  return values;
}

const withoutDrive = (path: string): string => path.replace(/^[a-z]:/, '');

/**
 * Two canonical values that differ and yet may name one thing: a path with a variable whose value nobody gave, or one that
 * differs in the drive alone, since the system drive may be another one.
 */
export const mayBeSame = (condition: Condition, a: string, b: string): boolean =>
  condition.kind === 'program' &&
  (withoutDrive(a) === withoutDrive(b) || ((a.includes('%') || b.includes('%')) && fileName(a) === fileName(b)));

/** Same path: true; another file name: false; same file name in another folder, or declared without one: open. */
function matchProgram(declared: string, values: readonly string[]): boolean | undefined {
  const mine = normalProgram(declared);
  if (values.includes(mine)) return true;
  return values.some((path) => fileName(path) === fileName(mine)) ? undefined : false;
}

/**
 * @returns undefined when no fact of that name is declared or it leaves the matter open. `negated` is not applied here.
 */
export function matchFact(condition: Condition, facts: Facts): boolean | undefined {
  if (!condition.fact || !condition.values) return undefined;
  const declared = facts.get(condition.fact);
  if (declared === undefined) return undefined;
  if (condition.kind === 'program') return matchProgram(declared, canonicalValues(condition));
  if (canonicalValues(condition).includes(declared.toLowerCase())) return true;
  return condition.openEnded ? undefined : false;
}
