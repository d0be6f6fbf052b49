/** Names that hand-written rule files use where iptables-save prints numbers: protocols, services, ICMP types. */

const PROTOCOL_TEXT =
  'icmp:1 igmp:2 ggp:3 ipencap:4 ip-encap:4 ipip:4 st:5 tcp:6 egp:8 igp:9 pup:12 udp:17 hmp:20 xns-idp:22 rdp:27 ' +
  'iso-tp4:29 dccp:33 xtp:36 ddp:37 idpr-cmtp:38 ipv6:41 ipv6-route:43 ipv6-frag:44 idrp:45 rsvp:46 gre:47 esp:50 ' +
  'ipv6-crypt:50 ah:51 ipv6-auth:51 skip:57 ipv6-icmp:58 icmpv6:58 icmp6:58 ipv6-nonxt:59 ipv6-opts:60 rspf:73 vmtp:81 ' +
  'eigrp:88 ospf:89 ospfigp:89 ax.25:93 etherip:97 encap:98 pim:103 ipcomp:108 vrrp:112 carp:112 l2tp:115 isis:124 ' +
  'sctp:132 fc:133 mobility-header:135 ipv6-mh:135 mh:135 udplite:136 mpls-in-ip:137 hip:139 shim6:140 wesp:141 rohc:142';

const SERVICE_TEXT =
  'tcpmux:1 echo:7 discard:9 systat:11 daytime:13 netstat:15 qotd:17 chargen:19 ftp-data:20 ftp:21 ssh:22 telnet:23 smtp:25 ' +
  'mail:25 time:37 whois:43 nicname:43 tacacs:49 domain:53 dns:53 bootps:67 bootpc:68 tftp:69 gopher:70 finger:79 http:80 ' +
  'www:80 kerberos:88 kerberos5:88 krb5:88 iso-tsap:102 acr-nema:104 pop2:109 pop3:110 pop-3:110 sunrpc:111 portmapper:111 ' +
  'auth:113 ident:113 nntp:119 ntp:123 epmap:135 loc-srv:135 netbios-ns:137 netbios-dgm:138 netbios-ssn:139 imap:143 imap2:143 ' +
  'snmp:161 snmp-trap:162 snmptrap:162 cmip-man:163 cmip-agent:164 xdmcp:177 bgp:179 irc:194 smux:199 qmtp:209 z3950:210 ' +
  'ipx:213 ptp-event:319 ptp-general:320 pawserv:345 zserv:346 rpc2portmap:369 codaauth2:370 clearcase:371 ldap:389 svrloc:427 ' +
  'https:443 snpp:444 microsoft-ds:445 kpasswd:464 submissions:465 smtps:465 urd:465 saft:487 isakmp:500 rtsp:554 nqs:607 ' +
  'asf-rmcp:623 qmqp:628 ipp:631 ldaps:636 ldp:646 tinc:655 silc:706 kerberos-adm:749 domain-s:853 rsync:873 ftps-data:989 ' +
  'ftps:990 telnets:992 imaps:993 ircs:994 pop3s:995 pop-3s:995 socks:1080 proofd:1093 rmiregistry:1099 openvpn:1194 ' +
  'lotusnote:1352 ms-sql-s:1433 ms-sql-m:1434 ingreslock:1524 datametrics:1645 sa-msg-port:1646 kermit:1649 l2f:1701 l2tp:1701 ' +
  'radius:1812 radius-acct:1813 cisco-sccp:2000 nfs:2049 gnunet:2086 gpsd:2947 icpv2:3130 mysql:3306 rdp:3389 ' +
  'ms-wbt-server:3389 nut:3493 distcc:3632 daap:3689 svn:3690 suucp:4031 sieve:4190 epmd:4369 f5-globalsite:2792 ' +
  'ipsec-nat-t:4500 iax:4569 mtn:4691 radmin-port:4899 sip:5060 sip-tls:5061 sips:5061 xmpp-client:5222 xmpp-server:5269 ' +
  'cfengine:5308 mdns:5353 postgresql:5432 amqps:5671 amqp:5672 x11:6000 x11-1:6001 gnutella-svc:6346 sge-qmaster:6444 ' +
  'ircd:6667 bbs:7000 font-service:7100 http-alt:8080 webcache:8080 puppet:8140 bacula-dir:9101 bacula-fd:9102 bacula-sd:9103 ' +
  'xmms2:9667 zabbix-agent:10050 zabbix-trapper:10051 amanda:10080 dicom:11112 hkp:11371 git:9418';

