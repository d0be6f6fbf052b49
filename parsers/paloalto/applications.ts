/**
 * Default ports of common App-IDs, as the vendor's application database states them (content of early 2024): facts,
 * one application a line; `dynamic` is every port of the protocol. Content updates may change them.
 */
import { type MatchBox, PROTOCOL } from '../../src/model/match.js';
import { type Intervals, only, overlaps, union, unionAll } from '../../src/sets/intervals.js';
import type { ApplicationRecord } from './records.js';
import { mergePorts, parsePorts } from './services.js';

export const APPLICATION_TABLE_DATE = '2024-05';

const TABLE = `
ldap tcp/389,3268,3269,636 udp/389,3268
kerberos tcp/88,464,749,750 udp/88,464,749,750
active-directory tcp/1025-5000 tcp/135,138,139,389,445,464,636 tcp/49152-65535 tcp/5722,9389 udp/88,123,137,138,389,445,464,2535
ms-netlogon tcp/135,139,445,1025-5000,49152-65535 udp/137,138,445
msrpc tcp/dynamic udp/dynamic
ms-ds-smb-base tcp/445,139 udp/445
ms-ds-smbv1 tcp/445,139 udp/445
ms-ds-smbv2 tcp/445,139 udp/445
ms-ds-smbv3 tcp/445,139 udp/445
netbios-ns tcp/137 udp/137
netbios-dg udp/138
netbios-ss tcp/139
wins tcp/42
ms-rdp tcp/3389 udp/3389
t.120 tcp/1503,3389
windows-remote-management tcp/5985,5986
ms-wmi tcp/dynamic
ms-dtc tcp/dynamic
ms-frs tcp/dynamic
ms-scheduler tcp/135,445
ms-service-controller tcp/dynamic
ms-sms udp/2701,2702,2703,2704 tcp/80,443,2701,2702,2703,2704,8530,8531,10123
ms-update tcp/80,443,8530,8531
ms-win-dns tcp/dynamic
ms-exchange tcp/dynamic udp/dynamic
ms-lync-base tcp/dynamic udp/dynamic
ms-teams tcp/80,443
ms-hyper-v-vm-connect tcp/2179
dns tcp/53 udp/53,5353
ntp tcp/123 udp/123
dhcp tcp/67 tcp/68 udp/67 udp/68
dhcpv6 udp/546,547
llmnr tcp/5355 udp/5355
upnp tcp/2869 udp/1900
ssdp tcp/1900 udp/1900
radius udp/1813,1812,1645,1646
tacacs tcp/49
tacacs-plus tcp/49
snmp-base tcp/161 udp/161
snmp-trap tcp/162 udp/162
snmpv1 tcp/161 udp/161
snmpv2 tcp/161 udp/161
snmpv3 tcp/161 udp/161
syslog tcp/1468,1514,6514 udp/514,1514
netflow udp/dynamic
sflow udp/6343
traceroute icmp/dynamic icmp6/dynamic udp/33434-33534
tftp tcp/69 udp/69
time tcp/37 udp/37
bgp tcp/179 udp/179
rip udp/520
hsrp udp/1985
bfd udp/3784,3785,4784
ike tcp/500 udp/500
ipsec-esp-udp udp/4500 udp/4501
pptp tcp/1723
open-vpn tcp/1194 tcp/443 udp/1194
ssh tcp/22
ssh-tunnel tcp/22
telnet tcp/23
rlogin tcp/221,513 udp/221
rsh tcp/514
vnc-base tcp/5500 tcp/5900,5901
x11 tcp/6000-6063
citrix tcp/80,8080,443,1604,2512,2513,2598,1494,3010 udp/1494,1604,2512,2513,2598
citrix-jedi tcp/80,443,8200 udp/8200
vmware tcp/902,80,443 udp/902
vmware-view tcp/80,443,3389,4001,4002,32111,18443,9427,8009
pcoip tcp/4172,50002 udp/4172,50002
teamviewer-base tcp/80,443,5938 udp/dynamic
panos-web-interface tcp/80,443
panos-global-protect tcp/443
paloalto-updates tcp/443
paloalto-userid-agent tcp/2009,5006,5007
paloalto-wildfire-cloud tcp/443
pan-db-cloud tcp/443
panorama tcp/28769,3978,49160,49190
tanium tcp/17472,8080,8081,17440,17443,17444
splunk tcp/8000,8089,9997,9998
zabbix tcp/10050,10051,80
nagios tcp/dynamic
hp-jetdirect tcp/9100
rmi-iiop tcp/dynamic
web-browsing tcp/80
ssl tcp/443
quic udp/80,443
http-proxy tcp/80,443,1080,3128,8000,8080
websocket tcp/80,443,8080
soap tcp/80,443
ocsp tcp/80
socks tcp/1080
google-base tcp/80,443,5222-5224,5228,5229
ms-office365-base tcp/80,443
outlook-web tcp/80,443
rpc-over-http tcp/80,443
mapi-over-http tcp/80,443
sharepoint-base tcp/dynamic
ftp tcp/21
nfs tcp/2049 udp/2049
mount tcp/dynamic udp/dynamic
portmapper tcp/111 udp/111
rpc tcp/dynamic udp/dynamic
rsync tcp/873 udp/873
iscsi tcp/3260
afp tcp/548 udp/548
cups udp/631
ipp tcp/631 udp/631
lpd tcp/515
ndmp tcp/1025-5000,10000
netbackup tcp/1556,13724,13782,13722,10102,10082
veeam tcp/2500-5000 tcp/9392,9393
commvault tcp/dynamic
emc-networker tcp/dynamic udp/dynamic
tivoli-storage-manager tcp/1500,1501,1580,1583
bacula tcp/9101,9102,9103
ncp tcp/524 udp/524
vmware-vmotion tcp/8000
git-base tcp/80,443,9418
smtp tcp/25,587
imap tcp/143
pop3 tcp/110
lotus-notes-base tcp/1352,139,80,443 udp/1352
sip tcp/5060 udp/5060
h.323 tcp/1720 tcp/1731
h.225 tcp/1720 udp/1719,1720
h.245 tcp/dynamic
mgcp tcp/2428 udp/2427,2727
sccp tcp/2000
rtp-base udp/dynamic
rtcp udp/dynamic
rtsp tcp/554 udp/554
stun tcp/3478 udp/3478
zoom tcp/80,443,3478,3479,8801,8802 udp/dynamic
webex-base tcp/443,80,1270 udp/8070,8090,9000
jabber tcp/443,5222,5223,5269,5270
mssql-db tcp/1433 udp/1433
mssql-mon udp/1434
mysql tcp/3306
postgres tcp/5432
oracle tcp/1521
mongodb tcp/27017
redis tcp/6379,6380,26379
memcached tcp/11211 udp/11211
cassandra tcp/7000,7199,8888,9160,9042,61620,61621
elastic-search tcp/9200-9300
db2 tcp/50000,60000
informix tcp/dynamic
sybase tcp/1498 tcp/2439 tcp/2638 tcp/5000
sap tcp/80,3200-3299,3300-3399,3600-3699,4800-4899,8000-8001,8010,8080,8100-8199,8443,50000-59914
teradata tcp/1025
amqp tcp/5671,5672
mqtt tcp/1883,8883,8884
ibm-websphere-mq tcp/dynamic
modbus-base tcp/502
dnp3-base tcp/20000 udp/20000
bacnet-base tcp/47808 udp/47808
siemens-s7-base tcp/102
iec-60870-5-104-base tcp/dynamic
cip-ethernet-ip tcp/2222,44818 udp/2222
dicom tcp/104,2761,2762,11112
hl7 tcp/dynamic
echo tcp/7 udp/7
discard tcp/9 udp/9
chargen tcp/19 udp/19
daytime tcp/13 udp/13
finger tcp/79 udp/79
whois tcp/43
bittorrent tcp/dynamic udp/dynamic
bittorrent-sync tcp/dynamic udp/dynamic
emule tcp/dynamic udp/dynamic
gnutella tcp/dynamic udp/dynamic
kazaa tcp/1214,1903
soulseek tcp/2230-2250
tor tcp/dynamic
ultrasurf tcp/dynamic udp/dynamic
psiphon tcp/dynamic
freegate tcp/dynamic udp/dynamic
hotspot-shield tcp/dynamic udp/dynamic
hamachi tcp/12975,10080 udp/17771
tcp-over-dns udp/53
teredo udp/3544
vxlan udp/4789
mosh udp/60000-61000
anydesk tcp/80,443,7070
logmein tcp/80,443,1152,1153 udp/1152,1153
telegram tcp/80,443
wetransfer tcp/80,443
steam tcp/80,443,27014-27050 udp/3478,4379-4380,27000-27036
irc-base tcp/6665-6669
nntp tcp/119
unknown-p2p udp/dynamic
`;

