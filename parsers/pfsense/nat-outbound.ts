/**
 * Floating rules for packets going out see the source after outbound NAT. Only rules that test the source or its port
 * care; for those the sources that are surely and perhaps translated are taken out of and into the match.
 */
import type { Condition } from '../../src/model/condition.js';
import type { Rule } from '../../src/model/firewall.js';
import type { MatchBox } from '../../src/model/match.js';
import {
  type AddressSet,
  ANY_ADDRESS,
  ANY_V4,
  ANY_V6,
  equalAddresses,
  type Family,
  intersectAddresses,
  isEmptyAddresses,
  isSubsetAddresses,
  NO_ADDRESS,
  overlapsAddresses,
  subtractAddresses,
  unionAllAddresses,
} from '../../src/sets/address.js';
import { contains, equal, type Intervals, isSubset, only, overlaps } from '../../src/sets/intervals.js';
import { parseAddressSet } from '../../src/sets/ip.js';
import { isDropped } from './aliases.js';
import type { Resolver } from './endpoints.js';
import { anyOf } from './extent.js';
import type { OutboundRecord, PfsenseConfig } from './records.js';
import type { Interface, Topology } from './topology.js';

/** What outbound translation does on one interface, for IPv4. */
export interface SourceTranslation {
  readonly link: number;
  readonly label: string;
  /** Sources that are surely rewritten. */
  readonly sure: AddressSet;
  /** Sources that may be rewritten. */
  readonly may: AddressSet;
  /** What they become; undefined: cannot be told. */
  readonly to: AddressSet | undefined;
}

/** Networks behind interfaces without a gateway: automatic outbound NAT rewrites them on every interface with one. */
function innerNetworks(resolver: Resolver): AddressSet {
  const inner = [...resolver.topology.interfaces.values()].filter((item) => !item.wan4);
  return unionAllAddresses(inner.map((item) => item.v4?.network.lo ?? NO_ADDRESS));
}

/** Interfaces of an outbound rule: one, or a group. Empty: they do not exist and the rule is left out. */
export function outboundLinks(rule: OutboundRecord, topology: Topology): Intervals {
  const item = topology.interfaces.get(rule.interface);
  return item ? only(item.link) : (topology.groups.get(rule.interface) ?? []);
}

/** Everything that the source of an outbound rule may be. */
export function outboundSource(rule: OutboundRecord, resolver: Resolver): AddressSet {
  if (rule.source === undefined || rule.sourceNot) return ANY_ADDRESS;
  const set = parseAddressSet(rule.source);
  if (set) return set;
  const alias = resolver.aliases.has(rule.source) ? resolver.aliases.addresses(rule.source) : undefined;
  return alias && !isDropped(alias) ? alias.hi : ANY_ADDRESS;
}

function manualSources(config: PfsenseConfig, item: Interface, resolver: Resolver): AddressSet {
  const rules = config.outbound.filter((rule) => !rule.disabled && contains(outboundLinks(rule, resolver.topology), item.link));
  return unionAllAddresses(rules.map((rule) => intersectAddresses(outboundSource(rule, resolver), ANY_V4)));
}

function onInterface(item: Interface, config: PfsenseConfig, resolver: Resolver): SourceTranslation | undefined {
  const manual = manualSources(config, item, resolver);
  const oneToOne = config.oneToOne.some((entry) => !entry.disabled && entry.interface === item.key);
  const automatic = item.wan4 && (config.outboundMode === 'automatic' || config.outboundMode === 'hybrid');
  const manualCounts = config.outboundMode === 'advanced' || config.outboundMode === 'hybrid';
  // A mode that this reader does not know may translate anything.
  const strange = !/^(automatic|hybrid|advanced|disabled)$/.test(config.outboundMode);
  const some = automatic || oneToOne || strange || (manualCounts && !isEmptyAddresses(manual));
  if (!some) return undefined;
  const base = { link: item.link, label: item.label };
  if (automatic && config.outboundMode === 'automatic' && !oneToOne) {
    const address = item.v4?.address;
    return {
      ...base,
      sure: innerNetworks(resolver),
      may: ANY_V4,
      to: address && address.unknowns.length === 0 ? address.lo : undefined,
    };
  }
  return { ...base, sure: NO_ADDRESS, may: automatic || oneToOne || strange ? ANY_V4 : manual, to: undefined };
}

/** Interfaces where sources are rewritten. */
export function sourceTranslations(config: PfsenseConfig, resolver: Resolver): readonly SourceTranslation[] {
  if (config.outboundMode === 'disabled' && config.oneToOne.length === 0) return [];
  return [...resolver.topology.interfaces.values()].flatMap((item) => onInterface(item, config, resolver) ?? []);
}

