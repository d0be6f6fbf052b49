/** Sets of addresses of which a part may be unknown, in the space that holds both families. */
import type { Condition } from '../../src/model/condition.js';
import {
  type AddressSet,
  ANY_ADDRESS,
  NO_ADDRESS,
  subtractAddresses,
  unionAddresses,
  unionAllAddresses,
} from '../../src/sets/address.js';
import { intersect } from '../../src/sets/intervals.js';
import { parseAddressSet } from '../../src/sets/ip.js';

/** What is not known of a set: while `condition` is true it may hold anything in `reach`. */
export interface OpenPart {
  readonly condition: Condition;
  readonly reach: AddressSet;
}

export interface Extent {
  readonly known: AddressSet;
  readonly open: readonly OpenPart[];
  /** The part of `known` that comes from wildcard masks: their rules are not matched strictly in order. */
  readonly wildcard: AddressSet;
}

export const NOTHING: Extent = { known: NO_ADDRESS, open: [], wildcard: NO_ADDRESS };

/** Addresses that belong to no country and to no predefined list of public addresses. */
export const PRIVATE: AddressSet = unionAllAddresses(
  ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '169.254.0.0/16', '::1', 'fe80::/10'].map(
    (text) => parseAddressSet(text) ?? NO_ADDRESS,
  ),
);

/** PAN-OS looks at an IPv4 address as an IPv6 address with 96 leading zero bits: `::/0` holds all of IPv4 too. */
export function embed(set: AddressSet): AddressSet {
  const low = intersect(set.v6, [0n, 2n ** 32n]);
  return low.length === 0 ? set : unionAddresses(set, { v4: low.map(Number), v6: [] });
}

/** Host, prefix or range as PAN-OS reads it. */
export function parseLiteral(text: string): AddressSet | undefined {
  const set = parseAddressSet(text);
  return set && embed(set);
}

/** Wholly known. */
export const exact = (known: AddressSet): Extent => ({ known, open: [], wildcard: NO_ADDRESS });

/** The complement in the space that holds both families. */
export const complement = (set: AddressSet): AddressSet => subtractAddresses(ANY_ADDRESS, set);

export function uniteExtents(extents: readonly Extent[]): Extent {
  if (extents.length === 1 && extents[0]) return extents[0];
  const open = new Map<string, OpenPart>();
  for (const part of extents.flatMap((e) => e.open)) {
    const same = open.get(part.condition.coin);
    open.set(part.condition.coin, same ? { ...part, reach: unionAddresses(same.reach, part.reach) } : part);
  }
  return {
    known: unionAllAddresses(extents.map((e) => e.known)),
    open: [...open.values()],
    wildcard: unionAllAddresses(extents.map((e) => e.wildcard)),
  };
}
