import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMS, XML_FORM } from '../../parsers/paloalto/forms.js';
import { paloalto } from '../../parsers/paloalto/index.js';
import type { Firewall, Rule } from '../../src/model/firewall.js';
import { isExact } from '../../src/model/match.js';
import { decode } from '../../src/source/decode.js';

const corpus = join(process.env.FLOWGAP_CORPUS ?? '../shared/corpus', 'paloalto');

const filesOf = (folder: string): string[] => {
  const path = join(corpus, folder);
  return existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];
};

const sourceOf = (path: string) => decode(path, readFileSync(path)).source;

function bestForm(path: string): string | undefined {
  const source = sourceOf(path);
  const found = FORMS.flatMap((form) => {
    const detection = form.detect(source);
    return detection ? [{ id: form.id, score: detection.score }] : [];
  });
  return found.sort((a, b) => b.score - a.score)[0]?.id;
}

const userRules = (firewall: Firewall): Rule[] =>
  [...firewall.lists.values()]
    .filter((list) => list.id === 'security')
    .flatMap((list) => list.rules)
    .filter((rule) => rule.origin === 'user' && rule.enabled);

const read = (path: string): readonly Firewall[] => paloalto.parse([{ source: sourceOf(path), form: XML_FORM }], {});

describe.skipIf(!existsSync(corpus))('PAN-OS exports of the corpus (set FLOWGAP_CORPUS)', () => {
  const summary: string[] = [];

  it.each([...filesOf('xml-firewall'), ...filesOf('xml-generated')])('reads %s', (path) => {
    const started = performance.now();
    expect(bestForm(path)).toBe(XML_FORM);
    const firewalls = read(path);
    expect(performance.now() - started).toBeLessThan(5000);
    const text = sourceOf(path).text;
    for (const firewall of firewalls) {
      const rules = userRules(firewall);
      for (const rule of rules)
        if (rule.span) expect(text.slice(rule.span.start, rule.span.end)).toMatch(/^<entry [\s\S]*<\/entry>$/);
      const exact = rules.filter((rule) => isExact(rule.match) && rule.conditions.length === 0).length;
      const kinds = [...new Set(rules.flatMap((rule) => rule.conditions.map((c) => c.kind)))].sort().join(' ');
      const codes = [...new Set(firewall.diagnostics.map((d) => d.code))].join(' ');
      summary.push(
        `${path.slice(corpus.length + 1)}: ${rules.length} rules, ${exact} without condition; ${kinds}; routes ${firewall.routes?.length ?? '-'}; ${codes}`,
      );
    }
    const written = text.match(/<rulebase>[\s\S]*?<\/rulebase>/g)?.join('') ?? '';
    if (written.includes('<security>')) expect(firewalls.length).toBeGreaterThan(0);
  });

  it.each(
    [...filesOf('xml-panorama'), ...filesOf('set'), ...filesOf('nested'), ...filesOf('show-text')].filter(
      (p) => !/\.(ya?ml|md)$/.test(p),
    ),
  )('refuses %s with what to do', (path) => {
    const form = bestForm(path);
    expect(form, 'recognised').toBeDefined();
    expect(form).not.toBe(XML_FORM);
    expect(() => paloalto.parse([{ source: sourceOf(path), form: form ?? '' }], {})).toThrow(
      expect.objectContaining({
        name: 'RefusedError',
        place: expect.objectContaining({ hint: expect.stringContaining('show config running') }),
      }),
    );
  });

  it('prints how many rules are exact', () => {
    console.log(summary.join('\n'));
    expect(summary.length).toBeGreaterThan(0);
  });
});
