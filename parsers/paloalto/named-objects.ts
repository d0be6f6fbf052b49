/** Address objects and static groups whose content the export holds whole: what people call parts of their network. */
import type { Firewall } from '../../src/model/firewall.js';
import { isEmptyAddresses } from '../../src/sets/address.js';
import type { Given } from '../types.js';
import { Addresses } from './addresses.js';
import { Names } from './names.js';
import type { Objects } from './records.js';

/** @param scopes as local rules see them, nearest first: of several objects with one name only the first is in use. */
export function namedObjects(scopes: readonly Objects[], device: string, given: Given): NonNullable<Firewall['objects']> {
  // What is wrong with an object is said where a rule uses it.
  const silent = (): void => {};
  const resolver = new Addresses(new Names(scopes, silent), device, given, silent);
  const spans = new Map(
    scopes.toReversed().flatMap((scope) => [...scope.addresses, ...scope.addressGroups].map(([name, { span }]) => [name, span])),
  );
  return [...spans].flatMap(([name, span]) => {
    const { known, open } = resolver.resolve(name, { who: name, span });
    return open.length > 0 || isEmptyAddresses(known) ? [] : [{ name, addresses: known }];
  });
}
