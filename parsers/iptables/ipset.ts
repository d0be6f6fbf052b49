/** `ipset save` (and `ipset list`) output to sets by name. */
import type { Family } from '../../src/sets/address.js';
import { type Line, lines } from '../../src/source/lines.js';
import type { Source } from '../../src/source/span.js';
import { tokenize } from './tokens.js';

export interface Element {
  /** One text a dimension: `10.0.0.1`, `tcp:80`, `eth0`. */
  readonly parts: readonly string[];
  readonly nomatch: boolean;
  /** It goes away by itself. */
  readonly temporary: boolean;
}

export interface IpSet {
  readonly name: string;
  /** `hash:ip,port` has dimensions ip and port; `list:set` has members instead. */
  readonly type: string;
  readonly dimensions: readonly string[];
  readonly family: Family;
  /** `netmask N`: elements stand for networks. */
  readonly netmask: string | undefined;
  readonly elements: readonly Element[];
}

export interface IpSets {
  readonly sets: ReadonlyMap<string, IpSet>;
  /** A command changes sets in a way that is not followed (swap, rename, del): nothing of that file counts. */
  readonly refused: readonly { readonly text: string; readonly file: string; readonly line: number }[];
}

interface Draft extends IpSet {
  elements: Element[];
  defaultTimeout: boolean;
}

function option(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words[at + 1];
}

function create(name: string, type: string, words: readonly string[]): Draft {
  const dimensions = type.slice(type.indexOf(':') + 1).split(',');
  const family: Family = option(words, 'family') === 'inet6' ? 6 : 4;
  const netmask = option(words, 'netmask') ?? option(words, 'bitmask');
  const timeout = option(words, 'timeout');
  return { name, type, dimensions, family, netmask, elements: [], defaultTimeout: timeout !== undefined && timeout !== '0' };
}

function add(draft: Draft, words: readonly string[]): void {
  const [body = '', ...rest] = words;
  const comment = rest.indexOf('comment');
  const flags = comment < 0 ? rest : [...rest.slice(0, comment), ...rest.slice(comment + 2)];
  const timeout = option(flags, 'timeout');
  draft.elements.push({
    parts: body.split(','),
    nomatch: flags.includes('nomatch'),
    temporary: timeout === undefined ? draft.defaultTimeout : timeout !== '0',
  });
}

class SetReader {
  readonly sets = new Map<string, Draft>();
  readonly refused: { text: string; file: string; line: number }[] = [];
  private name = '';
  private type = '';
  private listed: Draft | undefined;
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  line(line: Line): void {
    const words = tokenize(line.text).tokens.map((token) => token.text);
    const [command = '', name = ''] = words;
    if (command === '' || command.startsWith('#')) return;
    if (command === 'create' || command === '-N') this.sets.set(name, create(name, words[2] ?? '', words.slice(3)));
    else if (command === 'add' || command === '-A') this.added(name, words.slice(2), line);
    else if (/^(Name|Type|Header|Members|Revision|Size in memory|References|Number of entries|Default):?/.test(line.text))
      this.listing(line.text);
    else if (this.listed) add(this.listed, words);
    else if (command === 'flush' && name !== '') this.sets.get(name)?.elements.splice(0);
    else if (command !== 'COMMIT') this.refuse(line);
  }

  private refuse(line: Line): void {
    this.refused.push({ text: line.text.slice(0, 80), file: this.file, line: line.number });
  }

  private added(name: string, words: readonly string[], line: Line): void {
    const draft = this.sets.get(name);
    if (draft) add(draft, words);
    else this.refuse(line);
  }

  private listing(text: string): void {
    const value = text.slice(text.indexOf(':') + 1).trim();
    if (text.startsWith('Name:')) {
      this.name = value;
      this.listed = undefined;
    } else if (text.startsWith('Type:')) this.type = value;
    else if (text.startsWith('Header:')) this.sets.set(this.name, create(this.name, this.type, value.split(/\s+/)));
    else if (text.startsWith('Members:')) this.listed = this.sets.get(this.name);
  }
}

/** Reads all files; a later set of the same name replaces an earlier one. Files with other commands are left out. */
export function readIpSets(sources: readonly Source[]): IpSets {
  const sets = new Map<string, IpSet>();
  const refused: { text: string; file: string; line: number }[] = [];
  for (const source of sources) {
    const reader = new SetReader(source.name);
    for (const line of lines(source.text)) reader.line(line);
    refused.push(...reader.refused);
    if (reader.refused.length === 0) for (const [name, set] of reader.sets) sets.set(name, set);
  }
  return { sets, refused };
}
