/** Tollgate, a firewall that does not exist: the example of CONTRIBUTING.md. */

import type { Detection, Given, ParserInput, Vendor } from '../../../parsers/types.js';
import type { Firewall } from '../../../src/model/firewall.js';
import { parseAddressSet } from '../../../src/sets/ip.js';
import { RefusedError } from '../../../src/source/diagnostic.js';
import type { Source } from '../../../src/source/span.js';
import { convert } from './convert.js';
import { extract, HEADER } from './extract.js';

function detect(source: Source): Detection | undefined {
  return source.text.slice(0, 100).split(/\r?\n/)[0] === HEADER ? { score: 1, reason: `begins with "${HEADER}"` } : undefined;
}

function parse(inputs: readonly ParserInput[], given: Given): readonly Firewall[] {
  const [input, second] = inputs;
  if (!input || second)
    throw new RefusedError('a Tollgate has one export', {
      file: second?.source.name ?? '',
      hint: 'Give the one file that "export policy" writes.',
    });
  const { source } = input;
  const records = extract(source);
  // A side that is misread would make crossing traffic look like traffic that stays on one side.
  const strange = records.find((record) =>
    record.kind === 'side' ? !parseAddressSet(record.network) : record.kind === 'unread' && record.text.startsWith('side'),
  );
  if (strange)
    throw new RefusedError('this side is not understood', {
      file: source.name,
      line: strange.span.line,
      hint: 'Expected "side NAME NETWORK", for example "side inside 10.0.1.0/24".',
    });
  if (!records.some((record) => record.kind === 'side'))
    throw new RefusedError('the export names no side', {
      file: source.name,
      line: 1,
      hint: 'Export the whole policy: without its sides no flow can be said to cross the device.',
    });
  return [convert(given.name ?? 'tollgate', source.name, records)];
}

export const tollgate: Vendor = {
  id: 'tollgate',
  title: 'Tollgate',
  forms: [{ id: 'tollgate-text', title: 'Tollgate policy export', command: 'export policy', detect }],
  parse,
};
