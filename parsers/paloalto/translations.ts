/** NAT rules -> what the firewall may rewrite, for the devices behind it. */
import type { Translation } from '../../src/model/firewall.js';
import type { MatchBox } from '../../src/model/match.js';
import { type AddressSet, ANY_V4, intersectAddresses, isEmptyAddresses, unionAllAddresses } from '../../src/sets/address.js';
import { only } from '../../src/sets/intervals.js';
import { subtractMatch } from './box.js';
import { type Context, extentOf, placeOf } from './convert-rules.js';
import { bidirectional, natRule } from './other-policies.js';
import type { InterfaceRecord, NatRuleRecord, PanConfig, Rulebase, VsysRecord } from './records.js';
import type { Zones } from './zones.js';

export interface TranslationInput {
  /** Rulebases in the order the firewall tries them, each with its names. */
  readonly parts: readonly { readonly base: Rulebase; readonly ctx: Context }[];
  readonly config: PanConfig;
  readonly vsys: VsysRecord;
  readonly zones: Zones;
  /** Panorama pushes rules that this export does not hold. */
  readonly pushedMissing: boolean;
}

/** Earlier rules beyond this number are not looked at: what they exempt then counts as translated perhaps. */
const MOST_EXEMPTIONS = 500;

/** A rule of type ipv4 translates no IPv6 packet. */
function ofFamily(rule: NatRuleRecord, boxes: readonly MatchBox[]): readonly MatchBox[] {
  if (rule.natType !== 'ipv4') return boxes;
  return boxes.flatMap((box) => {
    const source = box.source ? intersectAddresses(box.source, ANY_V4) : ANY_V4;
    return isEmptyAddresses(source) ? [] : [{ ...box, source }];
  });
}

/** Addresses behind names; undefined where the export does not hold all of them. */
function wholly(names: readonly string[], rule: NatRuleRecord, ctx: Context): AddressSet | undefined {
  const { known, open } = extentOf(names, placeOf(rule, 'NAT rule'), ctx);
  return open.length > 0 || isEmptyAddresses(known) ? undefined : known;
}

function interfaceAddresses(name: string, interfaces: readonly InterfaceRecord[], ctx: Context): AddressSet | undefined {
  const found = interfaces.find((one) => one.name === name);
  const addresses = (found?.addresses ?? []).map((text) => ctx.addresses.interfaceAddress(text)?.address);
  if (!found || found.dynamic || addresses.length === 0 || addresses.includes(undefined)) return undefined;
  return unionAllAddresses(addresses.flatMap((address) => address ?? []));
}

/** What is written in place of the source; undefined: not known. */
function newSource(rule: NatRuleRecord, interfaces: readonly InterfaceRecord[], ctx: Context): AddressSet | undefined {
  const { addresses, interfaceAddresses: own } = rule.translatesSource ?? { addresses: [], interfaceAddresses: [] };
  if (rule.natType !== 'ipv4' || addresses.length + own.length === 0) return undefined;
  const pools = [
    ...addresses.map((name) => wholly([name], rule, ctx)),
    ...own.map(({ interface: name, address }) =>
      address === undefined ? interfaceAddresses(name, interfaces, ctx) : ctx.addresses.interfaceAddress(address)?.address,
    ),
  ];
  return pools.includes(undefined)
    ? undefined
    : intersectAddresses(unionAllAddresses(pools.flatMap((pool) => pool ?? [])), ANY_V4);
}

/** Where packets go instead; a rule that rewrites the port alone leaves them at the addresses it matches. */
function newDestination(rule: NatRuleRecord, ctx: Context): AddressSet | undefined {
  if (rule.natType !== 'ipv4' || !rule.translatesDestination) return undefined;
  if (rule.newDestination !== undefined) return wholly([rule.newDestination], rule, ctx);
  const stays = rule.portOnly && !rule.negateDestination && rule.destination && !rule.destination.includes('any');
  return stays ? wholly(rule.destination ?? [], rule, ctx) : undefined;
}

class Translations {
  readonly out: Translation[] = [];
  /** What earlier rules take for sure and do not rewrite in that way. */
  private readonly exempt: Readonly<Record<Translation['changes'], MatchBox[]>> = { source: [], destination: [] };
  private readonly input: TranslationInput;

