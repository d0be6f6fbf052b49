/**
 * What the inbound judgement decides for the outbound one: the tag that a packet carries and, with policy routing, the
 * interface that it leaves by. Outbound rules become one list for each combination; a list that walks the inbound rules
 * once more (in the order in which the first match decides) chooses among them.
 */
import type { Condition } from '../../src/model/condition.js';
import type { Action, Rule, RuleList } from '../../src/model/firewall.js';
import { MATCH_ALL, type Match, type MatchBox } from '../../src/model/match.js';
import { contains, type Intervals, isEmpty, only, subtract, unionAll } from '../../src/sets/intervals.js';
import type { PfRule, Via } from './pf-order.js';

export interface Path {
  readonly tag?: string;
  readonly via?: Via;
}

export const OUTBOUND = 'outbound';
export const CHOOSER = 'outbound-choice';

export const listIdOf = ({ tag, via }: Path): string =>
  `${OUTBOUND}${tag === undefined ? '' : `, tagged ${tag}`}${via ? `, through ${via.gateway}` : ''}`;

/** An inbound rule with what it decides for later. */
export interface Decision extends Path {
  readonly rule: Rule;
}

/** The paths that packets can take besides the plain one, each once. */
export function pathsOf(decisions: readonly Decision[], tags: readonly string[]): readonly Path[] {
  const out = new Map<string, Path>();
  for (const decision of decisions) {
    const path = pathOf(decision, tags);
    const id = listIdOf(path);
    if (decision.rule.enabled && decision.rule.match.hi.length > 0 && id !== OUTBOUND) out.set(id, path);
  }
  return [...out.values()];
}

function pathOf({ tag, via }: Path, tags: readonly string[]): Path {
  return { ...(tag !== undefined && tags.includes(tag) ? { tag } : {}), ...(via ? { via } : {}) };
}

/** The chooser; `ahead` are rules that stand before the inbound ones (translation). */
export function chooserList(
  decisions: readonly Decision[],
  tags: readonly string[],
  paths: readonly Path[],
  ahead: readonly Rule[],
): RuleList {
  const lists = new Set(paths.map(listIdOf));
  const choose = (decision: Decision): Rule => {
    const { rule } = decision;
    if (rule.action.kind === 'continue') return rule;
    const wanted = listIdOf(pathOf(decision, tags));
    const action: Action = { kind: 'goto', list: lists.has(wanted) ? wanted : OUTBOUND };
    return { ...rule, action, origin: 'automatic' };
  };
  const plain: Rule = {
    id: 'other',
    name: 'Every other packet',
    origin: 'automatic',
    enabled: true,
    action: { kind: 'goto', list: OUTBOUND },
    match: MATCH_ALL,
    conditions: [],
  };
  return {
    id: CHOOSER,
    title: 'choice of the outbound rules by tag and gateway',
    // It sends every packet on to another list and lets none through itself.
    secondary: true,
    rules: [...ahead, ...decisions.map(choose), plain],
    end: { action: 'accept', name: 'pf passes what no rule matches' },
  };
}

/** The boxes that hold on one link, without the link. */
function onLink(boxes: readonly MatchBox[], link: number): readonly MatchBox[] {
  return boxes.flatMap((box) => {
    if (box.out === undefined) return [box];
    if (!contains(box.out, link)) return [];
    const { out: _, ...rest } = box;
    return [rest];
  });
}

function matchOn(match: Match, link: number): Match {
  const hi = onLink(match.hi, link);
  return { lo: match.lo === match.hi ? hi : onLink(match.lo, link), hi };
}

/** Outbound rules for packets that a gateway takes out, wherever the routing table would send them. */
export function throughGateway(rules: readonly Rule[], via: Via | undefined, device: string): readonly Rule[] {
  if (!via) return rules;
  const [first, ...others] = via.links;
  if (first === undefined) return rules;
  if (others.length === 0) return rules.map((rule) => ({ ...rule, match: matchOn(rule.match, first) }));
  return rules.flatMap((rule) => {
    // A rule that treats all members alike needs no choice among them.
    if (rule.match.hi.every((box) => box.out === undefined || via.links.every((link) => contains(box.out ?? [], link))))
      return [{ ...rule, match: matchOn(rule.match, first) }];
    return via.links.map((link): Rule => {
      const condition: Condition = {
        kind: 'construct',
        name: `gateway group ${via.gateway} uses member ${via.links.indexOf(link) + 1}`,
        coin: `gateway-member:${device}:${via.gateway}`,
        effect: 'gate',
        ...(link === via.links.at(-1)
          ? { values: via.links.slice(0, -1).map(String), negated: true }
          : { values: [String(link)] }),
        settledBy: `Look at Status > Gateways: which member of ${via.gateway} carries the traffic.`,
      };
      return { ...rule, match: matchOn(rule.match, link), conditions: [...rule.conditions, condition] };
    });
  });
}

/** An outbound rule with a gateway moves packets that are about to leave by another interface over to the gateway's. */
export function movedByGateway(entry: PfRule, links: Intervals, device: string): readonly PfRule[] {
  const { rule, via, quick } = entry;
  if (!via || rule.action.kind !== 'accept') return [entry];
  const elsewhere = subtract(entry.links ?? links, unionAll(via.links.map(only)));
  if (isEmpty(elsewhere)) return [entry];
  const condition: Condition = {
    kind: 'construct',
    name: `policy routing through ${via.gateway}`,
    coin: `policy-routing:${device}:${via.gateway}`,
    effect: 'gate',
    settledBy: `The rule sends packets that leave by other interfaces to gateway ${via.gateway}; bind it to the gateway's interface.`,
    ...(rule.span ? { span: rule.span } : {}),
  };
  const moved: PfRule = {
    ...entry,
    links: elsewhere,
    rule: { ...rule, action: { kind: 'unknown' }, conditions: [...rule.conditions, condition] },
  };
  return quick ? [moved, entry] : [entry, moved];
}
