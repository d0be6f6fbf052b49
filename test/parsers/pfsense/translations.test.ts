/** Firewall.translations: what is rewritten, from where to where, as a bound from above. */
import { describe, expect, it } from 'vitest';
import type { Firewall, Translation } from '../../../src/model/firewall.js';
import { contains } from '../../../src/sets/intervals.js';
import { formatAddresses } from '../../../src/sets/ip.js';
import { ANY, address, alias, type ConfigParts, network, port, read, readText } from './build.js';

const namesOf = (firewall: Firewall, links: readonly number[] | undefined): string =>
  links === undefined ? 'everywhere' : firewall.links.names.filter((_, link) => contains(links, link)).join(' ');
const text = (set: Translation['to']): string | undefined => (set ? formatAddresses(set).join(', ') : undefined);

/** One line a box: `source > destination [in] [out]`. */
function shown(parts: ConfigParts, changes: Translation['changes']) {
  const firewall = read(parts);
  return (firewall.translations ?? [])
    .filter((each) => each.changes === changes)
    .map((each) => ({
      name: each.name,
      to: text(each.to),
      match: each.match.map(
        (box) =>
          `${text(box.source)} > ${text(box.destination)} in ${namesOf(firewall, box.in)}, out ${namesOf(firewall, box.out)}`,
      ),
    }));
}

const OFF = '<disablenatreflection>yes</disablenatreflection><ipv6allow/>';
const forward = (target: string, more = '', destination = `${network('wanip')}${port('443')}`) =>
  `<rule><source>${ANY}</source><destination>${destination}</destination><protocol>tcp</protocol><target>${target}</target><local-port>8443</local-port><interface>wan</interface>${more}</rule>`;
const published = (nat: string, more: ConfigParts = {}) => shown({ system: OFF, nat, ...more }, 'destination');

describe('port forwards', () => {
  it('publish their target', () => {
    expect(published(forward('10.0.1.5', '<associated-rule-id>pass</associated-rule-id>'))).toEqual([
      {
        name: 'port forward to 10.0.1.5:8443',
        to: '10.0.1.5',
        match: ['0.0.0.0/0 > 203.0.113.2 in wan, out everywhere'],
      },
    ]);
  });

  it('publish every address of an alias, and nothing known where a part is unknown or a keyword is none', () => {
    const aliases = alias('WEB', 'host', '10.0.1.5 10.0.1.7') + alias('CLOUD', 'host', '10.0.1.5 app.example');
    const to = (target: string) => published(forward(target), { aliases }).map((each) => each.to);
    expect(to('WEB')).toEqual(['10.0.1.5, 10.0.1.7']);
    expect(to('CLOUD')).toEqual([undefined]);
    expect(to('lanip')).toEqual(['192.168.1.1']);
    expect(to('nothing')).toEqual([undefined]);
  });

  it('reach the inner interfaces where reflection is on', () => {
    const matches = (system: string, more = '') =>
      shown({ system, nat: forward('10.0.1.5', more) }, 'destination').flatMap((each) => each.match);
    expect(matches('<ipv6allow/>')).toEqual(['0.0.0.0/0 > 203.0.113.2 in wan lan opt1, out everywhere']);
    expect(matches(OFF, '<natreflection>purenat</natreflection>')).toEqual([
      '0.0.0.0/0 > 203.0.113.2 in wan lan opt1, out everywhere',
    ]);
    expect(matches('<ipv6allow/>', '<natreflection>disable</natreflection>')).toEqual([
      '0.0.0.0/0 > 203.0.113.2 in wan, out everywhere',
    ]);
  });

  it('that are off, exempt or left out by pfSense are none', () => {
    expect(published(forward('10.0.1.5', '<disabled/>') + forward('10.0.1.5', '<nordr/>'))).toEqual([]);
    expect(published(forward('10.0.1.5', '', address('GONE')))).toEqual([]);
  });
});

