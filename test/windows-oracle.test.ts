/** The engine against an interpreter of Windows Firewall: random exports as text, and the exports of the corpus. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detect } from '../parsers/detect.js';
import type { Given } from '../parsers/types.js';
import { readHost } from '../parsers/windows/join.js';
import { PROFILES, type WindowsRule } from '../parsers/windows/records.js';
import { parseAddressSet } from '../src/sets/ip.js';
import { decode } from '../src/source/decode.js';
import { RefusedError } from '../src/source/diagnostic.js';
import type { Source } from '../src/source/span.js';
import {
  engineFor,
  isIcmp,
  outcomeOf,
  type Packet,
  packetText,
  pick,
  random,
  readAddress,
  readNetwork,
  Tally,
} from './oracle/packet.js';
import { type Host, type Stated, windowsOutcome } from './oracle/windows.js';

const sourceOf = (text: string, name: string): Source => decode(name, new TextEncoder().encode(text)).source;

/** Numbers at and beside the edges that the rules name. */
function edges(rules: readonly WindowsRule[]): {
  addresses: { family: 4 | 6; value: bigint }[];
  ports: number[];
  icmp: number[];
  protocols: number[];
} {
  const addresses = new Map<string, { family: 4 | 6; value: bigint }>();
  const add = (family: 4 | 6, value: bigint) => {
    const top = 1n << (family === 4 ? 32n : 128n);
    for (const near of [value - 1n, value, value + 1n])
      if (near >= 0n && near < top) addresses.set(`${family}/${near}`, { family, value: near });
  };
  const ports = new Set([0, 1, 135, 443, 5353, 49151, 49152, 65535]);
  const icmp = new Set([8 * 256, 128 * 256, 3 * 256 + 4, 0]);
  const protocols = new Set([1, 6, 17, 58, 47]);
  for (const text of [
    '10.0.0.5',
    '10.0.0.77',
    '169.254.3.4',
    '239.255.255.250',
    '8.8.8.8',
    '2001:db8::5',
    'fe80::9',
    'ff02::c',
  ]) {
    const { family, value } = readAddress(text) ?? { family: 4 as const, value: 0n };
    addresses.set(`${family}/${value}`, { family, value });
  }
  for (const { fields } of rules) {
    for (const cell of [fields.localAddress, fields.remoteAddress])
      for (const token of (cell ?? '').split(/[,-]/)) {
        const span = readNetwork(token.trim()) ?? readNetwork(token.trim().split('/')[0] ?? '');
        if (span) for (const value of [span.first, span.last]) add(span.family, value);
      }
    for (const cell of [fields.localPort, fields.remotePort])
      for (const text of (cell ?? '').match(/\d+/g) ?? [])
        for (const near of [Number(text) - 1, Number(text), Number(text) + 1]) if (near >= 0 && near < 65536) ports.add(near);
    for (const [, type, code] of (fields.icmpType ?? '').matchAll(/(\d+)(?::(\d+))?/g)) {
      const value = (Number(type) % 256) * 256 + (Number(code ?? 0) % 256);
      for (const near of [value, value + 1, value + 256]) if (near < 65536) icmp.add(near);
    }
    if (/^\d+$/.test(fields.protocol ?? '') && Number(fields.protocol) < 256) protocols.add(Number(fields.protocol));
  }
  return { addresses: [...addresses.values()], ports: [...ports], icmp: [...icmp], protocols: [...protocols] };
}

function packetsFor(rules: readonly WindowsRule[], count: number, seed: number): Packet[] {
  const next = random(seed);
  const { addresses, ports, icmp, protocols } = edges(rules);
  const out: Packet[] = [];
  while (out.length < count) {
    const { family, value: source } = pick(next, addresses);
    const { value: destination } = pick(
      next,
      addresses.filter((address) => address.family === family),
    );
    // No packet comes from a group of receivers.
    if (source === destination || source >> (family === 4 ? 29n : 121n) === (family === 4 ? 7n : 127n)) continue;
    const protocol = next(10) < 7 ? pick(next, [6, 6, 17]) : pick(next, protocols);
    const ported = protocol === 6 || protocol === 17;
    out.push({
      family,
      source,
      destination,
      protocol,
      sourcePort: ported ? (next(2) ? 50000 : pick(next, ports)) : 0,
      port: ported ? pick(next, ports) : isIcmp(protocol) ? pick(next, icmp) : 0,
    });
  }
  return out;
}

