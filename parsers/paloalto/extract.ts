/** XML running configuration of a firewall -> records. */
import { type Diagnostic, RefusedError } from '../../src/source/diagnostic.js';
import type { Source } from '../../src/source/span.js';
import type { XmlElement } from '../../src/source/xml.js';
import { readInterfaces, readRouters, readZones } from './extract-network.js';
import { readObjects } from './extract-objects.js';
import { readRulebase } from './extract-rules.js';
import type { PanConfig, VsysRecord } from './records.js';
import { entries, members, select, textAt } from './tree.js';

/** The command that produces the one form that is read today; part of every refusal. */
export const HOW_TO_EXPORT =
  'Export the XML running configuration of the firewall itself: in operational mode `set cli config-output-format xml`, then `show config running`' +
  ' (on a managed firewall `show config merged`), or Device > Setup > Operations > Export named configuration snapshot.';

function readVsys(element: XmlElement, roots: readonly XmlElement[], note: (d: Diagnostic) => void): VsysRecord {
  const name = element.attributes.get('name') ?? '';
  const display = textAt([element], 'display-name');
  const own = select(roots, 'vsys', 'entry').filter((entry) => entry.attributes.get('name') === name);
  // No export seen so far holds pushed rules inside the virtual system itself; they would not be lost.
  const pushed = [...roots, ...own, ...(holdsPushed(element) ? [element] : [])];
  return {
    name,
    span: element.span,
    ...(display ? { displayName: display } : {}),
    interfaces: members([element], 'import', 'network', 'interface') ?? [],
    visible: members([element], 'import', 'visible-vsys') ?? [],
    zones: readZones(element),
    objects: readObjects(name || 'vsys', [element], note),
    rulebase: readRulebase(select([element], 'rulebase'), note),
    ...(pushed.length
      ? {
          pushed: {
            pre: readRulebase(select(pushed, 'pre-rulebase'), note),
            post: readRulebase(select(pushed, 'post-rulebase'), note),
            objects: readObjects(`pushed to ${name}`, [...pushed].reverse(), note),
          },
        }
      : {}),
  };
}

const holdsPushed = (element: XmlElement): boolean =>
  [...select([element], 'pre-rulebase'), ...select([element], 'post-rulebase'), ...entries([element], 'vsys')].length > 0;

function refusePanorama(config: XmlElement, source: Source): void {
  const devices = select([config], 'devices', 'entry');
  const shared = select([config], 'shared');
  const sections = [
    ...['device-group', 'template', 'template-stack'].flatMap((name) => entries(devices, name)),
    ...['pre-rulebase', 'post-rulebase'].flatMap((name) => select(shared, name).filter((base) => base.children.length > 0)),
    ...(select(devices, 'vsys').length === 0 ? entries([config], 'mgt-config', 'devices') : []),
  ];
  const panorama = sections[0];
  if (!panorama) return;
  throw new RefusedError('this is the configuration of a Panorama, not of a firewall', {
    file: source.name,
    line: panorama.span.line,
    hint: `Device groups and templates are not read yet. ${HOW_TO_EXPORT}`,
  });
}

/**
 * @param config the `<config>` element.
 * @throws RefusedError for a Panorama and for a configuration without any virtual system.
 */
export function extract(config: XmlElement, source: Source): PanConfig {
  refusePanorama(config, source);
  const diagnostics: Diagnostic[] = [];
  const note = (d: Diagnostic): void => {
    diagnostics.push(d);
  };
  const devices = select([config], 'devices', 'entry');
  const vsysElements = entries(devices, 'vsys');
  if (vsysElements.length === 0)
    throw new RefusedError('the configuration holds no virtual system, so no security policy', {
      file: source.name,
      line: config.span.line,
      hint: `Expected /config/devices/entry/vsys/entry. ${HOW_TO_EXPORT}`,
    });
  const pushedRoots = [...select([config], 'panorama'), ...select([config], 'policy', 'panorama')];
  const system = select(devices, 'deviceconfig', 'system');
  const hostname = textAt(system, 'hostname');
  const version = config.attributes.get('detail-version') ?? config.attributes.get('version');
  const setting = select(devices, 'deviceconfig', 'setting');
  return {
    ...(hostname ? { hostname } : {}),
    ...(version ? { version } : {}),
    shared: readObjects('shared', select([config], 'shared'), note),
    vsys: vsysElements.map((element) => readVsys(element, pushedRoots, note)),
    interfaces: readInterfaces(select(devices, 'network', 'interface')),
    routers: readRouters(select(devices, 'network')),
    gateways: entries(select(devices, 'network'), 'shared-gateway').map((gateway) => ({
      name: gateway.attributes.get('name') ?? '',
      interfaces: members([gateway], 'import', 'network', 'interface') ?? [],
      translates: entries([gateway], 'rulebase', 'nat', 'rules').length > 0,
    })),
    managed: ['panorama-server', 'panorama-server-2'].some(
      (name) =>
        !!textAt(system, name) || !!textAt(system, 'panorama', name) || !!textAt(system, 'panorama', 'local-panorama', name),
    ),
    pushedExported: [...pushedRoots, ...vsysElements].some(holdsPushed),
    wildcardTopDown: textAt(setting, 'management', 'wildcard-topdown-match-mode') === 'yes',
    ipv6Firewalling: textAt(setting, 'session', 'ipv6-firewalling') !== 'no',
    diagnostics,
  };
}
