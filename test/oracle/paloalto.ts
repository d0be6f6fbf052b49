/**
 * An interpreter of PAN-OS policy for one concrete packet: it walks the configuration's own records, rule by rule, in
 * every world that what is not exported allows. Nothing here comes from the conversion that it judges.
 */
import type { PanConfig, Rulebase, RuleRecord, SecurityRuleRecord, VsysRecord } from '../../parsers/paloalto/index.js';
import { type Application, inApplication, leaves, OTHER, onDefaultPort, possible } from './paloalto-applications.js';
import { type Address, inMember, inPortList, inService, inWildcard, type Ports, type Scopes } from './paloalto-objects.js';
import { all, explore, some, type World } from './paloalto-world.js';
import { type Place, Zones } from './paloalto-zones.js';

export interface PanPacket extends Ports {
  readonly source: Address;
  readonly destination: Address;
  /** Zones, where the asker states them. */
  readonly from?: string;
  readonly to?: string;
  /** The App-ID the flow ends up as, where it is declared. */
  readonly application?: string;
}

/** `none`: the packet does not cross this virtual system. */
export type Outcome = 'accept' | 'drop' | 'unknown' | 'none';

export interface Answer {
  readonly outcome: Outcome;
  /** What was open on the way. */
  readonly open: ReadonlySet<string>;
}

type End = 'accept' | 'drop' | 'none';

interface Scoped<T> {
  readonly rule: T;
  readonly scopes: Scopes;
}

const BLOCKS: readonly string[] = ['deny', 'drop', 'reset-client', 'reset-server', 'reset-both'];
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['intrazone-default', 'allow'],
  ['interzone-default', 'deny'],
]);

/** The rules of one policy as the device runs them: pushed before, local, pushed after. */
export function inOrder<T>(config: PanConfig, vsys: VsysRecord, pick: (base: Rulebase) => readonly T[]): readonly Scoped<T>[] {
  const pushed = vsys.pushed ? [vsys.pushed.objects, config.shared] : [];
  const local = [vsys.objects, ...(vsys.pushed ? [vsys.pushed.objects] : []), config.shared];
  const scoped = (base: Rulebase | undefined, scopes: Scopes): readonly Scoped<T>[] =>
    base ? pick(base).map((rule) => ({ rule, scopes })) : [];
  return [...scoped(vsys.pushed?.pre, pushed), ...scoped(vsys.rulebase, local), ...scoped(vsys.pushed?.post, pushed)];
}

const usesWildcard = (address: Address, members: RuleRecord['source'], scopes: Scopes): boolean =>
  (members ?? []).some((name) => {
    const object = scopes.map((scope) => scope.addresses.get(name)).find((one) => one !== undefined);
    return object?.kind === 'ip-wildcard' && inWildcard(address, object.value) === true;
  });

class Walk {
  readonly #config: PanConfig;
  readonly #vsys: VsysRecord;
  readonly #packet: PanPacket;
  readonly #world: World;
  readonly #from: string;
  readonly #to: string;
  #label: Application | undefined;

  constructor(config: PanConfig, vsys: VsysRecord, packet: PanPacket, world: World, from: string, to: string) {
    this.#config = config;
    this.#vsys = vsys;
    this.#packet = packet;
    this.#world = world;
    this.#from = from;
    this.#to = to;
  }

  run(): End {
    const { managed, pushedExported, ipv6Firewalling } = this.#config;
    if (managed && !pushedExported) return this.#either('pushed rules');
    if (!ipv6Firewalling && this.#packet.source.family === 6) return this.#either('ipv6 firewalling is off');
    if (
      this.#rules((base) => base.dos).some(
        ({ rule, scopes }) => rule.action === 'deny' && this.#matches({ ...rule, application: ['any'] }, scopes),
      )
    )
      return this.#either('denial of service policy');
    if (this.#translated() || this.#forwarded()) return this.#either('translation or policy-based forwarding');
    this.#label = this.#overriding();
    return this.#security();
  }

  #either(key: string): End {
    return this.#world.choose(key, ['accept', 'drop'] as const);
  }

  #rules<T extends RuleRecord>(pick: (base: Rulebase) => readonly T[]): readonly Scoped<T>[] {
    return inOrder(this.#config, this.#vsys, pick).filter(({ rule }) => !rule.disabled);
  }

