/** Does a rule match one packet? Yes, no, or "the dump cannot tell". */
import type { OptionRecord, RuleRecord } from '../../parsers/iptables/records.js';
import {
  and,
  applied,
  first,
  flagsAt,
  inPorts,
  not,
  or,
  PORTS,
  readAddress,
  readFlags,
  readMasked,
  readProtocol,
  type Sight,
  type Truth,
} from './iptables-packet.js';
import { setTruth } from './iptables-set-match.js';

type Options = readonly OptionRecord[];

function inNetwork(address: bigint | undefined, text: string, sight: Sight): Truth {
  const network = readMasked(text, sight.family);
  if (!network || address === undefined) return undefined;
  return (address & network.mask) === (network.value & network.mask);
}

const onInterface = (name: string, value: string): boolean =>
  value.endsWith('+') ? name.startsWith(value.slice(0, -1)) : name === value;

/** Behind routing the kernel may or may not still know the incoming interface. */
const interfaceTruth = (option: OptionRecord, sight: Sight): Truth => {
  if (option.name === 'i' && sight.hook === 'POSTROUTING' && first(option) !== '+') return undefined;
  return onInterface(option.name === 'i' ? sight.in : sight.out, first(option));
};

function basic(option: OptionRecord, sight: Sight): Truth {
  const value = first(option);
  switch (option.name) {
    case 's':
    case 'd': {
      const address = option.name === 's' ? sight.source : sight.destination;
      const list = value.split(',');
      return list.length > 1 && option.negated ? undefined : or(...list.map((one) => inNetwork(address, one, sight)));
    }
    case 'p': {
      const protocol = readProtocol(value);
      return protocol === undefined ? undefined : protocol === 0 || protocol === sight.protocol;
    }
    case 'i':
    case 'o':
      return interfaceTruth(option, sight);
    case 'f':
      return sight.family === 4 ? false : undefined;
    default:
      return undefined;
  }
}

function transport(protocol: number) {
  return (options: Options, sight: Sight): Truth => {
    if (sight.protocol !== protocol) return undefined;
    return and(
      ...options.map((option) => {
        switch (option.name) {
          case 'sport':
            return applied(option, inPorts(sight.sourcePort, first(option)));
          case 'dport':
            return applied(option, inPorts(sight.port, first(option)));
          case 'syn':
            return applied(option, (flagsAt(sight.moment) & 0x17) === 2);
          case 'tcp-flags': {
            const [mask, wanted] = [readFlags(option.values[0] ?? ''), readFlags(option.values[1] ?? '')];
            if (mask === undefined || wanted === undefined) return undefined;
            return applied(option, (flagsAt(sight.moment) & mask) === wanted);
          }
          default:
            return undefined;
        }
      }),
    );
  };
}

function multiport(options: Options, sight: Sight): Truth {
  const [option] = options;
  if (!option || options.length > 1 || !PORTS.has(sight.protocol)) return undefined;
  const list = first(option).split(',');
  const among = (port: number | undefined): Truth => or(...list.map((one) => inPorts(port, one)));
  const found =
    option.name === 'sports'
      ? among(sight.sourcePort)
      : option.name === 'dports'
        ? among(sight.port)
        : or(among(sight.sourcePort), among(sight.port));
  return applied(option, found);
}

const ICMP_NAMES: ReadonlyMap<string, number> = new Map([
  ['echo-reply', 0],
  ['pong', 0],
  ['destination-unreachable', 3],
  ['source-quench', 4],
  ['redirect', 5],
  ['echo-request', 8],
  ['ping', 8],
  ['time-exceeded', 11],
  ['ttl-exceeded', 11],
  ['parameter-problem', 12],
  ['timestamp-request', 13],
  ['timestamp-reply', 14],
]);
const ICMP6_NAMES: ReadonlyMap<string, number> = new Map([
  ['destination-unreachable', 1],
  ['packet-too-big', 2],
  ['time-exceeded', 3],
  ['ttl-exceeded', 3],
  ['parameter-problem', 4],
  ['echo-request', 128],
  ['ping', 128],
  ['echo-reply', 129],
  ['pong', 129],
  ['router-solicitation', 133],
  ['router-advertisement', 134],
  ['neighbour-solicitation', 135],
  ['neighbor-solicitation', 135],
  ['neighbour-advertisement', 136],
  ['neighbor-advertisement', 136],
  ['redirect', 137],
]);

