/** Difference of match boxes, as far as rules of this vendor shape them (protocols before ports, no phases). */
import type { MatchBox } from '../../src/model/match.js';
import { ANY_ADDRESS, intersectAddresses, isEmptyAddresses, subtractAddresses } from '../../src/sets/address.js';
import { type Intervals, intersect, subtract } from '../../src/sets/intervals.js';

/** Beyond this the rest is not cut further: the result stays an upper bound. */
const MOST_BOXES = 64;

/** A box cut in two along one dimension; an empty half is absent. */
interface Cut {
  readonly inside?: MatchBox;
  readonly outside?: MatchBox;
}

function cutAddresses(box: MatchBox, by: MatchBox, side: 'source' | 'destination'): Cut {
  const wanted = by[side];
  if (!wanted) return { inside: box };
  const mine = box[side] ?? ANY_ADDRESS;
  const inner = intersectAddresses(mine, wanted);
  const outer = subtractAddresses(mine, wanted);
  return {
    ...(isEmptyAddresses(inner) ? {} : { inside: { ...box, [side]: inner } }),
    ...(isEmptyAddresses(outer) ? {} : { outside: { ...box, [side]: outer } }),
  };
}

type Numbered = 'protocols' | 'sourcePorts' | 'ports' | 'in' | 'out';

function cutNumbers(box: MatchBox, by: MatchBox, key: Numbered, all: Intervals): Cut {
  const wanted = by[key];
  if (!wanted) return { inside: box };
  const mine = box[key] ?? all;
  const inner = intersect(mine, wanted);
  const outer = subtract(mine, wanted);
  return {
    ...(inner.length === 0 ? {} : { inside: { ...box, [key]: inner } }),
    ...(outer.length === 0 ? {} : { outside: { ...box, [key]: outer } }),
  };
}

function subtractOne(box: MatchBox, by: MatchBox, links: number): readonly MatchBox[] {
  const cuts: readonly ((rest: MatchBox) => Cut)[] = [
    (rest) => cutAddresses(rest, by, 'source'),
    (rest) => cutAddresses(rest, by, 'destination'),
    (rest) => cutNumbers(rest, by, 'in', [0, links]),
    (rest) => cutNumbers(rest, by, 'out', [0, links]),
    (rest) => cutNumbers(rest, by, 'protocols', [0, 256]),
    (rest) => cutNumbers(rest, by, 'sourcePorts', [0, 65536]),
    (rest) => cutNumbers(rest, by, 'ports', [0, 65536]),
  ];
  const out: MatchBox[] = [];
  let rest = box;
  for (const cut of cuts) {
    const { inside, outside } = cut(rest);
    if (!inside) return [box];
    if (outside) out.push(outside);
    rest = inside;
  }
  return out;
}

/** @param links number of links, for boxes that do not restrict them. @returns at least all of `boxes` less `minus`. */
export function subtractMatch(boxes: readonly MatchBox[], minus: readonly MatchBox[], links: number): readonly MatchBox[] {
  let left = boxes;
  for (const each of minus) {
    const next = left.flatMap((box) => subtractOne(box, each, links));
    if (next.length <= Math.max(MOST_BOXES, left.length)) left = next;
  }
  return left;
}
