import { describe, expect, test } from 'vitest';
import { boxText, explanationOf, fixOf, ruleText, tryItOf } from '../../src/audit/words.js';
import type { DecidingRule, FlowVerdict, OpenCondition } from '../../src/model/verdict.js';

const rule = (parts: Partial<DecidingRule>): DecidingRule => ({
  device: 'edge',
  rule: '7',
  name: 'web',
  file: 'edge.xml',
  line: 12,
  action: 'drop',
  ...parts,
});

const verdict = (parts: Partial<FlowVerdict>): FlowVerdict => ({
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
  ...parts,
});

const condition = (parts: Partial<OpenCondition>): OpenCondition => ({
  class: 'missing',
  kind: 'actor',
  name: 'Relay',
  device: '',
  rule: null,
  file: null,
  line: null,
  holds: [],
  ...parts,
});

const MISSING = [{ source: '10.0.1.5', destination: '10.0.2.0/24', protocol: 'tcp', ports: '443', sourcePorts: '1024-65535' }];
const ANYWHERE =
  '1.0.0.0-9.255.255.255, 11.0.0.0-100.63.255.255, 100.128.0.0-126.255.255.255, 128.0.0.0-169.253.255.255, 169.255.0.0-172.15.255.255, 172.32.0.0-191.255.255.255, 192.0.1.0/24, 192.0.3.0-192.31.195.255, 192.31.197.0-192.52.192.255, 192.52.194.0-192.88.98.255, 192.88.100.0-192.167.255.255, 192.169.0.0-192.175.47.255, 192.175.49.0-198.17.255.255, 198.20.0.0-198.51.99.255, 198.51.101.0-203.0.112.255, 203.0.114.0-223.255.255.255';

describe('a rule in words', () => {
  test('numbers and places in a chain stay, identifiers that tell nothing beside a name go', () => {
    expect(ruleText(rule({}))).toBe('edge rule 7 "web" (edge.xml:12)');
    expect(ruleText(rule({ rule: 'filter INPUT 3' }))).toBe('edge rule filter INPUT 3 "web" (edge.xml:12)');
    expect(ruleText(rule({ rule: '1720440175' }))).toBe('edge rule "web" (edge.xml:12)');
    expect(ruleText(rule({ rule: '{0D7B9E16-42C5-4C1A-9F7E-6C2B8A5D3E10}' }))).toBe('edge rule "web" (edge.xml:12)');
    expect(ruleText(rule({ rule: '1720440175', name: '' }))).toBe('edge rule 1720440175 (edge.xml:12)');
  });

  test('a default is not called a default twice', () => {
    expect(ruleText(rule({ rule: 'default', name: 'default inbound action: block', file: null, line: null }))).toBe(
      "edge's default inbound action: block",
    );
    expect(ruleText(rule({ rule: 'default', name: 'policy DROP' }))).toBe('edge\'s default "policy DROP" (edge.xml:12)');
  });
});

