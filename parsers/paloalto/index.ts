/** Palo Alto Networks firewalls (PAN-OS). */

import type { Firewall } from '../../src/model/firewall.js';
import { RefusedError } from '../../src/source/diagnostic.js';
import type { Given, ParserInput, Vendor } from '../types.js';
import { baseName, convert } from './convert.js';
import { configsOf } from './documents.js';
import { extract, HOW_TO_EXPORT } from './extract.js';
import { FORMS, XML_FORM } from './forms.js';

export { configsOf } from './documents.js';
export { extract } from './extract.js';
export type * from './records.js';

function parse(inputs: readonly ParserInput[], given: Given): readonly Firewall[] {
  const other = inputs.find((input) => input.form !== XML_FORM && input.form !== 'paloalto-panorama-xml');
  if (other) {
    const title = FORMS.find((form) => form.id === other.form)?.title ?? other.form;
    throw new RefusedError(`this looks like: ${title}; this form is not read yet`, {
      file: other.source.name,
      line: 1,
      hint: HOW_TO_EXPORT,
    });
  }
  const [first, second] = inputs;
  if (!first) throw new RefusedError('no export was given', { hint: HOW_TO_EXPORT });
  if (second)
    throw new RefusedError('a second configuration for the same firewall', {
      file: second.source.name,
      line: 1,
      hint: `One running configuration holds everything; ${first.source.name} was read already. Name the other as a device of its own.`,
    });
  const { source } = first;
  const configs = configsOf(source).map((config) => extract(config, source));
  if (configs.length === 1) return configs.flatMap((config) => convert(config, source, given));
  return configs.flatMap((config, i) =>
    convert(config, source, { ...given, name: `${given.name ?? config.hostname ?? baseName(source.name)} (document ${i + 1})` }),
  );
}

export const paloalto: Vendor = { id: 'paloalto', title: 'Palo Alto Networks', forms: FORMS, parse };
