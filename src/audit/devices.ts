/** Export files to devices: decode, detect, parse, with what the user states beside them. */
import { detect } from '../../parsers/detect.js';
import type { Given, ParserInput, Vendor } from '../../parsers/types.js';
import { linkNamed } from '../analysis/places.js';
import type { Device } from '../analysis/view.js';
import type { Firewall } from '../model/firewall.js';
import type { AuditInput } from '../model/result.js';
import { type AddressSet, NO_ADDRESS, unionAllAddresses } from '../sets/address.js';
import { parseAddressSet } from '../sets/ip.js';
import { type Decoded, decode } from '../source/decode.js';
import { type Diagnostic, RefusedError } from '../source/diagnostic.js';
import type { Source } from '../source/span.js';
import type { GivenConfig } from './config.js';
import type { Names } from './names.js';

/** Reads a file whole. Throws what node:fs throws. */
export type ReadFile = (path: string) => Uint8Array;

export function readSource(path: string, readFile: ReadFile, encoding?: string): Decoded {
  let bytes: Uint8Array;
  try {
    bytes = readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'this is a directory, not a file'
          : code === 'EACCES'
            ? 'permission denied'
            : (error as Error).message;
    throw new RefusedError(`cannot read the file: ${why}`, {
      file: path,
      hint: 'Check the path; paths in flowgap.yaml are relative to that file.',
    });
  }
  return decode(path, bytes, encoding);
}

