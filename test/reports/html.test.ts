import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'parse5';
import { describe, expect, test } from 'vitest';
import { htmlReport } from '../../reports/html/report.js';
import { anchorsOf } from '../../reports/html/view/common.js';
import type { AuditResult } from '../../src/model/result.js';
import { clean, incomplete, nothingJudged, requirement, rich, SCRIPT_NAME } from './fixture.js';
import { expectGolden } from './golden.js';

const OPTIONS = { colour: false, written: [] };
const page = (result: AuditResult): string => htmlReport.render(result, OPTIONS);

/** Style and script are read in their own files; the golden shows the markup. */
const markup = (html: string): string =>
  html
    .replace(/<style>[\s\S]*?<\/style>/, '<style></style>')
    .replace(/<script>[\s\S]*?<\/script>/, '<script></script>')
    .replace(/sha256-[^'&]*(&#x3D;)*/g, 'sha256-');

interface Element {
  readonly tagName: string;
  readonly attrs: readonly { readonly name: string; readonly value: string }[];
  readonly text: string;
}

const isNode = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const elementsOf = (html: string): readonly Element[] => {
  const found: Element[] = [];
  const queue: unknown[] = [parse(html)];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (!isNode(node)) continue;
    const children = Array.isArray(node.childNodes) ? node.childNodes : [];
    queue.push(...children);
    if (typeof node.tagName === 'string')
      found.push({
        tagName: node.tagName,
        attrs: node.attrs as Element['attrs'],
        text: children.map((child) => (isNode(child) && typeof child.value === 'string' ? child.value : '')).join(''),
      });
  }
  return found;
};

const attribute = (element: Element, name: string): string | undefined => element.attrs.find((each) => each.name === name)?.value;

describe('html report', () => {
  test('goldens', () => {
    expectGolden('rich.html', markup(page(rich)));
    expectGolden('incomplete.html', markup(page(incomplete)));
    expectGolden('clean.html', markup(page(clean)));
  });

  test('style and script stand in the policy by their hashes, and nothing else is allowed', () => {
    const elements = elementsOf(page(rich));
    const policy = elements
      .map((element) => (attribute(element, 'http-equiv') ? attribute(element, 'content') : undefined))
      .find(Boolean);
    const hash = (tag: string): string =>
      `'sha256-${createHash('sha256')
        .update(elements.find(({ tagName }) => tagName === tag)?.text ?? '')
        .digest('base64')}'`;
    expect(policy).toBe(
      `default-src 'none'; script-src ${hash('script')}; style-src ${hash('style')}; base-uri 'none'; form-action 'none'`,
    );
  });

  test('markup in names stays text: one script, no image, no handler, no style attribute, links within the page only', () => {
    const elements = elementsOf(page(rich));
    expect(elements.filter(({ tagName }) => tagName === 'script').length).toBe(1);
    expect(elements.filter(({ tagName }) => ['img', 'iframe', 'link', 'object', 'form'].includes(tagName))).toEqual([]);
    const attributes = elements.flatMap(({ attrs }) => attrs);
    expect(attributes.filter(({ name }) => name.startsWith('on') || name === 'style' || name === 'src')).toEqual([]);
    expect(attributes.filter(({ name, value }) => name === 'href' && !/^#[A-Za-z0-9_-]+$/.test(value))).toEqual([]);
    expect(elements.some(({ text }) => text === SCRIPT_NAME)).toBe(true);
  });

  test('every link leads somewhere and every id is its own', () => {
    for (const result of [rich, incomplete, clean, nothingJudged]) {
      const elements = elementsOf(page(result));
      const ids = elements.map((element) => attribute(element, 'id')).filter((id) => id !== undefined);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { name, value } of elements.flatMap(({ attrs }) => attrs))
        if (name === 'href') expect(ids).toContain(value.slice(1));
    }
  });

  test('nothing judged and incomplete runs are never told as met', () => {
    expect(page(nothingJudged)).toContain('<h1>Nothing was judged');
    expect(page({ ...clean, summary: { ...clean.summary, incomplete: true } })).not.toMatch(/<h1>[^<]*(is|are) met\.<\/h1>/);
    expect(page({ ...clean, summary: { ...clean.summary, incomplete: true } })).toContain('must not be read as a pass');
    expect(page(clean)).toContain('<h1>The one requirement is met.</h1>');
  });

  test('long lists are cut, and say so', () => {
    const [rule] = rich.requirements[2]?.decidedBy ?? [];
    const [condition] = rich.requirements[1]?.conditions ?? [];
    if (rule === undefined || condition === undefined) throw new Error('the fixture lacks a rule or a condition');
    const long = requirement({
      id: 'long',
      verdict: 'partial',
      outcome: 'not-met',
      decidedBy: Array.from({ length: 25 }, () => rule),
      conditions: Array.from({ length: 21 }, () => condition),
      missing: Array.from({ length: 1050 }, (_, index) => ({ ports: String(index) })),
    });
    const html = page({ ...rich, requirements: [long] });
    expect(html).toContain('and 5 further rules, all in the JSON report');
    expect(html).toContain('and 1 further condition, all in the JSON report');
    expect(html).toContain('and 1,010 further boxes, all in the JSON report');
  });

  test('anchors are stable, safe and unique', () => {
    expect(anchorsOf(['a/b', 'a b', '<x>', '', '—'])).toEqual(['flow-a-b', 'flow-a-b_2', 'flow-x', 'flow-x_2', 'flow-x_3']);
  });

  test('thousands of requirements are rendered in a moment', () => {
    const many = Array.from({ length: 3000 }, (_, index) => requirement({ ...rich.requirements[2], id: `many/${index}` }));
    const started = performance.now();
    expect(page({ ...rich, requirements: many }).length).toBeGreaterThan(3000 * 500);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('templates', () => {
  const folder = new URL('../../reports/html/', import.meta.url);

  test('regenerating changes nothing', () => {
    const script = fileURLToPath(new URL('../../scripts/build-templates.mjs', import.meta.url));
    expect(spawnSync(process.execPath, [script, '--check']).status, 'run node scripts/build-templates.mjs').toBe(0);
  });

  test('no unescaped output, no compiler at run time', () => {
    for (const name of readdirSync(new URL('templates/', folder)))
      expect(readFileSync(new URL(`templates/${name}`, folder), 'utf8')).not.toMatch(/\{\{\{|\{\{~?&/);
    const report = readFileSync(new URL('report.ts', folder), 'utf8');
    expect(report).not.toContain('SafeString');
    expect(report).not.toMatch(/^import (?!type)[^;]*from 'handlebars'/m);
  });
});
