/** Open questions, the one that settles most flows first: one answer often settles several. */
import type { RequirementResult } from '../../../src/model/result.js';
import { type Question, questionsOf, reachWords } from '../../shared/questions.js';
import { CONDITION_WORDS, plural, sentence } from '../../shared/words.js';
import type { FlowView } from './flow.js';

export interface QuestionView {
  readonly kind: string;
  readonly names: readonly string[];
  /** A name that is a whole sentence stands below the heading. */
  readonly asText: boolean;
  /** No other question is open for these flows: what they hang on is told here. */
  readonly explain: boolean;
  readonly moreNames: string;
  readonly settledBy: string;
  readonly where: string;
  readonly settles: string;
  readonly flows: readonly FlowView[];
  /** Many flows fold away behind their number; empty where they are few. */
  readonly foldLabel: string;
}

export interface SettleView {
  readonly missing: readonly QuestionView[];
  readonly byDesign: readonly QuestionView[];
  /** Open without any condition that could be settled. */
  readonly other: readonly FlowView[];
  readonly any: boolean;
}

const PLACES = 3;
const NAMES = 12;
const FLOWS = 3;
const HEADING = 80;

const questionView = (question: Question, views: ReadonlyMap<RequirementResult, FlowView>): QuestionView => {
  const shown = question.places.slice(0, PLACES);
  const more = question.places.length - shown.length;
  const names = question.names.length - NAMES;
  return {
    kind: CONDITION_WORDS[question.kind],
    names: question.names.slice(0, NAMES),
    asText: question.names.length === 1 && (question.names[0] ?? '').length > HEADING,
    explain: question.settles === question.flows.length && question.flows.length <= FLOWS && question.kind !== 'interpretation',
    moreNames: names > 0 ? `and ${names} more` : '',
    settledBy: sentence(question.settledBy),
    where: shown.join('; ') + (more > 0 ? ` and ${plural(more, 'further place')}` : ''),
    settles: reachWords(question),
    flows: question.flows.flatMap((flow) => views.get(flow) ?? []),
    foldLabel: question.flows.length > FLOWS ? plural(question.flows.length, 'flow') : '',
  };
};

/** Questions of all requirements whose fate still hangs on something. `views` stand beside `requirements`. */
export const settleView = (
  requirements: readonly RequirementResult[],
  views: ReadonlyMap<RequirementResult, FlowView>,
): SettleView => {
  const questions = questionsOf(requirements);
  const ofClass = (wanted: Question['class']): readonly QuestionView[] =>
    questions.filter((question) => question.class === wanted).map((question) => questionView(question, views));
  const missing = ofClass('missing');
  const byDesign = ofClass('by-design');
  const other = requirements
    .filter(({ outcome, conditions }) => outcome === 'open' && conditions.length === 0)
    .flatMap((requirement) => views.get(requirement) ?? []);
  return { missing, byDesign, other, any: missing.length + byDesign.length + other.length > 0 };
};
