/** The packets that a rule speaks of: addresses, protocol, ports, profiles. */
import type { Condition } from '../../src/model/condition.js';
import { atMost, between, exactly, type Match, type MatchBox } from '../../src/model/match.js';
import type { AddressSet } from '../../src/sets/address.js';
import type { Intervals } from '../../src/sets/intervals.js';
import type { Given } from '../types.js';
import { type AddressContext, addressCell, type Part } from './address-cell.js';
import { construct, type Extent, exact, unknownExtent, unreadable, unrestricted } from './extent.js';
import type { WindowsRule } from './records.js';
import type { Side } from './rule-words.js';
import { icmpCell, portCell, protocolNumber } from './service-cell.js';

export interface CellCache {
  readonly addresses: Map<string, Extent<AddressSet>>;
  readonly keywords: Map<string, Part>;
  readonly gates: Map<string, Condition>;
}
export const newCache = (): CellCache => ({ addresses: new Map(), keywords: new Map(), gates: new Map() });

export function protocolOf(rule: WindowsRule): number | 'any' | undefined {
  return rule.fields.protocol === undefined ? undefined : protocolNumber(rule.fields.protocol);
}

export interface MatchContext {
  readonly side: Side;
  readonly given: Given;
  readonly device: string;
  /** Names the rule, for coins of text that is not understood. */
  readonly owner: string;
  readonly protocol: number | 'any' | undefined;
  readonly cache: CellCache;
}

export interface RuleMatch {
  readonly match: Match;
  readonly doubts: readonly Condition[];
}

/** `links`: the profiles in which the rule counts. */
export function matchOf(rule: WindowsRule, links: Intervals, context: MatchContext): RuleMatch {
  const { side, device, owner, protocol } = context;
  const inbound = side === 'in';
  const local = addressExtent(rule.fields.localAddress, 'LocalAddress', inbound, context);
  const stated = addressExtent(rule.fields.remoteAddress, 'RemoteAddress', !inbound, context);
  const remote = withDynamicKeywords(stated, rule.fields.dynamicKeywordAddresses, device);
  const service = serviceOf(rule, protocol, owner, device);
  const icmp = protocol === 1 || protocol === 58;
  const extents: Extents = {
    source: inbound ? remote : local,
    destination: inbound ? local : remote,
    protocols: service.protocol,
    ports: inbound || icmp ? service.local : service.remote,
    sourcePorts: inbound || icmp ? service.remote : service.local,
  };
  const link: MatchBox = inbound ? { in: links } : { out: links };
  const hi = boxOf(extents, 'hi', link);
  const all = Object.values(extents);
  if (all.every((extent) => extent.doubts.length === 0)) return { match: exactly(hi), doubts: service.gates };
  const doubts = [...service.gates, ...all.flatMap((extent) => extent.doubts)];
  const match = all.some((extent) => extent.loEmpty) ? atMost(hi) : between([boxOf(extents, 'lo', link)], [hi]);
  return { match, doubts };
}

interface Extents {
  readonly source: Extent<AddressSet>;
  readonly destination: Extent<AddressSet>;
  readonly protocols: Extent<Intervals>;
  readonly ports: Extent<Intervals>;
  readonly sourcePorts: Extent<Intervals>;
}

function boxOf(extents: Extents, bound: 'lo' | 'hi', link: MatchBox): MatchBox {
  const box: { -readonly [K in keyof MatchBox]: MatchBox[K] } = { ...link };
  const source = extents.source[bound];
  if (source) box.source = source;
  const destination = extents.destination[bound];
  if (destination) box.destination = destination;
  const protocols = extents.protocols[bound];
  if (protocols) box.protocols = protocols;
  const ports = extents.ports[bound];
  if (ports) box.ports = ports;
  const sourcePorts = extents.sourcePorts[bound];
  if (sourcePorts) box.sourcePorts = sourcePorts;
  return box;
}

