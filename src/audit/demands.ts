/** Stated flows to what is judged: ends bound, variants chosen, rows that demand the same packets checked once. */
import type { FactName } from '../model/condition.js';
import type { Firewall } from '../model/firewall.js';
import type { ServiceTerm, StatedFlow } from '../model/requirement.js';
import {
  type AddressSet,
  type Family,
  intersectAddresses,
  isSubsetAddresses,
  NO_ADDRESS,
  subtractAddresses,
  unionAddresses,
  unionAllAddresses,
} from '../sets/address.js';
import type { Diagnostic } from '../source/diagnostic.js';
import { type BoundEnd, bindEnd, factsOf, type Role } from './bind.js';
import type { Names } from './names.js';
import { ALL_UNICAST, GLOBAL_UNICAST } from './special.js';

/** One way to read a requirement: usually the only one; several where a variant is undecided. */
export interface Reading {
  readonly flow: StatedFlow;
  readonly services: readonly ServiceTerm[];
  readonly label: string;
}

export interface AuditRequirement {
  readonly flow: StatedFlow;
  readonly readings: readonly Reading[];
  readonly alsoFor: readonly string[];
  readonly source: BoundEnd;
  readonly destination: BoundEnd;
  readonly sourceAddresses: AddressSet;
  readonly destinationAddresses: AddressSet;
  readonly facts: ReadonlyMap<FactName, string>;
  /** The variant that was chosen, as `os: windows-2008+`. */
  readonly variant: string | null;
}

/** Private networks that an interface, a route or a role names: with the global addresses they make up `any`. */
export function knownNetworks(firewalls: readonly Firewall[], roles: readonly Role[]): AddressSet {
  const routed = firewalls.flatMap((firewall) =>
    (firewall.routes ?? []).filter((route) => route.prefixLength > 0).map((route) => route.destination),
  );
  const bound = roles.flatMap((role) => (role.addresses ? [role.addresses] : []));
  const special = subtractAddresses(ALL_UNICAST, GLOBAL_UNICAST);
  return intersectAddresses(unionAllAddresses([...routed, ...bound]), special);
}

/**
 * Private networks that rules tell apart. An actor without addresses may lie in them, whatever routes say: left out, a
 * rule about 10.0.0.0/8 would judge none of its values.
 */
export function mentionedNetworks(firewalls: readonly Firewall[]): AddressSet {
  const special = subtractAddresses(ALL_UNICAST, GLOBAL_UNICAST);
  const sets: AddressSet[] = [];
  for (const firewall of firewalls) {
    for (const list of firewall.lists.values())
      for (const rule of list.rules)
        if (rule.enabled && rule.origin === 'user')
          for (const box of rule.match.hi)
            for (const set of [box.source, box.destination]) if (set && !isSubsetAddresses(GLOBAL_UNICAST, set)) sets.push(set);
  }
  return intersectAddresses(unionAllAddresses(sets), special);
}

/** Families in which some role or interface has an address. */
export function familiesInUse(firewalls: readonly Firewall[], roles: readonly Role[]): ReadonlySet<Family> {
  const sets = [
    ...roles.map((role) => role.addresses ?? NO_ADDRESS),
    ...firewalls.flatMap((f) => [
      f.ownAddresses,
      ...(f.routes ?? []).filter((r) => r.from === 'interface').map((r) => r.destination),
    ]),
  ];
  const linkLocal = sets.some((set) => set.v6.length > 0);
  return new Set<Family>(linkLocal ? [4, 6] : [4]);
}

export const onlyFamilies = (set: AddressSet, families: ReadonlySet<Family>): AddressSet => ({
  v4: families.has(4) ? set.v4 : [],
  v6: families.has(6) ? set.v6 : [],
});

/** Families of operating systems, by the words that name them. */
const OS_FAMILIES: readonly RegExp[] = [
  /\bwindows\b/,
  /\b(linux|ubuntu|debian|rhel|red ?hat|centos|suse|fedora|alma|rocky)\b/,
  /\b(macos|os x|darwin)\b/,
];
const osFamily = (text: string): RegExp | undefined => OS_FAMILIES.find((words) => words.test(text));

/**
 * A role's `os` against a variant of a page: `windows` is a current one. Undefined where neither follows, such as for an
 * unknown word: a row is ruled out only by an `os` that surely is another one.
 */
function osFits(os: string, variant: string): boolean | undefined {
  const text = os.trim().toLowerCase();
  const value = variant.toLowerCase();
  const family = osFamily(text);
  if (text === value) return true;
  if (!family || !osFamily(value)) return undefined;
  if (family !== osFamily(value)) return false;
  if (!/^windows-\d{4}[+-]$/.test(value)) return /^[a-z]+$/.test(value) ? true : undefined;
  const year = Number(/(19|20)\d\d/.exec(text)?.[0] ?? (/\bxp\b/.test(text) ? 2001 : 2025));
  const old = year < 2008;
  return value.endsWith('-') ? old : !old;
}

