/** Worlds: what nobody can tell from a configuration is a question; every answer to it is tried. */

/** A question that the present world has no answer to. */
export class Question<T = unknown> extends Error {
  readonly key: string;
  readonly answers: readonly T[];
  constructor(key: string, answers: readonly T[]) {
    super(key);
    this.key = key;
    this.answers = answers;
  }
}

export class World {
  readonly #known: ReadonlyMap<string, unknown>;
  constructor(known: ReadonlyMap<string, unknown>) {
    this.#known = known;
  }
  /** The same key has the same answer wherever it is asked. */
  choose<T>(key: string, answers: readonly T[]): T {
    if (answers.length === 1) return answers[0] as T;
    if (!this.#known.has(key)) throw new Question(key, answers);
    return this.#known.get(key) as T;
  }
  fact(key: string): boolean {
    return this.choose(key, [true, false]);
  }
}

function decided(wanted: boolean, tests: Iterable<() => boolean>): boolean {
  let open: Question | undefined;
  for (const test of tests) {
    try {
      if (test() === wanted) return wanted;
    } catch (error) {
      if (!(error instanceof Question)) throw error;
      open ??= error;
    }
  }
  if (open) throw open;
  return !wanted;
}

/** Questions are asked only when nothing else decides. */
export const all = (...tests: readonly (() => boolean)[]): boolean => decided(false, tests);
export const some = <T>(list: readonly T[], test: (one: T) => boolean): boolean =>
  decided(
    true,
    list.map((one) => () => test(one)),
  );

const WORLD_LIMIT = 3000;

export interface Explored<T> {
  readonly outcomes: ReadonlySet<T>;
  /** Keys of the questions that were asked. */
  readonly asked: ReadonlySet<string>;
  readonly complete: boolean;
}

/** Every outcome over all worlds; stops as soon as there are more than `enough`. */
export function explore<T>(run: (world: World) => T, enough = 1): Explored<T> {
  const outcomes = new Set<T>();
  const asked = new Set<string>();
  const stack: ReadonlyMap<string, unknown>[] = [new Map()];
  for (let runs = 0; stack.length > 0; runs++) {
    if (outcomes.size > enough) return { outcomes, asked, complete: true };
    if (runs > WORLD_LIMIT) return { outcomes, asked, complete: false };
    const known = stack.pop() ?? new Map<string, unknown>();
    try {
      outcomes.add(run(new World(known)));
    } catch (error) {
      if (!(error instanceof Question)) throw error;
      asked.add(error.key);
      for (const answer of error.answers) stack.push(new Map(known).set(error.key, answer));
    }
  }
  return { outcomes, asked, complete: true };
}
