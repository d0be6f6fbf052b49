/** An audit without a configuration: exports and pages on the command line become one. */
import { basename } from 'node:path';

import { actorKey } from '../audit/bind.js';
import type { Config, GivenConfig, LoadedConfig } from '../audit/config.js';
import { loadDevice, readSource } from '../audit/devices.js';
import type { Proposal } from '../audit/propose.js';
import type { AssumptionId } from '../model/condition.js';
import type { Firewall } from '../model/firewall.js';
import { importRequirements, type RequirementImport } from '../requirements/index.js';
import { type Diagnostic, RefusedError } from '../source/diagnostic.js';
import { configFromOptions, type DeviceOptions, filesOf } from './device-options.js';
import { readBytes } from './io.js';

export interface AdHocOptions extends DeviceOptions {
  readonly require: readonly string[];
  readonly thisHost?: string;
  readonly bind: readonly string[];
  readonly assume?: readonly AssumptionId[];
}

export interface AdHoc {
  readonly loaded: LoadedConfig<Config>;
  readonly pages: readonly RequirementImport[];
  readonly firewalls: ReadonlyMap<string, Firewall>;
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

/** Two exports may name their device alike. */
function nameBeside(name: string, taken: ReadonlyMap<string, unknown>): string {
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? name : `${name}-${i}`;
    if (!taken.has(candidate)) return candidate;
  }
}

const NOWHERE = (): { line: number; column: number } => ({ line: 1, column: 1 });

/**
 * @param needHost refuse the export of a host when nobody says whose host it is.
 * @throws RefusedError for actors that no page names, and for exports that cannot be read.
 */
export function adHocConfig(exports: readonly string[], options: AdHocOptions, needHost: boolean): AdHoc {
  const pages = options.require.map((page) => importRequirements(readSource(page, readBytes).source));
  const host = options.thisHost === undefined ? undefined : actorNamed(options.thisHost, pages, '--this-host');
  const bound = new Map([...bindings(options.bind)].map(([actor, addresses]) => [actorNamed(actor, pages, '--bind'), addresses]));
  if (host !== undefined && options.host !== undefined && !bound.has(host)) bound.set(host, options.host);
  const { config: given } = configFromOptions(options);
  const { host: _host, ...stated } = given as GivenConfig;
  const firewalls = new Map<string, Firewall>();
  const devices = exports.map((argument) => {
    const files = filesOf(argument);
    const vsys = options.vsys === undefined ? {} : { vsys: options.vsys };
    const { devices: found } = loadDevice(files, vsys, readBytes, options.encoding);
    const [device] = found;
    const isHost = device?.firewall.kind === 'host';
    if (isHost && host === undefined && needHost) {
      const actors = [...new Set(pages.flatMap((page) => page.actors.map((actor) => actor.name)))];
      throw new RefusedError(`${files[0]} is the export of a host, and nobody says whose`, {
        file: files[0] ?? '',
        hint: `Add --this-host with one of the page's actors: ${actors.join(', ')}.`,
      });
    }
    // Several virtual systems are one device here: the file names it.
    const name = nameBeside(
      found.length === 1 && device ? device.name : basename(files[0] ?? argument).replace(/\.[^.]*$/, ''),
      firewalls,
    );
    if (device) firewalls.set(name, device.firewall);
    const encoding = options.encoding === undefined ? {} : { encoding: options.encoding };
    return { name, exports: [...files], ...(isHost && host !== undefined ? { host } : {}), ...stated, ...encoding };
  });
  // Other spellings that the page seems to use for this host: taken for it, and said so; not those bound by themselves.
  const aliases =
    host === undefined
      ? []
      : [
          ...new Set(
            pages.flatMap((page) => page.aliasProposals.filter((alias) => alias.like === host).map((alias) => alias.actor)),
          ),
        ].filter((alias) => !bound.has(alias));
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
    ...(options.assume?.length ? { assume: [...options.assume] } : {}),
  };
  const remarks = aliases.map(
    (alias): Diagnostic => ({
      severity: 'warning',
      code: 'alias-taken',
      message: `"${alias}" is taken for this host, "${host}"; if it is another machine, write a flowgap.yaml without that alias`,
      file: options.require[0] ?? '',
    }),
  );
  return { loaded: { value, placeOf: NOWHERE }, pages, firewalls, remarks };
}

export const proposalOf = (adHoc: AdHoc): Proposal => ({
  pages: adHoc.pages,
  config: adHoc.loaded.value,
  firewalls: adHoc.firewalls,
});
