/** Outbound NAT changes the source; a rule behind it that asks for no source and no source port is as sure as before. */
import { expect, it } from 'vitest';
import { loadDevice } from '../../../src/audit/devices.js';
import { judgeFlow } from '../../support/judge.js';

const config = (source: string): string =>
  `<?xml version="1.0"?><pfsense><version>22.9</version><system><hostname>gw</hostname></system><interfaces>
<wan><enable></enable><if>em0</if><ipaddr>dhcp</ipaddr></wan>
<lan><enable></enable><if>em1</if><ipaddr>10.1.0.1</ipaddr><subnet>24</subnet></lan></interfaces>
<nat><outbound><mode>automatic</mode></outbound></nat>
<filter><rule><type>block</type><floating>yes</floating><quick>yes</quick><direction>out</direction><interface>wan</interface><ipprotocol>inet</ipprotocol><protocol>tcp</protocol><source>${source}</source><destination><any></any><port>25</port></destination></rule>
<rule><type>pass</type><interface>lan</interface><ipprotocol>inet</ipprotocol><source><any></any></source><destination><any></any></destination></rule></filter></pfsense>`;

it.each([
  ['<any></any>', 'blocked'],
  // The WAN's own address is not in the file, so which source the rule meets is not known.
  ['<address>192.0.2.0/24</address>', 'conditional'],
])('a block on the WAN of mail from %s: %s', (source, expected) => {
  const { devices } = loadDevice(['gw.xml'], {}, () => Buffer.from(config(source)));
  const firewall = devices[0]?.firewall;
  expect(firewall && judgeFlow(firewall, 'tcp 10.1.0.9 -> 8.8.8.8:25').verdict).toBe(expected);
  expect(firewall && judgeFlow(firewall, 'tcp 10.1.0.9 -> 8.8.8.8:26').verdict).toBe('permitted');
});
