/** `netsh advfirewall` text (English) to records: rule blocks, and profile settings where they stand in it. */
import { type Diagnostic, RefusedError } from '../../src/source/diagnostic.js';
import { type Line, lines } from '../../src/source/lines.js';
import type { Source } from '../../src/source/span.js';
import { EXPORT_HINT } from './export-help.js';
import type { RuleExport, RuleField, WindowsRule } from './records.js';

const LABELS: ReadonlyMap<string, RuleField> = new Map([
  ['Rule Name', 'name'],
  ['Description', 'description'],
  ['Enabled', 'enabled'],
  ['Direction', 'direction'],
  ['Profiles', 'profile'],
  ['Grouping', 'group'],
  ['LocalIP', 'localAddress'],
  ['RemoteIP', 'remoteAddress'],
  ['Protocol', 'protocol'],
  ['LocalPort', 'localPort'],
  ['RemotePort', 'remotePort'],
  ['Edge traversal', 'ignored'],
  ['Program', 'program'],
  ['Service', 'service'],
  ['InterfaceTypes', 'interfaceType'],
  ['Security', 'security'],
  ['Rule source', 'store'],
  ['Action', 'action'],
]);

/** Lines that a block cannot do without, in every version. */
const REQUIRED: readonly RuleField[] = ['enabled', 'direction', 'profile', 'localAddress', 'remoteAddress', 'protocol', 'action'];

export const isRuler = (text: string): boolean => /^-{20,}\s*$/.test(text);
const RULE_NAME = 'Rule Name:';

interface Block {
  readonly start: Line;
  readonly body: Line[];
}

/** @returns undefined when the text holds no rule block at all. */
export function extractNetshRules(source: Source): RuleExport | undefined {
  const { blocks, ended, refusal, ignored } = readBlocks(source.text);
  if (blocks.length === 0) {
    if (refusal)
      throw new RefusedError(`netsh gave no rules: ${refusal.text.trim()}`, {
        file: source.name,
        line: refusal.number,
        hint: EXPORT_HINT,
      });
    return undefined;
  }
  const rules = blocks.map((block, i) => readBlock(source, block, i + 1));
  return {
    source,
    rules,
    store: 'local',
    storeReason: 'netsh shows the local store',
    missingColumns: [],
    ...(ended ? {} : { cutOff: 'the text does not end with "Ok.", rules after the last one may be missing' }),
    diagnostics: ignored ? [ignoredText(source, ignored)] : [],
  };
}

const ignoredText = (source: Source, { first, count }: Ignored): Diagnostic => ({
  severity: 'info',
  code: 'windows-text-ignored',
  message: `${count} line(s) outside rule blocks and profiles were not read, the first: ${first.text.trim().slice(0, 80)}`,
  file: source.name,
  line: first.number,
});

interface Ignored {
  readonly first: Line;
  count: number;
}

/** Cuts the text at each `Rule Name:` line that a ruler follows; a block ends at `Ok.` or at the next rule. */
function readBlocks(text: string): { blocks: Block[]; ended: boolean; refusal: Line | undefined; ignored: Ignored | undefined } {
  const blocks: Block[] = [];
  let block: Block | undefined;
  let ended = false;
  let refusal: Line | undefined;
  let held: Line | undefined;
  let ignored: Ignored | undefined;
  let inProfile = false;
  const take = (line: Line): void => {
    if (/^(No rules match the specified criteria|The requested operation requires elevation)/.test(line.text)) refusal ??= line;
    if (line.text.trim() === 'Ok.') {
      if (block) ended = true;
      block = undefined;
      inProfile = false;
    } else if (block) block.body.push(line);
    else if (/^\w+ Profile Settings:/.test(line.text)) inProfile = true;
    else if (!inProfile && line.text.trim() !== '') {
      ignored ??= { first: line, count: 0 };
      ignored.count++;
    }
  };
  for (const line of lines(text)) {
    if (held && isRuler(line.text)) {
      block = { start: held, body: [] };
      blocks.push(block);
      ended = false;
      held = undefined;
      continue;
    }
    if (held) take(held);
    held = undefined;
    if (line.text.startsWith(RULE_NAME)) held = line;
    else take(line);
  }
  if (held) {
    take(held);
    ended = false;
  }
  return { blocks, ended, refusal, ignored };
}

function readBlock(source: Source, block: Block, ordinal: number): WindowsRule {
  const fields: Partial<Record<RuleField, string>> = { name: block.start.text.slice(RULE_NAME.length).trim() };
  const problems: string[] = [];
  const icmp: string[] = [];
  let last: string | undefined;
  let end = block.start;
  for (const line of block.body) {
    if (line.text.trim() !== '') end = line;
    const colon = line.text.indexOf(':');
    const label = colon > 0 ? line.text.slice(0, colon) : '';
    const field = LABELS.get(label);
    if (field && label !== 'Rule Name') {
      const twice = fields[field] !== undefined && field !== 'ignored';
      if (twice) problems.push(`"${label}" stands twice`);
      fields[field] = twice ? '' : line.text.slice(colon + 1).trim();
      last = label;
    } else if (last === 'Description') fields.description = `${fields.description ?? ''}\n${line.text}`;
    else if (last === 'Protocol' && /^\s+Type\s+Code\s*$/.test(line.text)) continue;
    else if (last === 'Protocol' && /^\s+(\d+|Any)\s+(\d+|Any)\s*$/.test(line.text))
      icmp.push(line.text.trim().replace(/\s+/, ':'));
    else if (line.text.trim() !== '') problems.push(`line ${line.number} is not understood: ${line.text.trim().slice(0, 80)}`);
  }
  for (const field of REQUIRED) if (fields[field] === undefined) problems.push(`the line for ${field} is missing`);
  if (icmp.length > 0) fields.icmpType = icmp.join(',');
  const verbose = fields.interfaceType !== undefined || fields.security !== undefined || fields.store !== undefined;
  return {
    ordinal,
    form: verbose ? 'netsh-verbose' : 'netsh-short',
    span: { file: source.name, start: block.start.start, end: end.start + end.text.length, line: block.start.number },
    fields,
    problems,
  };
}
