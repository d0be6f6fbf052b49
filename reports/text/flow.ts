/** One requirement as a block: what breaks, which rule decides, what is missing, what to do. */
import type { AuditSummary, RequirementResult } from '../../src/model/result.js';
import type { DecidingRule, PacketBox } from '../../src/model/verdict.js';
import { boxParts, briefBox } from '../shared/boxes.js';
import { type Status, statusOf } from '../shared/status.js';
import { visible } from '../shared/visible.js';
import { ACTION_WORDS, place, plural, ruleWords, vendorName } from '../shared/words.js';
import type { Style } from './ansi.js';
import { cells, type Page, type Piece, paragraph } from './layout.js';

/** Column where the words of a block start: two blanks, the longest status, two blanks. */
export const HANG = 15;
const LABEL = 9;
const NAME_LIMIT = 80;
const LIST_LIMIT = 6;

export const STATUS_STYLES: Readonly<Record<Status, Style>> = {
  blocked: 'red',
  partial: 'red',
  reachable: 'magenta',
  conditional: 'yellow',
  unknown: 'yellow',
  met: 'green',
};

export interface Columns {
  readonly services: number;
  readonly ends: number;
}

/** Names without end would bury the block; the full name stands in the export, at the line shown. */
export const clipped = (text: string): string =>
  cells(text) <= NAME_LIMIT ? text : `${[...text].slice(0, NAME_LIMIT - 1).join('')}…`;

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
  const notes = [...(also.length === 0 ? [] : [`also ${also.join(', ')}`]), ...tags.filter((tag) => tag !== '')];
  return clipped(visible(requirement.purpose)) + (notes.length === 0 ? '' : ` (${notes.join('; ')})`);
};

/** True when `explanation` already names the place, so that it is not said twice. */
const alreadySaid = (explanation: string, rule: DecidingRule): boolean => {
  const where = place(rule);
  if (where === '') return false;
  const at = explanation.indexOf(where);
  return at >= 0 && !/\d/.test(explanation.charAt(at + where.length));
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
      boxParts(briefBox(box)).map((text) => ({ text })),
      page,
    ),
  );
  const rest = boxes.length - shown.length;
  return rest === 0
    ? shown
    : [...shown, labelled(label, [{ text: `and ${plural(rest, 'further box', 'further boxes')}` }], page)];
};

const ruleLines = (requirement: RequirementResult, summary: AuditSummary, page: Page): readonly string[] => {
  const rules = requirement.decidedBy.filter((rule) => !alreadySaid(visible(requirement.explanation), rule));
  const lines = rules
    .slice(0, LIST_LIMIT)
    .map((rule) =>
      paragraph(
        rulePieces(rule, summary, requirement.outcome === 'open' ? 'decides' : ACTION_WORDS[rule.action]),
        page,
        HANG,
        HANG + 2,
      ),
    );
  const rest = rules.length - lines.length;
  return rest === 0 ? lines : [...lines, paragraph([{ text: `and ${plural(rest, 'further rule')}` }], page, HANG, HANG)];
};

const actionLines = (requirement: RequirementResult, page: Page): readonly string[] => [
  ...(requirement.needsReview === null ? [] : [labelled('review', [{ text: visible(requirement.needsReview) }], page)]),
  ...(requirement.fix === null ? [] : [labelled('fix', [{ text: visible(requirement.fix) }], page)]),
  ...(requirement.tryIt === null || requirement.outcome === 'met'
    ? []
    : [labelled('try', [{ text: visible(requirement.tryIt).trim(), keep: true }], page)]),
  ...(requirement.waiver === null
    ? []
    : [
        labelled(
          'waived',
          [
            {
              text: `until ${requirement.waiver.expires} by ${visible(requirement.waiver.owner)}: ${visible(requirement.waiver.reason)}`,
            },
          ],
          page,
        ),
      ]),
];

/** The block of one requirement, without a line end at its end. */
export const flowBlock = (requirement: RequirementResult, summary: AuditSummary, columns: Columns, page: Page): string => {
  const status = statusOf(requirement);
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
    ...boxLines('missing', requirement.expect === 'deny' ? [] : requirement.missing, page),
    ...boxLines('open', status === 'partial' ? requirement.open : [], page),
    ...boxLines('unjudged', requirement.unjudged, page),
    ...actionLines(requirement, page),
  ].join('\n');
};
