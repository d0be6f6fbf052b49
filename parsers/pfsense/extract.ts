/**
 * config.xml to records. Refused here: encrypted backups, OPNsense, files that pfSense itself would reject whole, areas
 * without filter rules.
 */
import { type Diagnostic, RefusedError } from '../../src/source/diagnostic.js';
import type { Source } from '../../src/source/span.js';
import { parseXml, type XmlElement } from '../../src/source/xml.js';
import * as network from './extract-network.js';
import * as rules from './extract-rules.js';
import { all, at, has, items, parts, text } from './node.js';
import type { CaptivePortalRecord, PfsenseConfig, SystemRecord } from './records.js';
import { MODERN } from './version.js';

/** Areas without meaning for the filter that can be megabytes long. */
const SKIPPED = new Set(
  'rrddata xmldata sshdata cert ca crl voucher notes lastchange revision widgets dnsmasq unbound ntpd'.split(' '),
);

const EXPORT_HINT = 'Export it with Diagnostics > Backup & Restore, backup area "All", encryption off.';

function systemRecord(root: XmlElement): SystemRecord {
  const system = at(root, 'system');
  const gui = at(system, 'webgui');
  const optional = (name: string, value: string | undefined) => (value === undefined ? {} : { [name]: value });
  return {
    filterDisabled: has(system, 'disablefilter'),
    ipv6Allowed: has(system, 'ipv6allow'),
    noApipaBlock: has(system, 'no_apipa_block'),
    noAntiLockout: has(gui, 'noantilockout'),
    webguiFilled: (gui?.children.length ?? 0) > 0,
    ...optional('webguiProtocol', text(gui, 'protocol')),
    ...optional('webguiPort', text(gui, 'port')),
    noHttpRedirect: has(gui, 'disablehttpredirect'),
    ssh: has(system, 'ssh', 'enable') || has(system, 'enablesshd'),
    ...optional('sshPort', text(system, 'ssh', 'port') ?? text(system, 'sshport')),
    noVpnRules: has(system, 'disablevpnrules'),
    noReflection: has(system, 'disablenatreflection'),
    switchesDefaultGateway: has(system, 'gw_switch_default'),
    skipRulesGatewayDown: has(system, 'skip_rules_gw_down'),
    noNegate: has(system, 'disablenegate'),
  };
}

function captivePortals(root: XmlElement): readonly CaptivePortalRecord[] {
  const section = at(root, 'captiveportal');
  if (!section) return [];
  const zones = has(section, 'enable') ? [section] : section.children.filter((zone) => has(zone, 'enable'));
  return zones.map((zone) => ({
    zone: zone.name,
    interfaces: parts(text(zone, 'interface')),
    span: zone.span,
  }));
}

/** Keys of the areas (one child an interface) that are enabled. */
const enabledKeys = (section: XmlElement | undefined): ReadonlySet<string> =>
  new Set((section?.children ?? []).filter((child) => has(child, 'enable')).map((child) => child.name.toLowerCase()));

/** A DHCP relay is let in the same way as a server. */
const relayKeys = (config: XmlElement): readonly string[] =>
  has(config, 'dhcrelay', 'enable') ? parts(text(config, 'dhcrelay', 'interface')) : [];

function packages(root: XmlElement): readonly string[] {
  return items(at(root, 'installedpackages'), 'package').flatMap((element) => text(element, 'name') ?? []);
}

function upnp(root: XmlElement): { upnpInterface?: string } {
  const config = at(root, 'installedpackages', 'miniupnpd', 'config');
  return text(config, 'enable') === 'on' ? { upnpInterface: text(config, 'ext_iface') ?? 'wan' } : {};
}

/** The area of a backup of one area is the root itself. */
function sectionsOf(root: XmlElement): { readonly config: XmlElement; readonly partial: boolean } {
  const name = root.name.toLowerCase();
  if (name === 'pfsense' || name === 'm0n0wall') return { config: root, partial: false };
  return { config: { ...root, name: 'pfsense', children: [root], text: '' }, partial: true };
}

function refuseForeign(root: XmlElement, source: Source): void {
  const name = root.name.toLowerCase();
  const place = { file: source.name, line: root.span.line, column: 1 };
  if (name === 'opnsense')
    throw new RefusedError('this is an OPNsense configuration; this version reads pfSense only', {
      ...place,
      hint: 'OPNsense tests flags, addresses and rule order differently, so reading it as pfSense would give wrong answers.',
    });
  if (name === 'pfsense' || name === 'm0n0wall' || name === 'filter') return;
  throw new RefusedError(`the root element is <${root.name}>: expected <pfsense>, or <filter> for a backup of the rules alone`, {
    ...place,
    hint: EXPORT_HINT,
  });
}

/** pfSense rejects a file in which an area that is no list occurs twice. */
function refuseRepeated(config: XmlElement, source: Source): void {
  for (const name of ['version', 'system', 'interfaces', 'filter', 'nat', 'aliases', 'staticroutes', 'gateways', 'virtualip']) {
    const second = all(config, name)[1];
    if (second)
      throw new RefusedError(`<${name}> occurs twice; pfSense rejects such a file`, {
        file: source.name,
        line: second.span.line,
        column: 1,
        hint: EXPORT_HINT,
      });
  }
}

