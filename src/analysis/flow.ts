/** What is judged: devices compiled once, and the flows put to them. */
import type { AddressSet, Family } from '../sets/address.js';
import type { Region } from '../sets/region.js';
import { type CompiledFirewall, compile } from './compile.js';
import { buildSpaces, type Spaces } from './space.js';
import type { Device, Stated } from './view.js';

/** Devices compiled once, for any number of flows. */
export interface Bench {
  readonly devices: readonly Device[];
  readonly spaces: Spaces;
  readonly compiled: ReadonlyMap<Device, Readonly<Record<Family, CompiledFirewall>>>;
}

/** `further`: every address set that flows, roles and zones will bring. */
export function prepare(devices: readonly Device[], further: readonly AddressSet[]): Bench {
  const zones = devices.flatMap((device) => [...device.zones.values(), device.host]);
  const spaces = buildSpaces(
    devices.map((device) => device.firewall),
    [...further, ...zones],
  );
  const compiled = new Map(
    devices.map((device) => [device, { 4: compile(device.firewall, spaces[4]), 6: compile(device.firewall, spaces[6]) }]),
  );
  return { devices, spaces, compiled };
}

/** An end whose addresses nobody knows: every address of the flow at that end is one possible value. */
export interface FreeEnd {
  readonly actor: string;
  readonly settledBy: string;
}

export interface Flow {
  /** Packets as the source sends them, in the coordinates of the bench. */
  readonly packets: Readonly<Partial<Record<Family, Region>>>;
  readonly freeSource?: FreeEnd;
  readonly freeDestination?: FreeEnd;
  /**
   * Stated ends of a flow whose other end is `any` (both, where both are): what they exchange with neighbours, which no
   * device sees, is not asked about. An end that no device sees at all is asked about all the same.
   */
  readonly neighboursOf?: readonly ('source' | 'destination')[];
  /** What is said of the packets at a device. */
  readonly stated?: ReadonlyMap<Device, Stated>;
  /** The devices in its way, where the user states the path; default all. */
  readonly only?: ReadonlySet<Device>;
  /** Name of a device that must judge the flow but has no readable export. */
  readonly unreadable?: readonly string[];
}
