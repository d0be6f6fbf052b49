/** Matches of single rules, exactly. */
import { describe, expect, it } from 'vitest';
import type { Rule } from '../../../src/model/firewall.js';
import { PHASE } from '../../../src/model/match.js';
import { formatAddresses } from '../../../src/sets/ip.js';
import { addresses, filter, firewallOf, rules } from './support.js';

/** The model rules of one dump rule in a user chain that INPUT calls. */
function read(match: string, form = 'iptables-save'): readonly Rule[] {
  const firewall = firewallOf(filter({}, ['-A INPUT -j X', `-A X ${match} -j ACCEPT`], ['X']), { name: 'gw' }, form);
  return rules(firewall, `ipv${form === 'ip6tables-save' ? 6 : 4} filter X`);
}

function exact(match: string, form?: string) {
  const [rule, ...more] = read(match, form);
  expect(more).toEqual([]);
  expect(rule?.conditions).toEqual([]);
  expect(rule?.match.lo).toBe(rule?.match.hi);
  return rule?.match.lo ?? [];
}

const sources = (match: string, form?: string): string[] =>
  exact(match, form).flatMap((box) => (box.source ? formatAddresses(box.source) : ['any']));

describe('addresses', () => {
  it.each([
    ['-s 10.1.2.3/8', ['10.0.0.0/8']],
    ['-s 10.0.0.0/255.255.0.0', ['10.0.0.0/16']],
    ['-s 10.0.0.1,10.0.0.3', ['10.0.0.1', '10.0.0.3']],
    ['! -s 128.0.0.0/1', ['0.0.0.0/1']],
    ['-m iprange --src-range 10.0.0.5-10.0.0.9', ['10.0.0.5-10.0.0.9']],
    ['-m iprange --src-range 10.0.0.9-10.0.0.5', []],
    ['! -s 0.0.0.0/0', []],
    ['-s 0.0.0.0/0', ['0.0.0.0/0']],
  ])('%s', (match, expected) => {
    expect(sources(match)).toEqual(expected);
  });

  it('reads IPv6 masks, with holes too', () => {
    expect(sources('-s fe80::1/ffff::', 'ip6tables-save')).toEqual(['fe80::/16']);
    expect(sources('-s 2001:db8::/ffff:ffff:ffff:fffe::', 'ip6tables-save')).toEqual(['2001:db8::/63']);
    expect(sources('-s ::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffd', 'ip6tables-save')).toEqual(['::1', '::3']);
  });

  it.each(['mail.example.org', '<private_ip>/32', '10.0.0.0/33', '10.0.0'])('leaves %s open', (text) => {
    for (const rule of [...read(`-s ${text}`), ...read(`! -s ${text}`)]) {
      expect(rule.match.lo).toEqual([]);
      expect(rule.match.hi).toHaveLength(1);
      expect(rule.conditions).toHaveLength(1);
    }
  });

  it('takes a name for one fact, whichever rule tests it', () => {
    const coins = (match: string) =>
      read(match).map((rule) => `${rule.conditions[0]?.negated ? '!' : ''}${rule.conditions[0]?.coin}`);
    expect(coins('-s mail.example.org')).toEqual(['name:mail.example.org:src', 'name:mail.example.org:dst']);
    expect(coins('-p tcp ! -s mail.example.org')).toEqual(['!name:mail.example.org:src', '!name:mail.example.org:dst']);
  });

  it('takes names that were resolved', () => {
    const names = new Map([['mail.example.org', addresses('192.0.2.25')]]);
    const firewall = firewallOf(filter({}, ['-A INPUT -s mail.example.org -j ACCEPT']), { names });
    expect(rules(firewall, 'ipv4 filter INPUT')[0]?.conditions).toEqual([]);
  });
});

