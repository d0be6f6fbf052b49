/** Every pfSense export of the corpus is read or refused with a reason; the summary shows where verdicts stay open. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PFSENSE_CONFIG, pfsense } from '../../parsers/pfsense/index.js';
import { decode } from '../../src/source/decode.js';
import { RefusedError } from '../../src/source/diagnostic.js';

const folder = join(process.env.FLOWGAP_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus'), 'pfsense');
const present = existsSync(folder);
if (!present) console.warn(`no corpus at ${folder}: skipped`);
const files = present ? readdirSync(folder).filter((name) => name.endsWith('.xml')) : [];

describe.skipIf(!present)('pfSense corpus', () => {
  it.each(files)('%s', (name) => {
    const { source } = decode(join(folder, name), readFileSync(join(folder, name)));
    const found = pfsense.forms.flatMap((form) => form.detect(source) ?? []);
    expect(found[0]?.score ?? 0).toBeGreaterThan(0.7);
    const start = performance.now();
    try {
      const [firewall] = pfsense.parse([{ source, form: PFSENSE_CONFIG }], {});
      expect(firewall).toBeDefined();
      const rules = [...(firewall?.lists.values() ?? [])].flatMap((list) => list.rules);
      const user = rules.filter((rule) => rule.origin === 'user');
      const open = user.filter((rule) => rule.conditions.length > 0);
      const names = new Set(rules.flatMap((rule) => rule.conditions.map((condition) => `${condition.kind} ${condition.name}`)));
      const written = (
        source.text
          .replace(/<!--[\s\S]*?-->/g, '')
          .match(/<filter>[\s\S]*<\/filter>/)?.[0]
          .match(/<rule>/g) ?? []
      ).length;
      expect(new Set(user.map((rule) => rule.id)).size).toBe(written);
      for (const rule of user) expect(source.text.slice(rule.span?.start, rule.span?.end)).toMatch(/^<rule>[\s\S]*<\/rule>$/);
      console.log(
        `${name}: ${user.length - open.length} user rules exact, ${open.length} with conditions (${[...names].join(' | ')}); ` +
          `${firewall?.links.names.join(' ')}; ${firewall?.diagnostics.map((d) => `${d.line}:${d.code}: ${d.message}`).join('\n    ')}`,
      );
    } catch (error) {
      expect(error).toBeInstanceOf(RefusedError);
      expect((error as RefusedError).message).toMatch(/OPNsense|encrypted/);
      expect((error as RefusedError).place.hint).toBeTruthy();
    }
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
