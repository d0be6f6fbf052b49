/** The cases that decide correctness, on joined CSV and netsh text. Host 10.0.0.5, domain profile unless said otherwise. */
import { describe, expect, it } from 'vitest';
import { windows } from '../../../parsers/windows/index.js';
import { judgeFlow } from '../../support/judge.js';
import { addresses, csv, DOMAIN, fromRows, netsh, profiles, REST, read, sourceOf, verdict } from './support.js';

const TCP_443 = { Protocol: 'TCP', LocalPort: '443' };
const IN = 'tcp 10.9.9.9 -> 10.0.0.5:';

describe('precedence', () => {
  it('permits by a plain allow', () => {
    const firewall = fromRows([TCP_443]);
    const judged = judgeFlow(firewall, `${IN}443`);
    expect(judged.verdict).toBe('permitted');
    expect(judged.decidedBy).toMatchObject([{ rule: 'rule-1', file: 'app01.csv', line: 2 }]);
  });

  it.each([false, true])('lets a block beat an allow, block first: %s', (first) => {
    const rows = [TCP_443, { ...TCP_443, LocalPort: 'Any', Action: 'Block', RemoteAddress: '10.9.0.0/255.255.0.0' }];
    const firewall = fromRows(first ? rows.toReversed() : rows);
    expect(verdict(firewall, `${IN}443`)).toBe('blocked');
    expect(verdict(firewall, 'tcp 10.8.9.9 -> 10.0.0.5:443')).toBe('permitted');
  });

  it('does not count a disabled block', () => {
    expect(verdict(fromRows([TCP_443, { ...TCP_443, Action: 'Block', Enabled: 'False' }]), `${IN}443`)).toBe('permitted');
  });

  it('falls to the default action of the profile', () => {
    const firewall = fromRows([]);
    const blocked = judgeFlow(firewall, `${IN}22`);
    expect(blocked.verdict).toBe('blocked');
    expect(blocked.decidedBy).toMatchObject([{ rule: 'default', file: 'profiles.txt' }]);
    const out = judgeFlow(firewall, 'udp 10.0.0.5 -> 8.8.8.8:53');
    expect([out.verdict, out.byDefault]).toEqual(['permitted', true]);
  });

  it('honours a default outbound block', () => {
    const firewall = fromRows([{ Direction: 'Outbound', Protocol: 'UDP', RemotePort: '53' }], {
      profileText: profiles({ Domain: { policy: 'BlockInbound,BlockOutbound' } }),
    });
    expect(verdict(firewall, 'udp 10.0.0.5 -> 8.8.8.8:53')).toBe('permitted');
    expect(verdict(firewall, 'udp 10.0.0.5 -> 8.8.8.8:123')).toBe('blocked');
  });

  it('reads LocalPort of an outbound rule as source port', () => {
    const firewall = fromRows([{ Direction: 'Outbound', Protocol: 'UDP', LocalPort: '53' }], {
      profileText: profiles({ Domain: { policy: 'BlockInbound,BlockOutbound' } }),
    });
    expect(verdict(firewall, 'udp 10.0.0.5 -> 8.8.8.8:53')).toBe('blocked');
    expect(verdict(firewall, 'udp 10.0.0.5:53 -> 8.8.8.8:53')).toBe('permitted');
  });

  it('puts bypass before block, for authenticated peers only', () => {
    const bypass = { ...TCP_443, OverrideBlockRules: 'True', Authentication: 'Required' };
    const firewall = fromRows([bypass, { ...TCP_443, Action: 'Block' }]);
    const judged = judgeFlow(firewall, `${IN}443`);
    expect(judged.verdict).toBe('conditional');
    expect(judged.conditions.some((condition) => condition.kind === 'ipsec')).toBe(true);
  });

  it('unites rules that cover a flow together', () => {
    const low = { Protocol: 'TCP', LocalPort: '8000-8004' };
    expect(verdict(fromRows([low]), `${IN}8000-8010`)).toBe('partial');
    expect(verdict(fromRows([low, { Protocol: 'TCP', LocalPort: '8005-8010' }]), `${IN}8000-8010`)).toBe('permitted');
  });
});

