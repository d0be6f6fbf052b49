/** The XML reader against another parser: the same elements with the same attributes and texts, in the same order. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/source/decode.js';
import { RefusedError } from '../../src/source/diagnostic.js';
import { decodeHtml } from '../../src/source/entities.js';
import { parseXml, type XmlElement } from '../../src/source/xml.js';
import { ROOT } from '../support/cli.js';

type Plain = readonly [
  name: string,
  attributes: readonly (readonly [string, string])[],
  text: string,
  children: readonly Plain[],
];
type Node = Readonly<Record<string, unknown>>;

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();

const mine = (element: XmlElement): Plain => [
  element.name,
  [...element.attributes],
  squeeze(element.text),
  element.children.map(mine),
];

const other = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: '#cdata',
  maxNestedTags: 200,
});

function theirs(node: Node): Plain {
  const name = Object.keys(node).find((key) => key !== ':@') ?? '';
  const inside = node[name] as readonly Node[];
  const texts = inside.flatMap((child) => {
    if ('#text' in child) return [decodeHtml(String(child['#text']))];
    // What stands in CDATA is text as it is.
    return '#cdata' in child ? (child['#cdata'] as readonly Node[]).map((piece) => String(piece['#text'])) : [];
  });
  const attributes = Object.entries((node[':@'] ?? {}) as Record<string, string>).map(
    ([key, value]) => [key, decodeHtml(value)] as const,
  );
  const children = inside.filter((child) => !('#text' in child) && !('#cdata' in child) && !('#comment' in child)).map(theirs);
  return [name, attributes, squeeze(texts.join('')), children];
}

const CORPUS = process.env.FLOWGAP_CORPUS ?? join(ROOT, '../shared/corpus');
const folders = [join(ROOT, 'samples/exports'), join(CORPUS, 'pfsense'), join(CORPUS, 'paloalto/xml-firewall')].filter((folder) =>
  existsSync(folder),
);

describe('the XML reader', () => {
  for (const folder of folders)
    it(`agrees with another parser on ${folder.includes('samples') ? 'the samples' : folder.slice(folder.lastIndexOf('corpus'))}`, () => {
      let compared = 0;
      for (const name of readdirSync(folder).filter((file) => file.endsWith('.xml'))) {
        const { source } = decode(name, readFileSync(join(folder, name)));
        let root: XmlElement;
        try {
          root = parseXml(source);
        } catch (error) {
          if (error instanceof RefusedError) continue;
          throw error;
        }
        // The other parser refuses names such as "constructor".
        if (/<(?:constructor|prototype|__proto__)\b/.test(source.text)) continue;
        const nodes = (other.parse(source.text) as readonly Node[]).filter(
          (node) => !Object.keys(node).some((key) => key.startsWith('?') || key === '#text' || key === '#comment'),
        );
        expect(nodes.length, name).toBe(1);
        expect(theirs(nodes[0] as Node), name).toEqual(mine(root));
        compared++;
      }
      expect(compared).toBeGreaterThan(0);
    });
});
