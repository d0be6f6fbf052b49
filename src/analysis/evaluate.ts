/** What devices do to one family of a flow's packets: surely denied, perhaps denied, per value of what nobody knows. */
import type { Firewall } from '../model/firewall.js';
import { type Intervals, intersect, subtract } from '../sets/intervals.js';
import { type Box, NOTHING, type Region, regionsOverlap, simplify, subtractRegion, uniteRegions } from '../sets/region.js';
import { resolver, type Settings, type World, worldsOf } from './coins.js';
import type { CompiledFirewall, CompiledRule } from './compile.js';
import type { Facts } from './facts.js';
import { type Hit, type PassResult, type Resolve, runPass } from './pass.js';
import { answeredBy, followersOf, repliesTo } from './reply.js';
import { DIM, FLOW_DIMENSIONS } from './space.js';
import { FIRST_PACKET, type Part, reverseOf, type View } from './view.js';

export interface Judging {
  readonly facts: Facts;
  readonly settings: Settings;
  /** Judge the first packet alone, not the connection. */
  readonly firstPacket: boolean;
}

/** A hit in the flow's own coordinates, with the device it happened on. */
export interface FlowHit extends Omit<Hit, 'region'> {
  readonly view: View;
  readonly part: Part;
  /** Five dimensions. */
  readonly flow: Region;
  readonly packet: 'first' | 'reply' | 'later';
  /** Stages of the path the hit belongs to. */
  readonly stages: number;
}

/** A rule that packets of the flow may match, whatever it does to them. */
export interface Meeting {
  readonly view: View;
  readonly rule: CompiledRule;
  readonly flow: Region;
}

/** Which links are meant where several are possible: variable -> the class of links chosen. */
export type Assignment = ReadonlyMap<string, Intervals>;

export interface ViewOutcome {
  readonly view: View;
  /** Denied in every world, and in some. Includes packets that routing discards. */
  readonly sure: Region;
  readonly may: Region;
}

export interface Evaluation {
  readonly assignment: Assignment;
  /** Over all views, with the shared coins thrown once: denied in every world; in some only. */
  readonly denied: Region;
  readonly open: Region;
  readonly views: readonly ViewOutcome[];
  readonly hits: readonly FlowHit[];
  readonly met: readonly Meeting[];
  readonly setAside: ReadonlySet<CompiledRule>;
  /** True when there were too many worlds to enumerate. */
  readonly independent: boolean;
}

export const flowOf = (region: Region): Region =>
  region.reduce<Region>((all, box) => uniteRegions(all, [box.slice(0, FLOW_DIMENSIONS)]), NOTHING);

const disjoint = (boxes: Region): Region => boxes.reduce<Region>((all, box) => uniteRegions(all, [box]), NOTHING);

/** Name of the choice that the links of a part depend on; undefined where there is one link only. */
function variableOf(view: View, dimension: 'in' | 'out', links: Intervals, entryLinks: Intervals): string | undefined {
  const single = links.length === 2 && (links[1] as number) - (links[0] as number) === 1;
  return single || entryLinks.length === 0 ? undefined : `${view.device.name}\u0000${dimension}\u0000${links.join(',')}`;
}

const inVariable = (view: View, part: Part) => variableOf(view, 'in', part.in, part.entry.in);
const outVariable = (view: View, part: Part) => variableOf(view, 'out', part.out, part.entry.out);

const chosen = (variable: string | undefined, links: Intervals, assignment: Assignment): Intervals =>
  (variable === undefined ? undefined : assignment.get(variable)) ?? links;

function packetsOf(view: View, part: Part, assignment: Assignment): Region {
  const incoming = chosen(inVariable(view, part), part.in, assignment);
  const outgoing = chosen(outVariable(view, part), part.out, assignment);
  return part.flow.map((box): Box => [...box, incoming, outgoing, FIRST_PACKET]);
}

const stagesOf = (firewall: Firewall, direction: Part['direction'], device: CompiledFirewall): readonly string[] =>
  firewall.entries[direction]?.stages[device.space.family] ?? [];

