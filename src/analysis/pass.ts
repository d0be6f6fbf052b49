/**
 * One pass of a set of packets through rule lists, carrying only the packets that *may* reach each point.
 *
 * Per packet this is reachability in the control-flow graph where a rule that matches between `lo` and `hi` may go
 * either way, so `accepted` and `denied` hold every verdict that any resolution of the unknowns can give
 * (upper and lower closure of Diekmann et al., Verified iptables Firewall Analysis, without unfolding).
 */
import { PHASE } from '../model/match.js';
import type { Intervals } from '../sets/intervals.js';
import {
  type Box,
  intersectRegion,
  NOTHING,
  type Region,
  regionsOverlap,
  replaceDimension,
  subtractRegion,
  uniteRegions,
} from '../sets/region.js';
import type { CompiledFirewall, CompiledList, CompiledRule } from './compile.js';
import { DIM } from './space.js';

/** What a rule surely and possibly matches in the world at hand; undefined: nothing. */
export type Resolve = (rule: CompiledRule) => { readonly lo: readonly Box[]; readonly hi: readonly Box[] } | undefined;

export interface Hit {
  readonly rule: CompiledRule;
  readonly effect: 'accept' | 'deny';
  readonly region: Region;
  /** Number of the stage on the path, from 0. */
  readonly stage: number;
}

export interface PassResult {
  /** Packets that may be accepted, and that may be denied; a packet in both is undecided. */
  readonly accepted: Region;
  readonly denied: Region;
  readonly hits: readonly Hit[];
  /** Every rule that may match packets reaching it, with those packets; in order of first meeting. */
  readonly met: ReadonlyMap<CompiledRule, Region>;
  /** Rules that a settled condition took out of the way of packets they would have matched. */
  readonly setAside: ReadonlySet<CompiledRule>;
}

/**
 * Work of all passes that answer one question: a rule that packets meet costs MEETING, another one 1. Chains that call
 * each other exponentially often end here (after some seconds), as `unknown`.
 */
export const STEP_LIMIT = 50_000_000;
const MEETING = 50;
/** What is left of STEP_LIMIT; passes that answer one question share one. */
export interface Budget {
  steps: number;
}
export const newBudget = (): Budget => ({ steps: STEP_LIMIT });
/** Chains nested deeper than this are not followed (real ones stay below 20); what enters is undecided. */
export const DEPTH_LIMIT = 400;

export class StepLimitError extends Error {
  override readonly name = 'StepLimitError';
}

const UNTRACKED: ReadonlyMap<number, number> = new Map([
  [PHASE.first, PHASE.untrackedFirst],
  [PHASE.reply, PHASE.untrackedReply],
  [PHASE.later, PHASE.untrackedLater],
  [PHASE.strayReply, PHASE.untrackedReply],
  [PHASE.strayLater, PHASE.untrackedLater],
  [PHASE.unseenLater, PHASE.untrackedLater],
]);

function untracked(region: Region): Region {
  let out: Region = NOTHING;
  for (const box of region) {
    const phases = box[DIM.phase] as Intervals;
    for (let i = 0; i < phases.length; i += 2)
      for (let phase = phases[i] as number; phase < (phases[i + 1] as number); phase++) {
        const next = UNTRACKED.get(phase) ?? phase;
        out = uniteRegions(out, replaceDimension([box], DIM.phase, [next, next + 1]));
      }
  }
  return out;
}

class Pass {
  accepted: Region = NOTHING;
  denied: Region = NOTHING;
  /** Packets that may pass every list, however they look to later ones. */
  escaped: Region = NOTHING;
  stage = 0;
  readonly hits: Hit[] = [];
  readonly met = new Map<CompiledRule, Region>();
  readonly setAside = new Set<CompiledRule>();
  private readonly active = new Set<CompiledList>();
  /**
   * What came back from lists that were jumped to in this stage, by the packets that entered. Where a circle was cut
   * inside, those packets are undecided already, so that the result serves other callers too.
   */
  private readonly returns = new Map<CompiledList, Map<string, Region>>();
  private readonly device: CompiledFirewall;
  private readonly resolve: Resolve;
  private readonly budget: Budget;

  constructor(device: CompiledFirewall, resolve: Resolve, budget: Budget) {
    this.device = device;
    this.resolve = resolve;
    this.budget = budget;
  }

  private accept(rule: CompiledRule, region: Region): void {
    if (region.length === 0) return;
    this.accepted = uniteRegions(this.accepted, region);
    this.hits.push({ rule, effect: 'accept', region, stage: this.stage });
  }

