/** Marks that no rule can have set are zero; those that some rule may have set are open. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../../parsers/iptables/extract.js';
import { marksOf } from '../../../parsers/iptables/marks.js';
import { judgeFlow } from '../../support/judge.js';
import { addresses, dump, EST, firewallOf, sourceOf, table } from './support.js';

const bits = (lines: readonly string[], chains: readonly string[] = []) =>
  marksOf(extract(sourceOf(dump({ mangle: table('mangle', {}, lines, chains) })), 4).tables);

describe('bits that rules may set', () => {
  it.each([
    ['-j MARK --set-xmark 0x8000/0x8000', 0x8000, 0],
    ['-j MARK --set-mark 0x3/0xff', 3, 0],
    ['-j MARK --or-mark 0x80000000', 0x80000000, 0],
    ['-j MARK --xor-mark 5', 5, 0],
    ['-j MARK --and-mark 0xff', 0, 0],
    ['-j MARK --set-xmark 0x0/0xff', 0, 0],
    ['-j MARK --set-mark oops', 0xffffffff, 0],
    ['-j MARK --new-option 5', 0xffffffff, 0],
    ['-j CONNMARK --set-xmark 0x10/0xff', 0, 0x10],
    ['-j CONNMARK --save-mark', 0, 0],
    ['-j HMARK --hmark-tuple src', 0xffffffff, 0],
    ['-m socket --restore-skmark -j ACCEPT', 0xffffffff, 0],
    ['-p tcp -j TPROXY --on-port 1 --tproxy-mark 0x4/0x4', 4, 0],
    ['-j SET --map-set s src --map-mark', 0xffffffff, 0],
    ['-j LOG', 0, 0],
  ])('%s', (rule, packet, connection) => {
    expect(bits([`-A PREROUTING ${rule}`])).toMatchObject({ packet, connection });
  });

  it('copies hand them on, under their masks, in whatever order', () => {
    const lines = [
      '-A PREROUTING -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xf',
      '-A PREROUTING -j CONNMARK --save-mark --nfmask 0xff0 --ctmask 0xff0',
      '-A OUTPUT -j MARK --set-xmark 0xf0/0xf0',
      '-A OUTPUT -j CONNMARK --set-xmark 0x7/0x7',
    ];
    expect(bits(lines)).toMatchObject({ packet: 0xf7, connection: 0xf7 });
    expect(bits(['-A OUTPUT -j MARK --set-mark 1', '-A OUTPUT -j CONNMARK --save-mark --left-shift-mark 4'])).toMatchObject({
      connection: 0xffffffff,
    });
  });

  it('chains that nothing calls do not count, those that are called anyhow do', () => {
    const set = '-A X -j MARK --set-xmark 0x8000/0x8000';
    expect(bits([set], ['X'])).toEqual({ packet: 0, connection: 0, changed: false });
    expect(bits([set, '-A FORWARD -g Y', '-A Y -p tcp -j X'], ['X', 'Y'])).toMatchObject({ packet: 0x8000, changed: true });
  });
});

describe('verdicts', () => {
  const HOST = addresses('192.0.2.1');
  const judge = (rules: readonly string[], flow: string, direction: 'in' | 'out' | 'forward', chains: readonly string[] = []) => {
    const text = dump({ filter: table('filter', {}, [...EST, ...rules], chains) });
    const { verdict, assumptions } = judgeFlow(firewallOf(text), flow, { direction, host: HOST });
    return [verdict, ...assumptions];
  };
  const IN = 'tcp 198.51.100.7 -> 192.0.2.1:22';
  const THROUGH = 'tcp 198.51.100.7 -> 10.0.0.1:22';
  const CALLED = ['-A FORWARD -j MARK --set-xmark 0x1/0x1'];

  it('a bit that only an uncalled chain sets is zero, and the assumption is named', () => {
    const lines = ['-A M -j MARK --set-xmark 0x8000/0x8000', '-A INPUT -m mark --mark 0x8000/0x8000 -j DROP'];
    expect(judge(lines, IN, 'in', ['M'])).toEqual(['permitted', 'marks-zero']);
    expect(judge(['-A INPUT -m mark ! --mark 0x8000/0x8000 -j DROP'], IN, 'in')).toEqual(['blocked', 'marks-zero']);
  });

  it('a bit that some rule sets is open, others of the same mark are not', () => {
    const test = (mark: string) => judge([...CALLED, `-A FORWARD -m mark --mark ${mark} -j DROP`], THROUGH, 'forward')[0];
    expect(test('0x1/0x1')).toBe('conditional');
    expect(test('0x0/0x1')).toBe('conditional');
    expect(test('0x1/0xff')).toBe('conditional');
    expect(test('0x3/0x3')).toBe('permitted');
    expect(test('0x2/0xff')).toBe('permitted');
    expect(test('0x0/0x2')).toBe('blocked');
    expect(test('0x0/0xff')).toBe('conditional');
  });

  it('packet and connection marks are two things', () => {
    expect(judge([...CALLED, '-A FORWARD -m connmark --mark 0x1/0x1 -j DROP'], THROUGH, 'forward')).toEqual([
      'permitted',
      'marks-zero',
    ]);
  });

  it('programs of the host may mark what they begin, not what they answer', () => {
    const lines = ['-A OUTPUT -m mark --mark 0x8000/0x8000 -j DROP'];
    const first = [...lines, ...EST];
    const text = dump({ filter: table('filter', {}, first) });
    const verdict = (flow: string, direction: 'in' | 'out') =>
      judgeFlow(firewallOf(text), flow, { direction, host: HOST }).verdict;
    expect(verdict(IN, 'in')).toBe('permitted');
    expect(verdict('tcp 192.0.2.1 -> 198.51.100.7:22', 'out')).toBe('conditional');
  });
});
