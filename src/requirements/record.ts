/** One requirement as CSV and YAML write it: named values, read strictly. What is wrong is refused with its place. */
import { FACTS } from '../model/condition.js';
import { PORT_PROTOCOLS, PROTOCOL } from '../model/match.js';
import type { ServiceTerm } from '../model/requirement.js';
import { type Intervals, range, unionAll } from '../sets/intervals.js';
import { parseAddressSet } from '../sets/ip.js';
import { RefusedError } from '../source/diagnostic.js';
import type { FlowDraft } from './ids.js';
import { protocolNumber } from './names.js';
import { collapse, quote } from './page.js';

export const RECORD_KEYS = [
  'id',
  'source',
  'destination',
  'protocol',
  'port',
  'source_port',
  'icmp',
  'purpose',
  'expect',
  'optional',
  'any_of',
  'variant',
  ...FACTS,
] as const;
export type RecordKey = (typeof RECORD_KEYS)[number];

/** Values of one key: several where a list was written. */
export interface Field {
  readonly values: readonly string[];
  readonly line: number;
  readonly column: number;
}

export interface RequirementRecord {
  readonly line: number;
  readonly column: number;
  readonly fields: ReadonlyMap<RecordKey, Field>;
}

export const isRecordKey = (text: string): text is RecordKey => (RECORD_KEYS as readonly string[]).includes(text);

/** Stops with the place of a field. */
type Refuse = (message: string, hint: string, field?: Field) => never;

function refuser(file: string, record: RequirementRecord): Refuse {
  return (message, hint, field) => {
    throw new RefusedError(message, { file, line: field?.line ?? record.line, column: field?.column ?? record.column, hint });
  };
}

/** Largest number of flows that the lists of one record may make. */
const MAX_PAIRS = 1000;
const PORT_HINT = 'Write ports as 443, 8000-8010, or a list of them; leave the key out for every port.';

function portSet(field: Field, refuse: Refuse): Intervals {
  const parts = field.values.map((text) => {
    const match = /^([0-9]{1,5})(?:\s*-\s*([0-9]{1,5}))?$/.exec(text);
    const first = Number(match?.[1] ?? Number.NaN);
    const last = Number(match?.[2] ?? match?.[1] ?? Number.NaN);
    if (!(first <= last && last <= 65535)) return refuse(`${quote(text)} is no port or range of ports`, PORT_HINT, field);
    return range(first, last);
  });
  return unionAll(parts);
}

function protocolValue(text: string, field: Field, refuse: Refuse): number {
  const named = protocolNumber(text);
  if (named !== undefined) return named;
  if (/^(?:0|[1-9][0-9]{0,2})$/.test(text) && Number(text) <= 255) return Number(text);
  return refuse(`${quote(text)} is no protocol`, 'Write tcp, udp, icmp, another name, a number from 0 to 255, or any.', field);
}

function icmpSet(field: Field, v6: boolean, refuse: Refuse): Intervals {
  const names: ReadonlyMap<string, number> = new Map([
    ['echo-request', v6 ? 128 : 8],
    ['echo-reply', v6 ? 129 : 0],
  ]);
  return unionAll(
    field.values.map((text) => {
      const known = names.get(text.toLowerCase());
      const match = /^([0-9]{1,3})(?:\/([0-9]{1,3}|\*))?$/.exec(known === undefined ? text : `${known}/0`);
      const type = Number(match?.[1] ?? Number.NaN);
      const code = match?.[2];
      if (!(type <= 255) || (code !== undefined && code !== '*' && Number(code) > 255))
        return refuse(`${quote(text)} is no ICMP type`, 'Write type/code, type/* or echo-request.', field);
      return code === undefined || code === '*'
        ? range(type * 256, type * 256 + 255)
        : range(type * 256 + Number(code), type * 256 + Number(code));
    }),
  );
}

function servicesOf(record: RequirementRecord, refuse: Refuse): readonly ServiceTerm[] {
  const { fields } = record;
  const [protocol, port, sourcePort, icmp] = [
    fields.get('protocol'),
    fields.get('port'),
    fields.get('source_port'),
    fields.get('icmp'),
  ];
  if (!protocol) return refuse('a flow has no protocol', 'Add protocol: tcp, udp, icmp, another name or number, or any.');
  const any = protocol.values.some((text) => text.toLowerCase() === 'any');
  if (any && protocol.values.length > 1) return refuse('any beside other protocols', 'Write any alone.', protocol);
  const protocols = any
    ? []
    : [...new Set(protocol.values.map((text) => protocolValue(text, protocol, refuse)))].sort((a, b) => a - b);
  const isIcmp = (value: number): boolean => value === PROTOCOL.icmp || value === PROTOCOL.icmpv6;
  const withPorts = protocols.filter((value) => PORT_PROTOCOLS.includes(value));
  for (const field of [port, sourcePort])
    if (field && withPorts.length !== protocols.length)
      return refuse('ports beside a protocol without ports', 'State it as a flow of its own.', field);
  if ((port || sourcePort) && withPorts.length === 0)
    return refuse('ports need a protocol that has them', 'Write protocol: tcp, udp or both.', port ?? sourcePort);
  if (icmp && (protocols.length === 0 || !protocols.every(isIcmp)))
    return refuse('icmp needs protocol icmp or icmpv6', 'Write protocol: icmp.', icmp);
  if (icmp) return protocols.map((value) => ({ protocols: [value], ports: icmpSet(icmp, value === PROTOCOL.icmpv6, refuse) }));
  const ports = port ? { ports: portSet(port, refuse) } : {};
  const sourcePorts = sourcePort ? { sourcePorts: portSet(sourcePort, refuse) } : {};
  return [{ protocols, ...ports, ...sourcePorts }];
}