  /** True when the destination is rewritten. The first rule that matches decides, also one that exempts. */
  #translated(): boolean {
    const rules = this.#rules((base) => base.nat);
    for (const { rule, scopes } of rules) {
      const here = all(
        () => this.#matches({ ...rule, service: rule.service ?? ['any'], application: ['any'] }, scopes),
        () => rule.toInterface === undefined || this.#world.fact(`leaves by ${rule.toInterface}`),
      );
      if (here) return rule.translatesDestination || rule.natType !== 'ipv4';
    }
    // The reverse of a static source translation follows after the rules.
    return rules.some(
      ({ rule, scopes }) =>
        rule.bidirectional !== undefined && inMember(this.#world, this.#packet.destination, rule.bidirectional, scopes),
    );
  }

  #forwarded(): boolean {
    for (const { rule, scopes } of this.#rules((base) => base.pbf)) {
      const here = all(
        () => rule.fromInterfaces.length === 0 || this.#world.fact(`comes by ${rule.fromInterfaces.join()}`),
        () => this.#matches({ ...rule, from: rule.fromInterfaces.length ? ['any'] : rule.from }, scopes),
      );
      if (here) return rule.action !== 'no-pbf';
    }
    return false;
  }

  #overriding(): Application | undefined {
    for (const { rule, scopes } of this.#rules((base) => base.override)) {
      const protocol = rule.protocol === 'tcp' ? 6 : rule.protocol === 'udp' ? 17 : undefined;
      const key = `override ${rule.name} ${this.#packet.port}`;
      const here = all(
        () => (protocol === undefined ? this.#world.fact(key) : this.#packet.protocol === protocol),
        () => inPortList(this.#packet.port, rule.port) ?? this.#world.fact(key),
        () => this.#matches({ ...rule, service: ['any'], application: ['any'] }, scopes),
      );
      if (here) return { name: rule.label, overridden: true };
    }
    return undefined;
  }

  #security(): End {
    const rules = this.#rules((base) => base.security);
    for (const [at, { rule, scopes }] of rules.entries()) {
      if (!this.#matchesSecurity(rule, scopes)) continue;
      const rivals = (): boolean =>
        rules.slice(at + 1).some((later) => this.#wild(later) && this.#matchesSecurity(later.rule, later.scopes));
      if (!this.#config.wildcardTopDown && this.#wild({ rule, scopes }) && rivals() && !this.#world.fact('wildcard order'))
        continue;
      return this.#act(rule.action, rule.name);
    }
    return this.#byDefault(this.#from === this.#to ? 'intrazone-default' : 'interzone-default');
  }

  #wild({ rule, scopes }: Scoped<SecurityRuleRecord>): boolean {
    return (
      usesWildcard(this.#packet.source, rule.source, scopes) || usesWildcard(this.#packet.destination, rule.destination, scopes)
    );
  }

  #byDefault(name: string): End {
    const { pushed, rulebase } = this.#vsys;
    const written = [rulebase, ...(pushed ? [pushed.post, pushed.pre] : [])]
      .flatMap((base) => base.defaults.filter((rule) => rule.name === name))
      .find((rule) => rule.action !== undefined);
    return this.#act(written?.action ?? DEFAULTS.get(name), name);
  }

  #act(action: string | undefined, name: string): End {
    if (action === 'allow') return 'accept';
    return action !== undefined && BLOCKS.includes(action) ? 'drop' : this.#either(`action of ${name}`);
  }

  #matchesSecurity(rule: SecurityRuleRecord, scopes: Scopes): boolean {
    const any = (what: string, names: readonly string[]) => (): boolean =>
      names.length === 0 || some(names, (name) => this.#world.fact(`${what} ${name}`));
    return all(
      () => this.#type(rule),
      () => this.#matches(rule.ruleType === 'intrazone' ? { ...rule, to: ['any'] } : rule, scopes),
      any('category', rule.categories),
      any('hip', rule.hip),
    );
  }

  #type(rule: SecurityRuleRecord): boolean {
    if (rule.ruleType === 'universal') return true;
    if (rule.ruleType === 'intrazone') return this.#from === this.#to;
    return rule.ruleType === 'interzone' ? this.#from !== this.#to : this.#world.fact(`type of ${rule.name}`);
  }

  #matches(rule: RuleRecord, scopes: Scopes): boolean {
    const { source, destination } = this.#packet;
    return all(
      () => this.#zone(rule, 'from', this.#from),
      () => this.#zone(rule, 'to', this.#to),
      () => this.#address(rule, 'source', source, rule.negateSource, scopes),
      () => this.#address(rule, 'destination', destination, rule.negateDestination, scopes),
      () => this.#traffic(rule, scopes),
      () => rule.users.length === 0 || some(rule.users, (user) => this.#world.fact(`user ${user}`)),
      () => rule.schedule === undefined || this.#world.fact(`schedule ${rule.schedule}`),
      ...rule.unknown.map((child) => () => this.#world.fact(`${child.name} of ${rule.name} at ${child.span.start}`)),
    );
  }

  #zone(rule: RuleRecord, side: 'from' | 'to', zone: string): boolean {
    const names = rule[side];
    if (!names) return this.#world.fact(`missing ${side} of ${rule.name}`);
    const defined = (name: string): boolean =>
      this.#vsys.zones.length === 0 || this.#vsys.zones.some((one) => one.name === name) || name === 'multicast';
    return some(
      names,
      (name) => name === 'any' || name === zone || (!defined(name) && this.#world.fact(`zone ${name} is ${zone}`)),
    );
  }

  #address(rule: RuleRecord, side: 'source' | 'destination', address: Address, negated: boolean, scopes: Scopes): boolean {
    const names = rule[side];
    if (!names) return this.#world.fact(`missing ${side} of ${rule.name}`);
    return some(names, (name) => inMember(this.#world, address, name, scopes)) !== negated;
  }

  /** Applications and services together: default ports are those of the application that the packet has. */
  #traffic(rule: RuleRecord, scopes: Scopes): boolean {
    return all(
      () => {
        if (!rule.application) return this.#missing(rule, 'application');
        if (rule.application.includes('any')) return true;
        const application = this.#application();
        return (
          (this.#label !== undefined || possible(this.#packet, application.name, scopes)) &&
          some(rule.application, (member) => inApplication(this.#world, application, member, scopes))
        );
      },
      () => {
        if (!rule.service) return this.#missing(rule, 'service');
        return some(rule.service, (member) =>
          member === 'application-default'
            ? onDefaultPort(this.#world, this.#packet, this.#application(), scopes)
            : inService(this.#world, this.#packet, member, scopes),
        );
      },
    );
  }

  #missing(rule: RuleRecord, what: string): boolean {
    return this.#world.fact(`missing ${what} of ${rule.name}`);
  }

  #application(): Application {
    if (this.#label) return this.#label;
    if (this.#packet.application !== undefined) return { name: this.#packet.application, overridden: false };
    const named = this.#rules((base) => base.security).flatMap(({ rule, scopes }) =>
      (rule.application ?? []).flatMap((member) => leaves(member, scopes)).filter((name) => possible(this.#packet, name, scopes)),
    );
    return { name: this.#world.choose('application', [...new Set([...named, OTHER])]), overridden: false };
  }
}

/** What the device does with the packet: the same in every world, or `unknown`. */
export function interpret(config: PanConfig, vsys: VsysRecord, packet: PanPacket): Answer {
  const zones = new Zones(config, vsys);
  const stated = (zone: string | undefined): readonly Place[] | undefined =>
    zone === undefined ? undefined : [{ kind: 'zone', zone }];
  const found = zones.source(packet.source);
  const sources = stated(packet.from) ?? found;
  // Where routing agrees with the stated zone, it also tells the interface, and with it the router.
  const agreeing = found.every((place) => place.kind === 'zone' && (packet.from === undefined || place.zone === packet.from));
  const destinations = stated(packet.to) ?? zones.destination(packet.destination, agreeing ? found : sources);
  const [from, to] = [sources[0], destinations[0]];
  const sameInterface =
    sources.length === 1 &&
    destinations.length === 1 &&
    from?.kind === 'zone' &&
    to?.kind === 'zone' &&
    from.interface !== undefined &&
    from.interface === to.interface;
  if (sameInterface || sources.length === 0) return { outcome: 'none', open: new Set() };
  // Which way a packet takes is in doubt where default routes alone speak of both ends.
  const count = (places: readonly Place[]): number =>
    new Set(places.map((place) => ('zone' in place ? place.zone : place.kind))).size;
  const doubtful =
    packet.from === undefined &&
    packet.to === undefined &&
    zones.onlyByDefault(packet.source) &&
    zones.onlyByDefault(packet.destination) &&
    count(sources) + count(destinations) > 2;
  const explored = explore<End>(
    (world): End => {
      const source = world.choose('from', sources);
      const destination = world.choose('to', destinations);
      if (source.kind === 'elsewhere') return 'none';
      if (source.kind !== 'zone' || destination.kind !== 'zone') return 'drop';
      const end = new Walk(config, vsys, packet, world, source.zone, destination.zone).run();
      return end === 'accept' && doubtful ? world.choose('path', ['accept', 'drop'] as const) : end;
    },
    sources.some((place) => place.kind === 'elsewhere') ? 2 : 1,
  );
  // Worlds in which the packet does not come here say nothing.
  const ends = [...explored.outcomes].filter((end) => end !== 'none' || explored.outcomes.size === 1);
  const [only] = ends;
  const outcome: Outcome = explored.complete && ends.length === 1 && only ? only : 'unknown';
  return { outcome, open: explored.asked };
}
