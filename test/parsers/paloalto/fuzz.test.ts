/** No input crashes: whatever is read, it is a Firewall or a RefusedError. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMS } from '../../../parsers/paloalto/forms.js';
import { paloalto } from '../../../parsers/paloalto/index.js';
import { decode } from '../../../src/source/decode.js';
import { RefusedError } from '../../../src/source/diagnostic.js';
import { judgeFlow } from '../../support/judge.js';
import { configuration, members, netmask, rule, tcp } from './fixture.js';

const PC = '10.1.1.1';

function readOrRefuse(text: string): void {
  const { source } = decode('fuzz.xml', Buffer.from(text));
  for (const form of FORMS) form.detect(source);
  for (const form of FORMS) {
    try {
      for (const fw of paloalto.parse([{ source, form: form.id }], {})) {
        for (const list of fw.lists.values())
          for (const one of list.rules) {
            const target = 'list' in one.action ? one.action.list : undefined;
            if (one.enabled && target !== undefined) expect(fw.lists.has(target)).toBe(true);
          }
        if (fw.entries.forward) judgeFlow(fw, `tcp ${PC} -> 10.2.0.9:443`);
      }
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
    }
  }
}

const base = configuration({
  rules:
    rule('R1', { source: ['a', 'g'], application: ['ssl', 'apps'], service: ['application-default'] }) +
    rule('R2', { service: ['web'], more: '<negate-source>yes</negate-source>' }),
  vsys: `<address>${netmask('a', '10.2.0.1', ['t'])}<entry name="w"><ip-wildcard>10.0.8.0/0.255.0.255</ip-wildcard></entry></address>
    <address-group><entry name="g"><static>${members('a', 'd')}</static></entry><entry name="d"><dynamic><filter>'t' and 'u'</filter></dynamic></entry></address-group>
    <service>${tcp('web', '80,443')}</service><application-group><entry name="apps"><members>${members('apps', 'dns')}</members></entry></application-group>`,
  rulebase: '<nat><rules><entry name="n"><destination-translation/></entry></rules></nat>',
});
const WORDS = [
  'any',
  'a',
  'g',
  'd',
  'w',
  '10.0.0.0/8',
  '::/0',
  '99',
  '',
  '-',
  '/',
  'application-default',
  '__proto__',
  'US',
  'yes',
  "'t'",
  '(',
  '0.0.0.0/0',
];

describe('whatever the input', () => {
  it('nothing but RefusedError is thrown for mutilated exports', () => {
    fc.assert(
      fc.property(fc.nat(base.length), fc.nat(60), fc.string({ maxLength: 20 }), (at, length, text) => {
        readOrRefuse(base.slice(0, at) + text + base.slice(at + length));
      }),
      { numRuns: 100, seed: 11 },
    );
  });

  it('nor for members and values out of place', () => {
    const places = [...base.matchAll(/>([^<>]*)</g)].map((match) => (match.index ?? 0) + 1);
    const edit = fc.record({ place: fc.nat(places.length - 1), word: fc.constantFrom(...WORDS) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        let text = base;
        for (const { place, word } of [...edits].sort((a, b) => b.place - a.place)) {
          const at = places[place] ?? 0;
          text = text.slice(0, at) + word + text.slice(text.indexOf('<', at));
        }
        readOrRefuse(text);
      }),
      { numRuns: 80, seed: 12 },
    );
  });

  it('nor for elements taken out or doubled', () => {
    const elements = [...base.matchAll(/<([a-z-]+)>[^<>]*<\/\1>/g)].map((match) => [match.index ?? 0, match[0].length] as const);
    fc.assert(
      fc.property(fc.nat(elements.length - 1), fc.boolean(), (index, double) => {
        const [at, length] = elements[index] ?? [0, 0];
        const piece = base.slice(at, at + length);
        readOrRefuse(base.slice(0, at) + (double ? piece + piece : '') + base.slice(at + length));
      }),
      { numRuns: 60, seed: 13 },
    );
  });

  it('deep and wide nesting ends', () => {
    const chain = Array.from(
      { length: 5000 },
      (_, i) => `<entry name="g${i}"><static><member>g${i + 1}</member><member>g${i + 1}</member></static></entry>`,
    );
    readOrRefuse(
      configuration({ rules: rule('R', { source: ['g0'] }), vsys: `<address-group>${chain.join('')}</address-group>` }),
    );
    const filter = `${'('.repeat(20000)}'a'${')'.repeat(20000)}`;
    readOrRefuse(
      configuration({
        rules: rule('R', { source: ['g'] }),
        vsys: `<address-group><entry name="g"><dynamic><filter>${filter}</filter></dynamic></entry></address-group>`,
      }),
    );
  });
});
