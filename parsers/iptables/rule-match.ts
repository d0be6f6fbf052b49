/** All matches of one rule as one constraint: every option of every module instance, ANDed. */

import type { Condition } from '../../src/model/condition.js';
import { type AddressSet, isEmptyAddresses } from '../../src/sets/address.js';
import { only, subtract } from '../../src/sets/intervals.js';
import { complement, parseAddresses, parseRange } from './addresses.js';
import { addrtype, pkttype } from './addrtype.js';
import { condition } from './condition.js';
import { addressField, allStatesBut, conntrack, direction, parseStates, portField, statesIn } from './conntrack.js';
import { and, between, type Constraint, EVERYTHING, exactly, gated, NOTHING, type SidedCondition } from './constraint.js';
import type { RuleContext } from './context.js';
import { protocolNumber } from './names.js';
import { construct, moduleText, opaque } from './opaque.js';
import { ALL_PORTS, ALL_PROTOCOLS, eitherPort, icmpType, portList, portRange, ports, tcpFlags, WITH_PORTS } from './ports.js';
import { type OptionRecord, optionText, type RuleRecord } from './records.js';
import { setOptions } from './set-option.js';

const PROTOCOL_OF_MODULE: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['udplite', 136],
  ['sctp', 132],
  ['dccp', 33],
]);

/** The option cannot be read: it holds or not, nobody can tell. */
const unread = (option: OptionRecord, rule: RuleContext): Constraint => construct(optionText(option), rule, false);

const inSide = (side: 'source' | 'destination', set: AddressSet): Constraint =>
  isEmptyAddresses(set) ? NOTHING : exactly({ [side]: set });

const HOST_NAME = /^(?=.*[A-Za-z])[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_])?$/;

/** What an address text leaves open that is none: the same name on the same side is one fact, a masked value is not. */
function openAddress(text: string, side: 'source' | 'destination', option: OptionRecord, rule: RuleContext): SidedCondition {
  const { negated } = option;
  if (!HOST_NAME.test(text)) {
    const settledBy = 'The export does not show the address; export it without masking.';
    const one = condition('construct', optionText(option), `construct:${rule.key}:${option.name}`, {
      effect: 'extent',
      settledBy,
    });
    return { initiator: one, responder: one };
  }
  const settledBy = `Give the addresses of ${text} (names: in the configuration).`;
  const of = (end: string): Condition => condition('name', text, `name:${text}:${end}`, { effect: 'extent', negated, settledBy });
  return side === 'source' ? { initiator: of('src'), responder: of('dst') } : { initiator: of('dst'), responder: of('src') };
}

/** -s and -d. Names of hosts and placeholders leave open how far the rule reaches. */
function address(option: OptionRecord, side: 'source' | 'destination', rule: RuleContext): Constraint {
  const { family, names } = rule.environment;
  const { set, unread: rest } = parseAddresses(option.values[0] ?? '', family, names);
  const others = complement(set, family);
  if (rest.length === 0) return inSide(side, option.negated ? others : set);
  const sure = option.negated || isEmptyAddresses(set) ? [] : [{ [side]: set }];
  const open = openAddress(rest.join(','), side, option, rule);
  return { sure, maybe: [{ [side]: others }], conditions: [], sided: [open] };
}

function protocol(option: OptionRecord, rule: RuleContext): Constraint {
  const number = protocolNumber(option.values[0] ?? '');
  if (number === undefined) return unread(option, rule);
  // In a rule protocol 0 means all of them.
  if (number === 0) return option.negated ? NOTHING : EVERYTHING;
  return exactly({ protocols: option.negated ? subtract(ALL_PROTOCOLS, only(number)) : only(number) });
}

/** -i and -o. A packet that has no such interface yet (or any more) shows the empty name. */
function link(option: OptionRecord, side: 'in' | 'out', rule: RuleContext): Constraint {
  const { links } = rule.environment;
  const wanted = links.match(option.values[0] ?? '');
  const set = option.negated ? subtract([0, links.names.length], wanted) : wanted;
  const hook = rule.context?.hook;
  if (side === 'out' && hook === 'PREROUTING') return set.includes(links.names.length) ? EVERYTHING : NOTHING;
  // Newer kernels show the input interface in POSTROUTING, older ones the empty name.
  if (side === 'in' && hook === 'POSTROUTING') return unread(option, rule);
  if (set.length === 0) return NOTHING;
  return set.length === 2 && set[0] === 0 && set[1] === links.names.length ? EVERYTHING : exactly({ [side]: set });
}

