/**
 * Dynamic port ranges that a page states in its text: `Start port: 49152`, `End port: 65535` under a sentence that names the
 * operating systems. Microsoft RPC servers listen there; clients learn the port from the endpoint mapper on port 135.
 */
import { PROTOCOL } from '../model/match.js';
import { contains, range } from '../sets/intervals.js';
import type { FlowDraft } from './ids.js';
import { quote, type TextBlock } from './page.js';
import { listsOf, type Section } from './sections.js';

export interface DynamicRange {
  readonly first: number;
  readonly last: number;
  /** Line of the first item or sentence that states it. */
  readonly line: number;
  readonly variant?: { readonly name: 'os'; readonly value: 'windows-2008+' | 'windows-2003-' };
  readonly doubt?: string;
}

const START = /^(?:start|first|from|lowest|low|begin|beginning|lower)\b[^0-9]{0,20}([0-9]{1,5})$/i;
const END = /^(?:end|last|to|highest|high|ending|upper)\b[^0-9]{0,20}([0-9]{1,5})$/i;
const INLINE = /\b([0-9]{4,5})\s*(?:-|–|—|to|through)\s*([0-9]{4,5})\b/g;
const DYNAMIC = /\b(?:dynamic|ephemeral)\b/i;

/** Windows moved the range with Vista and Server 2008 (RFC 6335 range); before, it was 1025-5000. */
function variantOf(text: string): Pick<DynamicRange, 'variant' | 'doubt'> {
  const recent = /\b(?:2008|2012|2016|2019|2022|2025|vista|windows (?:7|8|10|11))\b/i.test(text);
  const old = /\b(?:2000|xp|2003)\b/i.test(text);
  if (recent && !old) return { variant: { name: 'os', value: 'windows-2008+' } };
  if (old && !recent) return { variant: { name: 'os', value: 'windows-2003-' } };
  return recent || old ? { doubt: `the text ${quote(text)} names old and new systems for one dynamic range` } : {};
}

const legal = (first: number, last: number): boolean => first >= 1 && first <= last && last <= 65535;

/** Two items, start and end. */
function fromList(lead: TextBlock | undefined, items: readonly TextBlock[]): DynamicRange | undefined {
  const first = Number(items.map((item) => START.exec(item.text)?.[1]).find((value) => value !== undefined) ?? Number.NaN);
  const last = Number(items.map((item) => END.exec(item.text)?.[1]).find((value) => value !== undefined) ?? Number.NaN);
  if (items.length !== 2 || !legal(first, last)) return undefined;
  return { first, last, line: items[0]?.line ?? 1, ...variantOf(lead?.text ?? '') };
}

/** `use the dynamic range 49152-65535`, one range to a sentence. */
function fromText(block: TextBlock, lead: string): readonly DynamicRange[] {
  // `from the dynamic (1024-65535) local port` speaks of the ports that clients send from.
  if (/\b(?:local|source|client|outgoing) ports?\b/i.test(block.text)) return [];
  return block.text.split(/(?<=[.;])\s/).flatMap((sentence) =>
    [...sentence.matchAll(INLINE)].flatMap((match) => {
      const [first, last] = [Number(match[1]), Number(match[2])];
      const systems = variantOf(sentence);
      const named = systems.variant || systems.doubt ? systems : variantOf(lead);
      return legal(first, last) ? [{ first, last, line: block.line, ...named }] : [];
    }),
  );
}

export interface DynamicRanges {
  readonly ranges: readonly DynamicRange[];
  /** Lines of the texts that were read. */
  readonly lines: ReadonlySet<number>;
}

