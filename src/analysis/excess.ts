import type { Family } from '../sets/address.js';
import { type Intervals, size } from '../sets/intervals.js';
import { intersectRegion, NOTHING, type Region, simplify, subtractRegion, uniteRegions } from '../sets/region.js';
import { resolver } from './coins.js';
import type { CompiledRule } from './compile.js';
import { flowOf, type Judging } from './evaluate.js';
import type { Bench } from './flow.js';
import { runPass } from './pass.js';
import { DIM } from './space.js';
import { type Device, FIRST_PACKET, viewOf } from './view.js';

export interface ExcessOfRule {
  readonly device: Device;
  readonly rule: CompiledRule;
  readonly family: Family;
  /** Five dimensions; required packets taken out. */
  readonly sure: Region;
  readonly possible: Region;
}

/** Which packets count: those to or from these addresses, in coordinates. */
export interface Scope {
  readonly packets: Region;
  readonly required: Region;
}

/**
 * Rules of the user and defaults that accept packets of the scope that nobody requires.
 * @throws RegionLimitError, StepLimitError where a bound is met.
 */
export function excessOf(bench: Bench, device: Device, family: Family, scope: Scope, judging: Judging): readonly ExcessOfRule[] {
  const compiled = bench.compiled.get(device)?.[family];
  if (!compiled || scope.packets.length === 0) return [];
  const found = new Map<CompiledRule, { sure: Region; possible: Region }>();
  const resolve = resolver(judging.facts, judging.settings, new Map());
  for (const part of viewOf(device, compiled, scope.packets, {}).parts) {
    const stages = part.entry.stages[family] ?? [];
    const packets = part.flow.map((box) => [...box, part.in, part.out, FIRST_PACKET]);
    const result = runPass(compiled, stages, packets, resolve);
    const accepted = flowOf(result.accepted);
    const denied = flowOf(result.denied);
    for (const hit of result.hits) {
      if (hit.effect !== 'accept' || hit.rule.list.secondary || hit.rule.rule.origin === 'automatic') continue;
      const extra = subtractRegion(intersectRegion(flowOf(hit.region), accepted), scope.required);
      if (extra.length === 0) continue;
      const sure = subtractRegion(extra, denied);
      const possible = subtractRegion(extra, sure);
      const known = found.get(hit.rule);
      found.set(hit.rule, {
        sure: uniteRegions(known?.sure ?? NOTHING, sure),
        possible: uniteRegions(known?.possible ?? NOTHING, possible),
      });
    }
  }
  return [...found].map(([rule, { sure, possible }]) => ({
    device,
    rule,
    family,
    sure: simplify(sure),
    possible: simplify(possible),
  }));
}

/** Rough number of packets of a region, for ranking: source x destination x ports. */
export function widthOf(region: Region): number {
  const dimensions = [DIM.source, DIM.destination, DIM.protocol, DIM.port];
  return region.reduce((sum, box) => sum + dimensions.reduce<number>((product, d) => product * size(box[d] as Intervals), 1), 0);
}