function general(option: OptionRecord, rule: RuleContext): Constraint {
  switch (option.name) {
    case 's':
      return address(option, 'source', rule);
    case 'd':
      return address(option, 'destination', rule);
    case 'p':
      return protocol(option, rule);
    case 'i':
      return link(option, 'in', rule);
    case 'o':
      return link(option, 'out', rule);
    case 'f':
      // Connection tracking reassembles packets before any table sees them (priority -400).
      return option.negated ? EVERYTHING : NOTHING;
    case '4':
      return rule.environment.family === 4 ? EVERYTHING : NOTHING;
    case '6':
      return rule.environment.family === 6 ? EVERYTHING : NOTHING;
    default:
      return unread(option, rule);
  }
}

function transport(module: string, option: OptionRecord): Constraint | undefined {
  const protocols = only(PROTOCOL_OF_MODULE.get(module) ?? 0);
  const [first = '', second = ''] = option.values;
  if (option.name === 'sport' || option.name === 'dport') {
    const set = portRange(first);
    return set && ports(option.name === 'sport' ? 'sourcePorts' : 'ports', set, option.negated, protocols);
  }
  if (option.name === 'syn') return tcpFlags('FIN,SYN,RST,ACK', 'SYN', option.negated);
  if (option.name === 'tcp-flags') return tcpFlags(first, second, option.negated);
  return undefined;
}

function multiport(option: OptionRecord): Constraint | undefined {
  const set = portList(option.values[0] ?? '');
  if (!set) return undefined;
  if (option.name === 'ports') return eitherPort(set, option.negated);
  return ports(option.name === 'sports' ? 'sourcePorts' : 'ports', set, option.negated, WITH_PORTS);
}

function iprange(option: OptionRecord, rule: RuleContext): Constraint | undefined {
  const { family } = rule.environment;
  const set = parseRange(option.values[0] ?? '', family);
  return set && inSide(option.name === 'src-range' ? 'source' : 'destination', option.negated ? complement(set, family) : set);
}

/** --state and --ctstate. DNAT and SNAT are further states that a translated connection has. */
function stateOption(option: OptionRecord, rule: RuleContext): Constraint | undefined {
  const { family, translates } = rule.environment;
  const { states: wanted, translated, unread: rest } = parseStates(option.values[0] ?? '');
  if (rest.length > 0) return undefined;
  const states = statesIn(rule.table, family);
  const plain = states(option.negated ? allStatesBut(wanted) : wanted);
  if (rule.table === 'raw') return plain;
  const open = translated.includes('SNAT') || translates !== false ? translated : [];
  if (open.length === 0) return plain;
  const name = `connection is translated (${open.join(',')})`;
  const unseen = translates === undefined && !open.includes('SNAT');
  const extra = condition('construct', name, `construct:${rule.key}:translated`, {
    effect: 'extent',
    settledBy: 'Translation is not followed yet; check the nat table.',
    ...(unseen ? { assumption: { id: 'unseen-tables-empty' as const, value: option.negated, on: true } } : {}),
  });
  if (option.negated) return between([], [...plain.sure, ...plain.maybe], ...plain.conditions, extra);
  const other = states(allStatesBut(wanted));
  return between(plain.sure, [...other.sure, ...plain.maybe], ...plain.conditions, extra);
}

function field(option: OptionRecord, rule: RuleContext): Constraint | undefined {
  const { family, names } = rule.environment;
  const [text = ''] = option.values;
  const found = /^ct(orig|repl)(src|dst)(port)?$/.exec(option.name);
  if (option.name === 'ctdir') {
    const word = text.toUpperCase();
    return word === 'ORIGINAL' || word === 'REPLY' ? direction((word === 'REPLY') !== option.negated) : undefined;
  }
  if (option.name === 'ctproto') return protocol(option, rule);
  // Who replies is who was asked, unless the source was translated: then --ctrepldst is another address.
  if (!found || (found[1] === 'repl' && found[2] === 'dst')) return undefined;
  const side = found[1] === 'orig' && found[2] === 'src' ? 'source' : 'destination';
  if (found[3]) {
    const set = portRange(text);
    return set && portField(side, option.negated ? subtract(ALL_PORTS, set) : set, optionText(option), rule.key);
  }
  const { set, unread: rest } = parseAddresses(text, family, names);
  return rest.length > 0 ? undefined : addressField(side, option.negated ? complement(set, family) : set);
}

