/** Aliases as address or port sets: nesting, cycles, host names, URL tables. */
import { type AddressSet, ANY_ADDRESS, isEmptyAddresses, NO_ADDRESS } from '../../src/sets/address.js';
import { EMPTY, type Intervals, only, range, union } from '../../src/sets/intervals.js';
import { parseAddressSet } from '../../src/sets/ip.js';
import type { Given } from '../types.js';
import { type Extent, join, known, NOTHING, type Unknown, unknown } from './extent.js';
import { isMasked, pfLiteral } from './interface-addresses.js';
import type { Notes } from './notes.js';
import type { AliasRecord, PfsenseConfig } from './records.js';
import { SERVICE_PORTS } from './services.js';
import type { Behaviour } from './version.js';

/** Names that 2.8 and later keep for themselves; they win over a user's alias. */
const RESERVED = new Set('bogons bogonsv6 sshguard snort2c virusprot vpn_networks negate_networks tonatsubnets'.split(' '));

export interface PortExtent {
  readonly lo: Intervals;
  readonly hi: Intervals;
  readonly unknowns: readonly Unknown[];
}

export interface Dropped {
  readonly dropped: string;
}

export const isDropped = (value: object): value is Dropped => 'dropped' in value;

/** Entries that may be read to propose aliases by name: nested ones are read again for each alias that holds them. */
const MOST_PROPOSED = 200_000;

/** More unknown members than this are counted instead of listed. */
const MANY = 16;

const ALL_PORTS: Intervals = [0, 65536];
const NO_PORTS: PortExtent = { lo: EMPTY, hi: EMPTY, unknowns: [] };

const joinPorts = (a: PortExtent, b: PortExtent): PortExtent => ({
  lo: union(a.lo, b.lo),
  hi: union(a.hi, b.hi),
  unknowns: b.unknowns.length === 0 ? a.unknowns : [...a.unknowns, ...b.unknowns],
});

/** `80`, `80-90`, `80:90`; a reversed range is the empty set. Undefined: no port text. */
export function portText(text: string): Intervals | undefined {
  const match = /^([0-9]{1,5})(?:[:-]([0-9]{1,5}))?$/.exec(text);
  if (!match) {
    const service = SERVICE_PORTS.get(text);
    return service === undefined ? undefined : only(service);
  }
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return first > 65535 || last > 65535 ? undefined : range(first, last);
}

const isAddressType = (alias: AliasRecord) => !alias.type.includes('port');

export class Aliases {
  readonly #byName: ReadonlyMap<string, AliasRecord>;
  readonly #cache = new Map<string, Extent | Dropped>();
  readonly #portCache = new Map<string, PortExtent>();
  readonly #config: PfsenseConfig;
  readonly #behaviour: Behaviour;
  readonly #given: Given;
  readonly #notes: Notes;
  #read = 0;

  constructor(config: PfsenseConfig, behaviour: Behaviour, given: Given, notes: Notes) {
    this.#config = config;
    this.#behaviour = behaviour;
    this.#given = given;
    this.#notes = notes;
    const byName = new Map<string, AliasRecord>();
    for (const alias of config.aliases) {
      // Strictly numeric names are ignored by the generator.
      if (alias.name === '' || /^[0-9]+$/.test(alias.name)) continue;
      if (byName.has(alias.name))
        notes.add('warning', 'alias-repeated', `alias ${alias.name} is defined twice; the later one counts`, alias.span);
      byName.set(alias.name, alias);
    }
    this.#byName = byName;
  }

  get(name: string): AliasRecord | undefined {
    return this.#byName.get(name);
  }

  isReserved(name: string): boolean {
    return this.#behaviour.since28 && RESERVED.has(name);
  }

