/** What an iptables dump says, in iptables' own terms: nothing dropped, nothing interpreted. */
import type { Family } from '../../src/sets/address.js';
import type { Diagnostic } from '../../src/source/diagnostic.js';
import type { Span } from '../../src/source/span.js';

/** One option with its values: `! --dport 22` is {module: 'tcp', name: 'dport', negated: true, values: ['22']}. */
export interface OptionRecord {
  /** Match or target module it belongs to; `ip` for -s -d -p -i -o -f; `?` when no loaded module knows it. */
  readonly module: string;
  /** Which `-m` of the rule it follows, from 0; -1 for `ip` and targets. The same module may be loaded twice. */
  readonly instance: number;
  /** Canonical long name without dashes: `dport` for --destination-port. */
  readonly name: string;
  readonly negated: boolean;
  readonly values: readonly string[];
}

export interface TargetRecord {
  readonly name: string;
  /** -g instead of -j. */
  readonly goto: boolean;
  readonly options: readonly OptionRecord[];
}

export interface RuleRecord {
  readonly chain: string;
  /** Module names in the order of their -m (and of automatic loading by -p). All instances are ANDed. */
  readonly modules: readonly string[];
  readonly options: readonly OptionRecord[];
  /** Undefined: the rule only counts. */
  readonly target: TargetRecord | undefined;
  /** Words that no grammar explains. */
  readonly unread: readonly string[];
  /** The line ends in the middle (open quote, end of a cut file). */
  readonly cut: boolean;
  readonly counters: { readonly packets: number; readonly bytes: number } | undefined;
  readonly span: Span;
}

export interface ChainRecord {
  readonly name: string;
  /** ACCEPT or DROP of a built-in chain; undefined for user chains and where the file does not say. */
  readonly policy: string | undefined;
  /** The `:CHAIN` or `-N` or `-P` line; undefined when only rules name the chain. */
  readonly span: Span | undefined;
  readonly rules: readonly RuleRecord[];
}

export interface TableRecord {
  readonly name: string;
  readonly family: Family;
  /** From the header: the nf_tables backend, the legacy one, or not stated. */
  readonly backend: 'nft' | 'unmarked' | undefined;
  /** Number of the dump it belongs to, from 0: a dump holds each table once. */
  readonly dump: number;
  readonly chains: ReadonlyMap<string, ChainRecord>;
  /** COMMIT was seen. */
  readonly complete: boolean;
  readonly span: Span;
}

/** Places where the export itself says that it does not show everything. */
export interface Gap {
  readonly text: string;
  readonly span: Span;
  /** `legacy`: a second backend; `table`: a table that iptables cannot print, or does not know. */
  readonly kind: 'legacy' | 'table';
}

export interface Extraction {
  readonly tables: readonly TableRecord[];
  readonly gaps: readonly Gap[];
  readonly diagnostics: readonly Diagnostic[];
}

export const BUILT_IN: ReadonlyMap<string, readonly string[]> = new Map([
  ['raw', ['PREROUTING', 'OUTPUT']],
  ['mangle', ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']],
  ['nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING']],
  ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
  ['security', ['INPUT', 'FORWARD', 'OUTPUT']],
]);

/** The option as the dump would print it, for people and for names of conditions; long texts are shortened. */
export function optionText(option: OptionRecord): string {
  const values = option.values.map((value) => (/^[A-Za-z0-9_.,:/+-]+$/.test(value) ? value : JSON.stringify(value))).join(' ');
  const dashes = option.name.length === 1 ? '-' : '--';
  const text = `${option.negated ? '! ' : ''}${dashes}${option.name}${values ? ` ${values}` : ''}`;
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
