/** Ports, TCP flags and ICMP types. */
import { PHASE, PORT_PROTOCOLS, PROTOCOL } from '../../src/model/match.js';
import { type Intervals, only, range, subtract, unionAll } from '../../src/sets/intervals.js';
import { type Constraint, exactly } from './constraint.js';
import { icmpRange, portNumber } from './names.js';

export const ALL_PORTS: Intervals = range(0, 65535);
export const ALL_PROTOCOLS: Intervals = range(0, 255);
export const WITH_PORTS: Intervals = unionAll(PORT_PROTOCOLS.map(only));

/** `22`, `1024:`, `:1023`, `ftp-data:http`. Undefined: not a port range, or first > last (which the tool refuses). */
export function portRange(text: string): Intervals | undefined {
  const parts = text.split(':');
  if (parts.length > 2 || text === '') return undefined;
  const [from = '', to = from] = parts;
  const first = from === '' ? 0 : portNumber(from);
  const last = parts.length === 1 ? first : to === '' ? 65535 : portNumber(to);
  if (first === undefined || last === undefined || first > last) return undefined;
  return range(first, last);
}

/** multiport: a comma list of ports and ranges. */
export function portList(text: string): Intervals | undefined {
  const sets: Intervals[] = [];
  for (const part of text.split(',')) {
    const set = portRange(part);
    if (!set) return undefined;
    sets.push(set);
  }
  return unionAll(sets);
}

/** `! --dport 22` still wants the protocol: packets of it with another port. */
export function ports(side: 'sourcePorts' | 'ports', set: Intervals, negated: boolean, protocols: Intervals): Constraint {
  const wanted = negated ? subtract(ALL_PORTS, set) : set;
  return wanted.length === 0 ? exactly() : exactly({ protocols, [side]: wanted });
}

/** multiport --ports: source or destination port in the list; negated: neither. */
export function eitherPort(set: Intervals, negated: boolean): Constraint {
  const others = subtract(ALL_PORTS, set);
  if (!negated) return exactly({ protocols: WITH_PORTS, ports: set }, { protocols: WITH_PORTS, sourcePorts: set, ports: others });
  return others.length === 0 ? exactly() : exactly({ protocols: WITH_PORTS, sourcePorts: others, ports: others });
}

const FLAGS: ReadonlyMap<string, number> = new Map([
  ['FIN', 1],
  ['SYN', 2],
  ['RST', 4],
  ['PSH', 8],
  ['ACK', 16],
  ['URG', 32],
  ['ALL', 63],
  ['NONE', 0],
]);
const SYN = 2;
const ACK = 16;
const FLAGS_OF_PHASE: readonly (readonly [phase: number, flags: number])[] = [
  [PHASE.first, SYN],
  [PHASE.reply, SYN | ACK],
  [PHASE.later, ACK],
  [PHASE.untrackedFirst, SYN],
  [PHASE.untrackedReply, SYN | ACK],
  [PHASE.untrackedLater, ACK],
  [PHASE.strayReply, SYN | ACK],
  [PHASE.strayLater, ACK],
  [PHASE.unseenLater, ACK],
];

function flagSet(text: string): number | undefined {
  let out = 0;
  for (const name of text.split(',')) {
    const flag = FLAGS.get(name.toUpperCase());
    if (flag === undefined) return undefined;
    out |= flag;
  }
  return out;
}

/** (flags & mask) == wanted, over the packets a connection consists of. Undefined: unknown flag names. */
export function tcpFlags(maskText: string, wantedText: string, negated: boolean): Constraint | undefined {
  const mask = flagSet(maskText);
  const wanted = flagSet(wantedText);
  if (mask === undefined || wanted === undefined) return undefined;
  const phases = FLAGS_OF_PHASE.filter(([, flags]) => ((flags & mask) === wanted) !== negated).map(([phase]) => only(phase));
  return phases.length === 0 ? exactly() : exactly({ protocols: only(PROTOCOL.tcp), phases: unionAll(phases) });
}

/** --icmp-type and --icmpv6-type; `any` and 255 match every ICMP packet in IPv4. Undefined: unknown type. */
export function icmpType(text: string, negated: boolean, version6: boolean): Constraint | undefined {
  const protocols = only(version6 ? PROTOCOL.icmpv6 : PROTOCOL.icmp);
  if (!version6 && /^(any|255|255\/\d+)$/i.test(text)) return negated ? exactly() : exactly({ protocols });
  const found = icmpRange(text, version6);
  if (!found) return undefined;
  const set = range(...found);
  return exactly({ protocols, ports: negated ? subtract(ALL_PORTS, set) : set });
}
