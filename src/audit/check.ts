/** What `check` prints: its JSON contract, and text for people. */
import type { Judgement } from '../analysis/judge.js';
import type { FlowSpec } from './flow-text.js';
import { boxText, explanationOf } from './words.js';

export interface CheckedFlow {
  readonly flow: FlowSpec;
  readonly judgement: Judgement;
}

/** Keys and order as docs/command-line.md fixes them. */
export function checkJson(flows: readonly CheckedFlow[]) {
  return {
    schemaVersion: 1,
    flows: flows.map(({ flow, judgement: j }) => ({
      id: flow.id,
      verdict: j.verdict,
      cause: j.cause,
      hops: j.hops,
      decidedBy: j.decidedBy,
      conditions: j.conditions,
      assumptions: j.assumptions,
      facts: j.facts,
      missing: j.missing,
      open: j.open,
      unjudged: j.unjudged,
      witness: j.witness,
    })),
  };
}

const indented = (label: string, texts: readonly string[]): string[] =>
  texts.map((text, i) => `    ${(i === 0 ? label : '').padEnd(12)} ${text}`);

export function checkText(flows: readonly CheckedFlow[]): string {
  const lines: string[] = [];
  for (const { flow, judgement } of flows) {
    lines.push(`${judgement.verdict.padEnd(14)} ${flow.text}`, `    ${explanationOf(judgement)}`);
    if (judgement.verdict === 'partial')
      lines.push(...indented('missing', judgement.missing.map(boxText)), ...indented('open', judgement.open.map(boxText)));
    if (judgement.verdict === 'unknown') lines.push(...indented('not judged', judgement.unjudged.map(boxText)));
    lines.push(
      ...indented(
        'depends on',
        judgement.conditions.map(
          (c) =>
            `${c.kind} ${c.name}${c.file ? ` (${c.file}${c.line ? `:${c.line}` : ''})` : ''}${c.settledBy ? `: ${c.settledBy}` : ''}`,
        ),
      ),
      ...indented('rests on', [
        ...judgement.assumptions.map((a) => `assumption ${a}`),
        ...judgement.facts.map((f) => `fact ${f}`),
      ]),
    );
  }
  return `${lines.join('\n')}\n`;
}
