/**
 * An interpreter of pfSense for one concrete packet: it walks the records of config.xml in the order in which the rules
 * are loaded, remembers the last match and stops at a quick one; inbound first, then outbound with the tags that were
 * set. What neither packet nor file decides is an open fact; all combinations of open facts are tried, and a packet with
 * two possible ends is `unknown`. Nothing here comes from the conversion that it judges.
 */
import type { EndpointRecord, FilterRuleRecord, PfsenseConfig } from '../../parsers/pfsense/records.js';
import { holds, type Outcome, type Packet, TCP, type Way } from './packet.js';
import { DROPPED, type Fact, type Match, Names, open, YES } from './pfsense-addresses.js';
import { Automatic } from './pfsense-automatic.js';
import { inNetwork, PROTOCOLS, type Step, type Turn } from './pfsense-parts.js';
import { type Seen, Translation } from './pfsense-translation.js';

const ICMP4 = new Map([
  ['echoreq', 8],
  ['echorep', 0],
  ['unreach', 3],
  ['squench', 4],
  ['redir', 5],
  ['timex', 11],
  ['paramprob', 12],
  ['timereq', 13],
  ['timerep', 14],
  ['routeradv', 9],
  ['routersol', 10],
]);
const ICMP6 = new Map([
  ['echoreq', 128],
  ['echorep', 129],
  ['unreach', 1],
  ['toobig', 2],
  ['timex', 3],
  ['paramprob', 4],
  ['routersol', 133],
  ['routeradv', 134],
  ['neighbrsol', 135],
  ['neighbradv', 136],
  ['redir', 137],
]);

const and = (...all: readonly Match[]): Match => {
  const facts: Fact[] = [];
  for (const match of all) {
    if (match === false) return false;
    facts.push(...match);
  }
  return facts;
};

export class Pfsense {
  private readonly names: Names;
  private readonly config: PfsenseConfig;
  private readonly revision: number;
  private readonly automatic: Automatic;
  private readonly translation: Translation;

  constructor(config: PfsenseConfig) {
    this.config = config;
    this.names = new Names(config);
    this.revision = this.names.revision;
    this.automatic = new Automatic(this.names);
    this.translation = new Translation(this.names);
  }

  /** Interfaces a packet can be on, whose filter this interpreter knows. */
  isKnown(key: string): boolean {
    return this.names.isInterface(key);
  }

  outcome(packet: Packet, way: Way): Outcome {
    const { config } = this;
    if (config.partial) return 'unknown';
    if (config.system.filterDisabled) return 'accept';
    if (!config.hasFilter) return 'unknown';
    const turns: [Turn, string][] = [];
    if (way.direction !== 'out' && way.in !== undefined) turns.push(['in', way.in]);
    if (way.direction !== 'in' && way.out !== undefined) turns.push(['out', way.out]);
    if (turns.some(([, key]) => this.unfiltered(key))) return 'unknown';
    if (way.direction !== 'out' && way.in !== undefined && this.translation.touchesInbound(packet, way.in)) return 'unknown';
    const orders = this.revision > 23.3 ? (['file', 'groups'] as const) : (['file'] as const);
    const outcomes = new Set(orders.map((order) => this.walk(packet, turns, order, way)));
    const [only] = outcomes;
    return outcomes.size === 1 && only ? only : 'unknown';
  }

  /** Bridges and VTI interfaces: other rules apply than those of the tab. */
  private unfiltered(key: string): boolean {
    const { config } = this;
    const record = this.names.interfaceOf(key);
    if (key === 'enc0' && config.ipsecFilterMode === 'if_ipsec') return true;
    if (/^(ipsec|bridge)/.test(record?.device ?? '') || record?.bridge !== undefined) return true;
    return (
      config.interfaces.some((other) => other.bridge === key) || config.bridges.some((bridge) => bridge.members.includes(key))
    );
  }

