/**
 * An interpreter of iptables for one concrete packet: it walks the dump's own records, rule by rule, the way the kernel
 * does. Nothing here comes from the conversion that it judges. Where the dump cannot tell (a rate limit, a set that is
 * not there), both ways are walked; a packet with two possible ends is `unknown`.
 */
import type { ChainRecord, Extraction, OptionRecord, RuleRecord, TableRecord } from '../../parsers/iptables/records.js';
import { BUILT_IN } from '../../parsers/iptables/records.js';
import { matches, type Note, readMark } from './iptables-match.js';
import {
  type Condition,
  type ConnectionState,
  first,
  type Packet,
  PORTS,
  readAddress,
  type Sight,
  stateOfFirst,
} from './iptables-packet.js';
import type { IpSets } from './iptables-set-match.js';

export type Outcome = 'accept' | 'drop' | 'unknown';
export interface Answer {
  readonly outcome: Outcome;
  /** Why it is unknown: modules, targets. */
  readonly open: ReadonlySet<string>;
}

/** The walk cannot go on: the packet may end anyhow. */
class Undecided extends Error {}

const WALK_LIMIT = 200_000;
const STATE_LIMIT = 32;
const CONTINUE: ReadonlySet<string> = new Set(
  (
    'LOG NFLOG ULOG AUDIT TRACE TCPMSS TCPOPTSTRIP TOS DSCP ECN TTL HL CHECKSUM CLASSIFY SET SECMARK CONNSECMARK ' +
    'RATEEST IDLETIMER LED TEE'
  ).split(' '),
);
const DROPS: ReadonlySet<string> = new Set(['DROP', 'REJECT', 'TARPIT', 'DELUDE', 'STEAL', 'CHAOS']);
const TRANSLATES_SOURCE: ReadonlySet<string> = new Set(['SNAT', 'MASQUERADE']);

interface Ends {
  readonly accepted: Condition[];
  dropped: boolean;
  /** Conditions in which the end of the chain, or RETURN, was reached. */
  readonly back: Condition[];
}

const keyOf = (c: Condition): string =>
  [c.destination, c.port, c.translated, c.untracked, c.mark, c.connectionMark].map(String).join();

function distinct(conditions: readonly Condition[]): Condition[] {
  const all = [...new Map(conditions.map((condition) => [keyOf(condition), condition])).values()];
  if (all.length > STATE_LIMIT) throw new Undecided('too many ways');
  return all;
}

/** What stays the same on the way through one chain. */
type Frame = Omit<Sight, keyof Condition>;

class Walk {
  readonly open = new Set<string>();
  private steps = 0;
  private readonly note: Note | undefined;

  constructor(note: Note | undefined) {
    this.note = note;
  }

  /** A built-in chain with its policy. */
  enter(table: TableRecord, chain: ChainRecord, frame: Frame, condition: Condition): Ends {
    const ends = this.run(table, chain, frame, condition, [chain.name]);
    if (ends.back.length === 0) return ends;
    // A chain of nat cannot have another policy; of others the file must say it.
    const policy = chain.policy ?? (table.name === 'nat' ? 'ACCEPT' : undefined);
    if (policy !== 'ACCEPT' && policy !== 'DROP') throw new Undecided(`policy of ${chain.name}`);
    if (!table.complete) throw new Undecided('cut table');
    this.note?.(`policy ${policy}`, true);
    return policy === 'ACCEPT'
      ? { accepted: distinct([...ends.accepted, ...ends.back]), dropped: ends.dropped, back: [] }
      : { accepted: ends.accepted, dropped: true, back: [] };
  }