function connection(options: readonly OptionRecord[], rule: RuleContext): Constraint {
  let state: Constraint | undefined;
  const fields: Constraint[] = [];
  for (const option of options) {
    if (option.name === 'ctstate' || option.name === 'state') {
      const one = stateOption(option, rule) ?? unread(option, rule);
      state = state ? and(state, one) : one;
    } else fields.push(field(option, rule) ?? unread(option, rule));
  }
  return conntrack(statesIn(rule.table, rule.environment.family), state, fields);
}

/** Each option by itself; those that cannot be read become conditions. */
function each(
  options: readonly OptionRecord[],
  rule: RuleContext,
  read: (option: OptionRecord) => Constraint | undefined,
): Constraint {
  return options.reduce((all, option) => and(all, read(option) ?? unread(option, rule)), EVERYTHING);
}

function lengthOption(option: OptionRecord): Constraint | undefined {
  const [from = '', to = from] = (option.values[0] ?? '').split(':');
  const whole = (from === '' || Number(from) === 0) && Number(to) >= 65535;
  return whole && option.values[0]?.includes(':') ? (option.negated ? NOTHING : EVERYTHING) : undefined;
}

function moduleMatch(module: string, options: readonly OptionRecord[], rule: RuleContext): Constraint {
  const own = PROTOCOL_OF_MODULE.get(module);
  if (own !== undefined)
    return and(
      exactly({ protocols: only(own) }),
      each(options, rule, (option) => transport(module, option)),
    );
  switch (module) {
    case 'multiport':
      return and(exactly({ protocols: WITH_PORTS }), each(options, rule, multiport));
    case 'icmp':
    case 'icmp6':
      return and(
        exactly({ protocols: only(module === 'icmp' ? 1 : 58) }),
        each(options, rule, (option) => icmpType(option.values[0] ?? '', option.negated, module === 'icmp6')),
      );
    case 'iprange':
      return each(options, rule, (option) => iprange(option, rule));
    case 'state':
    case 'conntrack':
      return connection(options, rule);
    case 'comment':
    case 'nfacct':
      return EVERYTHING;
    case 'set':
      return setOptions(options, rule) ?? construct(moduleText(module, options), rule, false, 'list');
    case 'addrtype':
      return addrtype(options, rule) ?? construct(moduleText(module, options), rule, false);
    case 'pkttype':
      return each(options, rule, (option) => pkttype(option, rule));
    case 'helper':
      // Only packets of expected connections have a helper behind them: never the connection itself.
      return each(options, rule, (option) => (option.negated ? EVERYTHING : NOTHING));
    case 'length': {
      const trivial = options.length === 1 && options[0] ? lengthOption(options[0]) : undefined;
      return trivial ?? opaque(module, options, rule);
    }
    default:
      return opaque(module, options, rule);
  }
}

/** The module that asks for another protocol than -p does: the loader refuses such a rule, and what was meant is unknown. */
export function protocolClash(record: RuleRecord): string | undefined {
  const wanted = record.options.find((option) => option.module === 'ip' && option.name === 'p');
  const number = protocolNumber(wanted?.values[0] ?? '');
  if (!wanted || number === undefined || number === 0) return undefined;
  return record.modules.find((module) => {
    const needs = PROTOCOL_OF_MODULE.get(module) ?? (module === 'icmp' ? 1 : module === 'icmp6' ? 58 : undefined);
    return needs !== undefined && (needs === number) === wanted.negated;
  });
}

/** The whole match of a rule. */
export function ruleMatch(record: RuleRecord, rule: RuleContext): Constraint {
  let out = EVERYTHING;
  const instances: OptionRecord[][] = record.modules.map(() => []);
  const clash = protocolClash(record);
  for (const option of record.options) {
    if (option.module === 'ip') out = and(out, general(option, rule));
    else instances[option.instance]?.push(option);
  }
  record.modules.forEach((module, i) => {
    const options = instances[i] ?? [];
    out = and(out, module === clash ? construct(moduleText(module, options), rule, false) : moduleMatch(module, options, rule));
  });
  if (record.unread.length > 0) out = and(out, construct(record.unread.join(' '), rule, false));
  return out;
}

export const CUT_OFF = 'The dump is cut off here; export it again and keep the last line, COMMIT.';

/** A rule whose line is cut: it may be about anything. */
export const cutRule = (rule: RuleContext): Constraint =>
  gated(condition('export', 'rule that is cut off', `export:${rule.key}:cut`, { settledBy: CUT_OFF }));
