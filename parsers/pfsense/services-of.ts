/** Protocol, ports and ICMP types of a rule, for one address family: factors of its boxes. */
import type { Condition } from '../../src/model/condition.js';
import type { MatchBox } from '../../src/model/match.js';
import type { Family } from '../../src/sets/address.js';
import { EMPTY, equal, type Intervals, isEmpty, only, range, union, unionAll } from '../../src/sets/intervals.js';
import { type Aliases, type Dropped, isDropped, type PortExtent, portText } from './aliases.js';
import { parts } from './node.js';
import type { Notes } from './notes.js';
import type { FilterRuleRecord } from './records.js';
import { ICMP_TYPES, ICMP6_TYPES, PROTOCOLS } from './services.js';
import type { Behaviour } from './version.js';

export interface Services {
  readonly lo: Pick<MatchBox, 'protocols' | 'ports' | 'sourcePorts'> | undefined;
  readonly hi: Pick<MatchBox, 'protocols' | 'ports' | 'sourcePorts'> | undefined;
  readonly conditions: readonly Condition[];
}

export interface ServiceContext {
  readonly aliases: Aliases;
  readonly behaviour: Behaviour;
  readonly notes: Notes;
  readonly device: string;
  /** The file may lack the aliases. */
  readonly partial: boolean;
}

type ServiceFields = Pick<FilterRuleRecord, 'ipprotocol' | 'protocol' | 'icmptype' | 'source' | 'destination' | 'span' | 'index'>;

const TCP_UDP: Intervals = union(only(6), only(17));
const EVERY_PORT: PortExtent = { lo: [0, 65536], hi: [0, 65536], unknowns: [] };

/** PHP's empty(): no port restriction. */
const noPort = (text: string | undefined): boolean => text === undefined || text === '0';

const construct = (name: string, coin: string, settledBy: string): Condition => ({
  kind: 'construct',
  name,
  coin,
  effect: 'gate',
  settledBy,
});

/** A port text as the generator resolves it. */
function portsOf(text: string | undefined, context: ServiceContext, record: ServiceFields): PortExtent | Dropped {
  if (text === undefined || text === '0') return EVERY_PORT;
  const { aliases, behaviour, notes } = context;
  const alias = aliases.get(text);
  const unresolved = (why: string): PortExtent | Dropped => {
    if (behaviour.unresolvedPortDrops) return { dropped: why };
    notes.add('warning', 'port-left-out', `${why}; this version leaves the port out, so the rule covers every port`, record.span);
    return EVERY_PORT;
  };
  if (alias) {
    const ports = aliases.ports(text);
    if (!ports) return { dropped: `alias ${text} holds no ports` };
    return isEmpty(ports.hi) ? unresolved(`port alias ${text} is empty`) : ports;
  }
  const found = portText(text);
  if (found) {
    if (isEmpty(found))
      notes.add('warning', 'port-range-reversed', `the port range "${text}" is reversed and matches nothing`, record.span);
    // "1-90" is written as "<= 90"; 1-65535 as no restriction.
    const ports = equal(found, [1, 65536]) ? EVERY_PORT.lo : found[0] === 1 && text.includes('-') ? union(only(0), found) : found;
    return { lo: ports, hi: ports, unknowns: [] };
  }
  if (/^[a-z][a-z0-9-]{0,30}$/.test(text) || context.partial) {
    const settledBy = `Look ${text} up in /etc/services of the firewall and write the number, or define an alias.`;
    const why = {
      kind: 'construct',
      name: `port name "${text}"`,
      coin: `port-name:${text}`,
      settledBy,
      span: record.span,
    } as const;
    return { lo: EMPTY, hi: [0, 65536], unknowns: [why] };
  }
  return unresolved(`port "${text.slice(0, 60)}" is neither a port nor a defined alias`);
}

function portConditions(ports: PortExtent, end: 'source-port' | 'port'): readonly Condition[] {
  return ports.unknowns.map((why) => ({
    kind: why.kind,
    name: why.name,
    coin: `${why.coin}@${end}`,
    effect: 'extent',
    settledBy: why.settledBy,
    ...(why.span ? { span: why.span } : {}),
  }));
}

function withPorts(protocols: Intervals, record: ServiceFields, context: ServiceContext): Services | Dropped {
  const source = portsOf(record.source?.port, context, record);
  if (isDropped(source)) return source;
  const target = portsOf(record.destination?.port, context, record);
  if (isDropped(target)) return target;
  const box = (from: Intervals, to: Intervals): Services['lo'] =>
    isEmpty(from) || isEmpty(to)
      ? undefined
      : {
          protocols,
          ...(from === EVERY_PORT.lo ? {} : { sourcePorts: from }),
          ...(to === EVERY_PORT.lo ? {} : { ports: to }),
        };
  const hi = box(source.hi, target.hi);
  const lo = source.lo === source.hi && target.lo === target.hi ? hi : box(source.lo, target.lo);
  return { lo, hi, conditions: [...portConditions(source, 'source-port'), ...portConditions(target, 'port')] };
}

