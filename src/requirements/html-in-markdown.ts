/** HTML tables inside Markdown. CommonMark ends raw HTML at a blank line; people do not, so such tables are read on their own. */
import { readHtml } from './html.js';
import { type Block, shiftBlock } from './page.js';

interface Lifted {
  /** The Markdown with those tables emptied; every other line keeps its number. */
  readonly body: string;
  readonly tables: readonly Block[];
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Offsets at which a line outside fenced code starts with `<table`. */
function tableStarts(text: string): readonly { readonly offset: number; readonly line: number }[] {
  const out: { offset: number; line: number }[] = [];
  let fence: string | undefined;
  let offset = 0;
  let line = 1;
  for (const part of text.split('\n')) {
    const mark = FENCE.exec(part)?.[1];
    if (fence === undefined && mark !== undefined) fence = mark;
    else if (fence !== undefined && mark?.startsWith(fence)) fence = undefined;
    else if (fence === undefined && /^[ \t]*<table\b/i.test(part)) out.push({ offset, line });
    offset += part.length + 1;
    line++;
  }
  return out;
}

/** Takes out every HTML table that begins on a line of its own and ends. */
export function liftHtmlTables(text: string): Lifted {
  const starts = tableStarts(text);
  if (starts.length === 0) return { body: text, tables: [] };
  const lower = text.toLowerCase();
  const tables: Block[] = [];
  let body = '';
  let done = 0;
  for (const { offset, line } of starts) {
    if (offset < done) continue;
    const close = lower.indexOf('</table', offset);
    if (close < 0) break;
    const end = text.indexOf('>', close) < 0 ? text.length : text.indexOf('>', close) + 1;
    const part = text.slice(offset, end);
    for (const block of readHtml(part).blocks) tables.push(shiftBlock(block, line - 1));
    body += text.slice(done, offset) + part.replace(/[^\r\n]/g, '');
    done = end;
  }
  return { body: body + text.slice(done), tables };
}
