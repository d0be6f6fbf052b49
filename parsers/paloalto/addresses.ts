/** Address members of rules and groups -> what they surely hold and what they may hold. */
import type { Condition } from '../../src/model/condition.js';
import {
  type AddressSet,
  ANY_ADDRESS,
  NO_ADDRESS,
  subtractAddresses,
  unionAllAddresses,
  V4_ALL,
} from '../../src/sets/address.js';
import { addressRange, maskedSet, parseAddressSet, parseIpv4, parseIpv6 } from '../../src/sets/ip.js';
import type { Diagnostic } from '../../src/source/diagnostic.js';
import type { Span } from '../../src/source/span.js';
import { complement, type Extent, embed, exact, NOTHING, PRIVATE, parseLiteral, uniteExtents } from './extent.js';
import type { Names } from './names.js';
import type { AddressGroupRecord, AddressRecord, ExternalListRecord, Named } from './records.js';
import { compileFilter } from './tags.js';
import { assumed, inside, type Place, Unresolved } from './unresolved.js';

export interface GivenNames {
  readonly lists?: ReadonlyMap<string, AddressSet>;
  readonly names?: ReadonlyMap<string, AddressSet>;
}

const MAX_NESTING = 60;

/** Resolves address names in one chain of name spaces; every name once. */
export class Addresses {
  private readonly names: Names;
  private readonly device: string;
  private readonly given: GivenNames;
  private readonly note: (d: Diagnostic) => void;
  private readonly done = new Map<string, Extent>();
  private readonly busy = new Set<string>();
  private readonly undefinedNames = new Set<string>();
  /** What rules use and the export does not hold, or not in a form that is understood. */
  readonly unresolved = new Unresolved();
  private tagged: readonly { readonly name: string; readonly tags: ReadonlySet<string> }[] | undefined;

  constructor(names: Names, device: string, given: GivenNames, note: (d: Diagnostic) => void) {
    this.names = names;
    this.device = device;
    this.given = given;
    this.note = note;
  }

  /** What one member of a rule or group stands for. @param where the place to name in diagnostics. */
  resolve(name: string, where: Place): Extent {
    const known = this.done.get(name);
    if (known) {
      if (this.undefinedNames.has(name)) this.addUndefined(name, where);
      return known;
    }
    if (this.busy.has(name) || this.busy.size >= MAX_NESTING) {
      const cyclic = this.busy.has(name);
      const problem = cyclic ? 'contains itself' : `is nested more than ${MAX_NESTING} deep`;
      const subject = `the address group "${name}", which ${problem}; ${assumed('address')}`;
      this.unresolved.remember(cyclic ? 'cyclic-group' : 'deep-group', subject, where);
      return this.unknown(
        'construct',
        `address group ${name} ${problem}`,
        `construct:${this.device}:group ${name}`,
        'Correct the group.',
      );
    }
    this.busy.add(name);
    const found = this.lookUp(name, where);
    this.busy.delete(name);
    this.done.set(name, found);
    return found;
  }

  private warn(severity: Diagnostic['severity'], code: string, message: string, span: Span): void {
    this.note({ severity, code, message, file: span.file, line: span.line });
  }

  private unknown(
    kind: Condition['kind'],
    name: string,
    coin: string,
    settledBy: string,
    reach = ANY_ADDRESS,
    span?: Span,
  ): Extent {
    const condition: Condition = { kind, name, coin, effect: 'extent', settledBy, ...(span ? { span } : {}) };
    return { ...NOTHING, open: [{ condition, reach }] };
  }

  private lookUp(name: string, where: Place): Extent {
    const object = this.names.find('address', name, 'addresses', 'addressGroups');
    if (object?.conflict)
      return this.unknown(
        'construct',
        `two objects named ${name}`,
        `object:${this.device}:${name}`,
        'Remove one of the two objects.',
      );
    if (object?.kind === 'addresses') return this.object(object.record as AddressRecord, where);
    if (object) return this.group(object.record as AddressGroupRecord, where);
    for (const scope of this.names.scopes) {
      const region = scope.regions.get(name);
      if (region && region.addresses.length > 0)
        return uniteExtents(region.addresses.map((text) => this.regionMember(text, region, where)));
      const list = scope.externalLists.get(name);
      if (list) return this.externalList(list);
    }
    const literal = parseLiteral(name);
    if (literal) return exact(literal);
    return this.predefined(name, where);
  }

  private regionMember(text: string, region: Named, where: Place): Extent {
    const set = parseLiteral(text);
    return set ? exact(set) : this.malformed(text, 'region', region, where);
  }

  private predefined(name: string, where: Place): Extent {
    const given = this.given.lists?.get(name);
    if (given) return exact(given);
    if (/^panw-[a-z0-9-]+-ip-list$/.test(name))
      return this.unknown('list', name, `list:${name}`, `State what the list holds under lists: ${name}.`);
    if (/^(?:[A-Z]{2}|A1|A2|O1)$/.test(name))
      return this.unknown(
        'list',
        `region ${name}`,
        `list:${name}`,
        `State the networks of the region under lists: ${name}.`,
        complement(PRIVATE),
      );
    this.undefinedNames.add(name);
    this.addUndefined(name, where);
    return this.unknown(
      'construct',
      `undefined address ${name}`,
      `object:${this.device}:${name}`,
      'Export the configuration with the objects that Panorama pushed (show config merged), or define the object.',
    );
  }

  private addUndefined(name: string, where: Place): void {
    const subject = `the address "${name}", which is neither an address nor an object of this export; ${assumed('address')}`;
    this.unresolved.remember('undefined-object', subject, where);
  }

