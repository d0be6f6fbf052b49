/** addrtype and pkttype: what kind of address or frame, as far as the place in the path or the host's addresses tell. */
import type { Condition } from '../../src/model/condition.js';
import type { MatchBox } from '../../src/model/match.js';
import { type AddressSet, NO_ADDRESS, subtractAddresses, unionAddresses, unionAllAddresses } from '../../src/sets/address.js';
import { parseAddressSet } from '../../src/sets/ip.js';
import { allOf, complement } from './addresses.js';
import { condition } from './condition.js';
import { and, between, type Constraint, EVERYTHING, exactly, NOTHING } from './constraint.js';
import type { Environment, RuleContext } from './context.js';
import { type OptionRecord, optionText } from './records.js';

const set = (text: string): AddressSet => parseAddressSet(text) ?? NO_ADDRESS;
const MULTICAST = { 4: set('224.0.0.0/4'), 6: set('ff00::/8') } as const;
const LOOPBACK = { 4: set('127.0.0.0/8'), 6: set('::1') } as const;
const LIMITED_BROADCAST = { 4: unionAddresses(set('255.255.255.255'), set('0.0.0.0')), 6: NO_ADDRESS } as const;

/** Addresses surely of a type, and those that may be. */
interface Bounds {
  readonly lo: AddressSet;
  readonly hi: AddressSet;
}
const exact = (addresses: AddressSet): Bounds => ({ lo: addresses, hi: addresses });

function broadcast({ host, family }: Environment): AddressSet {
  return unionAddresses(LIMITED_BROADCAST[family], family === 4 ? (host.broadcasts ?? NO_ADDRESS) : NO_ADDRESS);
}

/** Neither multicast nor broadcast. */
const single = (environment: Environment): AddressSet =>
  complement(unionAddresses(MULTICAST[environment.family], broadcast(environment)), environment.family);

/**
 * LOCAL. Where routing has decided, the place tells: what reaches INPUT is for the host, what is forwarded is not, and
 * no packet from outside has the host's own address as its source (martians are dropped).
 */
function local(rule: RuleContext, side: 'source' | 'destination'): Bounds {
  const { environment, context } = rule;
  const { host, family } = environment;
  const loopback = LOOPBACK[family];
  const own: AddressSet = family === 4 ? { v4: host.own.v4, v6: [] } : { v4: [], v6: host.own.v6 };
  if (host.complete) return exact(unionAddresses(own, loopback));
  const known = unionAddresses(own, loopback);
  const direction = context?.direction;
  const hostSide = side === 'destination' ? 'in' : 'out';
  if (direction === hostSide) return exact(subtractAddresses(single(environment), NO_ADDRESS));
  if (direction === 'forward' || (direction === 'in' && side === 'source')) return exact(loopback);
  return { lo: known, hi: single(environment) };
}

function ofType(type: string, rule: RuleContext, side: 'source' | 'destination'): Bounds | undefined {
  const { environment } = rule;
  const { family } = environment;
  if (type === 'MULTICAST') return exact(MULTICAST[family]);
  if (type === 'LOCAL') return local(rule, side);
  if (family === 6) return undefined;
  if (type === 'BROADCAST') return exact(broadcast(environment));
  if (type !== 'UNICAST') return undefined;
  const here = local(rule, side);
  const rest = (taken: AddressSet): AddressSet => subtractAddresses(single(environment), taken);
  // A destination that was routed is routable; a source may have no route back.
  const routed = rule.context && rule.context.hook !== 'PREROUTING' && side === 'destination';
  return { lo: routed ? rest(here.hi) : NO_ADDRESS, hi: rest(here.lo) };
}

function typeCondition(option: OptionRecord, rule: RuleContext): Condition {
  return condition('interface', `addrtype ${optionText(option)}`, `construct:${rule.key}:${option.name}`, {
    effect: 'extent',
    settledBy: 'Give the output of `ip addr` of the host (--ip-addr FILE), or its addresses (--host).',
  });
}

/** One --src-type or --dst-type: a list is OR. */
function typeOption(option: OptionRecord, rule: RuleContext): Constraint | undefined {
  const { family } = rule.environment;
  const side = option.name === 'src-type' ? 'source' : 'destination';
  const bounds = (option.values[0] ?? '').split(',').map((type) => ofType(type.toUpperCase(), rule, side));
  const known = bounds.filter((bound) => bound !== undefined);
  const lo = unionAllAddresses(known.map((bound) => bound.lo));
  const hi = known.length < bounds.length ? allOf(family) : unionAllAddresses(known.map((bound) => bound.hi));
  const sure = option.negated ? complement(hi, family) : lo;
  const possible = option.negated ? complement(lo, family) : hi;
  const maybe = subtractAddresses(possible, sure);
  const boxes = (addresses: AddressSet): MatchBox[] =>
    addresses.v4.length + addresses.v6.length > 0 ? [{ [side]: addresses }] : [];
  if (boxes(maybe).length === 0) return exactly(...boxes(sure));
  return between(boxes(sure), boxes(maybe), typeCondition(option, rule));
}

export function addrtype(options: readonly OptionRecord[], rule: RuleContext): Constraint | undefined {
  let out = EVERYTHING;
  for (const option of options) {
    if (option.name !== 'src-type' && option.name !== 'dst-type') return undefined;
    const one = typeOption(option, rule);
    if (!one) return undefined;
    out = and(out, one);
  }
  return out;
}

/** A frame to one host carries a packet to one host; bridges and promiscuous interfaces aside. */
export function pkttype(option: OptionRecord, rule: RuleContext): Constraint | undefined {
  const { environment, context } = rule;
  const { family } = environment;
  const type = (option.values[0] ?? '').toLowerCase();
  const multi = MULTICAST[family];
  const groups: ReadonlyMap<string, AddressSet> = new Map([
    ['unicast', single(environment)],
    ['host', single(environment)],
    ['broadcast', broadcast(environment)],
    ['multicast', multi],
    ['otherhost', NO_ADDRESS],
  ]);
  const found = groups.get(type);
  if (!found || (context?.direction !== 'in' && context?.direction !== 'forward')) return undefined;
  const wanted = option.negated ? complement(found, family) : found;
  return wanted.v4.length + wanted.v6.length === 0 ? NOTHING : exactly({ destination: wanted });
}
