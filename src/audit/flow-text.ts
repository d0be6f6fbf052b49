/** Flows as people write them: `tcp 10.0.1.10 -> 10.0.2.10:389`, and the cells of FLOWS.csv. */
import type { FactName } from '../model/condition.js';
import type { Direction } from '../model/firewall.js';
import { PORT_PROTOCOLS, PROTOCOL } from '../model/match.js';
import type { ServiceTerm } from '../model/requirement.js';
import { type AddressSet, unionAllAddresses } from '../sets/address.js';
import { type Intervals, range, unionAll } from '../sets/intervals.js';
import { parseAddressSet } from '../sets/ip.js';
import { RefusedError } from '../source/diagnostic.js';
import { ALL_UNICAST } from './special.js';

/** One flow to check. Addresses are literal; `in` and `out` are names of interfaces, zones or profiles. */
export interface FlowSpec {
  readonly id: string;
  readonly text: string;
  readonly source: AddressSet;
  readonly destination: AddressSet;
  readonly services: readonly ServiceTerm[];
  readonly direction?: Direction;
  readonly in?: string;
  readonly out?: string;
  readonly facts: ReadonlyMap<FactName, string>;
}

export interface CellPlace {
  readonly file: string;
  readonly line: number;
}

const refuse = (what: string, text: string, expected: string, place: CellPlace): never => {
  throw new RefusedError(`${what} "${text}" is not understood`, {
    file: place.file,
    line: place.line,
    hint: `Expected ${expected}.`,
  });
};

const pieces = (text: string): string[] =>
  text
    .split(/[;,]/)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');

export function parseAddresses(text: string, what: string, place: CellPlace): AddressSet {
  const list = pieces(text);
  if (list.length === 0)
    return refuse(what, text, 'an address such as 10.0.0.1, 10.0.0.0/8 or 10.0.0.1-10.0.0.9, or several joined by ";"', place);
  return unionAllAddresses(
    list.map((piece) => {
      if (/^any$/i.test(piece)) return ALL_UNICAST;
      return (
        parseAddressSet(piece) ??
        refuse(what, piece, 'an address such as 10.0.0.1, 10.0.0.0/8, 10.0.0.1-10.0.0.9 or 2001:db8::1', place)
      );
    }),
  );
}

export function parsePorts(text: string, what: string, place: CellPlace): Intervals {
  const list = pieces(text);
  if (list.length === 0) return refuse(what, text, 'a port 0-65535 or a range such as 8000-8010', place);
  return unionAll(
    list.map((piece) => {
      const match = /^([0-9]{1,5})(?:\s*[-:]\s*([0-9]{1,5}))?$/.exec(piece);
      const first = Number(match?.[1]);
      const last = match?.[2] === undefined ? first : Number(match[2]);
      if (!match || last > 65535 || first > last)
        return refuse(what, piece, 'a port 0-65535 or a range such as 8000-8010', place);
      return range(first, last);
    }),
  );
}

/** Protocol number of a name or number; `icmp` is 1 and `icmpv6` 58. */
export function parseProtocol(text: string, place: CellPlace): number {
  const name = text.trim().toLowerCase();
  const byName = new Map<string, number>([...Object.entries(PROTOCOL), ['icmp6', 58], ['ipv6-icmp', 58], ['icmpv4', 1]]).get(
    name,
  );
  if (byName !== undefined) return byName;
  if (/^[0-9]{1,3}$/.test(name) && Number(name) <= 255) return Number(name);
  return refuse('the protocol', text, 'tcp, udp, icmp, icmpv6, any or a number 0-255', place);
}

/** `8/0`, `8/*`, `8` as a set of type * 256 + code. */
export function parseIcmp(text: string, place: CellPlace): Intervals {
  const list = pieces(text);
  if (list.length === 0) return refuse('the ICMP type', text, 'type/code such as 8/0, or type/*', place);
  return unionAll(
    list.map((piece) => {
      const match = /^([0-9]{1,3})(?:\/([0-9]{1,3}|\*))?$/.exec(piece);
      const type = Number(match?.[1]);
      if (!match || type > 255 || Number(match[2] ?? 0) > 255)
        return refuse('the ICMP type', piece, 'type/code such as 8/0, or type/*', place);
      const code = match[2];
      return code === undefined || code === '*'
        ? range(type * 256, type * 256 + 255)
        : range(type * 256 + Number(code), type * 256 + Number(code));
    }),
  );
}