/** Chosen, ruled out, or nobody says. */
function variantFits(flow: StatedFlow, destination: BoundEnd, chosen: Readonly<Record<string, string>>): boolean | undefined {
  if (!flow.variant) return true;
  const { name, value } = flow.variant;
  const stated = chosen[name];
  if (stated !== undefined)
    return stated.toLowerCase() === value.toLowerCase() || (name === 'os' ? osFits(stated, value) : false);
  // The range is the responder's: what the initiator runs says nothing of it.
  const os = name === 'os' ? destination.role?.config.os : undefined;
  return os === undefined ? undefined : osFits(os, value);
}

interface Bound {
  readonly flow: StatedFlow;
  readonly source: BoundEnd;
  readonly destination: BoundEnd;
  readonly fits: boolean | undefined;
}

export interface DemandContext {
  readonly names: Names;
  /** Roles by spelling, page by page. */
  readonly rolesOf: (page: string) => ReadonlyMap<string, Role>;
  readonly variantsOf: (page: string) => Readonly<Record<string, string>>;
  readonly known: AddressSet;
  /** Further private networks in which an actor without addresses may lie. */
  readonly mentioned: AddressSet;
  readonly families: ReadonlySet<Family>;
}

/** Addresses that an end stands for: its own, or everything that `any` or an unknown value means. */
function addressesOf(end: BoundEnd, expect: StatedFlow['expect'], context: DemandContext): AddressSet {
  if (end.addresses) return end.addresses;
  const everything =
    expect === 'deny' && end.any
      ? ALL_UNICAST
      : unionAddresses(GLOBAL_UNICAST, end.any ? context.known : unionAddresses(context.known, context.mentioned));
  return onlyFamilies(everything, context.families);
}

function serviceKey(terms: readonly ServiceTerm[]): string {
  return terms
    .map((t) => [t.protocols.join(','), t.ports?.join(',') ?? '*', t.sourcePorts?.join(',') ?? '-'].join('/'))
    .sort()
    .join(' ');
}

function demandKey(bound: Bound): string {
  // Roles of two pages may share a name and yet be other machines.
  const end = (e: BoundEnd): string => (e.role ? JSON.stringify([e.role.name, e.role.config]) : e.text);
  const facts = Object.entries(bound.flow.facts ?? {})
    .flat()
    .join(',');
  return [
    end(bound.source),
    end(bound.destination),
    serviceKey(bound.flow.services),
    bound.flow.expect,
    String(bound.flow.optional),
    bound.flow.anyOf ?? '',
    bound.flow.needsReview ?? '',
    facts,
    bound.fits === undefined ? `${bound.flow.page}:${bound.flow.line}` : '',
  ].join('\u0000');
}

export function demandsOf(
  flows: readonly StatedFlow[],
  context: DemandContext,
): { requirements: readonly AuditRequirement[]; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const bound: Bound[] = flows.map((flow) => {
    const roles = context.rolesOf(flow.page);
    const source = bindEnd(flow.source.text, roles, context.names);
    const destination = bindEnd(flow.destination.text, roles, context.names);
    return { flow, source, destination, fits: variantFits(flow, destination, context.variantsOf(flow.page)) };
  });
  const groups = new Map<string, Bound[]>();
  for (const one of bound) {
    // A prohibition holds for every variant.
    if (one.fits === false && one.flow.expect === 'allow') {
      diagnostics.push({
        severity: 'info',
        code: 'variant-not-chosen',
        message: `${one.flow.serviceText} (${one.flow.variant?.value}) is another variant than the one chosen and is not judged`,
        file: one.flow.page,
        line: one.flow.line,
      });
      continue;
    }
    const undecided = one.fits === undefined && one.flow.expect === 'allow';
    const key = undecided
      ? ['variant', one.flow.page, one.flow.line, one.flow.variant?.name, one.source.text, one.destination.text].join('\u0000')
      : demandKey(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  const requirements = [...groups].map(([key, group]): AuditRequirement => {
    const first = group[0] as Bound;
    const variants = key.startsWith('variant\u0000');
    const { facts, split } = factsOf(first.flow, first.source, first.destination);
    if (split)
      diagnostics.push({
        severity: 'warning',
        code: 'facts-differ',
        message: `listens: states different programs for the ports of "${first.flow.serviceText}"; none is used. State the ports as flows of their own`,
        file: first.flow.page,
        line: first.flow.line,
      });
    const rest = group.slice(1);
    return {
      flow: first.flow,
      readings: (variants ? group : [first]).map(({ flow }) => ({
        flow,
        services: flow.services,
        label: flow.variant ? `${flow.variant.name} ${flow.variant.value}` : '',
      })),
      alsoFor: variants ? [] : rest.map(({ flow }) => flow.purpose).filter((purpose) => purpose !== first.flow.purpose),
      source: first.source,
      destination: first.destination,
      sourceAddresses: addressesOf(first.source, first.flow.expect, context),
      destinationAddresses: addressesOf(first.destination, first.flow.expect, context),
      facts,
      variant: first.flow.variant ? (variants ? null : `${first.flow.variant.name}: ${first.flow.variant.value}`) : null,
    };
  });
  return { requirements, diagnostics };
}
