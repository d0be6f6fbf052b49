/** filter/rule, nat and aliases as records. */
import type { XmlElement } from '../../src/source/xml.js';
import { all, at, has, items, text, words } from './node.js';
import type {
  AliasRecord,
  EndpointRecord,
  FilterRuleRecord,
  NptRecord,
  OneToOneRecord,
  OutboundRecord,
  PortForwardRecord,
} from './records.js';

const LIMITS = [
  'max',
  'max-src-nodes',
  'max-src-conn',
  'max-src-states',
  'max-src-conn-rate',
  'max-src-conn-rates',
  'statetimeout',
  'source-track',
];

/** Child elements of a rule that are read, or that never change a verdict. */
const KNOWN = new Set([
  ...LIMITS,
  ...'id tracker type interface floating direction quick ipprotocol protocol icmptype source destination disabled log sched'.split(
    ' ',
  ),
  ...'gateway statetype tcpflags1 tcpflags2 tcpflags_any os tag tagged nottagged dscp vlanprio nat descr created updated'.split(
    ' ',
  ),
  ...'nosync nopfsync noxmlrpcsync separator statepolicy vlanprioset defaultqueue ackqueue dnpipe pdnpipe allowopts'.split(' '),
  ...'associated-rule-id associated-nat-rule-id disablereplyto reply-to max-packets frequency action key username time'.split(
    ' ',
  ),
]);

/** Undefined when the element is missing or empty: the generator then drops the rule. */
export function endpoint(element: XmlElement | undefined): EndpointRecord | undefined {
  if (!element || element.children.length === 0) return undefined;
  const network = text(element, 'network');
  const address = text(element, 'address');
  const port = text(element, 'port');
  return {
    any: has(element, 'any'),
    ...(network !== undefined ? { network } : {}),
    ...(address !== undefined ? { address } : {}),
    not: has(element, 'not'),
    ...(port !== undefined ? { port } : {}),
  };
}

/** The named texts that are filled, as an object to spread. */
function texts<K extends string>(element: XmlElement, names: readonly K[]): { readonly [P in K]?: string } {
  const out: { [P in K]?: string } = {};
  for (const name of names) {
    const value = text(element, name);
    if (value !== undefined) out[name] = value;
  }
  return out;
}

function endpoints(element: XmlElement): { source?: EndpointRecord; destination?: EndpointRecord } {
  const source = endpoint(at(element, 'source'));
  const destination = endpoint(at(element, 'destination'));
  return { ...(source ? { source } : {}), ...(destination ? { destination } : {}) };
}

function repeatedNames(element: XmlElement): readonly string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const child of element.children) {
    const name = child.name.toLowerCase();
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  return [...repeated];
}

function filterRule(element: XmlElement, index: number): FilterRuleRecord {
  const filled = (child: XmlElement) => child.children.length > 0 || child.text.trim() !== '';
  return {
    index,
    span: element.span,
    ...texts(element, ['tracker', 'descr', 'type', 'interface', 'direction', 'ipprotocol', 'protocol', 'icmptype']),
    ...texts(element, ['sched', 'gateway', 'statetype', 'tcpflags1', 'tcpflags2', 'os', 'tag', 'tagged', 'dscp', 'vlanprio']),
    ...endpoints(element),
    floating: has(element, 'floating'),
    floatingYes: text(element, 'floating') === 'yes',
    quick: has(element, 'quick'),
    disabled: has(element, 'disabled'),
    log: has(element, 'log'),
    tcpflagsAny: has(element, 'tcpflags_any'),
    nottagged: has(element, 'nottagged'),
    nat64: text(element, 'nat') !== undefined,
    limits: LIMITS.filter((name) => text(element, name) !== undefined),
    unread: element.children.filter((child) => filled(child) && !KNOWN.has(child.name.toLowerCase())).map((child) => child.name),
    repeated: repeatedNames(element),
  };
}

/** Rules in file order; entries that hold a GUI separator are no rules. */
export const filterRules = (filter: XmlElement | undefined): readonly FilterRuleRecord[] =>
  items(filter, 'rule')
    .filter((element) => !has(element, 'separator'))
    .map(filterRule);

