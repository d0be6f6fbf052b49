import type { Cause, FlowVerdict, Hop, OpenCondition, PacketBox, Verdict } from '../model/verdict.js';
import { NOTHING, type Region, RegionLimitError, regionsOverlap, simplify, subtractRegion } from '../sets/region.js';
import type { Judging } from './evaluate.js';
import { decidingRules, type Evidence, openConditions, passesByDefault, passesSwitchedOff, restsOn } from './evidence.js';
import type { Bench, Flow } from './flow.js';
import { StepLimitError } from './pass.js';
import { weaker } from './places.js';
import { examplePacket, presentRegion } from './present.js';
import {
  choicesOf,
  common,
  FAMILIES,
  type FamilyRun,
  type Reading,
  readingsOf,
  spread,
  unite,
  valuesOf,
  whollyUnseen,
} from './readings.js';
import { type Findings, verdictOver } from './table.js';
import { rewritingConditions } from './translated.js';
import {
  actorConditions,
  directionConditions,
  independentConditions,
  linkCondition,
  pathConditions,
  unreadableConditions,
  unreadConditions,
} from './unknowns.js';
import type { Device, View } from './view.js';

export interface Judgement extends FlowVerdict {
  /** True when some packets surely pass everything (what violates a prohibition). */
  readonly passes: boolean;
  readonly devices: readonly (FlowVerdict & { readonly device: string })[];
  /** Set where the verdict is `unknown` because a stated bound of the analysis was met. */
  readonly bound?: string;
}

const crossing = (view: View): Region => unite([...view.parts.map((part) => part.flow), view.discarded, view.unread]);

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

function causeOf(verdict: Verdict, evidences: readonly Evidence[]): Cause | null {
  if (verdict === 'permitted') return passesSwitchedOff(evidences) ? 'device-off' : null;
  if (verdict === 'not-applicable') return null;
  const discarded = evidences.some((e) => e.evaluation.views.some(({ view }) => regionsOverlap(view.discarded, e.denied)));
  return discarded ? 'route' : verdict === 'unknown' ? null : 'policy';
}

function rewritings(bench: Bench, runs: readonly FamilyRun[], evidences: readonly Evidence[]): OpenCondition[] {
  return runs.flatMap((run) => {
    const open = unite(evidences.filter(({ family }) => family === run.family).map((evidence) => evidence.open));
    return rewritingConditions(run.rewritten, run.views, open, (region) =>
      presentRegion(simplify(region), bench.spaces[run.family]),
    );
  });
}

const asideBoxes = (bench: Bench, runs: readonly FamilyRun[]): PacketBox[] =>
  FAMILIES.flatMap((family) =>
    presentRegion(simplify(unite(runs.filter((run) => run.family === family).map((run) => run.aside))), bench.spaces[family]),
  );

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
  const judged = values.filter((value) => !whollyUnseen(value));
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
      ...independentConditions(verdict, evidences),
      ...rewritings(bench, runs, evidences),
      ...openConditions(evidences, judging),
    ],
    ...restsOn(evidences, judging),
    missing: boxes((f) => f.denied),
    open: boxes((f) => f.permitted),
    unjudged: [...boxes((f) => f.unjudged), ...asideBoxes(bench, runs)],
    witness: witness?.packet ?? null,
    byDefault: passesByDefault(evidences),
    passes: spreads.some(({ found }) => found.permitted.length > 0),
  };
}

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
      return mine.length === 0
        ? []
        : [{ ...run, flow: mine, unjudged: common(run.unjudged, mine), unseen: NOTHING, aside: NOTHING }];
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
    const together = { ...judging, crossingInDoubt: true };
    const readings = readingsOf(bench, inTheWay, flow, together, false);
    return { ...assemble(bench, flow, readings, together), devices: devices.filter((d) => d.verdict !== 'not-applicable') };
  });
}