/** Known by their IP header alone. */
const HEADERS: readonly (readonly [string, MatchBox])[] = [
  ['icmp', { protocols: only(PROTOCOL.icmp) }],
  ['ping', { protocols: only(PROTOCOL.icmp), ports: [8 * 256, 9 * 256] }],
  ['ipv6-icmp', { protocols: only(PROTOCOL.icmpv6) }],
  ['ping6', { protocols: only(PROTOCOL.icmpv6), ports: [128 * 256, 129 * 256] }],
  ['igmp', { protocols: only(PROTOCOL.igmp) }],
  ['gre', { protocols: only(PROTOCOL.gre) }],
  ['ipsec-esp', { protocols: only(PROTOCOL.esp) }],
  ['ipsec-ah', { protocols: only(PROTOCOL.ah) }],
  ['eigrp', { protocols: only(88) }],
  ['ospfigp', { protocols: only(PROTOCOL.ospf) }],
  ['pim', { protocols: only(PROTOCOL.pim) }],
  ['vrrp', { protocols: only(PROTOCOL.carp) }],
  ['sctp', { protocols: only(PROTOCOL.sctp) }],
];

/** Traffic that no signature fits; it has no default ports. */
const WITHOUT_PORTS: readonly (readonly [string, number])[] = [
  ['unknown-tcp', PROTOCOL.tcp],
  ['unknown-udp', PROTOCOL.udp],
];

