/** What an export is, from its content alone. */
import type { Source } from '../../src/source/span.js';
import type { Detection } from '../types.js';
import { readHeader, SCOPE_FIELDS } from './columns.js';
import { isProfileHeader } from './extract-csv.js';

/** Signatures stand near the head; consoles may print something before. */
const HEAD = 65_536;
const head = (source: Source): string => source.text.slice(0, HEAD);
const found = (score: number, reason: string): Detection => ({ score, reason });

const startsWithBytes = (source: Source, ascii: string): boolean =>
  source.bytes.length >= ascii.length && [...ascii].every((character, i) => source.bytes[i] === character.charCodeAt(0));

const RULE_BLOCK = /^Rule Name:[^\n]*\n-{20,}/m;
const PROFILE_BLOCK = /^(?:Domain|Private|Public) Profile Settings:[^\n]*\n-{20,}/m;

export const detectNetshRules = (source: Source): Detection | undefined => {
  if (RULE_BLOCK.test(source.text)) return found(0.95, '"Rule Name:" above a line of hyphens');
  return /^No rules match the specified criteria\./m.test(head(source))
    ? found(0.6, '"No rules match the specified criteria."')
    : undefined;
};

export const detectNetshProfiles = (source: Source): Detection | undefined =>
  PROFILE_BLOCK.test(head(source)) && !RULE_BLOCK.test(source.text)
    ? found(0.92, '"Profile Settings:" above a line of hyphens')
    : undefined;

type CsvKind = 'joined' | 'inventory' | 'no-direction' | 'profiles' | 'mmc';

function csvKind(source: Source): CsvKind | undefined {
  const header = readHeader(source.text);
  if (!header || header.headings.length < 2) return undefined;
  const { columns, headings, delimiter } = header;
  if (headings.includes('localaddress') && headings.includes('override') && delimiter !== ';') return 'mmc';
  if (delimiter === '\t' && ['name', 'group', 'profile', 'enabled', 'action'].every((heading) => headings.includes(heading)))
    return columns.has('direction') ? 'joined' : 'mmc';
  if (isProfileHeader(header) && headings.includes('name')) return 'profiles';
  if (!columns.has('action') || !(columns.has('name') || columns.has('id'))) return undefined;
  const known = ['direction', 'enabled', 'profile', 'localPort', 'remoteAddress', 'localAddress', 'program'] as const;
  const hits = known.filter((field) => columns.has(field)).length;
  if (hits === 0) return undefined;
  const scope = SCOPE_FIELDS.some((field) => field !== 'protocol' && columns.has(field));
  if (!scope) return hits >= 2 || columns.has('direction') ? 'inventory' : undefined;
  if (columns.has('direction')) return hits >= 2 ? 'joined' : undefined;
  return hits >= 3 ? 'no-direction' : undefined;
}

const csv =
  (kind: CsvKind, score: number, reason: string) =>
  (source: Source): Detection | undefined =>
    csvKind(source) === kind ? found(score, reason) : undefined;

export const detectJoinedCsv = csv('joined', 0.93, 'columns of firewall rules with direction, action and ports or addresses');
export const detectProfileCsv = csv('profiles', 0.93, 'columns of Get-NetFirewallProfile');
export const detectInventoryCsv = csv('inventory', 0.9, 'columns of Get-NetFirewallRule without ports and addresses');
export const detectNoDirectionCsv = csv('no-direction', 0.9, 'columns of firewall rules without a direction');
export const detectMmcList = csv('mmc', 0.92, 'columns of "Export List..." of the firewall console');

export function detectFormatList(source: Source): Detection | undefined {
  const text = head(source);
  const labels =
    /^(?:DisplayName|Direction|Action|Enabled|Profile|InstanceID|EdgeTraversalPolicy|PolicyStoreSource)[ \t]*:[ \t]/gm;
  const seen = new Set((text.match(labels) ?? []).map((label) => label.replace(/[ \t:]/g, '')));
  return seen.has('Action') && seen.has('Direction') && seen.size >= 3
    ? found(0.9, 'properties of Get-NetFirewallRule as a list')
    : undefined;
}

export function detectFormatTable(source: Source): Detection | undefined {
  const lines = head(source).split('\n', 200);
  const at = lines.findIndex((line, i) => /^[-\s]+$/.test(line) && line.includes('---') && /\bAction\b/.test(lines[i - 1] ?? ''));
  const heading = lines[at - 1] ?? '';
  return at > 0 && /\b(?:Direction|Enabled|DisplayName)\b/.test(heading)
    ? found(0.9, 'Get-NetFirewallRule as a table')
    : undefined;
}

/** Hyphens under a line with a colon, and no English label: translated netsh output. */
export function detectLocalisedNetsh(source: Source): Detection | undefined {
  const text = head(source);
  if (RULE_BLOCK.test(text) || PROFILE_BLOCK.test(text)) return undefined;
  return /^[^\s:：-][^:：\n]{0,60}[:：][^\n]{0,400}\n-{60,80}\r*\n(?:[^\n:：]{1,60}[:：][^\n]{0,400}\n){4}/m.test(text)
    ? found(0.8, 'blocks of netsh output in another language')
    : undefined;
}

export const detectReg = (source: Source): Detection | undefined =>
  /^\uFEFF?(?:Windows Registry Editor Version 5\.00|REGEDIT4)\s*$/m.test(source.text.slice(0, 200))
    ? found(0.95, 'starts with the heading of a registry export')
    : undefined;

export const detectRegQuery = (source: Source): Detection | undefined =>
  /^ {4}\S[^\n]* {4}REG_SZ {4}v\d+\.\d+\|/im.test(head(source)) ? found(0.9, 'registry values of firewall rules') : undefined;

export const detectHive = (source: Source): Detection | undefined =>
  startsWithBytes(source, 'regf') ? found(0.95, 'starts with regf, a registry hive (.wfw or SYSTEM)') : undefined;

export const detectRegistryPol = (source: Source): Detection | undefined =>
  startsWithBytes(source, 'PReg') ? found(0.95, 'starts with PReg, a Registry.pol') : undefined;

export const detectGpReport = (source: Source): Detection | undefined =>
  /<(?:GPO|Rsop|report)\b[^>]{0,400}GroupPolicy/i.test(head(source)) ? found(0.95, 'a Group Policy report') : undefined;

export const detectClixml = (source: Source): Detection | undefined =>
  /^\uFEFF?\s*(?:#< CLIXML\s*)?<Objs\b[^>]{0,400}schemas\.microsoft\.com\/powershell/i.test(source.text.slice(0, 1000))
    ? found(0.95, 'starts with <Objs> of PowerShell')
    : undefined;

export function detectJson(source: Source): Detection | undefined {
  const text = head(source);
  if (!/^\uFEFF?\s*[[{]/.test(text.slice(0, 100))) return undefined;
  if (
    /"(?:CreationClassName|InstanceID|DisplayName|Name)"\s*:/.test(text) &&
    /"Direction"\s*:/.test(text) &&
    /"Action"\s*:/.test(text)
  )
    return found(0.9, 'JSON of Get-NetFirewallRule');
  return /WindowsFirewall|firewall_mdmstore|windowsFirewallRule|MpsSvc/i.test(text)
    ? found(0.85, 'JSON of firewall policies (Intune)')
    : undefined;
}
