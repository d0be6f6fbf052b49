import { describe, expect, test } from 'vitest';
import { htmlReport } from '../../reports/html/report.js';
import { briefRanges } from '../../reports/shared/boxes.js';
import { tellingRules } from '../../reports/shared/deciding.js';
import { excessInOrder, riskyInShort } from '../../reports/shared/excess.js';
import { questionsOf, reachWords } from '../../reports/shared/questions.js';
import { textReport } from '../../reports/text/report.js';
import type { AuditResult, ExcessFinding, RequirementResult } from '../../src/model/result.js';
import type { DecidingRule, OpenCondition } from '../../src/model/verdict.js';
import { requirement, rich } from './fixture.js';

const OPTIONS = { colour: false, written: [] };

const actor = (name: string): OpenCondition => ({
  class: 'missing',
  kind: 'actor',
  name,
  device: '',
  rule: null,
  file: null,
  line: null,
  holds: [],
  settledBy: `bind "${name}" to addresses under roles:`,
});
const list: OpenCondition = { ...actor('bogons'), kind: 'list', device: 'edge', settledBy: 'give the list' };
const open = (id: string, conditions: readonly OpenCondition[]): RequirementResult =>
  requirement({ id, verdict: 'conditional', outcome: 'open', explanation: `About ${id}.`, conditions });
const resultOf = (requirements: readonly RequirementResult[]): AuditResult => ({ ...rich, requirements, diagnostics: [] });
const rule = (id: string, action: DecidingRule['action'], device = 'edge'): DecidingRule => ({
  device,
  rule: id,
  name: id,
  file: null,
  line: null,
  action,
});

describe('questions', () => {
  const flows = [open('a', [actor('A'), list]), open('b', [actor('B'), list]), open('c', [list])];

  test('one condition on many flows is one question; actors that one place binds are one, too', () => {
    const questions = questionsOf(flows);
    expect(questions.map(({ kind, names, flows: on, settles }) => [kind, names, on.length, settles])).toEqual([
      ['list', ['bogons'], 3, 1],
      ['actor', ['A', 'B'], 2, 0],
    ]);
    expect(questions.map(({ settledBy }) => settledBy)).toEqual(['give the list', 'bind A and B to addresses under roles:']);
  });

  test('an answer is never said to settle a flow that hangs on more, or one that is a gap anyway', () => {
    const gap = requirement({ id: 'd', verdict: 'partial', outcome: 'not-met', conditions: [list] });
    const [first] = questionsOf([...flows, gap]);
    expect(first && reachWords(first)).toBe('settles 1 flow, bears on 3 more');
    expect(questionsOf([requirement({ id: 'm', conditions: [list] })])).toEqual([]);
  });

  test('the text report asks once and leaves the question out of the blocks', () => {
    const text = textReport.render(resultOf(flows), OPTIONS);
    expect(text.split('Give the list.').length).toBe(2);
    expect(text).toContain('settles 1 flow, bears on 2 more');
    expect(text).not.toMatch(/^ +settle +/m);
  });

  test('the html report asks once, too, and folds many flows', () => {
    const many = Array.from({ length: 5 }, (_, index) => open(`f${index}`, [list]));
    const html = htmlReport.render(resultOf(many), OPTIONS);
    expect(html.split('<article class="question">').length).toBe(2);
    expect(html).toContain('<summary>5 flows</summary>');
  });
});

describe('rules that tell why', () => {
  const decidedBy = [
    rule('no', 'drop'),
    rule('automatic/let-out', 'accept'),
    rule('yes', 'accept'),
    rule('automatic/x', 'accept', 'core'),
  ];
  const names = (parts: Partial<RequirementResult>): string[] =>
    tellingRules(requirement({ id: 'x', decidedBy, ...parts })).map((one) => one.rule);

  test('what lets through for the reachable, what denies for the blocked, without the automatic beside a user rule', () => {
    expect(names({ expect: 'deny', outcome: 'not-met', verdict: 'partial' })).toEqual(['yes', 'automatic/x']);
    expect(names({ outcome: 'not-met', verdict: 'partial' })).toEqual(['no']);
    expect(names({ outcome: 'met' })).toEqual(['yes', 'automatic/x']);
    expect(names({ outcome: 'met', expect: 'deny', verdict: 'blocked' })).toEqual(['no']);
  });

  test('a rule decides rather than none', () => {
    expect(names({ outcome: 'not-met', verdict: 'blocked', decidedBy: [rule('automatic/only', 'accept')] })).toEqual([
      'automatic/only',
    ]);
  });
});

