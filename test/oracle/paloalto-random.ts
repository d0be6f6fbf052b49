/** Random PAN-OS configurations, as the XML that a firewall would export. */
import fc from 'fast-check';
import { entry, list, rare, rulebase, scope } from './paloalto-random-rules.js';

const layer3 = (addresses: readonly string[], six: readonly string[]): string =>
  `<layer3>${addresses.length ? `<ip>${addresses.map((one) => entry(one, '')).join('')}</ip>` : ''}${
    six.length ? `<ipv6><address>${six.map((one) => entry(one, '')).join('')}</address></ipv6>` : ''
  }</layer3>`;

const route = (name: string, destination: string, hop: string, more = ''): string =>
  entry(name, `<destination>${destination}</destination><nexthop>${hop}</nexthop>${more}`);

const ROUTES: readonly string[] = [
  route('hole', '10.66.0.0/16', '<discard/>'),
  route('deep', '10.2.128.0/17', '<ip-address>10.1.0.9</ip-address>'),
  route('twin', '10.50.0.0/16', '<ip-address>10.1.0.9</ip-address>', '<metric>5</metric>'),
  route('twin2', '10.50.0.0/16', '<ip-address>10.2.0.9</ip-address>', '<metric>9</metric>'),
  route('even', '10.60.0.0/16', '<ip-address>10.1.0.9</ip-address>'),
  route('even2', '10.60.0.0/16', '<ip-address>10.2.0.9</ip-address>'),
  route('watched', '10.70.0.0/16', '<ip-address>10.1.0.9</ip-address>', '<path-monitor><enable>yes</enable></path-monitor>'),
  route('off', '10.80.0.0/16', '<ip-address>10.1.0.9</ip-address>', '<route-table><no-install/></route-table>'),
];

const network = fc
  .record({
    routes: fc.subarray([...ROUTES]),
    standard: fc.boolean(),
    six: fc.boolean(),
    leased: rare(fc.constant(true), false, 5),
    bgp: rare(fc.constant(true), false, 9),
    second: rare(fc.constant(true), false, 2),
  })
  .map(({ routes, standard, six, leased, bgp, second }) => {
    const leasedBody = '<layer3><dhcp-client><enable>yes</enable></dhcp-client></layer3>';
    const interfaces = [
      entry('ethernet1/1', layer3(['10.1.0.1/16'], ['2001:db8:1::1/64'])),
      entry('ethernet1/2', layer3(['10.2.0.1/16'], ['2001:db8:2::1/64'])),
      entry('ethernet1/3', leased ? leasedBody : layer3(['192.0.2.1/24'], [])),
      entry('ethernet1/4', layer3(['10.3.0.1/24'], [])),
      entry('ethernet1/5', layer3(['10.99.0.1/24'], [])),
    ];
    const fallback = [
      ...(standard
        ? [route('default', '0.0.0.0/0', '<ip-address>192.0.2.254</ip-address>', '<interface>ethernet1/3</interface>')]
        : []),
      ...(second ? [route('other', '10.40.0.0/16', '<next-vr>vr2</next-vr>')] : []),
    ];
    const six6 = six
      ? route('six', '::/0', '<ipv6-address>2001:db8:2::9</ipv6-address>', '<interface>ethernet1/2</interface>')
      : '';
    const members = second
      ? ['ethernet1/1', 'ethernet1/2', 'ethernet1/3', 'ethernet1/5']
      : [1, 2, 3, 4, 5].map((n) => `ethernet1/${n}`);
    const routers = [
      entry(
        'vr1',
        `${list('interface', members)}<routing-table><ip><static-route>${[...routes, ...fallback].join('')}</static-route></ip><ipv6><static-route>${six6}</static-route></ipv6></routing-table>${
          bgp ? '<protocol><bgp><enable>yes</enable></bgp></protocol>' : ''
        }`,
      ),
      ...(second
        ? [
            entry(
              'vr2',
              `${list('interface', ['ethernet1/4'])}<routing-table><ip><static-route>${route('back', '10.1.0.0/16', '<next-vr>vr1</next-vr>')}${route('forty', '10.40.8.0/21', '<ip-address>10.3.0.9</ip-address>')}</static-route></ip></routing-table>`,
            ),
          ]
        : []),
    ];
    return `<network><interface><ethernet>${interfaces.join('')}</ethernet></interface><virtual-router>${routers.join('')}</virtual-router></network>`;
  });

const external = (name: string, vsys: string): string => entry(name, `<network>${list('external', [vsys])}</network>`);
const zone = (name: string, interfaces: readonly string[]): string =>
  entry(name, `<network>${list('layer3', interfaces)}</network>`);

/** A whole configuration: one or two virtual systems, one or two routers, with or without what Panorama pushed. */
export const randomConfig: fc.Arbitrary<string> = fc
  .record({
    network,
    local: scope(5),
    shared: scope(1),
    base: rulebase(6),
    pushed: rare(
      fc.tuple(rulebase(2), rulebase(2), scope(1)).map(([pre, post, own]) => ({ pre, post, own })),
      undefined,
      3,
    ),
    managed: rare(fc.constant(true), false, 14),
    topDown: rare(fc.constant(true), false, 2),
    peer: rare(fc.record({ seen: fc.boolean(), back: fc.boolean(), base: rulebase(3) }), undefined, 3),
    lab: fc.constantFrom<readonly string[]>(['ethernet1/4'], ['ethernet1/4', 'ethernet1/2']),
  })
  .map(({ network: net, local, shared, base, pushed, managed, topDown, lab, peer }) => {
    const shared1 = `<shared>${shared}</shared>`;
    const both = lab.includes('ethernet1/2');
    const zoneList = [
      zone('trust', ['ethernet1/1']),
      zone('dmz', both ? [] : ['ethernet1/2']),
      zone('untrust', ['ethernet1/3']),
      zone('lab', lab),
      ...(peer ? [external('beyond', peer.back ? 'vsys2' : 'vsys3')] : []),
    ];
    const system = `<deviceconfig><system><hostname>fw</hostname>${managed ? '<panorama><local-panorama><panorama-server>192.0.2.200</panorama-server></local-panorama></panorama>' : ''}</system>${
      topDown ? '<setting><management><wildcard-topdown-match-mode>yes</wildcard-topdown-match-mode></management></setting>' : ''
    }</deviceconfig>`;
    const vsys = entry(
      'vsys1',
      `<zone>${zoneList.join('')}</zone><import><network>${list(
        'interface',
        (peer ? [1, 2, 3, 4] : [1, 2, 3, 4, 5]).map((n) => `ethernet1/${n}`),
      )}</network>${peer?.seen ? list('visible-vsys', ['vsys2']) : ''}</import>${local}<rulebase>${base}</rulebase>`,
    );
    const other = peer
      ? entry(
          'vsys2',
          `<zone>${zone('lab', ['ethernet1/5'])}${external('beyond', 'vsys1')}</zone><import><network>${list('interface', [
            'ethernet1/5',
          ])}</network>${list('visible-vsys', ['vsys1'])}</import><rulebase>${peer.base}</rulebase>`,
        )
      : '';
    const above = pushed
      ? `<panorama><vsys>${entry('vsys1', `${pushed.own}<pre-rulebase>${pushed.pre}</pre-rulebase><post-rulebase>${pushed.post}</post-rulebase>`)}</vsys></panorama>`
      : '';
    return `<?xml version="1.0"?>\n<config version="10.2.0" urldb="paloaltonetworks">${shared1}<devices><entry name="localhost.localdomain">${net}${system}<vsys>${vsys}${other}</vsys></entry></devices>${above}</config>`;
  });
