/**
 * The spaces that packets are points of, one for each address family. IPv4 addresses are their own coordinates; IPv6
 * addresses are ranked once against all boundaries that occur, so that both families cost the same afterwards.
 */
import type { Firewall } from '../model/firewall.js';
import { type MatchBox, PHASE_COUNT } from '../model/match.js';
import type { AddressSet, Family } from '../sets/address.js';
import type { Intervals } from '../sets/intervals.js';
import type { Box } from '../sets/region.js';

/** Dimensions of a packet on its way through one device; the first five are the flow's own. */
export const DIM = { source: 0, destination: 1, protocol: 2, sourcePort: 3, port: 4, in: 5, out: 6, phase: 7 } as const;
export const FLOW_DIMENSIONS = 5;

export const ALL_PROTOCOLS: Intervals = [0, 256];
export const ALL_PORTS: Intervals = [0, 65536];
export const ALL_PHASES: Intervals = [0, PHASE_COUNT];

/** Destinations of which no answer comes back: multicast, and above it in IPv4 the reserved block with broadcast. */
export const MULTICAST: AddressSet = { v4: [224 * 2 ** 24, 2 ** 32], v6: [255n << 120n, 1n << 128n] };

export interface Space {
  readonly family: Family;
  readonly allAddresses: Intervals;
  /** Coordinates of the addresses of this family in a set. */
  coordinates(set: AddressSet): Intervals;
  /** The addresses at coordinates, as a set of this family. */
  addresses(coordinates: Intervals): AddressSet;
}

const SPACE_4: Space = {
  family: 4,
  allAddresses: [0, 2 ** 32],
  coordinates: (set) => set.v4,
  addresses: (coordinates) => ({ v4: coordinates, v6: [] }),
};

function space6(sets: Iterable<AddressSet>): Space {
  const boundaries = new Set<bigint>([0n, 2n ** 128n]);
  for (const set of sets) for (const boundary of set.v6) boundaries.add(boundary);
  const sorted = [...boundaries].sort((a, b) => (a < b ? -1 : 1));
  const rank = new Map(sorted.map((boundary, i) => [boundary, i]));
  const known = new WeakMap<AddressSet, Intervals>();
  return {
    family: 6,
    allAddresses: [0, sorted.length - 1],
    coordinates(set) {
      let found = known.get(set);
      if (!found) {
        found = set.v6.map((boundary) => {
          const at = rank.get(boundary);
          if (at === undefined) throw new Error('an address set was not announced when the space was built');
          return at;
        });
        known.set(set, found);
      }
      return found;
    },
    addresses: (coordinates) => ({ v4: [], v6: coordinates.map((at) => sorted[at] as bigint) }),
  };
}

function* addressSetsOf(firewall: Firewall): Generator<AddressSet> {
  for (const list of firewall.lists.values())
    for (const rule of list.rules)
      for (const boxes of rule.match.lo === rule.match.hi ? [rule.match.hi] : [rule.match.lo, rule.match.hi])
        for (const box of boxes) {
          if (box.source) yield box.source;
          if (box.destination) yield box.destination;
        }
  for (const translation of firewall.translations ?? [])
    for (const box of translation.match) {
      if (box.source) yield box.source;
      if (box.destination) yield box.destination;
    }
  for (const route of firewall.routes ?? []) yield route.destination;
  yield firewall.ownAddresses;
}

/** Single addresses of short IPv6 ranges, so that each has a coordinate of its own: a host does not talk to itself. */
function* neighbours(set: AddressSet): Generator<AddressSet> {
  for (let i = 0; i < set.v6.length; i += 2) {
    const first = set.v6[i] as bigint;
    const end = set.v6[i + 1] as bigint;
    if (end - first <= 64n) for (let at = first; at < end; at++) yield { v4: [], v6: [at, at + 1n] };
  }
}

export interface Spaces {
  readonly 4: Space;
  readonly 6: Space;
}

/** Spaces in which all rules of the firewalls, and the further sets (flows, roles), have coordinates. */
export function buildSpaces(firewalls: readonly Firewall[], further: readonly AddressSet[]): Spaces {
  function* all(): Generator<AddressSet> {
    for (const firewall of firewalls) yield* addressSetsOf(firewall);
    yield MULTICAST;
    for (const set of further) {
      yield set;
      yield* neighbours(set);
    }
  }
  return { 4: SPACE_4, 6: space6(all()) };
}

/** Coordinates of a match box on a device with `links` links; undefined when it holds no packet of this family. */
export function boxOf(match: MatchBox, space: Space, links: number): Box | undefined {
  const everyLink: Intervals = [0, links];
  const box: Box = [
    match.source ? space.coordinates(match.source) : space.allAddresses,
    match.destination ? space.coordinates(match.destination) : space.allAddresses,
    match.protocols ?? ALL_PROTOCOLS,
    match.sourcePorts ?? ALL_PORTS,
    match.ports ?? ALL_PORTS,
    match.in ?? everyLink,
    match.out ?? everyLink,
    match.phases ?? ALL_PHASES,
  ];
  return box.some((set) => set.length === 0) ? undefined : box;
}
