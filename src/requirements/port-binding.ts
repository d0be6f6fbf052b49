/** Which ports of a cell belong to which protocols of the same cell: `TCP: 80, 443; UDP: 53`, `80, 443 TCP, 53 UDP`. */
import { PORT_PROTOCOLS, PROTOCOL } from '../model/match.js';
import { protocolName } from './names.js';

/** One number or range; `protocols` where the cell itself binds them to it. */
export interface PortItem {
  readonly first: number;
  readonly last: number;
  readonly protocols?: readonly number[];
}

/** A port or a protocol, in the order of the cell. */
export interface Element {
  readonly item?: PortItem;
  readonly protocol?: number;
  /** A comma, a semicolon or a line break stands before it. */
  readonly apart: boolean;
}

export interface Binding {
  readonly items: readonly PortItem[];
  /** Protocols that no number belongs to. */
  readonly loose: readonly number[];
  /** Protocols of which it is not plain where they belong, by name. */
  readonly leftovers: readonly string[];
}

interface Group {
  readonly protocols: Element[];
  readonly items: Element[];
}

const hasPorts = (element: Element): boolean => PORT_PROTOCOLS.includes(element.protocol ?? -1);
const isIcmp = (element: Element): boolean => element.protocol === PROTOCOL.icmp || element.protocol === PROTOCOL.icmpv6;

/** Runs of protocols and ports that belong together; the first element tells which of them comes first. */
function groupsOf(elements: readonly Element[]): readonly Group[] {
  const leads = (element: Element): boolean => (element.item === undefined) === (elements[0]?.item === undefined);
  const groups: Group[] = [];
  elements.forEach((element, i) => {
    const before = elements[i - 1];
    if (leads(element) && (before === undefined || !leads(before))) groups.push({ protocols: [], items: [] });
    const group = groups[groups.length - 1];
    if (element.item === undefined) group?.protocols.push(element);
    else group?.items.push(element);
  });
  return groups;
}

/** Those of a group that its numbers belong to: protocols without ports only where they stand right beside them, alone. */
function carriersOf({ protocols, items }: Group, protocolsFirst: boolean): readonly Element[] {
  if (items.length === 0) return [];
  const withPorts = protocols.filter(hasPorts);
  if (withPorts.length > 0) return withPorts;
  const joint = protocolsFirst ? items[0] : protocols[0];
  return protocols.every(isIcmp) && joint?.apart ? [] : protocols;
}

/** In `443 TCP, UDP 53` the last protocol before the next number may belong to that. */
const isAmbiguous = (group: Group, next: Group | undefined): boolean =>
  next !== undefined && group.protocols.slice(1).some((one) => one.apart) && next.items[0]?.apart === false;

export function bindPorts(elements: readonly Element[]): Binding {
  const protocolsFirst = elements[0]?.protocol !== undefined;
  const items: PortItem[] = [];
  const loose: number[] = [];
  const leftovers: string[] = [];
  const groups = groupsOf(elements);
  const anyItems = elements.some((element) => element.item !== undefined);
  groups.forEach((group, i) => {
    const carriers = carriersOf(group, protocolsFirst);
    const protocols = [...new Set(carriers.flatMap((one) => one.protocol ?? []))];
    for (const { item } of group.items) if (item) items.push(protocols.length > 0 ? { ...item, protocols } : item);
    for (const one of group.protocols) {
      if (one.protocol === undefined || carriers.includes(one)) continue;
      if (anyItems && hasPorts(one)) leftovers.push(protocolName(one.protocol));
      else loose.push(one.protocol);
    }
    const last = group.protocols[group.protocols.length - 1]?.protocol;
    if (!protocolsFirst && last !== undefined && isAmbiguous(group, groups[i + 1])) leftovers.push(protocolName(last));
  });
  return { items, loose: [...new Set(loose)], leftovers };
}
