/** Verdicts and their evidence, as `check --format json` and the reports show them. */
import type { AssumptionId, ConditionClass, ConditionKind } from './condition.js';
import type { HopSource } from './firewall.js';

export type Verdict = 'permitted' | 'blocked' | 'partial' | 'conditional' | 'unknown' | 'not-applicable';
export type Outcome = 'met' | 'not-met' | 'open';
export type Cause = 'policy' | 'nat' | 'route' | 'device-off';

/** A set of packets in ordinary notation; an absent key means any. Lists are joined by `, `. */
export interface PacketBox {
  readonly source?: string;
  readonly destination?: string;
  /** `tcp`, `udp`, `icmp`, or a number; lists joined by `, `. */
  readonly protocol?: string;
  readonly ports?: string;
  readonly sourcePorts?: string;
  /** `type/code`, `type/*`. */
  readonly icmp?: string;
  readonly direction?: string;
  readonly in?: string;
  readonly out?: string;
}

/** One packet; every key present that the protocol has. */
export interface ExamplePacket {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly sourcePort?: number;
  readonly port?: number;
  readonly icmp?: string;
  readonly in?: string;
  readonly out?: string;
}

export interface DecidingRule {
  readonly device: string;
  /** `default`, `route`, `nat` or `off` where no rule decided. */
  readonly rule: string;
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly action: 'accept' | 'drop' | 'reject';
}

export interface OpenCondition {
  readonly class: ConditionClass;
  readonly kind: ConditionKind;
  readonly name: string;
  readonly device: string;
  readonly rule: string | null;
  readonly file: string | null;
  readonly line: number | null;
  /** Packets whose fate hangs on it. */
  readonly holds: readonly PacketBox[];
  /** What settles it, as a sentence. */
  readonly settledBy?: string;
}

export interface Hop {
  readonly device: string;
  readonly from: HopSource;
}

export interface FlowVerdict {
  readonly verdict: Verdict;
  /** Null where nothing is denied or unknown. */
  readonly cause: Cause | null;
  readonly hops: readonly Hop[];
  readonly decidedBy: readonly DecidingRule[];
  readonly conditions: readonly OpenCondition[];
  readonly assumptions: readonly AssumptionId[];
  /** Declared facts that the verdict rests on, as `program=lsass.exe`. */
  readonly facts: readonly string[];
  readonly missing: readonly PacketBox[];
  readonly open: readonly PacketBox[];
  readonly unjudged: readonly PacketBox[];
  readonly witness: ExamplePacket | null;
  /** Permitted by a default policy, no rule authorises it. */
  readonly byDefault: boolean;
}
