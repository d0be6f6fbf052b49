/** What the exports of Windows Firewall hold, in the vendor's own words; nothing is interpreted here. */
import type { Diagnostic } from '../../src/source/diagnostic.js';
import type { Source, Span } from '../../src/source/span.js';

/** Fields of a rule, by the property names of the NetSecurity module. */
export const RULE_FIELDS = [
  'id',
  'name',
  'description',
  'group',
  'enabled',
  'profile',
  'platform',
  'direction',
  'action',
  'localAddress',
  'remoteAddress',
  'dynamicKeywordAddresses',
  'protocol',
  'localPort',
  'remotePort',
  'icmpType',
  'dynamicTarget',
  'program',
  'package',
  'packageFamilyName',
  'policyAppId',
  'service',
  'interfaceAlias',
  'interfaceType',
  'owner',
  'localUser',
  'remoteUser',
  'remoteMachine',
  'authentication',
  'encryption',
  'overrideBlockRules',
  'store',
  'storeType',
  'primaryStatus',
  'statusCode',
  'computer',
  /** netsh only: `Security:` of the verbose form. */
  'security',
  /** Read and kept, without effect on verdicts. */
  'ignored',
] as const;
export type RuleField = (typeof RULE_FIELDS)[number];

export type RuleForm = 'csv' | 'netsh-short' | 'netsh-verbose';

export interface WindowsRule {
  /** From 1, in the order of the export. */
  readonly ordinal: number;
  readonly form: RuleForm;
  readonly span: Span;
  /** Text as exported, trimmed. An absent field is not in the export (or, in netsh text, its line is absent). */
  readonly fields: Readonly<Partial<Record<RuleField, string>>>;
  /** What of the row or block could not be read at all; each makes the whole rule uncertain. */
  readonly problems: readonly string[];
}

/** Settings of one profile; an absent one is not in the export. */
export interface ProfileSettings {
  readonly enabled?: boolean;
  readonly inbound?: 'block' | 'allow';
  /** `BlockInboundAlways`, AllowInboundRules False: allow rules do not count. */
  readonly shieldsUp?: boolean;
  readonly outbound?: 'block' | 'allow';
  /** Whether rules of the local store count; absent: the export cannot tell. */
  readonly localRules?: boolean;
  /** Interfaces that the firewall leaves alone. */
  readonly disabledInterfaces?: readonly string[];
  readonly span: Span;
}

export const PROFILES = ['domain', 'private', 'public'] as const;
export type ProfileName = (typeof PROFILES)[number];

/** `active`: the sum in force; `local`: one host's own store; `group-policy`: GPO rules alone. */
export type StoreKind = 'active' | 'local' | 'group-policy';

export interface RuleExport {
  readonly source: Source;
  readonly rules: readonly WindowsRule[];
  readonly store: StoreKind;
  /** Why `store` is what it is, for people. */
  readonly storeReason: string;
  /** Columns that the export lacks though they can narrow a rule. CSV only. */
  readonly missingColumns: readonly RuleField[];
  /** Why rules at the end may be missing; absent: the export is whole. */
  readonly cutOff?: string;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ProfileExport {
  readonly source: Source;
  /** In force; of the local store, which Group Policy may override; of the store that netsh is attached to. */
  readonly store: 'active' | 'local' | 'attached';
  readonly profiles: ReadonlyMap<ProfileName, ProfileSettings>;
  readonly diagnostics: readonly Diagnostic[];
}