describe('1:1 and prefix translation', () => {
  const entry = (more = '') =>
    `<onetoone><external>203.0.113.64</external><interface>wan</interface>${more}<source>${address('10.0.1.0/28')}</source><destination>${ANY}</destination></onetoone>`;
  it('1:1 goes both ways', () => {
    expect(published(entry())).toEqual([
      {
        name: '1:1 translation 203.0.113.64 to 10.0.1.0/28',
        to: '10.0.1.0/28',
        match: ['0.0.0.0/0 > 203.0.113.64/28 in wan, out everywhere'],
      },
    ]);
    expect(shown({ system: OFF, outboundMode: 'disabled', nat: entry() }, 'source')).toEqual([
      {
        name: '1:1 translation of 10.0.1.0/28 to 203.0.113.64',
        to: '203.0.113.64/28',
        match: ['10.0.1.0/28 > 0.0.0.0/0 in everywhere, out wan'],
      },
    ]);
  });

  it('1:1 that is off or exempts is none', () => {
    const nat = entry('<disabled/>') + entry('<nobinat/>');
    expect(published(nat)).toEqual([]);
    expect(shown({ system: OFF, outboundMode: 'disabled', nat }, 'source')).toEqual([]);
  });

  it('the former spelling of 1:1 says the same', () => {
    const nat =
      '<onetoone><external>203.0.113.64</external><internal>10.0.1.0</internal><subnet>28</subnet><interface>wan</interface></onetoone>';
    expect(published(nat).map((each) => each.to)).toEqual(['10.0.1.0/28']);
    expect(shown({ system: OFF, outboundMode: 'disabled', nat }, 'source').flatMap((each) => each.match)).toEqual([
      '10.0.1.0/28 > 0.0.0.0/0 in everywhere, out wan',
    ]);
  });

  it('an IPv6 prefix goes both ways', () => {
    const nat = `<npt><interface>wan</interface><source>${address('fd00:1::/64')}</source><destination>${address('2001:db8:1::/64')}</destination></npt>`;
    expect(published(nat)).toMatchObject([{ to: 'fd00:1::/64', match: ['::/0 > 2001:db8:1::/64 in wan, out everywhere'] }]);
    expect(shown({ system: OFF, outboundMode: 'disabled', nat }, 'source')).toMatchObject([
      { to: '2001:db8:1::/64', match: ['fd00:1::/64 > ::/0 in everywhere, out wan'] },
    ]);
  });
});