  private run(table: TableRecord, chain: ChainRecord, frame: Frame, start: Condition, path: readonly string[]): Ends {
    const ends: Ends = { accepted: [], dropped: false, back: [] };
    let here: Condition[] = [start];
    for (const rule of chain.rules) {
      const next: Condition[] = [];
      for (const condition of here) {
        if (++this.steps > WALK_LIMIT) throw new Undecided('too many rules');
        const { truth, open } = matches(rule, { ...frame, ...condition }, this.note);
        if (truth !== true) next.push(condition);
        if (truth === false) continue;
        for (const one of open) this.open.add(one);
        this.act(table, rule, frame, condition, path, ends, next);
      }
      here = distinct(next);
      if (here.length === 0) break;
    }
    if (here.length > 0 && !table.complete) throw new Undecided('cut table');
    ends.back.push(...here);
    return ends;
  }

  private act(
    table: TableRecord,
    rule: RuleRecord,
    frame: Frame,
    condition: Condition,
    path: readonly string[],
    ends: Ends,
    next: Condition[],
  ): void {
    const { target } = rule;
    if (rule.cut || (!target && rule.unread.length > 0)) throw new Undecided('unread target');
    if (!target) {
      next.push(condition);
      return;
    }
    const { name } = target;
    this.note?.(`${target.goto ? 'goto' : table.chains.has(name) ? 'jump' : `-j ${name}`}`, true);
    const chain = table.chains.get(name);
    if (chain && !BUILT_IN.get(table.name)?.includes(name)) {
      if (path.includes(name) || path.length > 300) throw new Undecided('a loop of chains');
      const inner = this.run(table, chain, frame, condition, [...path, name]);
      ends.accepted.push(...inner.accepted);
      ends.dropped ||= inner.dropped;
      (target.goto ? ends.back : next).push(...inner.back);
    } else if (target.goto) throw new Undecided(`chain ${name} is missing`);
    else if (name === 'ACCEPT' || TRANSLATES_SOURCE.has(name)) ends.accepted.push(condition);
    else if (name === 'RETURN') ends.back.push(condition);
    else if (DROPS.has(name)) ends.dropped = true;
    else if (CONTINUE.has(name)) next.push(condition);
    else if (name === 'MARK' || name === 'CONNMARK') next.push(...marked(name, target.options, condition));
    else if (name === 'NOTRACK' || name === 'CT') next.push(untracked(name, target.options, frame, condition));
    else if (name === 'DNAT' || name === 'REDIRECT') ends.accepted.push(translated(name, target.options, frame, condition));
    else throw new Undecided(`target ${name}`);
  }
}

function untracked(name: string, options: readonly OptionRecord[], frame: Frame, condition: Condition): Condition {
  const asked = name === 'NOTRACK' || options.some((option) => option.name === 'notrack');
  if (!asked) return condition;
  if (frame.table !== 'raw') throw new Undecided('untracking outside raw');
  return frame.in === 'lo' ? condition : { ...condition, untracked: true };
}

const combine = (old: number | undefined, keep: number, xor: number): number | undefined =>
  old === undefined ? (keep === 0 ? xor >>> 0 : undefined) : ((old & keep) ^ xor) >>> 0;

function changed(old: number | undefined, option: OptionRecord): number | undefined {
  const mark = readMark(first(option));
  if (!mark) throw new Undecided('a mark that is not understood');
  const { value, mask } = mark;
  switch (option.name) {
    case 'set-xmark':
      return combine(old, ~mask, value);
    case 'set-mark':
      return combine(old, ~(value | mask), value);
    case 'and-mark':
      return combine(old, value, 0);
    case 'or-mark':
      return combine(old, ~value, value);
    case 'xor-mark':
      return combine(old, -1, value);
    default:
      throw new Undecided(`mark option ${option.name}`);
  }
}

