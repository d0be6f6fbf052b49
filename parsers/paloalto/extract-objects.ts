/** Objects of one name space: addresses, services, applications, lists, regions. */
import type { Diagnostic } from '../../src/source/diagnostic.js';
import type { XmlElement } from '../../src/source/xml.js';
import type {
  AddressGroupRecord,
  AddressRecord,
  ApplicationRecord,
  ExternalListRecord,
  GroupRecord,
  Named,
  Objects,
  RegionRecord,
  ServiceRecord,
} from './records.js';
import { entries, members, nameOf, select, textAt } from './tree.js';

const ADDRESS_KINDS = ['ip-netmask', 'ip-range', 'ip-wildcard', 'fqdn'];

const tagsOf = (element: XmlElement): readonly string[] => members([element], 'tag') ?? [];

function address(element: XmlElement): AddressRecord {
  const values = element.children.filter((c) => ADDRESS_KINDS.includes(c.name));
  const value = values.length === 1 ? values[0] : undefined;
  return {
    name: nameOf(element),
    span: element.span,
    kind: value?.name ?? '',
    value: value?.text.trim() ?? '',
    tags: tagsOf(element),
  };
}

/** Members of a group; before PAN-OS 6.0 they stood directly in the entry. */
const groupMembers = (element: XmlElement, container: string): readonly string[] => [
  ...(members([element], container) ?? []),
  ...(members([element]) ?? []),
];

function addressGroup(element: XmlElement): AddressGroupRecord {
  const dynamic = select([element], 'dynamic').at(-1);
  const head = { name: nameOf(element), span: element.span, tags: tagsOf(element) };
  if (dynamic) return { ...head, filter: (textAt([dynamic], 'filter') ?? dynamic.text).trim() };
  return { ...head, members: groupMembers(element, 'static') };
}

function service(element: XmlElement): ServiceRecord {
  const protocols = select([element], 'protocol').flatMap((p) => p.children);
  return {
    name: nameOf(element),
    span: element.span,
    protocols: protocols.map((p) => {
      const port = textAt([p], 'port');
      const sourcePort = textAt([p], 'source-port');
      return { protocol: p.name, ...(port !== undefined ? { port } : {}), ...(sourcePort ? { sourcePort } : {}) };
    }),
  };
}

function icmpType(element: XmlElement, name: string): { readonly type: string; readonly code?: string } | undefined {
  const type = textAt([element], 'default', name, 'type');
  const code = textAt([element], 'default', name, 'code');
  return type === undefined ? undefined : { type, ...(code ? { code } : {}) };
}

function application(element: XmlElement): ApplicationRecord {
  const ipProtocol = textAt([element], 'default', 'ident-by-ip-protocol');
  const icmp = icmpType(element, 'ident-by-icmp-type');
  const icmp6 = icmpType(element, 'ident-by-icmp6-type');
  return {
    name: nameOf(element),
    span: element.span,
    ports: members([element], 'default', 'port') ?? [],
    ...(ipProtocol ? { ipProtocol } : {}),
    ...(icmp ? { icmpType: icmp } : {}),
    ...(icmp6 ? { icmp6Type: icmp6 } : {}),
  };
}

function externalList(element: XmlElement): ExternalListRecord {
  const type = select([element], 'type').flatMap((t) => t.children)[0];
  const exceptions = [
    ...(members([element], 'exception-list') ?? []),
    ...(type ? (members([type], 'exception-list') ?? []) : []),
  ];
  // Before 8.0 the type was a text.
  return { name: nameOf(element), span: element.span, type: type?.name ?? textAt([element], 'type') ?? '', exceptions };
}

const group =
  (container: string) =>
  (element: XmlElement): GroupRecord => ({
    name: nameOf(element),
    span: element.span,
    members: groupMembers(element, container),
  });

const region = (element: XmlElement): RegionRecord => ({
  name: nameOf(element),
  span: element.span,
  addresses: members([element], 'address') ?? [],
});

/**
 * @param roots elements that hold the object containers of this name space; of two roots the first wins.
 * @param note receives a warning for each name that is defined twice with different content.
 */
export function readObjects(title: string, roots: readonly XmlElement[], note: (d: Diagnostic) => void): Objects {
  const conflicts = new Set<string>();
  function collect<T extends Named>(container: string, kind: string, read: (element: XmlElement) => T): ReadonlyMap<string, T> {
    const found = new Map<string, T>();
    for (const root of roots) {
      const here = new Map<string, T>();
      for (const element of entries([root], container)) {
        const record = read(element);
        const earlier = here.get(record.name);
        if (!earlier) here.set(record.name, record);
        else if (!sameContent(earlier, record)) {
          conflicts.add(`${kind} ${record.name}`);
          note({
            severity: 'warning',
            code: 'duplicate-object',
            message: `${kind} object "${record.name}" is defined twice in ${title} with different content (first in line ${earlier.span.line})`,
            file: record.span.file,
            line: record.span.line,
          });
        }
      }
      for (const [name, record] of here) if (!found.has(name)) found.set(name, record);
    }
    return found;
  }
  const addresses = collect('address', 'address', address);
  const addressGroups = collect('address-group', 'address', addressGroup);
  const services = collect('service', 'service', service);
  const serviceGroups = collect('service-group', 'service', group('members'));
  // Addresses and groups share one name space, services and groups too.
  for (const name of addressGroups.keys()) if (addresses.has(name)) conflicts.add(`address ${name}`);
  for (const name of serviceGroups.keys()) if (services.has(name)) conflicts.add(`service ${name}`);
  return {
    title,
    addresses,
    addressGroups,
    services,
    serviceGroups,
    applications: collect('application', 'application', application),
    applicationGroups: collect('application-group', 'application', group('members')),
    applicationFilters: collect('application-filter', 'application', (e) => ({ name: nameOf(e), span: e.span })),
    externalLists: collect('external-list', 'external list', externalList),
    regions: collect('region', 'region', region),
    conflicts,
  };
}

function sameContent(a: Named, b: Named): boolean {
  return JSON.stringify({ ...a, span: 0 }) === JSON.stringify({ ...b, span: 0 });
}