describe('profiles', () => {
  const rdp = [{ Protocol: 'TCP', LocalPort: '3389', Profile: 'Private' }];
  it('applies a rule in its profiles only', () => {
    expect(verdict(fromRows(rdp), `${IN}3389`)).toBe('blocked');
    expect(verdict(fromRows(rdp, { given: { ...DOMAIN, profile: ['private'] } }), `${IN}3389`)).toBe('permitted');
  });

  it('leaves a difference between profiles to a condition', () => {
    const judged = judgeFlow(fromRows(rdp, { given: { host: addresses('10.0.0.5') } }), `${IN}3389`);
    expect(judged.verdict).toBe('conditional');
    expect(judged.conditions.some((condition) => condition.kind === 'profile')).toBe(true);
  });

  it('ignores allow rules when shields are up', () => {
    const profileText = profiles({ Domain: { policy: 'BlockInboundAlways,AllowOutbound' } });
    expect(verdict(fromRows([TCP_443], { profileText }), `${IN}443`)).toBe('blocked');
  });

  it('accepts everything when the firewall is off', () => {
    const profileText = profiles({ Domain: { state: 'OFF' } });
    const judged = judgeFlow(fromRows([{ ...TCP_443, Action: 'Block' }], { profileText }), `${IN}443`);
    expect(judged.verdict).toBe('permitted');
    expect(judged.decidedBy).toMatchObject([{ rule: 'off' }]);
  });

  it('rests on the built-in settings by name where no settings are exported, and on nothing with --strict', () => {
    const firewall = fromRows([TCP_443], { profileText: null });
    const settings = { assume: new Set(['no-group-policy'] as const) };
    for (const [flow, expected] of [
      [`${IN}443`, 'permitted'],
      [`${IN}22`, 'blocked'],
      ['tcp 10.0.0.5 -> 8.8.8.8:53', 'permitted'],
    ] as const) {
      const judged = judgeFlow(firewall, flow, { settings });
      expect(judged.verdict).toBe(expected);
      expect(judged.assumptions).toContain('builtin-defaults');
      // In the domain profile a policy nobody exported may close what is open, so nothing is permitted unasked.
      expect(verdict(firewall, flow)).toBe(expected === 'permitted' ? 'conditional' : 'blocked');
      const strict = judgeFlow(firewall, flow, { settings: { strict: true } });
      expect(strict.verdict).toBe('conditional');
      expect(strict.conditions.map((condition) => condition.kind)).toContain('export');
    }
  });

  it('does not count local rules where the profile says so', () => {
    const profileText = profiles({ Domain: { local: 'Disable' } });
    const rows = [
      { ...TCP_443, LocalPort: '3389', PolicyStoreSource: 'PersistentStore', PolicyStoreSourceType: 'Local' },
      { ...TCP_443, LocalPort: '5985', PolicyStoreSource: 'Servers', PolicyStoreSourceType: 'GroupPolicy' },
    ];
    const firewall = fromRows(rows, { profileText });
    const settings = { assume: new Set(['no-group-policy'] as const) };
    // Rules of Group Policy beside settings of the local store: nothing is sure.
    expect(verdict(firewall, `${IN}3389`, { settings })).toBe('conditional');
  });
});