export interface LoadedDevices {
  readonly devices: readonly Device[];
  readonly inputs: readonly AuditInput[];
  readonly sources: readonly Source[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Addresses as configuration writes them: literals and names of the hosts file. */
export function addressesFrom(texts: readonly string[], names: Names, what: string, file: string): AddressSet {
  return unionAllAddresses(
    texts
      .flatMap((text) => text.split(/[,;]\s*|\s+/).filter((piece) => piece !== ''))
      .map((piece) => {
        const set = parseAddressSet(piece) ?? names.get(piece.toLowerCase());
        if (!set)
          throw new RefusedError(`${what}: "${piece}" is no address and no name of the hosts file`, {
            file,
            hint: 'Expected 10.0.0.1, 10.0.0.0/8, 10.0.0.1-10.0.0.9, an IPv6 address, or a name that names: resolves.',
          });
        return set;
      }),
  );
}

const mapOf = (
  record: Readonly<Record<string, readonly string[]>> | undefined,
  names: Names,
  what: string,
  file: string,
): ReadonlyMap<string, AddressSet> =>
  new Map(Object.entries(record ?? {}).map(([name, texts]) => [name, addressesFrom(texts, names, `${what} ${name}`, file)]));

/** Members of a list file: an address a line, comments after `#`, `;` or a blank. */
function readList(source: Source): AddressSet {
  return unionAllAddresses(
    source.text.split('\n').flatMap((line, i) => {
      const text = (line.split(/[#;\s]/)[0] ?? '').trim();
      if (text === '') return [];
      const set = parseAddressSet(text);
      if (!set)
        throw new RefusedError(`"${text}" is no address`, {
          file: source.name,
          line: i + 1,
          column: 1,
          hint: 'A list file holds one address, prefix or range a line.',
        });
      return [set];
    }),
  );
}

/** What `lists:` names: file paths, or literal addresses. */
function listsFrom(
  record: Readonly<Record<string, readonly string[]>> | undefined,
  resolve: (path: string) => string,
  readFile: ReadFile,
): ReadonlyMap<string, AddressSet> {
  return new Map(
    Object.entries(record ?? {}).map(([name, values]) => [
      name,
      unionAllAddresses(values.map((value) => parseAddressSet(value) ?? readList(readSource(resolve(value), readFile).source))),
    ]),
  );
}

export interface GivenContext {
  readonly names: Names;
  readonly readFile: ReadFile;
  /** Makes a path of the configuration a path of this process. */
  readonly resolve: (path: string) => string;
  /** File the statements stand in, for messages. */
  readonly file: string;
}

/** What the user states, in the parsers' terms. `host` is given as addresses already. */
export function givenFrom(
  config: Omit<GivenConfig, 'host'>,
  name: string | undefined,
  host: AddressSet | undefined,
  context: GivenContext,
): Given {
  const { names, readFile, resolve, file } = context;
  const profile = config.profile === undefined ? undefined : Array.isArray(config.profile) ? config.profile : [config.profile];
  const source = (path: string): Source => readSource(resolve(path), readFile).source;
  return {
    names,
    lists: listsFrom(config.lists, resolve, readFile),
    zones: mapOf(config.zones, names, 'zone', file),
    keywords: new Map([...mapOf(config.keywords, names, 'keyword', file)].map(([key, set]) => [key.toLowerCase(), set])),
    ...(name === undefined ? {} : { name }),
    ...(host === undefined ? {} : { host }),
    ...(profile ? { profile } : {}),
    ...(config.subnet ? { subnet: addressesFrom(config.subnet, names, 'subnet', file) } : {}),
    ...(config.vsys === undefined ? {} : { vsys: config.vsys }),
    ...(config.ipsets ? { ipsets: config.ipsets.map(source) } : {}),
    ...(config['ip-addr'] === undefined ? {} : { ipAddr: source(config['ip-addr']) }),
  };
}

const rulesOf = (firewall: Firewall, file: string): number => {
  const spans = new Set<string>();
  for (const list of firewall.lists.values())
    for (const rule of list.rules)
      if (rule.origin === 'user' && (rule.span?.file ?? file) === file) spans.add(`${rule.id}\u0000${rule.span?.start ?? ''}`);
  return spans.size;
};

/**
 * Reads the exports of one device.
 * @throws RefusedError when one of them cannot be read or is of another vendor than the rest.
 */
export function loadDevice(paths: readonly string[], given: Given, readFile: ReadFile, encoding?: string): LoadedDevices {
  const decoded = paths.map((path) => readSource(path, readFile, encoding));
  const detected = decoded.map(({ source }) => ({ source, ...detect(source) }));
  const vendor = detected[0]?.vendor as Vendor;
  const stranger = detected.find((one) => one.vendor !== vendor);
  if (stranger)
    throw new RefusedError(
      `this is ${stranger.form.title}, but ${detected[0]?.source.name} of the same device is ${detected[0]?.form.title}`,
      {
        file: stranger.source.name,
        line: 1,
        hint: 'A device has the exports of one firewall; make two devices of them.',
      },
    );
  const inputs: ParserInput[] = detected.map(({ source, form }) => ({ source, form: form.id }));
  const firewalls = vendor.parse(inputs, given);
  if (firewalls.length === 0)
    throw new RefusedError('there is no firewall in this export', {
      file: detected[0]?.source.name ?? '',
      hint: 'Export the whole configuration; vsys: must name a virtual system that it holds.',
    });
  const devices = firewalls.map(
    (firewall): Device => ({
      name: firewalls.length > 1 && given.name !== undefined ? `${given.name}/${firewall.name}` : (given.name ?? firewall.name),
      firewall,
      host: given.host ?? NO_ADDRESS,
      zones: given.zones ?? new Map(),
    }),
  );
  return {
    devices,
    inputs: detected.map(({ source, form }) => ({
      file: source.name,
      sha256: source.sha256,
      parser: form.id,
      device: given.name ?? devices[0]?.name ?? null,
      rules: firewalls.reduce((sum, firewall) => sum + rulesOf(firewall, source.name), 0),
      complete: true,
    })),
    sources: detected.map(({ source }) => source),
    diagnostics: [
      ...decoded.flatMap((one) => one.diagnostics),
      ...firewalls.flatMap((firewall) => firewall.diagnostics),
      ...unusedZones(devices, given),
    ],
  };
}

function unusedZones(devices: readonly Device[], given: Given): Diagnostic[] {
  return [...(given.zones?.keys() ?? [])]
    .filter((zone) => !devices.some((device) => linkNamed(device.firewall, zone) >= 0))
    .map((zone) => ({
      severity: 'warning',
      code: 'unknown-zone',
      message: `zones: "${zone}" is no ${devices[0]?.firewall.links.kind ?? 'zone'} of ${devices[0]?.name ?? 'the device'}; there are ${devices[0]?.firewall.links.names.join(', ') || 'none'}`,
    }));
}
