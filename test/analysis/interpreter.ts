/**
 * A second reading of the rule model, one packet at a time and as plain as can be, against which the engine is held.
 * Everything that the model leaves open is asked of an oracle; `resolutions` asks it for every combination of answers.
 */
import type { Condition } from '../../src/model/condition.js';
import type { Firewall, Rule, RuleList } from '../../src/model/firewall.js';
import { type MatchBox, PHASE } from '../../src/model/match.js';
import { contains } from '../../src/sets/intervals.js';

export interface Packet {
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly port: number;
  readonly in: number;
  readonly out: number;
  readonly phase: number;
}

export type Fate = 'accept' | 'deny';

/** Answers questions; the same key gets the same answer. */
export class Oracle {
  readonly asked: { readonly count: number }[] = [];
  private readonly known = new Map<string, number>();
  private readonly script: readonly number[];
  private visits = 0;

  constructor(script: readonly number[]) {
    this.script = script;
  }

  /** One of 0..count-1. */
  ask(key: string, count: number): number {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const answer = this.script[this.asked.length] ?? 0;
    this.asked.push({ count });
    this.known.set(key, answer);
    return answer;
  }

  /** A key that nobody else has: what may turn out differently each time. */
  fresh(): string {
    return `visit ${++this.visits}`;
  }
}

/** Runs `run` for every combination of answers, at most `limit` times; undefined when there are more. */
export function resolutions<T>(run: (oracle: Oracle) => T, limit: number): T[] | undefined {
  const results: T[] = [];
  let script: number[] = [];
  for (;;) {
    if (results.length >= limit) return undefined;
    const oracle = new Oracle(script);
    results.push(run(oracle));
    const answers = oracle.asked.map(({ count }, i) => ({ count, answer: script[i] ?? 0 }));
    let last = answers.length - 1;
    while (last >= 0 && (answers[last]?.answer ?? 0) + 1 >= (answers[last]?.count ?? 0)) last--;
    if (last < 0) return results;
    script = answers.slice(0, last + 1).map(({ answer }, i) => (i === last ? answer + 1 : answer));
  }
}

const inBox = (box: MatchBox, p: Packet): boolean =>
  (!box.source || contains(box.source.v4, p.source)) &&
  (!box.destination || contains(box.destination.v4, p.destination)) &&
  (!box.protocols || contains(box.protocols, p.protocol)) &&
  (!box.sourcePorts || contains(box.sourcePorts, p.sourcePort)) &&
  (!box.ports || contains(box.ports, p.port)) &&
  (!box.in || contains(box.in, p.in)) &&
  (!box.out || contains(box.out, p.out)) &&
  (!box.phases || contains(box.phases, p.phase));

const FACES = ['a', 'b', 'c', 'another'];

function truthOf(condition: Condition, oracle: Oracle): boolean {
  const plain = (): boolean => {
    if (!condition.values) return oracle.ask(`coin ${condition.coin}`, 2) === 1;
    const value = FACES[oracle.ask(`coin ${condition.coin}`, FACES.length)] as string;
    if (condition.values.includes(value)) return true;
    return condition.openEnded === true && oracle.ask(`beyond ${condition.name} ${value}`, 2) === 1;
  };
  return condition.negated ? !plain() : plain();
}

function matches(rule: Rule, packet: Packet, oracle: Oracle): boolean {
  if (!rule.enabled || !rule.match.hi.some((box) => inBox(box, packet))) return false;
  if (rule.conditions.some((c) => c.effect === 'gate' && !truthOf(c, oracle))) return false;
  if (rule.match.lo.some((box) => inBox(box, packet))) return true;
  const extents = rule.conditions.filter((c) => c.effect === 'extent').map((c) => truthOf(c, oracle));
  if (extents.length > 0 && extents.every((truth) => truth === extents[0])) return extents[0] as boolean;
  return oracle.ask(`extent ${rule.id} ${Object.values(packet).join()}`, 2) === 1;
}

