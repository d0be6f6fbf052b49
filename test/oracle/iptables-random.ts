/** Random rule sets as iptables-save prints them, all of which iptables-restore loads. */
import fc from 'fast-check';
import type { Family } from '../../src/sets/address.js';
import { readAddress, writeAddress } from './iptables-packet.js';
import { setMatch } from './iptables-sets.js';

export interface RandomRule {
  readonly chain: string;
  readonly words: readonly string[];
}
export interface RandomTable {
  readonly name: string;
  readonly policies: Readonly<Record<string, string>>;
  readonly chains: readonly string[];
  readonly rules: readonly RandomRule[];
}
export interface RandomRules {
  readonly family: Family;
  readonly tables: readonly RandomTable[];
}

export const INTERFACES = ['eth0', 'eth1', 'wan0'] as const;
const INTERFACE_VALUES = ['eth0', 'eth1', 'wan0', 'eth+', 'e+', 'wan0+', 'zz9', 'lo', 'wan+'];
const ADDRESSES = {
  4: ['10.1.2.3', '10.1.2.4', '10.1.9.3', '172.20.0.9'],
  6: ['2001:db8::3', '2001:db8::4', '2001:db8:0:9::3', 'fd00::9'],
};
const LENGTHS = {
  4: ['32', '31', '24', '16', '8', '0', '255.0.255.0'],
  6: ['128', '127', '64', '48', '32', '0', 'ffff:0:ffff::'],
};
const PORT_WORDS = ['22', '80', '443', '1000:1010', '1005', ':79', '1024:', '0:65535', '80:443'];
const STATES = [
  'NEW',
  'ESTABLISHED',
  'RELATED',
  'INVALID',
  'UNTRACKED',
  'NEW,UNTRACKED',
  'RELATED,ESTABLISHED',
  'NEW,ESTABLISHED',
  'INVALID,DNAT',
];
const FLAGS = ['FIN,SYN,RST,ACK SYN', 'SYN,ACK ACK', 'ALL NONE', 'SYN,FIN SYN,FIN', 'ALL SYN', 'RST RST'];