export function refuseEncrypted(source: Source): void {
  if (!/^\s*---- BEGIN config\.xml ----/.test(source.text.slice(0, 200))) return;
  throw new RefusedError('this is an encrypted backup; it cannot be audited', {
    file: source.name,
    line: 1,
    column: 1,
    hint: 'Export it again with Diagnostics > Backup & Restore without "Encrypt this configuration file".',
  });
}

function remarks(config: XmlElement, source: Source, partial: boolean): readonly Diagnostic[] {
  const out: Diagnostic[] = [];
  const note = (severity: Diagnostic['severity'], code: string, message: string) =>
    out.push({ severity, code, message, file: source.name, line: config.span.line });
  const version = text(config, 'version');
  if (partial) return [];
  if (version === undefined || !/^[0-9]/.test(version))
    note('warning', 'version-unknown', `the file names no configuration version; read as version ${MODERN} (pfSense 2.7.2)`);
  for (const name of ['system', 'filter', 'interfaces'])
    if (!has(config, name))
      note('warning', 'section-missing', `<${name}> is missing; every complete export has it, this file was cut or made by hand`);
  return out;
}

/** More interfaces or routes than any box has: a bound on the work that a hostile file can ask for. */
const MOST_INTERFACES = 4096;

function refuseEndless(config: XmlElement, source: Source): void {
  const count = at(config, 'interfaces')?.children.length ?? 0;
  if (count > MOST_INTERFACES)
    throw new RefusedError(`the file has ${count} interfaces, more than the ${MOST_INTERFACES} that are read`, {
      file: source.name,
      line: at(config, 'interfaces')?.span.line ?? 1,
      column: 1,
      hint: 'No pfSense box has that many; check where the file comes from.',
    });
}

/**
 * @throws RefusedError: encrypted, not well-formed, OPNsense, another root, an area repeated.
 */
export function extract(source: Source): PfsenseConfig {
  refuseEncrypted(source);
  const root = parseXml(source, { skip: (name, depth) => depth >= 1 && SKIPPED.has(name.toLowerCase()) });
  refuseForeign(root, source);
  const { config, partial } = sectionsOf(root);
  refuseRepeated(config, source);
  refuseEndless(config, source);
  const filter = at(config, 'filter');
  const nat = at(config, 'nat');
  const version = text(config, 'version');
  const hostname = text(config, 'system', 'hostname');
  const ipsec = at(config, 'ipsec');
  const filterMode = text(ipsec, 'filtermode');
  const defaultGateway4 = text(config, 'gateways', 'defaultgw4');
  const defaultGateway6 = text(config, 'gateways', 'defaultgw6');
  const { mode, rules: outbound } = rules.outbound(nat);
  return {
    file: source.name,
    root: root.name.toLowerCase(),
    ...(version !== undefined ? { version } : {}),
    ...(hostname !== undefined ? { hostname } : {}),
    partial: partial || !has(config, 'interfaces'),
    hasFilter: filter !== undefined,
    rootSpan: root.span,
    filterSpan: filter?.span ?? root.span,
    rules: rules.filterRules(filter),
    bypassStaticRoutes: has(filter, 'bypassstaticroutes'),
    aliases: rules.aliases(at(config, 'aliases')),
    interfaces: network.interfaces(at(config, 'interfaces')),
    groups: network.groups(at(config, 'ifgroups')),
    vips: network.vips(at(config, 'virtualip')),
    gateways: network.gateways(at(config, 'gateways')),
    gatewayGroups: network.gatewayGroups(at(config, 'gateways')),
    ...(defaultGateway4 !== undefined ? { defaultGateway4 } : {}),
    ...(defaultGateway6 !== undefined ? { defaultGateway6 } : {}),
    routes: network.routes(at(config, 'staticroutes')),
    openvpn: network.openVpn(at(config, 'openvpn')),
    wireguard: network.wireGuard(at(config, 'installedpackages', 'wireguard') ?? at(config, 'wireguard')),
    wireguardLegacy: has(config, 'wireguard'),
    phase1: network.phase1(ipsec),
    phase2: network.phase2(ipsec),
    ...(filterMode !== undefined ? { ipsecFilterMode: filterMode } : {}),
    dialIn: network.dialIn(config),
    tunnels: network.tunnels(config),
    bridges: items(at(config, 'bridges'), 'bridged').map((element) => ({
      members: parts(text(element, 'members')),
      device: text(element, 'bridgeif') ?? '',
      span: element.span,
    })),
    schedules: new Set(items(at(config, 'schedules'), 'schedule').flatMap((element) => text(element, 'name') ?? [])),
    radiusServers: new Set(
      items(at(config, 'system'), 'authserver').flatMap((s) => (text(s, 'type') === 'radius' ? (text(s, 'name') ?? []) : [])),
    ),
    dhcpServers: new Set([...enabledKeys(at(config, 'dhcpd')), ...relayKeys(config)]),
    dhcp6Servers: enabledKeys(at(config, 'dhcpdv6')),
    portForwards: rules.portForwards(nat),
    oneToOne: rules.oneToOne(nat),
    npt: rules.prefixTranslations(nat),
    outboundMode: mode,
    outbound,
    captivePortals: captivePortals(config),
    ...upnp(config),
    packages: packages(config),
    hasSync: (at(config, 'hasync')?.children.length ?? 0) > 0,
    system: systemRecord(config),
    diagnostics: remarks(config, source, partial),
  };
}