  private walk(packet: Packet, turns: readonly [Turn, string][], order: 'file' | 'groups', way: Way): Outcome {
    const [first, second] = turns.map(([turn, key]) => this.steps(packet, turn, key, order, way));
    if (!first) return 'unknown';
    const lists: Lists = { first, second, by: new Map() };
    for (const key of new Set(first.flatMap((step) => step.via ?? [])))
      lists.by.set(key, this.steps(packet, 'out', key, order, way));
    const facts = [first, second ?? [], ...lists.by.values()].flat().flatMap((step) => step.facts);
    const coins = [...new Set(facts.map((fact) => fact.coin))];
    if (coins.length > 11) return this.coarse(lists);
    const outcomes = new Set<Outcome>();
    for (let world = 0; world < 2 ** coins.length; world++) {
      const truth = new Map(coins.map((coin, i) => [coin, (world >> i) % 2 === 1]));
      outcomes.add(walkAll(lists, (fact) => (truth.get(fact.coin) ?? false) !== (fact.negated ?? false)));
      if (outcomes.size > 1) return 'unknown';
    }
    return [...outcomes][0] ?? 'unknown';
  }

  /** Too many facts to try all: open passes all on and open blocks all off, and the other way round. */
  private coarse({ first, second, by }: Lists): Outcome {
    const all = [first, second ?? [], ...by.values()].flat();
    if (all.some((step) => step.tagged || step.tag || step.via)) return 'unknown';
    const run = (wanted: 'pass' | 'block'): Outcome => {
      const keep = (list: readonly Step[]): Step[] => list.filter((step) => step.facts.length === 0 || step.verdict === wanted);
      return walkAll({ first: keep(first), second: second && keep(second), by: new Map() }, () => true);
    };
    const [best, worst] = [run('pass'), run('block')];
    return best === worst ? best : 'unknown';
  }

  private steps(packet: Packet, turn: Turn, key: string, order: 'file' | 'groups', way: Way): Step[] {
    const all = [
      ...this.automatic.early(packet, turn, key),
      ...this.userRules(packet, turn, key, order, way),
      ...this.automatic.late(packet, turn, key),
    ];
    const end = all.findIndex((step) => step.quick && step.facts.length === 0 && !step.tagged && step.verdict);
    return end < 0 ? all : all.slice(0, end + 1);
  }

  private userRules(p: Packet, turn: Turn, key: string, order: 'file' | 'groups', way: Way): Step[] {
    const system = (name: string): boolean => /^(enc0|openvpn|l2tp|pppoe|pptp|wireguard)$/.test(name);
    const tabOf = (rule: FilterRuleRecord): number => {
      if (rule.floating) return 0;
      const name = rule.interface ?? '';
      if (!system(name) && !this.names.isGroup(name)) return 1e6;
      if (this.revision < 9) return 1e6;
      if (order === 'file') return 1;
      const place = this.config.groups.findIndex((group) => group.name === name);
      return place >= 0 ? 1 + place : 1e5 + ['l2tp', 'pppoe', 'enc0', 'openvpn', 'pptp', 'wireguard'].indexOf(name);
    };
    return this.config.rules
      .filter((rule) => !rule.disabled)
      .map((rule) => ({ rule, tab: tabOf(rule) }))
      .sort((a, b) => a.tab - b.tab || a.rule.index - b.rule.index)
      .flatMap(({ rule }) => this.userRule(rule, p, turn, key, way));
  }