  /** In a backup of the rules alone every name may be an alias. */
  has(name: string): boolean {
    if (this.#byName.has(name) || this.isReserved(name)) return true;
    return this.#config.partial && !pfLiteral(name) && !isMasked(name);
  }

  /** Aliases of addresses whose content the file holds whole, as far as there is time for. */
  wholeAddresses(): readonly { readonly name: string; readonly addresses: AddressSet }[] {
    return [...this.#byName.values()].filter(isAddressType).flatMap(({ name }) => {
      if (this.#read > MOST_PROPOSED) return [];
      const found = this.addresses(name);
      return isDropped(found) || found.unknowns.length > 0 || isEmptyAddresses(found.lo) ? [] : [{ name, addresses: found.lo }];
    });
  }

  /** Addresses of an alias; `dropped`: the generator cannot expand it and skips rules that use it. */
  addresses(name: string): Extent | Dropped {
    const cached = this.#cache.get(name);
    if (cached) return cached;
    const found = this.#addresses(name);
    this.#cache.set(name, found);
    return found;
  }

  #list(name: string, what: string, alias?: AliasRecord, mayBeMissing = false): Extent {
    const given = this.#given.lists?.get(name);
    if (given) return known(given);
    return unknown(ANY_ADDRESS, {
      kind: 'list',
      name,
      coin: `list:${name}`,
      settledBy: `${what} Give its content under lists of the device: ${name}: FILE (on the firewall: pfctl -t ${name} -T show).`,
      ...(alias ? { span: alias.span } : {}),
      ...(mayBeMissing ? { mayBeMissing } : {}),
    });
  }

  #addresses(name: string): Extent | Dropped {
    if (this.isReserved(name)) return this.#list(name, `${name} is a system alias that is filled at run time.`);
    const top = this.#byName.get(name);
    if (!top && this.#config.partial) return this.#list(name, 'The alias is not in this file.');
    if (!top) return { dropped: `alias ${name} is not defined` };
    if (!isAddressType(top)) return { dropped: `alias ${name} holds ports, not addresses` };
    if (/^url/.test(top.type) && top.type !== 'urltable' && this.#behaviour.since271) {
      const bad = top.urls.find((url) => !/^(https?|ftp|file):\/\//i.test(url));
      if (bad !== undefined) return { dropped: `alias ${name} has an entry that is no URL ("${bad.slice(0, 60)}")` };
    }
    return this.#summary(top, this.#expand(top));
  }

  /** Very many unknown members are one unknown: each as a condition of its own would help nobody. */
  #summary(alias: AliasRecord, extent: Extent): Extent {
    if (extent.unknowns.length <= MANY) return extent;
    const why: Unknown = {
      kind: 'name',
      name: `${extent.unknowns.length} unresolved entries of alias ${alias.name}`,
      coin: `alias:${this.#config.hostname ?? ''}:${alias.name}`,
      settledBy: `Give the content under lists of the device: ${alias.name}: FILE.`,
      span: alias.span,
    };
    return { ...extent, unknowns: [why] };
  }

