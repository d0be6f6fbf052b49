/** The packets that answer a flow, and those that follow it, where a device judges them by its rules. */
import { PHASE } from '../model/match.js';
import { type Intervals, intersect, range, subtract, union, unionAll } from '../sets/intervals.js';
import { type Box, intersectRegion, type Region, subtractRegion } from '../sets/region.js';
import { ALL_PORTS, DIM, FLOW_DIMENSIONS, MULTICAST, type Space } from './space.js';

/** ICMP and ICMPv6 requests and the type that answers them (RFC 792, 950, 4443, 4620); other types have no answer. */
const ANSWERS: Readonly<Record<4 | 6, { protocol: number; pairs: readonly (readonly [request: number, answer: number])[] }>> = {
  4: {
    protocol: 1,
    pairs: [
      [8, 0],
      [13, 14],
      [15, 16],
      [17, 18],
    ],
  },
  6: {
    protocol: 58,
    pairs: [
      [128, 129],
      [139, 140],
    ],
  },
};

const codesOf = (type: number): Intervals => range(type * 256, type * 256 + 255);
const shift = (set: Intervals, by: number): Intervals => set.map((boundary) => boundary + by);

function turn(box: Box, protocols: Intervals, sourcePort: Intervals, port: Intervals): Box {
  return [
    box[DIM.destination] as Intervals,
    box[DIM.source] as Intervals,
    protocols,
    sourcePort,
    port,
    box[DIM.out] as Intervals,
    box[DIM.in] as Intervals,
    box[DIM.phase] as Intervals,
  ];
}

/** Ends and ports exchanged; ICMP types by the pairs given. Boxes without an answer vanish. */
function turned(box: Box, space: Space, pairs: readonly (readonly [number, number])[]): Box[] {
  const { protocol } = ANSWERS[space.family];
  const icmp: Intervals = [protocol, protocol + 1];
  const protocols = box[DIM.protocol] as Intervals;
  const port = box[DIM.port] as Intervals;
  const out: Box[] = [];
  const others = subtract(protocols, icmp);
  if (others.length > 0) out.push(turn(box, others, port, box[DIM.sourcePort] as Intervals));
  if (intersect(protocols, icmp).length > 0)
    for (const [from, to] of pairs) {
      const codes = intersect(port, codesOf(from));
      if (codes.length > 0) out.push(turn(box, icmp, ALL_PORTS, shift(codes, (to - from) * 256)));
    }
  return out;
}

const phaseAfter = (box: Box, tracked: number, stray: number): Box => {
  const phases = box[DIM.phase] as Intervals;
  const has = (phase: number): boolean => intersect(phases, [phase, phase + 1]).length > 0;
  let next: Intervals = [];
  if (has(PHASE.first)) next = union(next, [tracked, tracked + 1]);
  if (has(PHASE.untrackedFirst)) next = union(next, [stray, stray + 1]);
  return box.with(DIM.phase, next);
};

/** Multicast destinations send no answer from that address. */
function withoutMulticast(region: Region, space: Space): Region {
  return subtractRegion(region, [
    [
      space.allAddresses,
      space.coordinates(MULTICAST),
      [0, 256],
      ALL_PORTS,
      ALL_PORTS,
      [0, Infinity],
      [0, Infinity],
      [0, Infinity],
    ],
  ]);
}

/** Answers to accepted first packets, entering the device from the other side. */
export function repliesTo(accepted: Region, space: Space): Region {
  return withoutMulticast(accepted, space).flatMap((box) =>
    turned(phaseAfter(box, PHASE.reply, PHASE.strayReply), space, ANSWERS[space.family].pairs),
  );
}

/** The part of a box that something answers. */
function answered(box: Box, space: Space): Box[] {
  const { protocol, pairs } = ANSWERS[space.family];
  const protocols = box[DIM.protocol] as Intervals;
  const icmp = intersect(protocols, [protocol, protocol + 1]);
  if (icmp.length === 0) return [box];
  const codes = intersect(box[DIM.port] as Intervals, unionAll(pairs.map(([request]) => codesOf(request))));
  const requests = codes.length === 0 ? [] : [box.with(DIM.protocol, icmp).with(DIM.port, codes)];
  const others = subtract(protocols, icmp);
  return others.length === 0 ? requests : [box.with(DIM.protocol, others), ...requests];
}

/** The part of a region in one phase, as packets of all links and phases of that flow. */
function flowsIn(region: Region, phase: number, space: Space): Region {
  const mine = region.filter((box) => intersect(box[DIM.phase] as Intervals, [phase, phase + 1]).length > 0);
  const every: Intervals = [0, Infinity];
  return answeredBy(mine, space).map((flow) => [...flow, every, every, every]);
}

/**
 * Later packets of the initiator, after the answer. What nothing answers never becomes a connection: all its packets are
 * first ones.
 * @param replies what was accepted of the answers: tracking goes on from one that it saw.
 */
export function followersOf(accepted: Region, replies: Region, space: Space): Region {
  const all = withoutMulticast(accepted, space).flatMap((box) => answered(box, space));
  const follow = (region: Region, tracked: number): Region =>
    region.map((box) => phaseAfter(box, tracked, PHASE.strayLater)).filter((box) => (box[DIM.phase] as Intervals).length > 0);
  const unseen = flowsIn(replies, PHASE.untrackedReply, space);
  if (unseen.length === 0) return follow(all, PHASE.later);
  const seen = flowsIn(replies, PHASE.reply, space);
  const usual = subtractRegion(all, subtractRegion(unseen, seen));
  return [...follow(usual, PHASE.later), ...follow(intersectRegion(all, unseen), PHASE.unseenLater)];
}

/** The flow (five dimensions) that packets of replies answer. */
export function answeredBy(replies: Region, space: Space): Region {
  const back = ANSWERS[space.family].pairs.map(([request, answer]) => [answer, request] as const);
  return replies.flatMap((box) => turned(box, space, back)).map((box) => box.slice(0, FLOW_DIMENSIONS));
}
