/** Which interfaces lead out, and by which names an interface is known. */
import { describe, expect, it } from 'vitest';
import { contains } from '../../../src/sets/intervals.js';
import { judgeFlow } from '../../support/judge.js';
import { ANY, floating, readText, rule } from './build.js';

interface Parts {
  readonly version?: string;
  readonly system?: string;
  /** Flag and family of the second WAN's gateway. */
  readonly second?: string;
  readonly gateways?: string;
  readonly more?: string;
  readonly filter?: string;
  readonly opt1?: string;
}

const gateway = (name: string, key: string, next: string, more = '') =>
  `<gateway_item><interface>${key}</interface><gateway>${next}</gateway><name>${name}</name><ipprotocol>inet</ipprotocol>${more}</gateway_item>`;

/** WAN and WAN2 (opt1) with a gateway each, LAN 192.168.1.0/24. */
const twoWans = (parts: Parts): string =>
  `<pfsense><version>${parts.version ?? '23.3'}</version><system>${parts.system ?? ''}</system><interfaces>
<wan><enable/><if>igb0</if><ipaddr>203.0.113.2</ipaddr><subnet>24</subnet><gateway>WANGW</gateway></wan>
<lan><enable/><if>igb1.20</if><ipaddr>192.168.1.1</ipaddr><subnet>24</subnet></lan>
<opt1><enable/><if>igb2</if><descr>Wan Two</descr>${parts.opt1 ?? '<ipaddr>198.51.100.2</ipaddr><subnet>24</subnet><gateway>WAN2GW</gateway>'}</opt1></interfaces>
<gateways>${gateway('WANGW', 'wan', '203.0.113.1')}${gateway('WAN2GW', 'opt1', '198.51.100.1', parts.second)}
<gateway_group><name>BOTH</name><item>WANGW|1|address</item><item>WAN2GW|2|address</item></gateway_group>${parts.gateways ?? ''}</gateways>
<filter>${parts.filter ?? ''}</filter>${parts.more ?? ''}</pfsense>`;

function out(parts: Parts): string {
  const firewall = readText(twoWans(parts));
  const tables = firewall.linkTables ?? [undefined];
  const found = (firewall.routes ?? []).filter(
    (route) => route.from === 'default-route' && route.destination.v4.length > 0 && tables.includes(route.table),
  );
  return found.map((route) => firewall.links.names.filter((_, link) => contains(route.links, link)).join(' ')).join('; ');
}
const chosen = (name: string) => `<defaultgw4>${name}</defaultgw4>`;

describe('the default route', () => {
  it('leaves by the gateway that is chosen outright', () => {
    expect(out({ gateways: chosen('WANGW') })).toBe('wan');
    expect(out({ gateways: chosen('WAN2GW') })).toBe('opt1');
    const dhcp = { opt1: '<ipaddr>dhcp</ipaddr>', gateways: chosen('OPT1_DHCP') };
    expect(out(dhcp)).toBe('opt1');
  });

  it('may leave by every WAN with a group, automatic choice, or a name that is no gateway of this family', () => {
    for (const gateways of [
      chosen('BOTH'),
      chosen(''),
      '',
      chosen('GONE'),
      chosen('WAN6') + gateway('WAN6', 'opt1', '2001:db8::1').replace('>inet<', '>inet6<'),
      chosen('OFF') + gateway('OFF', 'opt1', '198.51.100.9', '<disabled/>'),
      chosen('TWICE') + gateway('TWICE', 'opt1', '198.51.100.9') + gateway('TWICE', 'wan', '203.0.113.9'),
      chosen('NOWHERE') + gateway('NOWHERE', 'opt7', '198.51.100.9'),
    ])
      expect(out({ gateways }), gateways).toBe('wan opt1');
    expect(out({ gateways: chosen('-') })).toBe('');
  });

  it('follows the flag of the gateway up to 2.4.3, unless gateways are switched', () => {
    const flag = { second: '<defaultgw/>' };
    expect(out({ ...flag, version: '15.8' })).toBe('opt1');
    expect(out({ ...flag, version: '15.8', system: '<gw_switch_default/>' })).toBe('wan opt1');
    expect(out({ ...flag, version: '23.3' })).toBe('wan opt1');
    expect(out({ ...flag, version: '15.8', gateways: gateway('THIRD', 'wan', '203.0.113.9', '<defaultgw/>') })).toBe('wan opt1');
  });

  it('may also enter a tunnel for everything', () => {
    const more =
      '<ipsec><phase1><ikeid>1</ikeid><interface>wan</interface><remote-gateway>198.51.100.77</remote-gateway></phase1>' +
      '<phase2><ikeid>1</ikeid><mode>tunnel</mode><remoteid><type>network</type><address>0.0.0.0</address><netbits>0</netbits></remoteid></phase2></ipsec>';
    expect(out({ gateways: chosen('WANGW'), more })).toBe('wan enc0');
  });

  it('makes what goes out definite', () => {
    const block = floating('block', 'opt1', ANY, ANY, '<direction>out</direction><quick/>');
    const filter = block + rule('pass', 'lan', ANY, ANY);
    const flow = 'tcp 192.168.1.50 -> 192.0.2.80:443';
    const verdict = (gateways: string) => judgeFlow(readText(twoWans({ filter, gateways })), flow).verdict;
    expect(verdict(chosen('WANGW'))).toBe('permitted');
    expect(verdict(chosen('WAN2GW'))).toBe('blocked');
    expect(verdict(chosen('BOTH'))).not.toMatch(/permitted|blocked/);
  });

  it('still lets packets from outside enter by every WAN', () => {
    const filter = rule('pass', 'opt1', ANY, ANY);
    const flow = 'tcp 192.0.2.80 -> 192.168.1.50:443';
    const judged = (text: string) => judgeFlow(readText(text), flow).verdict;
    const text = twoWans({ filter, gateways: chosen('WANGW') });
    expect(judged(text)).toBe('conditional');
    expect(judged(twoWans({ filter: filter + rule('pass', 'wan', ANY, ANY), gateways: chosen('WANGW') }))).toBe('permitted');
    expect(judged(twoWans({ gateways: chosen('WANGW') }))).toBe('blocked');
    expect(judgeFlow(readText(text), 'tcp 192.0.2.80 -> 203.0.113.2:443').verdict).toBe('conditional');
  });
});

describe('names of interfaces', () => {
  const find = (name: string, text = twoWans({})) => {
    const firewall = readText(text);
    const link = firewall.linkOf?.(name);
    return link === undefined ? undefined : firewall.links.names[link];
  };
  it('are the key, the device and the description, in any letter case', () => {
    expect(['igb1.20', 'LAN', 'Lan', 'wan two', 'WAN TWO', 'OPT1', 'igb2'].map((name) => find(name))).toEqual([
      'lan',
      'lan',
      'lan',
      'opt1',
      'opt1',
      'opt1',
      'opt1',
    ]);
  });
  it('do not stand for an interface that is not there, or for two', () => {
    expect(['igb9', '', 'igb1', 'constructor'].map((name) => find(name))).toEqual([undefined, undefined, undefined, undefined]);
    expect(find('WAN', twoWans({}).replace('Wan Two', 'wan'))).toBeUndefined();
  });
});