interface Input {
  readonly sources: readonly Source[];
  readonly subnets?: readonly string[];
  readonly unscoped?: boolean;
}

function compare({ sources, subnets, unscoped }: Input, count: number, seed: number): Tally {
  const tally = new Tally();
  const inputs = sources.map((source) => ({ source, form: detect(source).form.id }));
  const subnet = subnets?.map((text) => parseAddressSet(text)).filter((set) => set !== undefined);
  const given: Given = subnet ? { subnet: { v4: subnet.flatMap((s) => s.v4), v6: subnet.flatMap((s) => s.v6) } } : {};
  const host: Host = readHost(inputs, given);
  const [firewall] = detect(sources[0] as Source).vendor.parse(inputs, given);
  if (!firewall) throw new Error('no firewall');
  const packets = packetsFor(
    host.rules.flatMap((each) => each.rules),
    count,
    seed,
  );
  const engine = engineFor(firewall, packets, unscoped ? { assume: new Set(['netsh-unscoped'] as const) } : {});
  const stated: Stated = { ...(subnets ? { subnets } : {}), ...(unscoped ? { unscoped } : {}) };
  const next = random(seed + 1);
  for (const packet of packets) {
    const direction = pick(next, ['in', 'out'] as const);
    const profile = pick(next, [...PROFILES, ...PROFILES, undefined]);
    const way = { direction, ...(profile === undefined ? {} : direction === 'in' ? { in: profile } : { out: profile }) };
    const judgement = engine(packet, way);
    const text = () =>
      `${packetText(packet)} ${direction} ${profile ?? 'any profile'}; decided by ${judgement.decidedBy.map((d) => `${d.rule}`).join(', ')}; ` +
      judgement.conditions.map((c) => `${c.kind} ${c.name}`).join(' | ');
    tally.add(windowsOutcome(host, packet, direction, profile, stated), outcomeOf(judgement), text);
  }
  return tally;
}

const SCRIPT_COLUMNS = (
  'Name DisplayName Description Group Enabled Profile Platform Direction Action EdgeTraversalPolicy LooseSourceMapping LocalOnlyMapping Owner ' +
  'LocalAddress RemoteAddress Protocol LocalPort RemotePort IcmpType DynamicTarget Program Package Service InterfaceAlias InterfaceType ' +
  'LocalUser RemoteUser RemoteMachine Authentication Encryption OverrideBlockRules'
).split(' ');

const mostly = (usual: string, ...rare: readonly string[]) =>
  fc.oneof({ weight: 30, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });
const list = (pool: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...pool), { minLength: 1, maxLength: 3 }).map((all) => all.join(','));

const REMOTES = [
  '10.9.0.0/16',
  '10.9.1.0/255.255.255.0',
  '10.0.0.64-10.0.0.80',
  '10.9.0.7',
  '192.0.2.0/24',
  '2001:db8::/32',
  'fe80::/64',
  '2001:db8::1-2001:db8::20',
  '0.0.0.0/1',
];
const LOCALS = ['10.0.0.5', '10.0.0.0/24', '2001:db8::5', '239.255.255.250', 'ff02::/16'];
const remote = fc.oneof(
  { weight: 4, arbitrary: fc.constant('Any') },
  { weight: 5, arbitrary: list(REMOTES) },
  { weight: 1, arbitrary: fc.constantFrom('LocalSubnet', 'LocalSubnet4', 'LocalSubnet6', 'LocalSubnet,10.9.0.7') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'DNS',
      'Internet',
      'System.String[]',
      '',
      'ReplaceWithIPs',
      '10.9.0.0/255.0.255.0',
      '10.9.0.7,nonsense',
      'PlayToDevice',
      'DefaultGateway4',
    ),
  },
);
const local = fc.oneof({ weight: 6, arbitrary: fc.constant('Any') }, { weight: 2, arbitrary: list(LOCALS) });
const port = fc.oneof(
  { weight: 3, arbitrary: fc.constant('Any') },
  { weight: 5, arbitrary: list(['443', '80', '8000-8010', '8004', '1-1023', '3389', '49152-65535', '0']) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'RPC',
      'RPCEPMap',
      'IPHTTPSIn',
      'mDNS',
      'Teredo',
      'PlayToDiscovery',
      'RPC,443',
      '',
      '80-70',
      '70000',
      'web',
    ),
  },
);
const protocolAndPorts = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.constantFrom('TCP', 'UDP', '6', '17'),
      port,
      fc.oneof({ weight: 4, arbitrary: fc.constant('Any') }, { weight: 1, arbitrary: port }),
      fc.constant('Any'),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom('ICMPv4', 'ICMPv6', '1', '58'),
      fc.constantFrom('Any', 'RPC'),
      fc.constantFrom('Any'),
      fc.constantFrom('Any', '8', '128', '3:4', '8,3:4', '128:*', 'odd'),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom('Any', '47', '2', 'Any'),
      fc.constantFrom('Any', 'Any', 'Any', '443'),
      fc.constant('Any'),
      fc.constant('Any'),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom('', 'tcpip', '300', 'System.String[]'),
      fc.constant('Any'),
      fc.constant('Any'),
      fc.constant('Any'),
    ),
  },
);

