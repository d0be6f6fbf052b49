/** Settings so open that no list of gaps matters beside them: filter off, inbound default allow, any-any. */
import type { Entry, Firewall, Rule, RuleList } from '../model/firewall.js';
import type { MatchBox } from '../model/match.js';
import { V4_ALL, V6_ALL } from '../sets/address.js';
import { equal, isSubset, overlaps } from '../sets/intervals.js';

export interface PostureFinding {
  readonly code: 'filter-off' | 'inbound-default-allow' | 'any-any';
  readonly list: RuleList;
  /** Absent where the end of the list is meant. */
  readonly rule?: Rule;
  readonly message: string;
}

const wholeV4 = (box: MatchBox, side: 'source' | 'destination'): boolean =>
  box[side] === undefined || equal(box[side].v4, V4_ALL);
const wholeV6 = (box: MatchBox, side: 'source' | 'destination'): boolean =>
  box[side] === undefined || equal(box[side].v6, V6_ALL);

/** Every address of a family, every service, new connections; any link but at least one that is no loopback. */
function coversAll(box: MatchBox, firewall: Firewall): boolean {
  const addresses =
    (wholeV4(box, 'source') && wholeV4(box, 'destination')) || (wholeV6(box, 'source') && wholeV6(box, 'destination'));
  const service = box.protocols === undefined && box.ports === undefined && box.sourcePorts === undefined;
  const fresh = box.phases === undefined || isSubset([0, 1], box.phases);
  const loopback = firewall.links.names.indexOf('lo');
  const isLoopback = (set: MatchBox['in']): boolean =>
    set !== undefined && loopback >= 0 && isSubset(set, [loopback, loopback + 1]);
  return addresses && service && fresh && !isLoopback(box.in) && !isLoopback(box.out);
}

/** True when the box holds for every link that packets of the entry can take: traffic within a zone is no open door. */
const everyLink = (box: MatchBox, entry: Entry): boolean =>
  (box.in === undefined || isSubset(entry.in, box.in)) && (box.out === undefined || isSubset(entry.out, box.out));

/** The lists that inbound and forwarded packets are judged by first (those of the packet filter itself). */
function entryLists(firewall: Firewall): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  for (const direction of ['in', 'forward'] as const) {
    const entry = firewall.entries[direction];
    for (const stages of Object.values(entry?.stages ?? {})) {
      const first = (stages ?? []).find((id) => firewall.lists.get(id)?.secondary !== true);
      if (entry && first !== undefined && !found.has(first)) found.set(first, entry);
    }
  }
  return found;
}

const someLink = (box: MatchBox, entry: Entry): boolean =>
  (box.in === undefined || overlaps(entry.in, box.in)) && (box.out === undefined || overlaps(entry.out, box.out));

/**
 * A user's rule on a network firewall is bound to one interface by nature (the WAN tab) and counts all the same; a host's
 * rule for one interface (a container bridge) and a default between some links do not. A Windows host has one profile in
 * force at a time: one that is open is an open host.
 */
function boundLooselyEnough(rule: Rule, box: MatchBox, entry: Entry, firewall: Firewall): boolean {
  if (firewall.links.kind === 'profile') return someLink(box, entry);
  return (rule.origin === 'user' && firewall.kind === 'network') || everyLink(box, entry);
}

/** Critical findings of one firewall, in the order of its lists. */
export function postureOf(firewall: Firewall): readonly PostureFinding[] {
  const out: PostureFinding[] = [];
  for (const [id, entry] of entryLists(firewall)) {
    const list = firewall.lists.get(id);
    if (!list) continue;
    for (const rule of list.rules) {
      if (!rule.enabled || rule.action.kind !== 'accept' || rule.conditions.length > 0) continue;
      if (!rule.match.lo.some((box) => coversAll(box, firewall) && boundLooselyEnough(rule, box, entry, firewall))) continue;
      if (rule.origin === 'off')
        out.push({ code: 'filter-off', list, rule, message: `the packet filter is switched off: ${rule.name}` });
      else if (rule.origin === 'default')
        out.push({ code: 'inbound-default-allow', list, rule, message: `what no rule denies is let in: ${rule.name}` });
      else if (rule.origin === 'user')
        out.push({
          code: 'any-any',
          list,
          rule,
          message: `rule ${rule.id} "${rule.name}" lets every address reach every address on every service`,
        });
    }
    const closed = list.rules.some(
      (rule) =>
        rule.enabled &&
        rule.conditions.length === 0 &&
        ['drop', 'reject'].includes(rule.action.kind) &&
        rule.match.lo.some((box) => coversAll(box, firewall)),
    );
    if (list.end.action === 'accept' && !closed)
      out.push({ code: 'inbound-default-allow', list, message: `what no rule denies is let in: ${list.end.name}` });
  }
  return out;
}
