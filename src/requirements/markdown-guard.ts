/**
 * Refuses text whose nesting no person writes: Markdown parsers need time with the square of nested containers and of open
 * emphasis or brackets, so a few kilobytes of them could hold a run for minutes.
 */
import { RefusedError } from '../source/diagnostic.js';

const MAX_CONTAINERS = 40;
const MAX_INDENT = 200;
/** Sum over the paragraphs of the square of their markup signs; a page of two thousand ordinary paragraphs has a tenth of it. */
const MAX_COST = 100_000_000;
const MAX_LINE = 200_000;
const CONTAINER = /[ \t]*(?:>|[-*+]|[0-9]{1,9}[.)])(?=[ \t>]|$)/y;

/** How many quotes and list items the line opens. */
function containersOf(line: string): number {
  let count = 0;
  CONTAINER.lastIndex = 0;
  while (count <= MAX_CONTAINERS && CONTAINER.test(line)) count++;
  return count;
}

/** Signs that may open or close emphasis, links, code or tags; in lines of raw HTML its tags do not count. */
function marksOf(line: string): number {
  const signs = line.trimStart().startsWith('<') ? '*_[]!`' : '*_[]!<`&';
  let count = 0;
  for (let i = 0; i < line.length; i++) if (signs.includes(line[i] as string)) count++;
  return count;
}

/** @throws RefusedError with the line. */
export function guardMarkdown(file: string, text: string): void {
  let marks = 0;
  let cost = 0;
  text.split('\n').forEach((line, i) => {
    const refuse = (what: string): never => {
      throw new RefusedError(`${what}: this is no page that can be read`, {
        file,
        line: i + 1,
        hint: 'Give the page without this part, or its table as CSV.',
      });
    };
    if (line.length > MAX_LINE) refuse(`a line of ${line.length} characters`);
    const containers = containersOf(line);
    if (containers > MAX_CONTAINERS) refuse(`more than ${MAX_CONTAINERS} nested quotes or lists`);
    if (containers > 0 && line.length - line.trimStart().length > MAX_INDENT) refuse('a list nested too deeply');
    // Emphasis and links end with their paragraph, list item or row of a table.
    const starts = line.trim() === '' || line.includes('|') || containers > 0;
    const before = starts ? 0 : marks;
    marks = before + marksOf(line);
    cost += marks * marks - before * before;
    if (cost > MAX_COST) refuse('too many markup signs that may open emphasis or links');
  });
}
