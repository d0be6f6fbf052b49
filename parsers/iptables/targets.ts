/** What a rule's target does to a packet. */
import type { Condition } from '../../src/model/condition.js';
import { PHASE } from '../../src/model/match.js';
import { type Intervals, only, unionAll } from '../../src/sets/intervals.js';
import { condition } from './condition.js';
import type { Hook } from './context.js';
import { optionText, type RuleRecord, type TargetRecord } from './records.js';

const DROPS: ReadonlySet<string> = new Set(['DROP', 'TARPIT', 'DELUDE', 'STEAL', 'CHAOS']);
const GOES_ON: ReadonlySet<string> = new Set(
  (
    'LOG NFLOG ULOG AUDIT TRACE MARK CONNMARK CT TCPMSS TCPOPTSTRIP TOS DSCP ECN TTL HL CHECKSUM CLASSIFY SET SECMARK ' +
    'CONNSECMARK RATEEST IDLETIMER LED TEE HMARK'
  ).split(' '),
);
const LOGS: ReadonlySet<string> = new Set(['LOG', 'NFLOG', 'ULOG', 'AUDIT']);
const SOURCE_NAT: ReadonlySet<string> = new Set(['SNAT', 'MASQUERADE', 'SAME']);
const DESTINATION_NAT: ReadonlySet<string> = new Set(['DNAT', 'REDIRECT', 'NETMAP']);

/** nat is consulted for the packet that begins a connection, and for no untracked one. */
const BEGINNING: Intervals = unionAll([PHASE.first, PHASE.strayReply, PHASE.strayLater].map(only));

export interface Verdict {
  readonly kind: 'accept' | 'drop' | 'reject' | 'return' | 'continue' | 'unknown' | 'untrack' | 'call';
  readonly conditions: readonly Condition[];
  readonly phases?: Intervals;
  readonly logged?: boolean;
}

export const translatesDestination = (target: TargetRecord): boolean => DESTINATION_NAT.has(target.name);
/** Names of sets that a SET target changes. */
export const changedSets = (target: TargetRecord): readonly string[] =>
  target.name !== 'SET'
    ? []
    : target.options.flatMap((option) =>
        option.name === 'add-set' || option.name === 'del-set' ? [option.values[0] ?? ''] : [],
      );

/** The side that a target rewrites in any chain; undefined: the chain decides, or nothing is known of it. */
export function translationKind({ name }: TargetRecord): 'source' | 'destination' | undefined {
  if (SOURCE_NAT.has(name)) return 'source';
  return name !== 'NETMAP' && (DESTINATION_NAT.has(name) || name === 'TPROXY') ? 'destination' : undefined;
}
/** Whether a rule of a table may rewrite packets, going by its target alone. */
export const mayTranslate = ({ name }: TargetRecord, table: string): boolean =>
  name === 'TPROXY' || (table === 'nat' && (SOURCE_NAT.has(name) || DESTINATION_NAT.has(name)));

export const targetText = (target: TargetRecord): string =>
  [`-${target.goto ? 'g' : 'j'} ${target.name}`, ...target.options.map(optionText)].join(' ');

function unknown(name: string, key: string, settledBy: string): Verdict {
  return { kind: 'unknown', conditions: [condition('construct', name, `construct:${key}:target`, { settledBy })] };
}

const TRANSLATION = 'Translation is not followed yet; ask for the translated address and port as well.';

function translation(target: TargetRecord, key: string): Verdict {
  const to = target.options.find((option) => ['to-destination', 'to-ports', 'to', 'on-port'].includes(option.name))?.values[0];
  const what =
    target.name === 'REDIRECT' ? 'redirect to port' : target.name === 'NETMAP' ? 'network mapped to' : 'port forward to';
  const name = to === undefined ? targetText(target) : `${what} ${to}`;
  return { ...unknown(name, key, TRANSLATION), phases: BEGINNING };
}

function natVerdict(target: TargetRecord, key: string, hooks: ReadonlySet<Hook>): Verdict | undefined {
  if (SOURCE_NAT.has(target.name)) return { kind: 'accept', conditions: [] };
  if (!DESTINATION_NAT.has(target.name)) return undefined;
  const sourceOnly = hooks.size > 0 && [...hooks].every((hook) => hook === 'POSTROUTING' || hook === 'INPUT');
  return target.name === 'NETMAP' && sourceOnly ? { kind: 'accept', conditions: [] } : translation(target, key);
}

/**
 * @param isChain whether the target names a user chain of the same table.
 * @param hooks where the rule's chain is reached from.
 */
export function verdictOf(record: RuleRecord, table: string, key: string, hooks: ReadonlySet<Hook>, isChain: boolean): Verdict {
  const { target } = record;
  if (!target) return { kind: 'continue', conditions: [] };
  const { name } = target;
  if (isChain)
    return target.options.length === 0
      ? { kind: 'call', conditions: [] }
      : unknown(targetText(target), key, 'The options after the chain are not understood.');
  if (target.goto) return unknown(targetText(target), key, `Chain ${name} is not in the export.`);
  if (name === 'ACCEPT') return { kind: 'accept', conditions: [] };
  if (name === 'RETURN') return { kind: 'return', conditions: [] };
  if (name === 'REJECT') return { kind: 'reject', conditions: [] };
  if (DROPS.has(name)) return { kind: 'drop', conditions: [] };
  if (name === 'NOTRACK' || (name === 'CT' && target.options.some((option) => option.name === 'notrack')))
    return { kind: 'untrack', conditions: [] };
  if (GOES_ON.has(name)) return { kind: 'continue', conditions: [], ...(LOGS.has(name) ? { logged: true } : {}) };
  const nat = table === 'nat' ? natVerdict(target, key, hooks) : undefined;
  if (nat) return nat;
  if (name === 'TPROXY') return { ...translation(target, key) };
  return unknown(targetText(target), key, `${name} is neither a chain of the ${table} table nor a target whose effect is known.`);
}
