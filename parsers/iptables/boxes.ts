/** Complement of a union of boxes. */
import { type MatchBox, PHASE_COUNT } from '../../src/model/match.js';
import { type Family, isEmptyAddresses } from '../../src/sets/address.js';
import { type Intervals, range, subtract } from '../../src/sets/intervals.js';
import { complement } from './addresses.js';
import { intersectBoxes } from './constraint.js';
import { ALL_PORTS, ALL_PROTOCOLS } from './ports.js';

const LIMIT = 256;
const UNIVERSES = {
  protocols: ALL_PROTOCOLS,
  sourcePorts: ALL_PORTS,
  ports: ALL_PORTS,
  phases: range(0, PHASE_COUNT - 1),
} as const;

/** Disjoint boxes that together hold every packet outside `box`; `links` is the number of links. */
function outside(box: MatchBox, family: Family, links: number): MatchBox[] {
  const out: MatchBox[] = [];
  let inside: MatchBox = {};
  const addSide = (side: 'source' | 'destination'): void => {
    const set = box[side];
    if (!set) return;
    const rest = complement(set, family);
    if (!isEmptyAddresses(rest)) out.push({ ...inside, [side]: rest });
    inside = { ...inside, [side]: set };
  };
  const addNumbers = (key: 'protocols' | 'sourcePorts' | 'ports' | 'in' | 'out' | 'phases'): void => {
    const set = box[key];
    if (!set) return;
    const universe: Intervals = key === 'in' || key === 'out' ? [0, links] : UNIVERSES[key];
    const rest = subtract(universe, set);
    if (rest.length > 0) out.push({ ...inside, [key]: rest });
    inside = { ...inside, [key]: set };
  };
  addSide('source');
  addSide('destination');
  for (const key of ['protocols', 'sourcePorts', 'ports', 'in', 'out', 'phases'] as const) addNumbers(key);
  return out;
}

/** @returns undefined when it would take more than a few hundred boxes. */
export function complementBoxes(boxes: readonly MatchBox[], family: Family, links: number): readonly MatchBox[] | undefined {
  let left: MatchBox[] = [{}];
  for (const box of boxes) {
    const pieces = outside(box, family, links);
    const next: MatchBox[] = [];
    for (const a of left)
      for (const b of pieces) {
        const both = intersectBoxes(a, b);
        if (both) next.push(both);
      }
    if (next.length > LIMIT) return undefined;
    left = next;
  }
  return left;
}
