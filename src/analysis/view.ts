/** Which packets of a flow cross a device, in which direction, between which links. */
import { DIRECTIONS, type Direction, type Entry, type Firewall, type HopSource } from '../model/firewall.js';
import { PHASE } from '../model/match.js';
import { type AddressSet, type Family, NO_ADDRESS, unionAddresses } from '../sets/address.js';
import { type Intervals, intersect, size, unionAll } from '../sets/intervals.js';
import { type Box, intersectRegion, NOTHING, type Region, subtractRegion, uniteRegions } from '../sets/region.js';
import type { CompiledFirewall } from './compile.js';
import { type Place, placesIn, placesOf, sameSide, tablesOf, weaker } from './places.js';
import { DIM, FLOW_DIMENSIONS, type Space } from './space.js';

/** A device as one audit uses it. */
export interface Device {
  readonly name: string;
  readonly firewall: Firewall;
  /** Addresses of the end this device protects, beyond what the export tells. */
  readonly host: AddressSet;
  /** Link name -> networks behind it, stated by the user. */
  readonly zones: ReadonlyMap<string, AddressSet>;
  /** Actor whose host this is, where nobody knows its addresses. */
  readonly actor?: string;
}

/** What the user says of the packets of one flow at a device (the columns of FLOWS.csv). */
export interface Stated {
  readonly direction?: Direction;
  readonly in?: Intervals;
  readonly out?: Intervals;
  /** The direction is not stated but tried, one of several possible ones. */
  readonly tried?: boolean;
}

/** Packets of the flow that take one way through the device. */
export interface Part {
  readonly direction: Direction;
  readonly entry: Entry;
  /** The flow's packets, five dimensions. */
  readonly flow: Region;
  /** Links they may come from and leave by; all of them are tried where there are several. */
  readonly in: Intervals;
  readonly out: Intervals;
  readonly from: HopSource;
  /** How the device knows where each end lies; absent where the device is that end. */
  readonly sourceFrom?: HopSource;
  readonly destinationFrom?: HopSource;
  /** Packets that an earlier device may have rewritten: this one may see other addresses than these. */
  readonly blind?: Region;
  /** Known only through default routes on both sides, which do not agree on one interface. */
  readonly doubtful: boolean;
  /** They may have no route: some routing table that may be asked discards them. */
  readonly unrouted?: boolean;
  /** The packets end on the device itself, where more than these rules decides (its management settings). */
  readonly endsHere?: boolean;
}

export interface View {
  readonly device: Device;
  readonly parts: readonly Part[];
  /** Packets that routing discards on the device. */
  readonly discarded: Region;
  /** Packets that cross the device in a direction or family that its export does not hold. */
  readonly unread: Region;
}

const flowBox = (source: Intervals, destination: Intervals) => [source, destination, [0, 256], [0, 65536], [0, 65536]];

const within = (flow: Region, source: Intervals, destination: Intervals): Region =>
  flow.flatMap((box) => {
    const s = intersect(box[DIM.source] as Intervals, source);
    const d = intersect(box[DIM.destination] as Intervals, destination);
    return s.length && d.length ? [box.with(DIM.source, s).with(DIM.destination, d)] : [];
  });

class ViewBuilder {
  readonly parts: Part[] = [];
  discarded: Region = NOTHING;
  unread: Region = NOTHING;
  private readonly space: Space;
  private readonly compiled: CompiledFirewall;
  private readonly device: Device;
  private readonly stated: Stated;
  /** Addresses of a device that has no rules of its own for packets to itself, unless the user says how they go. */
  private readonly own: Intervals;

  constructor(device: Device, compiled: CompiledFirewall, stated: Stated) {
    this.device = device;
    this.compiled = compiled;
    this.space = compiled.space;
    this.stated = stated;
    const { firewall } = device;
    const apart = firewall.kind === 'host' || firewall.entries.in || stated.direction || stated.out;
    this.own = apart ? [] : compiled.space.coordinates(firewall.ownAddresses);
  }

