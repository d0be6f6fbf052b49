/** One flow against the devices in its way: the verdict with its evidence. */
import { DIRECTIONS, type Direction } from '../model/firewall.js';
import type { Cause, FlowVerdict, Hop, OpenCondition, PacketBox, Verdict } from '../model/verdict.js';
import type { AddressSet, Family } from '../sets/address.js';
import { equal, type Intervals, intersect, subtract, unionAll } from '../sets/intervals.js';
import {
  NOTHING,
  type Region,
  RegionLimitError,
  regionsOverlap,
  simplify,
  subtractRegion,
  uniteRegions,
} from '../sets/region.js';
import { type CompiledFirewall, compile } from './compile.js';
import { ASSIGNMENT_LIMIT, type Evaluation, evaluate, type Judging } from './evaluate.js';
import { decidingRules, type Evidence, openConditions, passesByDefault, passesSwitchedOff, restsOn } from './evidence.js';
import { StepLimitError } from './pass.js';
import { weaker } from './places.js';
import { examplePacket, presentRegion } from './present.js';
import { buildSpaces, DIM, type Spaces } from './space.js';
import { type Findings, verdictOf, verdictOver } from './table.js';
import { type Device, openDirections, type Part, type Stated, unreadReplies, type View, viewOf } from './view.js';

/** Devices compiled once, for any number of flows. */
export interface Bench {
  readonly devices: readonly Device[];
  readonly spaces: Spaces;
  readonly compiled: ReadonlyMap<Device, Readonly<Record<Family, CompiledFirewall>>>;
}

/** `further`: every address set that flows, roles and zones will bring. */
export function prepare(devices: readonly Device[], further: readonly AddressSet[]): Bench {
  const zones = devices.flatMap((device) => [...device.zones.values(), device.host]);
  const spaces = buildSpaces(
    devices.map((device) => device.firewall),
    [...further, ...zones],
  );
  const compiled = new Map(
    devices.map((device) => [device, { 4: compile(device.firewall, spaces[4]), 6: compile(device.firewall, spaces[6]) }]),
  );
  return { devices, spaces, compiled };
}

/** An end whose addresses nobody knows: every address of the flow at that end is one possible value. */
export interface FreeEnd {
  readonly actor: string;
  readonly settledBy: string;
}

export interface Flow {
  /** Packets as the source sends them, in the coordinates of the bench. */
  readonly packets: Readonly<Partial<Record<Family, Region>>>;
  readonly freeSource?: FreeEnd;
  readonly freeDestination?: FreeEnd;
  /** What is said of the packets at a device. */
  readonly stated?: ReadonlyMap<Device, Stated>;
  /** The devices in its way, where the user states the path; default all. */
  readonly only?: ReadonlySet<Device>;
  /** Name of a device that must judge the flow but has no readable export. */
  readonly unreadable?: readonly string[];
}

export interface Judgement extends FlowVerdict {
  /** True when some packets surely pass everything (what violates a prohibition). */
  readonly passes: boolean;
  readonly devices: readonly (FlowVerdict & { readonly device: string })[];
  /** Set where the verdict is `unknown` because a stated bound of the analysis was met. */
  readonly bound?: string;
}

/** One choice of everything unknown about directions and links, for both families. */
interface Choice {
  readonly directions: Directions;
  readonly byFamily: readonly FamilyChoice[];
}

/** Which direction is meant on devices of which nobody knows the addresses. */
type Directions = ReadonlyMap<Device, Direction>;

interface FamilyChoice {
  readonly family: Family;
  readonly evaluation: Evaluation;
  readonly findings: Findings;
}

interface FamilyRun {
  readonly family: Family;
  readonly flow: Region;
  readonly views: readonly View[];
  readonly evaluations: readonly Evaluation[];
  readonly unjudged: Region;
  readonly doubtful: Region;
}