  private userRule(rule: FilterRuleRecord, p: Packet, turn: Turn, key: string, way: Way): Step[] {
    if (!this.isOn(rule, key)) return [];
    const direction = rule.floating ? (rule.floatingYes ? (rule.direction ?? 'any') : 'in') : 'in';
    if (direction !== 'any' && direction !== '' && direction !== turn) return [];
    const match = this.meets(rule, p, turn, key);
    if (match === false) return [];
    const type = rule.type?.toLowerCase();
    const verdict = type === 'block' || type === 'reject' ? 'block' : type === 'match' ? undefined : 'pass';
    const routed = verdict === 'pass' ? this.routed(rule, p, turn, key, way) : undefined;
    const doubt = verdict === 'pass' && (rule.statetype === 'none' || rule.nat64 || routed === 'astray');
    return [
      {
        facts: match,
        verdict,
        quick: verdict !== undefined && (!rule.floating || rule.quick),
        tag: rule.tag,
        tagged: rule.tagged === undefined ? undefined : { name: rule.tagged, not: rule.nottagged },
        doubt,
        via: routed === 'astray' || way.direction !== 'forward' ? undefined : routed,
      },
    ];
  }

  private isOn(rule: FilterRuleRecord, key: string): boolean {
    const text = rule.interface ?? '';
    const known = (name: string): boolean => this.names.isInterface(name) || this.names.isGroup(name);
    if (!rule.floating) return known(text) && this.names.on(text, key);
    const listed = text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    if (listed.length === 0) return true;
    if (this.revision > 22.2 && listed.includes('any')) return true;
    const left = listed.filter(known);
    if (left.length === 0) return this.revision < 21.7;
    return left.some((name) => this.names.on(name, key));
  }

  private meets(rule: FilterRuleRecord, p: Packet, turn: Turn, key: string): Match {
    const families = this.revision < 9 ? [4, 6] : rule.ipprotocol === 'inet6' ? [6] : rule.ipprotocol === 'inet46' ? [4, 6] : [4];
    if (!families.includes(p.family)) return false;
    const ports = this.ports(rule, p, turn, key);
    if (ports === DROPPED) return false;
    const source = this.seenSource(rule.source, p, turn, key);
    const destination = this.names.address(rule.destination, p.family, p.destination);
    if (source === DROPPED || destination === DROPPED) return false;
    return and(this.protocol(rule, p), ports, source, destination, this.further(rule, p));
  }

  /** Outbound rules see the translated source. */
  private seenSource(end: EndpointRecord | undefined, p: Packet, turn: Turn, key: string): Match | typeof DROPPED {
    const plain = this.names.address(end, p.family, p.source);
    if (turn === 'in' || end?.any || plain === DROPPED) return plain;
    const seen = this.translation.sourceOf(p, key);
    if (seen === 'no') return plain;
    if (typeof seen === 'bigint') return this.names.address(end, p.family, seen);
    const doubt = open(`source seen on ${key} by ${JSON.stringify(end)}`);
    const own = seen === 'perhaps own' ? this.names.primary(key, p.family) : undefined;
    if (own === undefined || own === 'unknown' || own.address === undefined) return doubt;
    const other = this.names.address(end, p.family, own.address);
    return JSON.stringify(other) === JSON.stringify(plain) ? plain : doubt;
  }

  private protocol(rule: FilterRuleRecord, p: Packet): Match {
    const name = rule.protocol?.toLowerCase();
    if (name === undefined || name === '') {
      const port = [rule.source?.port, rule.destination?.port].some((text) => text !== undefined && text !== '' && text !== '0');
      return !port || p.protocol === TCP ? YES : false;
    }
    if (name === 'any') return YES;
    if (name === 'icmp' || name === 'icmp6' || name === 'ipv6-icmp') {
      const six = name !== 'icmp' || (p.family === 6 && this.revision >= 9);
      if (p.protocol !== (six ? 58 : 1)) return false;
      const types = (rule.icmptype ?? '').toLowerCase();
      if (types === '' || types === 'any') return YES;
      const table = six ? ICMP6 : ICMP4;
      const values = types.split(',').map((type) => table.get(type.trim()));
      if (values.includes(p.port >> 8)) return YES;
      return values.includes(undefined) ? open(`icmp types of rule ${rule.index}`) : false;
    }
    const numbers = PROTOCOLS.get(name) ?? (/^\d{1,3}$/.test(name) ? [Number(name)] : undefined);
    return numbers === undefined ? open(`protocol ${name}`) : numbers.includes(p.protocol) ? YES : false;
  }

