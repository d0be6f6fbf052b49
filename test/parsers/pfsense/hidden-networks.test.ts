/** What the export hides may be where an address lies: such a flow is never "nothing of it crosses this device". */
import { describe, expect, it } from 'vitest';
import { loadDevice } from '../../../src/audit/devices.js';
import { judgeFlow } from '../../support/judge.js';

const config = (opt1: string, more = ''): string =>
  `<?xml version="1.0"?><pfsense><version>22.9</version><system><hostname>gw</hostname><ipv6allow></ipv6allow></system><interfaces>
<wan><enable></enable><if>em0</if><ipaddr>192.0.2.2</ipaddr><subnet>24</subnet><gateway>GW</gateway><ipaddrv6>2001:db8::2</ipaddrv6><subnetv6>64</subnetv6><gatewayv6>GW6</gatewayv6></wan>
<lan><enable></enable><if>em1</if><ipaddr>10.1.0.1</ipaddr><subnet>24</subnet></lan>
<opt1><enable></enable><if>em2</if>${opt1}</opt1></interfaces>
<gateways><gateway_item><interface>lan</interface><gateway>10.1.0.9</gateway><name>IN</name><ipprotocol>inet</ipprotocol></gateway_item>
<gateway_item><interface>wan</interface><gateway>192.0.2.1</gateway><name>GW</name><ipprotocol>inet</ipprotocol></gateway_item>
<gateway_item><interface>wan</interface><gateway>2001:db8::1</gateway><name>GW6</name><ipprotocol>inet6</ipprotocol></gateway_item></gateways>
<filter><rule><type>pass</type><interface>lan</interface><ipprotocol>inet</ipprotocol><source><any></any></source><destination><any></any></destination></rule></filter>${more}</pfsense>`;

function verdict(xml: string, flow: string): string {
  const { devices } = loadDevice(['gw.xml'], {}, () => Buffer.from(xml));
  const firewall = devices[0]?.firewall;
  if (!firewall) throw new Error('no firewall');
  return judgeFlow(firewall, flow).verdict;
}

const INWARD = 'tcp 8.8.8.8 -> 10.80.1.5:443';
const PLAIN = '<ipaddr>10.2.0.1</ipaddr><subnet>24</subnet>';

describe('addresses that nothing in the export claims', () => {
  it('lie beyond the default route where every network is known', () => {
    expect(verdict(config(PLAIN), INWARD)).toBe('not-applicable');
  });
  it.each([
    ['a redacted address', '<ipaddr>xxx.xxx.xxx.xxx</ipaddr><subnet>24</subnet>', ''],
    ['an address without a mask', '<ipaddr>10.80.1.1</ipaddr>', ''],
    ['a VPN client', '<if>ovpnc1</if>', ''],
    [
      'a redacted static route',
      PLAIN,
      '<staticroutes><route><network>[removed]/24</network><gateway>IN</gateway></route></staticroutes>',
    ],
    ['routes learned from neighbours', PLAIN, '<installedpackages><package><name>FRR</name></package></installedpackages>'],
  ])('may lie behind %s', (what, opt1, more) => {
    const xml = what === 'a VPN client' ? config('').replace('<if>em2</if>', opt1) : config(opt1, more);
    expect(verdict(xml, INWARD)).not.toBe('not-applicable');
    expect(verdict(xml, INWARD)).not.toBe('permitted');
  });
  it('may lie behind a tracked prefix', () => {
    const tracked = config('<ipaddrv6>track6</ipaddrv6><track6-interface>wan</track6-interface>');
    expect(verdict(tracked, 'tcp [2600::1] -> [2001:db8:77::5]:443')).not.toBe('not-applicable');
  });
});
