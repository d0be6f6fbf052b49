/** Small firewalls written by hand. */
import type { Condition } from '../../src/model/condition.js';
import type { Action, Firewall, Route, Rule, RuleList } from '../../src/model/firewall.js';
import { exactly, type MatchBox } from '../../src/model/match.js';
import { type AddressSet, NO_ADDRESS, unionAllAddresses } from '../../src/sets/address.js';
import { EMPTY, type Intervals, only, range } from '../../src/sets/intervals.js';
import { parseAddressSet } from '../../src/sets/ip.js';

export function addresses(...texts: readonly string[]): AddressSet {
  return unionAllAddresses(
    texts.map((text) => {
      const set = parseAddressSet(text);
      if (!set) throw new Error(`not an address: ${text}`);
      return set;
    }),
  );
}

export interface Wanted {
  readonly from?: string;
  readonly to?: string;
  readonly tcp?: number | readonly [number, number];
  readonly udp?: number;
  readonly in?: number;
  readonly out?: number;
}

export function box(wanted: Wanted): MatchBox {
  const { tcp, udp } = wanted;
  return {
    ...(wanted.from === undefined ? {} : { source: addresses(wanted.from) }),
    ...(wanted.to === undefined ? {} : { destination: addresses(wanted.to) }),
    ...(tcp === undefined ? {} : { protocols: only(6), ports: typeof tcp === 'number' ? only(tcp) : range(tcp[0], tcp[1]) }),
    ...(udp === undefined ? {} : { protocols: only(17), ports: only(udp) }),
    ...(wanted.in === undefined ? {} : { in: only(wanted.in) }),
    ...(wanted.out === undefined ? {} : { out: only(wanted.out) }),
  };
}

let lines = 0;

export function rule(id: string, action: Action['kind'] | Action, wanted: Wanted = {}, more: Partial<Rule> = {}): Rule {
  lines++;
  return {
    id,
    name: `rule ${id}`,
    span: { file: 'rules.txt', start: 0, end: 1, line: lines },
    origin: 'user',
    enabled: true,
    action: typeof action === 'string' ? ({ kind: action } as Action) : action,
    match: exactly(box(wanted)),
    conditions: [],
    ...more,
  };
}

export const list = (id: string, end: RuleList['end']['action'], ...rules: readonly Rule[]): RuleList => ({
  id,
  title: id,
  rules,
  end: { action: end, name: `policy of ${id}` },
});

export const gate = (coin: string, more: Partial<Condition> = {}): Condition => ({
  kind: 'construct',
  name: coin,
  coin,
  effect: 'gate',
  settledBy: 'look',
  ...more,
});

export const program = (...values: readonly string[]): Condition =>
  gate('program@responder', { kind: 'program', name: values.join(), values, fact: 'program' });

export const route = (destination: string, link: number | undefined, more: Partial<Route> = {}): Route => ({
  destination: addresses(destination),
  prefixLength: Number(destination.split('/')[1]),
  links: link === undefined ? EMPTY : only(link),
  from: destination.endsWith('/0') ? 'default-route' : 'interface',
  ...more,
});

const LINKS: Intervals = [0, 3];

/** Forwards between `left`, `right` and `up` by the list `forward`. */
export function router(lists: readonly RuleList[], more: Partial<Firewall> = {}): Firewall {
  return {
    name: 'gate',
    vendor: 'none',
    kind: 'network',
    files: ['rules.txt'],
    links: { kind: 'interface', names: ['left', 'right', 'up'] },
    lists: new Map(lists.map((one) => [one.id, one])),
    entries: { forward: { stages: { 4: ['forward'], 6: ['forward'] }, in: LINKS, out: LINKS } },
    ownAddresses: NO_ADDRESS,
    ownAddressesComplete: true,
    repliesByRules: false,
    notExported: [],
    diagnostics: [],
    ...more,
  };
}

/** 10.1.0.0/16 and fd00:1::/64 left, 10.2.0.0/16 and fd00:2::/64 right, all other IPv4 up. */
export const ROUTES: readonly Route[] = [
  route('10.1.0.0/16', 0),
  route('10.2.0.0/16', 1),
  route('0.0.0.0/0', 2),
  route('fd00:1::/64', 0),
  route('fd00:2::/64', 1),
];

export const routed = (...rules: readonly Rule[]): Firewall => router([list('forward', 'drop', ...rules)], { routes: ROUTES });

/** A host at 10.1.0.5 with one list a direction and no links that rules test. */
export function host(incoming: RuleList, outgoing: RuleList, more: Partial<Firewall> = {}): Firewall {
  return router([incoming, outgoing], {
    name: 'server',
    kind: 'host',
    links: { kind: 'profile', names: ['domain', 'private', 'public'] },
    entries: {
      in: { stages: { 4: [incoming.id], 6: [incoming.id] }, in: EMPTY, out: EMPTY },
      out: { stages: { 4: [outgoing.id], 6: [outgoing.id] }, in: EMPTY, out: EMPTY },
    },
    ownAddresses: addresses('10.1.0.5', 'fd00::5'),
    ...more,
  });
}
