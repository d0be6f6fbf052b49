/** Small exports of one host, made up for the tests: 10.0.0.5/24, firewall on, block in, allow out. */

import type { Given } from '../../../parsers/types.js';
import { windows } from '../../../parsers/windows/index.js';
import type { Firewall } from '../../../src/model/firewall.js';
import { type AddressSet, NO_ADDRESS } from '../../../src/sets/address.js';
import { parseAddressSet } from '../../../src/sets/ip.js';
import type { Source } from '../../../src/source/span.js';
import { type JudgeOptions, judgeFlow } from '../../support/judge.js';

export const sourceOf = (text: string, name = 'app01.csv'): Source => ({
  name,
  text,
  bytes: new TextEncoder().encode(text),
  encoding: 'utf-8',
  sha256: '',
});

export const addresses = (text: string): AddressSet => parseAddressSet(text) ?? NO_ADDRESS;

/** Columns of Export-FirewallRules (module Firewall-Manager). */
const COLUMNS = {
  Name: 'rule',
  DisplayName: 'A rule',
  Description: '',
  Group: '',
  Enabled: 'True',
  Profile: 'Any',
  Platform: '',
  Direction: 'Inbound',
  Action: 'Allow',
  EdgeTraversalPolicy: 'Block',
  LooseSourceMapping: 'False',
  LocalOnlyMapping: 'False',
  Owner: '',
  LocalAddress: 'Any',
  RemoteAddress: 'Any',
  Protocol: 'Any',
  LocalPort: 'Any',
  RemotePort: 'Any',
  IcmpType: 'Any',
  DynamicTarget: 'Any',
  Program: 'Any',
  Package: '',
  Service: 'Any',
  InterfaceAlias: 'Any',
  InterfaceType: 'Any',
  LocalUser: 'Any',
  RemoteUser: 'Any',
  RemoteMachine: 'Any',
  Authentication: 'NotRequired',
  Encryption: 'NotRequired',
  OverrideBlockRules: 'False',
};
export type Column = keyof typeof COLUMNS | 'PolicyStoreSource' | 'PolicyStoreSourceType';
export type Row = Partial<Record<Column, string>>;

const quoted = (cell: string): string => (/[";,\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** A joined CSV; every column that no row names has the value of an unrestricted rule. */
export function csv(rows: readonly Row[], { delimiter = ';', without = [] as readonly Column[] } = {}): string {
  const extra = (['PolicyStoreSource', 'PolicyStoreSourceType'] as const).filter((column) =>
    rows.some((row) => row[column] !== undefined),
  );
  const columns = [...(Object.keys(COLUMNS) as Column[]), ...extra].filter((column) => !without.includes(column));
  const defaults: Row = { ...COLUMNS, PolicyStoreSource: 'PersistentStore', PolicyStoreSourceType: 'Local' };
  const line = (row: Row, i: number): string =>
    columns
      .map((column) => quoted(row[column] ?? (column === 'Name' ? `rule-${i + 1}` : (defaults[column] ?? ''))))
      .join(delimiter);
  return [columns.join(delimiter), ...rows.map(line), ''].join('\r\n');
}

export interface ProfileText {
  readonly state?: string;
  readonly policy?: string;
  readonly local?: string;
}

const RULER = '-'.repeat(70);

/** `netsh advfirewall show allprofiles`. */
export function profiles(overrides: Partial<Record<'Domain' | 'Private' | 'Public', ProfileText>> = {}): string {
  const one = (name: 'Domain' | 'Private' | 'Public'): string => {
    const { state = 'ON', policy = 'BlockInbound,AllowOutbound', local = 'N/A (GPO-store only)' } = overrides[name] ?? {};
    const pad = (label: string, value: string): string => `${label.padEnd(38)}${value}`;
    return [
      `\n${name} Profile Settings: `,
      RULER,
      pad('State', state),
      pad('Firewall Policy', policy),
      pad('LocalFirewallRules', local),
      pad('InboundUserNotification', 'Disable'),
      '',
      'Logging:',
      pad('MaxFileSize', '4096'),
      '',
    ].join('\n');
  };
  return `${one('Domain')}${one('Private')}${one('Public')}Ok.\n\n`;
}

export interface NetshRow {
  readonly name?: string;
  readonly direction?: 'In' | 'Out';
  readonly action?: 'Allow' | 'Block' | 'Bypass';
  readonly enabled?: 'Yes' | 'No';
  readonly profiles?: string;
  readonly group?: string;
  readonly remote?: string;
  readonly protocol?: string;
  readonly port?: string;
  readonly program?: string;
  readonly extra?: readonly string[];
}

export function netsh(rows: readonly NetshRow[], verbose = false): string {
  const label = (name: string, value: string): string => `${`${name}:`.padEnd(38)}${value}`;
  const block = (row: NetshRow): string => {
    const protocol = row.protocol ?? 'TCP';
    const ports =
      protocol === 'TCP' || protocol === 'UDP' ? [label('LocalPort', row.port ?? 'Any'), label('RemotePort', 'Any')] : [];
    return [
      '',
      label('Rule Name', row.name ?? 'Rule'),
      RULER,
      label('Enabled', row.enabled ?? 'Yes'),
      label('Direction', row.direction ?? 'In'),
      label('Profiles', row.profiles ?? 'Domain,Private,Public'),
      label('Grouping', row.group ?? ''),
      label('LocalIP', 'Any'),
      label('RemoteIP', row.remote ?? 'Any'),
      label('Protocol', protocol),
      ...(row.extra ?? []),
      ...ports,
      label('Edge traversal', 'No'),
      ...(verbose
        ? [
            ...(row.program ? [label('Program', row.program)] : []),
            label('InterfaceTypes', 'Any'),
            label('Security', 'NotRequired'),
            label('Rule source', 'Local Setting'),
          ]
        : []),
      label('Action', row.action ?? 'Allow'),
    ].join('\r\n');
  };
  return `${rows.map(block).join('\r\n')}\r\nOk.\r\n\r\n`;
}

export const DOMAIN: Given = { host: addresses('10.0.0.5'), profile: ['domain'] };

/** An outbound and a blocking rule, so that nothing is missing from the export. */
export const REST: readonly Row[] = [
  { Name: 'other-out', Direction: 'Outbound', Protocol: 'TCP', RemotePort: '7' },
  { Name: 'other-block', Direction: 'Inbound', Action: 'Block', Protocol: 'TCP', LocalPort: '7' },
];

export interface ReadOptions {
  readonly given?: Given;
  /** null: no profile settings beside the rules. */
  readonly profileText?: string | null;
}

/** Reads rules (CSV, or netsh text) with the profile settings beside them. */
export function read(rules: string, { given = DOMAIN, profileText = profiles() }: ReadOptions = {}): Firewall {
  const form = rules.includes('Rule Name:') ? 'windows-netsh-rules' : 'windows-powershell-csv';
  const inputs = [{ source: sourceOf(rules), form }];
  if (profileText !== null) inputs.push({ source: sourceOf(profileText, 'profiles.txt'), form: 'windows-netsh-profiles' });
  const [firewall] = windows.parse(inputs, given);
  if (!firewall) throw new Error('no firewall');
  return firewall;
}

export const fromRows = (rows: readonly Row[], options: ReadOptions = {}): Firewall => read(csv([...rows, ...REST]), options);

export const verdict = (firewall: Firewall, flow: string, options: JudgeOptions = {}): string =>
  judgeFlow(firewall, flow, options).verdict;