const UNTRACKED = new Map<number, number>([
  [PHASE.first, PHASE.untrackedFirst],
  [PHASE.reply, PHASE.untrackedReply],
  [PHASE.later, PHASE.untrackedLater],
  [PHASE.strayReply, PHASE.untrackedReply],
  [PHASE.strayLater, PHASE.untrackedLater],
]);

/** `accept`: by this list. `pass`: by the whole path. `back`: the list ended or returned. */
interface Walk {
  readonly kind: 'accept' | 'pass' | 'deny' | 'back';
  readonly packet: Packet;
}

const THREE_WAYS = ['pass', 'deny', 'back'] as const;

function walk(firewall: Firewall, list: RuleList, start: Packet, oracle: Oracle, active: readonly RuleList[]): Walk {
  let packet = start;
  for (const rule of list.rules) {
    if (!matches(rule, packet, oracle)) continue;
    const { action } = rule;
    if (action.kind === 'accept') return { kind: 'accept', packet };
    if (action.kind === 'drop' || action.kind === 'reject') return { kind: 'deny', packet };
    if (action.kind === 'return') return { kind: 'back', packet };
    if (action.kind === 'untrack') packet = { ...packet, phase: UNTRACKED.get(packet.phase) ?? packet.phase };
    if (action.kind === 'unknown') {
      const kind = THREE_WAYS[oracle.ask(oracle.fresh(), 3)] as (typeof THREE_WAYS)[number];
      if (kind !== 'back') return { kind, packet };
    }
    if (action.kind === 'jump' || action.kind === 'goto') {
      const target = firewall.lists.get(action.list);
      const walked: Walk =
        !target || active.includes(target)
          ? { kind: THREE_WAYS[oracle.ask(oracle.fresh(), 3)] as (typeof THREE_WAYS)[number], packet }
          : walk(firewall, target, packet, oracle, [...active, target]);
      if (walked.kind !== 'back') return walked;
      packet = walked.packet;
      if (action.kind === 'goto') return { kind: 'back', packet };
    }
  }
  return { kind: 'back', packet };
}

/** The way of one packet through the lists of a path. */
export function travel(
  firewall: Firewall,
  stages: readonly string[],
  start: Packet,
  oracle: Oracle,
): { fate: Fate; packet: Packet } {
  let packet = start;
  for (const id of stages) {
    const list = firewall.lists.get(id);
    if (!list) throw new Error(`no list ${id}`);
    const walked = walk(firewall, list, packet, oracle, [list]);
    packet = walked.packet;
    if (walked.kind === 'pass') return { fate: 'accept', packet };
    if (walked.kind === 'deny' || (walked.kind === 'back' && list.end.action === 'drop')) return { fate: 'deny', packet };
  }
  return { fate: 'accept', packet };
}

/** A connection on a device that judges every packet by its rules: first packet, answer, later packets. */
export function converse(
  firewall: Firewall,
  incoming: readonly string[],
  outgoing: readonly string[],
  first: Packet,
  oracle: Oracle,
): Fate {
  const opened = travel(firewall, incoming, first, oracle);
  if (opened.fate === 'deny') return 'deny';
  const untracked = opened.packet.phase === PHASE.untrackedFirst;
  const answer: Packet = {
    source: first.destination,
    destination: first.source,
    protocol: first.protocol,
    sourcePort: first.port,
    port: first.sourcePort,
    in: first.out,
    out: first.in,
    phase: untracked ? PHASE.strayReply : PHASE.reply,
  };
  const replied = travel(firewall, outgoing, answer, oracle);
  if (replied.fate === 'deny') return 'deny';
  const seen = replied.packet.phase === PHASE.untrackedReply ? PHASE.unseenLater : PHASE.later;
  const later: Packet = { ...first, phase: untracked ? PHASE.strayLater : seen };
  return travel(firewall, incoming, later, oracle).fate;
}
