/** Conditions that name what nobody stated: links, directions, actors, paths, missing exports. */
import { DIRECTIONS } from '../model/firewall.js';
import type { OpenCondition, PacketBox, Verdict } from '../model/verdict.js';
import { equal, type Intervals, subtract, unionAll } from '../sets/intervals.js';
import { simplify } from '../sets/region.js';
import { WORLD_LIMIT } from './coins.js';
import type { Evidence } from './evidence.js';
import type { Bench, Flow } from './flow.js';
import { presentRegion } from './present.js';
import { FAMILIES, type FamilyRun, unite, type Value } from './readings.js';
import { DIM } from './space.js';
import type { Device, Part } from './view.js';

export function linkCondition(bench: Bench, values: readonly Value[]): OpenCondition[] {
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
export function directionConditions(bench: Bench, values: readonly Value[]): OpenCondition[] {
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

export const settlesLink = (kind: string): string =>
  kind === 'profile'
    ? 'say which profile is in force: profile: domain for the device, or --profile domain'
    : kind === 'zone'
      ? 'say what lies behind each zone: zones: for the device in flowgap.yaml'
      : 'say what lies behind each interface: zones: for the device in flowgap.yaml, or in_interface and out_interface of the flow';

export function namesOf(device: Device, links: Intervals): string {
  const names: string[] = [];
  for (let i = 0; i < links.length; i += 2)
    for (let link = links[i] as number; link < (links[i + 1] as number); link++)
      names.push(device.firewall.links.names[link] ?? String(link));
  return names.join(', ');
}

/** True when it matters for the verdict where on this dimension a packet lies: some verdict holds for a part of it only. */
export function tells(values: readonly Value[], dimension: number): boolean {
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

export function actorConditions(bench: Bench, flow: Flow, values: readonly Value[]): OpenCondition[] {
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

export const DOUBTS = [
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
  {
    of: (part: Part): boolean => part.endsHere === true,
    name: 'the packets end on the device itself, whose management settings are not read',
    settledBy: 'see which services the interface answers (management profile, gateways, portals)',
  },
];

export function pathConditions(bench: Bench, run: FamilyRun): OpenCondition[] {
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

export function unreadConditions(bench: Bench, runs: readonly FamilyRun[]): OpenCondition[] {
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

export const unreadableConditions = (flow: Flow): OpenCondition[] =>
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

/** Said where it may have cost an answer: unknowns that hang together were judged as if they did not. */
export function independentConditions(verdict: Verdict, evidences: readonly Evidence[]): OpenCondition[] {
  if (verdict === 'permitted' || verdict === 'blocked' || !evidences.some(({ evaluation }) => evaluation.independent)) return [];
  const name = `more combinations of open conditions than ${WORLD_LIMIT}: they were judged as independent of each other`;
  const settledBy = 'declare facts, or settle the conditions that are named';
  return [{ class: 'missing', kind: 'construct', name, device: '', rule: null, file: null, line: null, holds: [], settledBy }];
}
