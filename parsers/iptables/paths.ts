/** Which tables a packet meets, in the kernel's order. */
import type { Direction } from '../../src/model/firewall.js';
import type { Hook } from './context.js';

/** Tables and hooks on a packet's way (include/uapi/linux/netfilter_ipv4.h: raw, mangle, nat, filter, security, source nat). */
export const PATHS: Readonly<Record<Direction, readonly (readonly [table: string, hook: Hook])[]>> = {
  in: [
    ['raw', 'PREROUTING'],
    ['mangle', 'PREROUTING'],
    ['nat', 'PREROUTING'],
    ['mangle', 'INPUT'],
    ['filter', 'INPUT'],
    ['security', 'INPUT'],
    ['nat', 'INPUT'],
  ],
  forward: [
    ['raw', 'PREROUTING'],
    ['mangle', 'PREROUTING'],
    ['nat', 'PREROUTING'],
    ['mangle', 'FORWARD'],
    ['filter', 'FORWARD'],
    ['security', 'FORWARD'],
    ['mangle', 'POSTROUTING'],
    ['nat', 'POSTROUTING'],
  ],
  out: [
    ['raw', 'OUTPUT'],
    ['mangle', 'OUTPUT'],
    ['nat', 'OUTPUT'],
    ['filter', 'OUTPUT'],
    ['security', 'OUTPUT'],
    ['mangle', 'POSTROUTING'],
    ['nat', 'POSTROUTING'],
  ],
};
export const DIRECTIONS = ['in', 'forward', 'out'] as const;
