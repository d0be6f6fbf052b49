/** The options that say what an export lacks, and exports named on the command line. */
import { existsSync } from 'node:fs';
import type { Given } from '../../parsers/types.js';
import type { Device } from '../analysis/view.js';
import { type GivenConfig, loadGiven } from '../audit/config.js';
import { addressesFrom, givenFrom, type LoadedDevices, loadDevice, readSource } from '../audit/devices.js';
import { type Names, NO_NAMES, readNames } from '../audit/names.js';
import { type Diagnostic, RefusedError } from '../source/diagnostic.js';
import { pathBeside, readBytes } from './io.js';

export interface DeviceOptions {
  readonly host?: string;
  readonly profile?: string;
  readonly subnet?: string;
  readonly vsys?: string;
  readonly ipset?: readonly string[];
  readonly ipAddr?: string;
  readonly given?: string;
  readonly names?: string;
  readonly encoding?: string;
}

const PROFILES = ['domain', 'private', 'public'] as const;

function profileOf(text: string): (typeof PROFILES)[number][] {
  return text.split(',').map((piece) => {
    const found = PROFILES.find((profile) => profile === piece.trim().toLowerCase());
    if (!found)
      throw new RefusedError(`--profile ${text}: there is no profile "${piece}"`, {
        hint: 'Expected domain, private or public, or several joined by commas.',
      });
    return found;
  });
}

/** The GIVEN file with the options laid over it. */
export function configFromOptions(options: DeviceOptions): { config: GivenConfig; names: Names; file: string } {
  const file = options.given ?? 'the command line';
  const fromFile = options.given === undefined ? {} : loadGiven(readSource(options.given, readBytes).source).value;
  const config: GivenConfig = {
    ...fromFile,
    ...(options.host === undefined ? {} : { host: [options.host] }),
    ...(options.profile === undefined ? {} : { profile: profileOf(options.profile) }),
    ...(options.subnet === undefined ? {} : { subnet: [options.subnet] }),
    ...(options.vsys === undefined ? {} : { vsys: options.vsys }),
    ...(options.ipset?.length ? { ipsets: [...options.ipset] } : {}),
    ...(options.ipAddr === undefined ? {} : { 'ip-addr': options.ipAddr }),
  };
  return { config, names: options.names === undefined ? NO_NAMES : readNames(readSource(options.names, readBytes).source), file };
}

function givenOf(options: DeviceOptions): Given {
  const { config, names, file } = configFromOptions(options);
  const { host, ...rest } = config;
  const resolve = (path: string): string =>
    options.given === undefined || existsSync(path) ? path : pathBeside(options.given, path);
  return givenFrom(rest, undefined, host ? addressesFrom(host, names, '--host', file) : undefined, {
    names,
    readFile: readBytes,
    resolve,
    file,
  });
}

/** Files of one device are joined by `+`, unless a file of that very name exists. */
export const filesOf = (argument: string): readonly string[] =>
  argument.includes('+') && !existsSync(argument) ? argument.split('+') : [argument];

/** Two exports of which one holds IPv4 and the other IPv6 alone are likely one host. */
function halves(devices: readonly Device[]): Diagnostic[] {
  const families = (device: Device): string =>
    [...new Set(Object.values(device.firewall.entries).flatMap((entry) => Object.keys(entry?.stages ?? {})))].join(',');
  const four = devices.find((device) => families(device) === '4');
  const six = devices.find((device) => families(device) === '6');
  if (!four || !six) return [];
  const [a, b] = [four.firewall.files[0], six.firewall.files[0]];
  return [
    {
      severity: 'warning',
      code: 'two-halves',
      message: `${a} holds IPv4 rules only and ${b} IPv6 rules only: if they are of one host, name them as ${a}+${b}`,
    },
  ];
}

/** Reads every export named on the command line; names of devices that repeat get a number. */
export function loadExports(exports: readonly string[], options: DeviceOptions): LoadedDevices {
  const given = givenOf(options);
  const loaded = exports.map((argument) => loadDevice(filesOf(argument), given, readBytes, options.encoding));
  const seen = new Map<string, number>();
  const devices = loaded
    .flatMap((one) => one.devices)
    .map((device) => {
      const count = (seen.get(device.name) ?? 0) + 1;
      seen.set(device.name, count);
      return count === 1 ? device : { ...device, name: `${device.name}#${count}` };
    });
  return {
    devices,
    inputs: loaded.flatMap((one) => one.inputs),
    sources: loaded.flatMap((one) => one.sources),
    diagnostics: [...loaded.flatMap((one) => one.diagnostics), ...halves(devices)],
  };
}