  private deny(rule: CompiledRule, region: Region): void {
    if (region.length === 0) return;
    this.denied = uniteRegions(this.denied, region);
    this.hits.push({ rule, effect: 'deny', region, stage: this.stage });
  }

  /**
   * All ways open: an unread target, a translation after which later lists see another packet, a list that cannot be
   * followed. The packet may also pass the whole path, whatever later lists say of it as it is now.
   */
  private either(rule: CompiledRule, region: Region): void {
    this.escaped = uniteRegions(this.escaped, region);
    this.hits.push({ rule, effect: 'accept', region, stage: this.stage });
    this.deny(rule, region);
  }

  /** Runs one list; returns the packets that may leave it at its end or by `return`. */
  private list(list: CompiledList, entering: Region): Region {
    let reach = entering;
    let returned: Region = NOTHING;
    for (const rule of list.rules) {
      if (reach.length === 0) break;
      if (--this.budget.steps < 0) throw new StepLimitError('too many rules to walk through');
      const match = this.resolve(rule);
      if (!match) {
        if (regionsOverlap(reach, rule.hi)) this.setAside.add(rule);
        continue;
      }
      const hit = intersectRegion(reach, match.hi);
      if (hit.length === 0) continue;
      this.budget.steps -= MEETING;
      this.met.set(rule, uniteRegions(this.met.get(rule) ?? NOTHING, hit));
      const rest = (): Region => subtractRegion(reach, match.lo);
      const { action } = rule;
      switch (action.kind) {
        case 'accept':
          this.accept(rule, hit);
          reach = rest();
          break;
        case 'drop':
        case 'reject':
          this.deny(rule, hit);
          reach = rest();
          break;
        case 'unknown':
          this.either(rule, hit);
          break;
        case 'return':
          returned = uniteRegions(returned, hit);
          reach = rest();
          break;
        case 'untrack':
          reach = uniteRegions(rest(), untracked(hit));
          break;
        case 'jump':
          reach = uniteRegions(rest(), this.call(rule, action.list, hit));
          break;
        case 'goto':
          returned = uniteRegions(returned, this.call(rule, action.list, hit));
          reach = rest();
          break;
        case 'continue':
          break;
        default:
          action satisfies never;
      }
    }
    if (list.end.action.kind === 'return' || this.active.size === 1) return uniteRegions(returned, reach);
    this.end(list, reach);
    return returned;
  }

  private end(list: CompiledList, left: Region): void {
    if (list.end.action.kind === 'drop') this.deny(list.end, left);
    else if (list.end.action.kind === 'accept') this.accept(list.end, left);
    // A list that only returns decides nothing, and nothing called it: what becomes of the packet is not known.
    else if (left.length > 0) this.either(list.end, left);
  }

  private call(rule: CompiledRule, id: string, region: Region): Region {
    const target = this.device.lists.get(id);
    if (!target || this.active.has(target) || this.active.size >= DEPTH_LIMIT) {
      this.either(rule, region);
      return region;
    }
    const known = this.returns.get(target) ?? new Map<string, Region>();
    this.returns.set(target, known);
    const key = region.map((box) => box.join(';')).join('|');
    const before = known.get(key);
    if (before) return before;
    this.active.add(target);
    const back = this.list(target, region);
    this.active.delete(target);
    known.set(key, back);
    return back;
  }

  /** Runs a list that traffic enters by itself; packets that no rule took meet its end. */
  enter(list: CompiledList, region: Region): void {
    this.returns.clear();
    this.active.add(list);
    const left = this.list(list, region);
    this.active.delete(list);
    this.end(list, left);
  }
}

/** Sends packets through the lists of a path, one after the other; every list must accept. */
export function runPass(
  device: CompiledFirewall,
  stages: readonly string[],
  packets: Region,
  resolve: Resolve,
  budget: Budget = newBudget(),
): PassResult {
  let reach = packets;
  let denied: Region = NOTHING;
  const pass = new Pass(device, resolve, budget);
  stages.forEach((id, stage) => {
    const list = device.lists.get(id);
    if (!list) throw new Error(`an entry names the list "${id}", which does not exist`);
    pass.stage = stage;
    pass.accepted = NOTHING;
    pass.denied = NOTHING;
    pass.enter(list, reach);
    reach = pass.accepted;
    denied = uniteRegions(denied, pass.denied);
  });
  return { accepted: uniteRegions(reach, pass.escaped), denied, hits: pass.hits, met: pass.met, setAside: pass.setAside };
}