interface PartOutcome {
  readonly sure: Region;
  readonly may: Region;
  readonly hits: readonly FlowHit[];
  readonly met: readonly Meeting[];
  readonly setAside: ReadonlySet<CompiledRule>;
  /** Regions with links, from which classes of links are told apart; reply links are turned back. */
  readonly traces: readonly { readonly region: Region; readonly turned: boolean }[];
}

/** First packet, then the answer and later packets where the device judges those by its rules. */
function judgePart(
  view: View,
  part: Part,
  device: CompiledFirewall,
  packets: Region,
  resolve: Resolve,
  judging: Judging,
): PartOutcome {
  const { firewall } = view.device;
  const hits: FlowHit[] = [];
  const met: Meeting[] = [];
  const setAside = new Set<CompiledRule>();
  const traces: { region: Region; turned: boolean }[] = [];
  const note = (result: PassResult, packet: FlowHit['packet'], stages: number, back: (region: Region) => Region): void => {
    for (const [rule, region] of result.met) {
      met.push({ view, rule, flow: back(region) });
      traces.push({ region, turned: packet === 'reply' });
    }
    for (const rule of result.setAside) setAside.add(rule);
    for (const hit of result.hits) {
      hits.push({ rule: hit.rule, effect: hit.effect, stage: hit.stage, view, part, flow: back(hit.region), packet, stages });
    }
  };
  const stages = stagesOf(firewall, part.direction, device);
  const first = runPass(device, stages, packets, resolve);
  note(first, 'first', stages.length, flowOf);
  let may = flowOf(first.denied);
  let sure = subtractRegion(flowOf(packets), flowOf(first.accepted));
  if (firewall.repliesByRules && !judging.firstPacket && first.accepted.length > 0) {
    const answer = (region: Region): Region => disjoint(answeredBy(region, device.space));
    const rounds = [
      {
        packet: 'reply' as const,
        stages: stagesOf(firewall, reverseOf(part.direction), device),
        region: disjoint(repliesTo(first.accepted, device.space)),
        back: answer,
      },
      { packet: 'later' as const, stages, region: disjoint(followersOf(first.accepted)), back: flowOf },
    ];
    for (const round of rounds) {
      if (round.region.length === 0 || round.stages.length === 0) continue;
      const result = runPass(device, round.stages, round.region, resolve);
      note(result, round.packet, round.stages.length, round.back);
      may = uniteRegions(may, round.back(result.denied));
      sure = uniteRegions(sure, subtractRegion(round.back(round.region), round.back(result.accepted)));
    }
  }
  return { sure, may, hits, met, setAside, traces };
}

/** Splits links into classes that no result tells apart. */
function classesOf(links: Intervals, sets: readonly Intervals[]): readonly Intervals[] {
  let classes: Intervals[] = [links];
  for (const set of sets)
    classes = classes.flatMap((one) => {
      const inside = intersect(one, set);
      const outside = subtract(one, set);
      return inside.length && outside.length ? [inside, outside] : [one];
    });
  return classes;
}

/** More combinations of unknown links than this are judged as one: what differs between them is open. */
export const ASSIGNMENT_LIMIT = 64;

function assignmentsOf(outcomes: readonly { view: View; part: Part; outcome: PartOutcome }[]): readonly Assignment[] | undefined {
  const variables = new Map<string, { links: Intervals; sets: Intervals[] }>();
  for (const { view, part, outcome } of outcomes) {
    for (const [variable, links, straight, back] of [
      [inVariable(view, part), part.in, DIM.in, DIM.out],
      [outVariable(view, part), part.out, DIM.out, DIM.in],
    ] as const) {
      if (variable === undefined) continue;
      const entry = variables.get(variable) ?? { links, sets: [] };
      variables.set(variable, entry);
      for (const trace of outcome.traces)
        for (const box of trace.region) entry.sets.push(box[trace.turned ? back : straight] as Intervals);
    }
  }
  let assignments: Map<string, Intervals>[] = [new Map()];
  for (const [variable, { links, sets }] of variables) {
    const classes = classesOf(links, uniqueSets(sets));
    if (classes.length === 1) continue;
    if (assignments.length * classes.length > ASSIGNMENT_LIMIT) return undefined;
    assignments = assignments.flatMap((assignment) => classes.map((one) => new Map(assignment).set(variable, one)));
  }
  return assignments;
}

