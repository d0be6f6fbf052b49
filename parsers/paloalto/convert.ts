/** Records of one configuration -> one Firewall for each virtual system. */
import type { Firewall } from '../../src/model/firewall.js';
import { type Diagnostic, RefusedError } from '../../src/source/diagnostic.js';
import type { Source } from '../../src/source/span.js';
import type { Given } from '../types.js';
import { Addresses } from './addresses.js';
import type { Context } from './convert-rules.js';
import { namedObjects } from './named-objects.js';
import { Names } from './names.js';
import { buildPolicy, partsOf } from './policy.js';
import type { Objects, PanConfig, VsysRecord } from './records.js';
import { routingOf } from './routes.js';
import { Services } from './services.js';
import { Terms } from './terms.js';
import { translationsOf } from './translations.js';
import type { Unresolved } from './unresolved.js';
import { Zones } from './zones.js';

/** Name of a file without folder and ending. */
export const baseName = (path: string): string => path.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '') || path;

/** Each message once: rules share objects. */
function collector(first: readonly Diagnostic[]): { readonly note: (d: Diagnostic) => void; readonly list: Diagnostic[] } {
  const list = [...first];
  const seen = new Set(first.map((d) => `${d.code} ${d.line ?? 0} ${d.message}`));
  const note = (d: Diagnostic): void => {
    const key = `${d.code} ${d.line ?? 0} ${d.message}`;
    if (seen.has(key)) return;
    seen.add(key);
    list.push(d);
  };
  return { note, list };
}

function convertVsys(config: PanConfig, vsys: VsysRecord, name: string, source: Source, given: Given): Firewall {
  const { note, list } = collector(config.diagnostics);
  const zoned = new Set(vsys.zones.flatMap((zone) => (zone.type === 'external' ? [] : zone.members)));
  const outsiders = config.routers.some((router) => router.interfaces.some((member) => !zoned.has(member)));
  const zones = new Zones(vsys, name, outsiders);
  const unresolved: Unresolved[] = [];
  const context = (scopes: readonly Objects[]): Context => {
    const names = new Names(scopes, note);
    const services = new Services(names, name);
    const addresses = new Addresses(names, name, given, note);
    unresolved.push(addresses.unresolved, services.unresolved);
    return { device: name, zones, addresses, terms: new Terms(names, services), note };
  };
  const pushedObjects = vsys.pushed ? [vsys.pushed.objects] : [];
  const scopes = [vsys.objects, ...pushedObjects, config.shared];
  const local = context(scopes);
  // Panorama does not know local objects: pushed rules never see them.
  const pushed = context([...pushedObjects, config.shared]);
  const input = {
    vsys,
    local,
    pushed,
    pushedMissing: config.managed && !config.pushedExported,
    wildcardTopDown: config.wildcardTopDown,
  };
  const policy = buildPolicy(input);
  const translations = translationsOf({
    parts: partsOf(input),
    config,
    vsys,
    zones,
    pushedMissing: input.pushedMissing,
  });
  const routing = routingOf(config, vsys, zones, local.addresses, note);
  for (const each of unresolved) each.report(note);
  for (const d of remarks(config, vsys, source)) note(d);
  const stage = [policy.entry];
  return {
    name,
    vendor: 'paloalto',
    kind: 'network',
    files: [source.name],
    links: { kind: 'zone', names: zones.names },
    lists: policy.lists,
    entries: zones.from.length
      ? { forward: { stages: config.ipv6Firewalling ? { 4: stage, 6: stage } : { 4: stage }, in: zones.from, out: zones.to } }
      : {},
    ...routing,
    repliesByRules: false,
    translations,
    objects: namedObjects(scopes, name, given),
    notExported: policy.notExported,
    diagnostics: list,
  };
}

/** What does not change verdicts but should be known when reading them. */
function remarks(config: PanConfig, vsys: VsysRecord, source: Source): readonly Diagnostic[] {
  const out: Diagnostic[] = [];
  const say = (severity: Diagnostic['severity'], code: string, message: string, line = vsys.span.line): void => {
    out.push({ severity, code, message, file: source.name, line });
  };
  const bases = [vsys.rulebase, ...(vsys.pushed ? [vsys.pushed.pre, vsys.pushed.post] : [])];
  for (const base of bases)
    for (const [policy, count] of base.noted)
      say(
        'info',
        'policy-not-judged',
        `${count} enabled ${policy} rule${count === 1 ? '' : 's'}: this policy may also stop traffic and is not judged`,
      );
  const rules = bases.flatMap((base) => base.security).filter((rule) => !rule.disabled);
  const inspected = rules.filter((rule) => rule.profiles).length;
  if (inspected > 0)
    say('info', 'security-profiles', `${inspected} rules inspect content with security profiles, which may stop single sessions`);
  const labels = bases.flatMap((base) => base.override).filter((rule) => !rule.disabled).length;
  if (labels > 0)
    say(
      'info',
      'application-override',
      `${labels} application override rules name the application of traffic; the rules are judged with that name`,
    );
  if (config.managed && !config.pushedExported)
    say(
      'warning',
      'pushed-policy-missing',
      'the firewall is managed by a Panorama, whose rules are not in this export: no verdict can be definite',
    );
  if (config.gateways.length > 0)
    say(
      'info',
      'shared-gateway',
      'address translation in shared gateways is not read; flows are judged as they reach this virtual system',
    );
  if (!config.ipv6Firewalling)
    say(
      'warning',
      'ipv6-firewalling-off',
      'IPv6 firewalling is switched off: what happens to IPv6 traffic is not decided by the rules',
    );
  if (source.text.includes(' dirtyId="'))
    say('warning', 'candidate-config', 'this is a candidate configuration: it may hold edits that are not in force', 1);
  if (vsys.zones.length === 0)
    say('warning', 'zones-missing', 'the export holds no zones: where addresses lie must be stated (zones:)');
  for (const zone of vsys.zones)
    if (zone.type === 'tap')
      say('info', 'tap-zone', `zone "${zone.name}" sees copies of traffic and cannot block; it is left out`, zone.span.line);
    else if (zone.type === 'layer2' || zone.type === 'virtual-wire')
      say(
        'info',
        'bridged-zone',
        `zone "${zone.name}" (${zone.type}) has no addresses: state its networks (zones:)`,
        zone.span.line,
      );
  return out;
}

function chosen(config: PanConfig, given: Given, source: Source): readonly VsysRecord[] {
  if (given.vsys === undefined) return config.vsys;
  const found = config.vsys.filter((vsys) => vsys.name === given.vsys || vsys.displayName === given.vsys);
  if (found.length > 0) return found;
  const names = config.vsys.map((vsys) => (vsys.displayName ? `${vsys.name} (${vsys.displayName})` : vsys.name)).join(', ');
  throw new RefusedError(`there is no virtual system "${given.vsys}" in the export`, {
    file: source.name,
    line: 1,
    hint: `It holds ${names}.`,
  });
}

/** @throws RefusedError when `given.vsys` names no virtual system of the export. */
export function convert(config: PanConfig, source: Source, given: Given): readonly Firewall[] {
  const device = given.name ?? config.hostname ?? baseName(source.name);
  const picked = chosen(config, given, source);
  const suffix = given.vsys === undefined && config.vsys.length > 1;
  return picked.map((vsys) => convertVsys(config, vsys, suffix ? `${device} ${vsys.name}` : device, source, given));
}
