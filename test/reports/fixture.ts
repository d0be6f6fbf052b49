/** Results in our own words that reach every branch of the reports: every verdict, hostile names, an incomplete run, an empty one. */
import type { AuditResult, DeviceVerdict, ExcessFinding, RequirementResult } from '../../src/model/result.js';
import type { DecidingRule, FlowVerdict, OpenCondition } from '../../src/model/verdict.js';

export const SCRIPT_NAME = '<script>alert("x")</script><img src=x onerror=alert(1)>';
export const FORMULA_NAME = "=cmd|'/c calc'!A1";
/** A right-to-left override and an escape sequence: shown as codes, never acted upon. */
export const BIDI_NAME = 'allow-\u202Eyned\u202C-all\u001B[31m';
export const LONG_NAME = `permit-${'branch-office-and-warehouse-'.repeat(12)}end`;

const rule = (
  device: string,
  id: string,
  name: string,
  file: string | null,
  line: number | null,
  action: DecidingRule['action'],
): DecidingRule => ({ device, rule: id, name, file, line, action });

const denyLegacy = rule('core', '12', 'deny-legacy-dirs', 'exports/core-panos.xml', 412, 'drop');
const edgeDefault = rule('edge', 'default', 'default deny', null, null, 'drop');
const edgeWide = rule('edge', '31', 'allow any to DMZ', 'exports/edge-pfsense.xml', 233, 'accept');
const appDirectory = rule('core', '19', 'ad-core', 'exports/core-panos.xml', 530, 'accept');
const windowsDefault = rule('app01', 'default', 'outbound default of the domain profile', 'exports/app01.csv', 1, 'accept');

const NOTHING: FlowVerdict = {
  verdict: 'permitted',
  cause: null,
  hops: [],
  decidedBy: [],
  conditions: [],
  assumptions: [],
  facts: [],
  missing: [],
  open: [],
  unjudged: [],
  witness: null,
  byDefault: false,
};

export const deviceVerdict = (device: string, parts: Partial<FlowVerdict>): DeviceVerdict => ({ ...NOTHING, ...parts, device });

export const requirement = (parts: Partial<RequirementResult> & Pick<RequirementResult, 'id'>): RequirementResult => ({
  ...NOTHING,
  page: 'docs/ports.md',
  line: 10,
  purpose: 'Directory lookups',
  alsoFor: [],
  source: 'Vault server',
  destination: 'Domain controllers',
  services: 'tcp 636',
  expect: 'allow',
  optional: false,
  anyOf: null,
  variant: null,
  needsReview: null,
  outcome: 'met',
  explanation: '',
  fix: null,
  tryIt: null,
  devices: [],
  waiver: null,
  ...parts,
});

const applicationCondition: OpenCondition = {
  class: 'by-design',
  kind: 'application',
  name: 'ldap',
  device: 'core',
  rule: 'ad-core',
  file: 'exports/core-panos.xml',
  line: 530,
  holds: [{ source: '10.20.1.10', destination: '10.20.2.10-10.20.2.11', protocol: 'tcp', ports: '389' }],
  settledBy: 'Confirm with application: ldap at this flow.',
};

const actorCondition: OpenCondition = {
  class: 'missing',
  kind: 'actor',
  name: 'Remote relay',
  device: 'edge',
  rule: '22',
  file: 'exports/edge-pfsense.xml',
  line: 190,
  holds: [{ source: '10.20.1.10', destination: '10.9.0.0/24', protocol: 'tcp', ports: '6520' }],
  settledBy: 'Bind Remote relay under roles in flowgap.yaml:14.',
};

