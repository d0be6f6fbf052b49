/** A flowgap.yaml to start from: every actor of the pages, with what the exports call similar things. */
import type { Firewall } from '../model/firewall.js';
import type { RequirementImport } from '../requirements/index.js';
import { formatAddresses } from '../sets/ip.js';

export interface Proposal {
  readonly pages: readonly RequirementImport[];
  readonly devices: readonly { readonly name: string; readonly exports: readonly string[]; readonly firewall: Firewall }[];
  /** Actor -> addresses, as far as the user said. */
  readonly bound: ReadonlyMap<string, string>;
  /** Actor whose host the host exports protect. */
  readonly host: string | undefined;
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

function roleLines(actor: string, proposal: Proposal): string[] {
  const addresses = proposal.bound.get(actor);
  const aliases = proposal.pages.flatMap((page) =>
    page.aliasProposals.filter((alias) => alias.like === actor).map((alias) => alias.actor),
  );
  const known =
    addresses === undefined
      ? ''
      : ` addresses: [${addresses
          .split(/[,;]\s*/)
          .map(text)
          .join(', ')}] `;
  const lines = [`  ${text(actor)}: {${known}}`];
  if (addresses === undefined) lines[0] += '   # addresses: [...]';
  for (const alias of new Set(aliases))
    lines.push(
      `    # the page also writes ${text(alias)}: if it is the same, add aliases: [${text(alias)}] and delete that role`,
    );
  if (addresses === undefined)
    for (const { name, addresses: candidate } of similarObjects(
      actor,
      proposal.devices.map((device) => device.firewall),
    ))
      lines.push(`    # an export names "${name.replaceAll(/[\r\n]/g, ' ')}": [${candidate}]`);
  return lines;
}

/** YAML that `flowgap audit` reads as it is: what is not known stands in comments. */
export function proposedConfig(proposal: Proposal): string {
  const actors = [...new Set(proposal.pages.flatMap((page) => page.actors.map((actor) => actor.name)))].filter(
    (name) => !/^any$/i.test(name),
  );
  const lines = [
    '# Proposed by flowgap. Fill in the addresses of the roles; what is left empty stays "permitted if ... lies within ...".',
    'requirements:',
  ];
  for (const page of proposal.pages) {
    lines.push(`  - page: ${text(page.page)}`);
    const review = [...new Set(page.flows.filter((flow) => flow.needsReview !== undefined).map((flow) => flow.line))];
    if (review.length)
      lines.push(
        `    # interpret: [${review.map((line) => `{ line: ${line}, as: cross }`).join(', ')}]   # settle how these rows are read`,
      );
  }
  lines.push('', 'roles:');
  for (const actor of actors) lines.push(...roleLines(actor, proposal));
  lines.push('', 'devices:');
  for (const { name, exports, firewall } of proposal.devices) {
    const host = firewall.kind === 'host' ? `, host: ${proposal.host === undefined ? 'ACTOR' : text(proposal.host)}` : '';
    const profile = firewall.links.kind === 'profile' ? ', profile: domain' : '';
    lines.push(
      `${host.endsWith('ACTOR') ? '  # say whose host this is: ' : '  '}- { name: ${text(name)}, exports: [${exports.map(text).join(', ')}]${host}${profile} }`,
    );
  }
  return `${lines.join('\n')}\n`;
}
