/** What devices do to one family of a flow's packets: surely denied, perhaps denied, per value of what nobody knows. */
import type { Firewall } from '../model/firewall.js';
import { type Intervals, intersect, subtract } from '../sets/intervals.js';
import {
  type Box,
  intersectRegion,
  NOTHING,
  type Region,
  regionsOverlap,
  regionWithin,
  simplify,
  subtractRegion,
  uniteRegions,
} from '../sets/region.js';
import { resolver, type Settings, type World, worldsOf } from './coins.js';
import type { CompiledFirewall, CompiledRule } from './compile.js';
import type { Facts } from './facts.js';
import { type Budget, type Hit, newBudget, type PassResult, type Resolve, runPass } from './pass.js';
import { answeredBy, followersOf, repliesTo } from './reply.js';
import { DIM, FLOW_DIMENSIONS } from './space.js';
import { FIRST_PACKET, type Part, reverseOf, type View } from './view.js';

export interface Judging {
  readonly facts: Facts;
  readonly settings: Settings;
  /** Judge the first packet alone, not the connection. */
  readonly firstPacket: boolean;
  /** Among several devices: one that packets reach only perhaps denies them only perhaps. Its own verdict is on those that do. */
  readonly crossingInDoubt?: boolean;
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

export interface Evaluation {
  readonly assignment: Assignment;
  /** Over all views, with the shared coins thrown once: denied in every world; in some only. */
  readonly denied: Region;
  readonly open: Region;
  readonly views: readonly CompiledView[];
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
  budget: Budget,
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
  const first = runPass(device, stages, packets, resolve, budget);
  note(first, 'first', stages.length, flowOf);
  let may = flowOf(first.denied);
  let sure = subtractRegion(flowOf(packets), flowOf(first.accepted));
  if (firewall.repliesByRules && !judging.firstPacket && first.accepted.length > 0) {
    const answer = (region: Region): Region => disjoint(answeredBy(region, device.space));
    /** Returns what is accepted. */
    const round = (
      packet: 'reply' | 'later',
      path: readonly string[],
      region: Region,
      back: (region: Region) => Region,
    ): Region => {
      if (region.length === 0 || path.length === 0) return NOTHING;
      const result = runPass(device, path, region, resolve, budget);
      note(result, packet, path.length, back);
      may = uniteRegions(may, back(result.denied));
      sure = uniteRegions(sure, subtractRegion(back(region), back(result.accepted)));
      return result.accepted;
    };
    const returning = stagesOf(firewall, reverseOf(part.direction), device);
    const replies = round('reply', returning, disjoint(repliesTo(first.accepted, device.space)), answer);
    round('later', stages, disjoint(followersOf(first.accepted, replies, device.space)), flowOf);
  }
  if (part.doubtful && judging.crossingInDoubt) {
    // Nobody knows that they come here at all: what is denied here is only perhaps denied.
    may = uniteRegions(may, sure);
    sure = NOTHING;
  }
  if (part.blind) {
    // Rewritten before they come here, these packets look otherwise: nothing is known of them.
    const { blind } = part;
    sure = subtractRegion(sure, blind);
    may = uniteRegions(may, intersectRegion(flowOf(packets), blind));
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

export type CompiledView = { readonly view: View; readonly device: CompiledFirewall };

interface Combined {
  /** Over all views: surely denied, and perhaps. Includes packets that routing discards. */
  readonly sure: Region;
  readonly may: Region;
  readonly parts: readonly { readonly view: View; readonly part: Part; readonly outcome: PartOutcome }[];
}

function combine(
  views: readonly CompiledView[],
  assignment: Assignment,
  judging: Judging,
  world: World,
  budget: Budget,
): Combined {
  const resolve = resolver(judging.facts, judging.settings, world);
  const parts = views.flatMap(({ view, device }) =>
    view.parts.map((part) => ({
      view,
      part,
      outcome: judgePart(view, part, device, packetsOf(view, part, assignment), resolve, judging, budget),
    })),
  );
  const sure = unite([...views.map(({ view }) => view.discarded), ...parts.map(({ outcome }) => outcome.sure)]);
  return { sure, may: unite([sure, ...parts.map(({ outcome }) => outcome.may)]), parts };
}

const unite = (regions: readonly Region[]): Region => regions.reduce((all, region) => uniteRegions(all, region), NOTHING);

/** The views with nothing left in them but packets whose fate is open, and rules that those meet. */
function narrowed(views: readonly CompiledView[], open: Region, rules: ReadonlySet<CompiledRule>): readonly CompiledView[] {
  const devices = new Map<CompiledFirewall, CompiledFirewall>();
  for (const { device } of views) {
    const lists = [...device.lists].map(
      ([id, list]) => [id, { ...list, rules: list.rules.filter((rule) => rules.has(rule)) }] as const,
    );
    devices.set(device, { ...device, lists: new Map(lists) });
  }
  return views.map(({ view, device }) => ({
    view: {
      ...view,
      discarded: NOTHING,
      parts: view.parts
        .map((part) => ({ ...part, flow: intersectRegion(part.flow, open) }))
        .filter((part) => part.flow.length > 0),
    },
    device: devices.get(device) as CompiledFirewall,
  }));
}

/** Throws the coins that open packets depend on; what they come to in every world is definite after all. */
function overWorlds(
  views: readonly CompiledView[],
  open: Region,
  rules: ReadonlySet<CompiledRule>,
  assignment: Assignment,
  judging: Judging,
  budget: Budget,
): { readonly denied: Region; readonly may: Region } | undefined {
  const worlds = worldsOf(rules, judging.facts, judging.settings);
  if (!worlds) return undefined;
  if (worlds.length < 2) return { denied: NOTHING, may: open };
  const left = narrowed(views, open, rules);
  let denied = open;
  let may: Region = NOTHING;
  for (const world of worlds) {
    const run = combine(left, assignment, judging, world, budget);
    denied = intersectRegion(denied, run.sure);
    may = simplify(uniteRegions(may, run.may));
    if (denied.length === 0 && regionWithin(open, may)) break;
  }
  return { denied, may };
}

function evaluateOne(
  views: readonly CompiledView[],
  assignment: Assignment,
  judging: Judging,
  bounds: Combined,
  budget: Budget,
): Evaluation {
  const met = bounds.parts.flatMap(({ outcome }) => outcome.met);
  const open = simplify(subtractRegion(bounds.may, bounds.sure));
  const rules = new Set(met.filter((meeting) => regionsOverlap(meeting.flow, open)).map((meeting) => meeting.rule));
  const worlds = open.length === 0 ? undefined : overWorlds(views, open, rules, assignment, judging, budget);
  const denied = simplify(uniteRegions(bounds.sure, worlds?.denied ?? NOTHING));
  return {
    assignment,
    denied,
    open: simplify(subtractRegion(worlds?.may ?? open, denied)),
    views,
    hits: bounds.parts.flatMap(({ outcome }) => outcome.hits),
    met,
    setAside: new Set(bounds.parts.flatMap(({ outcome }) => [...outcome.setAside])),
    independent: open.length > 0 && worlds === undefined,
  };
}

/**
 * Judges one family of a flow over the views of all devices, once for each choice of unknown links.
 * Where the choices are too many they are judged together: denied is what all deny, open what any may deny.
 * @throws RegionLimitError, StepLimitError where a bound is met.
 */
export function evaluate(views: readonly CompiledView[], judging: Judging): readonly Evaluation[] {
  const budget = newBudget();
  const all = combine(views, new Map(), judging, new Map(), budget);
  const assignments = assignmentsOf(all.parts) ?? [new Map()];
  return assignments.map((assignment) => {
    const bounds = assignment.size === 0 ? all : combine(views, assignment, judging, new Map(), budget);
    return evaluateOne(views, assignment, judging, bounds, budget);
  });
}
