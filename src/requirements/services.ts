/** Port cell and protocol cell together: the services of a row, and what a person must settle about them. */
import { PORT_PROTOCOLS, PROTOCOL } from '../model/match.js';
import type { ServiceTerm } from '../model/requirement.js';
import { equal, type Intervals, range, unionAll } from '../sets/intervals.js';
import { knownService, protocolName } from './names.js';
import { quote } from './page.js';
import type { PortItem } from './port-binding.js';
import type { PortCell } from './port-cell.js';
import type { ProtocolCell } from './protocol-cell.js';

/** How a row with several ports and several protocols is read: each with each, or first with first, second with second. */
export type Reading = 'cross' | 'pairwise';

export interface ServiceReading {
  readonly services: readonly ServiceTerm[];
  /** What a person must settle, each a sentence. */
  readonly doubts: readonly string[];
  /** How it was read where that is not plain from the cells. */
  readonly notes: readonly string[];
  /** Several ports met several protocols: a reading settles it. */
  readonly crossed: boolean;
  /** A reading is still to be given, and settles every doubt. */
  readonly interpretable: boolean;
}

const ICMP: readonly number[] = [PROTOCOL.icmp, PROTOCOL.icmpv6];
const both = (protocols: readonly number[]): string => protocols.map(protocolName).join(', ');
const itemText = (item: PortItem): string => (item.first === item.last ? `${item.first}` : `${item.first}-${item.last}`);
const setOf = (items: readonly PortItem[]): Intervals => unionAll(items.map((item) => range(item.first, item.last)));

/** Terms with the same protocols become one, then terms with the same ports; protocols in ascending order. */
export function mergeTerms(terms: readonly ServiceTerm[]): readonly ServiceTerm[] {
  const byProtocols: ServiceTerm[] = [];
  for (const term of terms) {
    const i = byProtocols.findIndex((other) => sameProtocols(other, term));
    const found = byProtocols[i];
    if (found?.ports && term.ports) byProtocols[i] = { ...found, ports: unionAll([found.ports, term.ports]) };
    else byProtocols.push(term);
  }
  const out: ServiceTerm[] = [];
  for (const term of byProtocols) {
    const i = out.findIndex((other) => samePorts(other, term));
    const found = out[i];
    if (found === undefined) out.push(term);
    else if (found.protocols.length === 0 || term.protocols.length === 0) out[i] = { ...found, protocols: [] };
    else out[i] = { ...found, protocols: [...new Set([...found.protocols, ...term.protocols])].sort((a, b) => a - b) };
  }
  return out;
}

const sameProtocols = (a: ServiceTerm, b: ServiceTerm): boolean =>
  a.protocols.join() === b.protocols.join() && a.ports !== undefined && b.ports !== undefined;

/** ICMP keeps to itself: its `ports` are types and codes. */
function samePorts(a: ServiceTerm, b: ServiceTerm): boolean {
  const icmp = (term: ServiceTerm): boolean => term.protocols.some((value) => ICMP.includes(value));
  if (icmp(a) || icmp(b)) return false;
  return a.ports === undefined ? b.ports === undefined : b.ports !== undefined && equal(a.ports, b.ports);
}

/** Numbers beside ICMP are types. */
function icmpTerms(items: readonly PortItem[], protocols: readonly number[], doubts: string[], notes: string[]): ServiceTerm[] {
  const bad = items.filter((item) => item.last > 255);
  if (bad.length > 0) doubts.push(`${bad.map(itemText).join(', ')} is no ICMP type`);
  const types = items.filter((item) => item.last <= 255);
  if (types.length > 0) notes.push(`${types.map(itemText).join(', ')} read as ICMP types`);
  const ports = unionAll(types.map((item) => range(item.first * 256, item.last * 256 + 255)));
  return protocols.map((value) => (types.length > 0 ? { protocols: [value], ports } : { protocols: [value] }));
}