  add(
    direction: Direction,
    flow: Region,
    links: { in?: Intervals; out?: Intervals },
    from: HopSource,
    doubts: Pick<Part, 'doubtful' | 'unrouted' | 'endsHere' | 'sourceFrom' | 'destinationFrom'> = { doubtful: false },
  ): void {
    if (flow.length === 0) return;
    const entry = this.device.firewall.entries[direction];
    const stages = entry?.stages[this.space.family];
    if (!entry || !stages) {
      this.unread = uniteRegions(this.unread, flow);
      return;
    }
    const every: Intervals = [0, Math.max(1, this.device.firewall.links.names.length)];
    const pick = (stated: Intervals | undefined, found: Intervals | undefined, candidates: Intervals): Intervals =>
      stated ?? found ?? (candidates.length ? candidates : every);
    this.parts.push({
      direction,
      entry,
      flow,
      in: entry.in.length === 0 ? every : pick(this.stated.in, links.in, entry.in),
      out: entry.out.length === 0 ? every : pick(this.stated.out, links.out, entry.out),
      from: this.stated.in || this.stated.out ? 'declared' : from,
      ...doubts,
    });
  }

  /** Flow boxes that destination translations of the device may match. */
  private published(): readonly Box[] {
    return this.compiled.translations.flatMap(({ translation, boxes }) =>
      translation.changes === 'destination' ? boxes.map((box) => box.slice(0, FLOW_DIMENSIONS)) : [],
    );
  }

  /** A stated ingress counts before what routes say of the source; two interfaces of one zone are two sides. */
  private staysOnOneSide(source: Place, destination: Place): boolean {
    if (!this.stated.in) return sameSide(source, destination);
    if (this.device.firewall.links.kind === 'zone') return false;
    return sameSide({ ...source, links: this.stated.in, interfaces: [], known: true }, destination);
  }

  /** Packets between two places, on a device that forwards. */
  between(flow: Region, source: Place, destination: Place, direction: Direction = 'forward'): void {
    const part = within(flow, source.addresses, destination.addresses);
    if (part.length === 0) return;
    if (!this.stated.direction && !this.stated.out && this.staysOnOneSide(source, destination)) {
      // Packets to the device itself cross no link, but they end here: its rules and its management settings decide.
      const here = this.own.length > 0 ? within(part, this.space.allAddresses, this.own) : NOTHING;
      const links = {
        ...(source.links.length ? { in: source.links } : {}),
        ...(destination.links.length ? { out: destination.links } : {}),
      };
      this.add(direction, here, links, source.from, { doubtful: false, endsHere: true, sourceFrom: source.from });
      // Packets to a published address stay on one side only until they are translated.
      const published = intersectRegion(subtractRegion(part, [flowBox(this.space.allAddresses, this.own)]), this.published());
      this.add(direction, published, source.links.length ? { in: source.links } : {}, source.from, {
        doubtful: false,
        sourceFrom: source.from,
      });
      return;
    }
    // Where the user states the link that packets leave by, routing has nothing to say.
    if (destination.links.length === 0 && !this.stated.out) {
      this.discarded = uniteRegions(this.discarded, part);
      return;
    }
    const doubtful =
      !this.stated.in &&
      !this.stated.out &&
      source.from === 'default-route' &&
      destination.from === 'default-route' &&
      size(source.links) + size(destination.links) > 2;
    const links = {
      ...(source.links.length ? { in: source.links } : {}),
      ...(destination.links.length ? { out: destination.links } : {}),
    };
    this.add(direction, part, links, weaker(source.from, destination.from), {
      doubtful,
      unrouted: destination.discards && !this.stated.out,
      sourceFrom: source.from,
      destinationFrom: destination.from,
    });
  }
}

/** Where the device forwards: source and destination by the places they lie in. */
function forwarded(builder: ViewBuilder, device: Device, compiled: CompiledFirewall, flow: Region, stated: Stated): void {
  const { firewall } = device;
  const entry = firewall.entries.forward;
  if (!entry) {
    if (firewall.kind === 'network') builder.unread = uniteRegions(builder.unread, flow);
    return;
  }
  const { space } = compiled;
  const sources = placesOf(firewall, space, device.zones, entry.in);
  const addressed = unionAll(flow.map((box) => box[DIM.destination] as Intervals));
  for (const source of sources) {
    if (within(flow, source.addresses, space.allAddresses).length === 0) continue;
    const tables = tablesOf(firewall, source, stated.in);
    for (const destination of placesIn(firewall, space, device.zones, entry.out, tables, addressed))
      builder.between(flow, source, destination);
  }
}

