/** One requirement with all its evidence. */
import type { AuditResult, RequirementResult } from '../../../src/model/result.js';
import type { DecidingRule, OpenCondition, PacketBox } from '../../../src/model/verdict.js';
import { shortBox } from '../../shared/boxes.js';
import { alreadySaid, tellingRules } from '../../shared/deciding.js';
import { MEANINGS, type Status, statusOf } from '../../shared/status.js';
import { visible, visibleBlock } from '../../shared/visible.js';
import {
  ACTION_WORDS,
  ASSUMPTION_TEXTS,
  CONDITION_WORDS,
  packetWords,
  place,
  plural,
  ruleWords,
  vendorName,
} from '../../shared/words.js';
import { type BoxesView, boxesView, type Numbering } from './common.js';
import { type DeviceView, devicesView, type PathNode, pathView } from './path.js';

const TEXT_LIMIT = 6000;
const LIST_LIMIT = 20;
/** Lines of a rule that stand before the rest folds away; so many more are not worth folding. */
const CARD_LINES = 12;
const LINES_SPARED = 3;
const CARD_RULES = 3;
const CARD_BOXES = 4;

export interface RuleView {
  readonly device: string;
  readonly vendor: string;
  readonly words: string;
  readonly place: string;
  readonly action: string;
  /** False where the explanation beside it names the rule already. */
  readonly named: boolean;
  /** As the vendor writes it; empty when no rule decided. */
  readonly text: string;
  /** What unfolds below, and what it is called. */
  readonly rest: string;
  readonly restLabel: string;
}

export interface ConditionView {
  readonly kind: string;
  readonly name: string;
  readonly where: string;
  readonly byDesign: boolean;
  readonly settledBy: string;
  readonly holds: readonly BoxesView[];
}

export interface FlowView {
  readonly anchor: string;
  readonly id: string;
  readonly status: Status;
  readonly meaning: string;
  readonly source: string;
  /** The source as the subject of a sentence. */
  readonly subject: string;
  readonly destination: string;
  /** What happens between the ends, as words between and after them. */
  readonly sentence: string;
  readonly sentenceEnd: string;
  readonly services: string;
  readonly purpose: string;
  readonly alsoFor: string;
  readonly prohibited: boolean;
  readonly tags: readonly string[];
  readonly decided: string;
  readonly explanation: string;
  readonly fix: string;
  readonly fixLabel: string;
  readonly tryIt: string;
  readonly review: string;
  readonly waiver: string;
  readonly byDefault: boolean;
  readonly path: readonly PathNode[];
  readonly devices: readonly DeviceView[];
  readonly rules: readonly RuleView[];
  /** The few rules and boxes that a card shows. */
  readonly cardRules: readonly RuleView[];
  readonly cardBoxes: readonly BoxesView[];
  readonly moreRules: string;
  readonly boxes: readonly BoxesView[];
  readonly conditions: readonly ConditionView[];
  readonly moreConditions: string;
  readonly assumptions: readonly { readonly id: string; readonly text: string }[];
  readonly facts: string;
  readonly example: string;
  readonly place: string;
  readonly keys: { readonly devices: string; readonly source: string; readonly target: string; readonly roles: string };
}

export interface FlowContext {
  readonly result: AuditResult;
  /** Rule texts by `file:line`. */
  readonly texts: ReadonlyMap<string, string>;
  readonly vendors: ReadonlyMap<string, string>;
  readonly devices: Numbering;
  readonly roles: Numbering;
}

const SENTENCES: Readonly<Record<Status, string>> = {
  blocked: 'cannot reach',
  partial: 'reaches only a part of',
  reachable: 'can reach',
  conditional: 'may or may not reach',
  unknown: 'was not judged towards',
  met: 'reaches',
};

const clippedText = (text: string): string =>
  text.length <= TEXT_LIMIT
    ? text
    : `${text.slice(0, TEXT_LIMIT)}\n… ${text.length - TEXT_LIMIT} further characters at the place shown`;

