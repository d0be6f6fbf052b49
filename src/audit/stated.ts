/** Names of interfaces, zones and profiles in a flow, as links of the devices. */
import { linkNamed } from '../analysis/places.js';
import type { Device, Stated } from '../analysis/view.js';
import { only } from '../sets/intervals.js';
import { RefusedError } from '../source/diagnostic.js';
import type { FlowSpec } from './flow-text.js';

/**
 * @throws RefusedError when no device has a link of that name. A device without it takes the flow as not stated there.
 */
export function statedAt(devices: readonly Device[], flow: FlowSpec): ReadonlyMap<Device, Stated> {
  const find = (device: Device, name: string | undefined) => {
    if (name === undefined) return undefined;
    const index = linkIndex(device, name);
    return index < 0 ? undefined : only(index);
  };
  for (const name of [flow.in, flow.out])
    if (name !== undefined && !devices.some((device) => linkIndex(device, name) >= 0))
      throw new RefusedError(`flow ${flow.id}: no device has an interface, zone or profile "${name}"`, {
        hint: devices.map((device) => `${device.name} has ${device.firewall.links.names.join(', ')}`).join('; '),
      });
  return new Map(
    devices.map((device): [Device, Stated] => {
      const incoming = find(device, flow.in);
      const outgoing = find(device, flow.out);
      return [
        device,
        {
          ...(flow.direction ? { direction: flow.direction } : {}),
          ...(incoming ? { in: incoming } : {}),
          ...(outgoing ? { out: outgoing } : {}),
        },
      ];
    }),
  );
}

/** An interface that the export does not name still exists: a device that has a catch-all link takes it for that. */
function linkIndex(device: Device, name: string): number {
  const { names, kind } = device.firewall.links;
  const exact = linkNamed(device.firewall, name);
  if (exact >= 0) return exact;
  const folded = kind === 'profile' ? names.findIndex((one) => one.toLowerCase() === name.toLowerCase()) : -1;
  if (folded >= 0) return folded;
  return device.firewall.linkOf?.(name) ?? -1;
}
