/**
 * conntrack and state. The state of a packet follows from its phase (which packet of a connection it is), but for ICMP
 * also from its type: only requests begin a connection, errors are RELATED or INVALID (nf_conntrack_proto_icmp.c,
 * nf_conntrack_proto_icmpv6.c).
 */
import type { Condition } from '../../src/model/condition.js';
import { type MatchBox, PHASE, PHASE_COUNT, PROTOCOL } from '../../src/model/match.js';
import type { AddressSet, Family } from '../../src/sets/address.js';
import { type Intervals, only, range, subtract, unionAll } from '../../src/sets/intervals.js';
import { condition } from './condition.js';
import { and, between, type Constraint, EVERYTHING, exactly } from './constraint.js';
import { ALL_PROTOCOLS, WITH_PORTS } from './ports.js';

export type State = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';
const STATES: ReadonlySet<string> = new Set(['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED']);

/** Protocols (and ICMP types) whose packets have the same states in every phase. */
interface Class {
  readonly box: MatchBox;
  /** States that a packet of a phase may have; one: it is certain. */
  readonly states: readonly (readonly State[])[];
}

function statesByPhase(
  begins: readonly State[],
  strayReply: readonly State[],
  unseenLater = begins,
): readonly (readonly State[])[] {
  const out: (readonly State[])[] = Array(PHASE_COUNT).fill(['UNTRACKED']);
  out[PHASE.first] = begins;
  out[PHASE.strayLater] = begins;
  out[PHASE.unseenLater] = unseenLater;
  out[PHASE.strayReply] = strayReply;
  out[PHASE.reply] = ['ESTABLISHED'];
  out[PHASE.later] = ['ESTABLISHED'];
  return out;
}

const NEVER_TRACKED: readonly (readonly State[])[] = Array(PHASE_COUNT).fill(['UNTRACKED']);
const types = (...numbers: readonly number[]): Intervals => unionAll(numbers.map((type) => range(type * 256, type * 256 + 255)));

function icmpClasses(protocol: number, requests: Intervals, errors: Intervals, untracked: Intervals, unsure: Intervals): Class[] {
  const protocols = only(protocol);
  const rest = subtract(range(0, 65535), unionAll([requests, errors, untracked, unsure]));
  const classes: Class[] = [
    { box: { protocols, ports: requests }, states: statesByPhase(['NEW'], ['INVALID']) },
    { box: { protocols, ports: errors }, states: statesByPhase(['RELATED', 'INVALID'], ['RELATED', 'INVALID']) },
    { box: { protocols, ports: untracked }, states: NEVER_TRACKED },
    { box: { protocols, ports: unsure }, states: Array(PHASE_COUNT).fill(['UNTRACKED', 'INVALID']) },
    { box: { protocols, ports: rest }, states: statesByPhase(['INVALID'], ['INVALID']) },
  ];
  return classes.filter(({ box }) => box.ports?.length !== 0);
}

const others = (...icmp: readonly number[]): Class[] => [
  { box: { protocols: only(PROTOCOL.tcp) }, states: statesByPhase(['NEW'], ['INVALID'], ['INVALID']) },
  {
    box: { protocols: subtract(ALL_PROTOCOLS, unionAll([PROTOCOL.tcp, ...icmp].map(only))) },
    states: statesByPhase(['NEW'], ['NEW']),
  },
];

const ICMP: readonly Class[] = icmpClasses(PROTOCOL.icmp, types(8, 13, 15, 17), types(3, 4, 5, 11, 12), [], []);

const CLASSES: Readonly<Record<Family, readonly Class[]>> = {
  4: [
    ...others(PROTOCOL.icmp, PROTOCOL.icmpv6),
    ...ICMP,
    // Its checksum is taken over addresses that an IPv4 packet does not have (nf_conntrack_icmpv6_error).
    { box: { protocols: only(PROTOCOL.icmpv6) }, states: statesByPhase(['INVALID'], ['INVALID']) },
  ],
  6: [
    ...others(PROTOCOL.icmpv6, PROTOCOL.icmp),
    // Redirects (137): documentation calls them untracked, the table of the kernel does not hold them.
    ...icmpClasses(
      PROTOCOL.icmpv6,
      types(128, 139),
      range(0, 127 * 256 + 255),
      types(130, 131, 132, 133, 134, 135, 136, 143),
      types(137),
    ),
    ...ICMP,
  ],
};

