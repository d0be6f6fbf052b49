/** Forms that are recognised and not read by this version: each refusal says what to export instead. */
import { RefusedError } from '../../src/source/diagnostic.js';
import type { Source } from '../../src/source/span.js';
import type { Form } from '../types.js';
import { EXPORT_HINT } from './export-help.js';
import {
  detectClixml,
  detectFormatList,
  detectFormatTable,
  detectGpReport,
  detectHive,
  detectInventoryCsv,
  detectJson,
  detectLocalisedNetsh,
  detectMmcList,
  detectNoDirectionCsv,
  detectReg,
  detectRegistryPol,
  detectRegQuery,
} from './signatures.js';

interface UnreadForm extends Form {
  /** Why nothing trustworthy can be read. */
  readonly refusal: string;
}

const NOT_YET = 'recognised, not read by this version';
const unread = (id: string, title: string, command: string, refusal: string, detect: Form['detect']): UnreadForm => ({
  id,
  title,
  recognisedOnly: true,
  command,
  refusal,
  detect,
});

export const UNREAD_FORMS: readonly UnreadForm[] = [
  unread(
    'windows-inventory-csv',
    'inventory of rules as CSV',
    'Get-NetFirewallRule | Export-Csv',
    'an inventory of rules: no ports or addresses exported',
    detectInventoryCsv,
  ),
  unread(
    'windows-csv-without-direction',
    'rules as CSV without directions',
    'Export-Csv of selected columns',
    'no Direction column: which rules are inbound and which outbound is not exported',
    detectNoDirectionCsv,
  ),
  unread(
    'windows-format-list',
    'rules as a property list',
    'Get-NetFirewallRule | Format-List',
    'a property list of rules: no ports or addresses exported',
    detectFormatList,
  ),
  unread(
    'windows-format-table',
    'rules as a console table',
    'Get-NetFirewallRule | Format-Table',
    'a console table of rules: columns are cut off, no ports or addresses exported',
    detectFormatTable,
  ),
  unread(
    'windows-mmc-list',
    'list of the firewall console',
    'wf.msc, Export List...',
    'a list of the firewall console: it holds no direction, no service and no ICMP types',
    detectMmcList,
  ),
  unread(
    'windows-netsh-localised',
    'netsh rules in another language',
    'netsh advfirewall firewall show rule name=all',
    'localised netsh output: direction and action are translated and not guessed; export with PowerShell',
    detectLocalisedNetsh,
  ),
  unread('windows-reg', 'registry export', 'reg export', `a registry export: ${NOT_YET}`, detectReg),
  unread('windows-reg-query', 'registry query', 'reg query /s', `output of reg query: ${NOT_YET}`, detectRegQuery),
  unread(
    'windows-hive',
    'registry hive or .wfw policy',
    'netsh advfirewall export',
    `a registry hive or .wfw policy: ${NOT_YET}`,
    detectHive,
  ),
  unread(
    'windows-registry-pol',
    'Registry.pol',
    'SYSVOL, Machine\\Registry.pol',
    `a Registry.pol of Group Policy: ${NOT_YET}`,
    detectRegistryPol,
  ),
  unread(
    'windows-gpreport',
    'Group Policy report',
    'Get-GPOReport -ReportType Xml',
    `a Group Policy report: ${NOT_YET}`,
    detectGpReport,
  ),
  unread('windows-clixml', 'PowerShell CLIXML', 'Export-Clixml', `PowerShell CLIXML: ${NOT_YET}`, detectClixml),
  unread('windows-json', 'rules or policies as JSON', 'ConvertTo-Json, Intune', `JSON of firewall rules: ${NOT_YET}`, detectJson),
];

/** @throws RefusedError when `form` is one of UNREAD_FORMS. */
export function refuseUnread(source: Source, form: string): void {
  const unreadForm = UNREAD_FORMS.find((each) => each.id === form);
  if (unreadForm) throw new RefusedError(unreadForm.refusal, { file: source.name, line: 1, column: 1, hint: EXPORT_HINT });
}