type Row = Record<string, string>;
const row: fc.Arbitrary<Row> = fc
  .record({
    Enabled: mostly('True', 'False', 'False', ''),
    Profile: fc.constantFrom('Any', 'Any', 'Any', 'Domain', 'Private', 'Public', 'Domain, Private', 'Private, Public'),
    Platform: mostly('', '6.2+', '6.1', '10.0+'),
    Direction: mostly('Inbound', 'Outbound', 'Sideways'),
    Action: fc.oneof(
      { weight: 12, arbitrary: fc.constant('Allow') },
      { weight: 8, arbitrary: fc.constant('Block') },
      { weight: 1, arbitrary: fc.constantFrom('NotConfigured', '', 'Bypass') },
    ),
    LocalAddress: local,
    RemoteAddress: remote,
    ports: protocolAndPorts,
    DynamicTarget: mostly('Any', 'ProximityApps', ''),
    Program: fc.oneof(
      { weight: 8, arbitrary: fc.constant('Any') },
      {
        weight: 3,
        arbitrary: fc.constantFrom('System', 'C:\\svc\\a.exe', '%SystemRoot%\\system32\\svchost.exe', 'C:\\svc\\b.exe', ''),
      },
    ),
    Package: mostly('', 'S-1-15-2-1', 'Any'),
    Owner: mostly('', 'S-1-5-21-1'),
    Service: fc.oneof(
      { weight: 9, arbitrary: fc.constant('Any') },
      { weight: 1, arbitrary: fc.constantFrom('RPCSS', 'Dnscache', '*', '') },
    ),
    InterfaceAlias: mostly('Any', 'vEthernet (Default Switch)', ''),
    InterfaceType: mostly('Any', 'Wired', 'Wireless', 'Wired, Wireless', ''),
    LocalUser: mostly('Any', 'O:LSD:(A;;CC;;;S-1-5-21)', ''),
    RemoteUser: mostly('Any', 'O:LSD:(A;;CC;;;S-1-5-21)'),
    RemoteMachine: mostly('Any', 'O:LSD:(A;;CC;;;S-1-5-21)'),
    Authentication: mostly('NotRequired', 'Required', 'NoEncap', ''),
    Encryption: mostly('NotRequired', 'Required'),
    OverrideBlockRules: mostly('False', 'True'),
    outbound: fc.boolean(),
    gpo: fc.boolean(),
  })
  .map(
    ({ ports, outbound, gpo, ...cells }): Row => ({
      ...cells,
      Direction: outbound && cells.Direction === 'Inbound' ? 'Outbound' : cells.Direction,
      Protocol: ports[0],
      LocalPort: outbound ? ports[2] : ports[1],
      RemotePort: outbound ? ports[1] : ports[2],
      IcmpType: ports[3],
      PolicyStoreSource: gpo ? 'Office policy' : 'PersistentStore',
      PolicyStoreSourceType: gpo ? 'GroupPolicy' : 'Local',
    }),
  );

const HARMLESS: Row = Object.fromEntries(
  Object.entries({
    Enabled: 'True',
    Profile: 'Any',
    Action: 'Allow',
    LocalAddress: 'Any',
    RemoteAddress: '198.51.100.7',
    Protocol: '6',
    LocalPort: '7',
    RemotePort: '7',
    PolicyStoreSource: 'PersistentStore',
    PolicyStoreSourceType: 'Local',
    OverrideBlockRules: 'False',
    Authentication: 'NotRequired',
    Encryption: 'NotRequired',
  }).concat(
    [
      'IcmpType',
      'DynamicTarget',
      'Program',
      'Service',
      'InterfaceAlias',
      'InterfaceType',
      'LocalUser',
      'RemoteUser',
      'RemoteMachine',
    ].map((name) => [name, 'Any']),
  ),
);

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

