/** Sentences about verdicts: what a change board reads, what to do next, how to try it. */
import { formatIcmp, formatNumbers, formatProtocols } from '../analysis/present.js';
import type { ServiceTerm } from '../model/requirement.js';
import type { DecidingRule, FlowVerdict, PacketBox } from '../model/verdict.js';
import { type AddressSet, subtractAddresses, unionAllAddresses } from '../sets/address.js';
import { type Intervals, unionAll } from '../sets/intervals.js';
import { formatAddresses, parseAddressSet } from '../sets/ip.js';
import { GLOBAL_UNICAST } from './special.js';

/** `tcp 389, 636` and the like. */
export function servicesText(terms: readonly ServiceTerm[]): string {
  return terms
    .map((term) => {
      const protocols = term.protocols.length
        ? formatProtocols(unionAll(term.protocols.map((p): Intervals => [p, p + 1])))
        : 'any protocol';
      const icmp = term.protocols.length > 0 && term.protocols.every((p) => p === 1 || p === 58);
      const ports = term.ports ? ` ${icmp ? formatIcmp(term.ports) : formatNumbers(term.ports)}` : '';
      const from = term.sourcePorts ? ` from port ${formatNumbers(term.sourcePorts)}` : '';
      return `${protocols.replaceAll(', ', '/')}${ports}${from}`;
    })
    .join('; ');
}

const place = (rule: DecidingRule): string => (rule.file && rule.line ? ` (${rule.file}:${rule.line})` : '');

