/** Random rule lists over a small packet space, with everything the model can express. */
import fc from 'fast-check';
import type { Condition } from '../../src/model/condition.js';
import type { Action, Firewall, Rule, RuleList } from '../../src/model/firewall.js';
import { type MatchBox, PHASE_COUNT } from '../../src/model/match.js';
import { NO_ADDRESS } from '../../src/sets/address.js';
import { EMPTY, type Intervals, union } from '../../src/sets/intervals.js';

/** Values 0..SIDE-1 of every dimension are looked at. */
export const SIDE = 2;

const subset = (size: number): fc.Arbitrary<Intervals> =>
  fc.integer({ min: 1, max: 2 ** size - 1 }).map((bits) => {
    let set: Intervals = EMPTY;
    for (let v = 0; v < size; v++) if ((bits >> v) & 1) set = union(set, [v, v + 1]);
    return set;
  });

const side = subset(SIDE);
const address = side.map((v4) => ({ v4, v6: EMPTY }));

const narrow: fc.Arbitrary<MatchBox> = fc.record(
  { source: address, destination: address, sourcePorts: side, ports: side, in: side, out: side, phases: subset(PHASE_COUNT) },
  { requiredKeys: [] },
);

const box = fc.oneof({ weight: 1, arbitrary: fc.constant<MatchBox>({}) }, { weight: 2, arbitrary: narrow });

export interface Mix {
  /** Chance in ten that a rule has bounds that differ, or an action nobody knows. */
  readonly unknown: boolean;
  readonly conditions: 'none' | 'coins' | 'any';
  /** Chains may be called more than once, and call each other in circles. */
  readonly tangled: boolean;
}

const values = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 });

function condition(mix: Mix): fc.Arbitrary<Condition> {
  const base = {
    kind: fc.constant('construct' as const),
    effect: fc.constantFrom('gate' as const, 'extent' as const),
    negated: fc.boolean(),
  };
  return fc.oneof(
    fc.record({ ...base, name: fc.constant('yes or no'), coin: fc.constantFrom('rain', 'wind') }),
    fc.record({ ...base, name: fc.constant('valued'), coin: fc.constant('colour'), values }),
    ...(mix.conditions === 'any'
      ? [fc.record({ ...base, name: fc.uuid(), coin: fc.constant('colour'), values, openEnded: fc.constant(true) })]
      : []),
  );
}

function conditions(mix: Mix): fc.Arbitrary<readonly Condition[]> {
  if (mix.conditions === 'none') return fc.constant([]);
  const some = fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(condition(mix), { minLength: 1, maxLength: 2 }) },
  );
  if (mix.conditions === 'any') return some;
  // Several extents on one rule are read as bounds; with one the reading is exact.
  return some.map((all) => all.map((one, i) => (i > 0 ? { ...one, effect: 'gate' as const } : one)));
}

const CHAINS = ['A', 'B', 'C'];

function action(mix: Mix, targets: readonly string[]): fc.Arbitrary<Action> {
  const calls = targets.length
    ? [
        { weight: 3, arbitrary: fc.constantFrom(...targets).map((list) => ({ kind: 'jump' as const, list })) },
        { weight: 2, arbitrary: fc.constantFrom(...targets).map((list) => ({ kind: 'goto' as const, list })) },
      ]
    : [];
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('accept' as const, 'drop' as const, 'reject' as const).map((kind) => ({ kind })) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('return' as const, 'continue' as const, 'untrack' as const).map((kind) => ({ kind })),
    },
    ...(mix.unknown ? [{ weight: 1, arbitrary: fc.constant({ kind: 'unknown' as const }) }] : []),
    ...calls,
  );
}

function rules(mix: Mix, targets: readonly string[]): fc.Arbitrary<readonly Omit<Rule, 'id'>[]> {
  const rule = fc
    .record({
      action: action(mix, targets),
      lo: fc.array(box, { minLength: 1, maxLength: 2 }),
      more: fc.array(box, { minLength: 1, maxLength: 2 }),
      bounds: fc.nat({ max: 9 }),
      conditions: conditions(mix),
      enabled: fc.nat({ max: 12 }).map((n) => n > 0),
    })
    .map(({ action, lo, more, bounds, conditions, enabled }): Omit<Rule, 'id'> => {
      const spread = conditions.some((c) => c.effect === 'extent') || (mix.unknown && bounds < 3);
      const inner = bounds % 2 === 0 ? [] : lo;
      return {
        name: '',
        origin: 'user',
        enabled,
        action,
        match: spread ? { lo: inner, hi: [...inner, ...more] } : { lo, hi: lo },
        conditions,
      };
    });
  return fc.array(rule, { minLength: 1, maxLength: 4 });
}

/** Callable chains of each list, so that every chain has one caller at most and none calls itself. */
const STRAIGHT: Readonly<Record<string, readonly string[]>> = { first: ['A'], second: ['B'], A: ['C'], B: [], C: [] };

function keepFirstCall(list: readonly Omit<Rule, 'id'>[]): readonly Omit<Rule, 'id'>[] {
  let called = false;
  return list.map((rule) => {
    if (rule.action.kind !== 'jump' && rule.action.kind !== 'goto') return rule;
    const again = called;
    called = true;
    return again ? { ...rule, action: { kind: 'continue' } } : rule;
  });
}

/** A device with the lists `first` and `second`, to be used as the stages of a path. */
export function randomFirewall(mix: Mix): fc.Arbitrary<Firewall> {
  const targets = (id: string): readonly string[] =>
    mix.tangled ? [...CHAINS, ...(mix.unknown ? ['missing'] : [])] : (STRAIGHT[id] ?? []);
  const list = (id: string, callable: boolean): fc.Arbitrary<RuleList> =>
    fc.record({ rules: rules(mix, targets(id)), end: fc.constantFrom('accept' as const, 'drop' as const) }).map((made) => ({
      id,
      title: id,
      rules: (mix.tangled ? made.rules : keepFirstCall(made.rules)).map((rule, i) => ({ ...rule, id: `${id}${i + 1}` })),
      end: { action: callable ? 'return' : made.end, name: `end of ${id}` },
    }));
  return fc.tuple(list('first', false), list('second', false), ...CHAINS.map((id) => list(id, true))).map((lists) => ({
    name: 'random',
    vendor: 'none',
    kind: 'host',
    files: ['random.txt'],
    links: { kind: 'interface', names: ['left', 'right'] },
    lists: new Map(lists.map((one) => [one.id, one])),
    entries: { in: { stages: { 4: ['first', 'second'] }, in: EMPTY, out: EMPTY } },
    ownAddresses: NO_ADDRESS,
    ownAddressesComplete: true,
    repliesByRules: false,
    notExported: [],
    diagnostics: [],
  }));
}
