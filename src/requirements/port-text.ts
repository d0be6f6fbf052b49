/** Services as text, for ids, tables and JSON. */
import { PORT_PROTOCOLS } from '../model/match.js';
import type { ServiceTerm } from '../model/requirement.js';
import { type Intervals, ranges } from '../sets/intervals.js';
import { protocolName } from './names.js';

const rangesText = (set: Intervals): readonly string[] =>
  [...ranges(set)].map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));

export const isIcmp = (term: ServiceTerm): boolean =>
  term.protocols.length > 0 && term.protocols.every((value) => value === 1 || value === 58);

/** Destination ports as `389`, `49152-65535`; empty for every port and for ICMP. */
export const portsText = (term: ServiceTerm): readonly string[] =>
  term.ports === undefined || isIcmp(term) ? [] : rangesText(term.ports);

export const sourcePortsText = (term: ServiceTerm): readonly string[] =>
  term.sourcePorts === undefined ? [] : rangesText(term.sourcePorts);

/** `8/*`, `3/4`: types and codes of an ICMP term; empty for every type and for other protocols. */
export function icmpText(term: ServiceTerm): readonly string[] {
  if (term.ports === undefined || !isIcmp(term)) return [];
  const out: string[] = [];
  for (const [first, last] of ranges(term.ports)) {
    for (let value = first; value <= last; ) {
      const type = Math.floor(value / 256);
      const whole = value % 256 === 0 && last >= value + 255;
      out.push(whole ? `${type}/*` : `${type}/${value % 256}`);
      value = whole ? value + 256 : value + 1;
    }
  }
  return out;
}

/** `tcp`, `tcp, udp`, `any`. */
export const protocolsText = (term: ServiceTerm): string =>
  term.protocols.length === 0 ? 'any' : term.protocols.map(protocolName).join(', ');

/** `tcp 389, 636`, `icmp 8/*`, `udp any port`. */
export function serviceTermText(term: ServiceTerm): string {
  const numbers = isIcmp(term) ? icmpText(term) : portsText(term);
  const all = term.protocols.some((value) => PORT_PROTOCOLS.includes(value)) ? ' any port' : '';
  const from = sourcePortsText(term);
  const source = from.length > 0 ? ` from port ${from.join(', ')}` : '';
  return `${protocolsText(term)}${numbers.length > 0 ? ` ${numbers.join(', ')}` : all}${source}`;
}
