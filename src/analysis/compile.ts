/** A firewall's rule lists in the coordinates of one space: what a pass walks. */
import type { Condition } from '../model/condition.js';
import type { Action, Firewall, Rule, RuleList, Translation } from '../model/firewall.js';
import type { MatchBox } from '../model/match.js';
import type { Box } from '../sets/region.js';
import { boxOf, type Space } from './space.js';

export interface CompiledRule {
  readonly rule: Rule;
  readonly list: RuleList;
  readonly action: Action;
  readonly conditions: readonly Condition[];
  readonly lo: readonly Box[];
  /** One object with `lo` where the match is exact. */
  readonly hi: readonly Box[];
}

export interface CompiledList {
  readonly list: RuleList;
  /** Enabled rules that can match a packet of this family at all. */
  readonly rules: readonly CompiledRule[];
  /** What decides where no rule did, in the shape of a rule. */
  readonly end: CompiledRule;
}

export interface CompiledFirewall {
  readonly firewall: Firewall;
  readonly space: Space;
  readonly lists: ReadonlyMap<string, CompiledList>;
  readonly translations: readonly CompiledTranslation[];
}

export interface CompiledTranslation {
  readonly translation: Translation;
  readonly boxes: readonly Box[];
}

function boxes(matches: readonly MatchBox[], space: Space, links: number): readonly Box[] {
  const out: Box[] = [];
  for (const match of matches) {
    const box = boxOf(match, space, links);
    if (box) out.push(box);
  }
  return out;
}

function compileRule(rule: Rule, list: RuleList, space: Space, links: number): CompiledRule | undefined {
  const hi = boxes(rule.match.hi, space, links);
  if (hi.length === 0) return undefined;
  const lo = rule.match.lo === rule.match.hi ? hi : boxes(rule.match.lo, space, links);
  return { rule, list, action: rule.action, conditions: rule.conditions, lo, hi };
}

/** The end of a list as a rule: `origin` default, id `default`. */
function endRule(list: RuleList): CompiledRule {
  const rule: Rule = {
    id: 'default',
    name: list.end.name,
    ...(list.end.span ? { span: list.end.span } : {}),
    origin: 'default',
    enabled: true,
    action: { kind: list.end.action },
    match: { lo: [], hi: [] },
    conditions: [],
  };
  return { rule, list, action: rule.action, conditions: [], lo: [], hi: [] };
}

export function compile(firewall: Firewall, space: Space): CompiledFirewall {
  const links = Math.max(1, firewall.links.names.length);
  const lists = new Map<string, CompiledList>();
  for (const [id, list] of firewall.lists) {
    const rules: CompiledRule[] = [];
    for (const rule of list.rules) {
      const compiled = rule.enabled ? compileRule(rule, list, space, links) : undefined;
      if (compiled) rules.push(compiled);
    }
    lists.set(id, { list, rules, end: endRule(list) });
  }
  const translations = (firewall.translations ?? []).map((translation) => ({
    translation,
    boxes: boxes(translation.match, space, links),
  }));
  return { firewall, space, lists, translations };
}