describe('what is open beyond need', () => {
  const finding = (name: string, parts: Partial<ExcessFinding>): ExcessFinding => ({
    device: 'edge',
    rule: rule(name, 'accept'),
    sure: [{ protocol: 'tcp', ports: '80' }],
    possible: [],
    width: 1,
    risky: [],
    ...parts,
  });

  test('risky first, then wide, rules that pass only ICMP last however wide', () => {
    const order = excessInOrder([
      finding('ping', { sure: [{ protocol: 'icmp', icmp: '8/*' }], width: 1e15 }),
      finding('wide', { width: 1e9 }),
      finding('risky', { risky: ['SSH'] }),
      finding('any', { sure: [{}], width: 1e12 }),
    ]).sure.map((one) => one.rule.rule);
    expect(order).toEqual(['risky', 'any', 'wide', 'ping']);
  });

  test('a rule that opens everything is not a wall of names', () => {
    expect(riskyInShort(['a', 'b', 'c', 'd'])).toEqual(['a', 'b', 'c', 'd']);
    expect(riskyInShort(['a', 'b', 'c', 'd', 'e'])).toEqual(['5 risky services']);
  });

  test('the html report shows the first six and folds the rest, all of them there', () => {
    const excess = Array.from({ length: 20 }, (_, index) => finding(`opening-${index}`, { width: 20 - index }));
    const html = htmlReport.render({ ...rich, excess }, OPTIONS);
    expect(html.indexOf('opening-5&quot;')).toBeLessThan(html.indexOf('<summary>14 more rules</summary>'));
    expect(html.indexOf('opening-6&quot;')).toBeGreaterThan(html.indexOf('<summary>14 more rules</summary>'));
    expect(html.split('<details class="opening">').length).toBe(21);
  });
});

describe('long texts', () => {
  const lines = Array.from({ length: 40 }, (_, index) => `line-${index}`);
  const blocked = requirement({
    id: 'long',
    verdict: 'blocked',
    outcome: 'not-met',
    decidedBy: [{ ...rule('r', 'drop'), file: 'a.xml', line: 1 }],
    missing: [{ source: '10.0.0.1', destination: lines.map((_, index) => `10.0.${index}.1`).join(', ') }],
  });
  const html = htmlReport.render(
    { ...resultOf([blocked]), ruleTexts: [{ file: 'a.xml', line: 1, text: lines.join('\n') }] },
    OPTIONS,
  );

  test('a rule of forty lines stands with twelve, the rest unfolds and is whole', () => {
    expect(html).toContain('line-11</code></pre><details class="rest lines"><summary>28 more lines</summary>');
    expect(html.split('line-39').length).toBeGreaterThan(2);
  });

  test('long lists of addresses unfold in the evidence, and are cut on the card', () => {
    expect(briefRanges('a, b, c, d, e')).toBe('a, b, c, d, e');
    expect(briefRanges('a, b, c, d, e, f')).toBe('a, b, c, d and 2 more ranges');
    const [card = '', evidence = ''] = html.split('id="requirements"');
    expect(card).toContain('10.0.3.1 and 36 more ranges');
    expect(card).not.toContain('10.0.39.1');
    expect(evidence).toContain('10.0.39.1');
  });

  test('a heading alone is not shown as the text of a rule', () => {
    const result = { ...resultOf([blocked]), ruleTexts: [{ file: 'a.xml', line: 1, text: 'Domain Profile Settings:' }] };
    expect(htmlReport.render(result, OPTIONS)).not.toContain('Domain Profile Settings:');
  });
});
