/** What is known of one device before its tables are converted. */
import type { AddressSet, Family } from '../../src/sets/address.js';
import type { Given } from '../types.js';
import type { Environment } from './context.js';
import type { HostAddresses } from './ip-addr.js';
import type { IpSets } from './ipset.js';
import type { LinkSpace } from './links.js';
import { marksOf } from './marks.js';
import type { Gap, TableRecord } from './records.js';
import { changedSets, translatesDestination } from './targets.js';

export interface DeviceInput {
  readonly name: string;
  readonly files: readonly string[];
  readonly tables: readonly TableRecord[];
  readonly gaps: readonly Gap[];
  readonly host: HostAddresses;
  readonly sets: IpSets;
  readonly given: Given;
}

/** What the rules of one family share, collected from all its tables. */
export function environmentOf(input: DeviceInput, family: Family, tables: readonly TableRecord[], links: LinkSpace): Environment {
  const changingSets = new Set<string>();
  let translates: boolean | undefined;
  for (const table of tables) {
    if (table.name === 'nat') translates ??= !table.complete;
    for (const chain of table.chains.values())
      for (const { target } of chain.rules) {
        if (!target) continue;
        for (const name of changedSets(target)) changingSets.add(name);
        if (table.name === 'nat') translates ||= translatesDestination(target);
      }
  }
  const { given, host, sets, name } = input;
  const lists = given.lists ?? new Map<string, AddressSet>();
  const names = given.names ?? new Map<string, AddressSet>();
  return { family, device: name, links, host, sets, lists, names, changingSets, marks: marksOf(tables), translates };
}
