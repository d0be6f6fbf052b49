/** One address, one port against PAN-OS objects. Written from the behaviour of the device alone. */
import type { AddressRecord, Objects, ServiceRecord } from '../../parsers/paloalto/index.js';
import type { Family } from '../../src/sets/address.js';
import { readAddress } from './iptables-packet.js';
import { all, some, type World } from './paloalto-world.js';

export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** Name spaces in which a rule looks its names up, nearest first. */
export type Scopes = readonly Objects[];

/** Depth of nesting that is followed; deeper is a question. */
const DEPTH = 60;

export const keyOf = (address: Address): string => `${address.family}:${address.value}`;

export const readAny = (text: string): Address | undefined => {
  const family = text.includes(':') ? 6 : 4;
  const value = readAddress(text, family);
  return value === undefined ? undefined : { family, value };
};

export const bitsOf = (family: Family): number => (family === 4 ? 32 : 128);

export interface Prefix {
  readonly first: Address;
  readonly length: number;
}

export function readPrefix(text: string): Prefix | undefined {
  const [head = '', length, more] = text.split('/');
  const first = readAny(head);
  if (!first || more !== undefined) return undefined;
  const bits = bitsOf(first.family);
  if (length === undefined) return { first, length: bits };
  if (!/^\d{1,3}$/.test(length) || Number(length) > bits) return undefined;
  return { first, length: Number(length) };
}

/** IPv4 lies inside IPv6, its first 96 bits zero; an IPv6 packet is in no IPv4 network. */
export function inPrefix(address: Address, prefix: Prefix): boolean {
  if (address.family === 6 && prefix.first.family === 4) return false;
  const drop = BigInt(bitsOf(prefix.first.family) - prefix.length);
  return address.value >> drop === prefix.first.value >> drop;
}

export function ends(text: string): readonly [Address, Address] | undefined {
  const [from = '', to = '', more] = text.split('-').map((one) => one.trim());
  const [first, last] = [readAny(from), readAny(to)];
  return first && last && more === undefined && first.family === last.family ? [first, last] : undefined;
}

/** Undefined: this is no literal. */
export function inLiteral(address: Address, text: string): boolean | undefined {
  const prefix = readPrefix(text);
  if (prefix) return inPrefix(address, prefix);
  const range = ends(text);
  if (!range) return undefined;
  if (address.family === 6 && range[0].family === 4) return false;
  return address.value >= range[0].value && address.value <= range[1].value;
}

function readWildcard(text: string): { readonly base: bigint; readonly mask: bigint } | undefined {
  const [head = '', tail = '', more] = text.split('/');
  const [base, mask] = [readAddress(head, 4), readAddress(tail, 4)];
  return base === undefined || mask === undefined || more !== undefined ? undefined : { base, mask };
}

export function inWildcard(address: Address, text: string): boolean | undefined {
  const found = readWildcard(text);
  if (!found) return undefined;
  // A bit set in the mask is ignored.
  return address.family === 4 && (address.value | found.mask) === (found.base | found.mask);
}

function inObject(world: World, address: Address, record: AddressRecord): boolean {
  const truth =
    record.kind === 'ip-netmask' || record.kind === 'ip-range'
      ? (record.kind === 'ip-range') === record.value.includes('-')
        ? inLiteral(address, record.value)
        : undefined
      : record.kind === 'ip-wildcard'
        ? inWildcard(address, record.value)
        : undefined;
  const name = record.kind === 'fqdn' ? `name ${record.value.toLowerCase()}` : `object ${record.name} ${record.span.start}`;
  return truth ?? world.fact(`${name} holds ${keyOf(address)}`);
}

/** `'web' and 'prod' or (dmz)`, `and` before `or`. */
function readFilter(text: string): readonly string[] {
  return [...text.matchAll(/\s*('[^']*'|[()]|[^\s()']+)/g)].map((match) => match[1] ?? '');
}

const unquoted = (token: string): string => (token.startsWith("'") ? token.slice(1, -1) : token);

/** Undefined: the expression cannot be read or uses what the vendor does not document. */
export function hasTags(filter: string, tags: readonly string[]): boolean | undefined {
  const tokens = readFilter(filter);
  let at = 0;
  let bad = tokens.length === 0;
  const word = (): string => (tokens[at] ?? '').toLowerCase();
  const factor = (): boolean => {
    const token = tokens[at++];
    if (token === '(') {
      const inner = either();
      if (tokens[at++] !== ')') bad = true;
      return inner;
    }
    if (token === undefined || token === ')' || ['and', 'or', 'not'].includes(token.toLowerCase())) {
      bad = true;
      return false;
    }
    return tags.includes(unquoted(token));
  };
  const both = (): boolean => {
    let truth = factor();
    while (word() === 'and') {
      at++;
      const next = factor();
      truth = truth && next;
    }
    return truth;
  };
  const either = (): boolean => {
    let truth = both();
    while (word() === 'or') {
      at++;
      const next = both();
      truth = next || truth;
    }
    return truth;
  };
  const truth = either();
  return bad || at < tokens.length ? undefined : truth;
}

const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '169.254.0.0/16',

  'fe80::/10',
  '::1',
];
export const isPrivate = (address: Address): boolean => PRIVATE.some((text) => inLiteral(address, text) === true);