function csvOf(rows: readonly Row[], columns: readonly string[], sharedIds: boolean): string {
  const line = (cells: Row, i: number) =>
    columns
      .map((column) =>
        quoted(
          cells[column] ?? (column === 'Name' ? `rule-${sharedIds ? i >> 1 : i}` : column === 'DisplayName' ? 'A rule' : ''),
        ),
      )
      .join(';');
  return [columns.map(quoted).join(';'), ...rows.map(line), ''].join('\r\n');
}

const RULER = '-'.repeat(70);
const label = (name: string, value: string): string => `${`${name}:`.padEnd(38)}${value}`;

function netshOf(rows: readonly Row[], verbose: boolean): string {
  const block = (cells: Row): string[] => {
    const protocol = cells.Protocol ?? '';
    const numbered =
      new Map([
        ['6', 'TCP'],
        ['17', 'UDP'],
        ['1', 'ICMPv4'],
        ['58', 'ICMPv6'],
      ]).get(protocol) ?? protocol;
    const ported = numbered === 'TCP' || numbered === 'UDP';
    const pairs = (cells.IcmpType ?? 'Any') === 'Any' ? [] : (cells.IcmpType ?? '').split(',');
    return [
      '',
      label('Rule Name', cells.name ?? 'Rule'),
      RULER,
      label('Enabled', cells.Enabled === 'False' ? 'No' : cells.Enabled === 'True' ? 'Yes' : ''),
      label('Direction', cells.Direction === 'Inbound' ? 'In' : cells.Direction === 'Outbound' ? 'Out' : 'Sideways'),
      label('Profiles', cells.Profile === 'Any' ? 'Domain,Private,Public' : (cells.Profile ?? '').replaceAll(' ', '')),
      label('Grouping', ''),
      label('LocalIP', cells.LocalAddress ?? ''),
      label('RemoteIP', cells.RemoteAddress ?? ''),
      label('Protocol', numbered),
      ...(isIcmp(Number(protocol)) || numbered.startsWith('ICMP')
        ? pairs.length > 0 && !pairs.includes('odd')
          ? [
              `${' '.repeat(38)}Type    Code`,
              ...pairs.map(
                (pair) => `${' '.repeat(38)}${pair.split(':')[0]}       ${(pair.split(':')[1] ?? '*').replace('*', 'Any')}`,
              ),
            ]
          : []
        : []),
      ...(ported ? [label('LocalPort', cells.LocalPort ?? ''), label('RemotePort', cells.RemotePort ?? '')] : []),
      label('Edge traversal', 'No'),
      ...(verbose && cells.Program !== 'Any' && cells.Program !== '' ? [label('Program', cells.Program ?? '')] : []),
      ...(verbose && cells.Service !== 'Any' && cells.Service !== '' ? [label('Service', cells.Service ?? '')] : []),
      ...(verbose
        ? [
            label('InterfaceTypes', cells.InterfaceType === 'Wired' ? 'LAN' : 'Any'),
            label('Security', cells.Authentication === 'Required' ? 'Authenticate' : 'NotRequired'),
            label('Rule source', 'Local Setting'),
          ]
        : []),
      label('Action', cells.Action ?? ''),
    ];
  };
  return [...rows.flatMap(block), '', 'Ok.', ''].join('\r\n');
}

interface Settings {
  readonly state: string;
  readonly inbound: string;
  readonly outbound: string;
  readonly local: boolean;
  readonly rules: boolean;
}
const settings: fc.Arbitrary<Settings> = fc.record({
  state: mostly('ON', 'OFF', 'OFF'),
  inbound: fc.constantFrom('Block', 'Block', 'Block', 'Allow'),
  outbound: fc.constantFrom('Allow', 'Allow', 'Block'),
  local: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  rules: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
});

