/** Places where a plausible reading of iptables rules gives the wrong verdict. */
import { describe, expect, it } from 'vitest';
import type { Given } from '../../../parsers/types.js';
import { type JudgeOptions, judgeFlow } from '../../support/judge.js';
import { addresses, dump, EMPTY_TABLES, EST, filter, firewallOf, sourceOf, table } from './support.js';

const HOST = addresses('192.0.2.1');
const IN: JudgeOptions = { direction: 'in', host: HOST };

/** Verdict and deciding rules of a flow to the host. */
function toHost(text: string, flow: string, options: JudgeOptions = {}, given: Given = {}) {
  const verdict = judgeFlow(firewallOf(text, given), flow, { ...IN, ...options });
  return {
    verdict: verdict.verdict,
    rules: verdict.decidedBy.map(({ rule }) => rule),
    conditions: verdict.conditions.map(({ kind, name }) => `${kind} ${name}`),
    assumptions: verdict.assumptions,
  };
}

const forward = (text: string, flow: string, options: JudgeOptions = {}, given: Given = {}) =>
  toHost(text, flow, { direction: 'forward', ...options }, given);
const SSH = 'tcp 198.51.100.7 -> 192.0.2.1:22';

describe('chains', () => {
  it('does not open the host by the loopback rule', () => {
    const text = filter({ INPUT: 'DROP' }, [...EST, '-A INPUT -i lo -j ACCEPT']);
    expect(toHost(text, SSH)).toMatchObject({ verdict: 'blocked', rules: ['default'] });
  });

  it('does not come back from a goto', () => {
    const lines = (jump: string) => [
      ...EST,
      `-A FORWARD -p tcp -m tcp --dport 443 ${jump} WEB`,
      '-A FORWARD -p tcp -j ACCEPT',
      '-A WEB -s 10.0.0.0/8 -j ACCEPT',
    ];
    const flow = 'tcp 192.168.1.5 -> 10.9.9.9:443';
    expect(forward(filter({ FORWARD: 'DROP' }, lines('-g'), ['WEB']), flow)).toMatchObject({
      verdict: 'blocked',
      rules: ['default'],
    });
    expect(forward(filter({ FORWARD: 'DROP' }, lines('-j'), ['WEB']), flow)).toMatchObject({
      verdict: 'permitted',
      rules: ['filter FORWARD 3'],
    });
  });

  it('returns from a goto to the last jump', () => {
    const lines = [
      ...EST,
      '-A INPUT -p tcp -m tcp --dport 22 -j A',
      '-A INPUT -j LOG',
      '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
      '-A A -g B',
      '-A A -j DROP',
      '-A B -s 203.0.113.9 -j DROP',
    ];
    const text = filter({ INPUT: 'DROP' }, lines, ['A', 'B']);
    expect(toHost(text, SSH)).toMatchObject({ verdict: 'permitted', rules: ['filter INPUT 4'] });
    expect(toHost(text, 'tcp 203.0.113.9 -> 192.0.2.1:22')).toMatchObject({ verdict: 'blocked', rules: ['filter B 1'] });
  });

  it('applies the policy on RETURN in a built-in chain', () => {
    const text = filter({ INPUT: 'DROP' }, [
      '-A INPUT -p udp -m udp --dport 53 -j RETURN',
      '-A INPUT -p udp -m udp --dport 53 -j ACCEPT',
    ]);
    expect(toHost(text, 'udp 198.51.100.7 -> 192.0.2.1:53')).toMatchObject({ verdict: 'blocked' });
  });

  it('lets a rule without target pass', () => {
    const text = filter({ INPUT: 'ACCEPT' }, ['-A INPUT -p tcp -m tcp --dport 22', '-A INPUT -p tcp -m tcp --dport 22 -j DROP']);
    expect(toHost(text, SSH)).toMatchObject({ verdict: 'blocked', rules: ['filter INPUT 2'] });
  });
});

