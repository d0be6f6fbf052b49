/** One requirement as a block: what breaks, which rule decides, what is missing, what to do. */
import type { AuditSummary, RequirementResult } from '../../src/model/result.js';
import type { DecidingRule, PacketBox } from '../../src/model/verdict.js';
import { boxParts, shortBox } from '../shared/boxes.js';
import { alreadySaid, tellingRules } from '../shared/deciding.js';
import { asks, type Question } from '../shared/questions.js';
import { type Status, statusOf } from '../shared/status.js';
import { visible } from '../shared/visible.js';
import { ACTION_WORDS, place, plural, ruleWords, sentence, vendorName } from '../shared/words.js';
import type { Style } from './ansi.js';
import { cells, type Page, type Piece, paragraph } from './layout.js';

/** Column where the words of a block start: two blanks, the longest status, two blanks. */
export const HANG = 15;
const LABEL = 9;
const NAME_LIMIT = 80;
const PURPOSE_LIMIT = 56;
const LIST_LIMIT = 3;

export const STATUS_STYLES: Readonly<Record<Status, Style>> = {
  blocked: 'red',
  partial: 'red',
  reachable: 'magenta',
  conditional: 'yellow',
  unknown: 'yellow',
  met: 'green',
};

/** What a block needs to know of the rest of the report. */
export interface Surroundings {
  readonly summary: AuditSummary;
  readonly columns: Columns;
  readonly asked: readonly Question[];
}

export interface Columns {
  readonly services: number;
  readonly ends: number;
}

/** Names without end would bury the block; the full name stands in the export, at the line shown. */
export const clipped = (text: string, limit = NAME_LIMIT): string =>
  cells(text) <= limit
    ? text
    : `${[...text]
        .slice(0, limit - 1)
        .join('')
        .trimEnd()}…`;

const endsOf = (requirement: RequirementResult): string => {
  const ends = `${clipped(visible(requirement.source))} → ${clipped(visible(requirement.destination))}`;
  return requirement.expect === 'deny' ? `${ends}, must not be` : ends;
};

const servicesOf = (requirement: RequirementResult): string => visible(requirement.services);

/** Widths of the first line's columns, bounded so that one long name does not push every line over the edge. */
export const columnsOf = (requirements: readonly RequirementResult[]): Columns => {
  const widest = (texts: readonly string[], limit: number): number =>
    texts.map(cells).reduce((most, width) => (width > limit ? most : Math.max(most, width)), 0);
  return { services: widest(requirements.map(servicesOf), 16), ends: widest(requirements.map(endsOf), 48) };
};

const purposeOf = (requirement: RequirementResult): string => {
  const also = requirement.alsoFor.map(visible);
  const tags = [
    requirement.optional ? 'optional' : '',
    requirement.needsReview === null ? '' : 'to be reviewed',
    requirement.waiver === null ? '' : 'waived',
  ];
  const notes = [
    ...(also.length === 0 ? [] : [clipped(`also ${also.join(', ')}`, PURPOSE_LIMIT)]),
    ...tags.filter((tag) => tag !== ''),
  ];
  return clipped(visible(requirement.purpose), PURPOSE_LIMIT) + (notes.length === 0 ? '' : ` (${notes.join('; ')})`);
};

/** `core (PAN-OS)  rule 12 "deny-legacy"  core.xml:412  drops it`. */
const rulePieces = (rule: DecidingRule, summary: AuditSummary, says: string): readonly Piece[] => {
  const device = summary.devices.find((candidate) => candidate.name === rule.device);
  const name = visible(rule.device) + (device === undefined ? '' : ` (${vendorName(device.vendor)})`);
  return [
    { text: name, style: 'bold' },
    { text: ruleWords({ rule: clipped(rule.rule), name: clipped(rule.name) }) },
    { text: place(rule), style: 'cyan', keep: true },
    { text: says },
  ];
};

const labelled = (label: string, text: readonly Piece[], page: Page): string =>
  paragraph([{ text: label, style: 'dim', keep: true, pad: LABEL - 2 }, ...text], page, HANG, HANG + LABEL);

