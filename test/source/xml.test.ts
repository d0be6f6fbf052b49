import { describe, expect, it } from 'vitest';
import { decode } from '../../src/source/decode.js';
import { decodeHtml } from '../../src/source/entities.js';
import { MAX_DEPTH, parseXml } from '../../src/source/xml.js';

const read = (text: string) => parseXml(decode('export.xml', Buffer.from(text)).source);

describe('parseXml', () => {
  it('keeps order, text, attributes and places', () => {
    const text = '<?xml version="1.0"?>\r\n<a>\r\n  <b name="x &amp; y"\n n="1">one</b>\n  <b/>\n</a>';
    const root = read(text);
    expect(root.children.map((c) => c.name)).toEqual(['b', 'b']);
    const [first, second] = root.children;
    expect(first?.attributes.get('name')).toBe('x & y');
    expect(first?.text).toBe('one');
    expect(first?.span.line).toBe(3);
    expect(second?.span.line).toBe(5);
    const span = first?.span;
    expect(span && text.slice(span.start, span.end)).toBe('<b name="x &amp; y"\n n="1">one</b>');
  });
  it('marks CDATA and reads HTML entities that XML does not declare', () => {
    const root = read('<a><d><![CDATA[R&amp;D]]></d><e>acci&oacute;n</e></a>');
    expect(root.children[0]).toMatchObject({ text: 'R&amp;D', cdata: true });
    expect(root.children[1]).toMatchObject({ text: 'acción', cdata: false });
    expect(decodeHtml('a &lt;b&gt; &oacute; &#65; &#x42; &nope; &')).toBe('a <b> ó A B &nope; &');
  });
  it.each([
    ['<a><b></a>', /well-formed/],
    ['<a><b>', /well-formed/],
    ['<a/><b/>', /well-formed/],
    ['<a>&constructor;</a>', /entity/],
    ['just text', /well-formed|no XML/],
    ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', /DOCTYPE/],
    [`${'<a>'.repeat(MAX_DEPTH + 1)}${'</a>'.repeat(MAX_DEPTH + 1)}`, /nested/],
  ])('refuses %s with its place', (text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        name: 'RefusedError',
        message: expect.stringMatching(message),
        place: expect.objectContaining({ file: 'export.xml', line: 1 }),
      }),
    );
  });
  it('drops skipped subtrees but still checks them', () => {
    const source = decode('x', Buffer.from('<a><rrddata><z>1</z></rrddata><b/></a>')).source;
    expect(parseXml(source, { skip: (name) => name === 'rrddata' }).children.map((c) => c.name)).toEqual(['b']);
    expect(() =>
      parseXml(decode('x', Buffer.from('<a><rrddata><z></rrddata></a>')).source, { skip: (n) => n === 'rrddata' }),
    ).toThrow();
  });
  it('survives names of Object.prototype', () => {
    const root = read('<a __proto__="1"><__proto__ constructor="2">x</__proto__></a>');
    expect(root.attributes.get('__proto__')).toBe('1');
    expect(root.children[0]?.attributes.get('constructor')).toBe('2');
  });
});
