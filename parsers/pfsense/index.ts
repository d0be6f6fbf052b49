/** pfSense: config.xml of every version. */
import { RefusedError } from '../../src/source/diagnostic.js';
import type { Source } from '../../src/source/span.js';
import type { Detection, Vendor } from '../types.js';
import { convert } from './convert.js';
import { extract } from './extract.js';

export { convert } from './convert.js';
export { extract } from './extract.js';
export type * from './records.js';

export const PFSENSE_CONFIG = 'pfsense-config-xml';

/** Name of the root element, past declaration and comments; the head of the file is enough. */
function rootName(text: string): string | undefined {
  let at = 0;
  for (let i = 0; i < 1000; i++) {
    const open = text.indexOf('<', at);
    if (open < 0 || text.slice(at, open).trim() !== '') return undefined;
    if (text.startsWith('<!--', open)) {
      const end = text.indexOf('-->', open);
      if (end < 0) return undefined;
      at = end + 3;
    } else if (text.startsWith('<?', open) || text.startsWith('<!', open)) {
      const end = text.indexOf('>', open);
      if (end < 0) return undefined;
      at = end + 1;
    } else return /^<([A-Za-z0-9_.-]{1,60})[\s/>]/.exec(text.slice(open, open + 64))?.[1];
  }
  return undefined;
}

function detect(source: Source): Detection | undefined {
  const head = source.text.slice(0, 20_000);
  if (/^\s*---- BEGIN config\.xml ----/.test(head))
    return { score: 0.95, reason: 'begins with "---- BEGIN config.xml ----" (encrypted backup)' };
  const root = rootName(head)?.toLowerCase();
  if (root === 'pfsense' || root === 'm0n0wall') return { score: 0.98, reason: `the root element is <${root}>` };
  if (root === 'opnsense') return { score: 0.95, reason: 'the root element is <opnsense> (an OPNsense configuration)' };
  if (root === 'filter' && /<(tracker|ipprotocol|associated-rule-id)>/i.test(head))
    return { score: 0.8, reason: 'the root element is <filter> with pfSense rules (a backup of one area)' };
  return undefined;
}

export const pfsense: Vendor = {
  id: 'pfsense',
  title: 'pfSense',
  forms: [
    {
      id: PFSENSE_CONFIG,
      title: 'pfSense config.xml',
      command: 'Diagnostics > Backup & Restore, backup area "All", encryption off (or /cf/conf/config.xml)',
      detect,
    },
  ],
  parse(inputs, given) {
    const [first, second] = inputs;
    if (!first) throw new RefusedError('no export was given', { hint: 'Give one pfSense config.xml.' });
    if (second)
      throw new RefusedError('two pfSense configurations were given for one device', {
        file: second.source.name,
        line: 1,
        column: 1,
        hint: 'One config.xml holds everything; make the second file a device of its own.',
      });
    return [convert(extract(first.source), given)];
  },
};