const boxLines = (label: string, boxes: readonly PacketBox[], page: Page): readonly string[] => {
  const shown = boxes.slice(0, LIST_LIMIT).map((box) =>
    labelled(
      label,
      boxParts(shortBox(box)).map((text) => ({ text })),
      page,
    ),
  );
  const rest = boxes.length - shown.length;
  return rest === 0
    ? shown
    : [...shown, labelled(label, [{ text: `and ${plural(rest, 'further box', 'further boxes')}` }], page)];
};

/** Rules that the explanation does not name; none where it names one, or where nothing is decided. */
const ruleLines = (requirement: RequirementResult, summary: AuditSummary, page: Page): readonly string[] => {
  const explanation = visible(requirement.explanation);
  const rules = tellingRules(requirement);
  const said = explanation !== '' && (requirement.outcome === 'open' || rules.some((rule) => alreadySaid(explanation, rule)));
  if (said) return [];
  const shown = rules
    .slice(0, LIST_LIMIT)
    .map((rule) =>
      paragraph(
        rulePieces(rule, summary, requirement.outcome === 'open' ? 'decides' : ACTION_WORDS[rule.action]),
        page,
        HANG,
        HANG + 2,
      ),
    );
  const rest = rules.length - shown.length;
  return rest === 0 ? shown : [...shown, paragraph([{ text: `and ${plural(rest, 'further rule')}` }], page, HANG, HANG)];
};

/** What settles an open flow, without what is asked once for many flows. */
const settleText = (requirement: RequirementResult, asked: readonly Question[]): string => {
  if (requirement.conditions.length === 0) return visible(requirement.fix ?? '');
  const own = requirement.conditions.filter((condition) => !asked.some((question) => asks(question, condition)));
  const ways = [...new Set(own.map(({ settledBy }) => visible(settledBy ?? '')).filter((text) => text !== ''))];
  const more = ways.length - 2;
  return ways.slice(0, 2).map(sentence).join(' ') + (more > 0 ? ` ${plural(more, 'more question')} in the html report.` : '');
};

/** One line: the reading to settle, else the fix or the answer that is wanted, else a command that tries it. */
const actionLines = (requirement: RequirementResult, asked: readonly Question[], page: Page): readonly string[] => {
  if (requirement.needsReview !== null) return [labelled('review', [{ text: visible(requirement.needsReview) }], page)];
  const open = requirement.outcome === 'open';
  const next = open ? settleText(requirement, asked) : visible(requirement.fix ?? '');
  if (next !== '') return [labelled(open ? 'settle' : 'fix', [{ text: next }], page)];
  if (requirement.tryIt === null || requirement.outcome === 'met') return [];
  return [labelled('try', [{ text: visible(requirement.tryIt).trim(), keep: true }], page)];
};

const waiverLines = ({ waiver }: RequirementResult, page: Page): readonly string[] =>
  waiver === null
    ? []
    : [labelled('waived', [{ text: `until ${waiver.expires} by ${visible(waiver.owner)}: ${visible(waiver.reason)}` }], page)];

/** The block of one requirement, without a line end at its end. `asked`: questions that the report asks once for many. */
export const flowBlock = (requirement: RequirementResult, { summary, columns, asked }: Surroundings, page: Page): string => {
  const status = statusOf(requirement);
  const part = requirement.verdict === 'partial' && requirement.expect === 'allow';
  // Where an end has no addresses, the boxes are those of the whole address space and tell nothing.
  const anywhere = requirement.conditions.some(({ kind }) => kind === 'actor');
  const head: readonly Piece[] = [
    { text: status, style: STATUS_STYLES[status], keep: true, pad: HANG - 4 },
    { text: servicesOf(requirement), pad: columns.services },
    { text: endsOf(requirement), style: 'bold', pad: columns.ends },
    { text: purposeOf(requirement), style: 'dim' },
  ];
  return [
    paragraph(head, page, 2, HANG),
    ...ruleLines(requirement, summary, page),
    ...(requirement.explanation === '' ? [] : [paragraph([{ text: visible(requirement.explanation) }], page, HANG, HANG)]),
    ...boxLines('missing', part ? requirement.missing : [], page),
    ...boxLines('passes', part ? requirement.open : [], page),
    ...boxLines('unjudged', anywhere ? [] : requirement.unjudged, page),
    ...actionLines(requirement, asked, page),
    ...waiverLines(requirement, page),
  ].join('\n');
};
