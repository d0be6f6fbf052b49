/**
 * An interpreter of Windows Firewall for one concrete packet: it walks the rows or blocks of the export, by precedence of
 * action, never by order. What neither packet nor export decides is an open fact; all combinations of open facts are
 * tried, and a packet with two possible ends is `unknown`. Nothing here comes from the conversion that it judges.
 */
import type { ProfileName, ProfileSettings, RuleExport, RuleField, WindowsRule } from '../../parsers/windows/records.js';
import {
  bitsOf,
  holds,
  isIcmp,
  network,
  type Outcome,
  type Packet,
  readAddress,
  readNetwork,
  type Span2,
  TCP,
  UDP,
} from './packet.js';

export interface Host {
  readonly rules: readonly RuleExport[];
  readonly profiles: readonly { readonly store: string; readonly profiles: ReadonlyMap<ProfileName, ProfileSettings> }[];
}

export interface Stated {
  /** LocalSubnet, where the user states it. */
  readonly subnets?: readonly string[];
  /** Assumption `netsh-unscoped`. */
  readonly unscoped?: boolean;
}

/** An open fact. With `values` it is single-valued and true when one of them holds. */
interface Fact {
  readonly coin: string;
  readonly values?: readonly string[];
}

/** false: no; []: yes; else yes while all facts hold. */
type Match = false | readonly Fact[];
const YES: Match = [];

type Act = 'allow' | 'block' | 'bypass' | 'any';
interface Hit {
  readonly act: Act;
  readonly facts: readonly Fact[];
}

const lower = (text: string | undefined): string => (text ?? '').trim().toLowerCase();
const isAny = (text: string): boolean => lower(text) === 'any';
const tokens = (text: string): string[] => text.split(/[,|]/).map((token) => token.trim());

class Reader {
  private readonly rule: WindowsRule;
  private readonly packet: Packet;
  private readonly inbound: boolean;
  private readonly stated: Stated;

  constructor(rule: WindowsRule, packet: Packet, inbound: boolean, stated: Stated) {
    this.rule = rule;
    this.packet = packet;
    this.inbound = inbound;
    this.stated = stated;
  }

  private open(what: string): Match {
    return [{ coin: `${this.rule.span.file}#${this.rule.ordinal}:${what}` }];
  }

  private text(field: RuleField): string | undefined {
    return this.rule.fields[field];
  }

  /** The rule's direction, profile and enabled flag. */
  inForce(profile: ProfileName): Match {
    const open = (what: string): Match => this.open(what);
    const facts: Fact[] = [];
    const need = (match: Match): boolean => {
      if (match === false) return false;
      facts.push(...match);
      return true;
    };
    const enabled = lower(this.text('enabled'));
    if (!need(/^(true|yes|1)$/.test(enabled) ? YES : /^(false|no|2)$/.test(enabled) ? false : open('enabled'))) return false;
    const direction = lower(this.text('direction'));
    const side = /^in(bound)?$/.test(direction) ? true : /^out(bound)?$/.test(direction) ? false : undefined;
    if (!need(side === undefined ? open('direction') : side === this.inbound ? YES : false)) return false;
    const names = tokens(lower(this.text('profile')));
    const known = names.every((name) => /^(any|domain|private|public)$/.test(name));
    if (!need(!known ? open('profile') : names.includes('any') || names.includes(profile) ? YES : false)) return false;
    return facts;
  }

  action(): Act {
    const action = lower(this.text('action'));
    const override = lower(this.text('overrideBlockRules'));
    if (action === 'block') return 'block';
    if (action === 'bypass') return 'bypass';
    if (action !== 'allow') return 'any';
    return override === '' || override === 'false' ? 'allow' : 'bypass';
  }

  private protocol(): number | 'any' | undefined {
    const text = lower(this.text('protocol'));
    const names = new Map([
      ['tcp', 6],
      ['udp', 17],
      ['icmpv4', 1],
      ['icmpv6', 58],
    ]);
    if (text === 'any' || text === '256') return 'any';
    const value = names.get(text) ?? (/^\d{1,3}$/.test(text) ? Number(text) : undefined);
    return value !== undefined && value < 256 ? value : undefined;
  }

