/** LocalAddress and RemoteAddress cells. */
import type { Condition } from '../../src/model/condition.js';
import { type AddressSet, ANY_ADDRESS, NO_ADDRESS, unionAddresses, unionAllAddresses } from '../../src/sets/address.js';
import { EMPTY } from '../../src/sets/intervals.js';
import { parseAddressSet } from '../../src/sets/ip.js';
import type { Given } from '../types.js';
import { type Extent, exact, tokensOf, unknownExtent, unreadable, unrestricted } from './extent.js';

/** Keywords [MS-FASP, New-NetFirewallRule], lower-case, in the spellings of PowerShell and of netsh. */
const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ['dns', 'dns'],
  ['dhcp', 'dhcp'],
  ['wins', 'wins'],
  ['defaultgateway', 'defaultgateway'],
  ['internet', 'internet'],
  ['intranet', 'intranet'],
  ['intranetremoteaccess', 'intranetremoteaccess'],
  ['rmtintranet', 'intranetremoteaccess'],
  ['playtodevice', 'playtodevice'],
  ['ply2renders', 'playtodevice'],
  ['captiveportal', 'captiveportal'],
]);

const LINK_LOCAL: AddressSet = unionAllAddresses(
  ['169.254.0.0/16', 'fe80::/10'].map((text) => parseAddressSet(text) ?? NO_ADDRESS),
);
const GROUPS: AddressSet = unionAllAddresses(
  ['224.0.0.0/4', '255.255.255.255', 'ff00::/8'].map((text) => parseAddressSet(text) ?? NO_ADDRESS),
);

const MAPPED = 0xffffn << 32n;
/** `::ffff:a.b.c.d` stands for the IPv4 address. */
function unmapped(set: AddressSet): AddressSet {
  const [first, end] = set.v6;
  if (first === undefined || end === undefined || first < MAPPED || end > MAPPED + 2n ** 32n) return set;
  return { v4: [Number(first - MAPPED), Number(end - MAPPED)], v6: EMPTY };
}

const ofFamily = (set: AddressSet, family: string | undefined): AddressSet =>
  family === '4' ? { v4: set.v4, v6: EMPTY } : family === '6' ? { v4: EMPTY, v6: set.v6 } : set;

/** The last address of each IPv4 network given: against LocalSubnet a broadcast stays open. */
function withoutBroadcast(set: AddressSet): AddressSet {
  const v4: number[] = [];
  for (let i = 0; i < set.v4.length; i += 2) {
    const first = set.v4[i] as number;
    const end = set.v4[i + 1] as number;
    v4.push(first, end - first > 2 ? end - 1 : end);
  }
  return { v4, v6: set.v6 };
}

/** What a keyword stands for. */
export interface Part {
  readonly lo: AddressSet;
  readonly hi: AddressSet;
  readonly doubt?: Condition;
}

export interface AddressContext {
  readonly given: Given;
  readonly device: string;
  /** `LocalAddress` or `RemoteAddress`. */
  readonly property: string;
  /** The cell is the packet's destination (remote of outbound, local of inbound rules). */
  readonly isDestination: boolean;
  /** Names the rule, for coins of text that is not understood. */
  readonly owner: string;
  /** Keywords read before, by direction and word. */
  readonly keywords: Map<string, Part>;
}

/** "The source is in the local subnet" and "the destination is" are two facts. */
const endOf = (context: AddressContext): string => (context.isDestination ? '@destination' : '@source');

function localSubnet(family: string | undefined, context: AddressContext): Part {
  const { subnet } = context.given;
  const linkLocal = ofFamily(LINK_LOCAL, family);
  if (!subnet)
    return {
      lo: linkLocal,
      hi: ofFamily(ANY_ADDRESS, family),
      doubt: {
        kind: 'list',
        name: 'LocalSubnet',
        coin: `keyword:${context.device}:localsubnet${endOf(context)}`,
        effect: 'extent',
        settledBy: 'Give the networks that the host is attached to: --subnet, or `subnet:` of the device.',
      },
    };
  const known = unionAddresses(ofFamily(subnet, family), linkLocal);
  if (!context.isDestination) return { lo: known, hi: known };
  return {
    lo: withoutBroadcast(known),
    hi: unionAddresses(known, ofFamily(GROUPS, family)),
    doubt: {
      kind: 'list',
      name: 'LocalSubnet (multicast and broadcast)',
      coin: `keyword:${context.device}:localsubnet-groups${endOf(context)}`,
      effect: 'extent',
      settledBy: 'Nothing in an export settles whether multicast and broadcast count as the local subnet: try it on the host.',
    },
  };
}

function keyword(token: string, context: AddressContext): Part | undefined {
  const key = `${context.isDestination ? '>' : '<'}${token}`;
  const known = context.keywords.get(key);
  if (known) return known;
  const part = readKeyword(token, context);
  if (part) context.keywords.set(key, part);
  return part;
}

function readKeyword(token: string, context: AddressContext): Part | undefined {
  const [, word = '', family] = /^([a-z0-9]*?)([46])?$/.exec(token) ?? [];
  if (word === 'localsubnet') return localSubnet(family, context);
  const name = KEYWORDS.get(word) ?? KEYWORDS.get(token);
  if (!name) return undefined;
  const known = context.given.keywords?.get(name) ?? context.given.keywords?.get(word);
  if (known) {
    const set = ofFamily(known, family);
    return { lo: set, hi: set };
  }
  return {
    lo: NO_ADDRESS,
    hi: ofFamily(ANY_ADDRESS, family),
    doubt: {
      kind: 'list',
      name,
      coin: `keyword:${context.device}:${name}${endOf(context)}`,
      effect: 'extent',
      settledBy: `Give the addresses of the keyword ${name}: \`keywords:\` of the device (--given FILE).`,
    },
  };
}

const literals = new Map<string, AddressSet | undefined>();
const LITERAL_CACHE = 20_000;

function literal(token: string): AddressSet | undefined {
  if (literals.has(token)) return literals.get(token);
  const set = parseAddressSet(token);
  const value = set && unmapped(set);
  if (literals.size >= LITERAL_CACHE) literals.clear();
  literals.set(token, value);
  return value;
}

/** One token that is not understood makes the whole cell uncertain: leaving it out would change what the rule covers. */
export function addressCell(cell: string, context: AddressContext): Extent<AddressSet> {
  if (cell === 'Any' || cell.toLowerCase() === 'any') return unrestricted();
  const tokens = tokensOf(cell);
  if (tokens.length === 0) return unknownExtent(unreadable(context.property, cell, context.owner));
  const sure: AddressSet[] = [];
  const perhaps: AddressSet[] = [];
  const doubts = new Map<string, Condition>();
  for (const token of tokens) {
    const set = literal(token);
    if (set) {
      sure.push(set);
      continue;
    }
    const word = token.toLowerCase();
    if (word === 'any' || word === '*') return unrestricted();
    const part = keyword(word, context);
    if (!part) return unknownExtent(unreadable(context.property, token, context.owner));
    sure.push(part.lo);
    perhaps.push(part.hi);
    if (part.doubt) doubts.set(part.doubt.coin, part.doubt);
  }
  const lo = sure.length === 1 && sure[0] ? sure[0] : unionAllAddresses(sure);
  if (doubts.size === 0) return exact(lo);
  const hi = perhaps.includes(ANY_ADDRESS) ? ANY_ADDRESS : unionAllAddresses([lo, ...perhaps]);
  return { lo, hi, loEmpty: lo.v4.length === 0 && lo.v6.length === 0, doubts: [...doubts.values()] };
}