export const RELATED_SETTLED_BY = 'ICMP errors belong to a connection or to none; ask for the connection itself instead.';

/** Boxes with the same phases, other dimensions side by side: classes of equal phases become one box where they can. */
function collect(parts: Map<string, { phases: Intervals; classes: MatchBox[] }>, total: number): MatchBox[] {
  const out: MatchBox[] = [];
  for (const { phases, classes } of parts.values()) {
    const restrict = phases.length === 2 && phases[0] === 0 && phases[1] === PHASE_COUNT ? {} : { phases };
    if (classes.length === total) out.push(restrict);
    else {
      const plain = classes.filter((box) => box.ports === undefined);
      if (plain.length > 0) out.push({ protocols: unionAll(plain.map((box) => box.protocols ?? [])), ...restrict });
      for (const protocols of [PROTOCOL.icmp, PROTOCOL.icmpv6].map(only)) {
        const typed = classes.filter((box) => box.ports !== undefined && box.protocols?.[0] === protocols[0]);
        if (typed.length > 0) out.push({ protocols, ports: unionAll(typed.map((box) => box.ports ?? [])), ...restrict });
      }
    }
  }
  return out;
}

function boxesWhere(family: Family, keep: (states: readonly State[]) => boolean): MatchBox[] {
  const parts = new Map<string, { phases: Intervals; classes: MatchBox[] }>();
  for (const { box, states } of CLASSES[family]) {
    const phases = unionAll(states.flatMap((possible, phase) => (keep(possible) ? [only(phase)] : [])));
    if (phases.length === 0) continue;
    const key = phases.join();
    const part = parts.get(key);
    if (part) part.classes.push(box);
    else parts.set(key, { phases, classes: [box] });
  }
  return collect(parts, CLASSES[family].length);
}

function build(family: Family, wanted: ReadonlySet<State>): Constraint {
  if (wanted.size === STATES.size) return EVERYTHING;
  const sure = boxesWhere(family, (states) => states.every((state) => wanted.has(state)));
  const maybe = boxesWhere(family, (states) => {
    const hits = states.filter((state) => wanted.has(state)).length;
    return hits > 0 && hits < states.length;
  });
  if (maybe.length === 0) return exactly(...sure);
  const list = [...wanted].sort().join(',');
  const name = `state of an ICMP error among ${list}`;
  return between(
    sure,
    maybe,
    condition('construct', name, `ctstate:icmp:${list}`, { effect: 'extent', settledBy: RELATED_SETTLED_BY }),
  );
}

const cache = new Map<string, Constraint>();

/** Packets whose state is in `wanted`. */
function states(family: Family, wanted: ReadonlySet<State>): Constraint {
  const key = `${family}:${[...wanted].sort().join()}`;
  let found = cache.get(key);
  if (!found) {
    found = build(family, wanted);
    cache.set(key, found);
  }
  return found;
}

export type StatesOf = (wanted: ReadonlySet<State>) => Constraint;

const TRACKED_PHASES: Intervals = unionAll(
  [PHASE.first, PHASE.reply, PHASE.later, PHASE.strayReply, PHASE.strayLater, PHASE.unseenLater].map(only),
);
const UNTRACKED_PHASES: Intervals = subtract(range(0, PHASE_COUNT - 1), TRACKED_PHASES);

/** The raw table comes before connection tracking: a packet has no connection there and counts as INVALID (xt_conntrack.c). */
const beforeTracking: StatesOf = (wanted) =>
  exactly(
    ...(wanted.has('INVALID') ? [{ phases: TRACKED_PHASES }] : []),
    ...(wanted.has('UNTRACKED') ? [{ phases: UNTRACKED_PHASES }] : []),
  );

/** What a table sees of the states of packets. */
export const statesIn = (table: string, family: Family): StatesOf =>
  table === 'raw' ? beforeTracking : (wanted) => states(family, wanted);

export interface StateList {
  readonly states: ReadonlySet<State>;
  /** DNAT and SNAT: extra states that a packet may have besides. */
  readonly translated: readonly ('DNAT' | 'SNAT')[];
  readonly unread: readonly string[];
}