describe('protocols and ports', () => {
  it.each([
    ['-p 47', { protocols: [47, 48] }],
    ['-p all', {}],
    ['! -p udp', { protocols: [0, 17, 18, 256] }],
    ['-p tcp -m tcp --dport 22', { protocols: [6, 7], ports: [22, 23] }],
    ['-p tcp -m tcp ! --dport 22:23', { protocols: [6, 7], ports: [0, 22, 24, 65536] }],
    ['-p udp -m udp --sport :1023 --dport 1024:', { protocols: [17, 18], sourcePorts: [0, 1024], ports: [1024, 65536] }],
    ['-p tcp --dport ssh', { protocols: [6, 7], ports: [22, 23] }],
    ['-p tcp --dport ftp-data:http', { protocols: [6, 7], ports: [20, 81] }],
    ['-p sctp -m multiport --sports 1,5:6', { protocols: [132, 133], sourcePorts: [1, 2, 5, 7] }],
    ['-p icmp -m icmp --icmp-type 8', { protocols: [1, 2], ports: [2048, 2304] }],
    ['-p icmp -m icmp --icmp-type 3/4', { protocols: [1, 2], ports: [772, 773] }],
    ['-p icmp -m icmp --icmp-type any', { protocols: [1, 2] }],
    ['-p icmp -m icmp ! --icmp-type 8', { protocols: [1, 2], ports: [0, 2048, 2304, 65536] }],
    ['-p icmp --icmp-type fragmentation-needed', { protocols: [1, 2], ports: [772, 773] }],
    [
      '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN',
      { protocols: [6, 7], phases: [PHASE.first, PHASE.reply, PHASE.untrackedFirst, PHASE.untrackedReply] },
    ],
    ['! -f', {}],
    ['-m comment --comment "x y"', {}],
    ['-m recent --set --name a --rsource', {}],
    ['-m length --length 0:65535', {}],
  ])('%s', (match, box) => {
    expect(exact(match)).toEqual([box]);
  });

  it('matches nothing where nothing is left', () => {
    for (const match of [
      '-f',
      '-m recent ! --set --name a',
      '-p tcp -m tcp --dport 5 -m tcp --dport 6',
      '-p icmp -m icmp ! --icmp-type any',
      '-i +x -i y',
    ])
      expect(
        read(match).every((rule) => rule.match.hi.length === 0),
        match,
      ).toBe(true);
  });

  it('reads ICMPv6 types, where `any` is unknown', () => {
    expect(exact('-p ipv6-icmp -m icmp6 --icmpv6-type echo-request', 'ip6tables-save')).toEqual([
      { protocols: [58, 59], ports: [32768, 33024] },
    ]);
    expect(read('-p ipv6-icmp -m icmp6 --icmpv6-type any', 'ip6tables-save')[0]?.conditions).toHaveLength(1);
  });

  it('never drops a constraint that it cannot read', () => {
    for (const match of [
      '-p quux',
      '-p tcp --dport 70000',
      '-p tcp --dport 9:8',
      '-p tcp -m tcp --tcp-flags X Y',
      '-m conntrack --ctstate SOMETHING',
      '-m quux',
      '-p udp -m tcp --dport 53',
      '-m u32 --u32 x',
    ]) {
      const [rule] = read(match);
      expect(rule?.conditions.length, match).toBeGreaterThan(0);
    }
  });
});

describe('state', () => {
  it('knows which packets of a connection a state means', () => {
    expect(exact('-m conntrack --ctstate ESTABLISHED')).toEqual([{ phases: [PHASE.reply, PHASE.later + 1] }]);
    expect(exact('-m conntrack --ctstate UNTRACKED')).toEqual([{ phases: [PHASE.untrackedFirst, PHASE.untrackedLater + 1] }]);
    expect(exact('-p tcp -m state --state NEW')).toEqual([
      { protocols: [6, 7], phases: [PHASE.first, PHASE.first + 1, PHASE.strayLater, PHASE.strayLater + 1] },
    ]);
    expect(exact('-p tcp -m state --state INVALID')).toEqual([
      { protocols: [6, 7], phases: [PHASE.strayReply, PHASE.strayReply + 1, PHASE.unseenLater, PHASE.unseenLater + 1] },
    ]);
    expect(exact('-p udp -m state --state INVALID')).toEqual([]);
    expect(exact('-m conntrack --ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED')).toEqual([{}]);
  });

  it('keeps tests of the connection apart from its state', () => {
    const boxes = exact('-p tcp -m conntrack --ctdir REPLY');
    expect(boxes).toEqual([{ protocols: [6, 7], phases: [PHASE.reply, PHASE.reply + 1] }]);
    const target = exact('-p tcp -m conntrack --ctorigdstport 80 --ctstate NEW,ESTABLISHED');
    expect(target).toEqual(
      expect.arrayContaining([{ protocols: [6, 7], phases: [PHASE.reply, PHASE.reply + 1], sourcePorts: [80, 81] }]),
    );
  });

  it('counts protocols without ports as port 0 of the connection', () => {
    const reaches = (match: string): boolean => read(match)[0]?.match.lo.some((box) => box.protocols?.[0] === 0) ?? false;
    expect(reaches('-m conntrack ! --ctorigdstport 80')).toBe(true);
    expect(reaches('-m conntrack --ctorigdstport 80')).toBe(false);
  });

  it('keeps DNAT open beside exact states', () => {
    const found = read('-p tcp -m conntrack --ctstate ESTABLISHED,DNAT');
    expect(found[0]?.conditions).toEqual([]);
    const firewall = firewallOf(
      `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m conntrack --ctstate DNAT -j ACCEPT\nCOMMIT\n`,
    );
    expect(rules(firewall, 'ipv4 filter INPUT')[0]).toMatchObject({
      match: { lo: [] },
      conditions: [{ kind: 'construct', effect: 'extent' }],
    });
  });
});

