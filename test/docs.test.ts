/** Documentation that can be checked by machine, checked: codes, options, keys, examples, links. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VENDORS } from '../parsers/registry.js';
import { REPORTS } from '../reports/registry.js';
import { FAIL_REASONS } from '../src/audit/config.js';
import { ASSUMPTIONS, BY_DESIGN_KINDS, FACTS, MISSING_KINDS } from '../src/model/condition.js';
import { flowgap, ROOT } from './support/cli.js';
import { codesIn } from './support/codes.js';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const unique = (values: Iterable<string>): string[] => [...new Set(values)].sort();
const missingFrom = (wanted: readonly string[], page: string): string[] => wanted.filter((one) => !page.includes(one));

const sources = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);

describe('docs/diagnostics.md', () => {
  const page = read('docs/diagnostics.md');
  const documented = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] as string);
  const inSources = codesIn([...sources('src'), ...sources('parsers')].map((file) => ({ file, text: read(file) })));

  it('is compared with sources in which codes are found', () => {
    expect(inSources.length).toBeGreaterThan(80);
    for (const code of ['encoding-guessed', 'deep-group', 'bad-service', 'chain-loop', 'rule-dropped', 'any-any'])
      expect(inSources).toContain(code);
  });
  it('has every code that the sources can emit', () => {
    expect(inSources.filter((code) => !documented.includes(code))).toEqual([]);
  });
  it('has no code that the sources no longer know, and none twice', () => {
    expect(documented.filter((code) => !inSources.includes(code))).toEqual([]);
    expect(documented.length).toBe(new Set(documented).size);
  });
  it('has every code that the sample estate gives', () => {
    const result = JSON.parse(flowgap(['audit', 'samples/flowgap.yaml', '--no-gate', '--format', 'json']).out);
    const given = [...result.diagnostics, ...result.findings].map((one: { code: string }) => one.code);
    expect(given.length).toBeGreaterThan(0);
    expect(unique(given).filter((code) => !documented.includes(code))).toEqual([]);
  });
});

describe('docs/command-line.md', () => {
  const page = read('docs/command-line.md');
  const main = read('src/cli/main.ts');
  const options = unique([...main.matchAll(/'(--[a-z][a-z-]*)/g)].map((match) => match[1] as string));
  const commands = unique([...main.matchAll(/\.command\('([a-z]+)'\)/g)].map((match) => match[1] as string));

  it('has every command and every option', () => {
    expect(commands.length).toBeGreaterThan(5);
    expect(options.length).toBeGreaterThan(25);
    expect(commands.filter((command) => !page.includes(`## \`flowgap ${command}`))).toEqual([]);
    expect(options.filter((option) => !new RegExp(`\`${option}[ \`]`).test(page))).toEqual([]);
  });
  it('has no option that the program does not know', () => {
    const documented = unique([...page.matchAll(/`(--[a-z][a-z-]*)/g)].map((match) => match[1] as string));
    expect(documented.filter((option) => ![...options, '--help', '--version'].includes(option))).toEqual([]);
  });
  it('has every reason of the gate, report, fact and column', () => {
    const words = [...FAIL_REASONS, ...REPORTS.map((report) => report.id), ...FACTS];
    expect(
      missingFrom(
        words.map((word) => `\`${word}\``),
        page,
      ),
    ).toEqual([]);
  });
  it('shows what check prints', () => {
    const [, shown] = /```text\n([\s\S]*?)```/.exec(page) ?? [];
    const flow = ['--flow', 'tcp 10.20.1.10 -> 10.20.16.0/20:5985', '--quiet'];
    expect(flowgap(['check', 'samples/exports/core-panos.xml', ...flow]).out).toBe(shown);
  });
  it('shows the keys of check --format json as they are', () => {
    const flow = ['--flow', 'tcp 10.20.1.10 -> 10.20.2.10:135', '--format', 'json'];
    const answer = JSON.parse(flowgap(['check', 'samples/exports/core-panos.xml', ...flow]).out);
    const keys = Object.keys(answer.flows[0]).map((key) => `| \`${key}\` |`);
    expect(missingFrom(keys, page)).toEqual([]);
  });
  it('shows the keys of rules --format json as they are', () => {
    const [device] = JSON.parse(flowgap(['rules', 'samples/exports/core-panos.xml', '--format', 'json']).out).devices;
    const list = device.lists.find((one: { rules: object[] }) => one.rules.length > 0);
    const keys = [device, list, list.rules[0]].flatMap((object) => Object.keys(object));
    expect(
      missingFrom(
        keys.map((key) => `\`${key}\``),
        page,
      ),
    ).toEqual([]);
  });
});

describe('docs/configuration.md', () => {
  const page = read('docs/configuration.md');
  it('has every key of flowgap.yaml', () => {
    const config = read('src/audit/config.ts');
    const schemas = config.slice(0, config.indexOf('export interface LoadedConfig'));
    const keys = unique(
      [...schemas.matchAll(/['{ ]([a-zA-Z-]+)'?: (?:z\b|z\n|strings|scalarText|rolesSchema)/g)].map(
        (match) => match[1] as string,
      ),
    );
    expect(keys).toEqual(expect.arrayContaining(['requirements', 'ip-addr', 'failOn', 'listens', 'through', 'expires']));
    expect(keys.filter((key) => !page.includes(`\`${key}\``) && !page.includes(`\`${key}:\``))).toEqual([]);
  });
  it('has examples that are read as they stand', () => {
    const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] as string);
    const whole = examples.filter((text) => /^requirements:/m.test(text) && /^devices:/m.test(text));
    expect(whole.length).toBeGreaterThan(0);
    for (const text of whole) {
      const folder = mkdtempSync(join(tmpdir(), 'flowgap-'));
      writeFileSync(join(folder, 'flowgap.yaml'), text);
      const ran = flowgap(['audit', '--as-of', '2026-11-22'], { cwd: folder });
      // The files it names do not exist here; everything before that was understood.
      expect(ran.err).toMatch(/no such file/);
    }
  });
});

describe('docs/architecture.md', () => {
  it('names every assumption and every kind of condition', () => {
    const page = read('docs/architecture.md');
    const words = [...ASSUMPTIONS, ...BY_DESIGN_KINDS, ...MISSING_KINDS].map((word) => `\`${word}\``);
    expect(missingFrom(words, page)).toEqual([]);
  });
});

describe('README.md', () => {
  it('shows what the program really prints', () => {
    const [, block = ''] = /```text\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
    const shown = block
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && line !== '…');
    expect(shown.length).toBeGreaterThan(8);
    const { out } = flowgap(['audit', 'samples/flowgap.yaml', '--no-gate', '--as-of', '2026-11-22']);
    expect(missingFrom(shown, out)).toEqual([]);
  });
  it('names every vendor', () => {
    expect(
      missingFrom(
        VENDORS.map((vendor) => `docs/vendors/${vendor.id}.md`),
        read('README.md'),
      ),
    ).toEqual([]);
  });
});

describe('CONTRIBUTING.md', () => {
  const blocks = [...read('CONTRIBUTING.md').matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] as string);
  const toys = [...sources('test/toy-vendor'), ...sources('test/toy-report')].map(read);

  it('shows code as it stands in the toys, which are compiled and tested', () => {
    expect(blocks.length).toBeGreaterThan(8);
    expect(blocks.filter((block) => !toys.some((text) => text.includes(block)))).toEqual([]);
  });
  it('names commands that exist', () => {
    const scripts = Object.keys(JSON.parse(read('package.json')).scripts);
    const named = [...read('CONTRIBUTING.md').matchAll(/`npm run ([a-z]+)`/g)].map((match) => match[1] as string);
    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  });
});

describe('links', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'samples/README.md'].concat(
    readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  );
  it.each(pages)('of %s lead somewhere', (page) => {
    const prose = read(page)
      .replaceAll(/```[\s\S]*?```/g, '')
      .replaceAll(/`[^`\n]*`/g, '');
    const targets = [...prose.matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)]
      .map((match) => match[1] as string)
      .filter((target) => !/^[a-z]+:/.test(target));
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
  });
});
