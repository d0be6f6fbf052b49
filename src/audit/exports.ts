/** The devices of a configuration, read from their exports; what cannot be read is named. */
import type { Device } from '../analysis/view.js';
import type { AuditInput } from '../model/result.js';
import type { AddressSet } from '../sets/address.js';
import { type Diagnostic, RefusedError } from '../source/diagnostic.js';
import type { Source } from '../source/span.js';
import { actorKey, type Role } from './bind.js';
import type { Config, LoadedConfig } from './config.js';
import { addressesFrom, givenFrom, loadDevice, type ReadFile } from './devices.js';
import type { Names } from './names.js';

/** How files of a configuration are found and read. */
export interface Reading {
  readonly readFile: ReadFile;
  /** Makes a path of the configuration a path of this process. */
  readonly resolve: (path: string) => string;
  /** Told what is being done, for a progress line. */
  readonly progress?: (what: string) => void;
}

export interface Exports {
  readonly devices: readonly Device[];
  readonly inputs: readonly AuditInput[];
  readonly sources: readonly Source[];
  readonly diagnostics: readonly Diagnostic[];
  readonly unreadable: readonly { readonly name: string; readonly host: AddressSet | undefined }[];
}

/** A device whose export cannot be read is named and left out; the report is then stamped INCOMPLETE. */
export function readExports(
  loaded: LoadedConfig<Config>,
  roles: ReadonlyMap<string, Role>,
  names: Names,
  options: Reading,
  configFile: string,
): Exports {
  const devices: Device[] = [];
  const inputs: AuditInput[] = [];
  const sources: Source[] = [];
  const diagnostics: Diagnostic[] = [];
  const unreadable: { name: string; host: AddressSet | undefined }[] = [];
  loaded.value.devices.forEach((device, index) => {
    options.progress?.(`reading ${device.name}`);
    const host =
      device.host === undefined
        ? undefined
        : hostOf(device.host, roles, names, configFile, loaded.placeOf(['devices', index, 'host']));
    const actor =
      device.host !== undefined && host === undefined ? (roles.get(actorKey(device.host))?.name ?? device.host) : undefined;
    const given = givenFrom(device, device.name, host, {
      names,
      readFile: options.readFile,
      resolve: options.resolve,
      file: configFile,
    });
    try {
      const read = loadDevice(device.exports.map(options.resolve), given, options.readFile, device.encoding);
      devices.push(...read.devices.map((one) => (actor === undefined ? one : { ...one, actor })));
      inputs.push(...read.inputs);
      sources.push(...read.sources);
      diagnostics.push(...read.diagnostics);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      unreadable.push({ name: device.name, host });
      const { file, line, column, hint } = error.place;
      diagnostics.push({
        severity: 'error',
        code: 'unreadable-export',
        message: `${device.name}: ${error.message}${hint ? `. ${hint}` : ''}`,
        ...(file === undefined ? {} : { file }),
        ...(line === undefined ? {} : { line }),
        ...(column === undefined ? {} : { column }),
      });
      for (const path of device.exports)
        inputs.push({
          file: options.resolve(path),
          sha256: '',
          parser: 'unreadable',
          device: device.name,
          rules: 0,
          complete: false,
        });
    }
  });
  return { devices, inputs, sources, diagnostics, unreadable };
}

function hostOf(
  text: string,
  roles: ReadonlyMap<string, Role>,
  names: Names,
  file: string,
  at: { line: number; column: number },
): AddressSet | undefined {
  const role = roles.get(actorKey(text));
  if (role?.addresses) return role.addresses;
  if (role) return undefined;
  try {
    return addressesFrom([text], names, 'host', file);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    throw new RefusedError(`host: "${text}" is no role and no address`, {
      file,
      ...at,
      hint: `Roles: ${[...new Set([...roles.values()].map((r) => r.name))].join(', ') || 'none'}.`,
    });
  }
}
