/** The roles of a configuration: shared ones, and those of each page. */
import { RefusedError } from '../source/diagnostic.js';
import { actorKey, makeRole, type Role, rolesByName } from './bind.js';
import type { Config, LoadedConfig } from './config.js';
import type { Names } from './names.js';

export interface Roles {
  readonly all: readonly Role[];
  /** Every role by its spellings, whatever page it stands under. */
  readonly everywhere: ReadonlyMap<string, Role>;
  /** For each entry of `requirements`: shared roles, and its own, which win. */
  readonly ofPage: readonly ReadonlyMap<string, Role>[];
}

type KeyPath = readonly (string | number)[];

/** @throws RefusedError for addresses that are none, and where two roles go by one name. */
export function rolesOf(loaded: LoadedConfig<Config>, names: Names, file: string): Roles {
  const config = loaded.value;
  const read = (stated: Config['roles'], path: KeyPath): readonly Role[] => {
    const roles = Object.entries(stated ?? {}).map(([name, role]) => makeRole(name, role, names, file));
    refuseSharedSpelling(roles, (name) => ({ file, ...loaded.placeOf([...path, name]) }));
    return roles;
  };
  const shared = read(config.roles, ['roles']);
  const perPage = config.requirements.map((entry, i) => read(entry.roles, ['requirements', i, 'roles']));
  const everywhere = rolesByName([...shared, ...perPage.flat()]);
  refuseAmbiguousHosts(loaded, [shared, ...perPage], file);
  return {
    all: [...shared, ...perPage.flat()],
    everywhere,
    ofPage: perPage.map((roles) => rolesByName([...shared, ...roles])),
  };
}

const spellings = (role: Role): readonly string[] => [role.name, ...(role.config.aliases ?? [])].map(actorKey);

/** Of two roles with one name either could be meant: the flows of the other would never be judged. */
function refuseSharedSpelling(
  roles: readonly Role[],
  placeOf: (name: string) => { file: string; line: number; column: number },
): void {
  const taken = new Map<string, Role>();
  for (const role of roles)
    for (const spelling of spellings(role)) {
      const other = taken.get(spelling);
      if (other && other !== role)
        throw new RefusedError(`the roles "${other.name}" and "${role.name}" both go by "${spelling}"`, {
          ...placeOf(role.name),
          hint: 'Take the alias from one of them, or make one role of both.',
        });
      taken.set(spelling, role);
    }
}

/** A device protects one role: a name that means other addresses on another page does not tell which. */
function refuseAmbiguousHosts(loaded: LoadedConfig<Config>, scopes: readonly (readonly Role[])[], file: string): void {
  loaded.value.devices.forEach(({ host }, i) => {
    if (host === undefined) return;
    const meant = scopes.flatMap((roles) => roles.filter((role) => spellings(role).includes(actorKey(host))));
    if (new Set(meant.map((role) => JSON.stringify(role.config.addresses ?? role.config.names ?? []))).size > 1)
      throw new RefusedError(`host: "${host}" is a role of several pages, with different addresses`, {
        file,
        ...loaded.placeOf(['devices', i, 'host']),
        hint: 'Give the addresses of the host in place of the role.',
      });
  });
}