describe('interfaces', () => {
  const firewall = firewallOf(
    filter({}, [
      '-A FORWARD -i eth0 -j ACCEPT',
      '-A FORWARD -i eth+ -j ACCEPT',
      '-A FORWARD ! -i eth+ -j ACCEPT',
      '-A FORWARD -i + -j ACCEPT',
      '-A FORWARD -i eth0.10 -j ACCEPT',
    ]),
  );
  const linksOf = (i: number): string[] => {
    const set = rules(firewall, 'ipv4 filter FORWARD')[i]?.match.lo[0]?.in;
    return firewall.links.names.filter(
      (_, n) => set === undefined || set.some((start, k) => k % 2 === 0 && n >= start && n < (set[k + 1] ?? 0)),
    );
  };

  it('knows prefixes, and interfaces that no rule names', () => {
    expect(firewall.links.names).toEqual(['lo', 'eth0', 'eth0.10', 'eth+ (another)', 'any other interface', 'no interface']);
    expect(linksOf(0)).toEqual(['eth0']);
    expect(linksOf(1)).toEqual(['eth0', 'eth0.10', 'eth+ (another)']);
    expect(linksOf(2)).toEqual(['lo', 'any other interface', 'no interface']);
    expect(linksOf(3)).toEqual(firewall.links.names);
  });

  it('brings packets from the network in on anything but lo', () => {
    expect(firewall.entries.in).toMatchObject({ in: [1, 5], out: [5, 6] });
    expect(firewall.entries.out).toMatchObject({ in: [5, 6], out: [1, 5] });
    expect(firewall.entries.forward).toMatchObject({ in: [1, 5], out: [1, 5] });
  });
});

describe('coins', () => {
  const coin = (match: string): string | undefined => read(match)[0]?.conditions[0]?.coin;

  it('shares a fact between rules that test it', () => {
    expect(coin('-m set --match-set x src')).toBe('list:x:src');
    expect(coin('-m set ! --match-set x src -p tcp')).toBe('list:x:src');
    expect(coin('-m mac --mac-source 00:00:5e:00:53:01')).toBe(coin('-p udp -m mac --mac-source 00:00:5e:00:53:01'));
  });

  it('does not share a set that rules fill', () => {
    const firewall = firewallOf(
      filter({}, [
        '-A INPUT -m set --match-set q src -j ACCEPT',
        '-A INPUT -j SET --add-set q src',
        '-A INPUT -m set --match-set q src -j DROP',
      ]),
    );
    const coins = rules(firewall, 'ipv4 filter INPUT').flatMap((rule) => rule.conditions.map(({ coin }) => coin));
    expect(new Set(coins).size).toBe(coins.length);
  });

  it('tests the other end in replies', () => {
    const [there, back] = read('-m set --match-set x src');
    expect(there?.conditions[0]?.coin).toBe('list:x:src');
    expect(back?.conditions[0]?.coin).toBe('list:x:dst');
    expect(back?.match.lo).toEqual([
      { phases: [PHASE.reply, PHASE.later, PHASE.untrackedReply, PHASE.untrackedLater, PHASE.strayReply, PHASE.strayLater] },
    ]);
  });

  it('never shares a rate, or a masked value', () => {
    const firewall = firewallOf(
      filter({}, [
        '-A INPUT -m limit --limit 1/sec -j ACCEPT',
        '-A INPUT -m limit --limit 1/sec -j DROP',
        '-A INPUT -m mac --mac-source XX:XX:XX:XX:XX:XX -j ACCEPT',
        '-A INPUT -m mac --mac-source XX:XX:XX:XX:XX:XX -j DROP',
      ]),
    );
    const coins = rules(firewall, 'ipv4 filter INPUT').map((rule) => rule.conditions[0]?.coin);
    expect(new Set(coins).size).toBe(4);
  });

  it.each([
    ['-m limit --limit 1/sec', true],
    ['-m hashlimit --hashlimit-upto 1/sec --hashlimit-name a', true],
    ['-m hashlimit --hashlimit-above 1/sec --hashlimit-name a', false],
    ['-m connlimit --connlimit-above 9', false],
    ['-m connlimit ! --connlimit-above 9', true],
    ['-m recent --rcheck --name a', false],
    ['-m recent ! --update --name a', true],
  ])('knows what %s is below the limits', (match, value) => {
    expect(read(match)[0]?.conditions[0]).toMatchObject({
      kind: 'rate-limit',
      assumption: { id: 'below-rate-limits', value, on: false },
    });
  });

  it('knows what a reverse path check is when routing is symmetric', () => {
    expect(read('-m rpfilter --validmark --invert')[0]?.conditions[0]?.assumption).toEqual({
      id: 'rpfilter-passes',
      value: false,
      on: false,
    });
    expect(read('-m rpfilter')[0]?.conditions[0]?.assumption).toEqual({ id: 'rpfilter-passes', value: true, on: false });
  });
});
