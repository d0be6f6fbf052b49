/** Policy rules of one rulebase, in document order. */
import type { Diagnostic } from '../../src/source/diagnostic.js';
import type { XmlElement } from '../../src/source/xml.js';
import type {
  DefaultRuleRecord,
  DosRuleRecord,
  NatRuleRecord,
  OverrideRuleRecord,
  PbfRuleRecord,
  Rulebase,
  RuleRecord,
  SecurityRuleRecord,
  UnknownChild,
} from './records.js';
import { entries, members, nameOf, select, textAt } from './tree.js';

const COMMON = [
  'from',
  'to',
  'source',
  'destination',
  'negate-source',
  'negate-destination',
  'service',
  'application',
  'disabled',
  'description',
  'source-user',
  'schedule',
  'tag',
  'group-tag',
  'log-start',
  'log-end',
  'log-setting',
];
/** Children that do not change what a security rule matches. */
const SECURITY = [
  ...COMMON,
  'action',
  'rule-type',
  'category',
  'hip-profiles',
  'source-hip',
  'destination-hip',
  'icmp-unreachable',
  'option',
  'profile-setting',
  'qos',
];
const NAT = [
  ...COMMON,
  'to-interface',
  'nat-type',
  'source-translation',
  'destination-translation',
  'dynamic-destination-translation',
];
const PBF = [...COMMON, 'action', 'enforce-symmetric-return'];
const OVERRIDE = [...COMMON, 'protocol', 'port'];
const DOS = [...COMMON, 'action', 'protection'];

/** Member lists that say nothing: absent, or only `any`. */
const restricted = (found: readonly string[] | undefined): readonly string[] => (found && !found.includes('any') ? found : []);

function unknownChild(element: XmlElement): UnknownChild | undefined {
  const found = members([element]);
  // `target` decides which devices Panorama pushes a rule to; without devices it is for all.
  if (element.name === 'target' && entries([element], 'devices').length === 0 && !members([element], 'tags')) return undefined;
  if (found ? restricted(found).length === 0 : element.children.length === 0 && /^(|any|no|both)$/.test(element.text.trim()))
    return undefined;
  return { name: element.name, members: found ?? [], span: element.span };
}

/** `yes` and `no` are the only values; anything else is reported as an unknown child. */
function flagProblems(element: XmlElement, names: readonly string[]): readonly UnknownChild[] {
  return element.children
    .filter((c) => names.includes(c.name) && !/^(yes|no|)$/.test(c.text.trim()))
    .map((c) => ({ name: c.name, members: [c.text.trim()], span: c.span }));
}

function common(element: XmlElement, known: readonly string[]): RuleRecord {
  const e = [element];
  const schedule = textAt(e, 'schedule');
  const description = textAt(e, 'description');
  const unknown = element.children.flatMap((c) => (known.includes(c.name) ? [] : (unknownChild(c) ?? [])));
  return {
    name: nameOf(element),
    span: element.span,
    from: members(e, 'from'),
    to: members(e, 'to'),
    source: members(e, 'source'),
    destination: members(e, 'destination'),
    negateSource: textAt(e, 'negate-source') === 'yes',
    negateDestination: textAt(e, 'negate-destination') === 'yes',
    service: members(e, 'service'),
    application: members(e, 'application'),
    disabled: textAt(e, 'disabled') === 'yes',
    ...(description ? { description } : {}),
    users: restricted(members(e, 'source-user')),
    ...(schedule && schedule !== 'none' ? { schedule } : {}),
    unknown: [...unknown, ...flagProblems(element, ['negate-source', 'negate-destination', 'disabled'])],
  };
}

const logged = (element: XmlElement): boolean =>
  textAt([element], 'log-end') !== 'no' || textAt([element], 'log-start') === 'yes';

function security(element: XmlElement): SecurityRuleRecord {
  const e = [element];
  const action = textAt(e, 'action');
  return {
    ...common(element, SECURITY),
    hip: ['hip-profiles', 'source-hip', 'destination-hip'].flatMap((name) => restricted(members(e, name))),
    categories: restricted(members(e, 'category')),
    ...(action ? { action } : {}),
    ruleType: textAt(e, 'rule-type') || 'universal',
    logged: logged(element),
    profiles: select(e, 'profile-setting').some((p) => p.children.length > 0),
  };
}

/** The translated source: pools, single addresses or interfaces, with what stands in when a pool is used up. */
function sourceTranslation(element: XmlElement): NatRuleRecord['translatesSource'] {
  const kinds = select([element], 'source-translation').flatMap((t) => t.children);
  if (kinds.every((kind) => kind.name === 'none')) return undefined;
  const places = [...kinds, ...select(kinds, 'fallback')];
  const addresses = select(places, 'translated-address').flatMap((e) => members([e]) ?? [e.text.trim()]);
  const interfaceAddresses = select(places, 'interface-address').map((e) => {
    const address = textAt([e], 'ip') ?? textAt([e], 'floating-ip');
    return { interface: textAt([e], 'interface') ?? '', ...(address ? { address } : {}) };
  });
  return { addresses: addresses.filter((text) => text !== ''), interfaceAddresses };
}