const blocked = requirement({
  id: 'vault/domain-controllers/ldaps',
  line: 21,
  purpose: 'LDAPS',
  alsoFor: ['Group lookups'],
  verdict: 'blocked',
  outcome: 'not-met',
  cause: 'policy',
  explanation: 'Rule 12 "deny-legacy-dirs" drops all of it; rule 19 "ad-core" further below would allow it.',
  fix: 'Move rule 19 "ad-core" above rule 12, or except the domain controllers from rule 12.',
  tryIt: 'Test-NetConnection 10.20.2.10 -Port 636',
  hops: [
    { device: 'app01', from: 'host' },
    { device: 'core', from: 'interface' },
  ],
  decidedBy: [denyLegacy],
  missing: [
    { source: '10.20.1.10', destination: '10.20.2.10-10.20.2.11', protocol: 'tcp', ports: '636', sourcePorts: '1024-65535' },
  ],
  assumptions: ['no-other-filter'],
  witness: {
    source: '10.20.1.10',
    destination: '10.20.2.10',
    protocol: 'tcp',
    sourcePort: 49152,
    port: 636,
    in: 'trust',
    out: 'dir',
  },
  devices: [
    deviceVerdict('app01', { byDefault: true, decidedBy: [windowsDefault], hops: [{ device: 'app01', from: 'host' }] }),
    deviceVerdict('core', {
      verdict: 'blocked',
      cause: 'policy',
      decidedBy: [denyLegacy],
      hops: [{ device: 'core', from: 'interface' }],
    }),
  ],
});

const partial = requirement({
  id: 'vault/windows-hosts/winrm',
  line: 27,
  destination: 'Windows hosts',
  services: 'tcp 5985-5986',
  purpose: 'PowerShell remoting',
  verdict: 'partial',
  outcome: 'not-met',
  cause: 'policy',
  explanation: 'The edge passes 10.20.16.0/21 only; the rest meets its default deny.',
  fix: 'Widen the alias WINHOSTS to 10.20.16.0/20.',
  tryIt: 'Test-NetConnection 10.20.24.1 -Port 5985',
  hops: [{ device: 'edge', from: 'route' }],
  decidedBy: [edgeDefault],
  missing: [{ source: '10.20.1.10', destination: '10.20.24.0/21', protocol: 'tcp', ports: '5985-5986' }],
  open: [{ source: '10.20.1.10', destination: '10.20.16.0/21', protocol: 'tcp', ports: '5985-5986' }],
  conditions: [
    {
      class: 'by-design',
      kind: 'schedule',
      name: 'office hours',
      device: 'edge',
      rule: '24',
      file: 'exports/edge-pfsense.xml',
      line: 201,
      holds: [{ source: '10.20.1.10', destination: '10.20.16.0/24', protocol: 'tcp', ports: '5986' }],
    },
  ],
  witness: { source: '10.20.1.10', destination: '10.20.24.1', protocol: 'tcp', sourcePort: 49152, port: 5985 },
  devices: [deviceVerdict('edge', { verdict: 'partial', cause: 'policy', decidedBy: [edgeDefault] })],
});

const reachable = requirement({
  id: 'relay/admin-port',
  line: 41,
  source: 'any',
  destination: 'Relay',
  services: 'tcp 8443',
  purpose: 'Management console',
  expect: 'deny',
  outcome: 'not-met',
  open: [{ destination: '10.20.9.5', protocol: 'tcp', ports: '8443' }],
  explanation: 'Rule 31 "allow any to DMZ" (exports/edge-pfsense.xml:233) accepts it from everywhere.',
  fix: 'Limit rule 31 to the services that the DMZ offers.',
  tryIt: 'nc -vz 10.20.9.5 8443',
  hops: [{ device: 'edge', from: 'interface' }],
  decidedBy: [edgeWide],
  witness: { source: '203.0.113.7', destination: '10.20.9.5', protocol: 'tcp', sourcePort: 40000, port: 8443 },
  devices: [deviceVerdict('edge', { decidedBy: [edgeWide] })],
});

const conditional = requirement({
  id: 'vault/domain-controllers/ldap',
  line: 20,
  services: 'tcp 389',
  purpose: 'LDAP',
  verdict: 'conditional',
  outcome: 'open',
  explanation: 'Permitted if the application is ldap (core, rule 19).',
  fix: 'Confirm with application: ldap.',
  hops: [{ device: 'core', from: 'interface' }],
  decidedBy: [appDirectory],
  conditions: [applicationCondition],
  devices: [deviceVerdict('core', { verdict: 'conditional', decidedBy: [appDirectory], conditions: [applicationCondition] })],
});

const unbound = requirement({
  id: 'vault/remote-relay/6520',
  line: 33,
  destination: 'Remote relay',
  services: 'tcp 6520',
  purpose: 'Relay control channel',
  verdict: 'conditional',
  outcome: 'open',
  explanation: 'Permitted if Remote relay lies within 10.9.0.0/24 (edge, rule 22).',
  fix: 'Bind Remote relay under roles in flowgap.yaml:14.',
  hops: [{ device: 'edge', from: 'default-route' }],
  conditions: [actorCondition],
  unjudged: [{ source: '10.20.1.10', destination: '192.0.2.0/24', protocol: 'tcp', ports: '6520' }],
  devices: [deviceVerdict('edge', { verdict: 'conditional', conditions: [actorCondition] })],
});

