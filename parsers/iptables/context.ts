/** Where a chain runs, and what a rule's meaning may depend on besides its own text. */
import type { Direction } from '../../src/model/firewall.js';
import type { AddressSet, Family } from '../../src/sets/address.js';
import type { HostAddresses } from './ip-addr.js';
import type { IpSets } from './ipset.js';
import type { LinkSpace } from './links.js';
import type { Marks } from './marks.js';

export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** One way in which a built-in chain is entered; PREROUTING sees packets to the host and forwarded ones. */
export interface Context {
  readonly hook: Hook;
  readonly direction: Direction;
}

export const CONTEXTS: readonly Context[] = [
  { hook: 'PREROUTING', direction: 'in' },
  { hook: 'PREROUTING', direction: 'forward' },
  { hook: 'INPUT', direction: 'in' },
  { hook: 'FORWARD', direction: 'forward' },
  { hook: 'OUTPUT', direction: 'out' },
  { hook: 'POSTROUTING', direction: 'forward' },
  { hook: 'POSTROUTING', direction: 'out' },
];

/** What one family's rules share. */
export interface Environment {
  readonly family: Family;
  readonly device: string;
  readonly links: LinkSpace;
  readonly host: HostAddresses;
  readonly sets: IpSets;
  readonly lists: ReadonlyMap<string, AddressSet>;
  readonly names: ReadonlyMap<string, AddressSet>;
  /** Sets that SET targets of the same dump change: what a snapshot says of them is not lasting. */
  readonly changingSets: ReadonlySet<string>;
  readonly marks: Marks;
  /** Some rule translates destinations; undefined when the nat table was not seen. */
  readonly translates: boolean | undefined;
}

/** One rule as it is being read. */
export interface RuleContext {
  readonly environment: Environment;
  /** Table the rule stands in: raw comes before connection tracking. */
  readonly table: string;
  /** Unique over the device: for coins that are this rule's own. */
  readonly key: string;
  /** Undefined: the chain is entered in one way only that does not matter here, or not at all. */
  readonly context: Context | undefined;
}