  private address(field: 'localAddress' | 'remoteAddress', value: bigint): Match {
    const text = this.text(field);
    if (text === undefined || text === '') return this.open(field);
    if (isAny(text)) return YES;
    let result: Match = false;
    for (const token of tokens(text)) {
      const one = this.addressToken(token, value);
      if (one === undefined) return this.open(field);
      if (one !== false && one.length === 0) result = YES;
      else if (one !== false && result === false) result = one;
    }
    // Two keywords at once: one fact of its own is coarse, and no generator here writes them.
    return result;
  }

  /** undefined: the token has no meaning, so the whole field has none. */
  private addressToken(token: string, value: bigint): Match | undefined {
    const { family } = this.packet;
    const keyword =
      /^(localsubnet|dns|dhcp|wins|defaultgateway|internet|intranet|intranetremoteaccess|playtodevice|captiveportal)([46]?)$/i.exec(
        token,
      );
    if (keyword) {
      if (keyword[2] && Number(keyword[2]) !== family) return false;
      return lower(keyword[1]) === 'localsubnet' ? this.localSubnet(value) : [{ coin: `list:${lower(keyword[1])}:${value}` }];
    }
    const range = token.split('-');
    if (range.length === 2) {
      const [from, to] = [readAddress(range[0] ?? ''), readAddress(range[1] ?? '')];
      if (!from || !to || from.family !== to.family || from.value > to.value) return undefined;
      return holds({ family: from.family, first: from.value, last: to.value }, family, value) ? YES : false;
    }
    const span = this.masked(token);
    return span && (holds(span, family, value) ? YES : false);
  }

  private masked(token: string): Span2 | undefined {
    const [left = '', right = ''] = token.split('/');
    const mask = readAddress(right);
    const address = readAddress(left);
    if (!mask) return readNetwork(token);
    if (!address || mask.family !== address.family) return undefined;
    const bits = bitsOf(mask.family);
    const length = mask.value.toString(2).padStart(bits, '0').indexOf('0');
    const ones = length < 0 ? bits : length;
    return network(mask, ones).first === mask.value ? network(address, ones) : undefined;
  }

  private localSubnet(value: bigint): Match {
    const { family } = this.packet;
    const broadcast = (span: Span2): boolean =>
      family === 4 && span.family === 4 && span.last === value && span.first < span.last;
    const linkLocal = readNetwork(family === 4 ? '169.254.0.0/16' : 'fe80::/10');
    const fact: Match = [{ coin: `list:localsubnet:${value}` }];
    if (linkLocal && broadcast(linkLocal)) return fact;
    if (linkLocal && holds(linkLocal, family, value)) return YES;
    const subnets = (this.stated.subnets ?? []).map((text) => readNetwork(text)).filter((span) => span !== undefined);
    if (value === this.packet.destination && subnets.some(broadcast)) return fact;
    if (subnets.some((span) => holds(span, family, value))) return YES;
    const group = readNetwork(family === 4 ? '224.0.0.0/3' : 'ff00::/8');
    if (!this.stated.subnets || (group && holds(group, family, value))) return fact;
    return false;
  }

  private port(field: 'localPort' | 'remotePort', value: number, protocol: number | 'any' | undefined): Match {
    const text = this.text(field);
    if (protocol !== TCP && protocol !== UDP) {
      if (text === undefined) return this.rule.form === 'csv' && protocol === undefined ? this.open(field) : YES;
      if (isAny(text) || (typeof protocol === 'number' && isIcmp(protocol) && lower(text) === 'rpc')) return YES;
      return this.open(field);
    }
    if (text === undefined || text === '') return this.open(field);
    if (isAny(text)) return YES;
    let result: Match = false;
    for (const token of tokens(text)) {
      const one = this.portToken(token, value, protocol);
      if (one === undefined) return this.open(field);
      if (one !== false && (result === false || one.length === 0)) result = one;
    }
    return result;
  }

