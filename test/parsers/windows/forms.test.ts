/** Recognition by content, refusals with what to do, and several exports of one host. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { windows } from '../../../parsers/windows/index.js';
import { RefusedError } from '../../../src/source/diagnostic.js';
import type { Source } from '../../../src/source/span.js';
import { judgeFlow } from '../../support/judge.js';
import { csv, DOMAIN, fromRows, netsh, profiles, REST, read, sourceOf, verdict } from './support.js';

function formOf(source: Source): string | undefined {
  const found = windows.forms.flatMap((form) => {
    const detection = form.detect(source);
    return detection ? [{ id: form.id, score: detection.score }] : [];
  });
  return found.sort((a, b) => b.score - a.score)[0]?.id;
}

function refusal(run: () => unknown): RefusedError {
  try {
    run();
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const RULER = '-'.repeat(70);
const profileCsv = `"Name","Enabled","DefaultInboundAction","DefaultOutboundAction","AllowInboundRules","AllowLocalFirewallRules"
"Domain","True","Block","Block","True","True"
"Private","True","NotConfigured","Allow","True","True"
"Public","False","Block","Allow","True","True"
`;

const FORMS: readonly (readonly [form: string, text: string])[] = [
  ['windows-powershell-csv', csv(REST)],
  ['windows-powershell-csv', `#TYPE Selected.Object\r\n${csv(REST, { delimiter: ',' })}`],
  ['windows-powershell-csv', csv(REST, { delimiter: '\t' })],
  ['windows-powershell-csv', `sep=;\n${csv(REST)}`],
  [
    'windows-powershell-csv',
    'DisplayName,DisplayGroup,Protocol,LocalPort,RemotePort,RemoteAddress,Enabled,Profile,Direction,Action\nA,,TCP,1,Any,Any,True,Any,Inbound,Allow\n',
  ],
  ['windows-profile-csv', profileCsv],
  ['windows-netsh-rules', netsh([{}])],
  ['windows-netsh-rules', netsh([{}]) + profiles()],
  ['windows-netsh-rules', profiles() + netsh([{}], true)],
  ['windows-netsh-profiles', profiles()],
];

const REFUSED: readonly (readonly [form: string, text: string])[] = [
  ['windows-inventory-csv', '"Name","Action","Direction"\n"a","Allow","Inbound"\n'],
  ['windows-inventory-csv', 'Name;DisplayName;Enabled;Profile;Direction;Action\na;b;True;Any;Inbound;Allow\n'],
  [
    'windows-csv-without-direction',
    'Name,Group,Profile,Enabled,Action,Program,LocalAddress,RemoteAddress,Protocol,LocalPort,RemotePort\nA,B,Any,True,Allow,Any,Any,Any,TCP,1,Any\n',
  ],
  ['windows-format-list', 'DisplayName : A\nDirection   : Inbound\nAction      : Allow\nEnabled     : True\n\n'],
  [
    'windows-format-table',
    '\nName   DisplayName  Enabled Direction Action\n----   -----------  ------- --------- ------\nx      A            True    Inbound   Allow\n',
  ],
  [
    'windows-mmc-list',
    'Name\tGroup\tProfile\tEnabled\tAction\tOverride\tProgram\tLocal Address\tRemote Address\tProtocol\tLocal Port\tRemote Port\t\nA\t\tAll\tYes\tAllow\tNo\tAny\tAny\tAny\tTCP\t1, 2\tAny\t\n',
  ],
  [
    'windows-netsh-localised',
    `\nRegelname:                            Eine\n${RULER}\nAktiviert:                            Ja\nRichtung:                             Eingehend\nProfile:                              Privat\nGruppierung:                          X\nAktion:                               Zulassen\nOK.\n`,
  ],
  ['windows-reg', 'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\X]\r\n'],
  ['windows-reg-query', 'HKEY_LOCAL_MACHINE\\X\\FirewallRules\n    {A}    REG_SZ    v2.30|Action=Allow|Active=TRUE|Dir=In|\n'],
  ['windows-hive', 'regf\u0001'],
  ['windows-registry-pol', 'PReg\u0001'],
  ['windows-gpreport', '<?xml version="1.0"?>\n<GPO xmlns="http://www.microsoft.com/GroupPolicy/Settings"></GPO>'],
  ['windows-clixml', '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"></Objs>'],
  ['windows-json', '[{ "Name": "a", "Direction": 1, "Action": 2 }]'],
];

describe('recognition', () => {
  it.each(FORMS)('knows %s', (form, text) => {
    expect(formOf(sourceOf(text))).toBe(form);
    expect(formOf(sourceOf(`\uFEFF${text.replaceAll('\r', '').replaceAll('\n', '\r\r\n')}`))).toBe(form);
  });

  it.each(REFUSED)('knows %s and refuses it with the command to run', (form, text) => {
    const source = sourceOf(text);
    expect(formOf(source)).toBe(form);
    const error = refusal(() => windows.parse([{ source, form }], {}));
    expect(error.place).toMatchObject({ file: 'app01.csv', line: 1 });
    expect(error.place.hint).toContain('docs/windows-export.ps1');
    expect(error.place.hint).toContain('Get-NetFirewallRule -PolicyStore ActiveStore');
  });

  it.each([
    '',
    'id,source,destination,protocol,port,direction,program,service\n1,a,b,tcp,1,in,x,y\n',
    '*filter\n:INPUT DROP [0:0]\nCOMMIT\n',
    '| Name | Action | Direction |\n|---|---|---|\n| a | b | c |\n',
    '<pfsense><version>22</version></pfsense>',
  ])('does not take %j for its own', (text) => {
    expect(formOf(sourceOf(text))).toBeUndefined();
  });

  it('refuses a header without rows, and netsh without rules', () => {
    expect(refusal(() => read(csv([]))).message).toMatch(/no rule/);
    const none = { source: sourceOf('\r\nNo rules match the specified criteria.\r\n'), form: 'windows-netsh-rules' };
    expect(refusal(() => windows.parse([none], {})).message).toMatch(/No rules match/);
    const alone = { source: sourceOf(profiles()), form: 'windows-netsh-profiles' };
    expect(refusal(() => windows.parse([alone], {})).message).toMatch(/without rules/);
  });
});

describe('spellings of CSV', () => {
  const flow = 'tcp 10.1.1.1 -> 10.0.0.5:8443';
  it.each([',', ';', '|', ' ', ', ', '\n'])('reads lists joined by %j', (separator) => {
    const rows = [
      {
        Protocol: 'TCP',
        LocalPort: ['80', '8440-8450'].join(separator),
        RemoteAddress: ['10.1.0.0/16', 'fe80::/64'].join(separator),
      },
    ];
    const firewall = fromRows(rows);
    expect(verdict(firewall, flow)).toBe('permitted');
    expect(verdict(firewall, 'tcp 10.2.1.1 -> 10.0.0.5:8443')).toBe('blocked');
    expect(verdict(firewall, 'tcp 10.1.1.1 -> 10.0.0.5:8451')).toBe('blocked');
  });

  it.each([',', ';', '\t'])('reads cells parted by %j, and the line of a rule after one of several lines', (delimiter) => {
    const text = csv(
      [
        { Description: 'two\r\nlines, "quoted"; and more' },
        { Name: 'web', Protocol: 'TCP', LocalPort: '8443', Action: 'Block' },
        ...REST,
      ],
      { delimiter },
    );
    const firewall = read(text);
    const judged = judgeFlow(firewall, flow);
    expect(judged.verdict).toBe('blocked');
    expect(judged.decidedBy).toMatchObject([{ rule: 'web', line: 4 }]);
    const rule = firewall.lists.get('inbound')?.rules.find((each) => each.id === 'web');
    expect(text.slice(rule?.span?.start, rule?.span?.end)).toMatch(/^web.*8443.*False$/);
  });

  it('takes Name for the display name where nothing else is a name, and the ordinal for the id', () => {
    const text =
      'Name,Protocol,LocalPort,RemotePort,LocalAddress,RemoteAddress,Enabled,Profile,Direction,Action\nWeb,TCP,80,Any,Any,Any,True,Any,In,Allow\n';
    const rule = read(text)
      .lists.get('inbound')
      ?.rules.find((each) => each.origin === 'user');
    expect([rule?.id, rule?.name]).toEqual(['#1', 'Web']);
  });

  it('keeps rows of one id', () => {
    const firewall = fromRows([
      { Name: 'same', Protocol: 'TCP', LocalPort: '80' },
      { Name: 'same', Protocol: 'TCP', LocalPort: '81' },
    ]);
    expect(verdict(firewall, 'tcp 10.1.1.1 -> 10.0.0.5:80-81')).toBe('permitted');
  });

  it('refuses two columns of one name', () => {
    const text = csv([{ Protocol: 'TCP', LocalPort: '80' }, ...REST]).replace('Description', 'RemoteAddress');
    expect(refusal(() => read(text)).message).toMatch(/two columns/);
  });

  it('reports a column without a known meaning', () => {
    const text = csv([{ Protocol: 'TCP', LocalPort: '80' }, ...REST]).replace('Description', 'Weather');
    expect(read(text).diagnostics).toMatchObject([
      { code: 'windows-unknown-column', line: 1 },
      { code: 'windows-local-profiles' },
    ]);
  });

  it('goes on after a quote that never closes, as a cut-off export', () => {
    const firewall = read(`${csv([{ Protocol: 'TCP', LocalPort: '8443' }, ...REST])}next;"open`);
    const judged = judgeFlow(firewall, flow);
    expect(judged.verdict).toBe('conditional');
    expect(judged.conditions).toMatchObject([{ kind: 'export' }]);
  });
});

describe('several exports of one host', () => {
  const rules = { source: sourceOf(csv([{ Protocol: 'TCP', LocalPort: '443' }, ...REST])), form: 'windows-powershell-csv' };
  const text = { source: sourceOf(netsh([{}]), 'app01.txt'), form: 'windows-netsh-rules' };

  it('refuses the same rules twice', () => {
    expect(refusal(() => windows.parse([rules, text], {})).message).toMatch(/two exports of the same rules/);
    expect(refusal(() => windows.parse([rules, rules], {})).message).toMatch(/two exports of the same rules/);
  });

  it('adds up directions exported apart', () => {
    const part = (Direction: string) => ({
      source: sourceOf(
        csv([
          { Direction, Protocol: 'TCP', LocalPort: '443' },
          { Direction, Action: 'Block', Protocol: 'TCP', LocalPort: '7' },
        ]),
        `${Direction}.csv`,
      ),
      form: 'windows-powershell-csv',
    });
    const settings = { source: sourceOf(profiles(), 'p.txt'), form: 'windows-netsh-profiles' };
    const [firewall] = windows.parse([part('Inbound'), part('Outbound'), settings], DOMAIN);
    if (!firewall) throw new Error('no firewall');
    expect(verdict(firewall, 'tcp 10.9.9.9 -> 10.0.0.5:443')).toBe('permitted');
    expect(verdict(firewall, 'tcp 10.0.0.5 -> 10.9.9.9:443')).toBe('permitted');
  });

  it('reads profiles from Get-NetFirewallProfile', () => {
    const settings = { source: sourceOf(profileCsv, 'p.csv'), form: 'windows-profile-csv' };
    const [firewall] = windows.parse([rules, settings], DOMAIN);
    if (!firewall) throw new Error('no firewall');
    // NotConfigured shows that it is the local store, which Group Policy may override.
    expect(verdict(firewall, 'tcp 10.9.9.9 -> 10.0.0.5:443')).toBe('conditional');
    const local = { settings: { assume: new Set(['no-group-policy'] as const) } };
    expect(verdict(firewall, 'tcp 10.9.9.9 -> 10.0.0.5:443', local)).toBe('permitted');
    expect(verdict(firewall, 'tcp 10.0.0.5 -> 10.9.9.9:443', local)).toBe('blocked');
    const inForce = { source: sourceOf(profileCsv.replace('NotConfigured', 'Block'), 'p.csv'), form: 'windows-profile-csv' };
    const [sure] = windows.parse([rules, inForce], DOMAIN);
    expect(sure && verdict(sure, 'tcp 10.0.0.5 -> 10.9.9.9:443')).toBe('blocked');
    const [open] = windows.parse([rules, settings], { ...DOMAIN, profile: ['public'] });
    expect(open && verdict(open, 'tcp 10.9.9.9 -> 10.0.0.5:22')).toBe('permitted');
  });

  it('merges a local store with an export of Group Policy', () => {
    const store = (name: string, type: string, port: string, file: string) => ({
      source: sourceOf(
        csv([
          { Name: `web-${type}`, Protocol: 'TCP', LocalPort: port, PolicyStoreSource: name, PolicyStoreSourceType: type },
          {
            Direction: 'Outbound',
            Action: 'Block',
            Protocol: 'TCP',
            RemotePort: '7',
            PolicyStoreSource: name,
            PolicyStoreSourceType: type,
          },
        ]),
        file,
      ),
      form: 'windows-powershell-csv',
    });
    const local = store('PersistentStore', 'Local', '80', 'local.csv');
    const policy = store('Servers', 'GroupPolicy', '81', 'gpo.csv');
    const inForce = { source: sourceOf(profileCsv.replace('NotConfigured', 'Block'), 'p.csv'), form: 'windows-profile-csv' };
    const flows = [80, 81, 82].map((port) => `tcp 10.9.9.9 -> 10.0.0.5:${port}`);
    const of = (...inputs: Parameters<typeof windows.parse>[0][number][]) => {
      const [firewall] = windows.parse([...inputs, inForce], DOMAIN);
      return firewall ? flows.map((flow) => verdict(firewall, flow)) : [];
    };
    expect(of(local, policy)).toEqual(['permitted', 'permitted', 'blocked']);
    expect(of(local)).toEqual(['conditional', 'conditional', 'conditional']);
    // Group Policy alone: local rules may block, or permit what nothing else does.
    expect(of(policy)).toEqual(['conditional', 'conditional', 'conditional']);
  });

  it('refuses profile settings twice', () => {
    const settings = { source: sourceOf(profiles(), 'p.txt'), form: 'windows-netsh-profiles' };
    expect(refusal(() => windows.parse([rules, settings, settings], {})).message).toMatch(/domain profile/);
  });

  it('reads rules and profiles from one netsh file', () => {
    const given = { ...DOMAIN, profile: ['private' as const] };
    const firewall = read(
      netsh([{ direction: 'Out' }, { port: '80', action: 'Block' }, { port: '81' }]) + profiles({ Private: { state: 'OFF' } }),
      { given, profileText: null },
    );
    expect(verdict(firewall, 'tcp 10.9.9.9 -> 10.0.0.5:80')).toBe('permitted');
  });

  it('does not believe profile settings inside a rule description', () => {
    const extra = [
      'Description:                          x',
      'Private Profile Settings:',
      RULER,
      'State                                 OFF',
    ];
    const given = { ...DOMAIN, profile: ['private' as const] };
    const firewall = read(netsh([{ extra, port: '80', action: 'Block' }, { direction: 'Out' }]), { given, profileText: null });
    // Believed, the firewall would be off and the block rule without effect.
    expect(verdict(firewall, 'tcp 10.9.9.9 -> 10.0.0.5:80')).toBe('blocked');
  });
});

/** One file of docs/windows-export.ps1: rules and profiles of the store in force. */
function scriptFile(rules: string, profile: string): string {
  const head =
    'ExportedFrom;PSComputerName;RowType;Name;DisplayName;Enabled;Profile;Direction;Action;Owner;PolicyStoreSource;PolicyStoreSourceType;LocalAddress;RemoteAddress;Protocol;LocalPort;RemotePort;IcmpType;DynamicTarget;Program;Package;Service;InterfaceAlias;InterfaceType;LocalUser;RemoteUser;RemoteMachine;Authentication;Encryption;OverrideBlockRules;ProfileEnabled;DefaultInboundAction;DefaultOutboundAction;AllowInboundRules;AllowLocalFirewallRules;DisabledInterfaceAliases';
  const settings = (name: string): string => `ActiveStore;APP01;Profile;${name}${';'.repeat(26)};${profile}`;
  return [head, ...rules.trim().split('\n'), settings('Domain'), settings('Private'), settings('Public'), ''].join('\n');
}
const scriptRow = (name: string, store: string, direction: string, action: string, port: string, remote = 'Any'): string =>
  `ActiveStore;APP01;Rule;${name};${name};True;Any;${direction};${action};;${store};Any;${remote};TCP;${port};Any;Any;Any;Any;;Any;Any;Any;Any;Any;Any;NotRequired;NotRequired;False;;;;;;`;