const isWhole = (set: AddressSet, family: Family): boolean =>
  equalAddresses(intersectAddresses(set, anyOf(family)), anyOf(family));

/** Boxes on one translating interface: `lo` what surely matches, `hi` what may, by the source before translation. */
function onLink(box: MatchBox, at: SourceTranslation, part: 'lo' | 'hi'): readonly MatchBox[] {
  const source = box.source ?? { v4: ANY_V4.v4, v6: ANY_V6.v6 };
  const here = { ...box, out: only(at.link) };
  const untouched = subtractAddresses(source, part === 'lo' ? at.may : at.sure);
  const rewritten =
    part === 'lo'
      ? at.to !== undefined && isSubsetAddresses(at.to, source)
        ? at.sure
        : NO_ADDRESS
      : at.to === undefined || overlapsAddresses(at.to, source)
        ? at.may
        : NO_ADDRESS;
  const from = (sources: AddressSet, test: MatchBox): readonly MatchBox[] =>
    isEmptyAddresses(sources) ? [] : [{ ...test, source: sources }];
  if (box.sourcePorts === undefined) return from(unionAllAddresses([untouched, rewritten]), here);
  // The port is rewritten too, except by rules with static ports: both readings must hold for sure, either may.
  const { sourcePorts, ...anyPort } = here;
  if (part === 'lo')
    return [...from(untouched, here), ...(isSubset(REWRITTEN_PORTS, box.sourcePorts) ? from(rewritten, here) : [])];
  return [...from(untouched, here), ...from(rewritten, overlaps(REWRITTEN_PORTS, box.sourcePorts) ? anyPort : here)];
}

/** Source ports that outbound NAT gives: pfSense writes "port 1024:65535". */
const REWRITTEN_PORTS: Intervals = [1024, 65536];

/** An outbound rule in terms of the source before translation. */
export function beforeTranslation(
  rule: Rule,
  translations: readonly SourceTranslation[],
  links: readonly [number, number],
  device: string,
): Rule {
  const picksPorts = ({ sourcePorts }: MatchBox) => sourcePorts !== undefined && !equal(sourcePorts, [0, 65536]);
  const tests = (box: MatchBox) =>
    box.source === undefined ? picksPorts(box) : box.source.v4.length > 0 && (picksPorts(box) || !isWhole(box.source, 4));
  const touched = (box: MatchBox) =>
    tests(box) && translations.some((at) => box.out === undefined || overlaps(box.out, only(at.link)));
  if (rule.action.kind === 'continue' || !rule.match.hi.some(touched)) return rule;
  const rewrite = (boxes: readonly MatchBox[], part: 'lo' | 'hi'): readonly MatchBox[] =>
    boxes.flatMap((box) => {
      if (!touched(box)) return [box];
      const out = box.out ?? [links[0], links[1]];
      const mine = translations.filter((at) => overlaps(out, only(at.link)));
      const others = mine.reduce((set, at) => cut(set, at.link), out as readonly number[]);
      return [...(others.length > 0 ? [{ ...box, out: others }] : []), ...mine.flatMap((at) => onLink(box, at, part))];
    });
  const hi = rewrite(rule.match.hi, 'hi');
  const lo = rewrite(rule.match.lo, 'lo');
  if (sameBoxes(lo, hi)) return { ...rule, match: { lo: hi, hi } };
  const names = translations.filter((at) =>
    rule.match.hi.some((box) => touched(box) && (box.out === undefined || overlaps(box.out, only(at.link)))),
  );
  const condition: Condition = {
    kind: 'construct',
    name: `outbound NAT on ${[...new Set(names.map((at) => at.label))].join(', ')} changes the source before this rule`,
    coin: `outbound-nat:${device}:${rule.id}`,
    effect: 'extent',
    settledBy: 'Test the source on the interface where it enters (with a tag), not behind outbound NAT.',
    ...(rule.span ? { span: rule.span } : {}),
  };
  return { ...rule, match: { lo, hi }, conditions: [...rule.conditions, condition] };
}

function cut(set: readonly number[], link: number): readonly number[] {
  const out: number[] = [];
  for (let i = 0; i < set.length; i += 2) {
    const [lo, hi] = [set[i] ?? 0, set[i + 1] ?? 0];
    if (link < lo || link >= hi) out.push(lo, hi);
    else {
      if (lo < link) out.push(lo, link);
      if (link + 1 < hi) out.push(link + 1, hi);
    }
  }
  return out;
}

function sameBoxes(a: readonly MatchBox[], b: readonly MatchBox[]): boolean {
  const text = (boxes: readonly MatchBox[]) =>
    JSON.stringify(boxes, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return a.length === b.length && text(a) === text(b);
}