  private portToken(token: string, value: number, protocol: number): Match | undefined {
    const word = token.toLowerCase().replace(/-/g, '');
    const fact: Match = [{ coin: `port:${word}:${value}` }];
    if (word === 'rpc') return value >= 49152 ? fact : false;
    if (word === 'rpcepmap') return value === 135 ? fact : false;
    if (/^iphttps(in|out)?$/.test(word)) return value === 443 ? fact : false;
    if (word === 'mdns') return value === 5353 && protocol === UDP ? fact : false;
    if (word === 'teredo') return protocol === UDP ? fact : false;
    if (word === 'ply2disc' || word === 'playtodiscovery') return fact;
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(token);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? first);
    if (!match || first > last || last > 65535) return undefined;
    return first <= value && value <= last ? YES : false;
  }

  private icmp(): Match {
    const text = this.text('icmpType');
    if (text === undefined) return this.rule.form === 'csv' ? this.open('icmpType') : YES;
    if (text === '') return this.open('icmpType');
    if (isAny(text)) return YES;
    let result: Match = false;
    for (const token of tokens(text)) {
      const match = /^(\d{1,3}|any)(?::(\d{1,3}|\*|any))?$/i.exec(token);
      const type = lower(match?.[1]) === 'any' ? undefined : Number(match?.[1]);
      const code = /^\d+$/.test(match?.[2] ?? '') ? Number(match?.[2]) : undefined;
      if (!match || (type ?? 0) > 255 || (code ?? 0) > 255) return this.open('icmpType');
      const { port } = this.packet;
      if ((type === undefined || type === port >> 8) && (code === undefined || code === (port & 255))) result = YES;
    }
    return result;
  }

  /** A cell that narrows the rule unless it says one of `free`. */
  private scope(field: RuleField, free: RegExp, single = false): Match {
    const text = this.text(field);
    if (text === undefined) return this.rule.form === 'csv' ? this.open(field) : YES;
    if (free.test(text.trim())) return YES;
    if (text.trim() === '' || /^System\.(String|Object)\[\]$/.test(text)) return this.open(field);
    return [single ? { coin: field, values: tokens(lower(text)) } : { coin: `${field}:${lower(text)}` }];
  }

  private program(): Match {
    const text = this.text('program');
    if (text === undefined || text === '') return this.rule.form === 'csv' ? this.open('program') : YES;
    if (isAny(text)) return YES;
    const path = lower(text)
      .replace(/%(systemroot|windir)%/g, 'c:\\windows')
      .replace(/%programfiles%/g, 'c:\\program files')
      .replace(/%programfiles\(x86\)%/g, 'c:\\program files (x86)')
      .replace(/%systemdrive%/g, 'c:');
    return [{ coin: 'program', values: [path] }];
  }

  private service(): Match {
    const text = this.text('service');
    if (text === undefined && this.rule.form === 'csv')
      return /^(any|system|.*svchost\.exe)?$/i.test(this.text('program') ?? '') ? this.open('service') : YES;
    if (lower(text) === '*') return [{ coin: 'some service' }];
    return this.scope('service', /^any$/i, true);
  }

  private platform(): Match {
    const text = this.text('platform') ?? '';
    return text === '' || tokens(text).some((token) => /^(6|10)\.\d+\+$/.test(token)) ? YES : this.open('platform');
  }

  /** Scopes that netsh never prints, or prints in the verbose form only. */
  private hidden(): Match {
    if (this.rule.form === 'csv') return YES;
    const packaged = /@\{|ms-resource|_[a-z0-9]{13}\b/i.test(`${this.text('name')} ${this.text('group')}`);
    return this.rule.form === 'netsh-verbose' && this.stated.unscoped && !packaged ? YES : this.open('hidden scope');
  }

  private parsed(): Match {
    const code = this.text('statusCode') ?? '';
    const primary = lower(this.text('primaryStatus'));
    const good = (code === '' || code === '65536') && /^(|ok|inactive|1|2)$/.test(primary);
    return good && this.rule.problems.length === 0 ? YES : this.open('status');
  }

  /** Whether the packet is in the rule's reach. */
  reach(): Match {
    const { packet: p, inbound } = this;
    const protocol = this.protocol();
    const icmpRule = typeof protocol === 'number' && isIcmp(protocol);
    const none = /^(any)?$/i;
    const checks: (() => Match)[] = [
      () => (protocol === undefined ? this.open('protocol') : protocol === 'any' || protocol === p.protocol ? YES : false),
      () => this.address('localAddress', inbound ? p.destination : p.source),
      () => this.address('remoteAddress', inbound ? p.source : p.destination),
      () => this.port('localPort', inbound ? p.port : p.sourcePort, protocol),
      () => this.port('remotePort', inbound ? p.sourcePort : p.port, protocol),
      () => (icmpRule ? this.icmp() : YES),
      () => this.program(),
      () => this.service(),
      () => this.scope('package', none),
      () => this.scope('owner', none),
      () => this.scope('localUser', /^any$/i),
      () => this.scope('remoteUser', /^any$/i),
      () => this.scope('remoteMachine', /^any$/i),
      () => this.scope('authentication', /^notrequired$/i),
      () => this.scope('encryption', /^notrequired$/i),
      () => this.scope('interfaceAlias', /^any$/i, true),
      () => this.scope('interfaceType', /^any$/i, true),
      () => this.scope('dynamicTarget', /^any$/i),
      () => (this.text('packageFamilyName') ? this.open('family name') : YES),
      () => (this.text('policyAppId') ? this.open('application id') : YES),
      () => (this.text('dynamicKeywordAddresses') ? this.open('keyword addresses') : YES),
      () => (/^(|notrequired)$/.test(lower(this.text('security'))) ? YES : this.open('security')),
      () => this.platform(),
      () => this.parsed(),
      () => this.hidden(),
    ];
    const facts: Fact[] = [];
    for (const check of checks) {
      const match = check();
      if (match === false) return false;
      facts.push(...match);
    }
    return facts;
  }
}

