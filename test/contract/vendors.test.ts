/** Every vendor of the registry, and so the next one too, before its author writes a test. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detect } from '../../parsers/detect.js';
import { VENDORS } from '../../parsers/registry.js';
import { decode } from '../../src/source/decode.js';
import { RefusedError } from '../../src/source/diagnostic.js';
import { ROOT } from '../support/cli.js';
import { expectInvariants } from '../support/invariants.js';

const FOLDER = join(ROOT, 'samples/exports');
const samples = readdirSync(FOLDER).map((name) => decode(name, readFileSync(join(FOLDER, name))).source);

it('ids of vendors and forms are unique', () => {
  const ids = VENDORS.flatMap((vendor) => [vendor.id, ...vendor.forms.map((form) => form.id)]);
  expect(new Set(ids).size).toBe(ids.length);
});

for (const vendor of VENDORS)
  describe(vendor.id, () => {
    const own = samples.filter((source) => detect(source).vendor === vendor);

    it('has a title, and forms with a title and a way to make them', () => {
      expect(vendor.title).not.toBe('');
      expect(vendor.forms.some((form) => !form.recognisedOnly)).toBe(true);
      for (const form of vendor.forms)
        expect(
          [form.id, form.title, form.command].every((text) => text.length > 3),
          form.id,
        ).toBe(true);
    });

    it('has a sample, which it recognises with a reason and nobody else claims', () => {
      expect(own.length).toBeGreaterThan(0);
      for (const source of own) {
        expect(detect(source).reason.length).toBeGreaterThan(5);
        for (const other of VENDORS.filter((one) => one !== vendor))
          for (const form of other.forms)
            expect(form.detect(source)?.score ?? 0, `${form.id} on ${source.name}`).toBeLessThan(0.5);
      }
    });

    it('reads its samples into firewalls that keep every invariant, twice the same', () => {
      for (const source of own) {
        const read = () => {
          try {
            return vendor.parse([{ source, form: detect(source).form.id }], {});
          } catch (error) {
            if (error instanceof RefusedError) return [];
            throw error;
          }
        };
        const firewalls = read();
        for (const firewall of firewalls) {
          expect(firewall.vendor).toBe(vendor.id);
          expectInvariants(firewall, [source]);
        }
        const text = (value: unknown): string =>
          JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? `${one}n` : one instanceof Map ? [...one] : one));
        expect(text(read())).toBe(text(firewalls));
      }
    });

    it('recognises nothing in what is no export, and never throws while looking', () => {
      fc.assert(
        fc.property(
          fc.oneof(fc.string({ maxLength: 400 }), fc.string({ unit: 'binary', maxLength: 200 }), fc.lorem({ maxCount: 30 })),
          (text) => {
            if (text === '') return;
            const { source } = decode('x', Buffer.from(text));
            for (const form of vendor.forms) expect(form.detect(source)?.score ?? 0).toBeLessThan(0.9);
          },
        ),
        { numRuns: 100 },
      );
    });

    it('refuses damaged samples with a place and a way out, or reads them; it never crashes', () => {
      for (const source of own)
        fc.assert(
          fc.property(
            fc.double({ min: 0, max: 1, noNaN: true }),
            fc.integer({ min: 0, max: 40 }),
            fc.string({ unit: 'binary', maxLength: 12 }),
            (at, cut, put) => {
              const where = Math.floor(at * source.text.length);
              const text = source.text.slice(0, where) + put + source.text.slice(where + cut);
              try {
                const damaged = decode('damaged', Buffer.from(text)).source;
                const found = detect(damaged);
                for (const firewall of found.vendor.parse([{ source: damaged, form: found.form.id }], {}))
                  expectInvariants(firewall, [damaged]);
              } catch (error) {
                if (!(error instanceof RefusedError)) throw error;
                expect(error.place.file).toBe('damaged');
                expect(error.place.hint ?? '').not.toBe('');
              }
            },
          ),
          { numRuns: Number(process.env['FLOWGAP_FUZZ_RUNS'] ?? 40) },
        );
    });
  });
