/** Which family a dump is about, from what stands in it. */
import type { Family } from '../../src/sets/address.js';
import type { RuleRecord } from './records.js';

/** Evidence for each family; `strong` decides over `weak`. */
export interface Evidence {
  strong4: number;
  strong6: number;
  weak4: number;
  weak6: number;
}

export const noEvidence = (): Evidence => ({ strong4: 0, strong6: 0, weak4: 0, weak6: 0 });

const V4_ADDRESS = /^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?:[/,-]|$)/;
const V6_ADDRESS = /^[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]*(?:[/,-]|$)/;
const ADDRESS_OPTIONS: ReadonlySet<string> = new Set(['s', 'd', 'src-range', 'dst-range', 'ctorigsrc', 'ctorigdst']);

function address(text: string, evidence: Evidence): void {
  if (V4_ADDRESS.test(text)) evidence.strong4++;
  else if (V6_ADDRESS.test(text)) evidence.strong6++;
}

/** Adds what one rule tells. `-p icmp` is weak: in ip6tables it means protocol 1, which no one writes on purpose. */
export function weigh(rule: RuleRecord, evidence: Evidence): void {
  for (const option of rule.options) {
    const [value = ''] = option.values;
    if (ADDRESS_OPTIONS.has(option.name)) address(value, evidence);
    else if (option.module === 'icmp') evidence.weak4++;
    else if (option.module === 'icmp6') evidence.weak6++;
    else if (option.name === 'p' && /^(icmp|1)$/i.test(value)) evidence.weak4++;
    else if (option.name === 'p' && /^(icmpv6|ipv6-icmp|58)$/i.test(value)) evidence.weak6++;
    else if (option.module === 'recent' && option.name === 'mask') address(value, evidence);
  }
  for (const option of rule.target?.options ?? [])
    if (option.name === 'reject-with') {
      if (option.values[0]?.startsWith('icmp6-')) evidence.strong6++;
      else if (option.values[0]?.startsWith('icmp-')) evidence.strong4++;
    }
}

/**
 * @param form family of the form the file was recognised as, or that the user chose; IPv6 is never the default there.
 * @returns undefined when nothing tells, or things contradict each other.
 */
export function decideFamily(evidence: Evidence, form: Family): Family | undefined {
  if (evidence.strong4 !== evidence.strong6 && (evidence.strong4 === 0 || evidence.strong6 === 0))
    return evidence.strong4 > 0 ? 4 : 6;
  if (evidence.strong4 > 0 || form === 6) return undefined;
  if (evidence.weak4 > 0 === evidence.weak6 > 0) return undefined;
  return evidence.weak4 > 0 ? 4 : 6;
}