describe('outbound NAT', () => {
  const outbound = (parts: ConfigParts) => shown({ system: OFF, ...parts }, 'source');
  const manual = (more: string, source = '172.16.9.0/24') =>
    `<rule><source><network>${source}</network></source><destination>${ANY}</destination>${more}</rule>`;

  it('automatic: inner networks, virtual addresses, static routes and VPN networks, out of the WAN', () => {
    const found = outbound({
      gateways:
        '<gateway_item><interface>lan</interface><gateway>192.168.1.9</gateway><name>INNER</name><ipprotocol>inet</ipprotocol></gateway_item>',
      more:
        '<staticroutes><route><network>10.50.0.0/16</network><gateway>INNER</gateway></route></staticroutes>' +
        '<openvpn><openvpn-server><vpnid>1</vpnid><tunnel_network>10.8.0.0/24</tunnel_network></openvpn-server></openvpn>' +
        '<virtualip><vip><mode>ipalias</mode><interface>opt1</interface><subnet>10.0.9.1</subnet><subnet_bits>24</subnet_bits></vip></virtualip>',
    });
    expect(found).toEqual([
      {
        name: 'outbound NAT on WAN (automatic)',
        to: '203.0.113.2',
        match: [
          '10.0.1.0/24, 10.0.9.0/24, 10.8.0.0/24, 10.50.0.0/16, 127.0.0.0/8, 192.168.1.0/24 > 0.0.0.0/0 in everywhere, out wan',
        ],
      },
    ]);
  });

  it('takes any source where mobile IPsec clients have a pool', () => {
    const more = '<ipsec><phase1><ikeid>1</ikeid><interface>wan</interface><mobile/><protocol>inet</protocol></phase1></ipsec>';
    expect(outbound({ more }).flatMap((each) => each.match)).toEqual(['0.0.0.0/0 > 0.0.0.0/0 in everywhere, out wan']);
  });

  it('happens on a second WAN and on an assigned tunnel, and on the interface of the default route', () => {
    const interfaces = '<opt2><enable/><if>igb3</if><ipaddr>dhcp</ipaddr></opt2><opt3><enable/><if>ovpnc1</if></opt3>';
    const openvpn = '<openvpn><openvpn-client><vpnid>1</vpnid></openvpn-client></openvpn>';
    expect(outbound({ interfaces, more: openvpn }).map((each) => [each.name, each.to])).toEqual([
      ['outbound NAT on WAN (automatic)', '203.0.113.2'],
      ['outbound NAT on OPT2 (automatic)', undefined],
      ['outbound NAT on OPT3 (automatic)', undefined],
    ]);
    const bare = readText(
      '<pfsense><version>23.3</version><system/><interfaces><wan><enable/><if>em0</if><ipaddr>203.0.113.2</ipaddr><subnet>24</subnet></wan>' +
        '<lan><enable/><if>em1</if><ipaddr>192.168.1.1</ipaddr><subnet>24</subnet></lan></interfaces>' +
        '<gateways><gateway_item><interface>wan</interface><gateway>203.0.113.1</gateway><name>GW</name></gateway_item><defaultgw4>GW</defaultgw4></gateways><filter/></pfsense>',
    );
    expect(bare.translations?.map((each) => each.name)).toEqual(['outbound NAT on WAN (automatic)']);
  });

  it('hybrid adds its rules, manual has nothing else, disabled has none', () => {
    const outboundRules =
      manual('<interface>wan</interface><target>203.0.113.9</target><descr>branch</descr>') +
      manual('<interface>wan</interface><nonat/>') +
      manual('<interface>wan</interface><disabled/>') +
      manual('<interface>opt9</interface>');
    const branch = {
      name: 'outbound NAT on WAN: branch',
      to: '203.0.113.9',
      match: ['172.16.9.0/24 > 0.0.0.0/0 in everywhere, out wan'],
    };
    const of = (outboundMode: string) => outbound({ outboundMode, outboundRules });
    expect(of('advanced')).toEqual([branch]);
    expect(of('hybrid').map((each) => each.name)).toEqual([branch.name, 'outbound NAT on WAN (automatic)']);
    expect(of('automatic').map((each) => each.name)).toEqual(['outbound NAT on WAN (automatic)']);
    expect(of('disabled')).toEqual([]);
    expect(of('strange').map((each) => each.match)).toContainEqual(['0.0.0.0/0 > 0.0.0.0/0 in everywhere, out wan']);
  });

  it('a manual rule writes its whole pool, or the address of its interface', () => {
    const to = (more: string) =>
      outbound({
        outboundMode: 'advanced',
        outboundRules: manual(`<interface>wan</interface>${more}`),
        aliases: alias('POOL', 'host', '203.0.113.20 203.0.113.40'),
      }).map((each) => each.to);
    expect(to('<target/>')).toEqual(['203.0.113.2']);
    expect(to('<target>203.0.113.16</target><target_subnet>28</target_subnet>')).toEqual(['203.0.113.16/28']);
    const other = '<target>other-subnet</target><targetip>203.0.113.32</targetip><targetip_subnet>30</targetip_subnet>';
    expect(to(other)).toEqual(['203.0.113.32/30']);
    expect(to('<target>POOL</target>')).toEqual(['203.0.113.20, 203.0.113.40']);
    expect(to('<target>GONE</target>')).toEqual([undefined]);
  });

  it('a manual rule covers aliases, negations, groups and both families', () => {
    const match = (outboundRules: string, more: ConfigParts = {}) =>
      outbound({ outboundMode: 'advanced', outboundRules, ...more }).flatMap((each) => each.match);
    const wan = '<interface>wan</interface>';
    const v4 = '<ipprotocol>inet</ipprotocol>';
    const aliases = alias('INNER', 'network', '10.1.0.0/16 10.3.0.0/16') + alias('CLOUD', 'host', 'app.example');
    expect(match(manual(wan, 'INNER'), { aliases })).toEqual(['10.1.0.0/16, 10.3.0.0/16 > 0.0.0.0/0 in everywhere, out wan']);
    expect(match(manual(wan + v4, 'CLOUD'), { aliases })).toEqual(['0.0.0.0/0 > 0.0.0.0/0 in everywhere, out wan']);
    expect(match(manual(wan, 'any'))).toEqual([
      '0.0.0.0/0 > 0.0.0.0/0 in everywhere, out wan',
      '::/0 > ::/0 in everywhere, out wan',
    ]);
    expect(match(manual(wan + v4).replace('</network>', '</network><not/>'))).toEqual([
      '0.0.0.0/0 > 0.0.0.0/0 in everywhere, out wan',
    ]);
    const ifgroups = '<ifgroups><ifgroupentry><ifname>OUTSIDE</ifname><members>wan opt1</members></ifgroupentry></ifgroups>';
    expect(match(manual('<interface>OUTSIDE</interface>'), { more: ifgroups })).toEqual([
      '172.16.9.0/24 > 0.0.0.0/0 in everywhere, out wan opt1',
    ]);
  });
});

describe('without pf', () => {
  it('nothing is translated when the filter is off', () => {
    const parts = { nat: forward('10.0.1.5'), system: '<disablefilter/>' };
    expect(read(parts).translations).toEqual([]);
  });
  it('a backup of the rules does not tell', () => {
    const filter = '<filter><rule><interface>lan</interface><tracker>1</tracker></rule></filter>';
    expect(readText(filter).translations).toBeUndefined();
  });
});
