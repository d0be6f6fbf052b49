/** What the parts of the pfSense interpreter share. */
import { holds, type Packet, readNetwork } from './packet.js';
import type { Fact } from './pfsense-addresses.js';

export type Turn = 'in' | 'out';

/** A rule as it is loaded, already met with the packet: only open facts and tags are left to decide. */
export interface Step {
  readonly facts: readonly Fact[];
  readonly verdict: 'pass' | 'block' | undefined;
  readonly quick: boolean;
  readonly tag?: string | undefined;
  readonly tagged?: { readonly name: string; readonly not: boolean } | undefined;
  /** Set on a pass that something beyond the filter may undo (state, policy routing). */
  readonly doubt?: boolean;
  /** Interfaces that policy routing sends the packet out of, whatever the routing table says. */
  readonly via?: readonly string[] | undefined;
}

export const PROTOCOLS = new Map<string, readonly number[]>([
  ['tcp', [6]],
  ['udp', [17]],
  ['tcp/udp', [6, 17]],
  ['esp', [50]],
  ['ah', [51]],
  ['gre', [47]],
  ['etherip', [97]],
  ['ipv6', [41]],
  ['igmp', [2]],
  ['pim', [103]],
  ['ospf', [89]],
  ['sctp', [132]],
  ['carp', [112]],
  ['pfsync', [240]],
]);
export const inNetwork = (text: string, packet: Packet, value: bigint): boolean => {
  const span = readNetwork(text);
  return span !== undefined && holds(span, packet.family, value);
};