const FAMILIES: readonly Family[] = [4, 6];
const unite = (regions: readonly Region[]): Region => regions.reduce((all, region) => uniteRegions(all, region), NOTHING);
const common = (a: Region, b: Region): Region => subtractRegion(a, subtractRegion(a, b));

const crossing = (view: View): Region => unite([...view.parts.map((part) => part.flow), view.discarded, view.unread]);

/** One way to read the directions of a flow, judged. */
interface Reading {
  readonly directions: Directions;
  readonly runs: readonly FamilyRun[];
}

/** Every combination of directions where they are unknown; one empty combination where they are not. */
function directionsOf(devices: readonly Device[], flow: Flow, alone: boolean): readonly Directions[] {
  let combinations: Map<Device, Direction>[] = [new Map()];
  for (const device of devices) {
    const open = flow.stated?.get(device)?.direction ? [] : openDirections(device, alone);
    if (open.length < 2) continue;
    combinations = combinations.flatMap((one) => open.map((direction) => new Map(one).set(device, direction)));
    if (combinations.length > ASSIGNMENT_LIMIT) throw new StepLimitError('the addresses of too many devices are unknown');
  }
  return combinations;
}

function readingsOf(bench: Bench, devices: readonly Device[], flow: Flow, judging: Judging, alone: boolean): readonly Reading[] {
  const families = FAMILIES.filter((family) => (flow.packets[family]?.length ?? 0) > 0);
  return directionsOf(devices, flow, alone).map((directions) => {
    const stated = new Map(flow.stated);
    for (const [device, direction] of directions) stated.set(device, { ...stated.get(device), direction, tried: true });
    return { directions, runs: families.map((family) => runFamily(bench, devices, { ...flow, stated }, family, judging)) };
  });
}

function runFamily(bench: Bench, devices: readonly Device[], flow: Flow, family: Family, judging: Judging): FamilyRun {
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
  const touched = seen.filter(({ view }) => view.parts.length > 0 || view.discarded.length > 0 || view.unread.length > 0);
  const judged = unite(touched.map(({ view }) => unite([...view.parts.map((part) => part.flow), view.discarded])));
  const unread = unite(touched.map(({ view }) => view.unread));
  return {
    family,
    flow: packets,
    views: touched.map(({ view }) => view),
    evaluations: packets.length === 0 ? [] : evaluate(touched, judging),
    unjudged: simplify(uniteRegions(subtractRegion(packets, judged), unread)),
    doubtful: unite(
      touched.flatMap(({ view }) =>
        view.parts.filter((part) => part.doubtful || part.unrouted === true).map((part) => part.flow),
      ),
    ),
  };
}

function findingsOf(run: FamilyRun, evaluation: Evaluation): Findings {
  const open = uniteRegions(evaluation.open, subtractRegion(run.doubtful, evaluation.denied));
  return { flow: run.flow, denied: evaluation.denied, open, unjudged: subtractRegion(run.unjudged, evaluation.denied) };
}