function icmp(names: ReadonlyMap<string, number>, protocol: number) {
  return (options: Options, sight: Sight): Truth => {
    if (sight.protocol !== protocol) return undefined;
    return and(
      ...options.map((option) => {
        const [typeText = '', codeText] = first(option).split('/');
        if (protocol === 1 && (typeText === 'any' || typeText === '255')) return applied(option, true);
        const type = /^\d+$/.test(typeText) ? Number(typeText) : names.get(typeText);
        if (type === undefined || (codeText !== undefined && !/^\d+$/.test(codeText)) || sight.port === undefined)
          return undefined;
        const same = sight.port >> 8 === type && (codeText === undefined || (sight.port & 255) === Number(codeText));
        return applied(option, same);
      }),
    );
  };
}

function iprange(options: Options, sight: Sight): Truth {
  return and(
    ...options.map((option) => {
      const [low = '', high = low] = first(option).split('-');
      const [from, to] = [readAddress(low, sight.family), readAddress(high, sight.family)];
      const address = option.name === 'src-range' ? sight.source : sight.destination;
      if (from === undefined || to === undefined || address === undefined) return undefined;
      return applied(option, address >= from && address <= to);
    }),
  );
}

const STATES: ReadonlySet<string> = new Set(['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED', 'DNAT', 'SNAT']);

/** Before connection tracking (the raw table) there is no connection: INVALID, or UNTRACKED once the rules said so. */
export const stateSeen = (sight: Sight): Sight['state'] => {
  if (sight.untracked) return 'UNTRACKED';
  if (sight.table !== 'raw') return sight.state;
  return sight.in === 'lo' ? undefined : 'INVALID';
};

function stateAmong(text: string, sight: Sight): Truth {
  const wanted = text.toUpperCase().split(',');
  if (wanted.some((word) => !STATES.has(word))) return undefined;
  const state = stateSeen(sight);
  if (state === undefined) return undefined;
  if (wanted.includes(state)) return true;
  if (state === 'INVALID' || state === 'UNTRACKED') return false;
  if (sight.translated && wanted.includes('DNAT')) return true;
  return sight.moment !== 'first' && wanted.includes('SNAT') ? undefined : false;
}

function original(option: OptionRecord, sight: Sight): Truth {
  const packet = sight.original;
  const value = first(option);
  switch (option.name) {
    case 'ctdir':
      return value.toUpperCase() === (sight.moment === 'reply' ? 'REPLY' : 'ORIGINAL');
    case 'ctproto': {
      const protocol = readProtocol(value);
      return protocol === undefined ? undefined : protocol === packet.protocol;
    }
    case 'ctorigsrc':
      return inNetwork(packet.source, value, sight);
    case 'ctorigdst':
      return inNetwork(packet.destination, value, sight);
    case 'ctorigsrcport':
      return PORTS.has(packet.protocol) ? inPorts(packet.sourcePort, value) : undefined;
    case 'ctorigdstport':
      return PORTS.has(packet.protocol) ? inPorts(packet.port, value) : undefined;
    default:
      return undefined;
  }
}

/** Where there is no connection, only the state is looked at; a rule that tests none then fails. */
function conntrack(options: Options, sight: Sight): Truth {
  const states = options.filter((option) => option.name === 'ctstate');
  const rest = options.filter((option) => option.name !== 'ctstate');
  const state = and(...states.map((option) => applied(option, stateAmong(first(option), sight))));
  if (rest.length === 0) return state;
  const seen = stateSeen(sight);
  const others = and(...rest.map((option) => applied(option, original(option, sight))));
  if (seen === undefined) return state === false ? false : undefined;
  if (seen === 'INVALID' || seen === 'UNTRACKED') return states.length > 0 ? state : false;
  return and(state, others);
}

const LOW_127 = 127n << 24n;
function localKind(address: bigint | undefined, sight: Sight): string | undefined {
  if (address === undefined) return undefined;
  if (sight.family === 4) {
    if (address >> 28n === 14n) return 'MULTICAST';
    if (address === 0xffffffffn) return 'BROADCAST';
    if ((address & (255n << 24n)) === LOW_127) return 'LOCAL';
    return undefined;
  }
  if (address >> 120n === 255n) return 'MULTICAST';
  return address === 1n ? 'LOCAL' : undefined;
}

/** Types of addresses of others are a matter of the host's own; forwarded packets are surely not for the host. */
function addrtype(options: Options, sight: Sight): Truth {
  return and(
    ...options.map((option) => {
      if (option.name !== 'src-type' && option.name !== 'dst-type') return undefined;
      const wanted = first(option).toUpperCase().split(',');
      const destination = option.name === 'dst-type';
      const kind = localKind(destination ? sight.destination : sight.source, sight);
      if (kind !== undefined) return applied(option, wanted.includes(kind));
      const open = wanted.filter((word) => word !== 'MULTICAST' && word !== 'ANYCAST' && word !== 'UNSPEC');
      if (open.length === 0 && !wanted.includes('ANYCAST') && !wanted.includes('UNSPEC')) return applied(option, false);
      const forwarded =
        destination && sight.direction === 'forward' && (sight.hook === 'FORWARD' || sight.hook === 'POSTROUTING');
      if (forwarded && wanted.every((word) => word === 'LOCAL' || word === 'BROADCAST' || word === 'MULTICAST'))
        return applied(option, false);
      return undefined;
    }),
  );
}