  private ports(rule: FilterRuleRecord, p: Packet, turn: Turn, key: string): Match | typeof DROPPED {
    const name = rule.protocol?.toLowerCase() ?? '';
    const ported = ['tcp', 'udp', 'tcp/udp'].includes(name) || (name === 'sctp' && this.revision > 22.9);
    const all: Match[] = [];
    for (const [end, value] of [
      [rule.source, p.sourcePort],
      [rule.destination, p.port],
    ] as const) {
      const text = end?.port;
      if (text === undefined || text === '' || text === '0') continue;
      const match = this.names.port(text, value);
      if (match === undefined) {
        if (ported ? this.revision >= 13 : this.revision >= 13 && this.revision <= 22.2) return DROPPED;
        continue;
      }
      if (!ported) continue;
      const seen = turn === 'out' && end === rule.source ? this.translation.sourceOf(p, key) : 'no';
      all.push(seen === 'no' ? match : this.translatedPort(text, match, seen, rule));
    }
    return and(...all);
  }

  /** Outbound NAT picks a source port from 1024 to 65535. */
  private translatedPort(text: string, plain: Match, seen: Seen, rule: FilterRuleRecord): Match {
    const sure = typeof seen === 'bigint' || seen === 'own unknown';
    const high = [1024, 30000, 65535].map((value) => this.names.port(text, value));
    const whole = /^(\d+)[-:](\d+)$/.exec(text);
    const every = whole !== null && Number(whole[1]) <= 1024 && Number(whole[2]) === 65535;
    const never = whole !== null ? Number(whole[2]) < 1024 : /^\d+$/.test(text) && Number(text) < 1024;
    if (every && (sure || (plain !== false && plain.length === 0))) return YES;
    if (never && high.every((match) => match === false) && (sure || plain === false)) return false;
    return open(`source port seen by rule ${rule.index}`);
  }

  private further(rule: FilterRuleRecord, p: Packet): Match {
    const own = (what: string): Match => open(`rule ${rule.index}: ${what}`);
    const tcp = rule.protocol?.toLowerCase() === 'tcp';
    const all: Match[] = [];
    if (rule.sched !== undefined && this.config.schedules.has(rule.sched)) all.push(open(`schedule ${rule.sched}`));
    if (tcp && !rule.tcpflagsAny && (rule.tcpflags1 !== undefined || rule.tcpflags2 !== undefined)) {
      const words = (text: string | undefined) =>
        (text ?? '')
          .toLowerCase()
          .split(',')
          .map((word) => word.trim())
          .filter((word) => word !== '');
      const [set, outOf] = [words(rule.tcpflags1), words(rule.tcpflags2)];
      const first = outOf.includes('syn') ? ['syn'] : [];
      const same = set.length === first.length && set.every((flag) => first.includes(flag));
      all.push(p.protocol !== TCP || same ? YES : false);
    }
    if (tcp && rule.os !== undefined) all.push(own('os'));
    for (const [what, present] of [
      ['dscp', rule.dscp !== undefined],
      ['vlanprio', rule.vlanprio !== undefined],
      ['unread', rule.unread.length > 0],
      ['repeated', rule.repeated.length > 0],
      ['gateway down', rule.gateway !== undefined && this.config.system.skipRulesGatewayDown],
    ] as const)
      if (present) all.push(own(what));
    return and(...all);
  }

