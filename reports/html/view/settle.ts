/** Open questions, the one that settles most flows first: one answer often settles several. */
import type { RequirementResult } from '../../../src/model/result.js';
import type { OpenCondition } from '../../../src/model/verdict.js';
import { visible } from '../../shared/visible.js';
import { CONDITION_WORDS, place, plural } from '../../shared/words.js';
import type { FlowView } from './flow.js';

export interface QuestionView {
  readonly kind: string;
  readonly name: string;
  readonly settledBy: string;
  readonly where: string;
  readonly settles: string;
  readonly flows: readonly FlowView[];
}

export interface SettleView {
  readonly missing: readonly QuestionView[];
  readonly byDesign: readonly QuestionView[];
  /** Open without any condition that could be settled. */
  readonly other: readonly FlowView[];
  readonly any: boolean;
}

interface Question {
  readonly condition: OpenCondition;
  readonly places: Set<string>;
  readonly flows: Set<FlowView>;
}

const PLACES = 3;

const questionView = ({ condition, places, flows }: Question): QuestionView => {
  const shown = [...places].slice(0, PLACES);
  const more = places.size - shown.length;
  return {
    kind: CONDITION_WORDS[condition.kind],
    name: visible(condition.name),
    settledBy: visible(condition.settledBy ?? ''),
    where: shown.join('; ') + (more > 0 ? ` and ${plural(more, 'further place')}` : ''),
    settles: plural(flows.size, 'flow'),
    flows: [...flows],
  };
};

/** Questions of all requirements whose fate still hangs on something. `views` stand beside `requirements`. */
export const settleView = (
  requirements: readonly RequirementResult[],
  views: ReadonlyMap<RequirementResult, FlowView>,
): SettleView => {
  const questions = new Map<string, Question>();
  const other: FlowView[] = [];
  for (const requirement of requirements.filter(({ outcome }) => outcome !== 'met')) {
    const view = views.get(requirement);
    if (view === undefined) continue;
    if (requirement.outcome === 'open' && requirement.conditions.length === 0) other.push(view);
    for (const condition of requirement.conditions) {
      const key = JSON.stringify([condition.class, condition.kind, condition.name, condition.settledBy ?? '']);
      const question = questions.get(key) ?? { condition, places: new Set<string>(), flows: new Set<FlowView>() };
      question.places.add([visible(condition.device), place(condition)].filter((part) => part !== '').join(', '));
      question.flows.add(view);
      questions.set(key, question);
    }
  }
  const ranked = [...questions.values()].sort((a, b) => b.flows.size - a.flows.size);
  const ofClass = (wanted: OpenCondition['class']): readonly QuestionView[] =>
    ranked.filter(({ condition }) => condition.class === wanted).map(questionView);
  const missing = ofClass('missing');
  const byDesign = ofClass('by-design');
  return { missing, byDesign, other, any: missing.length + byDesign.length + other.length > 0 };
};
