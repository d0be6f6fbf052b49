/** All vendors. A new one is its folder and one line here. */
import { iptables } from './iptables/index.js';
import { paloalto } from './paloalto/index.js';
import { pfsense } from './pfsense/index.js';
import type { Vendor } from './types.js';
import { windows } from './windows/index.js';

export const VENDORS: readonly Vendor[] = [windows, pfsense, paloalto, iptables];
