/** Requirements as YAML: `title:` and `flows:`, a list of entries with the keys of the CSV header. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { RefusedError } from '../source/diagnostic.js';
import { collapse, quote } from './page.js';
import { type Field, isRecordKey, RECORD_KEYS, type RecordKey, type RequirementRecord } from './record.js';

const TOP = 'Write an optional title: and flows: with a list of entries.';
const KEYS = `Known keys are ${RECORD_KEYS.join(', ')}.`;

export interface YamlRequirements {
  readonly title: string;
  readonly records: readonly RequirementRecord[];
}

class Reader {
  readonly #file: string;
  readonly #lines: LineCounter;
  constructor(file: string, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
  }

  place(node: unknown): { readonly line: number; readonly column: number } {
    const start = (node as Node | null | undefined)?.range?.[0] ?? 0;
    const { line, col } = this.#lines.linePos(start);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  refuse(message: string, hint: string, node: unknown): never {
    throw new RefusedError(message, { file: this.#file, ...this.place(node), hint });
  }

  text(node: unknown, what: string): string {
    if (isAlias(node)) return this.refuse(`${what} is an alias`, 'Write the value out; anchors and aliases are not read.', node);
    if (!isScalar(node)) return this.refuse(`${what} is not a single value`, KEYS, node);
    return collapse(String(node.value ?? ''));
  }

  entries(map: YAMLMap, what: string): readonly { readonly key: string; readonly keyNode: unknown; readonly value: unknown }[] {
    return map.items.map((pair) => ({ key: this.text(pair.key, `a key of ${what}`), keyNode: pair.key, value: pair.value }));
  }

  field(key: RecordKey, keyNode: unknown, value: unknown): Field | undefined {
    const nodes = isSeq(value) ? value.items : [value];
    const texts = value === null ? [] : nodes.map((node) => this.text(node, key));
    const values = texts.filter((text) => text !== '');
    if (isSeq(value) && values.length !== texts.length) this.refuse(`an empty value in ${key}`, KEYS, value);
    return values.length === 0 ? undefined : { values, ...this.place(value ?? keyNode) };
  }

  record(node: unknown): RequirementRecord {
    if (!isMap(node)) return this.refuse('an entry of flows is not a set of keys', KEYS, node);
    const fields = new Map<RecordKey, Field>();
    for (const { key, keyNode, value } of this.entries(node, 'a flow')) {
      if (!isRecordKey(key)) return this.refuse(`unknown key ${quote(key)}`, KEYS, keyNode);
      const field = this.field(key, keyNode, value);
      if (field) fields.set(key, field);
    }
    return { ...this.place(node), fields };
  }
}

/**
 * Reads a document; numbers stay as written (`0443` is no port, `1.10` no number).
 * @throws RefusedError with line and column for syntax errors, unknown keys and values of the wrong kind.
 */
export function readYaml(file: string, text: string): YamlRequirements {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, schema: 'failsafe', prettyErrors: false, logLevel: 'error' });
  const reader = new Reader(file, lineCounter);
  const [error] = document.errors;
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new RefusedError(`not readable as YAML: ${error.message}`, { file, line, column: col, hint: TOP });
  }
  const root = document.contents;
  if (!isMap(root)) return reader.refuse('the document is not a set of keys', TOP, root);
  let title = '';
  let records: readonly RequirementRecord[] | undefined;
  for (const { key, keyNode, value } of reader.entries(root, 'the document')) {
    if (key === 'title') title = reader.text(value, 'title');
    else if (key !== 'flows') reader.refuse(`unknown key ${quote(key)}`, TOP, keyNode);
    else if (isSeq(value)) records = value.items.map((item) => reader.record(item));
    else reader.refuse('flows is not a list', TOP, value ?? keyNode);
  }
  return records ? { title, records } : reader.refuse('there is no flows:', TOP, root);
}