/** Every dynamic range that the texts of the page state, in order. */
export function findDynamicRanges(sections: readonly Section[]): DynamicRanges {
  const found: DynamicRange[] = [];
  const lines = new Set<number>();
  for (const section of sections) {
    const aboutDynamic = DYNAMIC.test(section.headings[section.headings.length - 1]?.text ?? '');
    for (const { lead, items } of listsOf(section)) {
      const read = aboutDynamic || DYNAMIC.test(lead?.text ?? '') ? fromList(lead, items) : undefined;
      if (!read) continue;
      found.push(read);
      for (const text of [...items, ...(lead ? [lead] : [])]) lines.add(text.line);
    }
    let lead = '';
    for (const block of section.blocks) {
      if (block.kind !== 'text') continue;
      const read = !lines.has(block.line) && (aboutDynamic || DYNAMIC.test(block.text)) ? fromText(block, lead) : [];
      found.push(...read);
      if (read.length > 0) lines.add(block.line);
      if (block.list === undefined) lead = block.text;
    }
  }
  const distinct = found.filter(
    (one, i) =>
      found.findIndex((o) => o.first === one.first && o.last === one.last && o.variant?.value === one.variant?.value) === i,
  );
  return { ranges: distinct, lines };
}

const SYMBOL = 'dynamic RPC';

/** One flow for each range beside `base`, on the line of its row. */
function dynamicFlows(base: FlowDraft, ranges: readonly DynamicRange[], why: string): readonly FlowDraft[] {
  const { id: _id, needsReview: _review, note: _note, interpretable: _interpretable, ...rest } = base;
  // Two ranges without an operating system to choose by cannot both be demanded.
  const unchosen = ranges.length > 1 && ranges.some((one) => one.variant === undefined);
  return ranges.map((one) => {
    const doubt = one.doubt ?? (unchosen ? 'the page gives several dynamic ranges and does not say which applies' : undefined);
    return {
      ...rest,
      services: [{ protocols: [PROTOCOL.tcp], ports: range(one.first, one.last) }],
      serviceText: `${one.first}-${one.last} TCP`,
      symbolic: SYMBOL,
      ...(one.variant ? { variant: one.variant } : {}),
      ...(doubt === undefined ? {} : { needsReview: doubt }),
      note: `dynamic range of line ${one.line}, ${why}`,
    };
  });
}

const isRpcRow = (flow: FlowDraft): boolean =>
  flow.expect === 'allow' &&
  flow.services.some((term) => term.protocols.includes(PROTOCOL.tcp) && term.ports !== undefined && contains(term.ports, 135));

/** The row already names a wide range of its own (`135 and dynamic range: 1024-65535`). */
const hasOwnRange = (flow: FlowDraft): boolean =>
  flow.services.some((term) => term.ports !== undefined && contains(term.ports, 50000) && !contains(term.ports, 100));

/**
 * What a row needs of the dynamic range: RPC clients are sent from port 135 to a port of the range, so the row of port 135
 * carries it; `named` rows say `dynamic` themselves.
 * @returns the flows of the row, and its own where it has ports beside the range.
 */
export function withDynamicRange(
  flows: readonly FlowDraft[],
  ranges: readonly DynamicRange[],
  named: boolean,
): readonly FlowDraft[] {
  return flows.flatMap((flow): readonly FlowDraft[] => {
    const onlyNamed = named && flow.services.every((term) => term.ports === undefined);
    if (named && ranges.length === 0) {
      const doubt = 'the dynamic ports that the row names are not stated on the page';
      const { interpretable: _interpretable, ...rest } = flow;
      return [
        { ...rest, symbolic: SYMBOL, needsReview: flow.needsReview === undefined ? doubt : `${flow.needsReview}; ${doubt}` },
      ];
    }
    if (onlyNamed)
      return dynamicFlows(flow, ranges, 'which the row names').map((one) =>
        flow.needsReview === undefined ? one : { ...one, needsReview: flow.needsReview },
      );
    if (!named && (!isRpcRow(flow) || hasOwnRange(flow))) return [flow];
    return [
      flow,
      ...dynamicFlows(flow, ranges, named ? 'which the row names' : 'linked to this row because RPC starts on port 135'),
    ];
  });
}
