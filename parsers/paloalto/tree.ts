/** Paths in the configuration tree. Containers of one name may stand twice (edited files): all of them count. */
import type { XmlElement } from '../../src/source/xml.js';

/** Every element that the path of child names reaches. */
export function select(from: readonly XmlElement[], ...path: readonly string[]): readonly XmlElement[] {
  let at = from;
  for (const name of path) at = at.flatMap((element) => element.children.filter((c) => c.name === name));
  return at;
}

/** The `<entry>` elements of the containers at the path. */
export const entries = (from: readonly XmlElement[], ...path: readonly string[]): readonly XmlElement[] =>
  select(from, ...path, 'entry');

/** Trimmed text of the last element at the path (a scalar written twice: the later one stands). */
export const textAt = (from: readonly XmlElement[], ...path: readonly string[]): string | undefined =>
  select(from, ...path)
    .at(-1)
    ?.text.trim();

/** Texts of the `<member>` elements of the list at the path; undefined when there is no member with text. */
export function members(from: readonly XmlElement[], ...path: readonly string[]): readonly string[] | undefined {
  const found = select(from, ...path, 'member')
    .map((element) => element.text.trim())
    .filter((text) => text !== '');
  return found.length ? found : undefined;
}

export const nameOf = (element: XmlElement): string => element.attributes.get('name') ?? '';