describe('the export of docs/windows-export.ps1', () => {
  const rows = [
    scriptRow('rdp', 'PersistentStore;Local', 'Inbound', 'Allow', '3389'),
    scriptRow('winrm', 'Servers;GroupPolicy', 'Inbound', 'Allow', '5985'),
    scriptRow('telnet', 'Servers;GroupPolicy', 'Outbound', 'Block', 'Any'),
  ].join('\n');
  const flow = (port: number): string => `tcp 10.9.9.9 -> 10.0.0.5:${port}`;

  it('is complete: rules of Group Policy and profiles in force', () => {
    const firewall = read(scriptFile(rows, 'True;Block;Allow;True;True;'), { profileText: null });
    expect(firewall.name).toBe('APP01');
    expect(firewall.notExported).toEqual([]);
    expect([3389, 5985, 22].map((port) => verdict(firewall, flow(port)))).toEqual(['permitted', 'permitted', 'blocked']);
  });

  it('drops local rules where Group Policy does not merge them', () => {
    const firewall = read(scriptFile(rows, 'True;Block;Allow;True;False;'), { profileText: null });
    expect([3389, 5985].map((port) => verdict(firewall, flow(port)))).toEqual(['blocked', 'permitted']);
  });

  it('lets the rule of Group Policy overwrite the local one of the same id', () => {
    const twin = [rows, scriptRow('rdp', 'Servers;GroupPolicy', 'Inbound', 'Allow', '3389', '10.1.1.1')].join('\n');
    const firewall = read(scriptFile(twin, 'True;Block;Allow;True;True;'), { profileText: null });
    expect(verdict(firewall, flow(3389))).toBe('blocked');
    expect(verdict(firewall, 'tcp 10.1.1.1 -> 10.0.0.5:3389')).toBe('permitted');
  });

  it('leaves an interface without firewall to a condition', () => {
    const firewall = read(scriptFile(rows, 'True;Block;Allow;True;True;Backup'), { profileText: null });
    const judged = judgeFlow(firewall, flow(22));
    expect(judged.verdict).toBe('conditional');
    expect(judged.conditions).toMatchObject([{ kind: 'interface', name: 'interface Backup' }]);
  });

  it('judges service hardening only for the service it names', () => {
    const hard = `${rows}\n${scriptRow('h', 'StaticServiceStore;None', 'Inbound', 'Block', '5985').replace('Any;;Any;Any;Any;Any;Any;Any;NotRequired', 'Any;;TermSvc;Any;Any;Any;Any;Any;NotRequired')}`;
    const firewall = read(scriptFile(hard, 'True;Block;Allow;True;True;'), { profileText: null });
    expect(verdict(firewall, flow(5985))).toBe('permitted');
    expect(verdict(firewall, flow(5985), { facts: { service: 'other' } })).toBe('permitted');
    expect(verdict(firewall, flow(5985), { facts: { service: 'TermSvc' } })).toBe('conditional');
  });

  it('has the columns that the script writes', () => {
    const script = readFileSync(new URL('../../../docs/windows-export.ps1', import.meta.url), 'utf8');
    for (const column of scriptFile('', '').split('\n')[0]?.split(';') ?? []) expect(script).toContain(`'${column}'`);
  });
});
