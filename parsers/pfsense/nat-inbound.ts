/**
 * Destination translation comes before the filter: port forwards first, then 1:1. What it does to a packet is not
 * followed yet, so a packet that it may touch is `unknown`, named by the translation, with exactly the pre-translation match.
 */
import type { Condition } from '../../src/model/condition.js';
import type { Action, Rule } from '../../src/model/firewall.js';
import { MATCH_NONE, type Match, type MatchBox } from '../../src/model/match.js';
import { type AddressSet, ANY_V4, ANY_V6, type Family, isEmptyAddresses, unionAllAddresses } from '../../src/sets/address.js';
import { type Intervals, only, unionAll } from '../../src/sets/intervals.js';
import { netmaskLength, parseAddressSet } from '../../src/sets/ip.js';
import type { Span } from '../../src/source/span.js';
import { type Dropped, isDropped } from './aliases.js';
import { isNegated, type Resolver, resolveEnd } from './endpoints.js';
import { conditionsOf, type Extent, known } from './extent.js';
import type { EndpointRecord, OneToOneRecord, PfsenseConfig, PortForwardRecord } from './records.js';
import { servicesOf } from './services-of.js';

export interface InboundTranslation {
  readonly id: string;
  readonly name: string;
  readonly span: Span;
  readonly enabled: boolean;
  /** False: an exemption, later translations do not apply. */
  readonly translates: boolean;
  readonly match: Match;
  readonly conditions: readonly Condition[];
  /** Addresses that it writes in place of the destination; absent: not known. */
  readonly to?: AddressSet;
}

const ANY_END: EndpointRecord = { any: true, not: false };

function condition(translation: InboundTranslation, device: string): Condition {
  return {
    kind: 'construct',
    name: translation.name,
    coin: `nat:${device}:${translation.id}`,
    effect: 'gate',
    settledBy: 'Judge the flow to the translated address and port, from the interface where it enters.',
    span: translation.span,
  };
}

function asRule(translation: InboundTranslation, device: string): Rule {
  const action: Action = { kind: translation.translates ? 'unknown' : 'return' };
  const own = translation.translates ? [condition(translation, device)] : [];
  return {
    id: translation.id,
    name: translation.name,
    span: translation.span,
    origin: 'automatic',
    enabled: translation.enabled,
    action,
    match: translation.match,
    conditions: [...translation.conditions, ...own],
  };
}

/** Interfaces on which reflection repeats a translation: those without a gateway. */
function reflected(setting: string | undefined, config: PfsenseConfig, resolver: Resolver): Intervals {
  const on = setting === 'enable' || setting === 'purenat' || (setting !== 'disable' && !config.system.noReflection);
  if (!on) return [];
  const inner = [...resolver.topology.interfaces.values()].filter((item) => !item.wan4);
  return unionAll([...inner.map((item) => only(item.link)), ...[...resolver.topology.pseudo.values()].map(only)]);
}

function boxes(
  source: Extent,
  destination: Extent,
  part: 'lo' | 'hi',
  services: Partial<MatchBox> | undefined,
  links: Intervals,
): readonly MatchBox[] {
  if (!services || isEmptyAddresses(source[part]) || isEmptyAddresses(destination[part])) return [];
  return [{ source: source[part], destination: destination[part], ...services, in: links }];
}

/** Addresses of an end where all of them are known. */
export const wholly = (extent: Extent | Dropped | undefined): AddressSet | undefined =>
  extent && !isDropped(extent) && extent.unknowns.length === 0 && !isEmptyAddresses(extent.lo) ? extent.lo : undefined;

/** Targets of a translation: an address, a network, an alias or a keyword such as `lanip`. Undefined: not known. */
export function targetsOf(
  target: string | undefined,
  families: readonly Family[],
  resolver: Resolver,
  span: Span,
): AddressSet | undefined {
  if (target === undefined) return undefined;
  const found = families.flatMap((family) => {
    const literal = resolveEnd({ any: false, not: false, address: target }, family, resolver, span);
    const either = isDropped(literal) ? resolveEnd({ any: false, not: false, network: target }, family, resolver, span) : literal;
    return isDropped(either) ? [] : [wholly(either)];
  });
  const sets = found.filter((set) => set !== undefined);
  return sets.length > 0 && sets.length === found.length ? unionAllAddresses(sets) : undefined;
}

