/** Hostile and large input: only RefusedError is thrown, time stays bounded. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windows } from '../../../parsers/windows/index.js';
import { RefusedError } from '../../../src/source/diagnostic.js';
import { csv, DOMAIN, netsh, profiles, type Row, read, sourceOf, verdict } from './support.js';

const FORMS = windows.forms.map((form) => form.id);

function survives(text: string): void {
  const source = sourceOf(text);
  for (const form of windows.forms) form.detect(source);
  for (const form of FORMS)
    try {
      windows.parse([{ source, form }], DOMAIN);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
    }
}

const WORDS = [
  'Any',
  'TCP',
  'RPC',
  '80',
  '443-',
  '9-1',
  '10.0.0.0/33',
  '::/0',
  'LocalSubnet6',
  '__proto__',
  'constructor',
  '"',
  ';',
  ',',
  '\n',
  '|',
  '',
  'System.String[]',
  'Block',
  '65536',
  '%windir%',
];
const cell = fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 12 }));

describe('no input crashes', () => {
  it('arbitrary text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), survives), { numRuns: 150 });
  });

  it('tables of arbitrary cells', () => {
    const columns = [
      'Name',
      'Enabled',
      'Direction',
      'Action',
      'Profile',
      'Protocol',
      'LocalPort',
      'RemoteAddress',
      'Program',
      'IcmpType',
      'Platform',
    ] as const;
    const row = fc.record(Object.fromEntries(columns.map((column) => [column, cell])), { requiredKeys: [] });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), (rows) => {
        const text = csv(rows as Row[]);
        survives(text);
        survives(text.slice(0, Math.floor(text.length * 0.9)));
      }),
      { numRuns: 150 },
    );
  });

  it('netsh text cut and spliced anywhere', () => {
    const whole =
      netsh(
        [
          {},
          {
            protocol: 'ICMPv4',
            extra: ['                                      Type    Code', '                                      8       Any'],
          },
        ],
        true,
      ) + profiles();
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length), cell, (a, b, word) =>
        survives(whole.slice(0, a) + word + whole.slice(b)),
      ),
      { numRuns: 150 },
    );
  });

  it('prototype names as headings and values', () => {
    survives(
      '__proto__,constructor,Name,Direction,Action,LocalPort,Enabled,RemoteAddress\na,b,toString,Inbound,Allow,__proto__,True,hasOwnProperty\n',
    );
  });
});

describe('a cut export never says more than the whole one', () => {
  it('for netsh text', () => {
    const text = netsh([{ port: '1' }, { direction: 'Out' }, { port: '443', action: 'Block' }, { port: '443' }], true);
    const given = { ...DOMAIN, profile: ['private' as const] };
    const settings = { assume: new Set(['netsh-unscoped', 'no-group-policy'] as const) };
    const flow = 'tcp 10.9.9.9 -> 10.0.0.5:443';
    expect(verdict(read(text, { given }), flow, { settings })).toBe('blocked');
    for (let end = 40; end < text.lastIndexOf('Ok.'); end += 13) {
      // Before the first direction there is nothing to judge: refused.
      if (!/Direction: +\S/.test(text.slice(0, end))) continue;
      expect(['conditional', 'unknown', 'not-applicable']).toContain(
        verdict(read(text.slice(0, end), { given }), flow, { settings }),
      );
    }
  });
});

describe('speed', () => {
  it('reads 50,000 rules in under two seconds', () => {
    const rows = Array.from(
      { length: 50_000 },
      (_, i): Row => ({
        Protocol: i % 2 ? 'TCP' : 'UDP',
        LocalPort: `${i % 60_000}`,
        RemoteAddress: `10.${i % 250}.${(i >> 8) % 250}.0/24,LocalSubnet`,
        Program: `C:\\apps\\app${i % 900}.exe`,
        Direction: i % 3 ? 'Inbound' : 'Outbound',
        Action: i % 50 ? 'Allow' : 'Block',
      }),
    );
    const text = csv(rows);
    // Processor time, best of two: other test files run at the same time.
    const times = [1, 2].map(() => {
      const started = process.cpuUsage();
      expect(read(text).lists.get('inbound')?.rules.length).toBeGreaterThan(30_000);
      const { user, system } = process.cpuUsage(started);
      return (user + system) / 1000;
    });
    expect(Math.min(...times)).toBeLessThan(2000);
  });

  it('reads one line of 20 MB', () => {
    const started = performance.now();
    survives(`Name,Direction,Action,LocalPort,Enabled\na,Inbound,Allow,"${'1,'.repeat(5_000_000)}",True\n`);
    survives(`Rule Name: ${'x '.repeat(5_000_000)}`);
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
