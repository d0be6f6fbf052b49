/** Every Windows export of the corpus: read, or refused with a reason; none crashes, none is slow. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { windows } from '../../parsers/windows/index.js';
import type { Firewall } from '../../src/model/firewall.js';
import { isExact } from '../../src/model/match.js';
import { decode } from '../../src/source/decode.js';
import { RefusedError } from '../../src/source/diagnostic.js';

const ROOT = resolve(process.env.FLOWGAP_CORPUS ?? '../shared/corpus', 'windows');
const present = existsSync(ROOT);
if (!present) console.warn(`skipped: no corpus at ${ROOT} (set FLOWGAP_CORPUS)`);

const files = present
  ? readdirSync(ROOT, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(?:tsv|xz)$/.test(entry.name))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
      .sort()
  : [];

const READ: ReadonlyMap<string, number> = new Map([
  ['netsh/win11-client-504-rules.txt', 504],
  ['snippets/netsh-verbose-4.txt', 4],
  ['snippets/remotefirewall-rules-3.csv', 3],
]);

function summary(firewall: Firewall): string {
  const rules = [...firewall.lists.values()].flatMap((list) => list.rules).filter((rule) => rule.origin === 'user');
  const exact = rules.filter((rule) => rule.conditions.length === 0 && isExact(rule.match)).length;
  const kinds = new Map<string, number>();
  for (const kind of rules.flatMap((rule) => [...new Set(rule.conditions.map((condition) => condition.kind))]))
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return `${rules.length} rules, ${exact} exact; ${[...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ')}`;
}

describe.skipIf(!present)('corpus', () => {
  it.each(files)('%s', (file) => {
    const started = performance.now();
    const { source } = decode(file, readFileSync(join(ROOT, file)));
    const [best] = windows.forms
      .flatMap((form) => {
        const detection = form.detect(source);
        return detection ? [{ form: form.id, score: detection.score }] : [];
      })
      .sort((a, b) => b.score - a.score);
    expect(best, 'recognised').toBeDefined();
    const rules = READ.get(file);
    let result: string;
    try {
      const [firewall] = windows.parse([{ source, form: best?.form ?? '' }], {});
      if (!firewall) throw new Error('no firewall');
      result = summary(firewall);
      expect(result).toMatch(new RegExp(`^${rules} rules`));
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      result = `refused: ${error.message}`;
      expect(rules, result).toBeUndefined();
      expect(error.place.hint).toBeTruthy();
    }
    const milliseconds = performance.now() - started;
    console.log(`${file} (${best?.form}, ${Math.round(milliseconds)} ms): ${result}`);
    expect(milliseconds).toBeLessThan(5000);
  });
});
