/** Tables that name one end only: the heading or caption names the other, with the direction (`etcd nodes - Inbound rules`). */
import { collapse } from './page.js';
import { type Section, textBefore } from './sections.js';

export interface LocalEnd {
  readonly role: 'source' | 'destination';
  readonly text: string;
  readonly line: number;
}

const INBOUND = /\b(?:inbound|ingress|incoming)\b/i;
const OUTBOUND = /\b(?:outbound|egress|outgoing)\b/i;
/** Words that stand beside the direction and name nobody. */
const FILLERS =
  /\b(?:inbound|ingress|incoming|outbound|egress|outgoing|network|firewall|rules?|traffic|connections?|ports?|requirements?)\b/gi;
/** A heading of a chapter, not of a machine. */
const CHAPTER =
  /\b(?:network(?:ing|s)?|ports?|protocols?|firewalls?|rules?|requirements?|overview|installation|configuration|prerequisites)\b/i;

interface Directed {
  readonly role: LocalEnd['role'];
  /** Empty where the text is the direction alone. */
  readonly actor: string;
}

/** Inbound rules are for traffic to the actor. A text that names both directions, or is a sentence, says nothing. */
function readDirected(text: string): Directed | undefined {
  const inbound = INBOUND.test(text);
  if (inbound === OUTBOUND.test(text) || text.length > 80 || /[.!?]$/.test(text)) return undefined;
  const rest = collapse(text.replace(FILLERS, ' ').replace(/^[\s:–—-]+|[\s:–—-]+$/g, ''));
  const actor = rest.replace(/^(?:for|of|on|to|from)(?: the)?\b\s*/i, '').replace(/\s*[:–—-]+$/, '');
  return { role: inbound ? 'destination' : 'source', actor: /\p{L}/u.test(actor) ? actor : '' };
}

/** The end that the text right before the table, or its headings, give; undefined where they give none for sure. */
export function localEnd(section: Section, index: number): LocalEnd | undefined {
  const caption = textBefore(section, index);
  const above = [...section.headings].reverse();
  const directed = caption?.list === undefined && caption ? readDirected(caption.text) : undefined;
  if (caption && directed) {
    if (directed.actor !== '') return { role: directed.role, text: directed.actor, line: caption.line };
    const [heading] = above;
    return heading && !CHAPTER.test(heading.text) ? { role: directed.role, text: heading.text, line: heading.line } : undefined;
  }
  const [inner, outer] = above;
  const found = inner && readDirected(inner.text);
  if (!inner || !found) return undefined;
  if (found.actor !== '') return { role: found.role, text: found.actor, line: inner.line };
  return outer && !CHAPTER.test(outer.text) ? { role: found.role, text: outer.text, line: outer.line } : undefined;
}
