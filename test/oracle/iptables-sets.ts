/** Address sets for random rules: every kind that the parser knows, with exceptions, ports and interfaces. */
import fc from 'fast-check';
import type { Family } from '../../src/sets/address.js';

const ELEMENTS: Readonly<Record<Family, readonly (readonly [create: string, ...elements: string[]])[]>> = {
  4: [
    ['ips4 hash:ip', '10.1.2.3', '10.1.9.3'],
    ['masked4 hash:ip netmask 24', '10.1.2.0', '172.20.0.0'],
    ['nets4 hash:net', '10.1.0.0/16', '10.1.2.0/24 nomatch', '10.1.2.4', '172.16.0.0/12'],
    ['ipport4 hash:ip,port', '10.1.2.3,tcp:80', '10.1.2.3,udp:443', '10.1.2.4,tcp:22', '10.1.2.4,icmp:8/0', '10.1.9.3,udp:1005'],
    [
      'netport4 hash:net,port',
      '10.1.0.0/16,tcp:22',
      '10.1.2.0/24,tcp:443',
      '10.1.2.4/32,tcp:443 nomatch',
      '172.16.0.0/12,udp:80',
    ],
    ['ports bitmap:port range 0-2000', '22', '80', '443', '1005'],
    ['netif4 hash:net,iface', '10.1.0.0/16,eth0', '172.20.0.0/16,wan0', '10.1.2.3,eth1'],
    ['list4 list:set', 'nets4', 'ips4'],
  ],
  6: [
    ['ips6 hash:ip family inet6', '2001:db8::3', 'fd00::9'],
    ['nets6 hash:net family inet6', '2001:db8::/32', '2001:db8::/64 nomatch', '2001:db8::4'],
    ['ipport6 hash:ip,port family inet6', '2001:db8::3,tcp:80', '2001:db8::4,udp:443', 'fd00::9,icmpv6:128/0'],
    ['netport6 hash:net,port family inet6', '2001:db8::/64,tcp:22', 'fd00::/8,udp:1005'],
    ['netif6 hash:net,iface family inet6', '2001:db8::/32,eth0', 'fd00::/8,wan0'],
    ['list6 list:set', 'nets6', 'ips6'],
  ],
};

/** What ipset restore reads. */
export const SETS: string = Object.values(ELEMENTS)
  .flat()
  .map(([create, ...elements]) => `create ${create}\n${elements.map((one) => `add ${create.split(' ')[0]} ${one}\n`).join('')}`)
  .join('');

const FLAGS = ['src', 'dst', 'src,dst', 'dst,src', 'dst,dst', 'src,src'];

export function setMatch(family: Family): fc.Arbitrary<string> {
  const names = [...ELEMENTS[family].map(([create]) => create.split(' ')[0] ?? ''), 'ports'];
  return fc
    .tuple(fc.constantFrom('', '', '! '), fc.constantFrom(...names), fc.constantFrom(...FLAGS), fc.nat({ max: 7 }))
    .map(([not, name, flags, chance]) => {
      const nomatch = chance === 0 && name.startsWith('nets') && not === '' ? ' --return-nomatch' : '';
      return `-m set ${not}--match-set ${name} ${flags}${nomatch}`;
    });
}
