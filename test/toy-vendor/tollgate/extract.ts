/** Text of an export to records: the vendor's grammar and nothing else. */
import { lines } from '../../../src/source/lines.js';
import type { Source } from '../../../src/source/span.js';
import type { TollgateRecord } from './records.js';

export const HEADER = 'tollgate export v1';

const RULE = /^(permit|deny) +(tcp|udp|any) +(\S+) +(\S+) +(\*|[0-9]{1,5})(?: +during +(\S+))?$/;
const SIDE = /^side +(\S+) +([0-9.]+\/[0-9]{1,2})$/;
const DEFAULT = /^default +(permit|deny)$/;

/** Every line but the header, blank lines and comments becomes a record, known or unread; never throws. */
export function extract(source: Source): readonly TollgateRecord[] {
  const out: TollgateRecord[] = [];
  let ended = false;
  for (const { text: raw, start, number } of lines(source.text)) {
    const text = raw.trim();
    if (text === '' || number === 1 || text.startsWith('#')) continue;
    const span = { file: source.name, start, end: start + raw.length, line: number };
    const [, side, network] = SIDE.exec(text) ?? [];
    const [, fallback] = DEFAULT.exec(text) ?? [];
    const [, action, protocol, from, to, port, during] = RULE.exec(text) ?? [];
    if (side && network) out.push({ kind: 'side', name: side, network, span });
    else if (fallback && !ended) {
      out.push({ kind: 'default', action: fallback === 'permit' ? 'permit' : 'deny', span });
      ended = true;
    } else if (action && protocol && from && to && port) {
      const rule = { kind: 'rule', protocol, source: from, destination: to, port, span } as const;
      out.push({ ...rule, action: action === 'permit' ? 'permit' : 'deny', ...(during ? { during } : {}) });
    } else out.push({ kind: 'unread', text, span });
  }
  return out;
}