/** The place of the far end, for packets that start or end on the device itself. */
function ownTraffic(
  builder: ViewBuilder,
  device: Device,
  compiled: CompiledFirewall,
  flow: Region,
  direction: 'in' | 'out',
  from: HopSource,
): void {
  if (flow.length === 0) return;
  const { firewall } = device;
  const entry = firewall.entries[direction];
  const far = direction === 'in' ? DIM.source : DIM.destination;
  const candidates = (direction === 'in' ? entry?.in : entry?.out) ?? [];
  if (!entry || candidates.length === 0 || (!firewall.routes && device.zones.size === 0)) {
    builder.add(direction, flow, {}, from);
    return;
  }
  const { space } = compiled;
  for (const place of placesOf(firewall, space, device.zones, candidates)) {
    const all = space.allAddresses;
    const part = far === DIM.source ? within(flow, place.addresses, all) : within(flow, all, place.addresses);
    if (part.length === 0) continue;
    if (direction === 'out' && place.links.length === 0) builder.discarded = uniteRegions(builder.discarded, part);
    else builder.add(direction, part, place.links.length ? { [direction]: place.links } : {}, from);
  }
}

/**
 * Directions that a flow could have on a device whose own addresses nobody knows, so that traffic to it, from it and
 * through it cannot be told apart; empty where they are known. A host is asked only when it stands alone (`alone`):
 * among several devices a host without addresses is in nobody's way.
 */
export function openDirections(device: Device, alone: boolean): readonly Direction[] {
  const { firewall } = device;
  if (hasAddresses(device.host) || hasAddresses(firewall.ownAddresses) || firewall.ownAddressesComplete) return [];
  if (firewall.kind === 'host' && !alone) return [];
  return DIRECTIONS.filter((direction) => firewall.entries[direction] || (firewall.kind === 'host' && direction !== 'forward'));
}

export const reverseOf = (direction: Direction): Direction =>
  direction === 'in' ? 'out' : direction === 'out' ? 'in' : 'forward';

/** Packets whose answers the device would judge by rules that its export does not hold. */
export function unreadReplies(view: View, family: Family): Region {
  const { firewall } = view.device;
  if (!firewall.repliesByRules) return NOTHING;
  return view.parts
    .filter((part) => !firewall.entries[reverseOf(part.direction)]?.stages[family])
    .reduce<Region>((all, part) => uniteRegions(all, part.flow), NOTHING);
}

/**
 * The ways that a flow's packets take through one device.
 * Packets to or from the device itself are `in` and `out`; others are forwarded when they join two of its sides.
 */
export function viewOf(device: Device, compiled: CompiledFirewall, flow: Region, stated: Stated): View {
  const { firewall } = device;
  const { space } = compiled;
  const builder = new ViewBuilder(device, compiled, stated);
  const finish = (): View => ({ device, parts: builder.parts, discarded: builder.discarded, unread: builder.unread });
  if (stated.direction === 'forward') forwarded(builder, device, compiled, flow, stated);
  else if (stated.direction) ownTraffic(builder, device, compiled, flow, stated.direction, stated.tried ? 'host' : 'declared');
  if (stated.direction) return finish();
  const own = space.coordinates(
    unionAddresses(device.host, firewall.kind === 'network' || !hasAddresses(device.host) ? firewall.ownAddresses : NO_ADDRESS),
  );
  const from: HopSource = firewall.kind === 'host' ? 'host' : 'interface';
  const all = space.allAddresses;
  let rest = flow;
  if (own.length > 0 && (firewall.entries.in || firewall.entries.out)) {
    const incoming = within(rest, all, own);
    ownTraffic(builder, device, compiled, incoming, 'in', from);
    rest = subtractRegion(rest, [flowBox(all, own)]);
    // Addresses of a host's role may be several machines with one policy: among them both directions count.
    const outgoing = within(firewall.kind === 'host' ? flow : rest, own, all);
    ownTraffic(builder, device, compiled, outgoing, 'out', from);
    rest = subtractRegion(rest, [flowBox(own, all)]);
  }
  if (rest.length > 0 && firewall.entries.forward && (firewall.kind === 'network' || firewall.routes || device.zones.size > 0))
    forwarded(builder, device, compiled, rest, stated);
  return finish();
}

const hasAddresses = (set: AddressSet): boolean => set.v4.length > 0 || set.v6.length > 0;

export const FIRST_PACKET: Intervals = [PHASE.first, PHASE.first + 1];