/** Ports of items that carry their protocols themselves: `443/TCP`, `TCP: 80`, `ICMP 8`. */
function boundTerms(items: readonly PortItem[], column: ProtocolCell, doubts: string[], notes: string[]): ServiceTerm[] {
  return items.flatMap((item) => {
    const protocols = item.protocols ?? [];
    doubts.push(...strangeProtocols(protocols, column, itemText(item)));
    const withPorts = protocols.filter((value) => PORT_PROTOCOLS.includes(value)).sort((a, b) => a - b);
    const icmp = protocols.filter((value) => ICMP.includes(value));
    const others = protocols.filter((value) => !withPorts.includes(value) && !icmp.includes(value));
    if (others.length > 0) doubts.push(`${both(others)} has no ports, the row says ${itemText(item)}`);
    return [
      ...(withPorts.length > 0 ? [{ protocols: withPorts, ports: range(item.first, item.last) }] : []),
      ...(icmp.length > 0 ? icmpTerms([item], icmp, doubts, notes) : []),
      ...others.map((value): ServiceTerm => ({ protocols: [value] })),
    ];
  });
}

/** Both cells name protocols, and not the same ones. */
function strangeProtocols(protocols: readonly number[], column: ProtocolCell, what: string): readonly string[] {
  const strange = protocols.filter((value) => (column.protocols.length > 0 ? !column.protocols.includes(value) : column.any));
  const columnText = column.any ? 'any' : both(column.protocols);
  return strange.length > 0 ? [`the port cell says ${both(strange)} and the protocol cell ${columnText} for ${what}`] : [];
}

function crossedText(items: readonly PortItem[], protocols: readonly number[], line: number): string {
  const ports = items.map(itemText).join(', ');
  const pairs = items.map((item, i) => `${itemText(item)} ${both(protocols.slice(i, i + 1))}`).join(', ');
  const other = items.length === protocols.length ? `each with its own (${pairs})` : 'some of them only';
  const pairwise = items.length === protocols.length ? ' or as: pairwise' : '';
  return (
    `ports ${ports} beside protocols ${both(protocols)} may mean every port with every protocol, or ${other}; ` +
    `read as all pairs. Settle it with interpret: [{ line: ${line}, as: cross }]${pairwise}`
  );
}

function crossedTerms(items: readonly PortItem[], protocols: readonly number[], line: number, reading: Reading | undefined) {
  const all: ServiceTerm[] = [{ protocols: [...protocols].sort((a, b) => a - b), ports: setOf(items) }];
  if (reading === 'cross') return { terms: all, doubt: undefined, note: 'read as all pairs, as configured' };
  if (reading === undefined) return { terms: all, doubt: crossedText(items, protocols, line), note: undefined };
  if (items.length !== protocols.length)
    return {
      terms: all,
      doubt: `cannot be read pairwise: ${items.length} ports beside ${protocols.length} protocols`,
      note: undefined,
    };
  const terms = items.map((item, i) => ({ protocols: protocols.slice(i, i + 1), ports: range(item.first, item.last) }));
  return { terms, doubt: undefined, note: 'read pairwise, as configured' };
}

/** The numbers of the port cell; where it has only names, the ports that these are registered for. */
function itemsOf(ports: PortCell, notes: string[]): readonly PortItem[] {
  if (ports.items.length > 0 || ports.any || ports.dynamic) return ports.items;
  return ports.names.flatMap((name) => {
    const known = knownService(name);
    if (known === undefined) return [];
    notes.push(`${name} read as port ${known.port}`);
    return [{ first: known.port, last: known.port, protocols: known.protocols }];
  });
}

const leftoverText = (tokens: readonly string[], cell: string): string =>
  `${tokens.map((token) => quote(token, 40)).join(', ')} in the ${cell} cell ${tokens.length === 1 ? 'is' : 'are'} not understood`;

/** What is gathered while a row's services are read. */
interface Gathering {
  readonly line: number;
  readonly reading: Reading | undefined;
  readonly terms: ServiceTerm[];
  readonly doubts: string[];
  readonly notes: string[];
}

