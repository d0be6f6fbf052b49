/** Records to the common rule model. Tollgate decides by the first rule that matches, and knows IPv4 only. */
import type { Condition } from '../../../src/model/condition.js';
import type { Firewall, Route, Rule, RuleList } from '../../../src/model/firewall.js';
import { atMost, exactly, type Match, PROTOCOL } from '../../../src/model/match.js';
import { type AddressSet, ANY_V4, NO_ADDRESS } from '../../../src/sets/address.js';
import { only, range } from '../../../src/sets/intervals.js';
import { parseAddressSet } from '../../../src/sets/ip.js';
import type { Diagnostic } from '../../../src/source/diagnostic.js';
import type { RuleRecord, TollgateRecord, UnreadRecord } from './records.js';

const addressOf = (text: string): AddressSet | undefined => (text === 'any' ? ANY_V4 : parseAddressSet(text));

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['tcp', PROTOCOL.tcp],
  ['udp', PROTOCOL.udp],
]);

/** Undefined: some word of the rule is not understood. */
function matchOf({ protocol, source, destination, port }: RuleRecord): Match | undefined {
  const from = addressOf(source);
  const to = addressOf(destination);
  const number = PROTOCOLS.get(protocol);
  const ends = from && to ? { source: from, destination: to } : undefined;
  if (!ends || Number(port) > 65535) return undefined;
  if (number === undefined) return port === '*' ? exactly(ends) : undefined;
  return exactly({ ...ends, protocols: only(number), ...(port === '*' ? {} : { ports: only(Number(port)) }) });
}

/** The export names the time table and does not hold it: the rule matches while the condition is true. */
const schedule = (name: string): Condition => ({
  kind: 'schedule',
  name,
  coin: `schedule:${name}`,
  effect: 'gate',
  settledBy: `Judge the flow at a time: the rule holds only during ${name}.`,
});

/** A line that is not understood may be any rule at this place: packets are permitted, denied or go on. */
function unread(record: UnreadRecord | RuleRecord, text: string): Rule {
  const condition: Condition = {
    kind: 'construct',
    name: text,
    coin: `construct:${record.span.file}:${record.span.line}`,
    effect: 'gate',
    settledBy: 'Read this line of the export; flowgap does not understand it.',
  };
  return {
    id: `line ${record.span.line}`,
    name: text,
    span: record.span,
    origin: 'user',
    enabled: true,
    action: { kind: 'unknown' },
    match: atMost({}),
    conditions: [condition],
  };
}

function ruleOf(record: RuleRecord): Rule {
  const match = matchOf(record);
  const text = `${record.action} ${record.protocol} ${record.source} ${record.destination} ${record.port}`;
  if (!match) return unread(record, text);
  return {
    id: `line ${record.span.line}`,
    name: text,
    span: record.span,
    origin: 'user',
    enabled: true,
    action: { kind: record.action === 'permit' ? 'accept' : 'drop' },
    match,
    conditions: record.during === undefined ? [] : [schedule(record.during)],
  };
}

/** Sides are the links; each network of a side is a route to it. */
function sidesOf(records: readonly TollgateRecord[]): { names: readonly string[]; routes: readonly Route[] } {
  const sides = records.filter((record) => record.kind === 'side');
  const names = [...new Set(sides.map((side) => side.name))];
  const routes = sides.flatMap((side): Route[] => {
    const destination = parseAddressSet(side.network);
    const prefixLength = Number(side.network.split('/')[1] ?? 32);
    if (!destination) return [];
    const from = prefixLength === 0 ? 'default-route' : 'interface';
    return [{ destination, prefixLength, links: only(names.indexOf(side.name)), from, span: side.span }];
  });
  return { names, routes };
}

/** Pure; never throws on records that extract made. */
export function convert(name: string, file: string, records: readonly TollgateRecord[]): Firewall {
  const { names, routes } = sidesOf(records);
  const rules = records.flatMap((record): Rule[] =>
    record.kind === 'rule' ? [ruleOf(record)] : record.kind === 'unread' ? [unread(record, record.text)] : [],
  );
  const fallback = records.find((record) => record.kind === 'default');
  // The device denies what no rule permits; an export that says nothing else leaves it at that (its manual, page 3).
  const action = fallback?.action === 'permit' ? 'accept' : 'drop';
  const end = { action, name: `default ${fallback?.action ?? 'deny'}`, ...(fallback ? { span: fallback.span } : {}) } as const;
  const policy: RuleList = { id: 'policy', title: 'policy', rules, end };
  const links = range(0, names.length - 1);
  const diagnostics = rules
    .filter((rule) => rule.action.kind === 'unknown')
    .map((rule): Diagnostic => {
      const message = `"${rule.name}" is not understood; it may be any rule`;
      return { severity: 'warning', code: 'tollgate-unread-line', message, file, line: rule.span?.line ?? 1 };
    });
  return {
    name,
    vendor: 'tollgate',
    kind: 'network',
    files: [file],
    links: { kind: 'interface', names },
    lists: new Map([[policy.id, policy]]),
    // No entry for IPv6: flows of that family are unknown, never permitted or blocked.
    entries: { forward: { stages: { 4: [policy.id] }, in: links, out: links } },
    routes,
    ownAddresses: NO_ADDRESS,
    ownAddressesComplete: true,
    repliesByRules: false,
    notExported: [],
    diagnostics,
  };
}