function endsOf(record: RequirementRecord, key: 'source' | 'destination', refuse: Refuse): readonly string[] {
  const field = record.fields.get(key);
  if (!field || field.values.length === 0)
    return refuse(`a flow has no ${key}`, `Add ${key}: an actor's name, an address, a network, or any.`);
  for (const text of field.values) {
    const looksLikeAddress = /^[0-9.]+(?:\/.*|\s*-\s*[0-9.]+)?$|^[0-9a-f]*:[0-9a-f:.]*(?:\/.*)?$/i.test(text);
    if (looksLikeAddress && !parseAddressSet(text))
      refuse(
        `${quote(text)} is no address, network or range`,
        'Write 10.0.0.1, 10.0.0.0/24, 10.0.0.1-10.0.0.9 or an IPv6 form.',
        field,
      );
  }
  return field.values.map((text) => (text.toLowerCase() === 'any' ? 'any' : text));
}

function oneOf<T extends string>(
  record: RequirementRecord,
  key: RecordKey,
  allowed: readonly T[],
  refuse: Refuse,
): T | undefined {
  const field = record.fields.get(key);
  if (!field) return undefined;
  const text = field.values.join(' ').toLowerCase();
  const found = allowed.find((value) => value === text);
  return found ?? refuse(`${key} is ${quote(text)}`, `Write one of ${allowed.join(', ')}.`, field);
}

function variantOf(record: RequirementRecord, refuse: Refuse): { name: string; value: string } | undefined {
  const field = record.fields.get('variant');
  if (!field) return undefined;
  const match = /^([^=\s]+)\s*=\s*(\S.*)$/.exec(field.values.join(' '));
  if (!match) return refuse('variant has no name and value', 'Write name=value, for example os=windows-2008+.', field);
  return { name: match[1] ?? '', value: match[2] ?? '' };
}

function factsOf(record: RequirementRecord): Record<string, string> | undefined {
  const facts = FACTS.flatMap((name) => {
    const field = record.fields.get(name);
    return field ? [[name, field.values.join(', ')] as const] : [];
  });
  return facts.length > 0 ? Object.fromEntries(facts) : undefined;
}

/**
 * Turns a record into flows: one for each pair of ends, since an end may be a list. Several ports and protocols mean all pairs.
 * @throws RefusedError with the place of the field.
 */
export function recordFlows(page: string, record: RequirementRecord): readonly FlowDraft[] {
  const refuse = refuser(page, record);
  const text = (key: RecordKey): string => collapse(record.fields.get(key)?.values.join(', ') ?? '');
  const sources = endsOf(record, 'source', refuse);
  const destinations = endsOf(record, 'destination', refuse);
  if (sources.length * destinations.length > MAX_PAIRS)
    refuse(
      `${sources.length} sources and ${destinations.length} destinations make too many flows`,
      'Give the lists a name and make them roles.',
    );
  const optional = oneOf(record, 'optional', ['true', 'false', 'yes', 'no'] as const, refuse);
  const variant = variantOf(record, refuse);
  const facts = factsOf(record);
  const shared = {
    page,
    line: record.line,
    services: servicesOf(record, refuse),
    serviceText: collapse([text('protocol'), text('port'), text('icmp')].join(' ')),
    purpose: text('purpose'),
    expect: oneOf(record, 'expect', ['allow', 'deny'] as const, refuse) ?? 'allow',
    optional: optional === 'true' || optional === 'yes',
    ...(text('any_of') === '' ? {} : { anyOf: text('any_of') }),
    ...(variant ? { variant } : {}),
    ...(facts ? { facts } : {}),
  };
  const id = text('id');
  const single = sources.length * destinations.length === 1;
  const place = (key: 'source' | 'destination'): number => record.fields.get(key)?.line ?? record.line;
  return sources.flatMap((source) =>
    destinations.map((destination) => ({
      ...shared,
      ...(id === '' ? {} : single ? { id } : { id: `${id}/${source}-${destination}` }),
      source: { text: source, line: place('source') },
      destination: { text: destination, line: place('destination') },
    })),
  );
}
