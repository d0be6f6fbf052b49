/** The layers of docs/architecture.md, held by looking at every import. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './support/cli.js';

function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(join(ROOT, path)).isDirectory()) return files(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

/** Project files that a file imports. */
function imports(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) =>
    relative(ROOT, resolve(ROOT, dirname(file), match[1] as string)).replace(/\.js$/, '.ts'),
  );
}

/** Folder -> folders it may import; itself is always allowed. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'src/sets': [],
  'src/source': [],
  'src/model': ['src/sets', 'src/source'],
  'src/analysis': ['src/model', 'src/sets', 'src/source'],
  'src/requirements': ['src/model', 'src/sets', 'src/source'],
  parsers: ['src/model', 'src/sets', 'src/source'],
  reports: ['src/model'],
  'src/audit': ['src/analysis', 'src/model', 'src/sets', 'src/source', 'src/requirements', 'parsers'],
  'src/cli': ['src/analysis', 'src/model', 'src/sets', 'src/source', 'src/requirements', 'src/audit', 'parsers', 'reports'],
};

describe('layers', () => {
  for (const [folder, allowed] of Object.entries(ALLOWED))
    it(`${folder} imports only ${allowed.join(', ') || 'nothing'}`, () => {
      const wrong = files(folder).flatMap((file) =>
        imports(file)
          .filter((target) => ![folder, ...allowed].some((ok) => target.startsWith(`${ok}/`)))
          .map((target) => `${file} -> ${target}`),
      );
      expect(wrong).toEqual([]);
    });

  it('no vendor imports another', () => {
    const vendor = (file: string): string | undefined => /^parsers\/([^/]+)\//.exec(file)?.[1];
    const wrong = files('parsers').flatMap((file) =>
      imports(file)
        .filter((target) => vendor(file) && vendor(target) && vendor(file) !== vendor(target))
        .map((target) => `${file} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('reports see result types only', () => {
    const wrong = files('reports').flatMap((file) =>
      imports(file)
        .filter((target) => target.startsWith('src/') && !/^src\/model\/(result|verdict|condition|requirement)\.ts$/.test(target))
        .map((target) => `${file} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });
});