/** type, or type/code, as `iptables -p icmp -h` lists them. */
const ICMP_TEXT =
  'echo-reply:0 pong:0 destination-unreachable:3 network-unreachable:3/0 host-unreachable:3/1 protocol-unreachable:3/2 ' +
  'port-unreachable:3/3 fragmentation-needed:3/4 source-route-failed:3/5 network-unknown:3/6 host-unknown:3/7 ' +
  'network-prohibited:3/9 host-prohibited:3/10 TOS-network-unreachable:3/11 TOS-host-unreachable:3/12 ' +
  'communication-prohibited:3/13 host-precedence-violation:3/14 precedence-cutoff:3/15 source-quench:4 redirect:5 ' +
  'network-redirect:5/0 host-redirect:5/1 TOS-network-redirect:5/2 TOS-host-redirect:5/3 echo-request:8 ping:8 ' +
  'router-advertisement:9 router-solicitation:10 time-exceeded:11 ttl-exceeded:11 ttl-zero-during-transit:11/0 ' +
  'ttl-zero-during-reassembly:11/1 parameter-problem:12 ip-header-bad:12/0 required-option-missing:12/1 ' +
  'timestamp-request:13 timestamp-reply:14 address-mask-request:17 address-mask-reply:18';

const ICMPV6_TEXT =
  'destination-unreachable:1 no-route:1/0 communication-prohibited:1/1 beyond-scope:1/2 address-unreachable:1/3 ' +
  'port-unreachable:1/4 failed-policy:1/5 reject-route:1/6 packet-too-big:2 time-exceeded:3 ttl-exceeded:3 ' +
  'ttl-zero-during-transit:3/0 ttl-zero-during-reassembly:3/1 parameter-problem:4 bad-header:4/0 unknown-header-type:4/1 ' +
  'unknown-option:4/2 echo-request:128 ping:128 echo-reply:129 pong:129 mld-listener-query:130 mld-listener-report:131 ' +
  'mld-listener-done:132 mld-listener-reduction:132 router-solicitation:133 router-advertisement:134 ' +
  'neighbour-solicitation:135 neighbor-solicitation:135 neighbour-advertisement:136 neighbor-advertisement:136 redirect:137';

function table(text: string): ReadonlyMap<string, string> {
  const entries = text.split(' ').map((entry): [string, string] => {
    const colon = entry.lastIndexOf(':');
    return [entry.slice(0, colon).toLowerCase(), entry.slice(colon + 1)];
  });
  return new Map(entries);
}

const PROTOCOLS = table(PROTOCOL_TEXT);
const SERVICES = table(SERVICE_TEXT);
const ICMP = table(ICMP_TEXT);
const ICMPV6 = table(ICMPV6_TEXT);

/** A number in C notation (decimal, 0x hexadecimal, 0 octal), or undefined. */
export function parseNumber(text: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]{1,8}$/.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]{1,11}$/.test(text)) return Number.parseInt(text, 8);
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}

/** IP protocol number of a name or number; `all` is 0. Undefined: not a protocol. */
export function protocolNumber(text: string): number | undefined {
  const name = text.toLowerCase();
  if (name === 'all') return 0;
  const value = PROTOCOLS.has(name) ? Number(PROTOCOLS.get(name)) : parseNumber(name);
  return value !== undefined && value <= 255 ? value : undefined;
}

/** Port of a service name or number; undefined: neither. */
export function portNumber(text: string): number | undefined {
  const known = SERVICES.get(text.toLowerCase());
  const value = known !== undefined ? Number(known) : parseNumber(text);
  return value !== undefined && value <= 65535 ? value : undefined;
}

/** First and last value of type * 256 + code for `8`, `3/4`, `echo-request`; undefined: unknown. */
export function icmpRange(text: string, version6: boolean): readonly [first: number, last: number] | undefined {
  const spelled = (version6 ? ICMPV6 : ICMP).get(text.toLowerCase()) ?? text;
  const match = /^([0-9]{1,3})(?:\/([0-9]{1,3}))?$/.exec(spelled);
  if (!match) return undefined;
  const type = Number(match[1]);
  const code = match[2] === undefined ? undefined : Number(match[2]);
  if (type > 255 || (code ?? 0) > 255) return undefined;
  return [type * 256 + (code ?? 0), type * 256 + (code ?? 255)];
}
