/** The whole page as plain data. */
import type { AuditResult, RequirementResult } from '../../../src/model/result.js';
import { counts, LETTERS, MEANINGS, STATUSES, statusOf, worstFirst } from '../../shared/status.js';
import { visible } from '../../shared/visible.js';
import { plural } from '../../shared/words.js';
import { type BeyondView, beyondView, type EvidenceView, evidenceView, type HygieneView, hygieneView } from './appendix.js';
import { anchorsOf, Numbering } from './common.js';
import { type FlowContext, type FlowView, flowView } from './flow.js';
import { type HeadView, headView } from './head.js';
import { type MatrixView, matrixView } from './matrix.js';
import { type SettleView, settleView } from './settle.js';

interface Choice {
  readonly key: string;
  readonly name: string;
}

export interface PageView {
  readonly head: HeadView;
  /** Gaps that count, worst first. */
  readonly fixes: readonly FlowView[];
  /** Gaps that are waived or optional. */
  readonly lesser: readonly FlowView[];
  readonly settle: SettleView;
  readonly matrix: MatrixView;
  readonly legend: readonly { readonly status: string; readonly letter: string; readonly meaning: string }[];
  readonly flows: readonly FlowView[];
  readonly flowCount: string;
  readonly deviceChoices: readonly Choice[];
  readonly roleChoices: readonly Choice[];
  readonly beyond: BeyondView;
  readonly hygiene: readonly HygieneView[];
  readonly evidence: EvidenceView;
}

const choices = (prefix: string, numbering: Numbering): readonly Choice[] =>
  numbering.values.map((value) => ({ key: numbering.key(prefix, value), name: visible(value) }));

const contextOf = (result: AuditResult): FlowContext => ({
  result,
  texts: new Map(result.ruleTexts.map(({ file, line, text }) => [`${file}:${line}`, text])),
  vendors: new Map(result.summary.devices.map(({ name, vendor }) => [name, vendor])),
  devices: new Numbering([
    ...result.summary.devices.map(({ name }) => name),
    ...result.requirements.flatMap(({ devices, hops }) => [...devices, ...hops].map(({ device }) => device)),
  ]),
  roles: new Numbering(result.requirements.flatMap(({ source, destination }) => [source, destination])),
});

/** All that the templates print. */
export const pageView = (result: AuditResult): PageView => {
  const context = contextOf(result);
  const anchors = anchorsOf(result.requirements.map(({ id }) => id));
  const views = new Map<RequirementResult, FlowView>(
    result.requirements.map((requirement, index) => [requirement, flowView(requirement, anchors[index] ?? '', context)]),
  );
  const viewsOf = (requirements: readonly RequirementResult[]): readonly FlowView[] =>
    requirements.flatMap((requirement) => views.get(requirement) ?? []);
  const gaps = worstFirst(result.requirements).filter(({ outcome }) => outcome === 'not-met');
  const present = new Set(result.requirements.map(statusOf));
  return {
    head: headView(result),
    fixes: viewsOf(gaps.filter(counts)),
    lesser: viewsOf(gaps.filter((gap) => !counts(gap))),
    settle: settleView(result.requirements, views),
    matrix: matrixView(result.requirements, context.roles),
    legend: STATUSES.filter((status) => present.has(status)).map((status) => ({
      status,
      letter: LETTERS[status],
      meaning: MEANINGS[status],
    })),
    flows: [...views.values()],
    flowCount: plural(result.requirements.length, 'requirement'),
    deviceChoices: choices('d', context.devices),
    roleChoices: choices('r', context.roles),
    beyond: beyondView(result),
    hygiene: hygieneView(result),
    evidence: evidenceView(result),
  };
};