function netshProfiles(all: readonly Settings[]): string {
  const pad = (name: string, value: string): string => `${name.padEnd(38)}${value}`;
  return ['Domain', 'Private', 'Public']
    .flatMap((name, i) => {
      const { state = 'ON', inbound = 'Block', outbound = 'Allow', rules = true } = all[i] ?? {};
      const word = inbound === 'Allow' ? 'AllowInbound' : rules ? 'BlockInbound' : 'BlockInboundAlways';
      return [
        '',
        `${name} Profile Settings: `,
        RULER,
        pad('State', state),
        pad('Firewall Policy', `${word},${outbound}Outbound`),
        pad('LocalFirewallRules', 'N/A (GPO-store only)'),
        '',
      ];
    })
    .concat('Ok.', '')
    .join('\r\n');
}

/** `local`: of the local store, where Group Policy may have other values. */
function profileCsv(all: readonly Settings[], store = 'ActiveStore'): string {
  const head = 'Name,Enabled,DefaultInboundAction,DefaultOutboundAction,AllowInboundRules,AllowLocalFirewallRules,ExportedFrom';
  return [
    head,
    ...['Domain', 'Private', 'Public'].map((name, i) => {
      const { state, inbound, outbound, local: merged, rules } = all[i] as Settings;
      const word = (flag: boolean) => (flag ? 'True' : 'False');
      return [
        name,
        word(state === 'ON'),
        inbound,
        outbound,
        word(rules || inbound === 'Allow'),
        store === 'ActiveStore' ? word(merged) : merged ? 'NotConfigured' : 'False',
        'ActiveStore',
      ].join(',');
    }),
    '',
  ].join('\r\n');
}

const exportOf = fc
  .record({
    some: fc.array(row, { minLength: 2, maxLength: 9 }),
    whole: mostly('yes', 'no', 'no'),
    form: fc.constantFrom('script', 'stores', 'local', 'verbose', 'verbose', 'short', 'narrow'),
    profiles: fc.constantFrom('none', 'netsh', 'csv', 'csv', 'local csv'),
    settings: fc.array(settings, { minLength: 3, maxLength: 3 }),
    subnets: fc.boolean(),
    unscoped: fc.boolean(),
    sharedIds: fc.boolean(),
    dropped: fc.constantFrom('Program', 'Service', 'IcmpType', 'RemotePort', 'InterfaceType', 'Owner'),
  })
  .map(({ some, whole, form, profiles, settings: all, subnets, unscoped, sharedIds, dropped }): Input => {
    // A real store always allows something; one that does not looks filtered.
    const rows =
      whole === 'yes' ? [...some, { ...HARMLESS, Direction: 'Inbound' }, { ...HARMLESS, Direction: 'Outbound' }] : some;
    const stores = [...SCRIPT_COLUMNS, 'PolicyStoreSource', 'PolicyStoreSourceType'];
    const local = rows.map((cells) => ({ ...cells, PolicyStoreSource: 'PersistentStore', PolicyStoreSourceType: 'Local' }));
    const text =
      form === 'script'
        ? csvOf(rows, SCRIPT_COLUMNS, false)
        : form === 'stores'
          ? csvOf(rows, stores, sharedIds)
          : form === 'local'
            ? csvOf(local, stores, false)
            : form === 'narrow'
              ? csvOf(
                  rows,
                  SCRIPT_COLUMNS.filter((column) => column !== dropped),
                  false,
                )
              : netshOf(rows, form === 'verbose');
    const beside =
      profiles === 'none'
        ? []
        : [
            sourceOf(
              profiles === 'netsh' ? netshProfiles(all) : profileCsv(all, profiles === 'csv' ? 'ActiveStore' : 'PersistentStore'),
              'profiles.txt',
            ),
          ];
    return {
      sources: [sourceOf(text, form === 'verbose' || form === 'short' ? 'rules.txt' : 'rules.csv'), ...beside],
      ...(subnets ? { subnets: ['10.0.0.0/24', '2001:db8::/64'] } : {}),
      unscoped,
    };
  });

const RUNS = Number(process.env.FLOWGAP_ORACLE_RUNS ?? 150);