function marked(name: string, options: readonly OptionRecord[], condition: Condition): Condition[] {
  if (name === 'MARK') {
    let { mark } = condition;
    for (const option of options) mark = changed(mark, option);
    return [{ ...condition, mark }];
  }
  // A packet without a connection keeps nothing; which packets have one is a question of its own.
  if (condition.untracked) return [condition];
  const names = new Set(options.map((option) => option.name));
  const masks = (option: string): number => {
    const found = options.find((one) => one.name === option || one.name === 'mask');
    const mask = found ? readMark(first(found)) : { value: 0xffffffff };
    if (!mask) throw new Undecided('a mark that is not understood');
    return mask.value;
  };
  if (names.has('left-shift-mark') || names.has('right-shift-mark')) throw new Undecided('shifted marks');
  const { mark, connectionMark } = condition;
  const join = (to: number | undefined, clear: number, from: number | undefined, take: number): number | undefined =>
    from === undefined ? undefined : combine(to, ~clear, from & take);
  if (names.has('save-mark'))
    return [{ ...condition, connectionMark: join(connectionMark, masks('ctmask'), mark, masks('nfmask')) }];
  if (names.has('restore-mark')) return [{ ...condition, mark: join(mark, masks('nfmask'), connectionMark, masks('ctmask')) }];
  let value = connectionMark;
  for (const option of options) value = changed(value, option);
  return [{ ...condition, connectionMark: value }];
}

/** Only a single new address and a single new port are followed as such. */
function translated(name: string, options: readonly OptionRecord[], frame: Frame, condition: Condition): Condition {
  const to = options.find((option) => option.name === 'to-destination' || option.name === 'to-ports');
  const text = to ? first(to) : '';
  const split = /^(?:\[([^\]]*)\]|([^:[\]]*)|([0-9a-fA-F:.]*:[0-9a-fA-F:.]*))(?::([^:]*))?$/.exec(
    name === 'REDIRECT' ? `:${text}` : text,
  );
  const address = split?.[1] ?? split?.[2] ?? split?.[3] ?? '';
  const port = split?.[4] ?? '';
  const single = /^\d+$/.test(port) ? Number(port) : undefined;
  const hasPorts = PORTS.has(frame.protocol);
  return {
    ...condition,
    translated: true,
    destination: name === 'REDIRECT' ? undefined : address === '' ? condition.destination : readAddress(address, frame.family),
    port: !split ? undefined : port === '' || !hasPorts ? condition.port : single,
  };
}

/** Tables and chains in the order in which a packet meets them. */
const PATHS = {
  forward: 'raw PREROUTING,mangle PREROUTING,nat PREROUTING,mangle FORWARD,filter FORWARD,security FORWARD,mangle POSTROUTING',
  in: 'raw PREROUTING,mangle PREROUTING,nat PREROUTING,mangle INPUT,filter INPUT,security INPUT',
  out: 'raw OUTPUT,mangle OUTPUT,nat OUTPUT,filter OUTPUT,security OUTPUT,mangle POSTROUTING',
} as const;

/** What one packet of the connection is made of, before any rule saw it. */
interface Sent extends Omit<Frame, 'table' | 'hook' | 'state'> {
  readonly start: Condition;
  /** By what the raw table did. */
  readonly stateOf: (untracked: boolean) => ConnectionState | undefined;
}

function interfaces(sent: Sent, hook: string): { readonly in: string; readonly out: string } {
  if (hook === 'PREROUTING' || hook === 'INPUT') return { in: sent.in, out: '' };
  if (hook === 'OUTPUT') return { in: '', out: sent.out };
  return { in: sent.in, out: sent.out };
}

/** One dump's tables; `undefined` conditions mean dropped. */
function through(tables: readonly TableRecord[], sent: Sent, walk: Walk): { accepted: Condition[]; dropped: boolean } {
  let reached: Condition[] = [sent.start];
  let dropped = false;
  for (const step of PATHS[sent.direction].split(',')) {
    const [name = '', hook = ''] = step.split(' ');
    const table = tables.find((one) => one.name === name);
    const chain = table?.chains.get(hook);
    if (!table) continue;
    if (!chain) {
      // A dump always lists every chain of a table; a file that does not name one says nothing of it.
      if (name === 'nat') continue;
      throw new Undecided(`chain ${name} ${hook} is missing`);
    }
    const next: Condition[] = [];
    for (const condition of reached) {
      const state = sent.stateOf(condition.untracked);
      if (name === 'nat') {
        if (state === undefined) throw new Undecided('translation of an error message');
        if (state !== 'NEW' || sent.in === 'lo') {
          next.push(condition);
          continue;
        }
      }
      const { start: _start, stateOf: _stateOf, ...rest } = sent;
      const ends = walk.enter(table, chain, { ...rest, ...interfaces(sent, hook), table: name, hook, state }, condition);
      dropped ||= ends.dropped;
      next.push(...ends.accepted);
      if (name === 'nat' && sent.moment !== 'first' && ends.accepted.some((one) => one.translated !== condition.translated))
        throw new Undecided('translation of a later packet');
    }
    reached = distinct(next);
    if (reached.length === 0) break;
  }
  return { accepted: reached, dropped };
}

