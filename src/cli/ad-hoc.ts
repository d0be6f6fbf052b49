/** An audit without a configuration: exports and pages on the command line become one. */

import { actorKey } from '../audit/bind.js';
import type { Config, GivenConfig, LoadedConfig } from '../audit/config.js';
import { loadDevice, readSource } from '../audit/devices.js';
import { NO_NAMES } from '../audit/names.js';
import type { Proposal } from '../audit/propose.js';
import { importRequirements, type RequirementImport } from '../requirements/index.js';
import { type Diagnostic, RefusedError } from '../source/diagnostic.js';
import { configFromOptions, type DeviceOptions, filesOf } from './device-options.js';
import { readBytes } from './io.js';

export interface AdHocOptions extends DeviceOptions {
  readonly require: readonly string[];
  readonly thisHost?: string;
  readonly bind: readonly string[];
}

export interface AdHoc {
  readonly loaded: LoadedConfig<Config>;
  readonly pages: readonly RequirementImport[];
  readonly bound: ReadonlyMap<string, string>;
  readonly host: string | undefined;
  readonly remarks: readonly Diagnostic[];
}

function bindings(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1 || text.slice(at + 1).trim() === '')
        throw new RefusedError(`--bind ${text} is not understood`, {
          hint: "Expected ACTOR=ADDRESSES, for example --bind 'Domain Controller=10.0.2.10,10.0.2.11'.",
        });
      return [actorKey(text.slice(0, at)), text.slice(at + 1).trim()];
    }),
  );
}

/** The actor of the pages that the user means; spelling is the user's or, letter case aside, the page's. */
function actorNamed(name: string, pages: readonly RequirementImport[], option: string): string {
  const actors = [...new Set(pages.flatMap((page) => page.actors.map((actor) => actor.name)))];
  const found =
    actors.find((actor) => actor === actorKey(name)) ??
    actors.find((actor) => actor.toLowerCase() === actorKey(name).toLowerCase());
  if (!found)
    throw new RefusedError(`${option}: the pages name no actor "${name}"`, { hint: `Actors: ${actors.join(', ') || 'none'}.` });
  return found;
}

const NOWHERE = (): { line: number; column: number } => ({ line: 1, column: 1 });

/** @throws RefusedError for actors that no page names, and for host exports without --this-host. */
export function adHocConfig(exports: readonly string[], options: AdHocOptions): AdHoc {
  if (exports.length === 0) throw new RefusedError('no export is named', { hint: 'flowgap audit EXPORT... --require PAGE' });
  const pages = options.require.map((page) => importRequirements(readSource(page, readBytes).source));
  const host = options.thisHost === undefined ? undefined : actorNamed(options.thisHost, pages, '--this-host');
  const bound = new Map([...bindings(options.bind)].map(([actor, addresses]) => [actorNamed(actor, pages, '--bind'), addresses]));
  if (host !== undefined && options.host !== undefined && !bound.has(host)) bound.set(host, options.host);
  const { config: given } = configFromOptions(options);
  const { host: _host, ...stated } = given as GivenConfig;
  const devices = exports.map((argument) => {
    const files = filesOf(argument);
    const [device] = loadDevice(
      files,
      {
        ...(options.vsys === undefined ? {} : { vsys: options.vsys }),
        ...(options.deviceGroup === undefined ? {} : { deviceGroup: options.deviceGroup }),
      },
      readBytes,
      options.encoding,
    ).devices;
    if (device?.firewall.kind === 'host' && host === undefined) {
      const actors = [...new Set(pages.flatMap((page) => page.actors.map((actor) => actor.name)))];
      throw new RefusedError(`${files[0]} is the export of a host, and nobody says whose`, {
        file: files[0] ?? '',
        hint: `Add --this-host with one of the page's actors: ${actors.join(', ')}.`,
      });
    }
    return {
      name: device?.name ?? argument,
      exports: [...files],
      ...(device?.firewall.kind === 'host' ? { host: host as string } : {}),
      ...stated,
    };
  });
  // Other spellings that the page seems to use for this host: taken for it, and said so.
  const aliases =
    host === undefined
      ? []
      : pages.flatMap((page) => page.aliasProposals.filter((alias) => alias.like === host).map((alias) => alias.actor));
  const roles = Object.fromEntries(
    [...new Set([...bound.keys(), ...(host === undefined ? [] : [host])])].map((actor) => [
      actor,
      {
        ...(bound.has(actor) ? { addresses: [bound.get(actor) as string] } : {}),
        ...(actor === host && aliases.length ? { aliases } : {}),
      },
    ]),
  );
  const value: Config = {
    requirements: options.require.map((page) => ({ page })),
    roles,
    devices,
    ...(options.names === undefined ? {} : { names: options.names }),
  };
  const remarks = aliases.map(
    (alias): Diagnostic => ({
      severity: 'warning',
      code: 'alias-taken',
      message: `"${alias}" is taken for this host, "${host}"; if it is another machine, write a flowgap.yaml without that alias`,
      file: options.require[0] ?? '',
    }),
  );
  return { loaded: { value, placeOf: NOWHERE }, pages, bound, host, remarks };
}

export function proposalOf(adHoc: AdHoc): Proposal {
  const devices = adHoc.loaded.value.devices.map((device) => {
    const [loaded] = loadDevice(device.exports, { names: NO_NAMES }, readBytes, device.encoding).devices;
    if (!loaded) throw new Error('an export that was read once is read again');
    return { name: device.name, exports: device.exports, firewall: loaded.firewall };
  });
  return { pages: adHoc.pages, devices, bound: adHoc.bound, host: adHoc.host };
}