describe('Windows Firewall against an interpreter', () => {
  it('agrees on random exports', () => {
    const total = new Tally();
    let seed = 1;
    fc.assert(
      fc.property(exportOf, (input) => {
        const tally = compare(input, 40, seed++);
        expect(tally.wrong, input.sources.map((source) => source.text).join('\n')).toEqual([]);
        expect(tally.bold, input.sources.map((source) => source.text).join('\n')).toEqual([]);
        total.join(tally);
      }),
      { numRuns: RUNS, seed: Number(process.env.FLOWGAP_SEED ?? 20) },
    );
    console.log(`random exports: ${total}`);
    if (process.env.FLOWGAP_VERBOSE) console.log(total.shy.slice(0, 60).join('\n'));
    expect(total.share).toBeGreaterThanOrEqual(0.95);
  }, 60_000);
});

describe('what the comparison brought to light', () => {
  const rule: Row = { ...HARMLESS, Direction: 'Inbound', RemoteAddress: 'Any', LocalPort: '443', RemotePort: 'Any' };
  const policy = { PolicyStoreSource: 'Office policy', PolicyStoreSourceType: 'GroupPolicy' };
  const rows = [rule, { ...HARMLESS, ...policy, Direction: 'Outbound', Action: 'Block' }];
  const packet: Packet = { family: 4, source: 0x0a090001n, destination: 0x0a000005n, protocol: 6, sourcePort: 50000, port: 443 };
  const judged = (columns: readonly string[], beside: string, strict = false) => {
    const inputs = [sourceOf(csvOf(rows, columns, false), 'rules.csv'), sourceOf(beside, 'profiles.txt')].map((source) => ({
      source,
      form: detect(source).form.id,
    }));
    const [firewall] = detect((inputs[0] as { source: Source }).source).vendor.parse(inputs, {});
    if (!firewall) throw new Error('no firewall');
    const judgement = engineFor(firewall, [packet], { strict })(packet, { direction: 'in', in: 'domain' });
    return [windowsOutcome(readHost(inputs, {}), packet, 'in', 'domain'), outcomeOf(judgement), judgement.assumptions] as const;
  };
  const usual: Settings = { state: 'ON', inbound: 'Block', outbound: 'Allow', local: true, rules: true };

  it('a rule that may be a local one is not sure where local rules do not count', () => {
    const unmerged = profileCsv([{ ...usual, local: false }, usual, usual]);
    expect(judged(SCRIPT_COLUMNS, unmerged)).toEqual(['unknown', 'unknown', []]);
    const stores = [...SCRIPT_COLUMNS, 'PolicyStoreSource', 'PolicyStoreSourceType'];
    expect(judged(stores, unmerged).slice(0, 2)).toEqual(['drop', 'drop']);
    expect(judged(SCRIPT_COLUMNS, profileCsv([usual, usual, usual])).slice(0, 2)).toEqual(['accept', 'accept']);
  });

  it('profile settings that netsh shows are in force by assumption only', () => {
    expect(judged(SCRIPT_COLUMNS, netshProfiles([usual, usual, usual]))).toEqual(['accept', 'accept', ['no-group-policy']]);
    expect(judged(SCRIPT_COLUMNS, netshProfiles([usual, usual, usual]), true)[1]).toBe('unknown');
  });
});

const ROOT = resolve(process.env.FLOWGAP_CORPUS ?? '../shared/corpus', 'windows');
const present = existsSync(ROOT);
if (!present) console.warn(`skipped: no corpus at ${ROOT} (set FLOWGAP_CORPUS)`);

describe.skipIf(!present)('Windows Firewall, exports of the corpus', () => {
  it('agrees with the interpreter on every file that is read', () => {
    const files = readdirSync(ROOT, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(?:tsv|xz)$/.test(entry.name))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
      .sort();
    const total = new Tally();
    for (const file of files)
      for (const unscoped of [false, true]) {
        const { source } = decode(file, readFileSync(join(ROOT, file)));
        let tally: Tally;
        try {
          tally = compare({ sources: [source], unscoped, subnets: ['10.0.0.0/24', '2001:db8::/64'] }, 300, 7);
        } catch (error) {
          if (error instanceof RefusedError) continue;
          throw error;
        }
        console.log(`${file}${unscoped ? ' (netsh-unscoped)' : ''}: ${tally}`);
        expect(tally.wrong, file).toEqual([]);
        expect(tally.bold, file).toEqual([]);
        if (process.env.FLOWGAP_VERBOSE) console.log(tally.shy.slice(0, 20).join('\n'));
        total.join(tally);
      }
    console.log(`corpus: ${total}`);
    expect(total.share).toBeGreaterThanOrEqual(0.95);
  }, 60_000);
});