function icmp(record: ServiceFields, family: Family): Services {
  const protocols = only(family === 4 ? 1 : 58);
  const names = parts(record.icmptype?.toLowerCase());
  if (names.length === 0 || names.includes('any')) {
    const box = { protocols };
    return { lo: box, hi: box, conditions: [] };
  }
  const table = family === 4 ? ICMP_TYPES : ICMP6_TYPES;
  const types = names.map(
    (name) => table.get(name) ?? (/^[0-9]{1,3}$/.test(name) && Number(name) < 256 ? Number(name) : undefined),
  );
  const odd = names.filter((_, i) => types[i] === undefined);
  const ports = unionAll(types.flatMap((type) => (type === undefined ? [] : [range(type * 256, type * 256 + 255)])));
  const box = isEmpty(ports) ? undefined : { protocols, ports };
  if (odd.length === 0) return { lo: box, hi: box, conditions: [] };
  const name = `ICMP type ${odd.join(', ')} in an IPv${family} rule`;
  const settledBy = 'Choose ICMP types that exist in the address family of the rule.';
  return {
    lo: box,
    hi: { protocols },
    conditions: [{ ...construct(name, `icmp-type:${odd.join(',')}:${family}`, settledBy), effect: 'extent' }],
  };
}

/** A stale port of a protocol without ports can still drop the rule (2.3 to 2.6.0). */
function stalePort(record: ServiceFields, context: ServiceContext): Dropped | undefined {
  if (!context.behaviour.stalePortDrops) return undefined;
  for (const end of [record.source, record.destination]) {
    if (noPort(end?.port)) continue;
    const ports = portsOf(end?.port, context, record);
    if (isDropped(ports)) return ports;
  }
  return undefined;
}

/** @returns the services, or why the generator drops the rule. */
export function servicesOf(record: ServiceFields, family: Family, context: ServiceContext): Services | Dropped {
  const { notes, behaviour } = context;
  const protocol = record.protocol?.toLowerCase();
  const ported = !noPort(record.source?.port) || !noPort(record.destination?.port);
  if (protocol === undefined) {
    const stale = stalePort(record, context);
    if (stale) return stale;
    if (!ported) return { lo: {}, hi: {}, conditions: [] };
    notes.add(
      'warning',
      'port-ignored',
      'a port without a protocol: pfSense makes this rule match all of TCP and no other protocol',
      record.span,
    );
    const box = { protocols: only(6) };
    return { lo: box, hi: box, conditions: [] };
  }
  if (protocol === 'tcp') return withPorts(only(6), record, context);
  if (protocol === 'udp') return withPorts(only(17), record, context);
  if (protocol === 'tcp/udp' || protocol === 'udp/tcp') return withPorts(TCP_UDP, record, context);
  if (protocol === 'sctp' && behaviour.since271) return withPorts(only(132), record, context);
  const stale = stalePort(record, context);
  if (stale) return stale;
  if (ported)
    notes.add('warning', 'port-ignored', `protocol ${protocol} has no ports here: the port in this rule is ignored`, record.span);
  if (protocol === 'any') {
    if (!behaviour.anyWord)
      notes.add(
        'info',
        'would-be-refused',
        'protocol "any" is written by later versions only; read as every protocol',
        record.span,
      );
    return { lo: {}, hi: {}, conditions: [] };
  }
  // A rule without a family keyword says "proto icmp": protocol 1, in either family never ICMPv6.
  if (protocol === 'icmp' && family === 6 && context.behaviour.noFamilyKeyword && record.ipprotocol === undefined)
    return { lo: undefined, hi: undefined, conditions: [] };
  if (protocol === 'icmp') return icmp(record, family);
  const number =
    PROTOCOLS.get(protocol) ?? (/^[0-9]{1,3}$/.test(protocol) && Number(protocol) < 256 ? Number(protocol) : undefined);
  if (number !== undefined) {
    const box = { protocols: only(number) };
    return { lo: box, hi: box, conditions: [] };
  }
  notes.add('warning', 'protocol-unknown', `protocol "${protocol.slice(0, 60)}" is not known here`, record.span);
  const condition = construct(
    `protocol "${protocol.slice(0, 60)}"`,
    `protocol:${protocol.slice(0, 60)}`,
    'Write the number of the protocol.',
  );
  return { lo: undefined, hi: {}, conditions: [condition] };
}
