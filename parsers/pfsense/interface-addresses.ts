/** Addresses of one interface: literals, what tunnels know of themselves, and what is only known at run time. */
import {
  type AddressSet,
  type Family,
  intersectAddresses,
  isEmptyAddresses,
  NO_ADDRESS,
  subtractAddresses,
  unionAllAddresses,
} from '../../src/sets/address.js';
import { familyOf, parseAddressSet, prefixSet } from '../../src/sets/ip.js';
import type { Given } from '../types.js';
import { anyOf, type Extent, known, type Unknown, unknown } from './extent.js';
import type { InterfaceRecord, PfsenseConfig } from './records.js';

/** Undefined: the interface has no address of that family. */
export interface FamilyAddresses {
  readonly address: Extent;
  readonly network: Extent;
  /** Prefix length of the network where it is known. */
  readonly length?: number;
}

const DYNAMIC = /^(dhcp6?|pppoe|ppp|pptp|l2tp|bigpond|slaac|track6|6rd|6to4)$/i;
const MASK_WORDS = /redacted|masked|\bremoved\b|\*{2,}/i;

/** A value that a redactor took out: unknown, neither absent nor a name. */
export function isMasked(text: string): boolean {
  const head = text.slice(0, 200);
  if (MASK_WORDS.test(head) || /^[[{<].*[\]}>]$/.test(head)) return true;
  return /^[x.:]+(\/[0-9x]{1,3})?$/i.test(head) && /x/i.test(head) && /[.:]/.test(head);
}

const DEVICE_TUNNEL = /^(ovpn[sc]|tun_wg|wg|ipsec|gre|gif)[0-9]*/;

/** What an interface address can never be: loopback, multicast, "this network". */
export const NEVER = unionAllAddresses(
  ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/127', 'ff00::/8'].map((text) => parseAddressSet(text) ?? NO_ADDRESS),
);

export interface Literal {
  readonly address: AddressSet;
  readonly network: AddressSet;
  readonly length: number;
}

/** Addresses as pfSense accepts them: one address (with or without a zone) or CIDR; no netmask, no range. */
export function pfLiteral(text: string): AddressSet | undefined {
  const [address = '', bits, more] = text.split('/');
  const bare = address.split('%')[0] ?? '';
  if (more !== undefined || (bits !== undefined && !/^[0-9]{1,3}$/.test(bits)) || familyOf(bare) === undefined) return undefined;
  return bits === undefined ? parseAddressSet(bare) : prefixSet(bare, Number(bits));
}

export function literal(address: string | undefined, bits: string | undefined): Literal | undefined {
  const bare = address?.split('%')[0];
  const family = bare === undefined ? undefined : familyOf(bare);
  if (bare === undefined || family === undefined) return undefined;
  const length = bits !== undefined && /^[0-9]{1,3}$/.test(bits) ? Number(bits) : family === 4 ? 32 : 128;
  const single = parseAddressSet(bare);
  const network = prefixSet(bare, length);
  return single && network ? { address: single, network, length } : undefined;
}

/** The first host of an OpenVPN server's tunnel network is the server itself. */
export function firstHost(network: string): Literal | undefined {
  const [base, bits] = network.split('/');
  const net = literal(base, bits);
  if (!net) return undefined;
  const v4 = net.network.v4[0];
  const v6 = net.network.v6[0];
  const address: AddressSet =
    v4 !== undefined ? { v4: [v4 + 1, v4 + 2], v6: [] } : v6 !== undefined ? { v4: [], v6: [v6 + 1n, v6 + 2n] } : NO_ADDRESS;
  return { ...net, address: intersectAddresses(address, net.network) };
}