/** `lines` of the text stand, the rest folds away; a heading alone tells nothing. */
const folded = (text: string, lines: number): Pick<RuleView, 'text' | 'rest' | 'restLabel'> => {
  if (/^[^\n]{1,60}:$/.test(text)) return { text: '', rest: '', restLabel: '' };
  const all = text.split('\n');
  if (text === '' || all.length <= lines + LINES_SPARED) return { text, rest: '', restLabel: '' };
  const count = plural(all.length - lines, lines === 0 ? 'line' : 'more line');
  return {
    text: all.slice(0, lines).join('\n'),
    rest: all.slice(lines).join('\n'),
    restLabel: lines === 0 ? `as the vendor writes it, ${count}` : count,
  };
};

const ruleView = (rule: DecidingRule, open: boolean, lines: number, context: FlowContext): RuleView => ({
  device: visible(rule.device),
  vendor: vendorName(context.vendors.get(rule.device) ?? ''),
  words: ruleWords(rule),
  place: place(rule),
  action: open ? 'decides' : ACTION_WORDS[rule.action],
  named: true,
  ...folded(clippedText(visibleBlock(context.texts.get(`${rule.file}:${rule.line}`) ?? '')), lines),
});

/** The rules that tell why, for the card of a gap: their text, and their names where the explanation lacks them. */
const cardRules = (requirement: RequirementResult, context: FlowContext): readonly RuleView[] => {
  const rules = tellingRules(requirement);
  const explanation = visible(requirement.explanation);
  return rules.slice(0, CARD_RULES).map((rule) => ({
    // Several long rules would push everything else away.
    ...ruleView(rule, false, rules.length > 1 ? 0 : CARD_LINES, context),
    named: rules.length > 1 || !alreadySaid(explanation, rule),
  }));
};

const shortBoxes = (label: string, boxes: readonly PacketBox[]): readonly BoxesView[] =>
  boxesView(label, boxes.slice(0, CARD_BOXES).map(shortBox)).map((view) => {
    const rest = boxes.length - CARD_BOXES;
    return { ...view, more: rest > 0 ? `and ${plural(rest, 'further box', 'further boxes')} in the evidence` : '' };
  });

/** What a card shows: of a prohibition what passes, of a demand what is missing and, where a part passes, which. */
const cardBoxes = (requirement: RequirementResult): readonly BoxesView[] =>
  requirement.expect === 'deny'
    ? shortBoxes('Passes', requirement.open)
    : [...shortBoxes('Missing', requirement.missing), ...shortBoxes('Passes', requirement.open)];

const rulesInOrder = (requirement: RequirementResult): readonly DecidingRule[] => {
  const telling = tellingRules(requirement);
  return [...telling, ...requirement.decidedBy.filter((rule) => !telling.includes(rule))];
};

const conditionView = (condition: OpenCondition): ConditionView => {
  const rule = condition.rule === null ? '' : `rule "${visible(condition.rule)}"`;
  return {
    kind: CONDITION_WORDS[condition.kind],
    name: visible(condition.name),
    where: [visible(condition.device), rule, place(condition)].filter((part) => part !== '').join(' · '),
    byDesign: condition.class === 'by-design',
    settledBy: visible(condition.settledBy ?? ''),
    holds: boxesView('Holds for', condition.holds),
  };
};

const moreWords = (count: number, what: string): string =>
  count <= LIST_LIMIT ? '' : `and ${plural(count - LIST_LIMIT, `further ${what}`)}, all in the JSON report`;

const tagsOf = (requirement: RequirementResult): readonly string[] =>
  [
    requirement.optional ? 'optional' : '',
    requirement.waiver === null ? '' : 'waived',
    requirement.needsReview === null ? '' : 'to be reviewed',
    requirement.byDefault && requirement.outcome === 'met' ? 'by default only' : '',
    requirement.anyOf === null ? '' : `one of ${visible(requirement.anyOf)} suffices`,
    requirement.variant === null ? '' : visible(requirement.variant),
  ].filter((tag) => tag !== '');

