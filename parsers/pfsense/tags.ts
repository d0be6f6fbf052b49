/**
 * Tags: a rule that matches gives the packet a tag, later rules test it, and it stays from the inbound judgement to the
 * outbound one. Where only quick rules set tags, the rule that decides inbound is the only one that can have set one, so
 * the tag of a forwarded packet follows from the packet. Where a rule without quick (or a `match` rule) sets a tag,
 * testing it is a condition.
 */
import type { Condition } from '../../src/model/condition.js';
import type { PfRule } from './pf-order.js';

/** The tags that rules both set and test; undefined where they cannot be followed. */
export function followedTags(rules: readonly PfRule[]): readonly string[] | undefined {
  const setters = rules.filter((entry) => entry.sets !== undefined && entry.rule.enabled);
  if (setters.some((entry) => !entry.quick || entry.rule.action.kind === 'continue')) return undefined;
  const set = new Set(setters.map((entry) => entry.sets));
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
