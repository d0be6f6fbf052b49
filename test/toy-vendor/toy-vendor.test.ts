/** The walk-through "add a vendor" of CONTRIBUTING.md, held to work. */
import { describe, expect, it } from 'vitest';
import { detect } from '../../parsers/detect.js';
import { VENDORS } from '../../parsers/registry.js';
import type { Firewall } from '../../src/model/firewall.js';
import { decode } from '../../src/source/decode.js';
import { RefusedError } from '../../src/source/diagnostic.js';
import { judgeFlow } from '../support/judge.js';
import { tollgate } from './tollgate/index.js';

const EXPORT = [
  'tollgate export v1',
  'side inside 10.0.1.0/24',
  'side outside 0.0.0.0/0',
  'permit tcp 10.0.1.0/24 192.0.2.10 443',
  'permit udp any 192.0.2.53 53 during office-hours',
  'deny any any 192.0.2.0/24 *',
  'permit tcp any any 80',
  'default deny',
  '',
].join('\n');

/** The way of every export: decode, detect among all vendors and the new one, parse. */
function read(text: string): Firewall {
  const { source } = decode('policy.txt', new TextEncoder().encode(text));
  const found = detect(source, [...VENDORS, tollgate]);
  const [firewall] = found.vendor.parse([{ source, form: found.form.id }], {});
  if (!firewall) throw new Error('no firewall');
  return firewall;
}

describe('Tollgate, the vendor of the walk-through', () => {
  it('is recognised by its content, and no vendor of the registry takes it for its own', () => {
    const { source } = decode('policy.txt', new TextEncoder().encode(EXPORT));
    expect(detect(source, [...VENDORS, tollgate])).toMatchObject({ vendor: { id: 'tollgate' }, form: { id: 'tollgate-text' } });
    expect(() => detect(source)).toThrow(RefusedError);
  });

  it.each([
    ['tcp 10.0.1.7 -> 192.0.2.10:443', 'permitted', 4],
    ['tcp 10.0.1.7 -> 192.0.2.10:80', 'blocked', 6],
    ['tcp 10.0.1.7 -> 198.51.100.1:80', 'permitted', 7],
    ['tcp 10.0.1.7 -> 198.51.100.1:81', 'blocked', 8],
  ])('%s: %s by line %d', (flow, verdict, line) => {
    const judgement = judgeFlow(read(EXPORT), flow);
    expect(judgement.verdict).toBe(verdict);
    expect(judgement.decidedBy).toEqual([expect.objectContaining({ file: 'policy.txt', line })]);
  });

  it('names the time table that decides', () => {
    const judgement = judgeFlow(read(EXPORT), 'udp 10.0.1.7 -> 192.0.2.53:53');
    expect(judgement.verdict).toBe('conditional');
    expect(judgement.conditions).toEqual([expect.objectContaining({ kind: 'schedule', name: 'office-hours', line: 5 })]);
  });

  it('says nothing of traffic that stays on one side', () => {
    expect(judgeFlow(read(EXPORT), 'tcp 10.0.1.7 -> 10.0.1.8:443').verdict).toBe('not-applicable');
  });

  it('never skips a line: what is not understood leaves the packets after it undecided', () => {
    const firewall = read(EXPORT.replace('deny any any 192.0.2.0/24 *', 'forbid everything towards 192.0.2.0/24'));
    expect(firewall.diagnostics).toEqual([expect.objectContaining({ code: 'tollgate-unread-line', line: 6 })]);
    expect(judgeFlow(firewall, 'tcp 10.0.1.7 -> 198.51.100.1:80').verdict).toBe('conditional');
    expect(judgeFlow(firewall, 'tcp 10.0.1.7 -> 192.0.2.10:443').verdict).toBe('permitted');
  });

  it('refuses an export whose sides are missing or not understood, with the line', () => {
    expect(() => read('tollgate export v1\ndefault deny\n')).toThrow(/no side/);
    for (const network of ['10.0.300.0/24', 'the-inner-net'])
      expect(() => read(EXPORT.replace('10.0.1.0/24', network))).toThrow(
        expect.objectContaining({ place: expect.objectContaining({ file: 'policy.txt', line: 2 }) }),
      );
  });
});
