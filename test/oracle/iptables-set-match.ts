/** Membership in sets as `ipset save` prints them, for one packet. */
import type { OptionRecord } from '../../parsers/iptables/records.js';
import { applied, or, readAddress, readMasked, readProtocol, type Sight, type Truth } from './iptables-packet.js';

export interface IpSet {
  /** What each dimension of an element is: ip, net, port, iface; `set` for lists. */
  readonly dimensions: readonly string[];
  readonly bitmap: boolean;
  readonly netmask: number | undefined;
  readonly elements: readonly { readonly parts: readonly string[]; readonly except: boolean }[];
}
export type IpSets = ReadonlyMap<string, IpSet>;

/** Reads `create` and `add` lines. */
export function readSets(text: string): IpSets {
  const sets = new Map<string, IpSet>();
  for (const line of text.split('\n')) {
    const [command, name = '', what = '', ...options] = line.split(' ');
    const before = sets.get(name);
    if (command === 'create') {
      const [method, dimensions = ''] = what.split(':');
      const netmask = options.indexOf('netmask');
      sets.set(name, {
        dimensions: dimensions.split(','),
        bitmap: method === 'bitmap',
        netmask: netmask < 0 ? undefined : Number(options[netmask + 1]),
        elements: [],
      });
    } else if (command === 'add' && before) {
      const element = { parts: what.split(','), except: options.includes('nomatch') };
      sets.set(name, { ...before, elements: [...before.elements, element] });
    }
  }
  return sets;
}

function portIs(element: string, side: string, bitmap: boolean, sight: Sight): Truth {
  const { protocol } = sight;
  const icmp = protocol === (sight.family === 4 ? 1 : 58);
  const port = icmp || side === 'dst' ? sight.port : sight.sourcePort;
  if (bitmap) return [6, 17, 132, 136].includes(protocol) && (port === undefined ? undefined : port === Number(element));
  const [name = '', number = ''] = element.split(':');
  if (readProtocol(name) !== protocol) return false;
  const [type = '', code] = number.split('/');
  return port === undefined ? undefined : port === (code === undefined ? Number(type) : Number(type) * 256 + Number(code));
}

/** Undefined flags never match: the element has more dimensions than the rule names. */
function partIs(set: IpSet, at: number, element: string, side: string, sight: Sight): Truth {
  const dimension = set.dimensions[at];
  if (dimension === 'port') return portIs(element, side, set.bitmap, sight);
  if (dimension === 'iface') {
    if (side === 'src' && sight.hook === 'POSTROUTING') return undefined;
    return element === (side === 'src' ? sight.in : sight.out);
  }
  const address = side === 'src' ? sight.source : sight.destination;
  if (address === undefined) return undefined;
  if (dimension === 'net') {
    const network = readMasked(element, sight.family);
    return network && (address & network.mask) === (network.value & network.mask);
  }
  const mask = set.netmask === undefined ? undefined : readMasked(`${element}/${set.netmask}`, sight.family)?.mask;
  return (mask === undefined ? address : address & mask) === readAddress(element, sight.family);
}

const prefixOf = (parts: readonly string[]): number => Number(/\/(\d+)/.exec(parts[0] ?? '')?.[1] ?? 128);

function inSet(sets: IpSets, name: string, flags: readonly string[], exceptions: boolean, sight: Sight): Truth {
  const set = sets.get(name);
  if (!set) return undefined;
  if (set.dimensions[0] === 'set')
    return or(...set.elements.map(({ parts }) => inSet(sets, parts[0] ?? '', flags, exceptions, sight)));
  if (flags.length < set.dimensions.length) return false;
  const found = set.elements.map((element) => ({
    element,
    truths: element.parts.map((part, at) => partIs(set, at, part, flags[at] ?? '', sight)),
  }));
  if (found.some(({ truths }) => !truths.includes(false) && truths.includes(undefined))) return undefined;
  // With interfaces the longest prefix that holds the address decides alone, whatever interface stands beside it.
  const held = found.filter(({ truths }) => truths[0] === true).map(({ element }) => prefixOf(element.parts));
  const least = set.dimensions[1] === 'iface' ? Math.max(0, ...held) : 0;
  const best = found
    .filter(({ element }) => prefixOf(element.parts) >= least)
    .filter(({ truths }) => truths.every((truth) => truth === true))
    .sort((a, b) => prefixOf(b.element.parts) - prefixOf(a.element.parts))[0];
  return best !== undefined && best.element.except === exceptions;
}

/** One `-m set`. */
export function setTruth(options: readonly OptionRecord[], sight: Sight): Truth {
  const test = options.find((option) => option.name === 'match-set');
  const others = options.filter((option) => option !== test);
  if (!test || others.some((option) => option.name !== 'return-nomatch')) return undefined;
  const [name = '', flags = ''] = test.values;
  return applied(test, inSet(sight.sets, name, flags.split(','), others.length > 0, sight));
}
