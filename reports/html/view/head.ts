/** The answer in a sentence, then in numbers. */
import type { AuditResult } from '../../../src/model/result.js';
import { STATUSES, type Status, statusOf } from '../../shared/status.js';
import { gateWords, judgedOn } from '../../shared/summary.js';
import { visible } from '../../shared/visible.js';
import { listed, plural, thousands } from '../../shared/words.js';

export interface TileView {
  readonly status: Status;
  readonly some: boolean;
  readonly count: string;
  /** Position and width in the bar of 1000 units. */
  readonly from: number;
  readonly width: number;
}

export interface HeadView {
  readonly title: string;
  readonly sentence: string;
  /** What follows from the same counts, then what else to know. */
  readonly lede: string;
  readonly notes: readonly string[];
  readonly incomplete: string;
  readonly judged: string;
  readonly gate: string;
  readonly asOf: string;
  readonly version: string;
  readonly tiles: readonly TileView[];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const are = (count: number): string => (count === 1 ? 'is' : 'are');

const sentenceOf = ({ summary }: AuditResult): string => {
  const { requirements, notMet, open } = summary;
  if (requirements === 0) return 'Nothing was judged: no requirement was read.';
  const of = `of ${plural(requirements, 'requirement')}`;
  if (notMet > 0) return `${thousands(notMet)} ${of} ${are(notMet)} not met.`;
  if (open > 0 && open === requirements && open > 1)
    return `Nothing is decided yet: all ${thousands(open)} requirements are still open.`;
  if (open > 0) return `No requirement is broken, but ${thousands(open)} ${of} ${are(open)} still open.`;
  if (summary.incomplete) return `What could be judged is met, but not everything could be read.`;
  return requirements === 1 ? 'The one requirement is met.' : `All ${thousands(requirements)} requirements are met.`;
};

const ledeOf = ({ summary: { notMet, open, met } }: AuditResult): string =>
  [
    notMet > 0 && open > 0 ? `${thousands(open)} cannot be settled from what was given.` : '',
    notMet + open > 0 && met > 0 ? `${thousands(met)} ${are(met)} met.` : '',
  ]
    .filter((text) => text !== '')
    .join(' ');

const notesOf = (result: AuditResult): readonly string[] => {
  const { summary, requirements, excess } = result;
  const waived = requirements.filter(({ waiver, outcome }) => waiver !== null && outcome === 'not-met').length;
  const sure = excess.filter((finding) => finding.sure.length > 0).length;
  const possible = excess.length - sure;
  const critical = result.findings.filter(({ severity }) => severity === 'critical').length;
  const { metByDefault } = summary;
  return [
    critical > 0 ? `${plural(critical, 'critical finding')} about the firewalls themselves.` : '',
    sure > 0 ? `${plural(sure, 'rule')} ${sure === 1 ? 'opens' : 'open'} what nobody required.` : '',
    possible > 0 ? `${plural(possible, 'rule')} may, under conditions, open what nobody required.` : '',
    metByDefault > 0
      ? `${thousands(metByDefault)} of the met ${metByDefault === 1 ? 'rests' : 'rest'} on a default policy: no rule authorises ${metByDefault === 1 ? 'it' : 'them'}.`
      : '',
    waived > 0 ? `${thousands(waived)} of the gaps ${are(waived)} waived.` : '',
  ].filter((text) => text !== '');
};

const tilesOf = (result: AuditResult): readonly TileView[] => {
  const total = Math.max(1, result.requirements.length);
  const statuses = result.requirements.map(statusOf);
  let before = 0;
  return STATUSES.map((status) => {
    const count = statuses.filter((each) => each === status).length;
    const from = Math.round((before / total) * 1000);
    before += count;
    return { status, some: count > 0, count: thousands(count), from, width: Math.round((before / total) * 1000) - from };
  });
};

const incompleteWords = ({ inputs, summary }: AuditResult): string => {
  if (!summary.incomplete) return '';
  const files = inputs.filter(({ complete }) => !complete).map(({ file }) => visible(file));
  const what = files.length === 0 ? 'an export' : listed(files);
  return `${what} could not be read whole. What depends on it is not judged; this report must not be read as a pass.`;
};

/** Head of the page. */
export const headView = (result: AuditResult): HeadView => ({
  title: visible(result.summary.title),
  sentence: sentenceOf(result),
  lede: ledeOf(result),
  notes: notesOf(result),
  incomplete: incompleteWords(result),
  judged: capital(judgedOn(result.summary)),
  gate: capital(gateWords(result.summary)),
  asOf: visible(result.asOf),
  version: visible(result.tool.version),
  tiles: tilesOf(result),
});