describe('addresses and ports', () => {
  it('never matches the negation of everything', () => {
    expect(toHost(filter({}, ['-A INPUT ! -s 0.0.0.0/0 -j DROP']), SSH).verdict).toBe('permitted');
  });

  it('keeps a mask with holes exact', () => {
    const text = filter({ INPUT: 'DROP' }, [...EST, '-A INPUT -s 10.0.5.0/255.0.255.0 -j ACCEPT']);
    expect(toHost(text, 'tcp 10.77.5.200 -> 192.0.2.1:80').verdict).toBe('permitted');
    expect(toHost(text, 'tcp 10.77.6.1 -> 192.0.2.1:80').verdict).toBe('blocked');
    expect(toHost(text, 'tcp 10.0.5.0/24 -> 192.0.2.1:80').verdict).toBe('permitted');
    expect(toHost(text, 'tcp 10.0.0.0/16 -> 192.0.2.1:80').verdict).toBe('partial');
  });

  it('reads --ports as source or destination', () => {
    const text = filter({}, ['-A INPUT -p tcp -m multiport ! --ports 80,443 -j DROP']);
    expect(toHost(text, 'tcp 198.51.100.7:443 -> 192.0.2.1:22').verdict).toBe('permitted');
    expect(toHost(text, 'tcp 198.51.100.7:40000 -> 192.0.2.1:22').verdict).toBe('blocked');
  });
});

describe('what an export cannot tell', () => {
  it('makes a rate a condition', () => {
    const text = filter({ INPUT: 'DROP' }, [...EST, '-A INPUT -p tcp -m tcp --dport 22 -m limit --limit 3/min -j ACCEPT']);
    expect(toHost(text, SSH)).toMatchObject({ verdict: 'conditional', conditions: ['rate-limit -m limit --limit 3/min'] });
    expect(toHost(text, SSH, { settings: { assume: new Set(['below-rate-limits'] as const) } }).verdict).toBe('permitted');
  });

  it('makes a rate before RETURN a condition', () => {
    const lines = [...EST, '-A INPUT -p tcp -m tcp --syn -j SF', '-A SF -m limit --limit 100/s -j RETURN', '-A SF -j DROP'];
    expect(toHost(filter({}, lines, ['SF']), 'tcp 198.51.100.7 -> 192.0.2.1:80').verdict).toBe('conditional');
  });

  it('asks for a set that was not given', () => {
    const allow = filter({ INPUT: 'DROP' }, [...EST, '-A INPUT -m set --match-set friends src -j ACCEPT']);
    expect(toHost(allow, SSH)).toMatchObject({ verdict: 'conditional', conditions: ['list friends'] });
    const deny = filter({}, ['-A INPUT -m set --match-set foes src -j DROP', '-A INPUT -j ACCEPT']);
    expect(toHost(deny, SSH).verdict).toBe('conditional');
  });

  it('knows that a set cannot hold and not hold one address', () => {
    const text = filter({ INPUT: 'DROP' }, [
      ...EST,
      '-A INPUT -m set --match-set x src -j ACCEPT',
      '-A INPUT -m set ! --match-set x src -j ACCEPT',
    ]);
    expect(toHost(text, SSH).verdict).toBe('permitted');
  });

  it('asks for header fields, and names tables that were not seen', () => {
    const mangle = table('mangle', {}, ['-A PREROUTING -p tcp -m conntrack --ctstate NEW -m tcpmss ! --mss 536:65535 -j DROP']);
    const web = table('filter', { INPUT: 'DROP' }, [...EST, '-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT']);
    const flow = 'tcp 198.51.100.7 -> 192.0.2.1:80';
    expect(toHost(dump({ mangle, filter: web }), flow).verdict).toBe('conditional');
    expect(toHost(web, flow)).toMatchObject({ verdict: 'permitted', assumptions: ['unseen-tables-empty'] });
    expect(toHost(web, flow, { settings: { strict: true } }).verdict).toBe('conditional');
  });

  it('doubts a verdict when the export warns of a second backend', () => {
    const nft = [
      '# Generated by iptables-save v1.8.9 (nf_tables)',
      table('filter', { INPUT: 'DROP' }, [...EST, '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT']),
    ];
    const rest = EMPTY_TABLES.map((text) => `# Generated by iptables-save v1.8.9 (nf_tables)\n${text}`);
    const warned = ['# Warning: iptables-legacy tables present, use iptables-legacy-save to see them', ...nft, ...rest].join(
      '\n',
    );
    expect(toHost(warned, SSH).verdict).toBe('conditional');
    expect(toHost([...nft, ...rest].join('\n'), SSH).verdict).toBe('permitted');
    const legacy = `# Generated by iptables-save v1.8.9\n${table('filter', {}, ['-A INPUT -p tcp -m tcp --dport 22 -j DROP'])}`;
    expect(toHost(`${warned}\n${legacy}`, SSH)).toMatchObject({ verdict: 'blocked', rules: ['filter INPUT 1'] });
  });
});