function forward(record: PortForwardRecord, config: PfsenseConfig, resolver: Resolver): readonly InboundTranslation[] {
  const item = resolver.topology.interfaces.get(record.interface);
  const links = item ? only(item.link) : resolver.topology.groups.get(record.interface);
  const target = `${record.target ?? '?'}${record.localPort ? `:${record.localPort}` : ''}`;
  const name = record.nordr ? `no port forward: ${record.descr ?? record.interface}` : `port forward to ${target}`;
  const base = {
    id: `nat[${record.index}]`,
    name,
    span: record.span,
    enabled: !record.disabled,
    translates: !record.nordr,
  } as const;
  if (record.disabled) return [{ ...base, match: MATCH_NONE, conditions: [] }];
  const skipped = (why: string): readonly InboundTranslation[] => {
    resolver.notes.add('info', 'nat-dropped', `pfSense leaves out the ${name}: ${why}`, record.span);
    return [];
  };
  if (!links) return skipped(`"${record.interface}" is no interface that exists`);
  const families: readonly Family[] = record.ipprotocol === 'inet6' ? [6] : record.ipprotocol === 'inet46' ? [4, 6] : [4];
  const mirror = record.nordr ? [] : reflected(record.reflection, config, resolver);
  const everywhere = unionAll([links, mirror]);
  const out: InboundTranslation[] = [];
  const reasons: string[] = [];
  for (const family of families) {
    const source = resolveEnd(record.source ?? ANY_END, family, resolver, record.span);
    const destination = resolveEnd(record.destination, family, resolver, record.span);
    const services = servicesOf({ ...record, index: record.index }, family, { ...resolver, device: resolver.topology.device });
    if (isDropped(source)) reasons.push(source.dropped);
    else if (isDropped(destination)) reasons.push(destination.dropped);
    else if (isDropped(services)) reasons.push(services.dropped);
    else {
      const { device } = resolver.topology;
      const conditions = [
        ...conditionsOf(source, 'source', isNegated(record.source), device),
        ...conditionsOf(destination, 'destination', isNegated(record.destination), device),
        ...services.conditions,
      ];
      // Reflection narrows "any" and needs IPv4 with ports: on the inner interfaces it is at most this.
      const hi = boxes(source, destination, 'hi', services.hi, everywhere);
      const lo = conditions.length === 0 ? hi : boxes(source, destination, 'lo', services.lo, links);
      const to = targetsOf(record.target, [family], resolver, record.span);
      out.push({ ...base, match: { lo, hi }, conditions, ...(to ? { to } : {}) });
    }
  }
  return out.length > 0 ? out : skipped([...new Set(reasons)].join('; '));
}

/** Outer side of a 1:1 entry, for both spellings; as long as the inner one. */
export function externalOf(record: OneToOneRecord): Extent | undefined {
  if (record.external === undefined) return undefined;
  const inside = record.source?.address ?? record.internal;
  const suffix = record.bits ?? inside?.split('/')[1];
  const length = suffix?.includes('.') ? netmaskLength(suffix) : suffix;
  const bare = record.external.split('/')[0] ?? '';
  const text = length === undefined || record.external.includes('/') ? record.external : `${bare}/${length}`;
  const set = parseAddressSet(text);
  return set ? known(set) : undefined;
}

/** Inner side of a 1:1 entry, for both spellings. */
export function internalOf(record: OneToOneRecord, family: Family, resolver: Resolver): Extent | Dropped | undefined {
  if (record.source) return resolveEnd(record.source, family, resolver, record.span);
  if (record.internal === undefined) return undefined;
  const length = record.bits?.includes('.') ? netmaskLength(record.bits) : record.bits;
  const plain = length === undefined || record.internal.includes('/');
  const set = parseAddressSet(plain ? record.internal : `${record.internal}/${length}`);
  return set ? known(set) : undefined;
}

