/** A small firewall with zones trust 10.1/16, dmz 10.2/16 and untrust (everything else), and room for what a test adds. */
import { XML_FORM } from '../../../parsers/paloalto/forms.js';
import { paloalto } from '../../../parsers/paloalto/index.js';
import type { Given } from '../../../parsers/types.js';
import type { Firewall } from '../../../src/model/firewall.js';
import { decode } from '../../../src/source/decode.js';

export interface Parts {
  /** Security rules. */
  readonly rules?: string;
  /** Further policies inside <rulebase>. */
  readonly rulebase?: string;
  /** Objects of vsys1. */
  readonly vsys?: string;
  readonly shared?: string;
  /** Inside <deviceconfig>. */
  readonly device?: string;
  /** Beside <devices>. */
  readonly top?: string;
  readonly zones?: string;
  readonly interfaces?: string;
  readonly routers?: string;
}

export const members = (...names: readonly string[]): string => names.map((name) => `<member>${name}</member>`).join('');

export interface RuleParts {
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly source?: readonly string[];
  readonly destination?: readonly string[];
  readonly application?: readonly string[];
  readonly service?: readonly string[];
  readonly action?: string;
  /** Further children. */
  readonly more?: string;
}

/** A rule entry; every list is `any` where nothing is said. */
export function rule(name: string, parts: RuleParts = {}): string {
  const list = (tag: string, names: readonly string[] | undefined): string =>
    `<${tag}>${members(...(names ?? ['any']))}</${tag}>`;
  return `<entry name="${name}">${list('from', parts.from)}${list('to', parts.to)}${list('source', parts.source)}${list('destination', parts.destination)}${list('application', parts.application)}${list('service', parts.service)}<action>${parts.action ?? 'allow'}</action>${parts.more ?? ''}</entry>`;
}

export const netmask = (name: string, value: string, tags: readonly string[] = []): string =>
  `<entry name="${name}"><ip-netmask>${value}</ip-netmask>${tags.length ? `<tag>${members(...tags)}</tag>` : ''}</entry>`;

export const tcp = (name: string, port: string, source?: string): string =>
  `<entry name="${name}"><protocol><tcp><port>${port}</port>${source ? `<source-port>${source}</source-port>` : ''}</tcp></protocol></entry>`;

const zone = (name: string, ...interfaces: readonly string[]): string =>
  `<entry name="${name}"><network><layer3>${members(...interfaces)}</layer3></network></entry>`;

export const ethernet = (name: string, address: string, v6?: string): string =>
  `<entry name="${name}"><layer3><ip><entry name="${address}"/></ip>${v6 ? `<ipv6><address><entry name="${v6}"/></address></ipv6>` : ''}</layer3></entry>`;

const ZONES = zone('trust', 'ethernet1/1', 'ethernet1/4') + zone('dmz', 'ethernet1/2') + zone('untrust', 'ethernet1/3');
const INTERFACES =
  ethernet('ethernet1/1', '10.1.0.1/17', '2001:db8:1::1/64') +
  ethernet('ethernet1/4', '10.1.128.1/17') +
  ethernet('ethernet1/2', '10.2.0.1/16', '2001:db8:2::1/64') +
  ethernet('ethernet1/3', '192.0.2.1/24', '2001:db8:3::1/64');

export const staticRoute = (name: string, destination: string, rest: string): string =>
  `<entry name="${name}"><destination>${destination}</destination>${rest}</entry>`;

const ROUTER = `<entry name="default"><interface>${members('ethernet1/1', 'ethernet1/2', 'ethernet1/3', 'ethernet1/4')}</interface><routing-table><ip><static-route>${staticRoute('out', '0.0.0.0/0', '<nexthop><ip-address>192.0.2.254</ip-address></nexthop>')}</static-route></ip><ipv6><static-route>${staticRoute('out6', '::/0', '<nexthop><ipv6-address>2001:db8:3::fe</ipv6-address></nexthop><interface>ethernet1/3</interface>')}</static-route></ipv6></routing-table></entry>`;

export function configuration(parts: Parts = {}): string {
  return `<?xml version="1.0"?>
<config version="10.1.0" urldb="paloaltonetworks">
  <shared>${parts.shared ?? ''}</shared>
  ${parts.top ?? ''}
  <devices><entry name="localhost.localdomain">
    <network><interface><ethernet>${parts.interfaces ?? INTERFACES}</ethernet></interface><virtual-router>${parts.routers ?? ROUTER}</virtual-router></network>
    <deviceconfig>${parts.device ?? '<system><hostname>fw1</hostname></system>'}</deviceconfig>
    <vsys><entry name="vsys1">
      <zone>${parts.zones ?? ZONES}</zone>
      ${parts.vsys ?? ''}
      <rulebase><security><rules>
        ${parts.rules ?? ''}
      </rules></security>${parts.rulebase ?? ''}</rulebase>
    </entry></vsys>
  </entry></devices>
</config>`;
}

export const readText = (text: string, given: Given = {}): readonly Firewall[] =>
  paloalto.parse([{ source: decode('fw.xml', Buffer.from(text)).source, form: XML_FORM }], given);

export function firewall(parts: Parts = {}, given: Given = {}): Firewall {
  const found = readText(configuration(parts), given)[0];
  if (!found) throw new Error('no firewall');
  return found;
}
