/** Why a verdict is what it is: deciding rules, open conditions, assumptions and facts it rests on. */
import { type AssumptionId, type Condition, classOf } from '../model/condition.js';
import type { DecidingRule, OpenCondition, Verdict } from '../model/verdict.js';
import type { Family } from '../sets/address.js';
import { NOTHING, type Region, regionsOverlap, simplify, subtractRegion, uniteRegions } from '../sets/region.js';
import { assumed, settled } from './coins.js';
import type { CompiledRule } from './compile.js';
import type { Evaluation, FlowHit, Judging } from './evaluate.js';
import { matchFact } from './facts.js';
import { presentRegion } from './present.js';
import type { Space } from './space.js';

/** What one evaluation of one family found, with the regions that the verdict speaks of. */
export interface Evidence {
  readonly family: Family;
  readonly space: Space;
  readonly evaluation: Evaluation;
  readonly denied: Region;
  readonly open: Region;
  readonly permitted: Region;
}

const key = (rule: DecidingRule): string => [rule.device, rule.rule, rule.line, rule.action, rule.name].join('\u0000');

function unique(rules: readonly DecidingRule[]): DecidingRule[] {
  return [...new Map(rules.map((rule) => [key(rule), rule])).values()];
}

function ruleIdOf(rule: CompiledRule): string {
  const { origin, id } = rule.rule;
  return origin === 'default' ? 'default' : origin === 'off' ? 'off' : id;
}

function decidingRule(hit: FlowHit): DecidingRule {
  const { rule } = hit.rule;
  const kind = hit.rule.action.kind;
  return {
    device: hit.view.device.name,
    rule: ruleIdOf(hit.rule),
    name: hit.packet === 'first' ? rule.name : `${rule.name} (${hit.packet === 'reply' ? 'reply' : 'later packets'})`,
    file: rule.span?.file ?? null,
    line: rule.span?.line ?? null,
    action: hit.effect === 'accept' ? 'accept' : kind === 'reject' ? 'reject' : 'drop',
  };
}

const authorises = (hit: FlowHit): boolean =>
  hit.effect === 'accept' && hit.packet === 'first' && hit.rule.list.secondary !== true;

function routeRule(evidence: Evidence): DecidingRule[] {
  return evidence.evaluation.views
    .filter(({ view }) => regionsOverlap(view.discarded, evidence.denied))
    .map(({ view }) => ({
      device: view.device.name,
      rule: 'route',
      name: 'no route: the device discards these packets',
      file: null,
      line: null,
      action: 'drop',
    }));
}

const denies = (hit: FlowHit, evidence: Evidence): boolean => hit.effect === 'deny' && regionsOverlap(hit.flow, evidence.denied);

/** True when rules without conditions deny all of it: those that only may deny decide nothing then. */
function coveredForSure(evidence: Evidence): boolean {
  const sure = evidence.evaluation.hits.filter((hit) => denies(hit, evidence) && hit.rule.conditions.length === 0);
  return sure.reduce<Region>((rest, hit) => subtractRegion(rest, hit.flow), evidence.denied).length === 0;
}

/** Rules that decide: what denies where something is denied, both sides where it is open, what accepts elsewhere. */
export function decidingRules(verdict: Verdict, evidences: readonly Evidence[]): readonly DecidingRule[] {
  const out: DecidingRule[] = [];
  const collect = (pick: (hit: FlowHit, evidence: Evidence) => boolean): void => {
    // A rule of unknown effect decides nothing: it stands among the conditions.
    for (const evidence of evidences)
      for (const hit of evidence.evaluation.hits)
        if (hit.rule.action.kind !== 'unknown' && pick(hit, evidence)) out.push(decidingRule(hit));
  };
  if (verdict === 'blocked' || verdict === 'partial') {
    for (const evidence of evidences) out.push(...routeRule(evidence));
    collect((hit, evidence) => denies(hit, evidence) && (hit.rule.conditions.length === 0 || !coveredForSure(evidence)));
  }
  if (verdict === 'conditional' || verdict === 'unknown')
    collect(
      (hit, evidence) =>
        (hit.effect === 'deny' && (regionsOverlap(hit.flow, evidence.open) || regionsOverlap(hit.flow, evidence.denied))) ||
        (authorises(hit) && regionsOverlap(hit.flow, evidence.open)),
    );
  if (verdict !== 'blocked') collect((hit, evidence) => authorises(hit) && regionsOverlap(hit.flow, evidence.permitted));
  return unique(out);
}

