/** Actors of pages to addresses: roles, aliases, literals, names. Never by guessing. */
import type { FactName } from '../model/condition.js';
import type { ServiceTerm, StatedFlow } from '../model/requirement.js';
import { type AddressSet, isEmptyAddresses, NO_ADDRESS, unionAddresses, unionAllAddresses } from '../sets/address.js';
import { type Intervals, isSubset } from '../sets/intervals.js';
import { parseAddressSet } from '../sets/ip.js';
import type { RoleConfig } from './config.js';
import { addressesFrom } from './devices.js';
import { parsePorts, parseProtocol } from './flow-text.js';
import type { Names } from './names.js';

export interface Role {
  readonly name: string;
  readonly config: RoleConfig;
  /** Undefined: no addresses are known. */
  readonly addresses: AddressSet | undefined;
  /** Names that the hosts file does not resolve. */
  readonly unresolved: readonly string[];
}

/** One end of a requirement. */
export interface BoundEnd {
  readonly text: string;
  readonly role?: Role;
  /** Undefined: nobody knows. */
  readonly addresses: AddressSet | undefined;
  readonly any: boolean;
  /** The end is a host name that nothing resolves. */
  readonly unresolvedName?: string;
}

export const actorKey = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** @throws RefusedError for addresses that are none. */
export function makeRole(name: string, config: RoleConfig, names: Names, file: string): Role {
  const unresolved: string[] = [];
  const resolved = (config.names ?? []).flatMap((host) => {
    const set = names.get(host.toLowerCase());
    if (!set) unresolved.push(host);
    return set ? [set] : [];
  });
  const literal = config.addresses ? addressesFrom(config.addresses, names, `role ${name}`, file) : NO_ADDRESS;
  const addresses = unionAddresses(literal, unionAllAddresses(resolved));
  return { name, config, addresses: isEmptyAddresses(addresses) ? undefined : addresses, unresolved };
}

/** Roles by every spelling that the user stated. */
export function rolesByName(roles: readonly Role[]): ReadonlyMap<string, Role> {
  const map = new Map<string, Role>();
  for (const role of roles) for (const spelling of [role.name, ...(role.config.aliases ?? [])]) map.set(actorKey(spelling), role);
  return map;
}

const HOST_NAME = /^(?=.{4,253}$)([A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;

export function bindEnd(text: string, roles: ReadonlyMap<string, Role>, names: Names): BoundEnd {
  const key = actorKey(text);
  const role = roles.get(key);
  const literals = key.split(/[;,]\s*/).map((piece) => parseAddressSet(piece));
  const literal = key !== '' && literals.every((set) => set !== undefined) ? unionAllAddresses(literals) : undefined;
  // A role without addresses takes nothing away from an end that spells them out.
  if (role && (role.addresses || !literal)) return { text: key, role, addresses: role.addresses, any: false };
  if (/^(any|\*)$/i.test(key)) return { text: key, addresses: undefined, any: true };
  if (literal) return { text: key, addresses: literal, any: false };
  const host = key
    .replace(/^https?:\/\//i, '')
    .replace(/[/:].*$/, '')
    .toLowerCase();
  const resolved = names.get(host);
  if (resolved) return { text: key, addresses: resolved, any: false };
  return { text: key, addresses: undefined, any: false, ...(HOST_NAME.test(host) ? { unresolvedName: host } : {}) };
}

const covers = (entry: { port: string; protocol?: string | undefined }, term: ServiceTerm): boolean => {
  const place = { file: 'flowgap.yaml', line: 1 };
  const ports: Intervals = parsePorts(entry.port, 'listens: port', place);
  const protocolFits =
    entry.protocol === undefined ||
    (term.protocols.length > 0 && term.protocols.every((p) => p === parseProtocol(entry.protocol as string, place)));
  return protocolFits && term.ports !== undefined && isSubset(term.ports, ports);
};

/**
 * Facts of a flow: what the flow itself states, what its responder listens with and its initiator runs.
 * `split` names ports for which the role declares different programs: those facts are left open.
 */
export function factsOf(
  flow: StatedFlow,
  source: BoundEnd,
  destination: BoundEnd,
): { facts: ReadonlyMap<FactName, string>; split: boolean } {
  const facts = new Map<FactName, string>();
  const runs = source.role?.config.runs;
  if (runs?.program) facts.set('source_program', runs.program);
  if (runs?.service) facts.set('source_service', runs.service);
  if (runs?.user) facts.set('source_user', runs.user);
  let split = false;
  const listens = destination.role?.config.listens ?? [];
  const per = flow.services.map((term) => listens.filter((entry) => covers(entry, term)));
  const declared = per.flat();
  const [first] = declared;
  if (
    first &&
    per.every((entries) => entries.length > 0) &&
    declared.every(({ program, service, user }) => program === first.program && service === first.service && user === first.user)
  ) {
    if (first.program) facts.set('program', first.program);
    if (first.service) facts.set('service', first.service);
    if (first.user) facts.set('user', first.user);
  } else split = declared.length > 0;
  if (destination.role?.config.application) facts.set('application', destination.role.config.application);
  for (const [name, value] of Object.entries(flow.facts ?? {})) facts.set(name as FactName, value);
  return { facts, split };
}
