/** Everything unknown about a flow as a set of values: directions, links, addresses of unbound ends; and what holds for each. */
import type { Direction } from '../model/firewall.js';
import type { Verdict } from '../model/verdict.js';
import type { Family } from '../sets/address.js';
import { type Intervals, intersect, subtract, unionAll } from '../sets/intervals.js';
import { NOTHING, type Region, shadowOn, simplify, subtractRegion, uniteRegions } from '../sets/region.js';
import type { CompiledFirewall } from './compile.js';
import { ASSIGNMENT_LIMIT, type Evaluation, evaluate, type Judging } from './evaluate.js';
import type { Bench, Flow } from './flow.js';
import { StepLimitError } from './pass.js';
import { DIM } from './space.js';
import { type Findings, verdictOf } from './table.js';
import { blinded, type Rewritten, rewrittenBy } from './translated.js';
import { type Device, openDirections, unreadReplies, type View, viewOf } from './view.js';

export const FAMILIES: readonly Family[] = [4, 6];

export const unite = (regions: readonly Region[]): Region => regions.reduce((all, region) => uniteRegions(all, region), NOTHING);

export const common = (a: Region, b: Region): Region => subtractRegion(a, subtractRegion(a, b));

/** Which direction is meant on devices of which nobody knows the addresses. */
export type Directions = ReadonlyMap<Device, Direction>;

export interface FamilyChoice {
  readonly family: Family;
  readonly evaluation: Evaluation;
  readonly findings: Findings;
}

/** One choice of everything unknown about directions and links, for both families. */
export interface Choice {
  readonly directions: Directions;
  readonly byFamily: readonly FamilyChoice[];
}

export interface FamilyRun {
  readonly family: Family;
  readonly flow: Region;
  readonly views: readonly View[];
  readonly evaluations: readonly Evaluation[];
  readonly unjudged: Region;
  /** The part of `unjudged` that crosses no audited device. */
  readonly unseen: Region;
  readonly doubtful: Region;
  /** Packets between `any` and neighbours of the other end, which meet no device and need none: not part of `flow`. */
  readonly aside: Region;
  readonly rewritten: readonly Rewritten[];
}

/** One way to read the directions of a flow, judged. */
export interface Reading {
  readonly directions: Directions;
  readonly runs: readonly FamilyRun[];
}

/** Every combination of directions where they are unknown; one empty combination where they are not. */
export function directionsOf(devices: readonly Device[], flow: Flow, alone: boolean): readonly Directions[] {
  let combinations: Map<Device, Direction>[] = [new Map()];
  for (const device of devices) {
    const open = flow.stated?.get(device)?.direction ? [] : openDirections(device, alone);
    if (open.length < 2) continue;
    combinations = combinations.flatMap((one) => open.map((direction) => new Map(one).set(device, direction)));
    if (combinations.length > ASSIGNMENT_LIMIT) throw new StepLimitError('the addresses of too many devices are unknown');
  }
  return combinations;
}

export function readingsOf(
  bench: Bench,
  devices: readonly Device[],
  flow: Flow,
  judging: Judging,
  alone: boolean,
): readonly Reading[] {
  const families = FAMILIES.filter((family) => (flow.packets[family]?.length ?? 0) > 0);
  return directionsOf(devices, flow, alone).map((directions) => {
    const stated = new Map(flow.stated);
    for (const [device, direction] of directions) stated.set(device, { ...stated.get(device), direction, tried: true });
    return { directions, runs: families.map((family) => runFamily(bench, devices, { ...flow, stated }, family, judging)) };
  });
}

/**
 * Packets `beyond` every device whose stated ends some device forwards other packets for: those of their neighbours.
 * A host's own filter tells nothing of that: all that its host receives meets it.
 */
function neighboursIn(beyond: Region, views: readonly View[], ends: Flow['neighboursOf']): Region {
  if (!ends || ends.length === 0 || beyond.length === 0) return NOTHING;
  const forwarded = views.flatMap((view) => view.parts.flatMap((part) => (part.direction === 'forward' ? part.flow : [])));
  const seen = ends.map((end) => ({ dimension: DIM[end], values: shadowOn(forwarded, DIM[end]) }));
  return beyond.flatMap((box) => {
    const mine = seen.reduce((one, { dimension, values }) => one.with(dimension, intersect(one[dimension] ?? [], values)), box);
    return mine.some((set) => set.length === 0) ? [] : [mine];
  });
}

