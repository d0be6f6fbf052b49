/** Settings so open that no list of gaps matters beside them: filter off, inbound default allow, any-any. */
import type { Firewall, Rule, RuleList } from '../model/firewall.js';
import type { MatchBox } from '../model/match.js';
import { V4_ALL, V6_ALL } from '../sets/address.js';
import { equal, isSubset } from '../sets/intervals.js';

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

/** A default that holds between some links only (traffic within a zone) is no open door. */
const everyLink = (box: MatchBox, firewall: Firewall): boolean => {
  const all = [0, firewall.links.names.length];
  const some = firewall.links.kind === 'profile';
  return some || ((box.in === undefined || isSubset(all, box.in)) && (box.out === undefined || isSubset(all, box.out)));
};

/** Ids of the lists that inbound and forwarded packets enter. */
function entryLists(firewall: Firewall): ReadonlySet<string> {
  const ids = ['in', 'forward'] as const;
  return new Set(
    ids.flatMap((direction) => Object.values(firewall.entries[direction]?.stages ?? {}).flatMap((stages) => stages ?? [])),
  );
}

/** Critical findings of one firewall, in the order of its lists. */
export function postureOf(firewall: Firewall): readonly PostureFinding[] {
  const out: PostureFinding[] = [];
  const entries = entryLists(firewall);
  for (const [id, list] of firewall.lists) {
    if (!entries.has(id) || list.secondary) continue;
    for (const rule of list.rules) {
      if (!rule.enabled || rule.action.kind !== 'accept' || rule.conditions.length > 0) continue;
      if (!rule.match.lo.some((box) => coversAll(box, firewall) && (rule.origin === 'user' || everyLink(box, firewall))))
        continue;
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
