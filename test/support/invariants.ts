/** What holds for every firewall, whoever read it. */
import { expect } from 'vitest';
import { ASSUMPTIONS, BY_DESIGN_KINDS, FACTS, MISSING_KINDS } from '../../src/model/condition.js';
import { DIRECTIONS, type Firewall, type Rule } from '../../src/model/firewall.js';
import { type MatchBox, PHASE_COUNT, PORT_PROTOCOLS } from '../../src/model/match.js';
import { V4_ALL, V6_ALL } from '../../src/sets/address.js';
import { type Intervals, isSubset, type Scalar, unionAll } from '../../src/sets/intervals.js';
import { placeOf } from '../../src/source/lines.js';
import type { Source, Span } from '../../src/source/span.js';

const WITH_PORTS: Intervals = unionAll(PORT_PROTOCOLS.map((protocol) => [protocol, protocol + 1]));
const WITH_MEANING: Intervals = unionAll([WITH_PORTS, [1, 2], [58, 59]]);

function canonical<T extends Scalar>(set: Intervals<T>): boolean {
  return set.length % 2 === 0 && set.every((boundary, i) => i === 0 || (set[i - 1] as T) < boundary);
}

function faultsOfBox(box: MatchBox, links: number): string[] {
  const out: string[] = [];
  const check = (name: string, set: Intervals | undefined, end: number): void => {
    if (set && (!canonical(set) || !isSubset(set, [0, end])))
      out.push(`${name} is no canonical set below ${end}: ${set.join(',')}`);
  };
  check('protocols', box.protocols, 256);
  check('sourcePorts', box.sourcePorts, 65536);
  check('ports', box.ports, 65536);
  check('in', box.in, links);
  check('out', box.out, links);
  check('phases', box.phases, PHASE_COUNT);
  for (const side of ['source', 'destination'] as const) {
    const set = box[side];
    if (!set) continue;
    if (!canonical(set.v4) || !isSubset(set.v4, V4_ALL)) out.push(`${side}: IPv4 is not canonical`);
    if (!canonical(set.v6) || !isSubset(set.v6, V6_ALL)) out.push(`${side}: IPv6 is not canonical`);
  }
  if (box.ports && (!box.protocols || !isSubset(box.protocols, WITH_MEANING))) out.push(`ports without a protocol that has them`);
  if (box.sourcePorts && (!box.protocols || !isSubset(box.protocols, WITH_PORTS)))
    out.push(`source ports without a protocol that has them`);
  return out;
}

function faultsOfRule(rule: Rule, firewall: Firewall, links: number): string[] {
  const out = [...rule.match.lo, ...rule.match.hi].flatMap((box) => faultsOfBox(box, links));
  if (
    rule.match.lo !== rule.match.hi &&
    rule.conditions.length === 0 &&
    rule.action.kind !== 'unknown' &&
    rule.match.lo.length < rule.match.hi.length
  )
    out.push('its match has bounds, but no condition says why');
  if ('list' in rule.action && !firewall.lists.has(rule.action.list))
    out.push(`it goes to the list "${rule.action.list}", which is not there`);
  if (rule.action.kind === 'unknown' && rule.conditions.length === 0)
    out.push('its effect is unknown, but no condition says why');
  for (const condition of rule.conditions) {
    if (![...BY_DESIGN_KINDS, ...MISSING_KINDS].includes(condition.kind)) out.push(`condition of kind ${condition.kind}`);
    if (condition.name === '' || condition.coin === '') out.push('a condition without a name or coin');
    if (!condition.settledBy) out.push(`nothing says what settles ${condition.kind} ${condition.name}`);
    if (condition.fact && (!FACTS.includes(condition.fact) || !condition.values))
      out.push(`fact ${condition.fact} without values`);
    if (condition.assumption && !ASSUMPTIONS.includes(condition.assumption.id)) out.push(`assumption ${condition.assumption.id}`);
  }
  return out;
}

function faultsOfSpan(span: Span, texts: ReadonlyMap<string, string>): string[] {
  const text = texts.get(span.file);
  if (text === undefined) return [`its place is in ${span.file}, which was not given`];
  if (span.start < 0 || span.end > text.length || span.start >= span.end)
    return [`its place ${span.start}-${span.end} is outside the text`];
  return [];
}

/** Spans are looked up one by one up to this many: `placeOf` is linear. */
const PLACES_CHECKED = 200;

export function expectInvariants(firewall: Firewall, sources: readonly Source[]): void {
  const faults: string[] = [];
  const texts = new Map(sources.map((source) => [source.name, source.text]));
  const links = Math.max(1, firewall.links.names.length);
  const directions = DIRECTIONS.filter((direction) => firewall.entries[direction]);
  if (directions.length === 0) faults.push('no direction can be judged');
  for (const direction of directions) {
    const entry = firewall.entries[direction];
    for (const stages of Object.values(entry?.stages ?? {})) {
      if (stages?.length === 0) faults.push(`${direction} has no list`);
      for (const id of stages ?? [])
        if (!firewall.lists.has(id)) faults.push(`${direction} enters the list "${id}", which is not there`);
      for (const id of stages ?? [])
        if (firewall.lists.get(id)?.end.action === 'return') faults.push(`${direction} enters "${id}", which ends with return`);
    }
    if (!isSubset(entry?.in ?? [], [0, links]) || !isSubset(entry?.out ?? [], [0, links]))
      faults.push(`${direction} has links that are not there`);
  }
  let places = 0;
  for (const [id, list] of firewall.lists) {
    if (list.id !== id) faults.push(`list ${id} calls itself ${list.id}`);
    for (const rule of list.rules) {
      const where = `${list.title} ${rule.id} (line ${rule.span?.line ?? '-'})`;
      faults.push(...faultsOfRule(rule, firewall, links).map((fault) => `${where}: ${fault}`));
      if (rule.origin === 'user' && !rule.span) faults.push(`${where}: a user's rule without a place`);
      if (!rule.span) continue;
      faults.push(...faultsOfSpan(rule.span, texts).map((fault) => `${where}: ${fault}`));
      const text = texts.get(rule.span.file);
      if (text !== undefined && places++ < PLACES_CHECKED && placeOf(text, rule.span.start).line !== rule.span.line)
        faults.push(`${where}: its place is on line ${placeOf(text, rule.span.start).line}`);
    }
  }
  for (const condition of firewall.notExported)
    if (condition.name === '' || !condition.settledBy)
      faults.push(`not exported: ${condition.name || condition.kind} without a way to settle it`);
  for (const diagnostic of firewall.diagnostics)
    if (!/^[a-z0-9-]+$/.test(diagnostic.code) || diagnostic.message.length < 5) faults.push(`diagnostic ${diagnostic.code}`);
  expect([...new Set(faults)].slice(0, 20)).toEqual([]);
}
