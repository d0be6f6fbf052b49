/** Headings of PowerShell exports, in all spellings met, and what a set of headings amounts to. */
import { delimiterOf, readCsv } from './csv-text.js';
import type { RuleField } from './records.js';

const SPELLINGS: readonly (readonly [field: RuleField, headings: readonly string[]])[] = [
  ['id', ['instanceid', 'id', 'ruleid', 'name', 'rulename']],
  ['name', ['displayname', 'name', 'rulename']],
  ['description', ['description']],
  ['group', ['displaygroup', 'group', 'rulegroup', 'grouping']],
  ['enabled', ['enabled', 'active']],
  ['profile', ['profile', 'profiles']],
  ['platform', ['platform', 'platforms']],
  ['direction', ['direction', 'dir']],
  ['action', ['action']],
  ['localAddress', ['localaddress', 'localaddresses', 'localip']],
  ['remoteAddress', ['remoteaddress', 'remoteaddresses', 'remoteip']],
  ['dynamicKeywordAddresses', ['remotedynamickeywordaddresses', 'dynamickeywordaddresses']],
  ['protocol', ['protocol']],
  ['localPort', ['localport', 'localports']],
  ['remotePort', ['remoteport', 'remoteports']],
  ['icmpType', ['icmptype', 'icmptypes']],
  ['dynamicTarget', ['dynamictarget', 'dynamictransport']],
  ['program', ['program', 'application', 'applicationname']],
  ['package', ['package', 'applicationpackage']],
  ['packageFamilyName', ['packagefamilyname']],
  ['policyAppId', ['policyappid']],
  ['service', ['service', 'servicename']],
  ['interfaceAlias', ['interfacealias', 'interface', 'interfaces']],
  ['interfaceType', ['interfacetype', 'interfacetypes']],
  ['owner', ['owner']],
  ['localUser', ['localuser', 'localusers']],
  ['remoteUser', ['remoteuser', 'remoteusers']],
  ['remoteMachine', ['remotemachine', 'remotemachines']],
  ['authentication', ['authentication']],
  ['encryption', ['encryption']],
  ['overrideBlockRules', ['overrideblockrules']],
  ['store', ['policystoresource']],
  ['storeType', ['policystoresourcetype']],
  ['primaryStatus', ['primarystatus']],
  ['statusCode', ['statuscode']],
  ['computer', ['pscomputername', 'computername', 'systemname']],
];

/** Shown to people or describing the machine at export time; they decide nothing. */
const WITHOUT_EFFECT = new Set(
  (
    'caption elementname commonname edgetraversalpolicy loosesourcemapping lsm localonlymapping status enforcementstatus creationclassname ' +
    'systemcreationclassname policyrulename policykeywords policydecisionstrategy policyroles conditionlisttype executionstrategy ' +
    'mandatory priority ruleusage sequencedactions cimclass ciminstanceproperties cimsystemproperties runspaceid psshowcomputername ' +
    'statusdetails operationalstatus health healthstate communicationstatus detailedstatus operatingstatus installdate displaygroup group ' +
    'rulegroup name id instanceid ruleid rulename displayname profiles platforms exportedfrom rowtype profileenabled defaultinboundaction ' +
    'defaultoutboundaction allowinboundrules allowlocalfirewallrules disabledinterfacealiases'
  ).split(' '),
);

export const normalHeading = (heading: string): string =>
  heading
    .replace(/^\uFEFF/, '')
    .toLowerCase()
    .replace(/[\s_-]/g, '');

export interface Header {
  readonly delimiter: string;
  /** Normal headings, in order. */
  readonly headings: readonly string[];
  /** Headings as they stand in the file. */
  readonly texts: readonly string[];
  readonly columns: ReadonlyMap<RuleField, number>;
  /** Offset and one-based line of the heading row. */
  readonly offset: number;
  readonly line: number;
}

/**
 * The heading row: the first line that is neither blank, nor `#TYPE ...` (Export-Csv of Windows PowerShell), nor
 * `sep=;` (spreadsheets). Looks at no more than `limit` characters of it.
 */
export function readHeader(text: string, limit = 20_000): Header | undefined {
  let offset = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  for (let n = 0; n < 20 && offset < text.length; n++) {
    const newline = text.indexOf('\n', offset);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(offset, Math.min(end, offset + limit)).trim();
    if (content !== '' && !/^"?#TYPE\b/i.test(content) && !/^sep=.$/i.test(content)) {
      const delimiter = delimiterOf(content);
      const texts = (readCsv(content, delimiter).rows[0]?.cells ?? []).map((cell) => cell.trim());
      const headings = texts.map(normalHeading);
      return { delimiter, headings, texts, columns: mapColumns(headings), offset, line };
    }
    if (newline < 0) return undefined;
    offset = end + 1;
    line++;
  }
  return undefined;
}

/** For each field the column of its first spelling present. `Name` is the id where a DisplayName stands beside it. */
function mapColumns(headings: readonly string[]): ReadonlyMap<RuleField, number> {
  const columns = new Map<RuleField, number>();
  const display = headings.includes('displayname');
  const instance = headings.includes('instanceid');
  for (const [field, spellings] of SPELLINGS)
    for (const spelling of spellings) {
      if (field === 'id' && !display && !instance && spelling !== 'id' && spelling !== 'ruleid') continue;
      if (field === 'name' && display && spelling !== 'displayname') continue;
      const index = headings.indexOf(spelling);
      if (index < 0) continue;
      columns.set(field, index);
      break;
    }
  return columns;
}

/** Headings this version gives no meaning. */
export function unknownHeadings(header: Header): readonly string[] {
  const used = new Set(header.columns.values());
  return header.texts.filter((_text, i) => {
    const heading = header.headings[i] as string;
    return !used.has(i) && heading !== '' && !WITHOUT_EFFECT.has(heading);
  });
}

/** What a rule needs at the least to be a rule: without one of these an export is an inventory. */
export const SCOPE_FIELDS: readonly RuleField[] = ['protocol', 'localPort', 'remotePort', 'localAddress', 'remoteAddress'];

/** Columns that can narrow a rule. One that is not there may hide a narrower scope. */
export const NARROWING_FIELDS: readonly RuleField[] = [
  'profile',
  'enabled',
  'localAddress',
  'remoteAddress',
  'protocol',
  'localPort',
  'remotePort',
  'icmpType',
  'program',
  'service',
  'package',
  'interfaceAlias',
  'interfaceType',
  'localUser',
  'remoteUser',
  'remoteMachine',
  'authentication',
  'encryption',
  'owner',
  'dynamicTarget',
];

/** PowerShell property names of fields, for messages. */
export const PROPERTY: Readonly<Partial<Record<RuleField, string>>> = {
  profile: 'Profile',
  enabled: 'Enabled',
  direction: 'Direction',
  action: 'Action',
  localAddress: 'LocalAddress',
  remoteAddress: 'RemoteAddress',
  protocol: 'Protocol',
  localPort: 'LocalPort',
  remotePort: 'RemotePort',
  icmpType: 'IcmpType',
  program: 'Program',
  service: 'Service',
  package: 'Package',
  interfaceAlias: 'InterfaceAlias',
  interfaceType: 'InterfaceType',
  localUser: 'LocalUser',
  remoteUser: 'RemoteUser',
  remoteMachine: 'RemoteMachine',
  authentication: 'Authentication',
  encryption: 'Encryption',
  owner: 'Owner',
  dynamicTarget: 'DynamicTarget',
};
