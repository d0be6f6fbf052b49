/** Every dump of the corpus is read or refused with a reason, quickly; prints how much of it is exact. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { iptables } from '../../parsers/iptables/index.js';
import type { Firewall } from '../../src/model/firewall.js';
import { isExact } from '../../src/model/match.js';
import { RefusedError } from '../../src/source/diagnostic.js';
import type { Source } from '../../src/source/span.js';

const corpus = join(process.env.FLOWGAP_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus'), 'iptables');
const present = existsSync(corpus);
if (!present) console.warn(`corpus tests skipped: ${corpus} does not exist (set FLOWGAP_CORPUS)`);

function* files(folder: string): Generator<string> {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

function load(path: string): Source {
  const bytes = new Uint8Array(readFileSync(path));
  const text = new TextDecoder().decode(bytes);
  return { name: path, text, bytes, encoding: 'utf-8', sha256: createHash('sha256').update(bytes).digest('hex') };
}

const formOf = (source: Source): string | undefined => {
  const read = iptables.forms.filter((form) => !form.recognisedOnly);
  const scored = read.map((form) => ({ id: form.id, score: form.detect(source)?.score ?? 0 }));
  scored.sort((a, b) => b.score - a.score);
  return scored[0] && scored[0].score > 0 ? scored[0].id : undefined;
};

interface Summary {
  readonly file: string;
  readonly rules: number;
  readonly conditional: number;
  readonly milliseconds: number;
  readonly refused?: string;
  readonly kinds: Map<string, number>;
}

function summarize(file: string, firewall: Firewall, milliseconds: number): Summary {
  const kinds = new Map<string, number>();
  let rules = 0;
  let conditional = 0;
  for (const list of firewall.lists.values())
    for (const rule of list.rules) {
      rules++;
      if (rule.conditions.length === 0 && isExact(rule.match)) continue;
      conditional++;
      for (const { kind, name } of rule.conditions) {
        const key = `${kind}: ${name.replace(/[0-9a-fA-F:.]{6,}/g, '…').slice(0, 50)}`;
        kinds.set(key, (kinds.get(key) ?? 0) + 1);
      }
    }
  return { file, rules, conditional, milliseconds, kinds };
}

function read(path: string): Summary | undefined {
  const source = load(path);
  const form = formOf(source);
  if (!form) return undefined;
  const start = performance.now();
  try {
    const [firewall] = iptables.parse([{ source, form }], {});
    if (!firewall) throw new Error('no firewall');
    return summarize(path.slice(corpus.length + 1), firewall, performance.now() - start);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const refused = `${error.place.line ?? '?'}: ${error.message}`;
    return {
      file: path.slice(corpus.length + 1),
      rules: 0,
      conditional: 0,
      milliseconds: performance.now() - start,
      refused,
      kinds: new Map(),
    };
  }
}

describe.skipIf(!present)('iptables corpus', () => {
  it('reads or refuses every dump', () => {
    const summaries = [...files(corpus)].flatMap((path) => read(path) ?? []);
    const lines = summaries.map(({ file, rules, conditional, milliseconds, refused }) =>
      refused
        ? `${file}: REFUSED ${refused}`
        : `${file}: ${rules} rules, ${conditional} conditional, ${milliseconds.toFixed(0)} ms`,
    );
    if (process.env.FLOWGAP_VERBOSE) console.log(lines.join('\n'));
    const kinds = new Map<string, number>();
    for (const summary of summaries) for (const [kind, count] of summary.kinds) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
    const top = [...kinds].sort((a, b) => b[1] - a[1]).slice(0, 60);
    if (process.env.FLOWGAP_VERBOSE) console.log(top.map(([kind, count]) => `${count} ${kind}`).join('\n'));
    const total = summaries.reduce((sum, { rules }) => sum + rules, 0);
    const open = summaries.reduce((sum, { conditional }) => sum + conditional, 0);
    console.log(`iptables corpus: ${summaries.length} dumps, ${total} rules, ${total - open} exact, ${open} conditional`);
    expect(summaries.length).toBeGreaterThan(60);
    for (const { file, milliseconds } of summaries) expect(milliseconds, file).toBeLessThan(5000);
    const refused = summaries.filter((summary) => summary.refused && !summary.file.includes('extensions-t'));
    expect(refused.map(({ file, refused: why }) => `${file} ${why}`)).toEqual([]);
  });
});