function nat(element: XmlElement): NatRuleRecord {
  const e = [element];
  const toInterface = textAt(e, 'to-interface');
  const fixed = select(e, 'source-translation', 'static-ip');
  const oneWay = textAt(fixed, 'bi-directional') !== 'yes';
  const targets = [...select(e, 'destination-translation'), ...select(e, 'dynamic-destination-translation')];
  const newDestination = textAt(targets, 'translated-address');
  const translatesSource = sourceTranslation(element);
  // A service is one text here, a list elsewhere.
  const service = members(e, 'service') ?? (textAt(e, 'service') ? [textAt(e, 'service') ?? ''] : undefined);
  return {
    ...common(element, NAT),
    service,
    ...(toInterface && toInterface !== 'any' ? { toInterface } : {}),
    natType: textAt(e, 'nat-type') || 'ipv4',
    translatesDestination: targets.length > 0,
    ...(newDestination ? { newDestination } : {}),
    portOnly: !newDestination && !!textAt(select(e, 'destination-translation'), 'translated-port'),
    ...(translatesSource ? { translatesSource } : {}),
    ...(fixed.length && !oneWay ? { bidirectional: textAt(fixed, 'translated-address') ?? '' } : {}),
  };
}

function pbf(element: XmlElement): PbfRuleRecord {
  const e = [element];
  return {
    ...common(element, PBF),
    from: members(e, 'from', 'zone'),
    to: ['any'],
    fromInterfaces: members(e, 'from', 'interface') ?? [],
    action: select(e, 'action').flatMap((a) => a.children)[0]?.name ?? textAt(e, 'action') ?? '',
  };
}

function override(element: XmlElement): OverrideRuleRecord {
  const e = [element];
  return {
    ...common(element, OVERRIDE),
    protocol: textAt(e, 'protocol') ?? '',
    port: textAt(e, 'port') ?? '',
    label: textAt(e, 'application') || (members(e, 'application')?.[0] ?? ''),
  };
}

function dos(element: XmlElement): DosRuleRecord {
  const e = [element];
  const zones = (side: string) => members(e, side, 'zone') ?? (members(e, side, 'interface') ? ['any'] : undefined);
  return {
    ...common(element, DOS),
    from: zones('from'),
    to: zones('to'),
    action: select(e, 'action').flatMap((a) => a.children)[0]?.name ?? textAt(e, 'action') ?? '',
  };
}

const defaultRule = (element: XmlElement): DefaultRuleRecord => {
  const action = textAt([element], 'action');
  return {
    name: nameOf(element),
    span: element.span,
    ...(action ? { action } : {}),
    logged: textAt([element], 'log-end') === 'yes',
  };
};

/** @param bases the `rulebase`, `pre-rulebase` or `post-rulebase` elements of one scope, outer scope first. */
export function readRulebase(bases: readonly XmlElement[], note: (d: Diagnostic) => void): Rulebase {
  const rules = (policy: string): readonly XmlElement[] => entries(bases, policy, 'rules');
  const noted = new Map<string, number>();
  for (const policy of ['authentication', 'captive-portal', 'decryption', 'tunnel-inspect', 'network-packet-broker', 'sdwan']) {
    const count = rules(policy).filter((element) => textAt([element], 'disabled') !== 'yes').length;
    if (count > 0) noted.set(policy, count);
  }
  const read = {
    security: rules('security').map(security),
    nat: rules('nat').map(nat),
    pbf: rules('pbf').map(pbf),
    override: rules('application-override').map(override),
    dos: rules('dos').map(dos),
    noted,
    defaults: rules('default-security-rules').map(defaultRule),
  };
  noteUnknown(read.security, note);
  noteDuplicates(read.security, note);
  return read;
}

function noteUnknown(rules: readonly SecurityRuleRecord[], note: (d: Diagnostic) => void): void {
  for (const rule of rules)
    for (const child of rule.unknown)
      note({
        severity: 'warning',
        code: 'unknown-rule-element',
        message: `rule "${rule.name}": <${child.name}> is not understood; the rule counts as one that may match`,
        file: child.span.file,
        line: child.span.line,
      });
}

function noteDuplicates(rules: readonly SecurityRuleRecord[], note: (d: Diagnostic) => void): void {
  const seen = new Set<string>();
  for (const rule of rules) {
    if (seen.has(rule.name))
      note({
        severity: 'warning',
        code: 'duplicate-rule-name',
        message: `two rules of one rulebase are named "${rule.name}"; a firewall would refuse this`,
        file: rule.span.file,
        line: rule.span.line,
      });
    seen.add(rule.name);
  }
}