/** Applications of the table that newer content has turned into containers. */
export const NOW_CONTAINERS: readonly string[] = ['dns'];

/** TLS forms, allowed on application-default only where the firewall decrypts them. */
export const SECURE_PORTS: ReadonlyMap<string, number> = new Map([
  ['web-browsing', 443],
  ['smtp', 465],
  ['ftp', 990],
  ['imap', 993],
  ['pop3', 995],
]);

export interface ApplicationFacts {
  readonly name: string;
  /** Boxes over protocol and ports; empty: no default port. */
  readonly defaults: readonly MatchBox[];
  /** Set where the IP header alone tells the application. */
  readonly header?: MatchBox;
  /** All protocols it can be seen on, whatever the port; absent: not known. */
  readonly protocols?: Intervals;
}

const TCP_UDP = unionAll([only(PROTOCOL.tcp), only(PROTOCOL.udp)]);

/** A signature finds its application on any port, yet reads TCP and UDP alone unless a default is of another protocol. */
function factsOf(name: string, defaults: readonly MatchBox[]): ApplicationFacts {
  const all = unionAll(defaults.map((box) => box.protocols ?? []));
  if (all.length === 0) return { name, defaults };
  return { name, defaults, protocols: overlaps(all, TCP_UDP) ? union(all, TCP_UDP) : all };
}

const DEFAULT_PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['tcp', PROTOCOL.tcp],
  ['udp', PROTOCOL.udp],
  ['icmp', PROTOCOL.icmp],
  ['icmp6', PROTOCOL.icmpv6],
  ['sctp', PROTOCOL.sctp],
]);

/** `tcp/80,443` or `udp/dynamic`; undefined when it is neither. */
function parseDefault(text: string): MatchBox | undefined {
  const slash = text.indexOf('/');
  const number = DEFAULT_PROTOCOLS.get(text.slice(0, slash).trim().toLowerCase());
  if (slash < 0 || number === undefined) return undefined;
  const rest = text.slice(slash + 1).trim();
  if (rest === 'dynamic') return { protocols: only(number) };
  const ports = parsePorts(rest);
  return ports && { protocols: only(number), ports };
}

function readTable(): ReadonlyMap<string, ApplicationFacts> {
  const table = new Map<string, ApplicationFacts>();
  for (const line of TABLE.trim().split('\n')) {
    const [name = '', ...ports] = line.split(' ');
    table.set(name, factsOf(name, mergePorts(ports.flatMap((port) => parseDefault(port) ?? []))));
  }
  for (const [name, header] of HEADERS) table.set(name, { name, defaults: [header], header });
  for (const [name, protocol] of WITHOUT_PORTS) table.set(name, { name, defaults: [], protocols: only(protocol) });
  return table;
}

export const APPLICATIONS: ReadonlyMap<string, ApplicationFacts> = readTable();

const DASHLESS: ReadonlyMap<string, readonly string[]> = new Map([
  ['ms-ds-smb', ['ms-ds-smbv1', 'ms-ds-smbv2', 'ms-ds-smbv3']],
  ['snmp', ['snmpv1', 'snmpv2', 'snmpv3']],
]);

/** Functions of a container as far as the table knows; undefined when the name is no container that it knows. */
export function containerFunctions(name: string): readonly string[] | undefined {
  if (APPLICATIONS.has(name) || !APPLICATIONS.has(`${name}-base`)) return undefined;
  return [...[...APPLICATIONS.keys()].filter((other) => other.startsWith(`${name}-`)), ...(DASHLESS.get(name) ?? [])];
}

function icmpBox(protocol: number, type: string, code: string | undefined): MatchBox | undefined {
  const t = Number(type);
  const c = code === undefined || code === 'any' ? undefined : Number(code);
  const valid = (n: number): boolean => Number.isInteger(n) && n >= 0 && n <= 255;
  if (!valid(t) || (c !== undefined && !valid(c))) return undefined;
  return { protocols: only(protocol), ports: c === undefined ? [t * 256, t * 256 + 256] : only(t * 256 + c) };
}

/**
 * What a custom application says of itself.
 * @returns undefined when its default ports cannot be read.
 */
export function customFacts(record: ApplicationRecord): ApplicationFacts | undefined {
  const { name } = record;
  const header = (box: MatchBox | undefined): ApplicationFacts | undefined => box && { name, defaults: [box], header: box };
  if (record.ipProtocol !== undefined) {
    const number = Number(record.ipProtocol);
    return /^\d{1,3}$/.test(record.ipProtocol) && number <= 255 ? header({ protocols: only(number) }) : undefined;
  }
  if (record.icmpType) return header(icmpBox(PROTOCOL.icmp, record.icmpType.type, record.icmpType.code));
  if (record.icmp6Type) return header(icmpBox(PROTOCOL.icmpv6, record.icmp6Type.type, record.icmp6Type.code));
  const boxes = record.ports.map(parseDefault);
  return boxes.includes(undefined) ? undefined : factsOf(name, mergePorts(boxes.flatMap((box) => box ?? [])));
}