/** Addresses that stand elsewhere than in the interface: tunnels know their own. Undefined: only known at run time. */
function tunnelLiterals(record: InterfaceRecord, config: PfsenseConfig): readonly Literal[] | undefined {
  const { device } = record;
  if (device === undefined || !DEVICE_TUNNEL.test(device)) return [];
  const present = (list: readonly (Literal | undefined)[]) => list.filter((item) => item !== undefined);
  const vpn = config.openvpn.find((instance) => instance.device === device);
  if (vpn?.server && vpn.tunnels.length > 0) return present(vpn.tunnels.map(firstHost));
  const wireguard = config.wireguard.find((tunnel) => tunnel.device === device);
  const texts = wireguard?.addresses ?? config.tunnels.get(device);
  if (texts && texts.length > 0)
    return present(
      texts.map((text) => {
        const [address, bits] = text.split('/');
        return literal(address, bits);
      }),
    );
  return undefined;
}

export interface Draft {
  readonly record: InterfaceRecord;
  readonly literals: { readonly 4?: Literal; readonly 6?: Literal };
  /** Families whose address exists but is not in the file, with the reason. */
  readonly open: { readonly 4?: string; readonly 6?: string };
}

export function draftOf(record: InterfaceRecord, config: PfsenseConfig): Draft {
  const literals: { 4?: Literal; 6?: Literal } = {};
  const open: { 4?: string; 6?: string } = {};
  for (const family of [4, 6] as const) {
    const text = family === 4 ? record.ipaddr : record.ipaddrv6;
    const bits = family === 4 ? record.subnet : record.subnetv6;
    if (text === undefined || text === 'none') continue;
    const own = literal(text, bits);
    if (own && familyOf(text.split('%')[0] ?? '') === family) {
      literals[family] = own;
      if (bits === undefined || !/^[0-9]{1,3}$/.test(bits)) open[family] = 'its subnet is not stated';
    } else open[family] = DYNAMIC.test(text) ? text : isMasked(text) ? `redacted ("${text}")` : `"${text}"`;
  }
  const tunnel = tunnelLiterals(record, config);
  for (const item of tunnel ?? []) {
    const family = item.network.v4.length > 0 ? 4 : 6;
    literals[family] ??= item;
  }
  if (tunnel === undefined) {
    if (!literals[4] && !open[4]) open[4] = `assigned by ${record.device} at run time`;
    if (!literals[6] && !open[6]) open[6] = `assigned by ${record.device} at run time`;
  }
  return { record, literals, open };
}

export const label = (record: InterfaceRecord): string => record.descr ?? record.key.toUpperCase();

function unknownAddress(draft: Draft, family: Family, what: 'address' | 'network', device: string): Unknown {
  const { record } = draft;
  const keyword = what === 'address' ? `${record.key}ip` : record.key;
  return {
    kind: 'interface',
    name: `${label(record)} ${what} (IPv${family}, ${draft.open[family]})`,
    coin: `interface:${device}:${record.key}:v${family}:${what}`,
    family,
    settledBy: `State the ${what} of ${record.key} under keywords of the device: ${keyword}: ADDRESS.`,
    span: record.span,
  };
}

/** Addresses that the user states, or that every interface of the box shows to be impossible, narrow what is unknown. */
export function openAddresses(draft: Draft, family: Family, taken: AddressSet, given: Given, device: string): FamilyAddresses {
  const { key } = draft.record;
  const all = anyOf(family);
  const stated = (keyword: string) => {
    const set = given.keywords?.get(keyword);
    const mine = set && intersectAddresses(set, all);
    return mine && !isEmptyAddresses(mine) ? mine : undefined;
  };
  const room = subtractAddresses(subtractAddresses(all, taken), NEVER);
  const literalAddress = draft.literals[family]?.address;
  const address = literalAddress ?? stated(`${key}ip`);
  const network = stated(key);
  const hosts = given.host && subtractAddresses(intersectAddresses(given.host, all), taken);
  const addressRoom = hosts ?? (network ? intersectAddresses(room, network) : room);
  return {
    address: address ? known(address) : unknown(addressRoom, unknownAddress(draft, family, 'address', device)),
    network: network ? known(network) : unknown(room, unknownAddress(draft, family, 'network', device)),
  };
}
