/** Zones of a virtual system as links, and the zone part of a rule. */
import type { Condition } from '../../src/model/condition.js';
import { contains, type Intervals, only, overlaps, subtract, unionAll } from '../../src/sets/intervals.js';
import type { Members, Rulebase, VsysRecord } from './records.js';

/** Zone part of a match: boxes over `in` and `out` alone. */
export interface ZoneBounds {
  readonly lo: readonly ZoneBox[];
  readonly hi: readonly ZoneBox[];
  readonly conditions: readonly Condition[];
}
interface ZoneBox {
  readonly in?: Intervals;
  readonly out?: Intervals;
}

const ANOTHER = '(another zone)';
const NOWHERE = '(no zone here)';
export const MULTICAST = 'multicast';

export class Zones {
  readonly names: readonly string[];
  /** Zones that traffic can come from, and leave by: all but tap zones, which see a copy of traffic and cannot block. */
  readonly from: Intervals;
  readonly to: Intervals;
  private readonly index: ReadonlyMap<string, number>;
  /** Stands for interfaces that are in no zone of this virtual system, where there are any: their traffic is dropped. */
  readonly nowhere: number | undefined;
  /** Set when the export holds no zones: stands for every zone that no rule names. */
  private readonly another: number | undefined;
  private readonly device: string;

  /** @param outsiders some interface that packets may be routed by is in no zone here. */
  constructor(vsys: VsysRecord, device: string, outsiders: boolean) {
    this.device = device;
    const rules = [vsys.rulebase, vsys.pushed?.pre, vsys.pushed?.post].flatMap((base) => (base ? [...ruleZones(base)] : []));
    const exported = vsys.zones.map((zone) => zone.name);
    const names = exported.length ? [...new Set(exported)] : [...new Set(rules)].filter((n) => n !== MULTICAST).sort();
    this.another = exported.length ? undefined : names.push(ANOTHER) - 1;
    const tap = names.flatMap((name, i) =>
      vsys.zones.some((zone) => zone.name === name && zone.type === 'tap') ? [only(i)] : [],
    );
    this.from = subtract([0, names.length], unionAll(tap));
    if (rules.includes(MULTICAST) && !names.includes(MULTICAST)) names.push(MULTICAST);
    this.to = subtract([0, names.length], unionAll(tap));
    this.nowhere = outsiders && exported.length ? names.push(NOWHERE) - 1 : undefined;
    this.names = names;
    this.index = new Map(names.map((name, i) => [name, i]));
  }

  link(name: string): number | undefined {
    return this.index.get(name);
  }

  /** @returns surely and perhaps meant zones; undefined: every zone. */
  private list(
    members: Members,
    side: string,
  ): { lo: Intervals | undefined; hi: Intervals | undefined; conditions: readonly Condition[] } {
    if (members?.includes('any')) return { lo: undefined, hi: undefined, conditions: [] };
    const missing = members ? members.filter((name) => !this.index.has(name)) : ['(none)'];
    const known = unionAll((members ?? []).flatMap((name) => this.index.get(name) ?? []).map(only));
    if (missing.length === 0) return { lo: known, hi: known, conditions: [] };
    const text = members ? `undefined zone ${missing.join(', ')}` : `rule without ${side} zone`;
    const condition: Condition = {
      kind: 'zone',
      name: text,
      coin: `zone:${this.device}:${side}:${missing.join(',')}`,
      effect: 'extent',
      settledBy: 'Export the configuration with its zones (a managed firewall: show config merged).',
    };
    return { lo: known, hi: undefined, conditions: [condition] };
  }

  /** @param type `universal`, `intrazone` or `interzone`; anything else counts as one of the three perhaps. */
  bounds(from: Members, to: Members, type: string): ZoneBounds {
    const source = this.list(from, 'source');
    const unsure = this.another === undefined || source.hi ? [] : [this.anotherCondition()];
    if (type === 'intrazone') {
      const conditions = [...source.conditions, ...unsure];
      const lo = this.sameZone(source.lo, false);
      return { lo, hi: conditions.length ? this.sameZone(source.hi, true) : lo, conditions };
    }
    const target = this.list(to, 'destination');
    const conditions = [...source.conditions, ...target.conditions, ...(type === 'interzone' && !target.hi ? unsure : [])];
    if (type === 'universal') {
      const lo = product(source.lo, target.lo);
      return { lo, hi: conditions.length ? product(source.hi, target.hi) : lo, conditions };
    }
    if (type === 'interzone') {
      const lo = this.otherZone(source.lo, target.lo, false);
      return { lo, hi: conditions.length ? this.otherZone(source.hi, target.hi, true) : lo, conditions };
    }
    const condition: Condition = {
      kind: 'construct',
      name: `rule type ${type}`,
      coin: `construct:rule-type ${type}`,
      effect: 'extent',
    };
    return { lo: [], hi: product(source.hi, target.hi), conditions: [...conditions, condition] };
  }

  private anotherCondition(): Condition {
    return {
      kind: 'zone',
      name: 'zones are not in the export',
      coin: `zone:${this.device}:same`,
      effect: 'extent',
      settledBy: 'Export the configuration with its zones, or state them under zones:.',
    };
  }

  private each(set: Intervals | undefined): readonly number[] {
    const all = this.names.map((_, i) => i);
    return set ? all.filter((i) => contains(set, i)) : all;
  }

  private sameZone(set: Intervals | undefined, perhaps: boolean): readonly ZoneBox[] {
    return this.each(set)
      .filter((i) => perhaps || i !== this.another)
      .map((i) => ({ in: only(i), out: only(i) }));
  }

  private otherZone(from: Intervals | undefined, to: Intervals | undefined, perhaps: boolean): readonly ZoneBox[] {
    if (from && to && !overlaps(from, to)) return product(from, to);
    const all: Intervals = [0, this.names.length];
    return this.each(from).flatMap((i) => {
      const out = perhaps && i === this.another ? (to ?? all) : subtract(to ?? all, only(i));
      return out.length ? [{ in: only(i), out }] : [];
    });
  }
}

const product = (from: Intervals | undefined, to: Intervals | undefined): readonly ZoneBox[] =>
  from?.length === 0 || to?.length === 0 ? [] : [{ ...(from ? { in: from } : {}), ...(to ? { out: to } : {}) }];

function* ruleZones(base: Rulebase): Generator<string> {
  for (const rules of [base.security, base.nat, base.pbf, base.override, base.dos])
    for (const rule of rules) for (const name of [...(rule.from ?? []), ...(rule.to ?? [])]) if (name !== 'any') yield name;
}
