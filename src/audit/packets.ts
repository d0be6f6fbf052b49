/** The packets that a flow demands, in the coordinates of the analysis. */
import type { Space, Spaces } from '../analysis/space.js';
import { PORT_PROTOCOLS } from '../model/match.js';
import type { Expectation, ServiceTerm } from '../model/requirement.js';
import type { AddressSet, Family } from '../sets/address.js';
import { type Intervals, intersect, size, subtract, unionAll } from '../sets/intervals.js';
import { type Box, NOTHING, type Region, subtractBox, uniteRegions } from '../sets/region.js';

const ALL: Intervals = [0, 65536];
const WITH_PORTS: Intervals = unionAll(PORT_PROTOCOLS.map((protocol) => [protocol, protocol + 1]));
/** Unstated source ports of a required flow: no client uses a privileged one. A prohibition means all. */
const EPHEMERAL: Intervals = [1024, 65536];
const ICMP_BOTH: Intervals = [1, 2, 58, 59];

/** Products of protocol, source port and port that a service demands. Protocols are literal: ICMP (1) is not ICMPv6 (58). */
function serviceBoxes(term: ServiceTerm, expect: Expectation): readonly (readonly [Intervals, Intervals, Intervals])[] {
  const protocols = term.protocols.length ? unionAll(term.protocols.map((p): Intervals => [p, p + 1])) : ([0, 256] as Intervals);
  const withPorts = intersect(protocols, WITH_PORTS);
  const icmp = intersect(protocols, ICMP_BOTH);
  const rest = subtract(subtract(protocols, WITH_PORTS), ICMP_BOTH);
  const out: (readonly [Intervals, Intervals, Intervals])[] = [];
  if (withPorts.length > 0) out.push([withPorts, term.sourcePorts ?? (expect === 'deny' ? ALL : EPHEMERAL), term.ports ?? ALL]);
  if (icmp.length > 0) out.push([icmp, ALL, withPorts.length === 0 ? (term.ports ?? ALL) : ALL]);
  if (rest.length > 0) out.push([rest, ALL, ALL]);
  return out;
}

/** Packets from an address to itself never leave the host. Exact while few addresses are at both ends. */
function withoutSelf(region: Region, overlap: Intervals, space: Space): Region {
  if (overlap.length === 0 || size(overlap) > 256) return region;
  let rest = region;
  for (let i = 0; i < overlap.length; i += 2)
    for (let at = overlap[i] as number; at < (overlap[i + 1] as number); at++) {
      const one: Intervals = [at, at + 1];
      // A coordinate of IPv6 may stand for many addresses.
      const { v6 } = space.addresses(one);
      if (v6.length > 0 && (v6[1] as bigint) - (v6[0] as bigint) > 1n) continue;
      rest = subtractBox(rest, [one, one, [0, 256], ALL, ALL]);
    }
  return rest;
}

export interface Demand {
  readonly source: AddressSet;
  readonly destination: AddressSet;
  readonly services: readonly ServiceTerm[];
  readonly expect: Expectation;
}

/** Families are paired like with like; a family without addresses at one end demands nothing. */
export function packetsOf(demand: Demand, spaces: Spaces): Readonly<Record<Family, Region>> {
  const of = (family: Family): Region => {
    const space = spaces[family];
    const source = space.coordinates(demand.source);
    const destination = space.coordinates(demand.destination);
    if (source.length === 0 || destination.length === 0) return NOTHING;
    let region: Region = NOTHING;
    for (const term of demand.services)
      for (const [protocols, sourcePorts, ports] of serviceBoxes(term, demand.expect)) {
        if (ports.length === 0 || sourcePorts.length === 0) throw new Error('a service with no ports reached the analysis');
        region = uniteRegions(region, [[source, destination, protocols, sourcePorts, ports] satisfies Box]);
      }
    return withoutSelf(region, intersect(source, destination), space);
  };
  return { 4: of(4), 6: of(6) };
}