  constructor(input: TranslationInput) {
    this.input = input;
  }

  private add(changes: Translation['changes'], name: string, rule: NatRuleRecord, match: readonly MatchBox[], to?: AddressSet) {
    if (match.length > 0) this.out.push({ changes, name, span: rule.span, match, ...(to ? { to } : {}) });
  }

  rule(rule: NatRuleRecord, ctx: Context): void {
    if (rule.disabled) return;
    const rules = natRule(rule, ctx);
    const plain = rule.natType === 'ipv4';
    const destination = rule.translatesDestination || !plain;
    const source = rule.translatesSource !== undefined || !plain;
    const may = ofFamily(
      rule,
      rules.flatMap(({ match }) => match.hi),
    );
    const left = (changes: Translation['changes']): readonly MatchBox[] =>
      subtractMatch(may, this.exempt[changes], ctx.zones.names.length);
    // `to` is the zone of the address before translation: where the destination is rewritten, packets leave elsewhere.
    const anyEgress = (boxes: readonly MatchBox[]): readonly MatchBox[] => boxes.map(({ out: _, ...box }) => box);
    const named = (what: string): string => `${plain ? what : rule.natType} "${rule.name}"`;
    if (destination)
      this.add('destination', named('destination NAT'), rule, anyEgress(left('destination')), newDestination(rule, ctx));
    if (source) {
      const match = destination ? anyEgress(left('source')) : left('source');
      this.add('source', named('source NAT'), rule, match, newSource(rule, this.input.config.interfaces, ctx));
    }
    if (plain && !rule.toInterface) this.exemptAfter(rule, rules, { source, destination });
  }

  private exemptAfter(
    rule: NatRuleRecord,
    rules: ReturnType<typeof natRule>,
    rewrites: Readonly<Record<Translation['changes'], boolean>>,
  ): void {
    // The condition of a destination NAT rule says that it is not followed; it is taken all the same.
    const sure = rules.flatMap(({ match, conditions }) =>
      conditions.every((c) => c.effect === 'extent' || c.coin.startsWith('nat:')) ? match.lo : [],
    );
    for (const changes of ['source', 'destination'] as const)
      if (!rewrites[changes] && this.exempt[changes].length < MOST_EXEMPTIONS) this.exempt[changes].push(...ofFamily(rule, sure));
  }

  /** Static translation in both directions: packets to the translated address reach the original one. */
  reverse(rule: NatRuleRecord, ctx: Context): void {
    const match = ofFamily(
      rule,
      bidirectional(rule, ctx).flatMap((each) => each.match.hi),
    );
    const original =
      rule.negateSource || !rule.source || rule.source.includes('any') ? undefined : wholly(rule.source, rule, ctx);
    this.add('destination', `bi-directional NAT "${rule.name}"`, rule, match, original);
  }
}

/** Shared gateways translate what crosses the external zones that name them. */
function* gatewayTranslations({ config, vsys, zones }: TranslationInput): Generator<Translation> {
  for (const gateway of config.gateways.filter((one) => one.translates))
    for (const zone of vsys.zones.filter((one) => one.type === 'external' && one.members.includes(gateway.name))) {
      const link = only(zones.link(zone.name) ?? 0);
      const name = `NAT of shared gateway "${gateway.name}" (not read)`;
      yield { changes: 'source', name, span: zone.span, match: [{ out: link }] };
      yield { changes: 'destination', name, span: zone.span, match: [{ in: link }] };
    }
}

/** Translations of the enabled rules, in their order; what earlier rules exempt is left out where that is sure. */
export function translationsOf(input: TranslationInput): readonly Translation[] {
  const all = new Translations(input);
  const pushed = 'source NAT that Panorama pushes (not in the export)';
  if (input.pushedMissing) all.out.push({ changes: 'source', name: pushed, match: [{}] });
  for (const { base, ctx } of input.parts) for (const rule of base.nat) all.rule(rule, ctx);
  for (const { base, ctx } of input.parts) for (const rule of base.nat) all.reverse(rule, ctx);
  all.out.push(...gatewayTranslations(input));
  return all.out;
}