const review = requirement({
  id: 'vault/domain-controllers/netbios',
  line: 24,
  services: 'tcp 137-138, udp 137-138',
  purpose: 'Name resolution of old hosts',
  verdict: 'permitted',
  outcome: 'open',
  needsReview: 'The row crosses two lists; are all pairs meant?',
  explanation: 'All pairs of the crossed lists are permitted.',
  fix: 'Settle the reading with interpret: [{ line: 24, as: cross }].',
  decidedBy: [appDirectory],
  conditions: [
    {
      ...applicationCondition,
      class: 'missing',
      kind: 'interpretation',
      name: 'line 24',
      settledBy: 'One line under interpret.',
    },
  ],
});

const unknown = requirement({
  id: 'vault/cloud/443',
  line: 36,
  destination: 'Cloud licence service',
  services: 'tcp 443',
  purpose: 'Licence checks',
  verdict: 'unknown',
  outcome: 'open',
  explanation: 'The export of branch could not be read, and branch stands in the path.',
  devices: [deviceVerdict('branch', { verdict: 'unknown' })],
});

const met = requirement({
  id: 'vault/domain-controllers/dns',
  line: 22,
  services: 'tcp 53, udp 53',
  purpose: 'DNS',
  explanation: 'Rule 19 "ad-core" accepts it.',
  hops: [
    { device: 'app01', from: 'host' },
    { device: 'core', from: 'declared' },
  ],
  decidedBy: [windowsDefault, appDirectory],
  facts: ['program=dns.exe'],
  assumptions: ['no-other-filter', 'no-group-policy'],
  byDefault: true,
  devices: [
    deviceVerdict('app01', { byDefault: true, decidedBy: [windowsDefault] }),
    deviceVerdict('core', { decidedBy: [appDirectory] }),
    deviceVerdict('edge', { verdict: 'not-applicable' }),
  ],
});

const metDeny = requirement({
  id: 'guests/domain-controllers',
  line: 44,
  source: 'Guests',
  services: 'any',
  purpose: 'Guests stay out of the directory',
  expect: 'deny',
  verdict: 'blocked',
  cause: 'policy',
  explanation: 'The edge drops all of it by its default policy.',
  decidedBy: [edgeDefault],
});

const waived = requirement({
  id: 'vault/linux-hosts/ssh',
  line: 30,
  destination: 'Linux hosts',
  services: 'tcp 22',
  purpose: 'SSH sessions',
  verdict: 'blocked',
  outcome: 'not-met',
  cause: 'route',
  explanation: 'The edge has no route to 10.30.0.0/16.',
  decidedBy: [rule('edge', 'route', '', 'exports/edge-pfsense.xml', 77, 'drop')],
  waiver: { reason: 'Linux hosts move in spring', owner: 'Network team', ticket: 'CHG-1042', expires: '2027-03-31' },
});

const optional = requirement({
  id: 'vault/mail/smtp',
  line: 38,
  destination: 'Mail relay',
  services: 'tcp 25',
  purpose: 'Notices by mail',
  optional: true,
  anyOf: 'mail',
  variant: 'os = windows-2008+',
  verdict: 'blocked',
  outcome: 'not-met',
  cause: 'nat',
  explanation: 'Nothing translates the published address.',
  decidedBy: [rule('edge', 'nat', 'port forward mail', 'exports/edge-pfsense.xml', 301, 'reject')],
});

