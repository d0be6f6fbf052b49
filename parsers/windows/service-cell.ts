/** Protocol, LocalPort, RemotePort and IcmpType cells. */
import type { Condition } from '../../src/model/condition.js';
import { PROTOCOL } from '../../src/model/match.js';
import { type Intervals, only, range, unionAll } from '../../src/sets/intervals.js';
import { type Extent, exact, tokensOf, unknownExtent, unreadable, unrestricted } from './extent.js';

const PROTOCOL_NAMES: ReadonlyMap<string, number> = new Map([
  ['tcp', PROTOCOL.tcp],
  ['udp', PROTOCOL.udp],
  ['icmpv4', PROTOCOL.icmp],
  ['icmpv6', PROTOCOL.icmpv6],
]);

/** A protocol number, `any`, or undefined for text that is neither. 256 is any [MS-FASP]. */
export function protocolNumber(cell: string): number | 'any' | undefined {
  const word = cell.trim().toLowerCase();
  if (word === 'any' || word === '256') return 'any';
  if (/^(0|[1-9][0-9]{0,2})$/.test(word)) return Number(word) <= 255 ? Number(word) : undefined;
  return PROTOCOL_NAMES.get(word);
}

interface PortKeyword {
  readonly name: string;
  /** Ports that the keyword may stand for at run time. */
  readonly ports: Intervals;
  readonly settledBy: string;
}

const ALL_PORTS = range(0, 65535);
/** Default range of dynamic RPC; A service with a fixed endpoint can lie outside it: see docs/vendors/windows.md. */
const DYNAMIC = range(49152, 65535);
const RUNTIME = 'The port is chosen when the program runs: see `netstat -ano` on the host.';

const KEYWORDS: ReadonlyMap<string, PortKeyword> = new Map([
  [
    'rpc',
    {
      name: 'dynamic RPC ports',
      ports: DYNAMIC,
      settledBy: 'Which ports RPC servers listen on is decided when they start: see `netstat -ano`.',
    },
  ],
  ['rpcepmap', { name: 'RPC endpoint mapper', ports: only(135), settledBy: RUNTIME }],
  ['iphttps', { name: 'IP-HTTPS', ports: only(443), settledBy: RUNTIME }],
  ['iphttpsin', { name: 'IP-HTTPS', ports: only(443), settledBy: RUNTIME }],
  ['iphttpsout', { name: 'IP-HTTPS', ports: only(443), settledBy: RUNTIME }],
  ['teredo', { name: 'Teredo', ports: ALL_PORTS, settledBy: RUNTIME }],
  ['ply2disc', { name: 'Play To discovery', ports: ALL_PORTS, settledBy: RUNTIME }],
  ['playtodiscovery', { name: 'Play To discovery', ports: ALL_PORTS, settledBy: RUNTIME }],
  ['mdns', { name: 'mDNS', ports: only(5353), settledBy: RUNTIME }],
]);

function portRange(token: string): Intervals | undefined {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(token);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return first <= last && last <= 65535 ? range(first, last) : undefined;
}

export interface CellContext {
  /** `LocalPort`, `RemotePort`, `IcmpType`. */
  readonly property: string;
  /** Names the rule, for coins of text that is not understood. */
  readonly owner: string;
  /** Names what keyword ports depend on: rules of one program and service share it. */
  readonly listener: string;
}

/** Ports of a TCP or UDP rule. */
export function portCell(cell: string, context: CellContext): Extent<Intervals> {
  if (cell === 'Any' || cell.toLowerCase() === 'any') return unrestricted();
  const tokens = tokensOf(cell);
  if (tokens.length === 0) return unknownExtent(unreadable(context.property, cell, context.owner));
  const sure: Intervals[] = [];
  const perhaps: Intervals[] = [];
  const doubts = new Map<string, Condition>();
  for (const token of tokens) {
    const ports = portRange(token);
    if (ports) {
      sure.push(ports);
      continue;
    }
    const word = token.toLowerCase().replaceAll('-', '');
    if (word === 'any' || word === '*') return unrestricted();
    const keyword = KEYWORDS.get(word);
    if (!keyword) return unknownExtent(unreadable(context.property, token, context.owner));
    perhaps.push(keyword.ports);
    const coin = `port:${context.listener}:${word}`;
    doubts.set(coin, { kind: 'service', name: keyword.name, coin, effect: 'extent', settledBy: keyword.settledBy });
  }
  const lo = unionAll(sure);
  if (doubts.size === 0) return exact(lo);
  return { lo, hi: unionAll([lo, ...perhaps]), loEmpty: lo.length === 0, doubts: [...doubts.values()] };
}

/** `8`, `3:4`, `8:*`, `8:Any`, lists: as type * 256 + code. */
export function icmpCell(cell: string, context: CellContext): Extent<Intervals> {
  if (cell === 'Any' || cell.toLowerCase() === 'any') return unrestricted();
  const sets: Intervals[] = [];
  for (const token of tokensOf(cell)) {
    const match = /^([0-9]{1,3}|any)(?::([0-9]{1,3}|any|\*))?$/i.exec(token);
    if (!match) return unknownExtent(unreadable(context.property, token, context.owner));
    const [, type = '', code = '*'] = match;
    if (/^any$/i.test(type))
      return /^(any|\*)$/i.test(code) ? unrestricted() : unknownExtent(unreadable(context.property, token, context.owner));
    const first = Number(type);
    const every = /^(any|\*)$/i.test(code);
    if (first > 255 || (!every && Number(code) > 255)) return unknownExtent(unreadable(context.property, token, context.owner));
    sets.push(every ? range(first * 256, first * 256 + 255) : only(first * 256 + Number(code)));
  }
  return sets.length === 0 ? unknownExtent(unreadable(context.property, cell, context.owner)) : exact(unionAll(sets));
}