export interface ServiceCells {
  readonly protocol: string;
  readonly port: string;
  readonly sourcePort: string;
  readonly icmp: string;
}

/** The services of protocol, port and ICMP cells. A port with a protocol that has none is refused. */
export function parseServices(cells: ServiceCells, place: CellPlace): ServiceTerm[] {
  const names = /^(any|all|ip|)$/i.test(cells.protocol.trim())
    ? []
    : cells.protocol.split(/[;,/\s]+/).filter((name) => name !== '');
  const protocols = names.map((name) => parseProtocol(name, place));
  const icmpOnly = protocols.length > 0 && protocols.every((p) => p === 1 || p === 58);
  const portsOnly = protocols.length > 0 && protocols.every((p) => PORT_PROTOCOLS.includes(p));
  const port = /^(any|all|\*)$/i.test(cells.port.trim()) ? '' : cells.port.trim();
  const sourcePort = /^(any|all|\*)$/i.test(cells.sourcePort.trim()) ? '0-65535' : cells.sourcePort.trim();
  if (cells.icmp.trim() !== '') {
    if (!icmpOnly) return refuse('the ICMP type', cells.icmp, 'an ICMP type only where the protocol is icmp or icmpv6', place);
    if (port !== '' || sourcePort !== '') return refuse('the port', port || sourcePort, 'no port beside an ICMP type', place);
    return [{ protocols, ports: parseIcmp(cells.icmp, place) }];
  }
  if ((port !== '' || sourcePort !== '') && !portsOnly)
    return refuse(
      'the port',
      port || sourcePort,
      'ports only where every protocol has them (tcp, udp, sctp, dccp, udplite)',
      place,
    );
  return [
    {
      protocols,
      ...(port === '' ? {} : { ports: parsePorts(port, 'the port', place) }),
      ...(sourcePort === '' ? {} : { sourcePorts: parsePorts(sourcePort, 'the source port', place) }),
    },
  ];
}

/** Splits `A:ports`, `[v6]:ports` and bare addresses; without brackets an IPv6 address has no port. */
function splitEnd(text: string): { address: string; port: string } {
  // A colon with nothing behind it is a port that was forgotten, not all ports.
  const after = (port: string): string => (port.trim() === '' ? ':' : port);
  const bracket = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracket) return { address: bracket[1] ?? '', port: bracket[2] === undefined ? '' : after(bracket[2]) };
  const colon = text.lastIndexOf(':');
  if (colon < 0 || text.indexOf(':') < colon) return { address: text, port: '' };
  return { address: text.slice(0, colon), port: after(text.slice(colon + 1)) };
}

/** @throws RefusedError with what was expected. */
export function parseFlow(text: string, id: string, place: CellPlace): FlowSpec {
  const arrow = text.indexOf('->');
  const left = text.slice(0, Math.max(0, arrow)).trim();
  const blank = left.search(/\s/);
  const to = text.slice(arrow + 2).trim();
  if (blank < 0 || to === '')
    return refuse('the flow', text, 'PROTOCOL SOURCE -> DESTINATION:PORT, for example tcp 10.0.1.10 -> 10.0.2.10:389', place);
  const from = left.slice(blank).trim();
  const [protocol = '', type, ...code] = left.slice(0, blank).split('/');
  const source = splitEnd(from);
  const destination = splitEnd(to);
  const icmp = type === undefined ? '' : [type, ...code].join('/') || '/';
  return {
    id,
    text,
    source: parseAddresses(source.address, 'the source', place),
    destination: parseAddresses(destination.address, 'the destination', place),
    services: parseServices({ protocol, port: destination.port, sourcePort: source.port, icmp }, place),
    facts: new Map(),
  };
}