/** An address against one member of a rule or group. */
export function inMember(world: World, address: Address, name: string, scopes: Scopes, path: readonly string[] = []): boolean {
  if (name === 'any') return true;
  const open = (what: string): boolean => world.fact(`${what} ${name} holds ${keyOf(address)}`);
  if (path.length > DEPTH) return open('depth');
  for (const scope of scopes) {
    const object = scope.addresses.get(name);
    const group = scope.addressGroups.get(name);
    if ((object || group) && scope.conflicts.has(`address ${name}`)) return open(`conflict in ${scope.title}`);
    if (object) return inObject(world, address, object);
    if (!group) continue;
    if (path.includes(name)) return open('cycle');
    const inner = [...path, name];
    if (group.filter === undefined) return some(group.members ?? [], (member) => inMember(world, address, member, scopes, inner));
    return inDynamic(world, address, name, group.filter, scopes, inner);
  }
  for (const scope of scopes) {
    const region = scope.regions.get(name);
    const list = scope.externalLists.get(name);
    if ((region && scope.conflicts.has(`region ${name}`)) || (list && scope.conflicts.has(`external list ${name}`)))
      return open('conflict');
    if (region) return some(region.addresses, (text) => inLiteral(address, text) ?? open(`region text ${text}`));
    if (list) {
      if (list.exceptions.some((text) => inLiteral(address, text.split(' ')[0] ?? '') === true)) return false;
      return open('list');
    }
  }
  // A country holds no private addresses.
  if (/^(?:[A-Z]{2}|A1|A2|O1)$/.test(name)) return isPrivate(address) ? false : open('country');
  if (name.startsWith('panw-')) return open('list');
  return inLiteral(address, name) ?? open('undefined');
}

function inDynamic(
  world: World,
  address: Address,
  name: string,
  filter: string,
  scopes: Scopes,
  path: readonly string[],
): boolean {
  // The nearest object of a name hides the others.
  const visible = new Map<string, readonly string[]>();
  for (const scope of scopes)
    for (const record of [...scope.addresses.values(), ...scope.addressGroups.values()])
      if (!visible.has(record.name)) visible.set(record.name, record.tags);
  const registered = `registered in ${name} is ${keyOf(address)}`;
  const candidates = [...visible].filter(([other, tags]) => tags.length > 0 && other !== name);
  const unread = hasTags(filter, []) === undefined;
  return some<() => boolean>(
    [
      ...(unread ? [] : candidates.filter(([, tags]) => hasTags(filter, tags))).map(
        ([other]) =>
          () =>
            inMember(world, address, other, scopes, path),
      ),
      () => world.fact(registered),
    ],
    (test) => test(),
  );
}

export interface Ports {
  readonly protocol: number;
  readonly sourcePort: number;
  readonly port: number;
}

/** `80,443, 8000-8100`; undefined when it cannot be read. */
export function inPortList(port: number, text: string): boolean | undefined {
  const found = text.split(',').map((piece) => /^\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*$/.exec(piece));
  if (found.some((one) => one === null || Number(one[1]) > Number(one[2] ?? one[1]) || Number(one[2] ?? one[1]) > 65535))
    return undefined;
  return found.some((one) => port >= Number(one?.[1]) && port <= Number(one?.[2] ?? one?.[1]));
}

const PREDEFINED: ReadonlyMap<string, readonly number[]> = new Map([
  ['service-http', [80, 8080]],
  ['service-https', [443]],
]);
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['sctp', 132],
]);

function inServiceObject(world: World, packet: Ports, record: ServiceRecord): boolean {
  const { protocol, sourcePort, port } = packet;
  const open = (): boolean => world.fact(`service ${record.name} ${record.span.start} ${protocol} ${sourcePort} ${port}`);
  const choice = record.protocols.at(-1);
  const number = NUMBERS.get(choice?.protocol ?? '');
  if (!choice || number === undefined || record.protocols.length > 1) return open();
  return all(
    () => protocol === number,
    () => (choice.port === undefined ? open() : (inPortList(port, choice.port) ?? open())),
    () => (choice.sourcePort === undefined ? true : (inPortList(sourcePort, choice.sourcePort) ?? open())),
  );
}

/** One member of a service list other than `any` and `application-default`. */
export function inService(world: World, packet: Ports, name: string, scopes: Scopes, path: readonly string[] = []): boolean {
  // Whatever a service is, it is one of TCP, UDP or SCTP.
  const open = (what: string): boolean =>
    [...NUMBERS.values()].includes(packet.protocol) &&
    world.fact(`${what} service ${name} ${packet.protocol} ${packet.sourcePort} ${packet.port}`);
  if (name === 'any') return true;
  for (const scope of scopes) {
    const object = scope.services.get(name);
    const group = scope.serviceGroups.get(name);
    if ((object || group) && scope.conflicts.has(`service ${name}`)) return open('conflicting');
    if (object) return inServiceObject(world, packet, object);
    if (!group) continue;
    if (path.includes(name) || path.length > DEPTH) return open('cyclic');
    return some(group.members, (member) => inService(world, packet, member, scopes, [...path, name]));
  }
  const predefined = PREDEFINED.get(name);
  return predefined ? packet.protocol === 6 && predefined.includes(packet.port) : open('undefined');
}