const hostileRule = rule('core', SCRIPT_NAME, SCRIPT_NAME, 'exports/core-panos.xml', 600, 'drop');
const hostile = requirement({
  id: `${SCRIPT_NAME}/${FORMULA_NAME}`,
  page: '+docs/"quoted", page.md',
  line: 1,
  purpose: FORMULA_NAME,
  source: SCRIPT_NAME,
  destination: BIDI_NAME,
  services: '@tcp 1, 2',
  verdict: 'blocked',
  outcome: 'not-met',
  cause: 'policy',
  explanation: `Rule ${SCRIPT_NAME} drops it; ${BIDI_NAME} would not.`,
  fix: `-remove ${LONG_NAME}`,
  tryIt: '\tnc -vz 10.0.0.1 1',
  decidedBy: [hostileRule, rule('core', '2', LONG_NAME, 'exports/with space/core "x".xml', 7, 'drop')],
  missing: [{}, { protocol: 'icmp', icmp: '8/0', direction: 'in', in: '__proto__', out: SCRIPT_NAME }],
  facts: ['program=constructor'],
  witness: { source: '2001:db8::1', destination: '2001:db8::2', protocol: 'icmp', icmp: '8/0', in: 'a', out: 'b' },
  devices: [deviceVerdict('core', { verdict: 'blocked', decidedBy: [hostileRule] })],
});

const excess: readonly ExcessFinding[] = [
  {
    device: 'core',
    rule: rule('core', '40', BIDI_NAME, 'exports/core-panos.xml', 700, 'accept'),
    sure: [],
    possible: [{ source: '10.0.0.0/8', protocol: 'tcp', ports: '8000-8100' }],
    width: 1_694_498_816,
    risky: [],
  },
  {
    device: 'app01',
    rule: rule('app01', '=1+1', FORMULA_NAME, 'exports/app01.csv', 12, 'accept'),
    sure: [{ destination: '10.20.1.10', protocol: 'tcp', ports: '8080' }],
    possible: [],
    width: 4096,
    risky: [],
  },
  {
    device: 'edge',
    rule: edgeWide,
    sure: [
      { destination: '10.20.9.0/24', protocol: 'tcp', ports: '1-442, 444-65535' },
      { destination: '10.20.9.0/24', protocol: 'udp' },
    ],
    possible: [{ destination: '10.20.9.0/24', protocol: 'icmp' }],
    width: 1_099_511_627_776,
    risky: ['tcp 3389 (remote desktop)', 'tcp 445 (file sharing)'],
  },
];

const requirements = [
  met,
  conditional,
  blocked,
  partial,
  reachable,
  unbound,
  review,
  unknown,
  metDeny,
  waived,
  optional,
  hostile,
];

