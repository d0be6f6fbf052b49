/**
 * Reading of config.xml elements the way pfSense reads them: names folded to lower case, flags by presence, texts
 * decoded once as XML and once more as HTML (its writer escapes twice, inside CDATA too).
 */
import { decodeHtml } from '../../src/source/entities.js';
import type { XmlElement } from '../../src/source/xml.js';

/** Children of that (lower-case) name, in order; empty elements included. */
export const all = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element ? element.children.filter((child) => child.name.toLowerCase() === name) : [];

/** The element at the end of a path of lower-case names, the first of each. */
export function at(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let here = element;
  for (const name of path) here = here?.children.find((child) => child.name.toLowerCase() === name);
  return here;
}

/** Decoded, trimmed text of an element itself. */
export const textOf = (element: XmlElement): string => decodeHtml(element.text).trim();

/** Text at the end of a path; undefined when there is no such element or it is empty. */
export function text(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  const found = at(element, ...path);
  return found ? textOf(found) || undefined : undefined;
}

/** pfSense tests its switches with isset(): `<disabled/>` and `<disabled>0</disabled>` are both on. */
export const has = (element: XmlElement | undefined, ...path: readonly string[]): boolean => at(element, ...path) !== undefined;

/** Items of a list: pfSense discards empty ones on read. */
export const items = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  all(element, name).filter((item) => item.children.length > 0 || item.text.trim() !== '');

/** Words of a blank-separated list. */
export const words = (value: string | undefined): readonly string[] => (value ? value.split(/\s+/).filter(Boolean) : []);

/** Parts of a comma list. */
export const parts = (value: string | undefined): readonly string[] =>
  value
    ? value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean)
    : [];
