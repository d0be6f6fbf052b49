/** Rules and packets in words, as an engineer finds them in the export or in the console. */
import type { DecidingRule, PacketBox } from '../model/verdict.js';
import { type AddressSet, subtractAddresses, unionAllAddresses } from '../sets/address.js';
import { formatAddresses, parseAddressSet } from '../sets/ip.js';
import { GLOBAL_UNICAST } from './special.js';

/** Longer lists of addresses are no longer read. */
const RANGES = 4;

/** `a`, `a and b`, `a; b; c`, `a; b; c; and 2 more`. */
export const listed = (texts: readonly string[], limit = 3): string => {
  if (texts.length === 2 && limit >= 2) return texts.join(' and ');
  return texts.length <= limit ? texts.join('; ') : `${texts.slice(0, limit).join('; ')}; and ${texts.length - limit} more`;
};

const place = (file: string | null, line: number | null): string => (file && line ? ` (${file}:${line})` : '');

/** Numbers of rules and places in a chain tell where to look; GUIDs and tracker numbers tell nothing beside a name. */
const tellsPlace = (id: string): boolean => /^\d{1,6}$/.test(id) || id.includes(' ');

const isAutomatic = (rule: Pick<DecidingRule, 'rule'>): boolean => rule.rule.startsWith('automatic/');

function ruleName(rule: DecidingRule): string {
  if (rule.rule === 'default')
    return rule.name.startsWith('default ') ? `${rule.device}'s ${rule.name}` : `${rule.device}'s default "${rule.name}"`;
  if (rule.rule === 'off') return `${rule.device}: ${rule.name}`;
  if (rule.rule === 'route') return `the routing of ${rule.device}`;
  if (isAutomatic(rule)) return `${rule.device} automatic rule "${rule.name || rule.rule}"`;
  if (rule.name === '' || rule.name === rule.rule) return `${rule.device} rule ${rule.rule}`;
  return `${rule.device} rule ${tellsPlace(rule.rule) ? `${rule.rule} ` : ''}"${rule.name}"`;
}

/** `core rule deny-legacy (core.xml:412)`. */
export const ruleText = (rule: DecidingRule): string => `${ruleName(rule)}${place(rule.file, rule.line)}`;

/** Without the rules that the firewall makes by itself, where a rule of a user stands beside them on the same device. */
export const tellingRules = (rules: readonly DecidingRule[]): readonly DecidingRule[] =>
  rules.filter((rule) => !isAutomatic(rule) || !rules.some((other) => other.device === rule.device && !isAutomatic(other)));

const ranges = (pieces: readonly string[]): string =>
  pieces.length <= RANGES + 1
    ? pieces.join(', ')
    : `${pieces.slice(0, RANGES).join(', ')} and ${pieces.length - RANGES} more ranges`;

/** Addresses in words: the public ones as a whole where most of them are in, so that nobody reads fifty ranges. */
export function addressesText(text: string): string {
  const pieces = text.split(', ');
  if (pieces.length <= RANGES) return text;
  const sets = pieces.map((piece) => parseAddressSet(piece));
  if (sets.some((set) => set === undefined)) return ranges(pieces);
  const all = unionAllAddresses(sets as AddressSet[]);
  const withoutPublic = formatAddresses(subtractAddresses(all, GLOBAL_UNICAST));
  const missing = formatAddresses(subtractAddresses({ v4: GLOBAL_UNICAST.v4, v6: all.v6.length ? GLOBAL_UNICAST.v6 : [] }, all));
  if (missing.length > RANGES) return ranges(pieces);
  const publicText = missing.length === 0 ? 'every public address' : `every public address except ${missing.join(', ')}`;
  if (withoutPublic.length === 0) return publicText;
  const shown = withoutPublic.length <= RANGES + 1 ? withoutPublic : withoutPublic.slice(0, RANGES);
  const rest = withoutPublic.length - shown.length;
  return `${[...shown, ...(rest === 0 ? [] : [`${rest} more ranges`])].join(', ')} and ${publicText}`;
}

const hasAllPublic = (text: string): boolean => addressesText(text).includes('every public address');

/** A box as the object of a fix: an end that may be anywhere is called by its part in the flow. */
export const wantedText = (box: PacketBox): string => {
  const { source, destination, ...rest } = box;
  const end = (text: string | undefined, word: string, name: string): string =>
    text === undefined || !hasAllPublic(text) ? '' : ` ${word} ${name}`;
  const anySource = end(source, 'from', 'the source');
  const anyTarget = end(destination, 'to', 'the target');
  if (anySource === '' && anyTarget === '') return boxText(box);
  const from = anySource !== '' ? anySource : source ? ` from ${addressesText(source)}` : '';
  const to = anyTarget !== '' ? anyTarget : destination ? ` to ${addressesText(destination)}` : '';
  return `${boxText(rest)}${from}${to}`;
};

/** One end of all boxes together; undefined where a box leaves it open. */
export function endText(boxes: readonly PacketBox[], end: 'source' | 'destination'): string | undefined {
  const pieces = boxes.map((box) => box[end]);
  if (pieces.length === 0 || pieces.some((piece) => piece === undefined)) return undefined;
  const sets = pieces.flatMap((piece) => (piece ?? '').split(', ').map((one) => parseAddressSet(one)));
  if (sets.some((set) => set === undefined)) return ranges([...new Set(pieces as string[])]);
  return addressesText(formatAddresses(unionAllAddresses(sets as AddressSet[])).join(', '));
}

/** `tcp 389 from 10.0.0.1 to 10.0.1.0/24`. */
export function boxText(box: PacketBox): string {
  const service = [box.protocol ?? 'any protocol', box.icmp ?? box.ports].filter((part) => part !== undefined).join(' ');
  const usual = box.sourcePorts === undefined || box.sourcePorts === '1024-65535' || box.sourcePorts === '1-65535';
  return [
    service,
    box.source ? ` from ${addressesText(box.source)}` : '',
    box.destination ? ` to ${addressesText(box.destination)}` : '',
    usual ? '' : `, source port ${box.sourcePorts}`,
    box.in ? `, in ${box.in}` : '',
    box.out ? `, out ${box.out}` : '',
  ].join('');
}
