/** Host names with their addresses, from a file in the form of /etc/hosts. */
import { type AddressSet, unionAddresses } from '../sets/address.js';
import { parseAddressSet } from '../sets/ip.js';
import { RefusedError } from '../source/diagnostic.js';
import { lines } from '../source/lines.js';
import type { Source } from '../source/span.js';

export type Names = ReadonlyMap<string, AddressSet>;
export const NO_NAMES: Names = new Map();

/** @throws RefusedError for a line that is not `ADDRESS NAME...`. */
export function readNames(source: Source): Names {
  const names = new Map<string, AddressSet>();
  for (const line of lines(source.text)) {
    const [address = '', ...rest] = (line.text.split('#')[0] ?? '').trim().split(/\s+/);
    if (address === '') continue;
    const set = parseAddressSet(address);
    if (!set || rest.length === 0)
      throw new RefusedError(`"${line.text.trim()}" is no line of a hosts file`, {
        file: source.name,
        line: line.number,
        column: 1,
        hint: 'Expected an address, blanks and one or more names: 192.0.2.10 www.example.com',
      });
    for (const name of rest) {
      const known = names.get(name.toLowerCase());
      names.set(name.toLowerCase(), known ? unionAddresses(known, set) : set);
    }
  }
  return names;
}