  /** Depth-first with an own stack: nesting may be as deep as the file is long. Cycles end silently, as on the firewall. */
  #expand(top: AliasRecord): Extent {
    let total = NOTHING;
    const visited = new Set([top.name]);
    const stack: AliasRecord[] = [top];
    for (let alias = stack.pop(); alias; alias = stack.pop()) {
      this.#read += 1 + alias.members.length;
      const own = this.#own(alias, visited, stack);
      total = join(total, own);
    }
    return total;
  }

  #own(alias: AliasRecord, visited: Set<string>, stack: AliasRecord[]): Extent {
    const given = this.#given.lists?.get(alias.name);
    if (alias.type.startsWith('urltable'))
      return this.#list(alias.name, 'The table is fetched from a URL and is not part of the backup.', alias, true);
    if (alias.type.startsWith('url')) {
      if (given) return known(given);
      if (alias.members.length === 0) return this.#list(alias.name, 'The URL alias has no saved content.', alias);
      this.#notes.add(
        'info',
        'alias-snapshot',
        `alias ${alias.name} is read as it was when the export was made; its URL may give other addresses now`,
        alias.span,
      );
    }
    const literals: Extent[] = [];
    for (const member of alias.members) {
      const nested = this.#byName.get(member);
      if (nested) {
        if (visited.has(member)) continue;
        visited.add(member);
        if (isAddressType(nested)) stack.push(nested);
        else literals.push(this.#odd(alias, member, 'an alias of ports among addresses'));
        continue;
      }
      literals.push(this.#member(alias, member));
    }
    return joinMany(literals);
  }

  #member(alias: AliasRecord, member: string): Extent {
    if (isMasked(member)) return this.#odd(alias, member, 'a redacted value');
    const range = /^[0-9a-fA-F.:]+-[0-9a-fA-F.:]+$/.test(member) && parseAddressSet(member);
    if (range)
      return this.#odd(
        alias,
        member,
        'a range: pfSense expands ranges when they are entered and reads one in the file as a host name',
      );
    const set = pfLiteral(member);
    if (set) return known(set);
    if (/^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/.test(member)) return this.#name(alias, member);
    return this.#odd(alias, member, 'neither an address nor a name');
  }

  #name(alias: AliasRecord, member: string): Extent {
    const host = member.toLowerCase();
    const given = this.#given.names?.get(host) ?? this.#given.names?.get(member);
    if (given) return known(given);
    return unknown(ANY_ADDRESS, {
      kind: 'name',
      name: member,
      coin: `name:${host}`,
      settledBy: `Give the addresses of ${member} in a hosts file (names:).`,
      span: alias.span,
    });
  }

  #odd(alias: AliasRecord, member: string, what: string): Extent {
    this.#notes.add('warning', 'alias-member', `alias ${alias.name}: "${member.slice(0, 80)}" is ${what}`, alias.span);
    return unknown(ANY_ADDRESS, {
      kind: 'construct',
      name: `"${member.slice(0, 80)}" in alias ${alias.name}`,
      coin: `alias-member:${alias.name}:${member.slice(0, 200)}:${this.#config.hostname ?? ''}`,
      settledBy: `Correct the entry in alias ${alias.name}, or give the content under lists of the device: ${alias.name}: FILE.`,
      span: alias.span,
    });
  }

  /** Ports of an alias; an alias of another kind is no port alias. */
  ports(name: string): PortExtent | undefined {
    const top = this.#byName.get(name);
    if (!top || isAddressType(top)) return undefined;
    const cached = this.#portCache.get(name);
    if (cached) return cached;
    let total = NO_PORTS;
    const visited = new Set([name]);
    const stack: AliasRecord[] = [top];
    for (let alias = stack.pop(); alias; alias = stack.pop()) total = joinPorts(total, this.#ownPorts(alias, visited, stack));
    this.#portCache.set(name, total);
    return total;
  }

  #ownPorts(alias: AliasRecord, visited: Set<string>, stack: AliasRecord[]): PortExtent {
    const open = (name: string, coin: string, kind: Unknown['kind']): PortExtent => ({
      lo: EMPTY,
      hi: ALL_PORTS,
      unknowns: [{ kind, name, coin, settledBy: `Look up the ports of alias ${alias.name} on the firewall.`, span: alias.span }],
    });
    if (alias.type.startsWith('urltable') || (alias.type.startsWith('url') && alias.members.length === 0))
      return open(alias.name, `list:${alias.name}`, 'list');
    let total = NO_PORTS;
    for (const member of alias.members) {
      const nested = this.#byName.get(member);
      if (nested && !isAddressType(nested)) {
        if (!visited.has(member)) {
          visited.add(member);
          stack.push(nested);
        }
        continue;
      }
      const ports = portText(member);
      if (ports) total = joinPorts(total, { lo: ports, hi: ports, unknowns: [] });
      else {
        this.#notes.add(
          'warning',
          'alias-member',
          `alias ${alias.name}: "${member.slice(0, 80)}" is no port that is known here`,
          alias.span,
        );
        const name = `"${member.slice(0, 80)}" in alias ${alias.name}`;
        total = joinPorts(total, open(name, `port-member:${alias.name}:${member.slice(0, 200)}`, 'construct'));
      }
    }
    return total;
  }
}

/** Union of many parts at once: an alias may hold tens of thousands of addresses. */
function joinMany(parts: readonly Extent[]): Extent {
  let layer = parts;
  if (layer.length === 0) return { lo: NO_ADDRESS, hi: NO_ADDRESS, unknowns: [] };
  while (layer.length > 1) {
    const next: Extent[] = [];
    for (let i = 0; i < layer.length; i += 2) {
      const a = layer[i];
      const b = layer[i + 1];
      if (a) next.push(b ? join(a, b) : a);
    }
    layer = next;
  }
  return layer[0] ?? NOTHING;
}
