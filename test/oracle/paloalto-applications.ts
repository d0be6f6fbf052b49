/** One application against PAN-OS applications, groups, filters and default ports. */
import { APPLICATIONS } from '../../parsers/paloalto/applications.js';
import type { ApplicationRecord } from '../../parsers/paloalto/index.js';
import type { MatchBox } from '../../src/model/match.js';
import { contains } from '../../src/sets/intervals.js';
import { inPortList, type Ports, type Scopes } from './paloalto-objects.js';
import { some, type World } from './paloalto-world.js';

/** An application that no rule names. */
export const OTHER = '(an application that no rule names)';

export interface Application {
  readonly name: string;
  /** The label of an application override rule, whose match takes the place of default ports. */
  readonly overridden: boolean;
}

function inBox(packet: Ports, box: MatchBox): boolean {
  if (box.protocols && !contains(box.protocols, packet.protocol)) return false;
  return !box.ports || contains(box.ports, packet.port);
}

const custom = (name: string, scopes: Scopes): ApplicationRecord | undefined =>
  scopes.map((scope) => scope.applications.get(name)).find((record) => record !== undefined);

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['icmp', 1],
  ['icmp6', 58],
  ['sctp', 132],
]);

const inIcmp = (packet: Ports, protocol: number, ident: { readonly type: string; readonly code?: string }): boolean =>
  packet.protocol === protocol &&
  packet.port >> 8 === Number(ident.type) &&
  (ident.code === undefined || ident.code === 'any' || (packet.port & 255) === Number(ident.code));

const headed = (record: ApplicationRecord): boolean => !!(record.ipProtocol ?? record.icmpType ?? record.icmp6Type);

function inHeader(packet: Ports, record: ApplicationRecord): boolean {
  if (record.ipProtocol !== undefined) return packet.protocol === Number(record.ipProtocol);
  if (record.icmpType) return inIcmp(packet, 1, record.icmpType);
  return record.icmp6Type ? inIcmp(packet, 58, record.icmp6Type) : true;
}

/** An application with default ports is read on TCP and UDP, and on the protocols that its defaults name. */
function onProtocol(packet: Ports, named: readonly number[]): boolean {
  if (named.length === 0 || named.includes(packet.protocol)) return true;
  const inner = [6, 17];
  return inner.includes(packet.protocol) && named.some((number) => inner.includes(number));
}

/** True unless the header of the packet rules the application out. */
export function possible(packet: Ports, name: string, scopes: Scopes): boolean {
  const own = custom(name, scopes);
  if (own) {
    const numbers = own.ports.map((text) => NUMBERS.get(text.slice(0, Math.max(0, text.indexOf('/'))).trim()));
    return headed(own)
      ? inHeader(packet, own)
      : onProtocol(packet, numbers.includes(undefined) ? [] : numbers.flatMap((n) => n ?? []));
  }
  if (name === 'unknown-tcp') return packet.protocol === 6;
  if (name === 'unknown-udp') return packet.protocol === 17;
  const facts = APPLICATIONS.get(name);
  if (facts?.header) return inBox(packet, facts.header);
  const protocols = [...Array(256).keys()];
  return onProtocol(
    packet,
    protocols.filter((p) => facts?.defaults.some((box) => box.protocols && contains(box.protocols, p))),
  );
}

/** The form of an application inside TLS, allowed on its port only where the device decrypts. */
const SECURE: ReadonlyMap<string, number> = new Map([
  ['web-browsing', 443],
  ['smtp', 465],
  ['ftp', 990],
  ['imap', 993],
  ['pop3', 995],
]);

/** Whether the packet is on a default port of the application. */
export function onDefaultPort(world: World, packet: Ports, application: Application, scopes: Scopes): boolean {
  const { name } = application;
  if (application.overridden) return true;
  const open = (): boolean => world.fact(`default ports of ${name} ${packet.protocol} ${packet.port}`);
  const own = custom(name, scopes);
  if (own) {
    if (headed(own)) return inHeader(packet, own);
    return some(own.ports, (text) => {
      const slash = text.indexOf('/');
      const protocol = NUMBERS.get(text.slice(0, slash).trim());
      if (slash < 0 || protocol === undefined) return open();
      if (protocol !== packet.protocol) return false;
      const rest = text.slice(slash + 1).trim();
      return rest === 'dynamic' ? true : (inPortList(packet.port, rest) ?? open());
    });
  }
  const functions = functionsOf(name);
  if (functions.length > 0)
    return some(functions, (one) => onDefaultPort(world, packet, { name: one, overridden: false }, scopes));
  const facts = APPLICATIONS.get(name);
  if (!facts) return open();
  if (facts.defaults.some((box) => inBox(packet, box))) return true;
  return packet.protocol === 6 && SECURE.get(name) === packet.port ? open() : false;
}

const FUNCTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['ms-ds-smb', ['ms-ds-smbv1', 'ms-ds-smbv2', 'ms-ds-smbv3']],
  ['snmp', ['snmpv1', 'snmpv2', 'snmpv3']],
]);

/** Functions of a container of the table; empty where the name is none. */
export function functionsOf(container: string): readonly string[] {
  if (APPLICATIONS.has(container) || !APPLICATIONS.has(`${container}-base`)) return [];
  const dashed = [...APPLICATIONS.keys()].filter((name) => name.startsWith(`${container}-`));
  return [...dashed, ...(FUNCTIONS.get(container) ?? [])];
}

/** A concrete application against one member of a rule's list. */
export function inApplication(
  world: World,
  application: Application,
  member: string,
  scopes: Scopes,
  path: readonly string[] = [],
): boolean {
  const { name } = application;
  if (member === 'any') return true;
  const open = (what: string): boolean => world.fact(`${what} ${member} holds application ${name}`);
  for (const scope of scopes) {
    const record = scope.applications.get(member);
    const group = scope.applicationGroups.get(member);
    const filter = scope.applicationFilters.get(member);
    if ((record || group || filter) && scope.conflicts.has(`application ${member}`)) return open('conflict');
    if (record) return name === member;
    if (group) {
      if (path.includes(member) || path.length > 60) return open('cycle');
      return some(group.members, (one) => inApplication(world, application, one, scopes, [...path, member]));
    }
    if (filter) return open('filter');
  }
  if (name === member) return true;
  if (custom(name, scopes) || name === OTHER) return false;
  const functions = functionsOf(member);
  if (functions.includes(name)) return true;
  // A function carries the name of its container. Content updates bring functions, and containers.
  if (name.startsWith(`${member}-`)) return member === 'dns' || !APPLICATIONS.has(member) ? open('container') : false;
  if (APPLICATIONS.has(member) || functions.length > 0) return false;
  return application.overridden || APPLICATIONS.has(name) ? false : open('container');
}

/** Every application that a member stands for, as far as names go. */
export function leaves(member: string, scopes: Scopes, path: readonly string[] = []): readonly string[] {
  if (member === 'any' || path.includes(member)) return [];
  for (const scope of scopes) {
    if (scope.applications.has(member)) return [member];
    const group = scope.applicationGroups.get(member);
    if (group) return group.members.flatMap((one) => leaves(one, scopes, [...path, member]));
    if (scope.applicationFilters.has(member)) return [];
  }
  const functions = functionsOf(member);
  return functions.length > 0 ? functions : [member];
}
