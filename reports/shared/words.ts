/** Small matters of wording that all reports for people share. No locale: the same bytes everywhere. */
import type { AssumptionId, ConditionKind } from '../../src/model/condition.js';
import type { DecidingRule, ExamplePacket, Hop } from '../../src/model/verdict.js';
import { visible } from './visible.js';

/** `12,345`. */
export const thousands = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 rule`, `3 rules`. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${thousands(count)} ${count === 1 ? one : many}`;

/** `a, b and c`. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

/** A clause as a sentence: capital letter, full stop. */
export const sentence = (text: string): string =>
  text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}${text.endsWith(':') ? '' : '.'}`;

/** `file:line` as terminals and editors make it clickable; empty without a file. */
export const place = (where: {
  readonly file: string | null;
  readonly line: number | null;
  readonly column?: number | null;
}): string => {
  if (where.file === null) return '';
  const line = where.line === null ? '' : `:${where.line}`;
  return visible(where.file) + line + (line !== '' && where.column ? `:${where.column}` : '');
};

const NO_RULE: ReadonlyMap<string, string> = new Map([
  ['default', 'the default policy'],
  ['route', 'the routing table'],
  ['nat', 'address translation'],
  ['off', 'the filter is switched off'],
]);

/** Numbers of rules and places in a chain tell where to look; GUIDs and tracker numbers tell nothing beside a name. */
const tellsPlace = (id: string): boolean => /^\d{1,6}$/.test(id) || id.includes(' ');

/** `rule 12 "deny-legacy"`, or what decided where no rule did. */
export const ruleWords = (rule: Pick<DecidingRule, 'rule' | 'name'>): string => {
  const id = visible(rule.rule);
  const name = visible(rule.name);
  const none = NO_RULE.get(rule.rule);
  if (none !== undefined && name.startsWith('default ')) return `the ${name}`;
  if (none !== undefined) return name === '' || name === id ? none : `${none} "${name}"`;
  if (name === '' || name === id) return `rule "${id}"`;
  if (id.startsWith('automatic/')) return `automatic rule "${name}"`;
  return tellsPlace(id) ? `rule ${id} "${name}"` : `rule "${name}"`;
};

export const ACTION_WORDS: Readonly<Record<DecidingRule['action'], string>> = {
  accept: 'accepts it',
  drop: 'drops it',
  reject: 'rejects it',
};

const VENDORS: ReadonlyMap<string, string> = new Map([
  ['windows', 'Windows'],
  ['pfsense', 'pfSense'],
  ['paloalto', 'PAN-OS'],
  ['panos', 'PAN-OS'],
  ['iptables', 'iptables'],
]);

/** The vendor as people write it. */
export const vendorName = (vendor: string): string => VENDORS.get(vendor) ?? visible(vendor);

export const HOP_WORDS: Readonly<Record<Hop['from'], string>> = {
  declared: 'declared in paths',
  interface: 'by its interfaces',
  route: 'by its routes',
  'default-route': 'by default routes only',
  host: 'the host itself',
};

export const CONDITION_WORDS: Readonly<Record<ConditionKind, string>> = {
  application: 'the application',
  program: 'the program',
  service: 'the service',
  user: 'the user',
  'url-category': 'the URL category',
  schedule: 'the schedule',
  ipsec: 'IPsec',
  'rate-limit': 'the rate limit',
  name: 'an unresolved name',
  list: 'a list that was not given',
  interface: 'the interface',
  zone: 'the zone',
  chain: 'a chain that was not exported',
  profile: 'the network profile',
  'group-policy': 'group policy',
  'pushed-policy': 'policy pushed from elsewhere',
  construct: 'a construct that was not understood',
  path: 'the path',
  export: 'an export that was not given',
  direction: 'a direction that was not exported',
  variant: 'the variant',
  actor: 'an actor without addresses',
  interpretation: 'how the page is to be read',
};

export const ASSUMPTION_TEXTS: Readonly<Record<AssumptionId, string>> = {
  'no-other-filter': 'Ends and hops without an export do not filter.',
  'unseen-tables-empty': 'Tables that an iptables export does not show do nothing.',
  'marks-zero': 'Packet marks start at zero.',
  'symmetric-routing': 'Replies come back through the same devices.',
  'unfiltered-export': 'An export without any block rule was not filtered to allow rules.',
  'no-group-policy': 'No Group Policy firewall rules apply to a host whose local store alone was exported.',
  'below-rate-limits': 'Traffic stays below the rate limits that rules set.',
  'rpfilter-passes': 'Reverse-path filtering lets these packets pass.',
  'netsh-unscoped': 'Rules of a netsh listing carry no scope that the listing leaves out.',
  'edl-private': 'External dynamic lists hold no private addresses.',
  'builtin-defaults':
    'Windows profile settings that are not exported are the built-in ones: on, inbound blocked, outbound allowed.',
};

/** `tcp 10.20.1.10:49152 → 10.20.2.10:636`. */
export const packetWords = (packet: ExamplePacket, arrow = '→'): string => {
  const end = (address: string, port: number | undefined): string => {
    const shown = visible(address);
    if (port === undefined) return shown;
    return shown.includes(':') ? `[${shown}]:${port}` : `${shown}:${port}`;
  };
  const links = [
    packet.in === undefined ? '' : `in ${visible(packet.in)}`,
    packet.out === undefined ? '' : `out ${visible(packet.out)}`,
  ];
  return [
    visible(packet.protocol) + (packet.icmp === undefined ? '' : ` ${visible(packet.icmp)}`),
    `${end(packet.source, packet.sourcePort)} ${arrow} ${end(packet.destination, packet.port)}`,
    ...links.filter((text) => text !== ''),
  ].join(' ');
};