function oneToOne(record: OneToOneRecord, config: PfsenseConfig, resolver: Resolver): readonly InboundTranslation[] {
  const item = resolver.topology.interfaces.get(record.interface);
  if (!item) return [];
  const stated = externalOf(record);
  const keyword =
    record.external === undefined
      ? undefined
      : resolveEnd({ any: false, not: false, network: record.external }, 4, resolver, record.span);
  const external = stated ?? (keyword && !isDropped(keyword) ? keyword : undefined);
  const inside = record.source?.address ?? record.source?.network ?? record.internal ?? '?';
  const name = record.nobinat ? `no 1:1 translation of ${inside}` : `1:1 translation ${record.external ?? '?'} to ${inside}`;
  const links = unionAll([only(item.link), record.nobinat ? [] : reflected(record.reflection, config, resolver)]);
  const inner = record.source?.any ? undefined : wholly(internalOf(record, external?.hi.v6.length ? 6 : 4, resolver));
  const base = {
    id: `nat/onetoone[${record.index}]`,
    name,
    span: record.span,
    enabled: !record.disabled,
    translates: !record.nobinat,
    ...(inner ? { to: inner } : {}),
  } as const;
  const everything = external?.hi.v6.length ? ANY_V6 : ANY_V4;
  if (!external) {
    // The external side cannot be read: any destination on this interface may be translated.
    const text = `external address "${(record.external ?? '').slice(0, 80)}" of a 1:1 translation`;
    resolver.notes.add('warning', 'nat-unread', `the ${text} cannot be read`, record.span);
    const unread: Condition = {
      kind: 'construct',
      name: text,
      coin: `nat-external:${resolver.topology.device}:${record.index}`,
      effect: 'extent',
      settledBy: 'Write the external address as an address or a network.',
      span: record.span,
    };
    return [{ ...base, match: { lo: [], hi: [{ source: ANY_V4, destination: ANY_V4, in: links }] }, conditions: [unread] }];
  }
  const conditions = conditionsOf(external, 'destination', false, resolver.topology.device);
  const hi: readonly MatchBox[] = [{ source: everything, destination: external.hi, in: links }];
  const lo = conditions.length === 0 ? hi : boxes(known(everything), external, 'lo', {}, links);
  return [{ ...base, match: { lo, hi }, conditions }];
}

/** Port forwards, 1:1 and prefix translation, in the order in which they are tried. */
export function inboundTranslations(config: PfsenseConfig, resolver: Resolver): readonly InboundTranslation[] {
  const prefixes = config.npt.flatMap((record): readonly InboundTranslation[] => {
    const item = resolver.topology.interfaces.get(record.interface);
    const text = record.destination?.address ?? record.destination?.network;
    const set = text === undefined ? undefined : parseAddressSet(text);
    if (!item) return [];
    const match: Match = { lo: [], hi: [{ source: ANY_V6, destination: set ?? ANY_V6, in: only(item.link) }] };
    const name = `IPv6 prefix translation of ${text ?? 'a prefix of the interface'}`;
    const to = targetsOf(record.source?.address ?? record.source?.network, [6], resolver, record.span);
    return [
      {
        id: `nat/npt[${record.index}]`,
        name,
        span: record.span,
        enabled: !record.disabled,
        translates: true,
        match,
        conditions: [],
        ...(to ? { to } : {}),
      },
    ];
  });
  return [
    ...config.portForwards.flatMap((record) => forward(record, config, resolver)),
    ...config.oneToOne.flatMap((record) => oneToOne(record, config, resolver)),
    ...prefixes,
  ];
}

/** Rules of the translation list; it ends by going back to the filter. */
export const inboundTranslationRules = (config: PfsenseConfig, resolver: Resolver): readonly Rule[] =>
  inboundTranslations(config, resolver).map((translation) => asRule(translation, resolver.topology.device));
