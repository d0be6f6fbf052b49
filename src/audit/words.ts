/** Sentences about verdicts: what a change board reads, what to do next, how to try it. */
import { formatIcmp, formatNumbers, formatProtocols } from '../analysis/present.js';
import type { ServiceTerm } from '../model/requirement.js';
import type { DecidingRule, FlowVerdict, PacketBox } from '../model/verdict.js';
import { isSubsetAddresses } from '../sets/address.js';
import { type Intervals, unionAll } from '../sets/intervals.js';
import { formatIpv4, parseAddressSet, parseIpv4 } from '../sets/ip.js';
import { dependsText } from './condition-words.js';
import { addressesText, boxText, endText, listed, ruleText, tellingRules, wantedText } from './rule-words.js';
import { GLOBAL_UNICAST } from './special.js';

export { addressesText, boxText, ruleText } from './rule-words.js';

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

const accepts = (rule: DecidingRule): boolean => rule.action === 'accept';
const denies = (rule: DecidingRule): boolean => rule.action !== 'accept';
const isDefault = (rule: DecidingRule): boolean => rule.rule === 'default' || rule.rule === 'off';

const texts = (rules: readonly DecidingRule[]): readonly string[] => [...new Set(rules.map(ruleText))];

function permittedText(verdict: FlowVerdict, accepting: readonly DecidingRule[]): string {
  if (verdict.cause === 'device-off') return `Permitted because the filter is off: ${listed(texts(accepting))}.`;
  const defaults = texts(accepting.filter(isDefault));
  const rules = texts(accepting.filter((rule) => !isDefault(rule)));
  if (!verdict.byDefault || defaults.length === 0) return `Permitted by ${listed(texts(accepting))}.`;
  return rules.length === 0
    ? `Permitted by default, no rule authorises it: ${listed(defaults)}.`
    : `Permitted by ${listed(rules)}; and by default, where no rule authorises it: ${listed(defaults)}.`;
}

function reachableText(verdict: FlowVerdict, accepting: readonly DecidingRule[]): string {
  const from = endText(verdict.open, 'source') ?? 'anywhere';
  const rules = texts(accepting);
  return `Reachable from ${from}: let through by ${listed(rules)}.`;
}