const fromPolicy = (rule: WindowsRule): boolean => lower(rule.fields.storeType) === 'grouppolicy';
const fromHost = (rule: WindowsRule): boolean =>
  lower(rule.fields.storeType) === 'local' || (!fromPolicy(rule) && lower(rule.fields.store) === 'persistentstore');
const HARDENING = /^(static|configurable)servicestore$/i;

/** Rules in force: Group Policy wins over the same id, the profile may leave local rules out. */
function rulesOf(host: Host, localRules: 'count' | 'left out' | 'unknown'): { rule: WindowsRule; facts: readonly Fact[] }[] {
  const all = host.rules.flatMap((each) => each.rules.map((rule) => ({ rule, store: each.store })));
  const policy = new Set(all.filter(({ rule }) => fromPolicy(rule)).map(({ rule }) => rule.fields.id));
  const out: { rule: WindowsRule; facts: readonly Fact[] }[] = [];
  for (const { rule, store } of all) {
    if (HARDENING.test(rule.fields.store ?? '')) continue;
    if (fromHost(rule) && rule.fields.id !== undefined && policy.has(rule.fields.id)) continue;
    const local = fromHost(rule) || store === 'local' ? 'yes' : fromPolicy(rule) ? 'no' : 'unknown';
    if (localRules === 'count' || local === 'no') out.push({ rule, facts: [] });
    else if (localRules === 'unknown' || local === 'unknown')
      out.push({ rule, facts: [{ coin: local === 'unknown' ? `local:${rule.ordinal}` : 'local rules' }] });
  }
  return out;
}

type World = ReadonlyMap<string, string>;

/** Every combination of the open facts; undefined where they are too many. */
function worldsOf(facts: readonly Fact[]): readonly World[] | undefined {
  const faces = new Map<string, Set<string>>();
  for (const { coin, values } of facts) {
    const known = faces.get(coin) ?? new Set(['']);
    for (const value of values ?? ['yes']) known.add(value);
    faces.set(coin, known);
  }
  let worlds: World[] = [new Map()];
  for (const [coin, values] of faces) {
    if (worlds.length * values.size > 4096) return undefined;
    worlds = worlds.flatMap((world) => [...values].map((value) => new Map(world).set(coin, value)));
  }
  return worlds;
}

const trueIn = (fact: Fact, world: World): boolean => (fact.values ?? ['yes']).includes(world.get(fact.coin) ?? '');

interface Defaults {
  readonly accept: boolean;
  readonly shieldsUp: boolean;
}

/** Bypass, block, allow, default. */
function decide(hits: readonly Act[], { accept, shieldsUp }: Defaults): boolean {
  if (hits.includes('bypass')) return true;
  if (shieldsUp) return false;
  if (hits.includes('block')) return false;
  return hits.includes('allow') || accept;
}

/** A rule whose action cannot be read may allow or block: one more fact. */
function settle(hits: readonly Hit[]): Hit[] {
  return hits.flatMap((hit, i) =>
    hit.act === 'any'
      ? [
          { act: 'allow' as const, facts: [...hit.facts, { coin: `action:${i}`, values: ['allow'] }] },
          { act: 'block' as const, facts: [...hit.facts, { coin: `action:${i}`, values: ['block'] }] },
        ]
      : hit.act === 'bypass'
        ? // The peer must have authenticated with IPsec: that nobody knows.
          [{ act: 'bypass' as const, facts: [...hit.facts, { coin: `ipsec:${i}` }] }]
        : [hit],
  );
}

