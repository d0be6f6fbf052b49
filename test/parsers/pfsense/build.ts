/** Small config.xml files for tests: the base network of every trap, with what a test adds. */
import { convert } from '../../../parsers/pfsense/convert.js';
import { extract } from '../../../parsers/pfsense/extract.js';
import type { Given } from '../../../parsers/types.js';
import type { Firewall, Rule } from '../../../src/model/firewall.js';
import { decode } from '../../../src/source/decode.js';

export interface ConfigParts {
  readonly version?: string;
  readonly system?: string;
  /** Added to wan, lan, opt1. */
  readonly wan?: string;
  readonly lan?: string;
  readonly opt1?: string;
  readonly interfaces?: string;
  readonly filter?: string;
  readonly aliases?: string;
  readonly gateways?: string;
  readonly nat?: string;
  /** Default automatic. */
  readonly outboundMode?: string;
  readonly outboundRules?: string;
  /** Inside <webgui>. */
  readonly webgui?: string;
  /** Whatever else stands below the root. */
  readonly more?: string;
}

/** WAN 203.0.113.2/24 (gateway .1), LAN 192.168.1.1/24, OPT1 (DMZ) 10.0.1.1/24. */
export function config(parts: ConfigParts): string {
  const system = parts.system ?? '<ipv6allow/>';
  return `<?xml version="1.0"?>
<pfsense>
  <version>${parts.version ?? '23.3'}</version>
  <system><hostname>fw</hostname><webgui><protocol>https</protocol>${parts.webgui ?? ''}</webgui>${system}</system>
  <interfaces>
    <wan><enable/><if>igb0</if><ipaddr>203.0.113.2</ipaddr><subnet>24</subnet><gateway>WANGW</gateway>${parts.wan ?? ''}</wan>
    <lan><enable/><if>igb1</if><ipaddr>192.168.1.1</ipaddr><subnet>24</subnet>${parts.lan ?? ''}</lan>
    <opt1><enable/><if>igb2</if><descr>DMZ</descr><ipaddr>10.0.1.1</ipaddr><subnet>24</subnet>${parts.opt1 ?? ''}</opt1>
    ${parts.interfaces ?? ''}
  </interfaces>
  <gateways>
    <gateway_item><interface>wan</interface><gateway>203.0.113.1</gateway><name>WANGW</name><ipprotocol>inet</ipprotocol></gateway_item>
    <gateway_item><interface>wan</interface><gateway>203.0.113.9</gateway><name>WAN2_GW</name><ipprotocol>inet</ipprotocol></gateway_item>
    ${parts.gateways ?? ''}<defaultgw4>WANGW</defaultgw4>
  </gateways>
  <aliases>${parts.aliases ?? ''}</aliases>
  <nat><outbound><mode>${parts.outboundMode ?? 'automatic'}</mode>${parts.outboundRules ?? ''}</outbound>${parts.nat ?? ''}</nat>
  <filter>${parts.filter ?? ''}</filter>
  ${parts.more ?? ''}
</pfsense>
`;
}

export const ANY = '<any/>';
export const address = (text: string) => `<address>${text}</address>`;
export const network = (text: string) => `<network>${text}</network>`;
export const port = (text: string) => `<port>${text}</port>`;

/** One filter rule; `more` is inserted as it stands. */
export function rule(type: string, tab: string, source: string, destination: string, more = ''): string {
  return `<rule><type>${type}</type><interface>${tab}</interface><source>${source}</source><destination>${destination}</destination>${more}</rule>\n`;
}

export const floating = (type: string, tab: string, source: string, destination: string, more = '') =>
  rule(type, tab, source, destination, `<floating>yes</floating>${more}`);

export const alias = (name: string, type: string, members: string, more = '') =>
  `<alias><name>${name}</name><type>${type}</type><address>${members}</address>${more}</alias>`;

export function readText(text: string, given: Given = {}): Firewall {
  return convert(extract(decode('fw.xml', Buffer.from(text)).source), given);
}

export const read = (parts: ConfigParts, given: Given = {}): Firewall => readText(config(parts), given);

export function listed(firewall: Firewall, list: string): readonly Rule[] {
  const found = firewall.lists.get(list);
  if (!found) throw new Error(`no list ${list}`);
  return found.rules;
}

export const userRules = (firewall: Firewall, list = 'inbound'): readonly Rule[] =>
  listed(firewall, list).filter((entry) => entry.origin === 'user');

export const codes = (firewall: Firewall): readonly string[] => firewall.diagnostics.map((d) => d.code);
