/** Purpose cells: the first sentence says what the flow is for, the rest is a note. */
import { collapse } from './page.js';

export interface Purpose {
  readonly text: string;
  /** What the cell says beyond its first sentence; empty where nothing. */
  readonly rest: string;
}

const SENTENCE_END = /(?<=[\p{L}\p{N})\]"'”][.!?]["'”)]?)\s+(?=["'“([]?[\p{Lu}\p{N}])|(?<!\n)\n+|(?<! ) {2,}(?=\p{Lu})/gu;
const ABBREVIATION = /(?:^|[\s(])(?:e\.g|i\.e|etc|vs|no|nr|approx|incl|cf|ver|v|[A-Z])\.$/i;

/** The cut falls inside parentheses. */
const isOpen = (text: string): boolean => text.split('(').length > text.split(')').length;

/** A first sentence that is longer is not looked for: the work grows with the square. */
const MAX_SENTENCE = 2000;

/** Cuts at the first end of a sentence, line break or run of blanks before a capital; white space is collapsed. */
export function readPurpose(raw: string): Purpose {
  const whole = raw.trim();
  for (const cut of whole.slice(0, MAX_SENTENCE).matchAll(SENTENCE_END)) {
    const text = whole.slice(0, cut.index);
    if (collapse(text) === '' || isOpen(text) || ABBREVIATION.test(text)) continue;
    return { text: collapse(text), rest: collapse(whole.slice(cut.index)) };
  }
  return { text: collapse(raw), rest: '' };
}