function possible(hits: readonly Hit[], defaults: Defaults): Outcome {
  const settled = settle(hits);
  const facts = settled.flatMap((hit) => hit.facts);
  const worlds = worldsOf(facts);
  const outcomes = new Set<boolean>();
  if (worlds)
    for (const world of worlds)
      outcomes.add(
        decide(
          settled.filter((hit) => hit.facts.every((fact) => trueIn(fact, world))).map((hit) => hit.act),
          defaults,
        ),
      );
  else {
    const sure = settled.filter((hit) => hit.facts.length === 0).map((hit) => hit.act);
    const may = (wanted: readonly Act[]): Act[] =>
      settled.filter((hit) => hit.facts.length > 0 && wanted.includes(hit.act)).map((hit) => hit.act);
    outcomes.add(decide([...sure, ...may(['allow', 'bypass'])], defaults));
    outcomes.add(decide([...sure, ...may(['block'])], defaults));
  }
  return outcomes.size > 1 ? 'unknown' : outcomes.has(true) ? 'accept' : 'drop';
}

function inProfile(host: Host, packet: Packet, inbound: boolean, profile: ProfileName, stated: Stated): Outcome {
  const holder = host.profiles.find((each) => each.profiles.has(profile));
  const settings = holder?.profiles.get(profile);
  const policySeen = host.rules.some((each) => each.store !== 'local');
  const onlyPolicy = host.rules.every((each) => each.store === 'group-policy');
  // Group Policy may say anything about a host in the domain; elsewhere it is assumed to say nothing, unless it is seen.
  if (profile === 'domain' && !policySeen) return 'unknown';
  if (holder?.store === 'local' && profile === 'domain') return 'unknown';
  const overridden = host.rules.some((each) => each.rules.some(fromPolicy));
  if (holder !== undefined && holder.store !== 'active' && overridden) return 'unknown';
  if (settings?.enabled === false && (!onlyPolicy || holder?.store === 'active')) return 'accept';
  const localRules =
    settings?.localRules === false
      ? holder?.store === 'active'
        ? 'left out'
        : holder?.store === 'local'
          ? 'count'
          : 'unknown'
      : 'count';
  const hits: Hit[] = [];
  for (const { rule, facts } of rulesOf(host, localRules)) {
    // Cells of a row of another width stand under the wrong headings.
    if (rule.form === 'csv' && rule.problems.length > 0) {
      hits.push({ act: 'any', facts: [{ coin: `row:${rule.ordinal}` }] });
      continue;
    }
    const reader = new Reader(rule, packet, inbound, stated);
    const force = reader.inForce(profile);
    const reach = force === false ? false : reader.reach();
    if (force !== false && reach !== false) hits.push({ act: reader.action(), facts: [...facts, ...force, ...reach] });
  }
  const defaults: Defaults = inbound
    ? { accept: settings?.inbound === 'allow', shieldsUp: settings?.shieldsUp === true && settings.inbound !== 'allow' }
    : { accept: settings?.outbound !== 'block', shieldsUp: false };
  if (host.rules.some((each) => each.cutOff !== undefined)) return defaults.shieldsUp ? 'drop' : 'unknown';
  const outcome = possible(hits, defaults);
  // Local rules are not in the export: they matter unless the settings in force leave them out.
  if (onlyPolicy && !(holder?.store === 'active' && (settings?.localRules === false || defaults.shieldsUp))) {
    const sureBlock = possible(
      hits.filter((hit) => hit.act !== 'allow'),
      { accept: true, shieldsUp: false },
    );
    return sureBlock === 'drop' ? 'drop' : 'unknown';
  }
  return settings?.disabledInterfaces?.length && outcome !== 'accept' ? 'unknown' : outcome;
}

const SIDES = /^(in|out)(bound)?$/;

/** `profile`: the one in force on the interface that carries the packet; absent: nobody knows. */
export function windowsOutcome(
  host: Host,
  packet: Packet,
  direction: 'in' | 'out',
  profile: ProfileName | undefined,
  stated: Stated = {},
): Outcome {
  const sides = host.rules.flatMap((each) => each.rules.map((rule) => lower(rule.fields.direction)));
  const seen = sides.some((side) => side.startsWith(direction) || !SIDES.test(side));
  if (!seen) return 'unknown';
  const inbound = direction === 'in';
  const profiles: readonly ProfileName[] = profile ? [profile] : ['domain', 'private', 'public'];
  const outcomes = new Set(profiles.map((each) => inProfile(host, packet, inbound, each, stated)));
  const [only] = outcomes;
  return outcomes.size === 1 && only ? only : 'unknown';
}