const FRESH = { translated: false, untracked: false, connectionMark: 0 } as const;

function sentFirst(packet: Packet, sets: IpSets): Sent {
  const { family, source, destination, protocol, sourcePort, port, direction } = packet;
  const state = stateOfFirst(packet);
  return {
    family,
    source,
    protocol,
    sourcePort,
    direction,
    in: packet.in,
    out: packet.out,
    moment: 'first',
    original: packet,
    sets,
    start: { ...FRESH, destination, port, mark: direction === 'out' ? undefined : 0 },
    stateOf: (untracked) => (untracked ? 'UNTRACKED' : state),
  };
}

const ANSWERS_4: ReadonlyMap<number, number> = new Map([
  [8, 0],
  [13, 14],
  [15, 16],
  [17, 18],
]);
const ANSWERS_6: ReadonlyMap<number, number> = new Map([
  [128, 129],
  [139, 140],
]);

/** Where answers come from nowhere: multicast and broadcast. */
function answersNothing(address: bigint, family: Packet['family']): boolean {
  if (family === 6) return address >> 120n === 255n;
  // The reserved block above multicast is used as ordinary addresses by some and by nobody else.
  if (address >> 28n === 15n && address !== 0xffffffffn) throw new Undecided('reserved addresses');
  return address >> 28n === 14n || address === 0xffffffffn;
}

/** The packet that answers; undefined where none does. */
function sentReply(packet: Packet, after: Condition, sets: IpSets): Sent | undefined {
  const { family, protocol } = packet;
  if (after.destination === undefined || after.port === undefined) throw new Undecided('answer of an unknown server');
  const echo = (protocol === 1 && family === 4) || (protocol === 58 && family === 6);
  const type = (family === 4 ? ANSWERS_4 : ANSWERS_6).get(packet.port >> 8);
  if ((echo && type === undefined) || answersNothing(after.destination, family)) return undefined;
  // An answer that tracking meets first: opens a connection of its own, where the protocol has no order of packets.
  const stray: ConnectionState | undefined =
    protocol === 6 || echo ? 'INVALID' : protocol === 33 || protocol === 132 ? undefined : 'NEW';
  const direction = packet.direction === 'in' ? 'out' : packet.direction === 'out' ? 'in' : 'forward';
  return {
    family,
    source: after.destination,
    protocol,
    sourcePort: echo ? 0 : after.port,
    direction,
    in: packet.out,
    out: packet.in,
    moment: 'reply',
    original: packet,
    sets,
    start: {
      destination: packet.source,
      port: echo && type !== undefined ? type * 256 + (packet.port & 255) : packet.sourcePort,
      translated: after.translated,
      untracked: false,
      mark: direction === 'out' ? undefined : 0,
      connectionMark: after.untracked ? 0 : after.connectionMark,
    },
    stateOf: (untracked) => (untracked ? 'UNTRACKED' : after.untracked ? stray : 'ESTABLISHED'),
  };
}