export function ruleText(rule: DecidingRule): string {
  if (rule.rule === 'default') return `the default of ${rule.device}, ${rule.name}${place(rule)}`;
  if (rule.rule === 'off') return `${rule.device}: ${rule.name}${place(rule)}`;
  if (rule.rule === 'route') return `the routing of ${rule.device}`;
  const named = rule.name !== '' && rule.name !== rule.rule;
  // A GUID tells a reader nothing where the rule has a name.
  if (named && /^\{?[0-9a-f]{8}-/i.test(rule.rule)) return `${rule.device} rule "${rule.name}"${place(rule)}`;
  return `${rule.device} rule ${rule.rule}${named ? ` "${rule.name}"` : ''}${place(rule)}`;
}

export function boxText(box: PacketBox): string {
  const service = [box.protocol ?? 'any protocol', box.icmp ?? box.ports].filter((part) => part !== undefined).join(' ');
  const ports = box.sourcePorts && box.sourcePorts !== '1024-65535' ? `, source port ${box.sourcePorts}` : '';
  const links = [box.in ? `in ${box.in}` : '', box.out ? `out ${box.out}` : ''].filter((part) => part !== '').join(' ');
  const ends =
    box.source || box.destination ? ` ${addressesText(box.source ?? 'any')} -> ${addressesText(box.destination ?? 'any')}` : '';
  return `${service}${ends}${ports}${links ? ` ${links}` : ''}`;
}

const listed = (texts: readonly string[], limit = 3): string =>
  texts.length <= limit ? texts.join('; ') : `${texts.slice(0, limit).join('; ')}; and ${texts.length - limit} more`;

/** Addresses in words: the public ones as a whole where most of them are in, so that nobody reads fifty ranges. */
export function addressesText(text: string): string {
  const pieces = text.split(', ');
  if (pieces.length <= 4) return text;
  const sets = pieces.map((piece) => parseAddressSet(piece));
  if (sets.some((set) => set === undefined)) return text;
  const all = unionAllAddresses(sets as AddressSet[]);
  const withoutPublic = formatAddresses(subtractAddresses(all, GLOBAL_UNICAST));
  const missing = formatAddresses(subtractAddresses({ v4: GLOBAL_UNICAST.v4, v6: all.v6.length ? GLOBAL_UNICAST.v6 : [] }, all));
  if (missing.length > 4) return listed(pieces, 4);
  const publicText = missing.length === 0 ? 'every public address' : `every public address except ${missing.join(', ')}`;
  return withoutPublic.length === 0 ? publicText : `${listed(withoutPublic, 4).replaceAll('; ', ', ')}, ${publicText}`;
}

function holdsText(holds: readonly PacketBox[]): string {
  return listed(holds.map((box) => addressesText(box.source ?? box.destination ?? box.in ?? box.out ?? boxText(box))));
}

/** One or two plain sentences: why this verdict. */
export function explanationOf(verdict: FlowVerdict, expect: 'allow' | 'deny' = 'allow'): string {
  const denying = verdict.decidedBy.filter((rule) => rule.action !== 'accept').map(ruleText);
  const accepting = verdict.decidedBy.filter((rule) => rule.action === 'accept').map(ruleText);
  if (expect === 'deny' && verdict.open.length > 0 && accepting.length > 0)
    return `Reachable: ${listed(accepting)} lets ${listed(verdict.open.map(boxText), 2)} through.`;
  switch (verdict.verdict) {
    case 'blocked':
      return verdict.cause === 'route' ? `No route: ${listed(denying)} discards it.` : `Blocked by ${listed(denying)}.`;
    case 'partial':
      return `Only a part passes: ${listed(denying)} stops ${listed(verdict.missing.map(boxText), 2)}.`;
    case 'permitted':
      if (verdict.cause === 'device-off') return `Permitted because the filter is off: ${listed(accepting)}.`;
      return verdict.byDefault
        ? `Permitted by default, no rule authorises it: ${listed(accepting)}.`
        : `Permitted by ${listed(accepting)}.`;
    case 'conditional': {
      const actor = verdict.conditions.find((c) => c.kind === 'actor');
      if (actor?.holds.length) return `Permitted if ${actor.name} lies within ${holdsText(actor.holds)}.`;
      const conditions = [
        ...new Set(verdict.conditions.map((c) => (c.kind === 'actor' ? `where ${c.name} lies` : `${c.kind} ${c.name}`))),
      ];
      return `It depends on ${listed(conditions)}${accepting.length ? `: ${listed(accepting)}` : ''}.`;
    }
    case 'unknown':
      return verdict.conditions.length
        ? `Not decided: ${listed([...new Set(verdict.conditions.map((c) => c.name))])}.`
        : verdict.unjudged.length
          ? 'No audited device sees these packets, so nothing is known of them.'
          : 'No address of the two ends pairs up, so there is nothing to judge.';
    case 'not-applicable':
      return 'Nothing of it crosses this device.';
    default:
      return verdict.verdict satisfies never;
  }
}

const clause = (sentence: string): string => sentence.replace(/\.$/, '');

/** What to do next; null where nothing is to be done. */
export function fixOf(verdict: FlowVerdict, expect: 'allow' | 'deny'): string | null {
  if (expect === 'deny') {
    if (verdict.verdict === 'blocked') return null;
    const rule = verdict.decidedBy.find((one) => one.action === 'accept');
    return rule ? `Narrow ${ruleText(rule)}, or put a rule before it that denies ${listed(verdict.open.map(boxText), 2)}.` : null;
  }
  if (verdict.verdict === 'blocked' || verdict.verdict === 'partial') {
    const rule = verdict.decidedBy.find((one) => one.action !== 'accept');
    if (!rule) return null;
    const what = listed(verdict.missing.map(boxText), 2);
    if (rule.rule === 'route') return `Add a route on ${rule.device} for ${what}.`;
    return rule.rule === 'default'
      ? `Add a rule on ${rule.device} that allows ${what}.`
      : `On ${rule.device}, allow ${what} before ${ruleText(rule)}.`;
  }
  const settle = [...new Set(verdict.conditions.flatMap((c) => (c.settledBy ? [c.settledBy] : [])))];
  return verdict.verdict === 'permitted' || settle.length === 0 ? null : `To settle it: ${listed(settle.map(clause))}.`;
}

/** A command for a machine at the source that tries the example packet. */
export function tryItOf(verdict: FlowVerdict, windowsSource: boolean): string | null {
  const packet = verdict.witness;
  if (!packet) return null;
  if (packet.protocol === 'tcp')
    return windowsSource
      ? `Test-NetConnection ${packet.destination} -Port ${packet.port}`
      : `nc -vz -w 3 ${packet.destination} ${packet.port}`;
  if (packet.protocol === 'udp') return windowsSource ? null : `nc -vzu -w 3 ${packet.destination} ${packet.port}`;
  if (packet.icmp?.startsWith('8/') || packet.icmp?.startsWith('128/')) return `ping ${packet.destination}`;
  return null;
}
