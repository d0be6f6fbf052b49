/** Flows that a page states as a list of URLs: `X must be able to reach the following URLs via HTTPS (port 443)`. */
import { PROTOCOL } from '../model/match.js';
import { only } from '../sets/intervals.js';
import type { FlowDraft } from './ids.js';
import { knownService } from './names.js';
import { collapse, quote, type TextBlock } from './page.js';
import { NOT_STATED } from './row-cells.js';
import { listsOf, type Section } from './sections.js';

const REACHES = /\b(?:reach|access|connect|communicate|contact|outbound|whitelist|allow)/i;
const NEEDS = /\b(?:must|needs?|has to|have to|should|requires?|required|allow|whitelist|open|able to)\b/i;
const asksToReach = (lead: string): boolean => REACHES.test(lead) && NEEDS.test(lead);
const URL_TEXT = /^<?(https?):\/\/((?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::([0-9]{1,5}))?(?:[/?#]\S*)?>?$/i;
const HOST_TEXT = /^(?:\*\.)?(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::([0-9]{1,5}))?$/;

interface Target {
  readonly host: string;
  readonly port: number | undefined;
  readonly scheme: string | undefined;
}

function targetOf(item: TextBlock): Target | undefined {
  const link = item.links.length === 1 && !/\s/.test(item.text) ? item.links[0] : undefined;
  for (const text of [item.text, link ?? '']) {
    const url = URL_TEXT.exec(text);
    const port = url?.[3] === undefined ? undefined : Number(url[3]);
    if (url?.[2] && (port === undefined || (port > 0 && port <= 65535)))
      return { host: url[2].toLowerCase(), port, scheme: url[1]?.toLowerCase() };
    if (HOST_TEXT.test(text)) {
      const [host = '', own] = text.split(':');
      return { host: host.toLowerCase(), port: own === undefined ? undefined : Number(own), scheme: undefined };
    }
  }
  return undefined;
}

/** The port that the sentence before the list states: `port 443`, `HTTPS`, `TCP 443`. */
function leadPort(lead: string): number | undefined {
  const stated = /\b(?:port|tcp)[ /:]{1,3}([0-9]{1,5})\b/i.exec(lead)?.[1];
  if (stated !== undefined) return Number(stated) <= 65535 ? Number(stated) : undefined;
  const name = /\bhttps?\b/i.exec(lead.replace(/https?:\/\/\S+/gi, ''))?.[0];
  return name === undefined ? undefined : knownService(name)?.port;
}

/** Ports that the sentence names beside the one that is read. */
function otherPorts(lead: string, read: number | undefined): readonly string[] {
  const behind = /\bports?\b([^;]{0,200})/i.exec(lead.replace(/https?:\/\/\S+/gi, ''))?.[1] ?? '';
  return (behind.match(/\b[0-9]{2,5}\b/g) ?? []).filter((text) => Number(text) !== read);
}

/** Subject of the sentence: what stands before `must`, `needs`, ... */
function subjectOf(lead: string): string {
  const plain = lead.replace(/^(?:note|important|tip|remark)\s*:\s*/i, '');
  return collapse(
    /^(?:the\s+)?([^.;:]{1,80}?)\s+(?:must|needs?|should|has to|have to|requires?|can|also)\b/i.exec(plain)?.[1] ?? '',
  );
}

const GENERIC = new Set([
  'the',
  'a',
  'an',
  'server',
  'servers',
  'host',
  'hosts',
  'service',
  'services',
  'and',
  'of',
  'it',
  'this',
]);
/** Words of a name that tell it from others, in lower case. */
export const telling = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !GENERIC.has(word));

interface Initiator {
  readonly text: string;
  readonly note: string;
  readonly doubt?: string;
}

/**
 * Who reaches the URLs: the one source of the tables of the same section. Another subject in the sentence is a doubt,
 * unless it is itself an actor of the page.
 */
function initiatorOf(lead: string, sources: readonly string[], actors: readonly string[], context: string): Initiator {
  const subject = subjectOf(lead);
  const words = telling(subject);
  const own = actors.find((actor) => actor.toLowerCase() === subject.toLowerCase());
  if (own !== undefined) return { text: own, note: 'source as the sentence before the list names it' };
  const fitting = sources.filter((source) => words.every((word) => telling(source).includes(word)));
  const [first] = fitting.length > 0 ? fitting : sources;
  if (first === undefined) {
    const text = subject === '' ? NOT_STATED : subject;
    const note = 'source as the sentence before the list names it';
    return subject === '' ? { text, note, doubt: 'the source is not stated' } : { text, note };
  }
  const note = `source ${quote(first)} taken from the tables of this section`;
  const known = new Set([...telling(first), ...telling(context)]);
  if ((fitting.length || sources.length) > 1)
    return { text: first, note, doubt: `which of ${sources.join(', ')} reaches the URLs is not said` };
  const strange = words.filter((word) => !known.has(word));
  return strange.length === 0 ? { text: first, note } : { text: first, note, doubt: `the sentence speaks of ${quote(subject)}` };
}

export interface UrlFlows {
  readonly flows: readonly FlowDraft[];
  /** Lines of the items that were read. */
  readonly lines: ReadonlySet<number>;
  /** Lines of sentences that ask to reach a list of which some items are no URLs. */
  readonly unread: readonly number[];
}

export interface UrlContext {
  readonly page: string;
  readonly title: string;
  /** Distinct sources of the flow tables in the section. */
  readonly sources: readonly string[];
  /** All ends of the page. */
  readonly actors: readonly string[];
}

/** Reads the URL lists of one section; a list counts when every item is a URL or host name and the sentence before asks for it. */
export function readUrlLists(section: Section, context: UrlContext): UrlFlows {
  const flows: FlowDraft[] = [];
  const lines = new Set<number>();
  const unread: number[] = [];
  const headings = [context.title, ...section.headings.map((heading) => heading.text)].join(' ');
  for (const { lead, items } of listsOf(section)) {
    const targets = items.map(targetOf);
    if (!lead || !asksToReach(lead.text)) continue;
    if (targets.some((target) => target === undefined)) {
      if (targets.some((target) => target !== undefined)) unread.push(lead.line);
      continue;
    }
    const initiator = initiatorOf(lead.text, context.sources, context.actors, headings);
    const stated = leadPort(lead.text);
    items.forEach((item, i) => {
      const target = targets[i];
      if (!target) return;
      const port = target.port ?? stated ?? (target.scheme ? knownService(target.scheme)?.port : undefined);
      const doubts = initiator.doubt === undefined ? [] : [initiator.doubt];
      if (port === undefined) doubts.push('no port is stated; read as every port');
      const others = target.port === undefined ? otherPorts(lead.text, port) : [];
      if (others.length > 0) doubts.push(`the sentence also names ${others.join(', ')}`);
      if (target.port === undefined && target.scheme === 'http' && stated === 443) doubts.push('http:// beside port 443');
      lines.add(item.line);
      flows.push({
        page: context.page,
        line: item.line,
        source: { text: initiator.text, line: lead.line },
        destination: { text: target.host, line: item.line },
        services: [port === undefined ? { protocols: [PROTOCOL.tcp] } : { protocols: [PROTOCOL.tcp], ports: only(port) }],
        serviceText: port === undefined ? 'TCP' : `${port} TCP`,
        purpose: lead.text.replace(/^note\s*:\s*/i, '').replace(/\s*:$/, ''),
        expect: 'allow',
        optional: false,
        ...(doubts.length > 0 ? { needsReview: doubts.join('; ') } : {}),
        note: initiator.note,
      });
    });
  }
  return { flows, lines, unread };
}
