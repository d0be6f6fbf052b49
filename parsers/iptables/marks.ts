/**
 * Which bits of marks the rules of a dump may set. By bits only, not by who sends what: decapsulated packets keep the mark
 * of the packet that carried them, and connections the mark of the one that announced them.
 */
import { chainGraph } from './graph.js';
import { parseNumber } from './names.js';
import type { OptionRecord, RuleRecord, TableRecord, TargetRecord } from './records.js';

export interface Marks {
  /** Bits of packet and of connection marks that may become one, as unsigned 32-bit numbers. */
  readonly packet: number;
  readonly connection: number;
  /** Some rule changes marks, be it to clear them. */
  readonly changed: boolean;
}
interface Draft {
  packet: number;
  connection: number;
  changed: boolean;
}

const ALL_BITS = 0xffffffff;
const WRITERS: ReadonlySet<string> = new Set(['set-mark', 'set-xmark', 'or-mark', 'xor-mark', 'tproxy-mark']);
const TARGETS: ReadonlySet<string> = new Set(['MARK', 'CONNMARK', 'TPROXY']);
const UNREADABLE: ReadonlySet<string> = new Set(['HMARK', 'IPMARK']);

/** `0x1/0xff`: value and mask; undefined: not a mark. */
export function readMark(text: string): { readonly value: number; readonly mask: number } | undefined {
  const [first = '', second, ...rest] = text.split('/');
  const value = parseNumber(first);
  const mask = second === undefined ? ALL_BITS : parseNumber(second);
  if (value === undefined || mask === undefined || rest.length > 0 || value > ALL_BITS || mask > ALL_BITS) return undefined;
  return { value, mask };
}

/** Bits that an option may set: none where it only clears. */
function bitsOf(option: OptionRecord): number {
  if (option.name === 'and-mark') return 0;
  return WRITERS.has(option.name) ? (readMark(option.values[0] ?? '')?.value ?? ALL_BITS) : 0;
}

function maskOf(target: TargetRecord, name: string): number {
  const option = target.options.find((one) => one.name === name) ?? target.options.find((one) => one.name === 'mask');
  return option ? (parseNumber(option.values[0] ?? '') ?? ALL_BITS) : ALL_BITS;
}

const has = (target: TargetRecord, name: string): boolean => target.options.some((option) => option.name === name);

/** Copies between packet and connection; shifted ones are not followed. */
function copy(target: TargetRecord, draft: Draft): void {
  const shifts = has(target, 'left-shift-mark') || has(target, 'right-shift-mark');
  if (has(target, 'save-mark')) draft.connection |= shifts ? ALL_BITS : draft.packet & maskOf(target, 'nfmask');
  if (has(target, 'restore-mark')) draft.packet |= shifts ? ALL_BITS : draft.connection & maskOf(target, 'ctmask');
}

function apply(rule: RuleRecord, draft: Draft): void {
  const { target } = rule;
  const socket = rule.options.some((option) => option.module === 'socket' && option.name === 'restore-skmark');
  const lost = rule.cut || (target !== undefined && (UNREADABLE.has(target.name) || has(target, 'map-mark')));
  if (socket || lost) {
    draft.packet = ALL_BITS;
    draft.changed = true;
  }
  if (rule.cut) draft.connection = ALL_BITS;
  if (!target || !TARGETS.has(target.name)) return;
  draft.changed = true;
  const unread = rule.unread.length > 0 || rule.options.some((option) => option.module === '?');
  const bits = unread ? ALL_BITS : target.options.reduce((all, option) => all | bitsOf(option), 0);
  if (target.name === 'CONNMARK') draft.connection |= bits;
  else draft.packet |= bits;
  if (target.name === 'CONNMARK') copy(target, draft);
}

/** Rules that can be reached from a built-in chain and may have to do with marks. */
function relevant(table: TableRecord): RuleRecord[] {
  const concerns = ({ target, options, cut }: RuleRecord): boolean =>
    cut ||
    (target !== undefined && (TARGETS.has(target.name) || UNREADABLE.has(target.name) || has(target, 'map-mark'))) ||
    options.some((option) => option.name === 'restore-skmark');
  const chains = [...table.chains.values()].filter((chain) => chain.rules.some(concerns));
  if (chains.length === 0) return [];
  const graph = chainGraph(table);
  return chains.filter((chain) => graph.hooks(chain.name).size > 0).flatMap((chain) => chain.rules.filter(concerns));
}

/** Bits that no rule of these tables sets stay as they were when the packet came. */
export function marksOf(tables: readonly TableRecord[]): Marks {
  const rules = tables.flatMap(relevant);
  const draft: Draft = { packet: 0, connection: 0, changed: false };
  // Copies hand on what other rules set, in any order: as often as there are bits at most.
  for (let before = ''; before !== `${draft.packet} ${draft.connection}`; ) {
    before = `${draft.packet} ${draft.connection}`;
    for (const rule of rules) apply(rule, draft);
  }
  return { packet: draft.packet >>> 0, connection: draft.connection >>> 0, changed: draft.changed };
}

/**
 * Whether a mark of which only `settable` bits may differ from zero has a value under a mask.
 * @returns undefined where the rules may make it so.
 */
export function markIs(value: number, mask: number, settable: number): boolean | undefined {
  if ((value & ~(mask & settable)) !== 0) return false;
  return (mask & settable) === 0 ? true : undefined;
}
