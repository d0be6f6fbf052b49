import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddresses, parseFlow, parseIcmp, parsePorts, parseProtocol, parseServices } from '../../src/audit/flow-text.js';
import { ALL_UNICAST } from '../../src/audit/special.js';
import type { AddressSet } from '../../src/sets/address.js';
import { only, range } from '../../src/sets/intervals.js';
import { formatIpv4, formatIpv6, parseAddressSet } from '../../src/sets/ip.js';
import { RefusedError } from '../../src/source/diagnostic.js';

const place = { file: 'flows.csv', line: 7 };
const flow = (text: string) => parseFlow(text, 'f', place);
const set = (text: string): AddressSet => parseAddressSet(text) as AddressSet;

describe('flows as people write them', () => {
  test('one address, one port', () => {
    expect(flow('tcp 10.0.1.10 -> 10.0.2.10:389')).toMatchObject({
      id: 'f',
      source: set('10.0.1.10'),
      destination: set('10.0.2.10'),
      services: [{ protocols: [6], ports: only(389) }],
    });
    expect(flow('tcp 10.0.1.10 -> 10.0.2.10:389').services[0]).not.toHaveProperty('sourcePorts');
  });

  test('ranges, lists, source ports, blanks and case', () => {
    const spec = flow('  UDP   10.0.0.0/8:68 ->10.0.2.1-10.0.2.9,10.0.3.1:67,8000-8010 ');
    expect(spec.source).toEqual(set('10.0.0.0/8'));
    expect(spec.destination).toEqual(parseAddresses('10.0.2.1-10.0.2.9;10.0.3.1', 'x', place));
    expect(spec.services).toEqual([{ protocols: [17], ports: [67, 68, 8000, 8011], sourcePorts: only(68) }]);
  });

  test('IPv6 in brackets, bare where no port follows', () => {
    const bracketed = flow('tcp [2001:db8::1] -> [2001:db8:2::/64]:443');
    expect(bracketed.destination).toEqual(set('2001:db8:2::/64'));
    expect(bracketed.services[0]?.ports).toEqual(only(443));
    const bare = flow('tcp 2001:db8::1 -> 2001:db8::2:443');
    expect(bare.destination).toEqual(set('2001:db8::2:443'));
    expect(bare.services[0]).not.toHaveProperty('ports');
    expect(flow('tcp [2001:db8::1,10.0.0.1]:1024-2047 -> [2001:db8::2]:1').services[0]?.sourcePorts).toEqual(range(1024, 2047));
  });

  test('without brackets an IPv6 address has no port', () => {
    expect(flow('tcp ::1 -> 2001:db8::1-2001:db8::5:9').destination).toEqual(set('2001:db8::1-2001:db8::5:9'));
    expect(flow('tcp ::1 -> 2001:db8::1,2001:db8::2:5').destination).toEqual(
      parseAddresses('2001:db8::1;2001:db8::2:5', 'x', place),
    );
    expect(() => flow('tcp ::1 -> 2001:db8::/32:443')).toThrow(RefusedError);
  });

  test('protocols by name and number, any, ICMP with type and code', () => {
    expect(flow('47 10.0.0.1 -> 10.0.0.2').services).toEqual([{ protocols: [47] }]);
    expect(flow('any 10.0.0.1 -> 10.0.0.2').services).toEqual([{ protocols: [] }]);
    expect(flow('icmp/8/0 10.0.0.1 -> 10.0.0.2').services).toEqual([{ protocols: [1], ports: only(2048) }]);
    expect(flow('icmp/3 10.0.0.1 -> 10.0.0.2').services[0]?.ports).toEqual(range(768, 1023));
    expect(flow('icmpv6/128/* ::2 -> ::3').services).toEqual([{ protocols: [58], ports: range(128 * 256, 128 * 256 + 255) }]);
    expect(flow('tcp any -> 10.0.0.2:any')).toMatchObject({ source: ALL_UNICAST, services: [{ protocols: [6] }] });
  });

  test('what is not understood is refused, with file, line and what was expected', () => {
    const wrong = [
      '',
      'tcp',
      'tcp 10.0.0.1 10.0.0.2:80',
      'tcp 10.0.0.1 -> ',
      'tcp 10.0.0.256 -> 10.0.0.2:80',
      'tcp 10.0.0.1 -> 10.0.0.2:65536',
      'tcp 10.0.0.1 -> 10.0.0.2:90-80',
      'tcp 10.0.0.1 -> 10.0.0.2:http',
      'tcp 10.0.0.9-10.0.0.1 -> 10.0.0.2:80',
      'tcp 10.0.0.1 -> server.example:80',
      'tcpp 10.0.0.1 -> 10.0.0.2:80',
      '256 10.0.0.1 -> 10.0.0.2',
      'icmp 10.0.0.1 -> 10.0.0.2:8',
      'gre 10.0.0.1 -> 10.0.0.2:80',
      'any 10.0.0.1 -> 10.0.0.2:80',
      'tcp/8 10.0.0.1 -> 10.0.0.2:80',
      'icmp/256 10.0.0.1 -> 10.0.0.2',
      'icmp/8/0/9 10.0.0.1 -> 10.0.0.2',
      'icmp/ 10.0.0.1 -> 10.0.0.2',
      'tcp 10.0.0.1 -> 10.0.0.2:',
      'tcp 10.0.0.1 -> 10.0.0.2:,',
      'tcp [::1 -> [::2]:80',
      'tcp [::1]x -> [::2]:80',
    ];
    for (const text of wrong) {
      let error: unknown;
      try {
        flow(text);
      } catch (caught) {
        error = caught;
      }
      expect(error, text).toBeInstanceOf(RefusedError);
      expect((error as RefusedError).place, text).toMatchObject({
        file: 'flows.csv',
        line: 7,
        hint: expect.stringContaining('Expected'),
      });
    }
  });

  test('no text crashes it', () => {
    const piece = fc.constantFrom(
      'tcp',
      'icmp',
      '/',
      '8',
      ' ',
      '->',
      '10.0.0.1',
      '::1',
      '[',
      ']',
      ':',
      '80',
      '-',
      ',',
      ';',
      'any',
      '*',
      'x',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 30 }),
          fc.array(piece, { maxLength: 14 }).map((p) => p.join('')),
        ),
        (text) => {
          try {
            const spec = flow(text);
            // What is taken demands something.
            expect(spec.source.v4.length + spec.source.v6.length).toBeGreaterThan(0);
            expect(spec.destination.v4.length + spec.destination.v6.length).toBeGreaterThan(0);
            for (const term of spec.services) expect([term.ports?.length, term.sourcePorts?.length]).not.toContain(0);
          } catch (error) {
            if (!(error instanceof RefusedError)) throw error;
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('long text is refused soon', () => {
    const started = performance.now();
    for (const text of [`tcp ${' '.repeat(50_000)}`, `tcp 1${' -'.repeat(30_000)}`, `tcp a -> ${'['.repeat(50_000)}`])
      expect(() => flow(text)).toThrow(RefusedError);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('any pair of addresses and port, written out and read back', () => {
    const v4 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const v6 = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
    const port = fc.integer({ min: 0, max: 65535 });
    fc.assert(
      fc.property(v4, v6, port, (a, b, p) => {
        expect(flow(`tcp ${formatIpv4(a)}:${p} -> [${formatIpv6(b)}]:${p}`)).toMatchObject({
          source: { v4: [a, a + 1], v6: [] },
          destination: { v4: [], v6: [b, b + 1n] },
          services: [{ ports: only(p), sourcePorts: only(p) }],
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe('cells', () => {
  test('ports', () => {
    expect(parsePorts('22', 'p', place)).toEqual(only(22));
    expect(parsePorts('80; 443,8000-8010', 'p', place)).toEqual([80, 81, 443, 444, 8000, 8011]);
    expect(parsePorts('5000:5003', 'p', place)).toEqual(range(5000, 5003));
    for (const text of ['-1', '1-', '65536', '0x50', '80 443', '1-2-3', ';', ' , '])
      expect(() => parsePorts(text, 'p', place), text).toThrow(RefusedError);
  });

  test('ICMP types', () => {
    expect(parseIcmp('8/0; 13', place)).toEqual([2048, 2049, 3328, 3584]);
    for (const text of ['8/256', '8/', '/0', '-1', ';']) expect(() => parseIcmp(text, place), text).toThrow(RefusedError);
  });

  test('protocols', () => {
    expect(['TCP', ' udp ', 'icmp6', 'ipv6-icmp', 'esp', '0', '255'].map((text) => parseProtocol(text, place))).toEqual([
      6, 17, 58, 58, 50, 0, 255,
    ]);
    for (const text of ['256', '', 'constructor', '__proto__', '1.5', '-1'])
      expect(() => parseProtocol(text, place), text).toThrow(RefusedError);
  });

  test('services', () => {
    const cells = { protocol: 'tcp', port: '', sourcePort: '', icmp: '' };
    expect(parseServices(cells, place)).toEqual([{ protocols: [6] }]);
    expect(parseServices({ ...cells, protocol: 'tcp/udp', port: '53' }, place)).toEqual([
      { protocols: [6, 17], ports: only(53) },
    ]);
    expect(parseServices({ ...cells, sourcePort: 'any' }, place)).toEqual([{ protocols: [6], sourcePorts: [0, 65536] }]);
    expect(parseServices({ ...cells, protocol: '' }, place)).toEqual([{ protocols: [] }]);
    expect(() => parseServices({ ...cells, protocol: 'tcp', icmp: '8' }, place)).toThrow(RefusedError);
    expect(() => parseServices({ ...cells, protocol: 'icmp', icmp: '8', port: '80' }, place)).toThrow(RefusedError);
  });
});
