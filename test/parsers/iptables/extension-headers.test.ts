/** Packets of a required flow are no fragments and carry no routing header of type 0; other headers are open. */
import { expect, it } from 'vitest';
import { judgeFlow } from '../../support/judge.js';
import { addresses, EST, filter, firewallOf } from './support.js';

const HOST = addresses('2001:db8::1');
const verdict = (rules: readonly string[], policy = 'ACCEPT'): string =>
  judgeFlow(
    firewallOf(filter({ INPUT: policy }, [...rules, ...EST]), {}, 'ip6tables-save'),
    'tcp [2001:db8::7] -> [2001:db8::1]:22',
    {
      direction: 'in',
      host: HOST,
    },
  ).verdict;
const dropped = (match: string): string => verdict([`-A INPUT ${match} -j DROP`]);

it.each([
  ['-m rt --rt-type 0', 'permitted'],
  ['-m rt --rt-type 0 ! --rt-segsleft 0', 'permitted'],
  ['-m frag --fragfirst', 'permitted'],
  ['-m frag ! --fragid 5', 'permitted'],
  ['-m rt --rt-type 2', 'conditional'],
  ['-m rt ! --rt-type 0', 'conditional'],
  ['-m rt', 'conditional'],
  ['-m hbh --hbh-len 5', 'conditional'],
  ['-m ipv6header --header dst --soft', 'conditional'],
])('%s -j DROP: %s', (match, expected) => {
  expect(dropped(match)).toBe(expected);
});

it('accepting them accepts nothing else', () => {
  expect(verdict(['-A INPUT -m rt --rt-type 0 -j ACCEPT', '-A INPUT -m frag -j ACCEPT'], 'DROP')).toBe('blocked');
});