  /** Interfaces a gateway leads out of; pfSense names gateways of its own after interfaces. */
  private gatewayInterfaces(name: string): readonly string[] {
    const { config } = this;
    const group = config.gatewayGroups.find((each) => each.name === name);
    if (group) return group.gateways.flatMap((member) => (member === name ? [] : this.gatewayInterfaces(member)));
    const item = config.gateways.find((each) => each.name === name);
    if (item) return [item.interface];
    const own = config.interfaces.find((record) =>
      ['DHCP', 'PPPOE', 'DHCP6', 'SLAAC', 'VPNV4', 'VPNV6', 'VTIV4', 'TUNNELV4'].some(
        (suffix) => `${record.descr ?? record.key}_${suffix}`.toUpperCase() === name.toUpperCase(),
      ),
    );
    return own ? [own.key] : [];
  }

  /** A gateway on a pass rule sends the packet out of its interface; a destination elsewhere is then missed. */
  private routed(rule: FilterRuleRecord, p: Packet, turn: Turn, key: string, way: Way): readonly string[] | 'astray' | undefined {
    const { gateway } = rule;
    if (gateway === undefined || gateway === 'default') return undefined;
    const { config, names } = this;
    const via = this.gatewayInterfaces(gateway);
    if (via.length === 0) return undefined;
    const elsewhere = config.interfaces.some((record) => {
      const primary = names.primary(record.key, p.family);
      const nets = [
        ...(primary !== undefined && primary !== 'unknown' && primary.net ? [primary.net] : []),
        ...names.vipsOf(record.key, p.family).spans,
      ];
      return (
        names.interfaceOf(record.key) && !via.includes(record.key) && nets.some((net) => holds(net, p.family, p.destination))
      );
    });
    const texts = [
      ...config.routes.map((route) => route.network),
      ...config.openvpn.flatMap((each) => [...each.tunnels, ...each.remotes]),
      ...config.wireguard.flatMap((each) => [...each.addresses, ...each.remotes]),
      ...config.phase2.map((each) => `${each.remoteAddress}/${each.remoteBits ?? 32}`),
      ...[...config.dialIn.values()].flat(),
    ];
    const routed = texts.some((text) => inNetwork(text, p, p.destination));
    // A packet that is passed on is for somebody else, whatever address the firewall may get.
    const mine = way.direction === 'in' && names.self(p.family, p.destination) !== false;
    if (elsewhere || routed || mine || (turn === 'out' && via.some((other) => other !== key))) return 'astray';
    return way.direction === 'forward' && turn === 'in' ? via : undefined;
  }
}

interface Lists {
  readonly first: readonly Step[];
  readonly second: readonly Step[] | undefined;
  /** Outbound lists of the interfaces that policy routing leads to. */
  readonly by: Map<string, readonly Step[]>;
}

interface Decision {
  readonly step: Step | undefined;
  readonly tag: string;
}

function decide(list: readonly Step[], holdsFact: (fact: Fact) => boolean, tagBefore: string): Decision {
  let tag = tagBefore;
  let last: Step | undefined;
  for (const step of list) {
    if (!step.facts.every(holdsFact)) continue;
    if (step.tagged && (step.tagged.name === tag) === step.tagged.not) continue;
    if (step.tag !== undefined) tag = step.tag;
    if (step.verdict === undefined) continue;
    last = step;
    if (step.quick) break;
  }
  return { step: last, tag };
}

/** pf, turn by turn. */
function walkAll({ first, second, by }: Lists, holdsFact: (fact: Fact) => boolean): Outcome {
  const { step, tag } = decide(first, holdsFact, '');
  if (step?.verdict !== 'pass') return 'drop';
  // Sent astray: it does not arrive, or the way is not known.
  if (step.doubt) return 'unknown';
  const next = step.via ? step.via.map((key) => by.get(key) ?? []) : second ? [second] : [];
  const further = next.map((list) => decide(list, holdsFact, tag).step);
  if (further.length > 0 && further.every((each) => each?.verdict !== 'pass')) return 'drop';
  if (further.some((each) => each?.verdict !== 'pass')) return 'unknown';
  return further.some((each) => each?.doubt) ? 'unknown' : 'accept';
}
