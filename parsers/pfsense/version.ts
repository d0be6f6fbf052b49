/**
 * `<version>` is the revision of the configuration, not of the product: 8.0 = 2.0, 9.8..10.1 = 2.1, 12.0 = 2.2,
 * 15.x = 2.3, 17..18.x = 2.4.0..2.4.4, 19.1 = 2.4.5, 21.7 = 2.5.2, 22.2 = 2.6.0, 22.9 = 2.7.0, 23.3 = 2.7.2, 24.x = 2.8.
 * Behaviour is chosen by numeric comparison only, since edited files carry numbers of every kind.
 */
export interface Behaviour {
  readonly revision: number;
  /** 1.2: wan and lan have no `enable`, they are on. */
  readonly wanAndLanAlwaysOn: boolean;
  /** 1.2: port forwards state `external-port` and apply to the interface's address. */
  readonly oldPortForwards: boolean;
  /** Before 2.1 rules carry no address family. */
  readonly noFamilyKeyword: boolean;
  /** Interface groups are evaluated before interface tabs (2.1 and later). */
  readonly groupsBeforeTabs: boolean;
  /** Link-local IPv4 is blocked; virtual addresses belong to `lan net`; `(self)` exists (2.2 and later). */
  readonly since22: boolean;
  /** A port that cannot be resolved drops the rule (2.3 and later); before, the rule covers every port. */
  readonly unresolvedPortDrops: boolean;
  /** 2.3 to 2.6.0: also a stale port of a rule whose protocol has none. */
  readonly stalePortDrops: boolean;
  /** Up to 2.5.1 a floating rule whose interfaces are all unknown applies to all interfaces. */
  readonly emptyFloatingIsEverywhere: boolean;
  /** Up to 2.6.0 CARP is passed when any virtual address exists or synchronisation is configured. */
  readonly carpForAnyVirtualAddress: boolean;
  /** Up to 2.6.0 anti-lockout needs a filled `<webgui>`. */
  readonly antiLockoutNeedsWebgui: boolean;
  /** The words "any" as interface and protocol are understood (2.7.0 and later). */
  readonly anyWord: boolean;
  /** Interface networks are tables, groups have networks, SCTP has ports, URL aliases must be URLs (2.7.1 and later). */
  readonly since271: boolean;
  /** 2.7.1 and 2.7.2: those tables lack IPv6 parts. */
  readonly tablesLackIpv6: boolean;
  /** Before 2.4.4 a flag on the gateway itself makes it the default gateway; later it is not read. */
  readonly defaultGatewayFlag: boolean;
  /** 2.8 and later: reserved alias names; group tabs may be ordered by the group list. */
  readonly since28: boolean;
}

/** Revision assumed when the file names none that can be read: 2.7.2. */
export const MODERN = 23.3;

export function behaviourOf(versionText: string | undefined): Behaviour {
  const parsed = versionText && /^[0-9]{1,4}(\.[0-9]{1,4})?/.exec(versionText)?.[0];
  const revision = parsed ? Number(parsed) : MODERN;
  return {
    revision,
    wanAndLanAlwaysOn: revision < 6.1,
    oldPortForwards: revision < 6.2,
    noFamilyKeyword: revision < 9,
    groupsBeforeTabs: revision >= 9,
    since22: revision >= 11,
    unresolvedPortDrops: revision >= 13,
    stalePortDrops: revision >= 13 && revision <= 22.2,
    emptyFloatingIsEverywhere: revision < 21.7,
    carpForAnyVirtualAddress: revision <= 22.2,
    antiLockoutNeedsWebgui: revision <= 22.2,
    anyWord: revision > 22.2,
    since271: revision > 22.9,
    tablesLackIpv6: revision > 22.9 && revision <= 23.3,
    defaultGatewayFlag: revision < 18,
    since28: revision > 23.3,
  };
}