const number = (text: string): number | undefined =>
  /^0x[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : /^\d+$/.test(text) ? Number(text) : undefined;

/** `0x1/0xff`; without a mask all bits. */
export function readMark(text: string): { readonly value: number; readonly mask: number } | undefined {
  const [head = '', tail] = text.split('/');
  const value = number(head);
  const mask = tail === undefined ? 0xffffffff : number(tail);
  return value === undefined || mask === undefined ? undefined : { value, mask };
}

function markTruth(mark: number | undefined, options: Options): Truth {
  return and(
    ...options.map((option) => {
      const wanted = readMark(first(option));
      if (!wanted || mark === undefined) return undefined;
      return applied(option, (mark & wanted.mask) >>> 0 === wanted.value >>> 0);
    }),
  );
}

function packetType(options: Options, sight: Sight): Truth {
  if (sight.direction === 'out' || sight.in === 'lo' || sight.moment === 'reply') return undefined;
  const kind = localKind(sight.destination, sight);
  if (kind !== undefined || sight.destination === undefined) return undefined;
  return and(...options.map((option) => applied(option, first(option).toLowerCase() === 'unicast')));
}

/** Forwarded packets have no socket: every test of it fails, negated or not it is the bits that count. */
function owner(options: Options, sight: Sight): Truth {
  if (sight.direction !== 'forward') return undefined;
  return and(...options.map((option) => option.negated));
}

const recent = (options: Options): Truth => {
  const set = options.find((option) => option.name === 'set');
  return set && !set.negated && !options.some((option) => ['rcheck', 'update', 'remove'].includes(option.name))
    ? true
    : undefined;
};

const always = (): Truth => true;
const MODULES: ReadonlyMap<string, (options: Options, sight: Sight) => Truth> = new Map<
  string,
  (options: Options, sight: Sight) => Truth
>([
  ['tcp', transport(6)],
  ['udp', transport(17)],
  ['dccp', transport(33)],
  ['sctp', transport(132)],
  ['udplite', transport(136)],
  ['multiport', multiport],
  ['icmp', icmp(ICMP_NAMES, 1)],
  ['icmp6', icmp(ICMP6_NAMES, 58)],
  ['iprange', iprange],
  ['state', (options, sight) => and(...options.map((option) => applied(option, stateAmong(first(option), sight))))],
  ['conntrack', conntrack],
  ['comment', always],
  ['nfacct', always],
  ['recent', recent],
  ['addrtype', addrtype],
  ['mark', (options, sight) => markTruth(sight.mark, options)],
  ['connmark', (options, sight) => (stateSeen(sight) === 'UNTRACKED' ? undefined : markTruth(sight.connectionMark, options))],
  ['set', setTruth],
  ['pkttype', packetType],
  ['owner', owner],
]);

export interface RuleTruth {
  readonly truth: Truth;
  /** Modules that could not be told. */
  readonly open: readonly string[];
}

export type Note = (what: string, truth: boolean) => void;

/** Every option and every module instance must hold. */
export function matches(rule: RuleRecord, sight: Sight, note?: Note): RuleTruth {
  const open: string[] = [];
  const parts: Truth[] = [];
  const add = (what: string, truth: Truth): void => {
    parts.push(truth);
    if (truth === undefined) open.push(what);
    else note?.(what, truth);
  };
  for (const option of rule.options)
    if (option.module === 'ip') add(`${option.negated ? '! ' : ''}-${option.name}`, applied(option, basic(option, sight)));
  if (parts.includes(false)) return { truth: false, open: [] };
  rule.modules.forEach((module, instance) => {
    const options = rule.options.filter((option) => option.instance === instance && option.module !== 'ip');
    const named = `${module}${options.map((option) => ` ${option.negated ? '! ' : ''}${option.name}`).join('')}`;
    add(named, (MODULES.get(module) ?? (() => undefined))(options, sight));
  });
  if (rule.options.some((option) => option.module === '?') || rule.unread.length > 0) add('unread words', undefined);
  if (rule.cut) add('cut line', undefined);
  const truth = and(...parts);
  return { truth, open: truth === undefined ? open : [] };
}

export { not };