describe('scopes', () => {
  const smb = [{ Protocol: 'TCP', LocalPort: '445', Program: 'System' }];
  it('is conditional on the program, settled by the declared one', () => {
    const firewall = fromRows(smb);
    expect(verdict(firewall, `${IN}445`)).toBe('conditional');
    expect(verdict(firewall, `${IN}445`, { facts: { program: 'System' } })).toBe('permitted');
    expect(verdict(firewall, `${IN}445`, { facts: { program: 'C:\\other.exe' } })).toBe('blocked');
  });

  it('expands environment variables and ignores case', () => {
    const firewall = fromRows([{ ...TCP_443, Program: '%SystemRoot%\\System32\\Svc.exe' }]);
    expect(verdict(firewall, `${IN}443`, { facts: { program: 'c:\\windows\\system32\\svc.exe' } })).toBe('permitted');
    expect(verdict(firewall, `${IN}443`, { facts: { program: 'd:\\tools\\svc.exe' } })).toBe('conditional');
  });

  it('never permits any port for a program alone', () => {
    expect(verdict(fromRows([{ Protocol: 'TCP', Program: 'C:\\svc\\a.exe' }]), `${IN}8080`)).toBe('conditional');
  });

  it('does not count a program block as a sure block', () => {
    const firewall = fromRows([
      { Action: 'Block', Program: 'C:\\x.exe' },
      { Protocol: 'TCP', LocalPort: '80' },
    ]);
    expect(verdict(firewall, `${IN}80`)).toBe('conditional');
    expect(verdict(firewall, `${IN}80`, { facts: { program: 'C:\\x.exe' } })).toBe('blocked');
    expect(verdict(firewall, `${IN}80`, { facts: { program: 'C:\\y.exe' } })).toBe('permitted');
  });

  it('reads dynamic RPC as a condition, and not as port 135', () => {
    const firewall = fromRows([{ Protocol: 'TCP', LocalPort: 'RPC', Service: 'RPCSS' }]);
    expect(verdict(firewall, `${IN}50000`)).toBe('conditional');
    expect(verdict(firewall, `${IN}50000`, { facts: { service: 'rpcss' } })).toBe('conditional');
    expect(verdict(firewall, `${IN}135`)).toBe('blocked');
  });

  it('keeps literal ports beside a keyword sure', () => {
    const firewall = fromRows([{ Protocol: 'TCP', LocalPort: '80,RPCEPMap' }]);
    expect(verdict(firewall, `${IN}80`)).toBe('permitted');
    expect(verdict(firewall, `${IN}135`)).toBe('conditional');
    expect(verdict(firewall, `${IN}136`)).toBe('blocked');
  });

  it('needs the subnet for LocalSubnet', () => {
    const rows = [{ Protocol: 'TCP', LocalPort: '5985', RemoteAddress: 'LocalSubnet' }];
    const known = fromRows(rows, { given: { ...DOMAIN, subnet: addresses('10.0.0.0/24') } });
    expect(verdict(known, 'tcp 10.0.0.77 -> 10.0.0.5:5985')).toBe('permitted');
    expect(verdict(known, 'tcp 10.1.0.1 -> 10.0.0.5:5985')).toBe('blocked');
    const judged = judgeFlow(fromRows(rows), 'tcp 10.0.0.77 -> 10.0.0.5:5985');
    expect(judged.verdict).toBe('conditional');
    expect(judged.conditions).toMatchObject([{ kind: 'list', name: 'LocalSubnet' }]);
  });

  it('does not let an IPv4 list match IPv6', () => {
    const given = { ...DOMAIN, host: addresses('2001:db8::5') };
    expect(
      verdict(
        fromRows([{ Protocol: 'TCP', LocalPort: '22', RemoteAddress: '10.0.0.0/8' }], { given }),
        'tcp 2001:db8::1 -> [2001:db8::5]:22',
      ),
    ).toBe('blocked');
  });

  it('matches ICMP by protocol, type and code', () => {
    const given = { host: { v4: addresses('10.0.0.5').v4, v6: addresses('2001:db8::5').v6 }, profile: ['domain'] as const };
    const echo6 = fromRows([{ Protocol: 'ICMPv6', IcmpType: '128', LocalPort: 'RPC' }], { given });
    expect(verdict(echo6, 'icmpv6/128/0 2001:db8::1 -> 2001:db8::5')).toBe('permitted');
    expect(verdict(echo6, 'icmp/8/0 10.9.9.9 -> 10.0.0.5')).toBe('blocked');
    const any = fromRows([{ Protocol: 'Any' }], { given });
    expect(verdict(any, 'icmpv6/128/0 2001:db8::1 -> 2001:db8::5')).toBe('permitted');
    expect(verdict(any, 'icmp/8/0 10.9.9.9 -> 10.0.0.5')).toBe('permitted');
  });

  it('ignores the RPC that the provider writes on ICMP rows', () => {
    const firewall = fromRows([{ Protocol: 'ICMPv4', IcmpType: '8', LocalPort: 'RPC' }]);
    expect(verdict(firewall, 'icmp/8/0 10.9.9.9 -> 10.0.0.5')).toBe('permitted');
    expect(verdict(firewall, 'icmp/13/0 10.9.9.9 -> 10.0.0.5')).toBe('blocked');
    expect(verdict(firewall, `${IN}50000`)).toBe('blocked');
  });

  it('is conditional on IPsec', () => {
    const judged = judgeFlow(
      fromRows([{ ...TCP_443, Authentication: 'Required', RemoteMachine: 'O:LSD:(A;;CC;;;S-1-5-21-1)' }]),
      `${IN}443`,
    );
    expect(judged.verdict).toBe('conditional');
    expect(judged.conditions.every((condition) => condition.kind === 'ipsec')).toBe(true);
  });

  it('keeps a package rule with a keyword conditional', () => {
    const rows = [{ Direction: 'Outbound', RemoteAddress: 'Internet', Package: 'S-1-15-2-1' }];
    const profileText = profiles({ Domain: { policy: 'BlockInbound,BlockOutbound' } });
    expect(verdict(fromRows(rows, { profileText }), 'tcp 10.0.0.5 -> 8.8.8.8:443')).toBe('conditional');
    const text = netsh([
      { direction: 'Out', protocol: 'Any' },
      { action: 'Block', port: '7' },
    ]);
    expect(verdict(read(text, { profileText }), 'tcp 10.0.0.5 -> 8.8.8.8:443')).toBe('conditional');
  });
});