  private malformed(text: string, kind: string, { name, span }: Named, where: Place): Extent {
    const subject = `the ${kind} "${name}", whose value "${text}" is not an address, prefix or range that is understood`;
    this.unresolved.remember('bad-address', `${subject}; ${assumed('address')}`, where, span);
    return this.unknown(
      'construct',
      `address ${text}`,
      `construct:address ${text}`,
      'Correct the object, or export with template values filled in.',
      ANY_ADDRESS,
      span,
    );
  }

  private object(record: AddressRecord, where: Place): Extent {
    const { kind, value, span } = record;
    const malformed = (text: string): Extent => this.malformed(text, 'address object', record, where);
    if (kind === 'fqdn') {
      const host = value.toLowerCase().replace(/\.$/, '');
      const given = this.given.names?.get(value) ?? this.given.names?.get(host);
      if (given) return exact(given);
      return this.unknown('name', value, `name:${host}`, `State what ${value} resolves to (names:).`, ANY_ADDRESS, span);
    }
    if (kind === 'ip-wildcard') return this.wildcard(record) ?? malformed(value);
    if (kind === 'ip-range') {
      const [first = '', last = '', more] = value.split('-').map((part) => part.trim());
      const range = more === undefined ? addressRange(first, last) : undefined;
      if (range) return exact(embed(range));
      if (more === undefined && addressRange(last, first)) {
        this.warn(
          'warning',
          'reversed-range',
          `address "${record.name}": the range ${value} is reversed and holds nothing`,
          span,
        );
        return NOTHING;
      }
      return malformed(value);
    }
    const set = kind === 'ip-netmask' && !value.includes('-') ? parseLiteral(value) : undefined;
    return set ? exact(set) : malformed(value || record.name);
  }

  /** `10.0.8.0/0.255.0.255`: a 1 bit of the mask is ignored. */
  private wildcard(record: AddressRecord): Extent | undefined {
    const [base = '', mask = '', more] = record.value.split('/');
    const value = parseIpv4(base.trim());
    const ignored = parseIpv4(mask.trim());
    if (value === undefined || ignored === undefined || more !== undefined) return undefined;
    const set = maskedSet(value, 2 ** 32 - 1 - ignored);
    if (set) return { known: set, open: [], wildcard: set };
    return this.unknown(
      'construct',
      `wildcard mask ${record.value}`,
      `construct:wildcard ${record.value}`,
      'The mask stands for too many separate networks to be followed.',
      { v4: V4_ALL, v6: [] },
      record.span,
    );
  }

  private externalList(record: ExternalListRecord): Extent {
    const { name, span } = record;
    const except = unionAllAddresses(record.exceptions.map((text) => parseLiteral(text) ?? NO_ADDRESS));
    const given = this.given.lists?.get(name);
    if (given) return exact(subtractAddresses(given, except));
    if (!['ip', 'predefined-ip'].includes(record.type))
      this.warn(
        'warning',
        'external-list-type',
        `external list "${name}" of type ${record.type || '?'} stands where addresses are expected`,
        span,
      );
    return this.unknown(
      'list',
      name,
      `list:${name}`,
      `State what the list holds under lists: ${name}.`,
      complement(except),
      span,
    );
  }

  private group(record: AddressGroupRecord, where: Place): Extent {
    const here = inside(`address group "${record.name}"`, record.span, where);
    if (record.filter === undefined) return uniteExtents((record.members ?? []).map((member) => this.resolve(member, here)));
    const matches = compileFilter(record.filter);
    if (!matches)
      this.warn(
        'warning',
        'dynamic-filter',
        `address group "${record.name}": the filter ${record.filter} is not understood; its members are unknown`,
        record.span,
      );
    const members = matches ? this.taggedNames().filter((o) => o.name !== record.name && matches(o.tags)) : [];
    const parts = members.map((o) => this.resolve(o.name, here));
    const given = this.given.lists?.get(record.name);
    if (given && matches) return uniteExtents([...parts, exact(given)]);
    const registered = this.unknown(
      'list',
      `registered members of ${record.name}`,
      `list:${record.name}`,
      `Addresses registered at run time: show object dynamic-address-group name ${record.name}; state them under lists: ${record.name}.`,
      ANY_ADDRESS,
      record.span,
    );
    return uniteExtents([...parts, registered]);
  }

  /** Addresses and groups with tags that are visible here, the nearest of each name. */
  private taggedNames(): readonly { readonly name: string; readonly tags: ReadonlySet<string> }[] {
    if (this.tagged) return this.tagged;
    const found = new Map<string, ReadonlySet<string>>();
    for (const scope of this.names.scopes)
      for (const map of [scope.addresses, scope.addressGroups])
        for (const [name, record] of map) if (!found.has(name)) found.set(name, new Set(record.tags));
    this.tagged = [...found].filter(([, tags]) => tags.size > 0).map(([name, tags]) => ({ name, tags }));
    return this.tagged;
  }

  /** The interface address behind a literal or the name of an address object, with its prefix length. */
  interfaceAddress(
    text: string,
  ): { readonly address: AddressSet; readonly network: AddressSet; readonly length: number } | undefined {
    const object = this.names.find('address', text, 'addresses');
    const value = object ? (object.record as AddressRecord).value : text;
    const [host = '', suffix] = value.split('/');
    const address = addressRange(host, host);
    if (!address) return undefined;
    const most = parseIpv6(host) === undefined ? 32 : 128;
    const network = suffix === undefined ? address : parseAddressSet(value);
    const length = suffix === undefined ? most : Number(suffix);
    return network && Number.isInteger(length) ? { address, network, length } : undefined;
  }
}
