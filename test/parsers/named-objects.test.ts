import { describe, expect, it } from 'vitest';
import { detect } from '../../parsers/detect.js';
import type { Given } from '../../parsers/types.js';
import type { Firewall } from '../../src/model/firewall.js';
import { formatAddresses, parseAddressSet } from '../../src/sets/ip.js';
import { decode } from '../../src/source/decode.js';

function read(name: string, text: string, given: Given = {}): Firewall {
  const { source } = decode(name, Buffer.from(text));
  const { vendor, form } = detect(source);
  const [firewall] = vendor.parse([{ source, form: form.id }], given);
  if (!firewall) throw new Error('no firewall');
  return firewall;
}

const objectsOf = (firewall: Firewall): Record<string, string> =>
  Object.fromEntries((firewall.objects ?? []).map(({ name, addresses }) => [name, formatAddresses(addresses).join(', ')]));

const panos = (shared: string, vsys: string): string =>
  `<?xml version="1.0"?><config version="10.1.0" urldb="paloaltonetworks"><shared>${shared}</shared><devices><entry name="localhost.localdomain"><vsys>` +
  `<entry name="vsys1">${vsys}<rulebase><security><rules/></security></rulebase></entry></vsys></entry></devices></config>`;
const entry = (name: string, body: string): string => `<entry name="${name}">${body}</entry>`;
const group = (name: string, ...members: string[]): string =>
  entry(name, `<static>${members.map((one) => `<member>${one}</member>`).join('')}</static>`);

describe('objects of a PAN-OS export that are wholly known', () => {
  const text = panos(
    `<address>${entry('dc-1', '<ip-netmask>10.9.9.9</ip-netmask>')}${entry('dc-2', '<ip-range>10.1.0.20-10.1.0.21</ip-range>')}</address>`,
    `<address>${entry('dc-1', '<ip-netmask>10.1.0.10</ip-netmask>')}${entry('app', '<fqdn>app.example</fqdn>')}</address>` +
      `<address-group>${group('domain-controllers', 'dc-1', 'dc-2')}${group('with-app', 'dc-1', 'app')}${group('with-gap', 'dc-1', 'gone')}` +
      `${group('circle', 'circle', 'dc-1')}${group('empty')}${entry('tagged', "<dynamic><filter>'dc'</filter></dynamic>")}</address-group>`,
  );

  it('are named, the nearest of one name; those with an unknown part are not', () => {
    const firewall = read('core.xml', text);
    expect(objectsOf(firewall)).toEqual({
      'dc-1': '10.1.0.10',
      'dc-2': '10.1.0.20/31',
      'domain-controllers': '10.1.0.10, 10.1.0.20/31',
    });
    expect(firewall.diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  });

  it('hold resolved host names', () => {
    const names = new Map([['app.example', parseAddressSet('10.1.0.30') ?? { v4: [], v6: [] }]]);
    expect(objectsOf(read('core.xml', text, { names }))).toMatchObject({ app: '10.1.0.30', 'with-app': '10.1.0.10, 10.1.0.30' });
  });
});

describe('aliases of a pfSense export that are wholly known', () => {
  const alias = (name: string, type: string, address: string): string =>
    `<alias><name>${name}</name><type>${type}</type><address>${address}</address><detail/></alias>`;
  const text = `<?xml version="1.0"?><pfsense><version>22.9</version><system><hostname>edge</hostname></system><interfaces><lan><enable/><if>em0</if><ipaddr>10.1.0.1</ipaddr><subnet>24</subnet></lan></interfaces><aliases>${alias(
    'servers',
    'host',
    '10.1.0.10 10.1.0.11',
  )}${alias('branches', 'network', '10.8.0.0/16 servers')}${alias('cloud', 'host', 'login.example 10.1.0.12')}${alias('web', 'port', '80 443')}</aliases><filter/></pfsense>`;

  it('are named; ports and partly known ones are not', () => {
    expect(objectsOf(read('edge.xml', text))).toEqual({
      servers: '10.1.0.10/31',
      branches: '10.1.0.10/31, 10.8.0.0/16',
    });
  });
});