/** One or two plain sentences: why this verdict. */
export function explanationOf(verdict: FlowVerdict, expect: 'allow' | 'deny' = 'allow'): string {
  const telling = tellingRules(verdict.decidedBy);
  const denying = texts(telling.filter(denies));
  const accepting = telling.filter(accepts);
  if (expect === 'deny' && verdict.open.length > 0 && accepting.length > 0) return reachableText(verdict, accepting);
  switch (verdict.verdict) {
    case 'blocked':
      return verdict.cause === 'route' ? `No route: ${listed(denying)} discards it.` : `Blocked by ${listed(denying)}.`;
    case 'partial':
      return `Only a part passes; the rest is stopped by ${listed(denying)}.`;
    case 'permitted':
      return permittedText(verdict, accepting);
    case 'conditional': {
      const actor = verdict.conditions.find((condition) => condition.kind === 'actor' && condition.holds.length > 0);
      if (actor) return `Permitted if ${actor.name} lies within ${holdsText(actor.holds)}.`;
      return dependsText(verdict);
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

function holdsText(holds: readonly PacketBox[]): string {
  const ends = endText(holds, 'source') ?? endText(holds, 'destination');
  return ends ?? listed(holds.map((box) => addressesText(box.in ?? box.out ?? boxText(box))));
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}${text.endsWith(':') ? '' : '.'}`;

/** What a gap needs. The rules themselves stand in the explanation beside it. */
function gapFix(verdict: FlowVerdict): string | null {
  const denying = tellingRules(verdict.decidedBy).filter(denies);
  const [first] = denying;
  if (!first) return null;
  const what = listed([...new Set(verdict.missing.map(wantedText))], 2);
  const devices = listed([...new Set(denying.map((rule) => rule.device))]);
  if (first.rule === 'route') return `Add a route on ${first.device} for ${what}.`;
  const rules = denying.filter((rule) => rule.rule !== 'default').length;
  if (rules === 0) return `Add a rule on ${devices} that allows ${what}.`;
  // "Exception" holds for every vendor: where a block wins whatever the order, an allow ahead of it would not help.
  const those = rules === 1 && denying.length === 1 ? 'that rule' : 'those rules';
  return `Make an exception to ${those} on ${devices} that allows ${what}.`;
}

/** What to do next; null where nothing is to be done. */
export function fixOf(verdict: FlowVerdict, expect: 'allow' | 'deny'): string | null {
  if (expect === 'deny' && verdict.open.length > 0) {
    const rules = tellingRules(verdict.decidedBy).filter(accepts).length;
    if (rules === 0) return null;
    return rules === 1
      ? 'Narrow that rule, or have a rule deny this traffic before it.'
      : 'Narrow those rules, or have a rule on the way deny this traffic before them.';
  }
  if (expect === 'allow' && (verdict.verdict === 'blocked' || verdict.verdict === 'partial')) {
    const gap = gapFix(verdict);
    // Judged by its own address, as the page states it; an audited translation may publish it under another.
    return verdict.cause === 'nat'
      ? `If clients reach it by a translated address, state published: for its role.${gap ? ` Else: ${gap}` : ''}`
      : gap;
  }
  if (verdict.verdict === 'permitted' || verdict.verdict === 'blocked' || verdict.verdict === 'partial') return null;
  const settle = [...new Set(verdict.conditions.flatMap((condition) => (condition.settledBy ? [condition.settledBy] : [])))];
  const shown = settle.slice(0, 3).map(sentence).join(' ');
  const more = settle.length > 3 ? ` Besides, ${settle.length - 3} more under conditions.` : '';
  return settle.length === 0 ? null : `${shown}${more}`;
}

/** The box that holds the example packet. */
const boxOf = (verdict: FlowVerdict, destination: string): PacketBox | undefined => {
  const address = parseAddressSet(destination);
  const boxes = [...verdict.missing, ...verdict.open, ...verdict.conditions.flatMap((condition) => condition.holds)];
  return boxes.find((box) => {
    const ends = (box.destination ?? '').split(', ').flatMap((piece) => parseAddressSet(piece) ?? []);
    return address !== undefined && ends.some((end) => isSubsetAddresses(address, end));
  });
};

const FIRST_PUBLIC = GLOBAL_UNICAST.v4[0];

/** A host to try: not the address of a network itself, and nothing at all for an end that may be anywhere. */
function hostToTry(verdict: FlowVerdict, destination: string): string | null {
  const value = parseIpv4(destination);
  if (value === undefined) return destination;
  if (value === FIRST_PUBLIC || verdict.conditions.some((condition) => condition.kind === 'actor')) return null;
  if (value % 256 !== 0) return destination;
  const next = formatIpv4(value + 1);
  const set = parseAddressSet(next);
  const ends = (boxOf(verdict, destination)?.destination ?? '').split(', ').flatMap((piece) => parseAddressSet(piece) ?? []);
  return set && ends.some((end) => isSubsetAddresses(set, end)) ? next : destination;
}

/** A command for a machine at the source that tries the example packet; null where no one command would tell. */
export function tryItOf(verdict: FlowVerdict, windowsSource: boolean): string | null {
  const packet = verdict.witness;
  const host = packet ? hostToTry(verdict, packet.destination) : null;
  if (!packet || host === null) return null;
  if (packet.protocol === 'tcp')
    return windowsSource ? `Test-NetConnection ${host} -Port ${packet.port}` : `nc -vz -w 3 ${host} ${packet.port}`;
  if (packet.protocol === 'udp') return windowsSource ? null : `nc -vzu -w 3 ${host} ${packet.port}`;
  if (packet.icmp?.startsWith('8/') || packet.icmp?.startsWith('128/')) return `ping ${host}`;
  return null;
}
