/**
 * The text of a cell, put together from the pieces that markup cuts it into. Pieces never join digits by accident: what is
 * raised or struck out is kept apart, and where an element begins or ends between digits or letters the text has a
 * {@link BOUNDARY}.
 */
import { BOUNDARY } from './page.js';

/** A piece of a cell that is not part of its plain text. */
export interface Mark {
  /** `raised`: superscript, mostly a footnote; `struck`: crossed out; `linked`: a short number that leads to a place of the page. */
  readonly kind: 'raised' | 'struck' | 'linked';
  readonly text: string;
}

const ASIDE: ReadonlyMap<string, Mark['kind']> = new Map([
  ['sup', 'raised'],
  ['del', 'struck'],
  ['s', 'struck'],
  ['strike', 'struck'],
]);

/** HTML elements that leave the text on its line. */
export const INLINE: ReadonlySet<string> = new Set(
  'a abbr acronym b bdi bdo big button cite code data del dfn em font i ins kbd label mark q s samp small span strike strong sub sup time tt u var img wbr br'.split(
    ' ',
  ),
);
const JOINED = /^(?:\p{N}[\p{L}\p{N}_]|[\p{L}_]\p{N})$/u;

export class CellText {
  readonly marks: Mark[] = [];
  #text = '';
  #apart = false;
  #aside: { readonly tag: string; readonly kind: Mark['kind']; text: string; depth: number } | undefined;

  get raw(): string {
    return this.#text;
  }

  add(text: string): void {
    if (this.#aside) this.#aside.text += text;
    else if (text !== '') {
      const joint = `${this.#text.slice(-1)}${text.slice(0, 1)}`;
      this.#text += this.#apart && JOINED.test(joint) ? `${BOUNDARY}${text}` : text;
      this.#apart = false;
    }
  }

  /** An element begins or ends here and leaves no trace of its own. */
  boundary(): void {
    this.#apart = true;
  }

  /** A line break, or an element that stands on lines of its own. */
  lineBreak(): void {
    if (this.#aside) this.#aside.text += ' ';
    else this.#text += '\n';
  }

  /** `href` where the element is a link. */
  open(tag: string, href = ''): void {
    this.boundary();
    const kind = href.startsWith('#') ? 'linked' : ASIDE.get(tag);
    if (this.#aside?.tag === tag) this.#aside.depth++;
    else if (kind !== undefined && this.#aside === undefined) this.#aside = { tag, kind, text: '', depth: 1 };
  }

  close(tag: string): void {
    this.boundary();
    if (this.#aside?.tag !== tag) return;
    this.#aside.depth--;
    if (this.#aside.depth === 0) this.end();
  }

  /** Closes what was left open. */
  end(): void {
    const aside = this.#aside;
    this.#aside = undefined;
    const text = aside?.text.replace(/\s+/gu, ' ').trim() ?? '';
    if (aside === undefined || text === '') return;
    // A link to a place of the page is text like any other, unless it may be the number of a footnote.
    if (aside.kind === 'linked' && !/^\W?[0-9]{1,2}\W?$/.test(text)) this.add(aside.text);
    else this.marks.push({ kind: aside.kind, text });
  }
}