/** Every combination of the families' choices; they are few (see ASSIGNMENT_LIMIT). */
function choicesOf({ directions, runs }: Reading): readonly Choice[] {
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
function classesOn(findings: Findings, dimension: number): readonly Intervals[] {
  let classes: Intervals[] = [unionAll(findings.flow.map((box) => box[dimension] as Intervals))];
  const sets = [findings.denied, findings.open, findings.unjudged, findings.flow]
    .flat()
    .map((box) => box[dimension] as Intervals);
  for (const set of new Map(sets.map((s) => [s.join(','), s])).values())
    classes = classes.flatMap((one) => [intersect(one, set), subtract(one, set)].filter((part) => part.length > 0));
  return classes;
}

function restrict(findings: Findings, dimension: number, set: Intervals): Findings {
  const cut = (region: Region): Region =>
    region.flatMap((box) => {
      const part = intersect(box[dimension] as Intervals, set);
      return part.length ? [box.with(dimension, part)] : [];
    });
  return { flow: cut(findings.flow), denied: cut(findings.denied), open: cut(findings.open), unjudged: cut(findings.unjudged) };
}

interface Value {
  readonly verdict: Verdict;
  readonly choice: Choice;
  readonly family?: Family;
  readonly findings: readonly Findings[];
}

/** The findings of one choice for every value of the free ends. */
function valuesOf(choice: Choice, flow: Flow): readonly Value[] {
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

const whollyUnjudged = (value: Value): boolean => value.findings.every((f) => subtractRegion(f.flow, f.unjudged).length === 0);

function linkCondition(bench: Bench, values: readonly Value[]): OpenCondition[] {
  const chosen = new Map<
    string,
    { device: Device; dimension: 'in' | 'out'; good: Set<string>; all: Set<string>; boxes: Map<string, Verdict[]> }
  >();
  for (const value of values)
    for (const { evaluation } of value.choice.byFamily)
      for (const [variable, links] of evaluation.assignment) {
        const [name = '', dimension = 'in'] = variable.split('\u0000');
        const device = bench.devices.find((d) => d.name === name);
        if (!device) continue;
        const entry = chosen.get(variable) ?? {
          device,
          dimension: dimension as 'in' | 'out',
          good: new Set(),
          all: new Set(),
          boxes: new Map(),
        };
        chosen.set(variable, entry);
        const label = namesOf(device, links);
        entry.all.add(label);
        entry.boxes.set(label, [...(entry.boxes.get(label) ?? []), value.verdict]);
      }
  return [...chosen.values()].map(({ device, dimension, boxes }) => {
    const kind = device.firewall.links.kind;
    const good = [...boxes].filter(([, verdicts]) => verdicts.every((v) => v === 'permitted')).map(([label]) => label);
    return {
      class: 'missing',
      kind,
      name: dimension === 'in' ? `the ${kind} the packets arrive on` : `the ${kind} the packets leave by`,
      device: device.name,
      rule: null,
      file: null,
      line: null,
      holds: good.sort().map((label): PacketBox => ({ [dimension]: label })),
      settledBy: settlesLink(kind),
    };
  });
}

/** Says for which directions the flow is permitted, on devices where the direction is unknown. */
function directionConditions(bench: Bench, values: readonly Value[]): OpenCondition[] {
  return bench.devices.flatMap((device) => {
    const tried = values.filter((value) => value.choice.directions.has(device));
    if (tried.length === 0) return [];
    const good = DIRECTIONS.filter((direction) => {
      const of = tried.filter((value) => value.choice.directions.get(device) === direction);
      return of.length > 0 && of.every((value) => value.verdict === 'permitted');
    });
    return [
      {
        class: 'missing' as const,
        kind: 'direction' as const,
        name: 'whether the packets are for the device itself, sent by it or passed on: its own addresses are not known',
        device: device.name,
        rule: null,
        file: null,
        line: null,
        holds: good.map((direction): PacketBox => ({ direction })),
        settledBy: 'say which addresses the device has (--host, --ip-addr, host: in flowgap.yaml), or the direction of the flow',
      },
    ];
  });
}

const settlesLink = (kind: string): string =>
  kind === 'profile'
    ? 'say which profile is in force: profile: domain for the device, or --profile domain'
    : kind === 'zone'
      ? 'say what lies behind each zone: zones: for the device in flowgap.yaml'
      : 'say what lies behind each interface: zones: for the device in flowgap.yaml, or in_interface and out_interface of the flow';

function namesOf(device: Device, links: Intervals): string {
  const names: string[] = [];
  for (let i = 0; i < links.length; i += 2)
    for (let link = links[i] as number; link < (links[i + 1] as number); link++)
      names.push(device.firewall.links.names[link] ?? String(link));
  return names.join(', ');
}

/** True when it matters for the verdict where on this dimension a packet lies: some verdict holds for a part of it only. */
function tells(values: readonly Value[], dimension: number): boolean {
  return FAMILIES.some((family) => {
    const of = values.filter((value) => value.family === family);
    const shadow = (some: readonly Value[]): Intervals =>
      unionAll(some.flatMap((value) => value.findings.flatMap((f) => f.flow.map((box) => box[dimension] as Intervals))));
    const all = shadow(of);
    return [...new Set(of.map((value) => value.verdict))].some(
      (verdict) => !equal(all, shadow(of.filter((value) => value.verdict === verdict))),
    );
  });
}

function actorConditions(bench: Bench, flow: Flow, values: readonly Value[]): OpenCondition[] {
  const ends = [
    { end: flow.freeSource, dimension: DIM.source, field: 'source' as const },
    { end: flow.freeDestination, dimension: DIM.destination, field: 'destination' as const },
  ];
  return ends.flatMap(({ end, dimension, field }) => {
    if (!end || !tells(values, dimension)) return [];
    const holds = FAMILIES.flatMap((family) => {
      const of = values.filter((value) => value.family === family);
      const sets = (pick: (v: Verdict) => boolean): Intervals =>
        unionAll(
          of
            .filter((value) => pick(value.verdict))
            .flatMap((value) => value.findings.flatMap((f) => f.flow.map((box) => box[dimension] as Intervals))),
        );
      const good = subtract(
        sets((v) => v === 'permitted'),
        sets((v) => v !== 'permitted'),
      );
      const space = bench.spaces[family];
      const rest: readonly Intervals[] = [space.allAddresses, space.allAddresses, [0, 256], [0, 65536], [0, 65536]];
      return good.length === 0
        ? []
        : presentRegion([rest.with(dimension, good)], space).map((box): PacketBox => ({ [field]: box[field] ?? '' }));
    });
    return [
      {
        class: 'missing' as const,
        kind: 'actor' as const,
        name: end.actor,
        device: '',
        rule: null,
        file: null,
        line: null,
        holds,
        settledBy: end.settledBy,
      },
    ];
  });
}

function hopsOf(views: readonly View[]): Hop[] {
  const hops = new Map<string, Hop>();
  for (const view of views) {
    const sources = view.parts.map((part) => part.from);
    const from = sources.length ? sources.reduce(weaker) : 'route';
    const known = hops.get(view.device.name);
    hops.set(view.device.name, { device: view.device.name, from: known ? weaker(known.from, from) : from });
  }
  return [...hops.values()];
}

/** Regions of one family over all choices: denied by some choice, open or judged differently, passing under every one. */
function spread(family: Family, choices: readonly Choice[]): Findings & { readonly permitted: Region } {
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
    permitted: simplify(permitted),
  };
}

function causeOf(verdict: Verdict, evidences: readonly Evidence[]): Cause | null {
  if (verdict === 'permitted') return passesSwitchedOff(evidences) ? 'device-off' : null;
  if (verdict === 'not-applicable') return null;
  const discarded = evidences.some((e) => e.evaluation.views.some(({ view }) => regionsOverlap(view.discarded, e.denied)));
  return discarded ? 'route' : verdict === 'unknown' ? null : 'policy';
}

/** Which packets an example is taken from: the first of these that are not empty. */
const WITNESSES: Readonly<Record<Verdict, readonly (keyof ReturnType<typeof spread>)[]>> = {
  permitted: ['permitted', 'flow'],
  blocked: ['denied', 'flow'],
  partial: ['denied', 'flow'],
  conditional: ['open', 'denied', 'flow'],
  unknown: ['unjudged', 'open', 'flow'],
  'not-applicable': [],
};

/** Assembles a verdict over the runs of both families; the devices in them are those that the verdict speaks of. */
function assemble(bench: Bench, flow: Flow, readings: readonly Reading[], judging: Judging): FlowVerdict & { passes: boolean } {
  const runs = readings.flatMap((reading) => reading.runs);
  const choices = readings.flatMap(choicesOf);
  const values = choices.flatMap((choice) => valuesOf(choice, flow));
  const judged = values.filter((value) => !whollyUnjudged(value));
  const counted = judged.length > 0 && (flow.freeSource || flow.freeDestination) ? judged : values;
  const unreadable = (flow.unreadable?.length ?? 0) > 0;
  const summed = verdictOver(counted.map((value) => value.verdict));
  const verdict: Verdict = unreadable && summed !== 'blocked' && summed !== 'partial' ? 'unknown' : summed;
  const spreads = FAMILIES.map((family) => ({ family, found: spread(family, choices) }));
  const evidences: Evidence[] = spreads.flatMap(({ family, found }) =>
    runs
      .filter((run) => run.family === family)
      .flatMap((run) => run.evaluations)
      .map((evaluation) => ({
        family,
        space: bench.spaces[family],
        evaluation,
        denied: found.denied,
        open: found.open,
        permitted: found.permitted,
      })),
  );
  const boxes = (pick: (f: Findings & { permitted: Region }) => Region): PacketBox[] =>
    spreads.flatMap(({ family, found }) => presentRegion(pick(found), bench.spaces[family]));
  // What is unknown but changes no verdict is no condition.
  const differ = new Set(counted.map((value) => value.verdict)).size > 1;
  const differing = differ ? [...directionConditions(bench, values), ...linkCondition(bench, values)] : [];
  const actors = differ ? actorConditions(bench, flow, values) : [];
  const doubts: OpenCondition[] = runs.flatMap((run) => pathConditions(bench, run));
  const witness = WITNESSES[verdict]
    .flatMap((region) => spreads.map(({ family, found }) => examplePacket(found[region], bench.spaces[family])))
    .find((one) => one !== null);
  return {
    verdict,
    cause: causeOf(verdict, evidences),
    hops: hopsOf(runs.flatMap((run) => run.views)),
    decidedBy: decidingRules(verdict, evidences),
    conditions: [
      ...actors,
      ...differing,
      ...doubts,
      ...unreadConditions(bench, runs),
      ...unreadableConditions(flow),
      ...openConditions(evidences, judging),
    ],
    ...restsOn(evidences, judging),
    missing: boxes((f) => f.denied),
    open: boxes((f) => f.permitted),
    unjudged: boxes((f) => f.unjudged),
    witness: witness?.packet ?? null,
    byDefault: passesByDefault(evidences),
    passes: spreads.some(({ found }) => found.permitted.length > 0),
  };
}

const DOUBTS = [
  {
    of: (part: Part): boolean => part.doubtful,
    name: 'both ends are known only through default routes',
    settledBy: 'state the path under paths: in flowgap.yaml, or what lies behind each link under zones:',
  },
  {
    of: (part: Part): boolean => part.unrouted === true,
    name: 'the device may have no route to the destination',
    settledBy: 'state what lies behind each link under zones: in flowgap.yaml',
  },
];

function pathConditions(bench: Bench, run: FamilyRun): OpenCondition[] {
  return run.views.flatMap((view) =>
    DOUBTS.flatMap(({ of, name, settledBy }) => {
      const region = unite(view.parts.filter(of).map((part) => part.flow));
      if (region.length === 0) return [];
      return [
        {
          class: 'missing' as const,
          kind: 'path' as const,
          name,
          device: view.device.name,
          rule: null,
          file: null,
          line: null,
          holds: presentRegion(simplify(region), bench.spaces[run.family]),
          settledBy,
        },
      ];
    }),
  );
}

function unreadConditions(bench: Bench, runs: readonly FamilyRun[]): OpenCondition[] {
  return runs.flatMap((run) =>
    run.views.flatMap((view) => {
      if (view.unread.length === 0) return [];
      const { firewall } = view.device;
      const otherFamily = Object.values(firewall.entries).some((entry) => entry && !entry.stages[run.family]);
      return [
        {
          class: 'missing' as const,
          kind: otherFamily ? ('export' as const) : ('direction' as const),
          name: otherFamily ? `the export holds no rules for IPv${run.family}` : 'the export holds no rules for this direction',
          device: view.device.name,
          rule: null,
          file: firewall.files[0] ?? null,
          line: null,
          holds: presentRegion(simplify(view.unread), bench.spaces[run.family]),
          settledBy: otherFamily ? `add the export of the IPv${run.family} rules to this device` : 'export both directions',
        },
      ];
    }),
  );
}

const unreadableConditions = (flow: Flow): OpenCondition[] =>
  (flow.unreadable ?? []).map((device) => ({
    class: 'missing',
    kind: 'export',
    name: `${device} is in the way, and no export of it could be read`,
    device,
    rule: null,
    file: null,
    line: null,
    holds: [],
    settledBy: `give an export of ${device} that can be read`,
  }));

const NOT_APPLICABLE: FlowVerdict = {
  verdict: 'not-applicable',
  cause: null,
  hops: [],
  decidedBy: [],
  conditions: [],
  assumptions: [],
  facts: [],
  missing: [],
  open: [],
  unjudged: [],
  witness: null,
  byDefault: false,
};

/** A device's own verdict, on the packets that cross it; `not-applicable` when none do. */
function judgeDevice(
  bench: Bench,
  device: Device,
  whole: Flow,
  judging: Judging,
  alone: boolean,
): FlowVerdict & { passes: boolean } {
  // That another device could not be read says nothing of this one.
  const flow: Flow = { ...whole, unreadable: [] };
  const readings = readingsOf(bench, [device], flow, judging, alone);
  const own = readings.flatMap(({ directions, runs }): Reading[] => {
    const crossed = runs.flatMap((run): FamilyRun[] => {
      const mine = unite(run.views.map(crossing));
      return mine.length === 0 ? [] : [{ ...run, flow: mine, unjudged: common(run.unjudged, mine) }];
    });
    return crossed.length === 0 ? [] : [{ directions, runs: crossed }];
  });
  if (own.length === 0) return { ...NOT_APPLICABLE, passes: false };
  const rest = FAMILIES.flatMap((family) => {
    const judged = unite(own.flatMap(({ runs }) => runs.filter((run) => run.family === family).map((run) => run.flow)));
    return presentRegion(simplify(subtractRegion(flow.packets[family] ?? NOTHING, judged)), bench.spaces[family]);
  });
  const verdict = assemble(bench, flow, own, judging);
  return { ...verdict, unjudged: [...verdict.unjudged, ...rest] };
}

function bounded(work: () => Judgement): Judgement {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RegionLimitError || error instanceof StepLimitError)) throw error;
    const bound = `a bound of the analysis was met: ${error.message}`;
    const condition: OpenCondition = {
      class: 'missing',
      kind: 'construct',
      name: bound,
      device: '',
      rule: null,
      file: null,
      line: null,
      holds: [],
      settledBy: 'ask about fewer addresses or ports at a time',
    };
    return { ...NOT_APPLICABLE, verdict: 'unknown', conditions: [condition], passes: false, devices: [], bound };
  }
}

/**
 * Judges a flow over the hops of all devices of the bench.
 * With one device this is the device's own verdict (`not-applicable` when nothing of the flow crosses it).
 */
export function judge(
  bench: Bench,
  flow: Flow,
  judging: Judging,
  mode: 'overall' | 'device' = bench.devices.length === 1 ? 'device' : 'overall',
): Judgement {
  return bounded(() => {
    const inTheWay = bench.devices.filter((device) => flow.only === undefined || flow.only.has(device));
    const devices = inTheWay.map((device) => ({
      device: device.name,
      ...judgeDevice(bench, device, flow, judging, mode === 'device'),
    }));
    const [only] = devices;
    if (mode === 'device' && only) return { ...only, devices };
    const readings = readingsOf(bench, inTheWay, flow, judging, false);
    return { ...assemble(bench, flow, readings, judging), devices: devices.filter((d) => d.verdict !== 'not-applicable') };
  });
}