describe('connection state', () => {
  const untrack = table('raw', {}, ['-A PREROUTING -p udp -m udp --dport 53 -j NOTRACK']);
  const DNS = 'udp 198.51.100.7 -> 192.0.2.1:53';

  it('sees an untracked packet as UNTRACKED, not NEW', () => {
    const text = dump({
      raw: untrack,
      filter: table('filter', { INPUT: 'DROP' }, ['-A INPUT -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT']),
    });
    expect(toHost(text, DNS)).toMatchObject({ verdict: 'blocked', rules: ['default'] });
  });

  it('judges the reply of an untracked packet as one of its own', () => {
    const lines = [
      '-A INPUT -m conntrack --ctstate NEW,UNTRACKED -j ACCEPT',
      '-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    ];
    const text = dump({ raw: untrack, filter: table('filter', { INPUT: 'DROP', OUTPUT: 'DROP' }, lines) });
    expect(toHost(text, DNS).verdict).toBe('blocked');
    expect(toHost(text, DNS, { firstPacket: true }).verdict).toBe('permitted');
  });

  it('blocks a connection whose replies are blocked', () => {
    const text = filter({ INPUT: 'DROP', OUTPUT: 'DROP' }, ['-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT']);
    expect(toHost(text, SSH)).toMatchObject({ verdict: 'blocked', rules: ['default'] });
  });

  it('ANDs the same module twice', () => {
    const text = filter({ INPUT: 'DROP' }, ['-A INPUT -p tcp -m state --state NEW -m state --state ESTABLISHED -j ACCEPT']);
    expect(toHost(text, SSH).verdict).toBe('blocked');
  });

  it('never tracks neighbour discovery, and knows ICMPv6 from protocol 1', () => {
    const six = (rule: string) => filter({ INPUT: 'DROP' }, [...EST, rule]);
    const of = (rule: string, flow: string) =>
      judgeFlow(firewallOf(six(rule), {}, 'ip6tables-save'), flow, { direction: 'in' }).verdict;
    expect(of('-A INPUT -p icmp -j ACCEPT', 'icmpv6/128/0 2001:db8::7 -> 2001:db8::1')).toBe('blocked');
    const fresh = '-A INPUT -p ipv6-icmp -m conntrack --ctstate NEW -j ACCEPT';
    expect(of(fresh, 'icmpv6/128/0 2001:db8::7 -> 2001:db8::1')).toBe('permitted');
    expect(of(fresh, 'icmpv6/135/0 2001:db8::7 -> 2001:db8::1')).toBe('blocked');
  });

  it('lets a SYN pass what drops everything but SYN', () => {
    const text = filter({}, ['-A INPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m state --state NEW -j DROP']);
    expect(toHost(text, SSH).verdict).toBe('permitted');
  });

  it('drops nothing real with a scan filter', () => {
    const text = filter({}, [
      '-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE -j DROP',
      '-A INPUT -p tcp -m tcp --tcp-flags SYN,FIN SYN,FIN -j DROP',
    ]);
    expect(toHost(text, SSH).verdict).toBe('permitted');
  });

  it('does not take an ICMP error for a new connection', () => {
    const text = filter({ INPUT: 'DROP' }, ['-A INPUT -m state --state NEW -j ACCEPT']);
    expect(toHost(text, 'icmp/3/4 198.51.100.7 -> 192.0.2.1').verdict).toBe('blocked');
    const related = filter({ INPUT: 'DROP' }, ['-A INPUT -m state --state RELATED -j ACCEPT']);
    expect(toHost(related, 'icmp/3/4 198.51.100.7 -> 192.0.2.1', { firstPacket: true }).verdict).toBe('conditional');
  });
});

describe('translation and marks', () => {
  it('names the translation that touches a flow', () => {
    const nat = table('nat', {}, ['-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080']);
    const text = dump({
      nat,
      filter: table('filter', { INPUT: 'DROP' }, [...EST, '-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT']),
    });
    expect(toHost(text, 'tcp 198.51.100.7 -> 192.0.2.1:80')).toMatchObject({
      verdict: 'conditional',
      conditions: ['construct redirect to port 8080'],
    });
    expect(toHost(text, SSH).verdict).toBe('blocked');
    const dnat = table('nat', {}, [
      '-A PREROUTING -d 192.0.2.1/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.5:8443',
    ]);
    expect(
      toHost(dump({ nat: dnat, filter: table('filter', { INPUT: 'DROP' }, EST) }), 'tcp 198.51.100.7 -> 192.0.2.1:443'),
    ).toMatchObject({
      verdict: 'conditional',
      conditions: ['construct port forward to 10.0.0.5:8443'],
    });
  });

  it('leaves flows alone that source translation alone touches', () => {
    const nat = table('nat', {}, ['-A POSTROUTING -o eth0 -j MASQUERADE']);
    const text = dump({ nat, filter: table('filter', {}, ['-A FORWARD -j ACCEPT']) });
    expect(forward(text, 'tcp 10.0.0.1 -> 198.51.100.1:80').verdict).toBe('permitted');
  });

  it('is never sure of marks that rules set', () => {
    const lines = [
      '-A FORWARD -j F',
      '-A F -s 10.0.0.0/8 -j MARK --set-xmark 0x10000/0x10000',
      '-A F -m mark --mark 0x10000/0x10000 -j ACCEPT',
    ];
    const text = filter({ FORWARD: 'DROP' }, [...EST, ...lines], ['F']);
    expect(forward(text, 'tcp 10.1.1.1 -> 198.51.100.1:80').verdict).toBe('conditional');
    const unset = filter({ FORWARD: 'DROP' }, [...EST, '-A FORWARD -m mark --mark 0x10000/0x10000 -j ACCEPT']);
    expect(forward(unset, 'tcp 10.1.1.1 -> 198.51.100.1:80')).toMatchObject({ verdict: 'blocked', assumptions: ['marks-zero'] });
  });
});

describe('sets that were given', () => {
  const given = (text: string): Given => ({ ipsets: [sourceOf(text, 'sets.txt')] });

  it('takes exceptions out of a set of networks', () => {
    const sets = given('create s hash:net family inet\nadd s 10.0.0.0/8\nadd s 10.1.0.0/16 nomatch\n');
    const text = filter({}, ['-A INPUT -m set ! --match-set s src -j DROP']);
    expect(toHost(text, 'tcp 10.1.2.3 -> 192.0.2.1:22', {}, sets)).toMatchObject({
      verdict: 'blocked',
      rules: ['filter INPUT 1'],
    });
    expect(toHost(text, 'tcp 10.2.2.3 -> 192.0.2.1:22', {}, sets).verdict).toBe('permitted');
  });

  it('never matches with fewer flags than dimensions', () => {
    const sets = given('create p hash:ip,port family inet\nadd p 10.0.0.1,udp:53\n');
    const flow = 'udp 10.0.0.1 -> 192.0.2.1:53';
    const rule = (test: string) => filter({ INPUT: 'DROP' }, [...EST, `-A INPUT -m set ${test} -j ACCEPT`]);
    expect(toHost(rule('--match-set p src'), flow, {}, sets).verdict).toBe('blocked');
    expect(toHost(rule('! --match-set p src'), flow, {}, sets).verdict).toBe('permitted');
    expect(toHost(rule('--match-set p src,dst'), flow, {}, sets).verdict).toBe('permitted');
    expect(toHost(rule('--match-set p src,dst'), 'tcp 10.0.0.1 -> 192.0.2.1:53', {}, sets).verdict).toBe('blocked');
    expect(toHost(rule('! --match-set p src,dst'), flow, {}, sets).verdict).toBe('blocked');
  });

  it('takes the addresses of a list by the name of the set', () => {
    const lists = new Map([['friends', addresses('198.51.100.0/24')]]);
    const text = filter({ INPUT: 'DROP' }, [...EST, '-A INPUT -m set --match-set friends src -j ACCEPT']);
    expect(toHost(text, SSH, {}, { lists }).verdict).toBe('permitted');
    expect(toHost(text, 'tcp 203.0.113.1 -> 192.0.2.1:22', {}, { lists }).verdict).toBe('blocked');
  });

  it('does not trust an entry that goes away, or a set that rules fill', () => {
    const sets = given('create t hash:ip family inet timeout 600\nadd t 198.51.100.7 timeout 590\n');
    expect(toHost(filter({}, ['-A INPUT -m set --match-set t src -j DROP']), SSH, {}, sets).verdict).toBe('conditional');
    const filled = filter({}, ['-A INPUT -p udp -j SET --add-set q src', '-A INPUT -m set --match-set q src -j DROP']);
    expect(toHost(filled, SSH, {}, given('create q hash:ip family inet\n')).verdict).toBe('conditional');
  });
});

describe('places', () => {
  it('satisfies a negated out-interface where there is none', () => {
    const text = filter({}, ['-A INPUT -j X', '-A X ! -o eth1 -j DROP'], ['X']);
    expect(toHost(text, SSH)).toMatchObject({ verdict: 'blocked', rules: ['filter X 1'] });
    expect(toHost(filter({}, ['-A INPUT -j X', '-A X -o eth1 -j DROP'], ['X']), SSH).verdict).toBe('permitted');
    const early = table('mangle', {}, ['-A PREROUTING -j X', '-A X -o eth1 -j DROP'], ['X']);
    expect(forward(dump({ mangle: early, filter: table('filter', {}, []) }), 'tcp 10.0.0.1 -> 198.51.100.1:80').verdict).toBe(
      'permitted',
    );
  });

  it('knows where a destination is the host', () => {
    const lines = [
      '-A INPUT -j N',
      '-A N -m addrtype --dst-type LOCAL -j RETURN',
      '-A N -m addrtype --dst-type MULTICAST -j RETURN',
      '-A N -j DROP',
    ];
    expect(toHost(filter({}, lines, ['N']), SSH).verdict).toBe('permitted');
    const nat = table(
      'nat',
      {},
      ['-A PREROUTING -m addrtype --dst-type LOCAL -j D', '-A D -p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80'],
      ['D'],
    );
    const text = dump({ nat, filter: table('filter', {}, []) });
    expect(forward(text, 'tcp 10.0.0.1 -> 198.51.100.1:80').verdict).toBe('permitted');
    expect(toHost(text, 'tcp 10.0.0.1 -> 192.0.2.1:80').verdict).toBe('conditional');
  });

  it('asks for the user of local sockets, and knows that forwarded packets have none', () => {
    const text = filter({ OUTPUT: 'DROP' }, [...EST, '-A OUTPUT -m owner --uid-owner 1000 -j ACCEPT']);
    const out: JudgeOptions = { direction: 'out' };
    const flow = 'tcp 192.0.2.1 -> 198.51.100.1:80';
    expect(toHost(text, flow, out)).toMatchObject({ verdict: 'conditional', conditions: ['user uid-owner 1000'] });
    expect(toHost(text, flow, { ...out, facts: { source_user: '1000' } }).verdict).toBe('permitted');
    expect(toHost(text, flow, { ...out, facts: { source_user: '33' } }).verdict).toBe('blocked');
  });
});

it('never takes a comment for an option', () => {
  const lines = [
    ...EST,
    '-A INPUT -m comment --comment "-j ACCEPT" -j DROP',
    '-A INPUT -p tcp -m comment --comment "a \\"b\\" \\\\ -d 1.2.3.4" -m tcp --dport 22 -j ACCEPT',
  ];
  expect(toHost(filter({}, lines), SSH)).toMatchObject({ verdict: 'blocked', rules: ['filter INPUT 2'] });
  const bare = ['-A INPUT -m comment --comment -j -j DROP'];
  expect(toHost(filter({}, bare), SSH).verdict).toBe('blocked');
});
