/** The effective rules of devices, list by list, in the order in which they decide. */
import { formatIcmp, formatNumbers, formatProtocols } from '../analysis/present.js';
import type { Device } from '../analysis/view.js';
import type { Rule } from '../model/firewall.js';
import { isExact, type MatchBox, PHASE } from '../model/match.js';
import { type AddressSet, V4_ALL, V6_ALL } from '../sets/address.js';
import { contains, equal, type Intervals, isSubset, ranges, size } from '../sets/intervals.js';
import { formatAddresses } from '../sets/ip.js';

/** Long lists are cut in text, never in JSON. */
const TEXT_ITEMS = 6;

function addressText(set: AddressSet | undefined, limit: number): string {
  if (!set) return 'any';
  const v4 = equal(set.v4, V4_ALL);
  const v6 = equal(set.v6, V6_ALL);
  if (v4 && v6) return 'any';
  const items = formatAddresses(set);
  if (items.length === 0) return 'none';
  return items.length <= limit ? items.join(', ') : `${items.slice(0, limit).join(', ')}, ... (${items.length} ranges)`;
}

function linkText(set: Intervals | undefined, names: readonly string[]): string | undefined {
  if (!set || size(set) >= names.length) return undefined;
  const texts: string[] = [];
  for (const [first, last] of ranges(set)) for (let link = first; link <= last; link++) texts.push(names[link] ?? String(link));
  return texts.join(', ');
}

const PHASE_WORDS: Readonly<Record<keyof typeof PHASE, string>> = {
  first: 'first packet',
  reply: 'reply',
  later: 'later packets',
  untrackedFirst: 'untracked first packet',
  untrackedReply: 'untracked reply',
  untrackedLater: 'untracked later packets',
  unseenLater: 'later packets before a reply was seen',
  strayReply: 'reply of an untracked connection',
  strayLater: 'later packets of an untracked connection',
};

const phasesText = (phases: Intervals): string =>
  Object.entries(PHASE)
    .filter(([, phase]) => contains(phases, phase))
    .map(([name]) => PHASE_WORDS[name as keyof typeof PHASE])
    .join(', ');

const ICMP_BOTH: Intervals = [1, 2, 58, 59];

function boxParts(box: MatchBox, device: Device, limit: number) {
  const { names } = device.firewall.links;
  const icmp = box.protocols !== undefined && isSubset(box.protocols, ICMP_BOTH);
  return {
    in: linkText(box.in, names),
    out: linkText(box.out, names),
    source: addressText(box.source, limit),
    sourcePorts: box.sourcePorts ? formatNumbers(box.sourcePorts) : undefined,
    destination: addressText(box.destination, limit),
    protocol: box.protocols ? formatProtocols(box.protocols) : 'any',
    ports: box.ports && !icmp ? formatNumbers(box.ports) : undefined,
    icmp: box.ports && icmp ? formatIcmp(box.ports) : undefined,
    phases: box.phases ? phasesText(box.phases) : undefined,
  };
}

const actionText = (rule: Rule): string => ('list' in rule.action ? `${rule.action.kind} ${rule.action.list}` : rule.action.kind);

export function rulesJson(devices: readonly Device[]) {
  return {
    schemaVersion: 1,
    devices: devices.map((device) => ({
      name: device.name,
      vendor: device.firewall.vendor,
      kind: device.firewall.kind,
      links: device.firewall.links,
      entries: Object.fromEntries(
        Object.entries(device.firewall.entries).map(([direction, entry]) => [direction, entry?.stages]),
      ),
      notExported: device.firewall.notExported.map(({ kind, name, settledBy }) => ({ kind, name, settledBy: settledBy ?? null })),
      lists: [...device.firewall.lists.values()].map((list) => ({
        id: list.id,
        title: list.title,
        rules: list.rules.map((rule) => ({
          id: rule.id,
          name: rule.name,
          origin: rule.origin,
          enabled: rule.enabled,
          action: actionText(rule),
          exact: isExact(rule.match) && rule.conditions.length === 0,
          match: rule.match.hi.map((box) => boxParts(box, device, Number.POSITIVE_INFINITY)),
          surely: isExact(rule.match) ? null : rule.match.lo.map((box) => boxParts(box, device, Number.POSITIVE_INFINITY)),
          conditions: rule.conditions.map(({ kind, name, effect, negated }) => ({
            kind,
            name,
            effect,
            negated: negated === true,
          })),
          file: rule.span?.file ?? null,
          line: rule.span?.line ?? null,
        })),
        end: {
          action: list.end.action,
          name: list.end.name,
          file: list.end.span?.file ?? null,
          line: list.end.span?.line ?? null,
        },
      })),
    })),
  };
}

function boxLine(box: MatchBox, device: Device): string {
  const parts = boxParts(box, device, TEXT_ITEMS);
  const from = parts.sourcePorts ? `${parts.source} port ${parts.sourcePorts}` : parts.source;
  const to = parts.icmp
    ? `${parts.destination} type ${parts.icmp}`
    : parts.ports
      ? `${parts.destination} port ${parts.ports}`
      : parts.destination;
  return [
    parts.in ? `in ${parts.in}` : '',
    parts.out ? `out ${parts.out}` : '',
    parts.protocol,
    `from ${from}`,
    `to ${to}`,
    parts.phases ? `(${parts.phases})` : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

export function rulesText(devices: readonly Device[]): string {
  const lines: string[] = [];
  for (const device of devices) {
    const { firewall } = device;
    lines.push(
      `${device.name}  ${firewall.vendor}, ${firewall.kind}; ${firewall.links.kind}s: ${firewall.links.names.join(', ') || 'none'}`,
    );
    for (const missing of firewall.notExported)
      lines.push(`  not in the export: ${missing.name}${missing.settledBy ? ` (${missing.settledBy})` : ''}`);
    for (const list of firewall.lists.values()) {
      lines.push('', `  ${list.title}`);
      list.rules.forEach((rule, i) => {
        const at = rule.span ? `${rule.span.file}:${rule.span.line}` : rule.origin;
        const state = rule.enabled ? '' : 'disabled, ';
        lines.push(
          `  ${String(i + 1).padStart(5)}  ${state}${actionText(rule)}  ${rule.id}${rule.name && rule.name !== rule.id ? ` "${rule.name}"` : ''}  ${at}`,
        );
        for (const box of rule.match.hi.slice(0, TEXT_ITEMS)) lines.push(`         ${boxLine(box, device)}`);
        if (rule.match.hi.length > TEXT_ITEMS) lines.push(`         and ${rule.match.hi.length - TEXT_ITEMS} more`);
        if (rule.match.hi.length === 0) lines.push('         nothing');
        for (const condition of rule.conditions)
          lines.push(`         if ${condition.negated ? 'not ' : ''}${condition.kind} ${condition.name}`);
      });
      lines.push(
        `    end  ${list.end.action}  ${list.end.name}${list.end.span ? `  ${list.end.span.file}:${list.end.span.line}` : ''}`,
      );
    }
    lines.push('');
  }
  return `${lines.join('\n')}\n`;
}