function sentLater(packet: Packet, after: Condition, reply: Condition | undefined, sets: IpSets): Sent {
  const sent = sentFirst(packet, sets);
  const answered = reply !== undefined && !reply.untracked;
  const state = (): ConnectionState | undefined => {
    if (!after.untracked && answered) return 'ESTABLISHED';
    // Without an answer a connection stays new, but TCP does not accept an ACK before the SYN was acknowledged.
    if (!after.untracked) return packet.protocol === 6 ? 'INVALID' : [33, 132].includes(packet.protocol) ? undefined : 'NEW';
    if (packet.protocol === 6) return 'NEW';
    throw new Undecided('a later packet that is tracked after one that is not');
  };
  return {
    ...sent,
    moment: 'later',
    start: { ...sent.start, connectionMark: after.untracked ? 0 : (reply ?? after).connectionMark },
    stateOf: (untracked) => (untracked ? 'UNTRACKED' : state()),
  };
}

interface Packets {
  readonly accepted: boolean;
  readonly dropped: boolean;
}

function connection(tables: readonly TableRecord[], packet: Packet, walk: Walk, sets: IpSets): Packets {
  const opening = through(tables, sentFirst(packet, sets), walk);
  let { dropped } = opening;
  let accepted = false;
  for (const after of opening.accepted) {
    const reply = sentReply(packet, after, sets);
    const answer = reply ? through(tables, reply, walk) : { accepted: [undefined], dropped: false };
    dropped ||= answer.dropped;
    for (const one of answer.accepted) {
      if (after.translated) throw new Undecided('later packets of a translated connection');
      const later = reply ? through(tables, sentLater(packet, after, one, sets), walk) : { accepted: [after], dropped: false };
      dropped ||= later.dropped;
      accepted ||= later.accepted.length > 0;
    }
  }
  return { accepted, dropped };
}

/**
 * The sets of tables that may be in force: one, unless a table stands in the file twice. Then every dump must agree, as
 * nothing says whether the second replaces the first or stands beside it.
 */
function dumpsOf(extraction: Extraction, packet: Packet): readonly (readonly TableRecord[])[] {
  const mine = extraction.tables.filter((table) => table.family === packet.family);
  const repeated = mine.filter((table) => mine.some((other) => other !== table && other.name === table.name));
  if (repeated.length === 0) return mine.length === 0 ? [] : [mine];
  const common = mine.filter((table) => !repeated.includes(table));
  return [...new Set(repeated.map((table) => table.dump))].map((dump) => [
    ...common,
    ...repeated.filter((table) => table.dump === dump),
  ]);
}

/** The dump says of itself that it does not show all that holds for this family. */
function warned(extraction: Extraction, packet: Packet): boolean {
  const backends = new Set(extraction.tables.filter(({ family }) => family === packet.family).map(({ backend }) => backend));
  return extraction.gaps.some(({ kind, text }) => {
    if (kind === 'table') return true;
    return text.includes('ip6tables') === (packet.family === 6) && !(backends.has('nft') && backends.has('unmarked'));
  });
}

/**
 * @param judged the first packet alone, or the whole connection with its answer and a later packet.
 * @param note told of every test, target and policy that was looked at.
 * @param sets address sets beside the dump; without them a test of a set is open.
 */
export function interpret(
  extraction: Extraction,
  packet: Packet,
  judged: 'first' | 'connection',
  note?: Note,
  sets: IpSets = new Map(),
): Answer {
  const walk = new Walk(note);
  const single = (outcome: Outcome, why?: string): Answer => ({ outcome, open: why ? new Set([why]) : walk.open });
  const dumps = dumpsOf(extraction, packet);
  if (dumps.length === 0) return single('unknown', 'family not in the dump');
  try {
    const results = dumps.map((tables): Packets => {
      if (judged === 'connection') return connection(tables, packet, walk, sets);
      const { accepted, dropped } = through(tables, sentFirst(packet, sets), walk);
      return { accepted: accepted.length > 0, dropped };
    });
    if (results.every(({ dropped }) => !dropped))
      return warned(extraction, packet) ? single('unknown', 'the dump says that it is not all') : single('accept');
    return results.every(({ accepted }) => !accepted)
      ? single('drop')
      : single('unknown', results.length > 1 ? 'several dumps' : undefined);
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    return single('unknown', error.message);
  }
}
