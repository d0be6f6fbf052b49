/** A flowgap.yaml to start from: every actor of the pages, with what the exports call similar things. */

import type { Firewall } from '../model/firewall.js';
import type { StatedFlow } from '../model/requirement.js';
import type { RequirementImport } from '../requirements/index.js';
import { formatAddresses } from '../sets/ip.js';
import { bindEnd } from './bind.js';
import type { Config, DeviceConfig } from './config.js';
import { NO_NAMES } from './names.js';

export interface Proposal {
  readonly pages: readonly RequirementImport[];
  /** What the command line stated, as a configuration; a host device may lack `host`. */
  readonly config: Config;
  /** The firewall of each device, by name. */
  readonly firewalls: ReadonlyMap<string, Firewall>;
}

/** Quoted wherever plain YAML could read it as something else. */
const text = (value: string): string =>
  /^[A-Za-z][A-Za-z0-9 _./-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|any)$/i.test(value) && !/\s$/.test(value)
    ? value
    : JSON.stringify(value);

const words = (name: string): string[] =>
  name
    .toLowerCase()
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1)
    .map((word) => word.replace(/s$/, ''));

/** Objects of the exports whose names share words with the actor's or spell its initials, best first. */
export function similarObjects(
  actor: string,
  firewalls: readonly Firewall[],
): readonly { readonly name: string; readonly addresses: string }[] {
  const mine = words(actor);
  const initials = mine.map((word) => word[0]).join('');
  const scored = firewalls.flatMap((firewall) =>
    (firewall.objects ?? []).map(({ name, addresses }) => {
      const theirs = words(name);
      const shared = mine.filter((word) =>
        theirs.some((other) => other === word || (word.length > 3 && other.startsWith(word.slice(0, 4)))),
      ).length;
      const short = initials.length > 1 && theirs.some((word) => word === initials) ? 1 : 0;
      return { name, addresses: formatAddresses(addresses).slice(0, 8).join(', '), score: shared + short };
    }),
  );
  return scored
    .filter((one) => one.score > 0 && one.addresses !== '')
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
    .slice(0, 3);
}

/** A value in YAML's flow style. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    return entries.length === 0 ? '{}' : `{ ${entries.map(([key, one]) => `${text(key)}: ${flow(one)}`).join(', ')} }`;
  }
  return typeof value === 'string' ? text(value) : String(value);
}

function roleLines(actor: string, proposal: Proposal): string[] {
  const role = proposal.config.roles?.[actor] ?? {};
  const taken = new Set(role.aliases ?? []);
  const lines = [`  ${text(actor)}: ${flow(role)}${role.addresses ? '' : '   # addresses: [...]'}`];
  const proposed = proposal.pages.flatMap((page) =>
    page.aliasProposals.filter((alias) => alias.like === actor).map((alias) => alias.actor),
  );
  for (const alias of new Set(proposed))
    if (!taken.has(alias))
      lines.push(
        `    # the page also writes ${text(alias)}: if it is the same, add aliases: [${text(alias)}] and delete that role`,
      );
  if (!role.addresses)
    for (const { name, addresses } of similarObjects(actor, [...proposal.firewalls.values()]))
      lines.push(`    # an export names "${name.replaceAll(/[\r\n]/g, ' ')}": [${addresses}]`);
  return lines;
}

function deviceLine(device: DeviceConfig, firewall: Firewall | undefined): string {
  const asks = firewall?.kind === 'host' && device.host === undefined;
  const profile =
    firewall?.links.kind === 'profile' && device.profile === undefined ? '   # profile: domain, private or public' : '';
  const line = `- ${flow(asks ? { ...device, host: 'ACTOR' } : device)}${profile}`;
  return asks ? `  # say whose host this is: ${line}` : `  ${line}`;
}

/** Addresses, `any` and what a page leaves unsaid are no roles. */
function isActor(name: string): boolean {
  const end = bindEnd(name, new Map(), NO_NAMES);
  return !end.any && end.addresses === undefined && !/^\(.*\)$/.test(name);
}

/** YAML that `flowgap audit` reads as it is, with the same answers: what is not known stands in comments. */
export function proposedConfig(proposal: Proposal): string {
  const { config, pages, firewalls } = proposal;
  const taken = new Set(Object.values(config.roles ?? {}).flatMap((role) => role.aliases ?? []));
  const actors = [...new Set(pages.flatMap((page) => page.actors.map((actor) => actor.name)))].filter(
    (name) => isActor(name) && !taken.has(name),
  );
  const lines = [
    '# Proposed by flowgap. Fill in the addresses of the roles; what is left empty stays "permitted if ... lies within ...".',
    'requirements:',
  ];
  if (pages.length === 0) lines.push("  - page: ports.md            # a vendor's page (Markdown, HTML), a CSV or a YAML file");
  for (const page of pages) {
    lines.push(`  - page: ${text(page.page)}`);
    const linesOf = (some: readonly StatedFlow[]): number[] => [...new Set(some.map((one) => one.line))];
    const review = page.flows.filter((one) => one.needsReview !== undefined);
    const crossings = linesOf(review.filter((one) => one.interpretable));
    const others = linesOf(review.filter((one) => !one.interpretable));
    if (crossings.length)
      lines.push(
        `    # interpret: [${crossings.map((line) => `{ line: ${line}, as: cross }`).join(', ')}]   # settle how these rows are read`,
      );
    if (others.length)
      lines.push(
        `    # ${others.length === 1 ? 'line' : 'lines'} ${others.join(', ')}: not read for sure; state these flows in a YAML of your own`,
      );
  }
  if (actors.length > 0) lines.push('', 'roles:');
  for (const actor of actors) lines.push(...roleLines(actor, proposal));
  lines.push('', 'devices:');
  if (config.devices.length === 0) lines.push('  - { name: edge, exports: [exports/edge.xml] }');
  for (const device of config.devices) lines.push(deviceLine(device, firewalls.get(device.name)));
  if (config.names !== undefined) lines.push('', `names: ${text(config.names)}`);
  if (config.assume?.length) lines.push('', `assume: ${flow(config.assume)}`);
  return `${lines.join('\n')}\n`;
}