/** Ports without a protocol of their own, beside the protocols of the row. @returns whether they cross. */
function readFreePorts(gathering: Gathering, items: readonly PortItem[], protocols: readonly number[]): boolean {
  const { terms, doubts, notes } = gathering;
  const portless = protocols.filter((value) => !PORT_PROTOCOLS.includes(value));
  const withPorts = protocols.filter((value) => PORT_PROTOCOLS.includes(value));
  if (portless.length > 0) doubts.push(`${both(portless)} has no ports, the row says ${items.map(itemText).join(', ')}`);
  for (const value of portless) terms.push({ protocols: [value] });
  if (items.length > 1 && withPorts.length > 1) {
    const crossed = crossedTerms(items, withPorts, gathering.line, gathering.reading);
    terms.push(...crossed.terms);
    if (crossed.doubt !== undefined) doubts.push(crossed.doubt);
    if (crossed.note !== undefined) notes.push(crossed.note);
    return true;
  }
  if (withPorts.length > 0) terms.push({ protocols: [...withPorts].sort((a, b) => a - b), ports: setOf(items) });
  else if (portless.length === 0) {
    doubts.push(`no protocol is stated for ${items.map(itemText).join(', ')}; read as tcp and udp`);
    terms.push({ protocols: [PROTOCOL.tcp, PROTOCOL.udp], ports: setOf(items) });
  }
  return false;
}

/** A row without any number. */
function readPortless({ terms, doubts }: Gathering, ports: PortCell, protocol: ProtocolCell, rest: readonly number[]): void {
  terms.push({ protocols: [...rest].sort((a, b) => a - b) });
  const unstated = rest.length === 0 && !protocol.any;
  const needsPort = unstated || rest.some((value) => PORT_PROTOCOLS.includes(value));
  if (needsPort && !ports.any && !ports.dynamic) doubts.push('no port is stated that can be read; read as every port');
  else if (unstated) doubts.push('no protocol is stated; read as every protocol');
}

/** Protocols of the port cell without numbers: services of their own, or, in a cell without numbers, those of the row. */
function readLoose(gathering: Gathering, ports: PortCell, protocol: ProtocolCell): ProtocolCell {
  const { loose } = ports;
  if (loose.length === 0) return protocol;
  const unstated = protocol.protocols.length === 0 && !protocol.any;
  if (!unstated) gathering.doubts.push(...strangeProtocols(loose, protocol, ports.items.length > 0 ? 'a part of it' : 'the row'));
  if (ports.items.length > 0) gathering.terms.push(...loose.map((value) => ({ protocols: [value] })));
  return ports.items.length === 0 && unstated ? { ...protocol, protocols: loose } : protocol;
}

const isIcmp = (value: number): boolean => ICMP.includes(value);

/** Combines both cells; never drops a number: what does not fit is a doubt. `reading` settles a row that crosses. */
export function readServices(ports: PortCell, column: ProtocolCell, line: number, reading: Reading | undefined): ServiceReading {
  const doubts: string[] = [];
  const notes: string[] = [...ports.notes, ...column.notes];
  if (ports.leftovers.length > 0) doubts.push(leftoverText(ports.leftovers, 'port'));
  if (column.leftovers.length > 0) doubts.push(leftoverText(column.leftovers, 'protocol'));
  const gathering: Gathering = { line, reading, terms: [], doubts, notes };
  const protocol = readLoose(gathering, ports, column);
  const items = itemsOf(ports, notes);
  const named = ports.items.length === 0 && items.length > 0;
  const bound = items.filter((item) => item.protocols !== undefined && !(named && protocol.protocols.length > 0));
  const free = items.filter((item) => !bound.includes(item)).map(({ first, last }) => ({ first, last }));
  gathering.terms.push(...boundTerms(bound, protocol, doubts, notes));
  if (protocol.implied && doubts.length === 0) notes.push(`${protocol.names.join(', ')} read as ${both(protocol.protocols)}`);

  // ICMP of the port cell has its term already.
  const icmp = bound.some((item) => item.protocols?.some(isIcmp))
    ? []
    : protocol.protocols.filter((value) => isIcmp(value) && !(items.length > 0 && ports.loose.includes(value)));
  const rest = protocol.protocols.filter((value) => !isIcmp(value));
  if (icmp.length > 0 && rest.length > 0 && free.length > 0) doubts.push('ICMP has no ports; read as every ICMP type');
  if (icmp.length > 0) gathering.terms.push(...icmpTerms(rest.length === 0 ? free : [], icmp, doubts, notes));
  const before = doubts.length;
  let crossed = false;
  if (icmp.length === 0 || rest.length > 0) {
    if (free.length > 0) crossed = readFreePorts(gathering, free, rest);
    else if (items.length === 0) readPortless(gathering, ports, protocol, rest);
  }
  const interpretable = crossed && before === 0 && doubts.length === 1;
  return { services: mergeTerms(gathering.terms), doubts, notes, crossed, interpretable };
}
