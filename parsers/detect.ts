/** Which vendor and form an export is, from its content alone. */
import { RefusedError } from '../src/source/diagnostic.js';
import type { Source } from '../src/source/span.js';
import { VENDORS } from './registry.js';
import type { Detection, Form, Vendor } from './types.js';

export interface Detected extends Detection {
  readonly vendor: Vendor;
  readonly form: Form;
}

const SIGNATURE = 0.9;
const ENOUGH = 0.5;

const knownForms = (vendors: readonly Vendor[]): string =>
  vendors
    .map(
      (v) =>
        `${v.title}: ${v.forms
          .filter((f) => !f.recognisedOnly)
          .map((f) => f.title)
          .join(', ')}`,
    )
    .join('; ');

/**
 * @throws RefusedError when no form is recognised, or signatures of two vendors stand in one file.
 */
export function detect(source: Source, vendors: readonly Vendor[] = VENDORS): Detected {
  const found: Detected[] = [];
  for (const vendor of vendors)
    for (const form of vendor.forms) {
      const detection = form.detect(source);
      if (detection && detection.score >= ENOUGH) found.push({ vendor, form, ...detection });
    }
  found.sort((a, b) => b.score - a.score);
  const [best] = found;
  if (!best) {
    const doctype = /^\s*(?:<\?xml[^>]*>\s*)?<!DOCTYPE\s+(\S+)/i.exec(source.text.slice(0, 4096));
    if (doctype)
      throw new RefusedError(
        /^html$/i.test(doctype[1] ?? '')
          ? 'this is a web page, not an export'
          : 'the file declares a DOCTYPE, which no firewall exports',
        {
          file: source.name,
          line: 1,
          column: 1,
          hint: 'Use the export or backup function of the firewall; a page saved from its web interface does not do.',
        },
      );
    const binary = source.encoding === 'binary' ? 'the file is binary and ' : '';
    throw new RefusedError(`${binary}not recognised as an export of any firewall`, {
      file: source.name,
      line: 1,
      column: 1,
      hint: `Expected one of: ${knownForms(vendors)}. "flowgap formats" shows how to make each.`,
    });
  }
  const other = found.find((one) => one.vendor !== best.vendor && one.score >= SIGNATURE);
  if (other && best.score >= SIGNATURE)
    throw new RefusedError(
      `this file holds exports of two vendors: ${best.form.title} (${best.reason}) and ${other.form.title} (${other.reason})`,
      {
        file: source.name,
        line: 1,
        hint: 'Put each export into a file of its own.',
      },
    );
  return best;
}
