/** Rules as the vendor wrote them, for evidence. */
import type { Device } from '../analysis/view.js';
import type { RuleText } from '../model/result.js';
import type { Source } from '../source/span.js';

/** The rule's own text; what it is indented by in the export is taken off every line. */
function ruleTextAt(text: string, span: { start: number; end: number }): string {
  const indent = /[ \t]*$/.exec(text.slice(Math.max(0, span.start - 200), span.start))?.[0] ?? '';
  return text
    .slice(span.start, Math.min(span.end, span.start + 4000))
    .split('\n')
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
    .join('\n')
    .trimEnd();
}

/** Text of every rule that the result cites, as the vendor wrote it. */
export function citedTexts(devices: readonly Device[], sources: readonly Source[], cited: ReadonlySet<string>): RuleText[] {
  const texts = new Map(sources.map((source) => [source.name, source.text]));
  const out = new Map<string, RuleText>();
  const add = (span: { file: string; line: number; start: number; end: number } | undefined): void => {
    const key = span && `${span.file}:${span.line}`;
    const text = span && texts.get(span.file);
    if (span && key && text !== undefined && cited.has(key) && !out.has(key))
      out.set(key, { file: span.file, line: span.line, text: ruleTextAt(text, span) });
  };
  for (const device of devices)
    for (const list of device.firewall.lists.values()) {
      for (const rule of list.rules) add(rule.span);
      add(list.end.span);
    }
  return [...out.values()].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
}