export function runFamily(bench: Bench, devices: readonly Device[], flow: Flow, family: Family, judging: Judging): FamilyRun {
  const packets = flow.packets[family] ?? NOTHING;
  const views = devices.map((device) => ({
    device,
    compiled: (bench.compiled.get(device) as Record<Family, CompiledFirewall>)[family],
  }));
  const seen = views.map(({ device, compiled }) => {
    const view = viewOf(device, compiled, packets, flow.stated?.get(device) ?? {});
    const unread = judging.firstPacket ? view.unread : uniteRegions(view.unread, unreadReplies(view, family));
    return { view: { ...view, unread }, device: compiled };
  });
  const crossed = seen.filter(({ view }) => view.parts.length > 0 || view.discarded.length > 0 || view.unread.length > 0);
  const rewritten = rewrittenBy(crossed);
  const touched = blinded(crossed, rewritten);
  const judged = unite(touched.map(({ view }) => unite([...view.parts.map((part) => part.flow), view.discarded])));
  const unread = unite(touched.map(({ view }) => view.unread));
  const beyond = simplify(subtractRegion(packets, uniteRegions(judged, unread)));
  const aside = neighboursIn(
    beyond,
    touched.map(({ view }) => view),
    flow.neighboursOf,
  );
  const unseen = simplify(subtractRegion(beyond, aside));
  return {
    family,
    flow: aside.length === 0 ? packets : subtractRegion(packets, aside),
    aside,
    rewritten,
    views: touched.map(({ view }) => view),
    evaluations: packets.length === 0 ? [] : evaluate(touched, judging),
    unseen,
    unjudged: simplify(uniteRegions(unseen, unread)),
    doubtful: unite(
      touched.flatMap(({ view }) =>
        view.parts.filter((part) => part.doubtful || part.unrouted || part.endsHere).map((part) => part.flow),
      ),
    ),
  };
}

export function findingsOf(run: FamilyRun, evaluation: Evaluation): Findings {
  const open = uniteRegions(evaluation.open, subtractRegion(run.doubtful, evaluation.denied));
  const unjudged = subtractRegion(run.unjudged, evaluation.denied);
  return { flow: run.flow, denied: evaluation.denied, open, unjudged, unseen: run.unseen };
}

/** Every combination of the families' choices; they are few (see ASSIGNMENT_LIMIT). */
export function choicesOf({ directions, runs }: Reading): readonly Choice[] {
  let choices: Choice[] = [{ directions, byFamily: [] }];
  for (const run of runs) {
    if (run.evaluations.length === 0) continue;
    choices = choices.flatMap((choice) =>
      run.evaluations.map((evaluation) => ({
        directions,
        byFamily: [...choice.byFamily, { family: run.family, evaluation, findings: findingsOf(run, evaluation) }],
      })),
    );
  }
  return choices;
}

/** Classes of addresses at a free end that no finding tells apart. */
export function classesOn(findings: Findings, dimension: number): readonly Intervals[] {
  let classes: Intervals[] = [unionAll(findings.flow.map((box) => box[dimension] as Intervals))];
  const sets = [findings.denied, findings.open, findings.unjudged, findings.unseen, findings.flow]
    .flat()
    .map((box) => box[dimension] as Intervals);
  for (const set of new Map(sets.map((s) => [s.join(','), s])).values())
    classes = classes.flatMap((one) => [intersect(one, set), subtract(one, set)].filter((part) => part.length > 0));
  return classes;
}

export function restrict(findings: Findings, dimension: number, set: Intervals): Findings {
  const cut = (region: Region): Region =>
    region.flatMap((box) => {
      const part = intersect(box[dimension] as Intervals, set);
      return part.length ? [box.with(dimension, part)] : [];
    });
  const { flow, denied, open, unjudged, unseen } = findings;
  return { flow: cut(flow), denied: cut(denied), open: cut(open), unjudged: cut(unjudged), unseen: cut(unseen) };
}

export interface Value {
  readonly verdict: Verdict;
  readonly choice: Choice;
  readonly family?: Family;
  readonly findings: readonly Findings[];
}

/** The findings of one choice for every value of the free ends. */
export function valuesOf(choice: Choice, flow: Flow): readonly Value[] {
  const dimensions = [...(flow.freeSource ? [DIM.source] : []), ...(flow.freeDestination ? [DIM.destination] : [])];
  const all = choice.byFamily.map((part) => part.findings);
  if (dimensions.length === 0) return [{ verdict: verdictOf(all), choice, findings: all }];
  return choice.byFamily.flatMap(({ family, findings }) => {
    let parts: Findings[] = [findings];
    for (const dimension of dimensions)
      parts = parts.flatMap((part) => classesOn(part, dimension).map((set) => restrict(part, dimension, set)));
    return parts
      .filter((part) => part.flow.length > 0)
      .map((part) => ({ verdict: verdictOf([part]), choice, family, findings: [part] }));
  });
}

/** True when a value meets no audited device: no answer hangs on it. What meets one that cannot tell does count. */
export const whollyUnseen = (value: Value): boolean => value.findings.every((f) => subtractRegion(f.flow, f.unseen).length === 0);

/** Regions of one family over all choices: denied by some choice, open or judged differently, passing under every one. */
export function spread(family: Family, choices: readonly Choice[]): Findings & { readonly permitted: Region } {
  const of = choices.flatMap((choice) => choice.byFamily.filter((part) => part.family === family).map((part) => part.findings));
  const flow = unite(of.map((f) => f.flow));
  const denied = unite(of.map((f) => f.denied));
  const always = of.map((f) => f.denied).reduce((a, b) => common(a, b), of[0]?.denied ?? NOTHING);
  const open = subtractRegion(unite([...of.map((f) => f.open), subtractRegion(denied, always)]), always);
  const unjudged = subtractRegion(unite(of.map((f) => f.unjudged)), always);
  const permitted = subtractRegion(subtractRegion(subtractRegion(flow, denied), open), unjudged);
  return {
    flow,
    denied: simplify(denied),
    open: simplify(open),
    unjudged: simplify(unjudged),
    unseen: unite(of.map((f) => f.unseen)),
    permitted: simplify(permitted),
  };
}
