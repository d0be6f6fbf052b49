/** Statements of the configuration that nothing uses: likely misspelt. */
import type { Device } from '../analysis/view.js';
import type { StatedFlow } from '../model/requirement.js';
import type { RequirementResult } from '../model/result.js';
import { isEmptyAddresses, unionAddresses } from '../sets/address.js';
import type { Diagnostic } from '../source/diagnostic.js';
import { actorKey } from './bind.js';
import type { Config, LoadedConfig } from './config.js';
import type { AuditRequirement } from './demands.js';

/** Declared facts that no rule on the way asks for: misspelt, or stated at the wrong end. */
export function unusedFacts(requirements: readonly AuditRequirement[], results: readonly RequirementResult[]): Diagnostic[] {
  return requirements.flatMap((requirement, i) => {
    const used = new Set(results[i]?.facts ?? []);
    return [...requirement.facts]
      .map(([name, value]) => `${name}=${value}`)
      .filter((fact) => !used.has(fact))
      .map((fact) => ({
        severity: 'info' as const,
        code: 'unused-fact',
        message: `the fact ${fact} is declared for "${requirement.flow.serviceText}", but no rule that these packets meet asks for it`,
        file: requirement.flow.page,
        line: requirement.flow.line,
      }));
  });
}

/** Hosts among several devices that nobody places: they are in no flow's way, and their rules decide nothing. */
export function unplacedHosts(devices: readonly Device[]): readonly Device[] {
  // A host that forwards has its place by what lies behind its links.
  const forwards = ({ firewall, zones }: Device): boolean => firewall.routes !== undefined || zones.size > 0;
  const isHost = ({ firewall, host, actor }: Device): boolean =>
    firewall.kind === 'host' && actor === undefined && isEmptyAddresses(unionAddresses(host, firewall.ownAddresses));
  return devices.filter((device) => isHost(device) && !forwards(device));
}

export const unplacedWarnings = (devices: readonly Device[]): readonly Diagnostic[] =>
  unplacedHosts(devices).map(({ name, firewall }) => ({
    severity: 'warning',
    code: 'unplaced-host',
    message: `nobody says whose host ${name} is, so its rules decide nothing; say which addresses it has (--given) or state a direction`,
    ...(firewall.files[0] === undefined ? {} : { file: firewall.files[0] }),
  }));

/** Roles and devices of paths that nothing uses: likely misspelt. */
export function unusedStatements(
  config: Config,
  loaded: LoadedConfig<Config>,
  flows: readonly StatedFlow[],
  devices: readonly Device[],
  file: string,
): Diagnostic[] {
  const out: Diagnostic[] = [];
  const used = new Set(flows.flatMap((flow) => [actorKey(flow.source.text), actorKey(flow.destination.text)]));
  const hosts = new Set(config.devices.flatMap((device) => (device.host === undefined ? [] : [actorKey(device.host)])));
  const look = (roles: Config['roles'], path: (string | number)[]): void => {
    for (const [name, role] of Object.entries(roles ?? {})) {
      const spellings = [name, ...(role.aliases ?? [])].map(actorKey);
      if (spellings.some((s) => used.has(s) || hosts.has(s))) continue;
      out.push({
        severity: 'warning',
        code: 'unused-role',
        message: `role "${name}" is named by no requirement and no device`,
        file,
        ...loaded.placeOf([...path, name]),
      });
    }
  };
  look(config.roles, ['roles']);
  config.requirements.forEach((entry, i) => {
    look(entry.roles, ['requirements', i, 'roles']);
  });
  config.paths?.forEach(({ through }, i) => {
    for (const name of through)
      if (
        !devices.some((device) => device.name === name || device.name.startsWith(`${name}/`)) &&
        !config.devices.some((device) => device.name === name)
      )
        out.push({
          severity: 'warning',
          code: 'unknown-device',
          message: `paths: "${name}" is no device; its flows are unknown`,
          file,
          ...loaded.placeOf(['paths', i, 'through']),
        });
  });
  return out;
}
