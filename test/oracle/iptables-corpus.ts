/** The dumps of the corpus, read in place. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { extract } from '../../parsers/iptables/extract.js';
import { iptables } from '../../parsers/iptables/index.js';
import type { Extraction } from '../../parsers/iptables/records.js';
import type { Firewall } from '../../src/model/firewall.js';
import { RefusedError } from '../../src/source/diagnostic.js';
import { formOf, sourceOf } from './iptables-engine.js';

const folder = join(process.env.FLOWGAP_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus'), 'iptables');
/** Undefined when there is none here. */
export const corpus: string | undefined = existsSync(folder) ? folder : undefined;

function* files(at: string): Generator<string> {
  for (const name of readdirSync(at).sort()) {
    const path = join(at, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

export const corpusPaths = (): readonly string[] => (corpus === undefined ? [] : [...files(corpus)]);

export interface Dump {
  readonly name: string;
  readonly text: string;
  readonly extraction: Extraction;
  readonly firewall: Firewall;
}

/** One dump; undefined for files of other forms and for those that are refused. */
export function loadDump(path: string): Dump | undefined {
  const name = path.slice(folder.length + 1);
  const text = readFileSync(path, 'utf8');
  const source = sourceOf(name, text);
  const form = formOf(source);
  if (form === undefined || !form.endsWith('-save')) return undefined;
  try {
    const [firewall] = iptables.parse([{ source, form }], {});
    return firewall && { name, text, extraction: extract(source, form === 'ip6tables-save' ? 6 : 4), firewall };
  } catch (error) {
    if (error instanceof RefusedError) return undefined;
    throw error;
  }
}