function uniqueSets(sets: readonly Intervals[]): readonly Intervals[] {
  return [...new Map(sets.map((set) => [set.join(','), set])).values()];
}

type CompiledView = { readonly view: View; readonly device: CompiledFirewall };

interface Combined {
  readonly outcomes: readonly ViewOutcome[];
  readonly hits: readonly FlowHit[];
  readonly met: readonly Meeting[];
  readonly setAside: ReadonlySet<CompiledRule>;
}

function combine(views: readonly CompiledView[], assignment: Assignment, judging: Judging, world: World): Combined {
  const hits: FlowHit[] = [];
  const met: Meeting[] = [];
  const setAside = new Set<CompiledRule>();
  const resolve = resolver(judging.facts, judging.settings, world);
  const outcomes = views.map(({ view, device }) => {
    let sure = view.discarded;
    let may = view.discarded;
    for (const part of view.parts) {
      const outcome = judgePart(view, part, device, packetsOf(view, part, assignment), resolve, judging);
      sure = uniteRegions(sure, outcome.sure);
      may = uniteRegions(may, outcome.may);
      hits.push(...outcome.hits);
      met.push(...outcome.met);
      for (const rule of outcome.setAside) setAside.add(rule);
    }
    return { view, sure, may: uniteRegions(may, sure) };
  });
  return { outcomes, hits, met, setAside };
}

const unite = (regions: readonly Region[]): Region => regions.reduce((all, region) => uniteRegions(all, region), NOTHING);

const intersectTwo = (a: Region, b: Region): Region => subtractRegion(a, subtractRegion(a, b));

function evaluateOne(views: readonly CompiledView[], assignment: Assignment, judging: Judging): Evaluation {
  const bounds = combine(views, assignment, judging, new Map());
  let denied = unite(bounds.outcomes.map((o) => o.sure));
  let may = unite(bounds.outcomes.map((o) => o.may));
  let independent = false;
  let { outcomes } = bounds;
  if (regionsOverlap(may, subtractRegion(may, denied))) {
    const worlds = worldsOf(new Set(bounds.met.map((meeting) => meeting.rule)), judging.facts, judging.settings);
    independent = worlds === undefined;
    if (worlds && worlds.length > 1) {
      const runs = worlds.map((world) => combine(views, assignment, judging, world).outcomes);
      const overWorlds = (pick: (o: ViewOutcome) => Region, join: (a: Region, b: Region) => Region, i?: number): Region =>
        runs.map((run) => unite((i === undefined ? run : [run[i] as ViewOutcome]).map(pick))).reduce(join);
      denied = overWorlds((o) => o.sure, intersectTwo);
      may = overWorlds((o) => o.may, uniteRegions);
      outcomes = bounds.outcomes.map(({ view }, i) => ({
        view,
        sure: overWorlds((o) => o.sure, intersectTwo, i),
        may: overWorlds((o) => o.may, uniteRegions, i),
      }));
    }
  }
  return {
    assignment,
    denied: simplify(denied),
    open: simplify(subtractRegion(may, denied)),
    views: outcomes,
    hits: bounds.hits,
    met: bounds.met,
    setAside: bounds.setAside,
    independent,
  };
}

/**
 * Judges one family of a flow over the views of all devices, once for each choice of unknown links.
 * Where the choices are too many they are judged together: denied is what all deny, open what any may deny.
 */
export function evaluate(views: readonly CompiledView[], judging: Judging): readonly Evaluation[] {
  const resolve = resolver(judging.facts, judging.settings, new Map());
  const outcomes = views.flatMap(({ view, device }) =>
    view.parts.map((part) => ({
      view,
      part,
      outcome: judgePart(view, part, device, packetsOf(view, part, new Map()), resolve, judging),
    })),
  );
  const assignments = assignmentsOf(outcomes);
  if (!assignments) return [evaluateOne(views, new Map(), judging)];
  return assignments.map((assignment) => evaluateOne(views, assignment, judging));
}
