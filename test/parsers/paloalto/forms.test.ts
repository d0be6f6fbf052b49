import { describe, expect, it } from 'vitest';
import { FORMS, XML_FORM } from '../../../parsers/paloalto/forms.js';
import { paloalto } from '../../../parsers/paloalto/index.js';
import { decode } from '../../../src/source/decode.js';
import { configuration, rule } from './fixture.js';

const source = (text: string) => decode('export', Buffer.from(text)).source;
const detected = (text: string): string[] =>
  FORMS.flatMap((form) => {
    const found = form.detect(source(text));
    return found && found.score >= 0.5 ? [form.id] : [];
  });

const OTHERS: readonly (readonly [string, string])[] = [
  [
    'paloalto-panorama-xml',
    '<config urldb="paloaltonetworks" version="10.1.0"><devices><entry name="localhost.localdomain"><device-group>\n<entry name="branches"/></device-group></entry></devices></config>',
  ],
  ['paloalto-set', 'set deviceconfig system hostname fw1\nset rulebase security rules R1 action allow\n'],
  ['paloalto-set', 'set device-group "my group" pre-rulebase security rules R1 action allow\n'],
  ['paloalto-nested', 'config {\n  devices {\n    localhost.localdomain {\n    }\n  }\n}\n'],
  [
    'paloalto-csv',
    '"","Name","Tags","Type","Source Zone","Source Address","Destination Zone","Destination Address","Application","Service","Action"\n',
  ],
  ['paloalto-show', '"allow web; index: 1" {\n        from trust;\n}\n'],
];

describe('forms', () => {
  it('recognises the XML running configuration, alone and in a response', () => {
    expect(detected(configuration({ rules: rule('R1') }))).toEqual([XML_FORM]);
    const wrapped = configuration().replace(/<\?xml[^>]*>\s*/, '<response status="success"><result>');
    expect(detected(`${wrapped}</result></response>`)).toEqual([XML_FORM]);
  });

  it.each(OTHERS)('recognises and refuses %s', (form, text) => {
    expect(detected(text)).toEqual([form]);
    expect(() => paloalto.parse([{ source: source(text), form }], {})).toThrow(
      expect.objectContaining({
        name: 'RefusedError',
        place: expect.objectContaining({ file: 'export', hint: expect.stringContaining('show config running') }),
      }),
    );
  });

  it.each([
    '<?xml version="1.0"?><pfsense><version>22.2</version><filter><rule><source><any/></source></rule></filter></pfsense>',
    '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n',
    'Rule Name: x\n',
    'set -e\nset address=1\n',
    'config = {}',
    '\n\n',
  ])('leaves %s to others', (text) => {
    expect(detected(text)).toEqual([]);
  });

  it('one configuration a firewall', () => {
    const input = { source: source(configuration()), form: XML_FORM };
    expect(() => paloalto.parse([input, input], {})).toThrow(/second configuration/);
    expect(() => paloalto.parse([], {})).toThrow(/no export/);
  });
});
