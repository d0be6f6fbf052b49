/** Files that a person has read; FLOWGAP_UPDATE_GOLDEN=1 writes them anew, to be read again before they are committed. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

const folder = new URL('./golden/', import.meta.url);

/** Compares `content` with test/reports/golden/`name`, byte by byte. */
export const expectGolden = (name: string, content: string): void => {
  const file = new URL(name, folder);
  if (process.env.FLOWGAP_UPDATE_GOLDEN === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, content);
  }
  expect(existsSync(file), `${name} is missing: run with FLOWGAP_UPDATE_GOLDEN=1 and read it`).toBe(true);
  expect(content).toBe(readFileSync(file, 'utf8'));
};