describe('what the export lost', () => {
  it.each(['System.String[]', 'ReplaceWithIPs', '', '10.0.0.1,bogus'])(
    'does not widen or narrow by the address %j',
    (RemoteAddress) => {
      expect(verdict(fromRows([{ ...TCP_443, RemoteAddress }]), `${IN}443`)).toBe('conditional');
      expect(verdict(fromRows([TCP_443, { ...TCP_443, Action: 'Block', RemoteAddress }]), `${IN}443`)).toBe('conditional');
      expect(verdict(fromRows([{ ...TCP_443, RemoteAddress }]), `${IN}444`)).toBe('blocked');
    },
  );

  it.each([
    ['Protocol', 'quic'],
    ['LocalPort', 'Cortana'],
    ['Program', ''],
    ['Service', 'System.Object[]'],
    ['Enabled', '2'],
    ['Profile', 'NotApplicable'],
    ['DynamicTarget', ''],
    ['InterfaceType', 'Tunnel'],
  ] as const)('keeps a rule with %s %j uncertain', (column, text) => {
    expect(verdict(fromRows([{ ...TCP_443, [column]: text }]), `${IN}443`)).toBe('conditional');
    expect(verdict(fromRows([TCP_443, { ...TCP_443, Action: 'Block', [column]: text }]), `${IN}443`)).toBe('conditional');
  });

  it('keeps ports on a protocol without ports uncertain', () => {
    expect(verdict(fromRows([{ Protocol: 'Any', LocalPort: '443' }]), `${IN}443`)).toBe('conditional');
  });

  it('joins an unreadable action or direction to both sides', () => {
    expect(verdict(fromRows([TCP_443, { ...TCP_443, Action: 'NotConfigured' }]), `${IN}443`)).toBe('conditional');
    expect(verdict(fromRows([TCP_443, { ...TCP_443, Action: 'Block', Direction: 'Sideways' }]), `${IN}443`)).toBe('conditional');
  });

  it('keeps a row of another width as a rule that may be any rule', () => {
    const text = `${csv([TCP_443, ...REST]).trimEnd()}\r\nbroken;row\r\n`;
    expect(verdict(read(text), `${IN}443`)).toBe('conditional');
  });

  it('does not judge a direction that was filtered out', () => {
    const firewall = read(csv([TCP_443, { ...TCP_443, LocalPort: '7', Action: 'Block' }]));
    expect(verdict(firewall, `${IN}443`)).toBe('permitted');
    expect(verdict(firewall, 'tcp 10.0.0.5 -> 8.8.8.8:443')).toBe('unknown');
  });

  it('assumes that an export without block rules was not filtered, and says so', () => {
    const firewall = read(csv([TCP_443, { Direction: 'Outbound' }]));
    const judged = judgeFlow(firewall, `${IN}443`);
    expect([judged.verdict, judged.assumptions]).toEqual(['permitted', ['no-group-policy', 'unfiltered-export']]);
    expect(verdict(firewall, `${IN}443`, { settings: { strict: true } })).toBe('conditional');
  });

  it.each(['Program', 'Service', 'InterfaceAlias', 'LocalAddress', 'Profile', 'Enabled'] as const)(
    'is conditional without the column %s',
    (column) => {
      const firewall = read(csv([TCP_443, ...REST], { without: [column] }));
      expect(verdict(firewall, `${IN}443`)).toBe('conditional');
      expect(verdict(firewall, `${IN}444`, { settings: { assume: new Set(['no-group-policy'] as const) } })).toBe('blocked');
    },
  );

  it('refuses an inventory', () => {
    const text = '"Name","Action","Direction"\n"a","Allow","Inbound"\n';
    expect(() => windows.parse([{ source: sourceOf(text), form: 'windows-powershell-csv' }], {})).toThrow(
      /no ports or addresses/,
    );
  });
});

