/** Ids of flows: stable, and made of what people recognise. */
import type { StatedFlow } from '../model/requirement.js';
import { protocolName } from './names.js';
import { slug } from './page.js';
import { portsText } from './port-text.js';

/** A flow before its id is minted: ids need to know all flows of the page. */
export type FlowDraft = Omit<StatedFlow, 'id'> & {
  readonly id?: string;
  /** The whole purpose cell where `purpose` is its first sentence: rows may differ in the rest alone. */
  readonly wholePurpose?: string;
};

/** `389-636`, `49152-65535`, `icmp`, `any`: the part of an id that people recognise. */
function serviceSlug(flow: FlowDraft): string {
  const ports = [...new Set(flow.services.flatMap((term) => portsText(term)))];
  const protocols = [...new Set(flow.services.flatMap((term) => term.protocols.map(protocolName)))];
  const numbers = flow.services.some((term) => term.protocols.some((value) => value === 1 || value === 58)) ? [] : ports;
  const shown = numbers.length > 0 ? numbers : protocols;
  const text = slug([...(flow.symbolic ? [flow.symbolic] : []), ...(shown.length > 0 ? shown.slice(0, 6) : ['any'])].join('-'));
  return flow.expect === 'deny' ? `no-${text}` : text;
}

const words = (text: string, count: number): string => slug(text).split('-').slice(0, count).join('-');

/** What tells flows with the same ports and destination apart, most telling first. */
const DISCRIMINATORS: readonly ((flow: FlowDraft) => string)[] = [
  (flow) => (flow.variant ? slug(flow.variant.value) : ''),
  (flow) => `from-${slug(flow.source.text)}`,
  (flow) => slug([...new Set(flow.services.flatMap((term) => term.protocols.map(protocolName)))].join('-')),
  (flow) => words(flow.wholePurpose ?? flow.purpose, 6),
  (flow) => slug(flow.wholePurpose ?? flow.purpose),
];

/** Appends the discriminator to every id of a group whose members it tells apart. */
function toldApart(
  drafts: readonly FlowDraft[],
  ids: readonly string[],
  discriminator: (flow: FlowDraft) => string,
): readonly string[] {
  const suffixes = drafts.map(discriminator);
  const seen = new Map<string, string>();
  const mixed = new Set<string>();
  ids.forEach((id, i) => {
    const first = seen.get(id);
    if (first === undefined) seen.set(id, suffixes[i] ?? '');
    else if (first !== suffixes[i]) mixed.add(id);
  });
  return ids.map((id, i) => {
    const suffix = suffixes[i] ?? '';
    return mixed.has(id) && drafts[i]?.id === undefined && suffix !== '' ? `${id}-${suffix}` : id;
  });
}

/**
 * Gives every flow its id, `page/ports-destination`. Flows that share it get, all of them, what tells them apart (variant,
 * source, protocols, purpose), so that neither the line nor the order of rows matters; wholly equal rows are counted.
 */
export function mintIds(page: string, drafts: readonly FlowDraft[]): readonly StatedFlow[] {
  const base = (flow: FlowDraft): string => `${page}/${serviceSlug(flow)}-${slug(flow.destination.text)}`;
  let ids: readonly string[] = drafts.map((flow) => flow.id ?? base(flow));
  for (const discriminator of DISCRIMINATORS) ids = toldApart(drafts, ids, discriminator);
  const taken = new Set(drafts.flatMap((flow) => (flow.id === undefined ? [] : [flow.id])));
  const counts = new Map<string, number>();
  return drafts.map(({ wholePurpose: _whole, ...flow }, i) => {
    if (flow.id !== undefined) return { ...flow, id: flow.id };
    const wanted = ids[i] ?? '';
    let id = wanted;
    for (let n = counts.get(wanted) ?? 2; taken.has(id); n++) {
      id = `${wanted}-${n}`;
      counts.set(wanted, n + 1);
    }
    taken.add(id);
    return { ...flow, id };
  });
}
