/**
 * Tags: a rule that matches gives the packet a tag, later rules test it, and it stays from the inbound judgement to the
 * outbound one. Where only quick rules set tags, the rule that decides inbound is the only one that can have set one, so
 * the tag of a forwarded packet follows from the packet: outbound rules become one list a tag, chosen by a list that walks
 * the inbound rules once more. Where a rule without quick (or a `match` rule) sets a tag, testing it is a condition.
 */
import type { Condition } from '../../src/model/condition.js';
import type { Action, Rule, RuleList } from '../../src/model/firewall.js';
import type { PfRule } from './pf-order.js';

/** The tags that rules set and test, undefined where they cannot be followed. */
export function followedTags(rules: readonly PfRule[]): readonly string[] | undefined {
  if (rules.some((entry) => entry.sets !== undefined && entry.rule.enabled && (!entry.quick || entry.rule.action.kind === 'continue')))
    return undefined;
  const set = new Set(rules.flatMap((entry) => (entry.rule.enabled && entry.sets !== undefined ? [entry.sets] : [])));
  return [...new Set(rules.flatMap((entry) => entry.tested?.tag ?? []))].filter((tag) => set.has(tag));
}

/** Rules as a packet with this tag (undefined: none of those tested) meets them. */
export function underTag(rules: readonly PfRule[], tag: string | undefined): readonly PfRule[] {
  return rules.filter(({ tested }) => tested === undefined || (tested.tag === tag) !== tested.not);
}

/** Rules with the test of a tag as a condition, one fact for each rule and direction. */
export function tagsAsConditions(rules: readonly PfRule[], direction: 'in' | 'out', device: string): readonly PfRule[] {
  return rules.map((entry) => {
    if (!entry.tested) return entry;
    const { tag, not } = entry.tested;
    const condition: Condition = {
      kind: 'construct',
      name: `packet tag ${tag}`,
      coin: `tag:${device}:${tag}:${entry.rule.id}@${direction}`,
      effect: 'gate',
      settledBy: `Follow by hand which rule sets tag ${tag} on the flow.`,
      ...(not ? { negated: true } : {}),
    };
    return { ...entry, rule: { ...entry.rule, conditions: [...entry.rule.conditions, condition] } };
  });
}

export const taggedList = (tag: string): string => `outbound, tagged ${tag}`;

/**
 * The list that chooses among the outbound lists: every inbound rule once more, in the order in which the first match decides.
 * @param inbound rules of the inbound list with the tag that each sets.
 */
export function tagChooser(inbound: readonly (Rule & { readonly sets?: string })[], tags: readonly string[], ahead: readonly Rule[]): RuleList {
  const choose = ({ sets, ...rule }: Rule & { readonly sets?: string }): Rule => {
    const list = sets !== undefined && tags.includes(sets) ? taggedList(sets) : 'outbound';
    const action: Action = rule.action.kind === 'continue' ? rule.action : { kind: 'goto', list };
    return { ...rule, action, origin: 'automatic' };
  };
  return {
    id: 'tags',
    title: 'outbound rules, chosen by the tag that the inbound rules set',
    rules: [...ahead, ...inbound.map(choose), { ...TO_OUTBOUND }],
    end: { action: 'accept', name: 'pf passes what no rule matches' },
  };
}

const TO_OUTBOUND: Rule = {
  id: 'untagged',
  name: 'Packets without a tag',
  origin: 'automatic',
  enabled: true,
  action: { kind: 'goto', list: 'outbound' },
  match: { lo: [{}], hi: [{}] },
  conditions: [],
};