/** Every branch of every report. */
export const rich: AuditResult = {
  schemaVersion: 1,
  tool: { name: 'flowgap', version: '1.0.0' },
  asOf: '2026-11-22',
  inputs: [
    { file: 'docs/ports.md', sha256: 'a1'.repeat(32), parser: 'markdown-page', device: null, rules: 0, complete: true },
    {
      file: 'exports/app01.csv',
      sha256: 'b2'.repeat(32),
      parser: 'windows-joined-csv',
      device: 'app01',
      rules: 402,
      complete: true,
    },
    { file: 'exports/core-panos.xml', sha256: 'c3'.repeat(32), parser: 'panos-xml', device: 'core', rules: 731, complete: true },
    {
      file: 'exports/edge-pfsense.xml',
      sha256: 'd4'.repeat(32),
      parser: 'pfsense-config-xml',
      device: 'edge',
      rules: 71,
      complete: true,
    },
  ],
  summary: {
    title: 'Vault',
    requirements: requirements.length,
    met: 2,
    notMet: 6,
    open: 4,
    verdicts: { permitted: 3, blocked: 5, partial: 1, conditional: 2, unknown: 1, 'not-applicable': 0 },
    metByDefault: 1,
    devices: [
      { name: 'app01', vendor: 'windows', kind: 'host', rules: 402 },
      { name: 'core', vendor: 'paloalto', kind: 'network', rules: 731 },
      { name: 'edge', vendor: 'pfsense', kind: 'network', rules: 71 },
    ],
    unauditedActors: ['Domain controllers', 'Windows hosts'],
    unboundActors: ['Remote relay'],
    incomplete: false,
    failing: [
      { reason: 'blocked', count: 2 },
      { reason: 'partial', count: 1 },
      { reason: 'reachable', count: 1 },
      { reason: 'conditional', count: 3 },
      { reason: 'unknown', count: 1 },
      { reason: 'critical', count: 1 },
    ],
    gateExit: 1,
    assumptions: ['symmetric-routing', 'no-other-filter'],
  },
  requirements,
  excess,
  findings: [
    {
      code: 'any-any',
      severity: 'critical',
      device: 'edge',
      rule: 'allow any to DMZ',
      file: 'exports/edge-pfsense.xml',
      line: 233,
      message: 'The rule accepts every address and service.',
    },
    {
      code: 'shadowed',
      severity: 'warning',
      device: 'core',
      rule: SCRIPT_NAME,
      file: 'exports/core-panos.xml',
      line: 600,
      message: `Never reached; ${LONG_NAME} takes all of it.`,
    },
    {
      code: 'shadowed',
      severity: 'warning',
      device: 'core',
      rule: '12',
      file: 'exports/core-panos.xml',
      line: 412,
      message: 'Never reached.',
    },
    {
      code: 'unused-fact',
      severity: 'info',
      device: 'app01',
      rule: null,
      file: null,
      line: null,
      message: 'No rule asks for user.',
    },
  ],
  ruleTexts: [
    {
      file: 'exports/core-panos.xml',
      line: 412,
      text: '<entry name="deny-legacy-dirs">\n  <from><member>trust</member></from>\n  <to><member>dir</member></to>\n  <service><member>ldaps</member></service>\n  <action>deny</action>\n</entry>',
    },
    {
      file: 'exports/core-panos.xml',
      line: 530,
      text: '<entry name="ad-core">\n  <application><member>ldap</member></application>\n  <action>allow</action>\n</entry>',
    },
    {
      file: 'exports/core-panos.xml',
      line: 600,
      text: `<entry name="${SCRIPT_NAME}">\n\t<action>deny</action>\n</entry> <!-- ${BIDI_NAME} -->`,
    },
    {
      file: 'exports/edge-pfsense.xml',
      line: 233,
      text: '<rule>\n  <type>pass</type>\n  <descr><![CDATA[allow any to DMZ]]></descr>\n</rule>',
    },
  ],
  accounting: [
    {
      page: 'docs/ports.md',
      tablesSeen: 3,
      tablesUsed: 2,
      tablesRefused: [{ line: 60, reason: 'a sizing table: no column names a port' }],
      rowsSeen: 13,
      rowsImported: 11,
      rowsReview: 1,
      rowsRefused: 1,
    },
  ],
  diagnostics: [
    {
      severity: 'warning',
      code: 'would-be-refused',
      message: 'The vendor would refuse this rule; its meaning is clear.',
      file: 'exports/edge-pfsense.xml',
      line: 88,
      column: 5,
    },
    {
      severity: 'info',
      code: 'unmapped-actor',
      message: `Two spellings: ${SCRIPT_NAME}, Vault.`,
      file: 'docs/ports.md',
      line: 12,
      column: null,
    },
  ],
};

/** One export could not be read: stamped, exit 2. */
export const incomplete: AuditResult = {
  ...rich,
  inputs: [
    ...rich.inputs,
    { file: 'exports/branch.xml', sha256: 'e5'.repeat(32), parser: 'unrecognised', device: 'branch', rules: 0, complete: false },
  ],
  summary: { ...rich.summary, incomplete: true, gateExit: 2 },
  diagnostics: [
    {
      severity: 'error',
      code: 'truncated-xml',
      message: 'The file ends inside <rules>; export it again.',
      file: 'exports/branch.xml',
      line: 2048,
      column: 17,
    },
    ...rich.diagnostics,
  ],
};

/** Everything met, nothing found. */
export const clean: AuditResult = {
  ...rich,
  inputs: rich.inputs.slice(0, 2),
  summary: {
    ...rich.summary,
    requirements: 1,
    met: 1,
    notMet: 0,
    open: 0,
    verdicts: { permitted: 1, blocked: 0, partial: 0, conditional: 0, unknown: 0, 'not-applicable': 0 },
    metByDefault: 0,
    devices: rich.summary.devices.slice(0, 1),
    unauditedActors: [],
    unboundActors: [],
    failing: [],
    gateExit: 0,
    assumptions: [],
  },
  requirements: [{ ...met, byDefault: false, assumptions: [], facts: [] }],
  excess: [],
  findings: [],
  ruleTexts: [],
  accounting: [],
  diagnostics: [],
};

/** Nothing was asked: never to be read as "met". */
export const nothingJudged: AuditResult = {
  ...clean,
  summary: { ...clean.summary, requirements: 0, met: 0, verdicts: { ...clean.summary.verdicts, permitted: 0 } },
  requirements: [],
};