/** True when part of what passes does so by a default policy alone. */
export const passesByDefault = (evidences: readonly Evidence[]): boolean =>
  evidences.some((e) =>
    e.evaluation.hits.some(
      (hit) => authorises(hit) && hit.rule.rule.origin === 'default' && regionsOverlap(hit.flow, e.permitted),
    ),
  );

export const passesSwitchedOff = (evidences: readonly Evidence[]): boolean =>
  evidences.some((e) =>
    e.evaluation.hits.some((hit) => authorises(hit) && hit.rule.rule.origin === 'off' && regionsOverlap(hit.flow, e.permitted)),
  );

/** Conditions of rules that packets of undecided fate meet, with those packets. */
export function openConditions(evidences: readonly Evidence[], judging: Judging): readonly OpenCondition[] {
  const found = new Map<string, { condition: Omit<OpenCondition, 'holds'>; parts: { space: Space; region: Region }[] }>();
  for (const { evaluation, open, space } of evidences) {
    if (open.length === 0) continue;
    for (const { rule, view, flow } of evaluation.met) {
      if (rule.action.kind === 'continue' || rule.conditions.length === 0 || !regionsOverlap(flow, open)) continue;
      const part = subtractRegion(flow, subtractRegion(flow, open));
      for (const condition of rule.conditions) {
        if (settled(condition, judging.facts, judging.settings) !== undefined) continue;
        const span = condition.span ?? rule.rule.span;
        const place = { device: view.device.name, rule: rule.rule.id, file: span?.file ?? null, line: span?.line ?? null };
        const at = [condition.kind, condition.name, place.device, place.rule, place.line].join('\u0000');
        const entry = found.get(at) ?? {
          condition: {
            class: classOf(condition.kind),
            kind: condition.kind,
            name: condition.name,
            ...place,
            ...(condition.settledBy ? { settledBy: condition.settledBy } : {}),
          },
          parts: [],
        };
        found.set(at, entry);
        entry.parts.push({ space, region: part });
      }
    }
  }
  return [...found.values()].map(({ condition, parts }) => ({ ...condition, holds: presentParts(parts) }));
}

function presentParts(parts: readonly { space: Space; region: Region }[]) {
  const bySpace = new Map<Space, Region>();
  for (const { space, region } of parts) bySpace.set(space, uniteRegions(bySpace.get(space) ?? NOTHING, region));
  return [...bySpace].flatMap(([space, region]) => presentRegion(simplify(region), space));
}

/** Assumptions and declared facts without which some rule would have had another say. */
export function restsOn(
  evidences: readonly Evidence[],
  judging: Judging,
): { assumptions: readonly AssumptionId[]; facts: readonly string[] } {
  const assumptions = new Set<AssumptionId>();
  const facts = new Set<string>();
  const look = (condition: Condition): void => {
    if (condition.fact && matchFact(condition, judging.facts) !== undefined)
      facts.add(`${condition.fact}=${judging.facts.get(condition.fact)}`);
    else if (condition.assumption && assumed(condition, judging.settings) !== undefined) assumptions.add(condition.assumption.id);
  };
  for (const { evaluation } of evidences) {
    for (const { rule } of evaluation.met) if (rule.action.kind !== 'continue') rule.conditions.forEach(look);
    for (const rule of evaluation.setAside) rule.conditions.forEach(look);
  }
  return { assumptions: [...assumptions].sort(), facts: [...facts].sort() };
}