export function parseStates(text: string): StateList {
  const found = new Set<State>();
  const translated: ('DNAT' | 'SNAT')[] = [];
  const unread: string[] = [];
  for (const part of text.split(',')) {
    const word = part.trim().toUpperCase();
    if (STATES.has(word)) found.add(word as State);
    else if (word === 'DNAT' || word === 'SNAT') translated.push(word);
    else if (word !== '') unread.push(word);
  }
  return { states: found, translated, unread };
}

export const allStatesBut = (wanted: ReadonlySet<State>): ReadonlySet<State> =>
  new Set([...STATES].filter((state) => !wanted.has(state as State)) as State[]);

const TRACKED: ReadonlySet<State> = new Set(['NEW', 'ESTABLISHED', 'RELATED']);
/** Phases whose packets run in the direction of the connection that tracking knows. */
export const ORIGINAL: Intervals = unionAll(
  [PHASE.first, PHASE.later, PHASE.strayReply, PHASE.strayLater, PHASE.unseenLater].map(only),
);
export const REPLY: Intervals = only(PHASE.reply);

/**
 * One conntrack instance: `state` (if it tests any) and the tests of the connection's own fields. A packet without a
 * connection (INVALID, UNTRACKED) passes on its state alone, and fails when no state is tested (xt_conntrack.c).
 */
export function conntrack(states: StatesOf, state: Constraint | undefined, fields: readonly Constraint[]): Constraint {
  if (fields.length === 0) return state ?? EVERYTHING;
  const onTracked = fields.reduce(and, and(state ?? EVERYTHING, states(TRACKED)));
  if (state === undefined) return onTracked;
  const without = and(state, states(new Set<State>(['INVALID', 'UNTRACKED'])));
  if (without.sure.length === 0 && without.maybe.length === 0) return onTracked;
  return {
    sure: onTracked.conditions.length > 0 ? without.sure : [...onTracked.sure, ...without.sure],
    maybe: [...(onTracked.conditions.length > 0 ? onTracked.sure : []), ...onTracked.maybe, ...without.maybe],
    conditions: [...onTracked.conditions, ...without.conditions].map((c): Condition => ({ ...c, effect: 'extent' })),
    sided: [],
  };
}

/**
 * A field of the connection's first packet as its sender wrote it (--ctorigdst and the like): the packet's own in the
 * original direction, the mirrored one in replies. Where a translation changed it the translation itself is undecided.
 */
export function originalField(original: MatchBox, mirrored: MatchBox): Constraint {
  return exactly({ ...original, phases: ORIGINAL }, { ...mirrored, phases: REPLY });
}

export const addressField = (side: 'source' | 'destination', set: AddressSet): Constraint =>
  originalField({ [side]: set }, { [side === 'source' ? 'destination' : 'source']: set });

/** ICMP keeps its id there, GRE its key: nothing that a packet of the model shows. */
const OTHER_KEYS: Intervals = unionAll([PROTOCOL.icmp, PROTOCOL.icmpv6, PROTOCOL.gre].map(only));
const WITHOUT_PORTS: Intervals = subtract(ALL_PROTOCOLS, unionAll([WITH_PORTS, OTHER_KEYS]));

/** A port of the connection; protocols without ports count as port 0 (nf_conntrack_proto_generic.c). */
export function portField(side: 'source' | 'destination', set: Intervals, name: string, key: string): Constraint {
  const [own, other] = side === 'source' ? (['sourcePorts', 'ports'] as const) : (['ports', 'sourcePorts'] as const);
  const { sure } = originalField({ protocols: WITH_PORTS, [own]: set }, { protocols: WITH_PORTS, [other]: set });
  const plain = set[0] === 0 ? [{ protocols: WITHOUT_PORTS, phases: unionAll([ORIGINAL, REPLY]) }] : [];
  const why = condition('construct', `${name} of ICMP or GRE`, `construct:${key}:${name}`, {
    effect: 'extent',
    settledBy: 'Connection tracking keeps other numbers than ports for these protocols; ask for TCP or UDP.',
  });
  return between([...sure, ...plain], [{ protocols: OTHER_KEYS }], why);
}

export const direction = (reply: boolean): Constraint => exactly({ phases: reply ? REPLY : ORIGINAL });