/** A missing column restricts nothing here: a gate of its own says that it is missing. */
function addressExtent(
  cell: string | undefined,
  property: string,
  isDestination: boolean,
  context: MatchContext,
): Extent<AddressSet> {
  if (cell === undefined) return unrestricted();
  const key = `${isDestination ? '>' : '<'}${cell}`;
  const known = context.cache.addresses.get(key);
  if (known) return known;
  const { given, device, owner } = context;
  const read: AddressContext = { given, device, property, isDestination, owner, keywords: context.cache.keywords };
  const extent = addressCell(cell, read);
  // Text that is not understood is one rule's own; everything else is shared.
  if (extent.doubts.every((doubt) => doubt.kind === 'list')) context.cache.addresses.set(key, extent);
  return extent;
}

/** Dynamic keyword addresses add what a definition on the host resolves to; alone, they stand where the address says Any. */
function withDynamicKeywords(remote: Extent<AddressSet>, ids: string | undefined, device: string): Extent<AddressSet> {
  if (!ids || /^(any|\{\})$/i.test(ids)) return remote;
  const doubt: Condition = {
    kind: 'list',
    name: `dynamic keyword addresses ${ids}`,
    coin: `keyword:${device}:${ids.toLowerCase()}`,
    effect: 'extent',
    settledBy: 'See `Get-NetFirewallDynamicKeywordAddress` on the host.',
  };
  return { lo: remote.lo, hi: undefined, loEmpty: remote.loEmpty || remote.lo === undefined, doubts: [...remote.doubts, doubt] };
}

interface ServiceExtent {
  readonly protocol: Extent<Intervals>;
  /** ICMP: types and codes. */
  readonly local: Extent<Intervals>;
  readonly remote: Extent<Intervals>;
  readonly gates: readonly Condition[];
}

function serviceOf(rule: WindowsRule, protocol: number | 'any' | undefined, owner: string, device: string): ServiceExtent {
  const none = unrestricted<Intervals>();
  const { fields } = rule;
  if (protocol === undefined) {
    const missing = fields.protocol === undefined;
    const extent = missing ? none : unknownExtent<Intervals>(unreadable('Protocol', fields.protocol ?? '', owner));
    return { protocol: extent, local: none, remote: none, gates: [] };
  }
  const only: Extent<Intervals> = protocol === 'any' ? none : exact([protocol, protocol + 1]);
  const listener = `${device}:${(fields.program ?? '').toLowerCase()}:${(fields.service ?? '').toLowerCase()}`;
  const cell = (property: string): { property: string; owner: string; listener: string } => ({ property, owner, listener });
  if (protocol === 6 || protocol === 17) {
    const port = (text: string | undefined, property: string): Extent<Intervals> => {
      if (text !== undefined) return portCell(text, cell(property));
      return rule.form === 'csv' ? none : unknownExtent(unreadable(property, '', owner));
    };
    return {
      protocol: only,
      local: port(fields.localPort, 'LocalPort'),
      remote: port(fields.remotePort, 'RemotePort'),
      gates: [],
    };
  }
  const gates = strayPorts(rule, protocol, owner);
  if (protocol === 1 || protocol === 58) {
    const types = fields.icmpType === undefined ? none : icmpCell(fields.icmpType, cell('IcmpType'));
    return { protocol: only, local: types, remote: none, gates };
  }
  return { protocol: only, local: none, remote: none, gates };
}

/** Ports on a protocol without ports. The provider writes `RPC` on ICMP rows, which means nothing. */
function strayPorts(rule: WindowsRule, protocol: number | 'any', owner: string): readonly Condition[] {
  const icmp = protocol === 1 || protocol === 58;
  const out: Condition[] = [];
  for (const field of ['localPort', 'remotePort'] as const) {
    const text = (rule.fields[field] ?? '').toLowerCase();
    if (text === '' || text === 'any' || (icmp && text === 'rpc')) continue;
    out.push(construct(owner, `ports "${rule.fields[field]}" on protocol ${rule.fields.protocol}`));
  }
  return out;
}