describe('netsh', () => {
  const rows = [{ port: '443' }, { direction: 'Out' as const, port: 'Any' }, { action: 'Block' as const, port: '7' }];
  const settings = { assume: new Set(['no-group-policy', 'netsh-unscoped'] as const) };
  it('hides scopes: the short form never permits', () => {
    const firewall = read(netsh(rows));
    expect(verdict(firewall, `${IN}443`, { settings })).toBe('conditional');
    expect(verdict(firewall, `${IN}444`, { settings })).toBe('blocked');
  });

  it('permits from the verbose form when unscoped is assumed', () => {
    const firewall = read(netsh(rows, true));
    expect(verdict(firewall, `${IN}443`, { settings })).toBe('permitted');
    expect(verdict(firewall, `${IN}443`, { settings: { assume: new Set(['no-group-policy'] as const) } })).toBe('conditional');
  });

  it('does not take a package rule for any/any, even then', () => {
    const game = { name: 'Game Bar', group: 'Game Bar', protocol: 'Any' };
    const resource = { name: '@{Pkg_1.0_x64__0123456789abc?ms-resource://x}', port: '444' };
    const firewall = read(netsh([game, resource, ...rows], true));
    expect(verdict(firewall, `${IN}445`, { settings })).toBe('conditional');
    expect(verdict(read(netsh([resource, ...rows], true)), `${IN}444`, { settings })).toBe('conditional');
  });

  it('carries Group Policy as a condition in the domain profile only', () => {
    const domain = judgeFlow(read(netsh(rows)), `${IN}444`);
    expect(domain.verdict).toBe('conditional');
    expect(domain.conditions).toMatchObject([{ kind: 'group-policy' }]);
    const home = judgeFlow(read(netsh(rows), { given: { ...DOMAIN, profile: ['private'] } }), `${IN}444`);
    expect([home.verdict, home.assumptions]).toEqual(['blocked', ['no-group-policy']]);
  });
});
