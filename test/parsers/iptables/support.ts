/** Short ways from the text of a dump to a firewall. */
import { createHash } from 'node:crypto';
import { iptables } from '../../../parsers/iptables/index.js';
import type { Given } from '../../../parsers/types.js';
import type { Firewall, Rule } from '../../../src/model/firewall.js';
import type { AddressSet } from '../../../src/sets/address.js';
import { parseAddressSet } from '../../../src/sets/ip.js';
import { RefusedError } from '../../../src/source/diagnostic.js';
import type { Source } from '../../../src/source/span.js';

export function sourceOf(text: string, name = 'dump.rules'): Source {
  const bytes = new TextEncoder().encode(text);
  return { name, text, bytes, encoding: 'utf-8', sha256: createHash('sha256').update(bytes).digest('hex') };
}

export function firewallOf(text: string, given: Given = {}, form = 'iptables-save'): Firewall {
  const [firewall] = iptables.parse([{ source: sourceOf(text), form }], given);
  if (!firewall) throw new Error('no firewall');
  return firewall;
}

export function addresses(text: string): AddressSet {
  const set = parseAddressSet(text);
  if (!set) throw new Error(`no address: ${text}`);
  return set;
}

/** Accepts what belongs to a connection, in both directions: the `EST` of the trap tests. */
export const EST = ['INPUT', 'FORWARD', 'OUTPUT'].map(
  (chain) => `-A ${chain} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
);

export interface Policies {
  readonly INPUT?: string;
  readonly FORWARD?: string;
  readonly OUTPUT?: string;
}

/** A filter table with the other tables present and empty. */
export function filter(policies: Policies, rules: readonly string[], chains: readonly string[] = []): string {
  return [...EMPTY_TABLES, table('filter', policies, rules, chains)].join('\n');
}

const HOOKS: ReadonlyMap<string, readonly string[]> = new Map([
  ['raw', ['PREROUTING', 'OUTPUT']],
  ['mangle', ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']],
  ['nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING']],
  ['security', ['INPUT', 'FORWARD', 'OUTPUT']],
  ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
]);

export function table(
  name: string,
  policies: Readonly<Record<string, string | undefined>> | Policies,
  rules: readonly string[],
  chains: readonly string[] = [],
): string {
  const policyOf = (hook: string): string => (policies as Record<string, string | undefined>)[hook] ?? 'ACCEPT';
  const lines = (HOOKS.get(name) ?? []).map((hook) => `:${hook} ${policyOf(hook)} [0:0]`);
  return [`*${name}`, ...lines, ...chains.map((chain) => `:${chain} - [0:0]`), ...rules, 'COMMIT', ''].join('\n');
}

export const EMPTY_TABLES = ['raw', 'mangle', 'nat', 'security'].map((name) => table(name, {}, []));

/** All tables, those given in place of the empty ones. */
export function dump(tables: Readonly<Record<string, string>>): string {
  return [...HOOKS.keys()].map((name) => tables[name] ?? table(name, {}, [])).join('\n');
}

export function rules(firewall: Firewall, list: string): readonly Rule[] {
  const found = firewall.lists.get(list);
  if (!found) throw new Error(`no list ${list}; there are ${[...firewall.lists.keys()].join(', ')}`);
  return found.rules;
}

/** The refusal of a text, or undefined when it is read. */
export function refusal(text: string): RefusedError | undefined {
  try {
    firewallOf(text);
    return undefined;
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
}
