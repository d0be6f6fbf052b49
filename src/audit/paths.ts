/** The chains of devices that `paths:` states. */
import type { Device } from '../analysis/view.js';
import { isEmptyAddresses } from '../sets/address.js';
import type { Diagnostic } from '../source/diagnostic.js';
import { actorKey, type Role } from './bind.js';
import type { Config, LoadedConfig } from './config.js';
import type { AuditRequirement } from './demands.js';
import type { Exports } from './exports.js';

export interface StatedPath {
  readonly names: readonly string[];
  /** Devices judged: those of the chain, and the hosts at both ends. */
  readonly devices: ReadonlySet<Device>;
  /** Names of the chain that no device with an export has. */
  readonly withoutExport: readonly string[];
}

type Path = NonNullable<Config['paths']>[number];

/** A device named so, or a virtual system of it. */
export const goesBy = (device: string, name: string): boolean => device === name || device.startsWith(`${name}/`);

/** Whatever protects one host is at an end, never on the way: it is judged where its packets are. */
const isHost = ({ firewall, host, actor }: Device): boolean =>
  firewall.kind === 'host' || actor !== undefined || !isEmptyAddresses(host);

function fits({ from, to }: Path, { source, destination }: AuditRequirement, roles: ReadonlyMap<string, Role>): boolean {
  const same = (text: string, name: string): boolean => {
    const role = roles.get(actorKey(text));
    return actorKey(text) === actorKey(name) || (role !== undefined && role === roles.get(actorKey(name)));
  };
  return same(source.text, from) && same(destination.text, to);
}

/** The path of a requirement: the first that names its ends. */
export function pathFor(
  config: Config,
  exports: Exports,
  roles: ReadonlyMap<string, Role>,
): (requirement: AuditRequirement) => StatedPath | undefined {
  return (requirement) => {
    const path = config.paths?.find((one) => fits(one, requirement, roles));
    if (!path) return undefined;
    const named = exports.devices.filter((device) => path.through.some((name) => goesBy(device.name, name)));
    return {
      names: path.through,
      devices: new Set([...named, ...exports.devices.filter(isHost)]),
      withoutExport: path.through.filter(
        (name) =>
          !named.some((device) => goesBy(device.name, name)) && !exports.unreadable.some((device) => device.name === name),
      ),
    };
  };
}

/** Paths that no requirement takes: an end is misspelt, or an earlier path names the same ends. */
export function unusedPaths(
  loaded: LoadedConfig<Config>,
  requirements: readonly AuditRequirement[],
  roles: ReadonlyMap<string, Role>,
  file: string,
): Diagnostic[] {
  const paths = loaded.value.paths ?? [];
  const used = new Set(requirements.map((requirement) => paths.find((one) => fits(one, requirement, roles))));
  return paths.flatMap((path, i) =>
    used.has(path)
      ? []
      : [
          {
            severity: 'warning' as const,
            code: 'unused-path',
            message: `paths: no requirement from "${path.from}" to "${path.to}" takes this path`,
            file,
            ...loaded.placeOf(['paths', i]),
          },
        ],
  );
}
