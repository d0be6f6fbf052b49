/** Packets on the edges of what a configuration speaks of, where mistakes are. */
import { APPLICATIONS } from '../../parsers/paloalto/applications.js';
import type { Objects, PanConfig, RuleRecord, VsysRecord } from '../../parsers/paloalto/index.js';
import type { Family } from '../../src/sets/address.js';
import { ranges } from '../../src/sets/intervals.js';
import { inOrder, type PanPacket } from './paloalto.js';
import { type Address, bitsOf, ends, readPrefix } from './paloalto-objects.js';
import { UNNAMED, zonesOf } from './paloalto-zones.js';

/** mulberry32: the same packets in every run. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export interface Edges {
  readonly addresses: Readonly<Record<Family, readonly bigint[]>>;
  readonly ports: readonly number[];
  readonly applications: readonly string[];
  readonly zones: readonly string[];
}

function literals(text: string): readonly Address[] {
  const prefix = readPrefix(text);
  if (prefix) {
    const size = 1n << BigInt(bitsOf(prefix.first.family) - prefix.length);
    const first = (prefix.first.value / size) * size;
    return [first - 1n, first, prefix.first.value, first + size - 1n, first + size].map((value) => ({
      family: prefix.first.family,
      value,
    }));
  }
  const range = ends(text);
  return (range ?? []).flatMap(({ family, value }) => [value - 1n, value, value + 1n].map((one) => ({ family, value: one })));
}

function wild(text: string): readonly Address[] {
  const [base = '', mask = ''] = text.split('/');
  const [first] = literals(base).slice(1);
  const [bits] = literals(mask).slice(1);
  if (!first || !bits) return [];
  return [first.value, first.value | bits.value, (first.value | bits.value) ^ 1n, first.value ^ (1n << 24n)].map((value) => ({
    family: 4,
    value,
  }));
}

const numbers = (text: string): readonly number[] => (text.match(/\d{1,5}/g) ?? []).map(Number);

function portsOf(objects: Objects): readonly number[] {
  const services = [...objects.services.values()].flatMap((one) => one.protocols);
  const custom = [...objects.applications.values()].flatMap((one) => one.ports);
  return [
    ...services.flatMap(({ port, sourcePort }) => numbers(`${port ?? ''},${sourcePort ?? ''}`)),
    ...custom.flatMap(numbers),
  ];
}

const REST_4 = ['10.1.2.3', '172.16.9.9', '192.0.2.77', '198.51.100.5', '8.8.8.8', '192.168.1.20', '0.0.0.1', '223.255.255.254'];
const REST_6 = ['2001:db8::5', '2001:db8:ffff::1', 'fd00::7', '2600::1'];

export function edgesOf(config: PanConfig, vsys: VsysRecord): Edges {
  const scopes = [vsys.objects, config.shared, ...(vsys.pushed ? [vsys.pushed.objects] : [])];
  const rules: readonly RuleRecord[] = [
    ...inOrder(config, vsys, (base) => [...base.security, ...base.nat, ...base.pbf, ...base.override]),
  ].map(({ rule }) => rule);
  const texts = [
    ...scopes.flatMap((scope) => [...scope.addresses.values()].map((one) => one.value)),
    ...scopes.flatMap((scope) => [...scope.regions.values()].flatMap((one) => one.addresses)),
    ...scopes.flatMap((scope) => [...scope.externalLists.values()].flatMap((one) => one.exceptions)),
    ...rules.flatMap((rule) => [...(rule.source ?? []), ...(rule.destination ?? [])]),
    ...config.interfaces.flatMap((one) => one.addresses),
    ...config.routers.flatMap((router) => router.routes.map((route) => route.destination)),
    ...REST_4,
    ...REST_6,
  ];
  const found = texts.flatMap((text) => [...literals(text), ...wild(text)]);
  const of = (family: Family): readonly bigint[] => {
    const limit = family === 4 ? 224n << 24n : 255n << 120n;
    return [...new Set(found.filter((one) => one.family === family).map((one) => one.value))].filter((v) => v >= 0n && v < limit);
  };
  const applications = [...new Set(rules.flatMap((rule) => rule.application ?? []))].filter((name) => name !== 'any');
  const defaults = applications
    .flatMap((name) => [name, `${name}-base`])
    .flatMap((name) => {
      const boxes = APPLICATIONS.get(name)?.defaults ?? [];
      return boxes.flatMap((box) => [...ranges(box.ports ?? [])].flat());
    });
  const override = [vsys.rulebase, ...(vsys.pushed ? [vsys.pushed.pre, vsys.pushed.post] : [])].flatMap((base) =>
    base.override.flatMap((rule) => numbers(rule.port)),
  );
  const ports = [...scopes.flatMap(portsOf), ...defaults, ...override, 22, 80, 443, 8080, 50505];
  const near = ports.flatMap((port) => [port - 1, port, port, port, port + 1]).filter((port) => port >= 0 && port <= 65535);
  const labels = scopes.flatMap((scope) => [...scope.applications.keys()]);
  return {
    addresses: { 4: of(4), 6: of(6) },
    ports: near,
    applications: [...applications, ...labels],
    zones: zonesOf(vsys).filter((name) => !UNNAMED.includes(name)),
  };
}

const ICMP_4 = [8 * 256, 0, 3 * 256 + 1, 8 * 256 + 1, 11 * 256];
const ICMP_6 = [128 * 256, 129 * 256, 135 * 256, 256];
const STRANGE = ['ssl', 'web-browsing', 'ssh', 'ping', 'an-app-nobody-knows', 'ms-ds-smbv2', 'dns', 'unknown-tcp', 'icmp'];

/** One packet on the edges. Half of them with stated zones or one of the two, half with a declared application. */
export function packetOn(edges: Edges, below: (n: number) => number): PanPacket {
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const family: Family = below(5) === 0 && edges.addresses[6].length > 0 ? 6 : 4;
  const address = (): Address => ({ family, value: pick(edges.addresses[family]) });
  const protocol = pick([6, 6, 6, 6, 17, 17, 17, family === 4 ? 1 : 58, 47, 50, 132]);
  const ports = protocol === 6 || protocol === 17 || protocol === 132;
  const icmp = protocol === 1 ? pick(ICMP_4) : protocol === 58 ? pick(ICMP_6) : 0;
  const source = address();
  let destination = address();
  if (destination.value === source.value) destination = { family, value: source.value ^ 2n };
  // Zones: none, the first, the second, both.
  const stated = edges.zones.length > 0 ? pick([0, 0, 0, 1, 2, 3, 3, 3]) : 0;
  return {
    source,
    destination,
    protocol,
    sourcePort: ports ? (below(4) === 0 ? pick(edges.ports) : 40000) : 0,
    port: ports ? pick(edges.ports) : icmp,
    ...(stated & 1 ? { from: pick(edges.zones) } : {}),
    ...(stated & 2 ? { to: pick(edges.zones) } : {}),
    ...(below(2) === 0 ? { application: pick([...edges.applications, ...STRANGE]) } : {}),
  };
}
