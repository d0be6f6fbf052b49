/** What packets a rule speaks of. */
import type { AddressSet } from '../sets/address.js';
import type { Intervals } from '../sets/intervals.js';

/**
 * A product of sets, one a dimension; an absent dimension is unrestricted. A packet is in the box when each of its
 * values is in the set of that dimension.
 *
 * Invariants: `sourcePorts` and `ports` restrict only boxes whose `protocols` all have ports (6, 17, 33, 132, 136);
 * for ICMP (1) and ICMPv6 (58) `ports` holds type * 256 + code and `sourcePorts` stays absent.
 * `in` and `out` hold indexes into `Firewall.links.names`. `phases` holds values of PHASE.
 */
export interface MatchBox {
  readonly source?: AddressSet;
  readonly destination?: AddressSet;
  /** 0..255 */
  readonly protocols?: Intervals;
  /** 0..65535 */
  readonly sourcePorts?: Intervals;
  /** Destination ports 0..65535, or ICMP type * 256 + code. */
  readonly ports?: Intervals;
  readonly in?: Intervals;
  readonly out?: Intervals;
  readonly phases?: Intervals;
}

/** Bounds of the true match, each a union of boxes: `lo` is inside it, it is inside `hi`. Exact when both are one object. */
export interface Match {
  readonly lo: readonly MatchBox[];
  readonly hi: readonly MatchBox[];
}

export const exactly = (...boxes: readonly MatchBox[]): Match => ({ lo: boxes, hi: boxes });
/** Nothing surely, `boxes` perhaps. */
export const atMost = (...boxes: readonly MatchBox[]): Match => ({ lo: [], hi: boxes });
export const between = (lo: readonly MatchBox[], hi: readonly MatchBox[]): Match => ({ lo, hi });
export const isExact = (match: Match): boolean => match.lo === match.hi;
export const MATCH_ALL: Match = exactly({});
export const MATCH_NONE: Match = exactly();

export const PROTOCOL = {
  icmp: 1,
  igmp: 2,
  ipip: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  ospf: 89,
  pim: 103,
  carp: 112,
  sctp: 132,
  udplite: 136,
} as const;
export const PORT_PROTOCOLS: readonly number[] = [6, 17, 33, 132, 136];

/**
 * Which packet of a connection is looked at, with what connection tracking says of it and, for TCP, its flags.
 * A rule that tests neither state nor TCP flags leaves `phases` absent.
 */
export const PHASE = {
  /** First packet of a tracked connection: state NEW; TCP flags SYN. */
  first: 0,
  /** Answer to it: ESTABLISHED, direction REPLY; TCP flags SYN, ACK. */
  reply: 1,
  /** A later packet of the initiator: ESTABLISHED, direction ORIGINAL; TCP flags ACK. */
  later: 2,
  /** The same three when connection tracking was bypassed: state UNTRACKED. */
  untrackedFirst: 3,
  untrackedReply: 4,
  untrackedLater: 5,
  /** Answer to an untracked first packet when the answer itself is tracked: NEW, but INVALID for TCP (SYN, ACK). */
  strayReply: 6,
  /** A later packet of the initiator (TCP flags ACK) whose first packet was untracked: NEW. */
  strayLater: 7,
  /** A later packet of the initiator whose tracked first packet got an untracked answer: NEW still, but INVALID for TCP. */
  unseenLater: 8,
} as const;
export const PHASE_COUNT = 9;