describe('why', () => {
  test('what the firewall adds by itself is left out beside a rule of a user, and named where it stands alone', () => {
    const automatic = rule({ rule: 'automatic/let-out', name: 'let out', action: 'accept', file: null, line: null });
    const own = rule({ action: 'accept' });
    expect(explanationOf(verdict({ decidedBy: [automatic, own] }))).toBe('Permitted by edge rule 7 "web" (edge.xml:12).');
    expect(explanationOf(verdict({ decidedBy: [automatic] }))).toBe('Permitted by edge automatic rule "let out".');
    const elsewhere = rule({ device: 'core', action: 'accept' });
    expect(explanationOf(verdict({ decidedBy: [automatic, elsewhere] }))).toContain('let out');
  });

  test('reachable says from where and by what, not what denies', () => {
    const text = explanationOf(
      verdict({
        verdict: 'partial',
        decidedBy: [rule({ name: 'no', rule: '1' }), rule({ action: 'accept' })],
        open: [
          { source: '10.0.1.0/25', destination: '10.0.2.1' },
          { source: '10.0.1.128/25', destination: '10.0.2.1' },
        ],
      }),
      'deny',
    );
    expect(text).toBe('Reachable from 10.0.1.0/24: let through by edge rule 7 "web" (edge.xml:12).');
  });

  test('a default beside rules is said, and so is a default alone', () => {
    const standard = rule({ rule: 'default', name: 'outbound', action: 'accept' });
    expect(explanationOf(verdict({ byDefault: true, decidedBy: [standard] }))).toContain("no rule authorises it: edge's default");
    const both = explanationOf(verdict({ byDefault: true, decidedBy: [rule({ action: 'accept' }), standard] }));
    expect(both).toBe(
      'Permitted by edge rule 7 "web" (edge.xml:12); and by default, where no rule authorises it: edge\'s default "outbound" (edge.xml:12).',
    );
  });

  test('conditions: actors together, kinds together, the rule that carries them by its name', () => {
    const guid = '{0D7B9E16-42C5-4C1A-9F7E-6C2B8A5D3E10}';
    const carrying = { device: 'edge', rule: guid, file: 'edge.xml', line: 12, class: 'by-design' } as const;
    const text = explanationOf(
      verdict({
        verdict: 'conditional',
        decidedBy: [rule({ rule: guid, action: 'accept' }), rule({ rule: '8', name: 'other', line: 20, action: 'accept' })],
        conditions: [
          condition({}),
          condition({ name: 'Client' }),
          condition({ ...carrying, kind: 'application', name: 'ssl' }),
          condition({ ...carrying, kind: 'application', name: 'ldap' }),
        ],
      }),
    );
    expect(text).toBe(
      'It depends on where Relay and Client lie and the application (ssl and ldap): edge rule "web" (edge.xml:12).',
    );
  });

  test('long lists of addresses are cut; the public ones are one word', () => {
    const holds = [{ destination: '10.0.0.1, 10.0.0.3, 10.0.0.5, 10.0.0.7, 10.0.0.9, 10.0.0.11' }];
    expect(explanationOf(verdict({ verdict: 'conditional', conditions: [condition({ holds })] }))).toBe(
      'Permitted if Relay lies within 10.0.0.1, 10.0.0.3, 10.0.0.5, 10.0.0.7 and 2 more ranges.',
    );
    expect(boxText({ protocol: 'tcp', ports: '80', destination: `10.0.0.0/8, ${ANYWHERE}` })).toBe(
      'tcp 80 to 10.0.0.0/8 and every public address',
    );
  });
});

describe('what to do', () => {
  test('an explicit rule needs an exception, a default a rule, on every device that denies', () => {
    expect(fixOf(verdict({ verdict: 'blocked', decidedBy: [rule({})], missing: MISSING }), 'allow')).toBe(
      'Make an exception to that rule on edge that allows tcp 443 from 10.0.1.5 to 10.0.2.0/24.',
    );
    const defaults = [rule({ rule: 'default' }), rule({ rule: 'default', device: 'core' })];
    expect(fixOf(verdict({ verdict: 'blocked', decidedBy: defaults, missing: MISSING }), 'allow')).toBe(
      'Add a rule on edge and core that allows tcp 443 from 10.0.1.5 to 10.0.2.0/24.',
    );
  });

  test('an end that may be anywhere is no list of addresses', () => {
    const missing = [{ protocol: 'tcp', ports: '443', source: '10.0.1.5', destination: ANYWHERE }];
    expect(fixOf(verdict({ verdict: 'blocked', decidedBy: [rule({})], missing }), 'allow')).toMatch(
      /allows tcp 443 from 10\.0\.1\.5 to the target\.$/,
    );
  });

  test('what is met needs nothing; what is open says what settles it, each answer once', () => {
    expect(fixOf(verdict({ verdict: 'blocked', cause: 'nat', decidedBy: [rule({})], missing: MISSING }), 'allow')).toMatch(
      /state published: for its role\. Else: Make an exception/,
    );
    expect(fixOf(verdict({}), 'allow')).toBeNull();
    expect(fixOf(verdict({ verdict: 'blocked', decidedBy: [rule({})] }), 'deny')).toBeNull();
    const conditions = [
      condition({ settledBy: 'bind it' }),
      condition({ settledBy: 'bind it' }),
      condition({ settledBy: 'Ask.' }),
    ];
    expect(fixOf(verdict({ verdict: 'conditional', conditions }), 'allow')).toBe('Bind it. Ask.');
  });

  test('a host is tried, not a network, and none where the end may be anywhere', () => {
    const witness = { source: '10.0.1.5', destination: '10.0.2.0', protocol: 'tcp', port: 443 };
    expect(tryItOf(verdict({ witness, missing: MISSING }), false)).toBe('nc -vz -w 3 10.0.2.1 443');
    expect(tryItOf(verdict({ witness, missing: [{ destination: '10.0.2.0' }] }), true)).toBe(
      'Test-NetConnection 10.0.2.0 -Port 443',
    );
    expect(tryItOf(verdict({ witness: { ...witness, destination: '1.0.0.0' } }), false)).toBeNull();
    expect(tryItOf(verdict({ witness, conditions: [condition({})] }), false)).toBeNull();
  });
});