const not = (weight = 2): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: fc.constant(''), weight }, { arbitrary: fc.constant('! '), weight: 1 });
const words = (...parts: (fc.Arbitrary<string> | string)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((all) => all.join(''));
const pick = (list: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...list);

/** Masks with holes only where iptables keeps them: --ctorigsrc and --ctorigdst lose theirs (measured, 1.8.9). */
function network(family: Family, holes = true): fc.Arbitrary<string> {
  const lengths = LENGTHS[family].filter((length) => holes || /^[0-9]+$/.test(length));
  return fc.tuple(pick(ADDRESSES[family]), pick(lengths)).map(([address, length]) => `${address}/${length}`);
}

function range(family: Family): fc.Arbitrary<string> {
  return fc
    .tuple(pick(ADDRESSES[family]), fc.constantFrom(0n, 1n, 300n))
    .map(([low, more]) => `${low}-${writeAddress((readAddress(low, family) ?? 0n) + more, family)}`);
}

const list = fc.uniqueArray(pick(['22', '80', '443', '1000:1010', '1005', '1024:65535', '0:79']), { minLength: 1, maxLength: 4 });

/** Interfaces that a chain may test: built-in chains refuse those that their packets lack. */
function interfaceMatch(chain: string): fc.Arbitrary<string> {
  const options = [
    ...(['OUTPUT', 'POSTROUTING'].includes(chain) ? [] : ['-i ']),
    ...(['INPUT', 'PREROUTING'].includes(chain) ? [] : ['-o ']),
  ];
  return words(not(1), pick(options), pick(INTERFACE_VALUES));
}

function extra(family: Family, sets: boolean): fc.Arbitrary<string> {
  const state = [
    words('-m conntrack ', not(), '--ctstate ', pick(STATES)),
    words('-m state ', not(), '--state ', pick(STATES.filter((one) => !one.includes('NAT')))),
    words(
      '-m conntrack ',
      not(),
      '--ctstate ',
      pick(['NEW', 'ESTABLISHED', 'INVALID,UNTRACKED']),
      ' --ctdir ',
      pick(['ORIGINAL', 'REPLY']),
    ),
    words('-m conntrack ', not(), '--ctorigsrc ', network(family, false)),
    words('-m conntrack ', not(), '--ctorigdst ', network(family, false)),
  ];
  return fc.oneof(
    words('-m iprange ', not(), '--src-range ', range(family)),
    words('-m iprange ', not(), '--dst-range ', range(family)),
    words('-m iprange ', not(), '--src-range ', range(family), ' ', not(), '--dst-range ', range(family)),
    fc.constant('-m comment --comment "-j ACCEPT \\"x\\" \\\\"'),
    ...state,
    ...(sets ? [setMatch(family), setMatch(family), setMatch(family), setMatch(family)] : []),
  );
}

function protocolMatch(family: Family): fc.Arbitrary<readonly string[]> {
  const ported = (name: string): fc.Arbitrary<readonly string[]> =>
    fc.tuple(
      fc.constant(`-p ${name}`),
      fc.oneof(
        fc.constant(`-m ${name}`),
        words(`-m ${name} `, not(), '--dport ', pick(PORT_WORDS.filter((word) => word !== '0:65535'))),
        words(`-m ${name} `, not(), '--sport ', pick(PORT_WORDS.filter((word) => word !== '0:65535'))),
        words(
          `-m ${name} `,
          not(),
          '--sport ',
          pick(PORT_WORDS.slice(0, 7)),
          ` -m ${name} `,
          not(),
          '--dport ',
          pick(PORT_WORDS.slice(0, 7)),
        ),
        words(
          '-m multiport ',
          not(),
          '--dports ',
          list.map((one) => one.join()),
        ),
        words(
          '-m multiport ',
          not(),
          '--sports ',
          list.map((one) => one.join()),
        ),
        words(
          '-m multiport ',
          not(),
          '--ports ',
          list.map((one) => one.join()),
        ),
        words(
          '-m multiport ',
          not(),
          '--dports ',
          list.map((one) => one.join()),
          ' -m multiport ',
          not(),
          '--ports ',
          list.map((one) => one.join()),
        ),
      ),
    );
  const icmp: fc.Arbitrary<readonly string[]> =
    family === 4
      ? fc.tuple(
          fc.constant('-p icmp'),
          words('-m icmp ', not(), '--icmp-type ', pick(['8', '8/0', '8/3', '13', '9', 'any', '0'])),
        )
      : fc.tuple(
          fc.constant('-p ipv6-icmp'),
          words('-m icmp6 ', not(), '--icmpv6-type ', pick(['128', '128/0', '135', '133', '129', '137'])),
        );
  return fc.oneof(
    { arbitrary: ported('tcp'), weight: 4 },
    { arbitrary: ported('udp'), weight: 4 },
    { arbitrary: fc.tuple(fc.constant('-p tcp'), words('-m tcp ', not(), '--tcp-flags ', pick(FLAGS))), weight: 2 },
    { arbitrary: icmp, weight: 2 },
    { arbitrary: fc.tuple(words(not(), '-p ', pick(['tcp', 'udp', 'gre', '1', '58', '253']))), weight: 2 },
  );
}

/** Chains that a chain may call come after it, so that no loop arises. */
const CHAINS = ['one', 'two', 'three', 'four'];

function targetOf(table: string, chain: string): fc.Arbitrary<string> {
  const later = CHAINS.slice(CHAINS.indexOf(chain) + 1);
  const jumps = later.flatMap((name) => [
    { arbitrary: fc.constant(`-j ${name}`), weight: 2 },
    { arbitrary: fc.constant(`-g ${name}`), weight: 1 },
  ]);
  const notrack = [{ arbitrary: pick(['-j NOTRACK', '-j CT --notrack']), weight: 6 }];
  return fc.oneof(
    { arbitrary: fc.constant('-j ACCEPT'), weight: table === 'filter' ? 6 : 2 },
    { arbitrary: fc.constant('-j DROP'), weight: table === 'filter' ? 3 : 1 },
    { arbitrary: fc.constant('-j RETURN'), weight: 3 },
    { arbitrary: fc.constant(''), weight: 1 },
    ...(table === 'filter' ? [{ arbitrary: fc.constant('-j REJECT'), weight: 1 }] : []),
    ...(table === 'raw' ? notrack : []),
    ...jumps,
  );
}

function ruleOf(family: Family, table: string, chain: string, sets: boolean): fc.Arbitrary<RandomRule> {
  return fc
    .record({
      source: fc.option(words(not(), '-s ', network(family)), { freq: 2 }),
      destination: fc.option(words(not(), '-d ', network(family)), { freq: 2 }),
      link: fc.option(interfaceMatch(chain), { freq: 2 }),
      protocol: fc.option(protocolMatch(family), { freq: 2 }),
      more: fc.array(extra(family, sets), { maxLength: 2 }),
      target: targetOf(table, chain),
    })
    .map(({ source, destination, link, protocol, more, target }) => {
      const [proto = '', ...matches] = protocol ?? [];
      const parts = [source, destination, link, proto, ...matches, ...more, target];
      return { chain, words: parts.filter((part): part is string => part !== null && part !== '') };
    });
}

function tableOf(
  family: Family,
  name: string,
  builtIn: readonly string[],
  most: number,
  sets: boolean,
): fc.Arbitrary<RandomTable> {
  const policy = name === 'filter' ? pick(['ACCEPT', 'DROP']) : pick([...Array<string>(11).fill('ACCEPT'), 'DROP']);
  const chains = [...builtIn, ...CHAINS];
  return fc
    .record({
      policies: fc.tuple(...builtIn.map(() => policy)),
      rules: fc.array(
        fc.constantFrom(...chains).chain((chain) => ruleOf(family, name, chain, sets)),
        { maxLength: most, minLength: 1 },
      ),
    })
    .map(({ policies, rules }) => ({
      name,
      policies: Object.fromEntries(builtIn.map((chain, i) => [chain, policies[i] ?? 'ACCEPT'])),
      chains: CHAINS,
      rules,
    }));
}

const FILTER = ['INPUT', 'FORWARD', 'OUTPUT'];
const RAW = ['PREROUTING', 'OUTPUT'];
const MANGLE = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

const rulesWith = (sets: boolean): fc.Arbitrary<RandomRules> =>
  fc
    .constantFrom<Family[]>(4, 6)
    .chain((family) =>
      fc
        .tuple(
          fc.option(tableOf(family, 'raw', RAW, 4, sets), { freq: 2 }),
          fc.option(tableOf(family, 'mangle', MANGLE, 5, sets), { freq: 2 }),
          tableOf(family, 'filter', FILTER, 30, sets),
        )
        .map((tables) => ({ family, tables: tables.filter((table): table is RandomTable => table !== null) })),
    );

export const randomRules = rulesWith(false);
/** With tests of the sets of SETS. */
export const randomRulesWithSets = rulesWith(true);

/** The text that iptables-restore loads. */
export function dumpOf({ family, tables }: RandomRules): string {
  const lines: string[] = [];
  for (const { name, policies, chains, rules } of tables) {
    lines.push(`# Generated by ${family === 4 ? 'iptables' : 'ip6tables'}-save v1.8.9`, `*${name}`);
    for (const [chain, policy] of Object.entries(policies)) lines.push(`:${chain} ${policy} [0:0]`);
    for (const chain of chains) lines.push(`:${chain} - [0:0]`);
    for (const { chain, words: parts } of rules) lines.push(`-A ${chain} ${parts.join(' ')}`.trimEnd());
    lines.push('COMMIT');
  }
  return `${lines.join('\n')}\n`;
}

/** Smaller sets: without one table, without some rules, without one part of a rule. */
export function* smaller(rules: RandomRules): Generator<RandomRules> {
  const { tables } = rules;
  for (const [t, table] of tables.entries()) {
    const replace = (one: RandomTable): RandomRules => ({ ...rules, tables: tables.with(t, one) });
    if (table.name !== 'filter') yield { ...rules, tables: tables.filter((_, i) => i !== t) };
    for (let size = table.rules.length; size >= 1; size = size >> 1)
      for (let at = 0; at + size <= table.rules.length; at += size)
        yield replace({ ...table, rules: [...table.rules.slice(0, at), ...table.rules.slice(at + size)] });
    for (const [r, rule] of table.rules.entries())
      for (let w = 0; w < rule.words.length - 1; w++)
        if (!(rule.words[w] ?? '').startsWith('-p'))
          yield replace({ ...table, rules: table.rules.with(r, { ...rule, words: rule.words.filter((_, i) => i !== w) }) });
  }
}