export const aliases = (section: XmlElement | undefined): readonly AliasRecord[] =>
  items(section, 'alias').map((element) => {
    const url = text(element, 'url');
    return {
      name: text(element, 'name') ?? '',
      type: (text(element, 'type') ?? '').toLowerCase(),
      members: words(text(element, 'address')),
      ...(url !== undefined ? { url } : {}),
      urls: all(element, 'aliasurl').flatMap((child) => words(child.text)),
      span: element.span,
    };
  });

/** 1.2 states the external address and port beside the rule; upgrade_061_to_062 moves them as is done here. */
function oldDestination(element: XmlElement): EndpointRecord {
  const address = text(element, 'external-address');
  const port = text(element, 'external-port');
  const own = address === undefined ? { network: `${text(element, 'interface') ?? 'wan'}ip` } : { address };
  return { any: address === 'any', not: false, ...own, ...(port !== undefined ? { port } : {}) };
}

export const portForwards = (nat: XmlElement | undefined): readonly PortForwardRecord[] =>
  items(nat, 'rule')
    .filter((element) => !has(element, 'separator'))
    .map((element, index) => {
      const rest = texts(element, ['ipprotocol', 'protocol', 'target', 'descr']);
      const localPort = text(element, 'local-port');
      const reflection = text(element, 'natreflection');
      const associated = text(element, 'associated-rule-id');
      const ends = endpoints(element);
      const any: EndpointRecord = { any: true, not: false };
      const old = has(element, 'external-address') || has(element, 'external-port');
      const former = old && !ends.destination ? { source: ends.source ?? any, destination: oldDestination(element) } : {};
      return {
        index,
        span: element.span,
        disabled: has(element, 'disabled'),
        nordr: has(element, 'nordr'),
        interface: text(element, 'interface') ?? 'wan',
        ...rest,
        ...ends,
        ...former,
        ...(localPort !== undefined ? { localPort } : {}),
        ...(reflection !== undefined ? { reflection } : {}),
        ...(associated !== undefined ? { associated } : {}),
      };
    });

export const oneToOne = (nat: XmlElement | undefined): readonly OneToOneRecord[] =>
  items(nat, 'onetoone').map((element, index) => {
    const bits = text(element, 'subnet');
    const reflection = text(element, 'natreflection');
    return {
      index,
      span: element.span,
      disabled: has(element, 'disabled'),
      nobinat: has(element, 'nobinat'),
      interface: text(element, 'interface') ?? 'wan',
      ...texts(element, ['external', 'internal', 'descr']),
      ...(bits !== undefined ? { bits } : {}),
      ...(reflection !== undefined ? { reflection } : {}),
      ...endpoints(element),
    };
  });

export const prefixTranslations = (nat: XmlElement | undefined): readonly NptRecord[] =>
  items(nat, 'npt').map((element, index) => ({
    index,
    span: element.span,
    disabled: has(element, 'disabled'),
    interface: text(element, 'interface') ?? 'wan',
    ...endpoints(element),
  }));

/** An address with the length of its pool; "other-subnet" names address and length in elements of their own. */
function outboundTarget(element: XmlElement): string | undefined {
  const target = text(element, 'target');
  const other = target === 'other-subnet';
  const address = other ? text(element, 'targetip') : target;
  const bits = text(element, other ? 'targetip_subnet' : 'target_subnet');
  return address !== undefined && bits !== undefined && /^[0-9a-fA-F.:]+$/.test(address)
    ? `${address}/${bits}`
    : (address ?? target);
}

/** Mode and rules; 1.2 has `advancedoutbound` with a switch in place of a mode. */
export function outbound(nat: XmlElement | undefined): { mode: string; rules: readonly OutboundRecord[] } {
  const old = at(nat, 'advancedoutbound');
  const section = at(nat, 'outbound') ?? old;
  const mode = text(nat, 'outbound', 'mode') ?? (old && has(old, 'enable') ? 'advanced' : 'automatic');
  const rules = items(section, 'rule').map((element, index) => {
    const source = text(element, 'source', 'network');
    const target = outboundTarget(element);
    return {
      index,
      disabled: has(element, 'disabled'),
      nonat: has(element, 'nonat'),
      interface: text(element, 'interface') ?? 'wan',
      ...texts(element, ['ipprotocol', 'descr']),
      ...(target !== undefined ? { target } : {}),
      ...(source !== undefined ? { source } : {}),
      sourceNot: has(element, 'source', 'not'),
      span: element.span,
    };
  });
  return { mode: mode.toLowerCase(), rules };
}