const waiverWords = (waiver: RequirementResult['waiver']): string => {
  if (waiver === null) return '';
  const ticket = waiver.ticket === null ? '' : ` (${visible(waiver.ticket)})`;
  return `${visible(waiver.reason)}${ticket}. Owner: ${visible(waiver.owner)}. Expires ${visible(waiver.expires)}.`;
};

const decidedWords = (requirement: RequirementResult): string => {
  const rules = tellingRules(requirement);
  const [first] = rules;
  if (first === undefined) return '';
  const more = rules.length - 1;
  return `${visible(first.device)}, ${ruleWords(first)}${more === 0 ? '' : ` and ${more} more`}`;
};

const boxesOf = (requirement: RequirementResult): readonly BoxesView[] => [
  ...boxesView(requirement.expect === 'deny' ? 'Stopped' : 'Missing', requirement.missing),
  ...boxesView('Passes', requirement.open),
  ...boxesView('Not judged, crosses no audited device', requirement.unjudged),
];

const keysOf = (requirement: RequirementResult, { devices, roles }: FlowContext): FlowView['keys'] => {
  const names = new Set([...requirement.devices, ...requirement.hops].map(({ device }) => device));
  const source = roles.key('r', requirement.source);
  const target = roles.key('r', requirement.destination);
  return { devices: [...names].map((name) => devices.key('d', name)).join(' '), source, target, roles: `${source} ${target}` };
};

/** Everything that the report says about one requirement. */
export const flowView = (requirement: RequirementResult, anchor: string, context: FlowContext): FlowView => {
  const status = statusOf(requirement);
  const open = requirement.outcome === 'open';
  const prohibited = requirement.expect === 'deny';
  return {
    anchor,
    id: visible(requirement.id),
    status,
    meaning: MEANINGS[status],
    source: visible(requirement.source),
    subject: requirement.source === 'any' ? 'Anyone' : visible(requirement.source),
    destination: visible(requirement.destination),
    sentence: prohibited && status === 'met' ? 'is kept away from' : SENTENCES[status],
    sentenceEnd: status === 'reachable' ? ', and must not' : '',
    services: visible(requirement.services),
    purpose: visible(requirement.purpose),
    alsoFor: requirement.alsoFor.map(visible).join('; '),
    prohibited,
    tags: tagsOf(requirement),
    decided: decidedWords(requirement),
    explanation: visible(requirement.explanation),
    fix: visible(requirement.fix ?? ''),
    tryIt: visible(requirement.tryIt ?? '').trim(),
    review: visible(requirement.needsReview ?? ''),
    waiver: waiverWords(requirement.waiver),
    byDefault: requirement.byDefault,
    path: pathView(requirement),
    devices: devicesView(requirement),
    rules: rulesInOrder(requirement)
      .slice(0, LIST_LIMIT)
      .map((rule) => ruleView(rule, open, requirement.outcome === 'not-met' ? CARD_LINES : 0, context)),
    cardRules: requirement.outcome === 'not-met' ? cardRules(requirement, context) : [],
    cardBoxes: requirement.outcome === 'not-met' ? cardBoxes(requirement) : [],
    fixLabel: open ? 'To settle it' : 'Smallest fix',
    moreRules: moreWords(requirement.decidedBy.length, 'rule'),
    boxes: boxesOf(requirement),
    conditions: requirement.conditions.slice(0, LIST_LIMIT).map(conditionView),
    moreConditions: moreWords(requirement.conditions.length, 'condition'),
    assumptions: requirement.assumptions.map((id) => ({ id, text: ASSUMPTION_TEXTS[id] })),
    facts: requirement.facts.map(visible).join('; '),
    example: requirement.witness === null ? '' : packetWords(requirement.witness),
    place: place({ file: requirement.page, line: requirement.line }),
    keys: keysOf(requirement, context),
  };
};
