/** Word wrap over styled pieces. Paths and other kept pieces are never broken, so that terminals keep them clickable. */
import { paint, type Style } from './ansi.js';

export interface Piece {
  readonly text: string;
  readonly style?: Style;
  /** Stays on one line, spaces and all. */
  readonly keep?: boolean;
  /** Fill with blanks up to this many cells, where another piece follows on the same line. */
  readonly pad?: number;
  /** Follows the piece before with one blank instead of two. */
  readonly tight?: boolean;
}

export interface Page {
  /** Cells of the terminal; undefined: lines are not wrapped. */
  readonly width: number | undefined;
  readonly colour: boolean;
}

interface Word {
  readonly text: string;
  readonly style: Style | undefined;
  /** Blanks before the word, when it does not start a line. */
  readonly gap: number;
}

const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;

/** Cells that a terminal needs for `text`. */
export const cells = (text: string): number => {
  let count = 0;
  for (const character of text) count += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return count;
};

const wordsOf = (pieces: readonly Piece[]): readonly Word[] => {
  const words: Word[] = [];
  let fill = 0;
  for (const piece of pieces.filter((candidate) => candidate.text !== '')) {
    const texts = piece.keep ? [piece.text] : piece.text.split(' ').filter((text) => text !== '');
    const gap = (piece.tight ? 1 : 2) + fill;
    texts.forEach((text, index) => {
      words.push({ text, style: piece.style, gap: index === 0 ? gap : 1 });
    });
    fill = Math.max(0, (piece.pad ?? 0) - cells(piece.text));
  }
  return words;
};

/**
 * Lays pieces out in one paragraph: the first line after `first` blanks, further lines after `hang` blanks.
 * A word that is wider than the page gets a line of its own and is not broken.
 */
export const paragraph = (pieces: readonly Piece[], page: Page, first: number, hang: number): string => {
  const limit = page.width ?? Number.POSITIVE_INFINITY;
  const lines: string[] = [];
  let line = ' '.repeat(first);
  let used = first;
  let empty = true;
  for (const word of wordsOf(pieces)) {
    const size = cells(word.text);
    if (!empty && used + word.gap + size > limit) {
      lines.push(line);
      line = ' '.repeat(hang);
      used = hang;
      empty = true;
    }
    const gap = empty ? 0 : word.gap;
    line += ' '.repeat(gap) + (page.colour && word.style !== undefined ? paint(word.text, word.style) : word.text);
    used += gap + size;
    empty = false;
  }
  lines.push(line);
  return lines.join('\n');
};
