/** Names that pfSense and pf accept for protocols, ICMP types and ports. */

export const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['igmp', 2],
  ['ipv4', 4],
  ['ipencap', 4],
  ['ipip', 94],
  ['tcp', 6],
  ['egp', 8],
  ['igp', 9],
  ['udp', 17],
  ['ipv6', 41],
  ['ipv6-route', 43],
  ['ipv6-frag', 44],
  ['rsvp', 46],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['ipv6-icmp', 58],
  ['icmp6', 58],
  ['icmpv6', 58],
  ['ipv6-nonxt', 59],
  ['ipv6-opts', 60],
  ['eigrp', 88],
  ['ospf', 89],
  ['ospfigp', 89],
  ['etherip', 97],
  ['pim', 103],
  ['ipcomp', 108],
  ['carp', 112],
  ['vrrp', 112],
  ['l2tp', 115],
  ['sctp', 132],
  ['udplite', 136],
  ['divert', 254],
  ['pfsync', 240],
]);

export const ICMP_TYPES: ReadonlyMap<string, number> = new Map([
  ['echorep', 0],
  ['unreach', 3],
  ['squench', 4],
  ['redir', 5],
  ['althost', 6],
  ['echoreq', 8],
  ['routeradv', 9],
  ['routersol', 10],
  ['timex', 11],
  ['paramprob', 12],
  ['timereq', 13],
  ['timerep', 14],
  ['inforeq', 15],
  ['inforep', 16],
  ['maskreq', 17],
  ['maskrep', 18],
  ['trace', 30],
  ['dataconv', 31],
  ['mobredir', 32],
  ['ipv6-where', 33],
  ['ipv6-here', 34],
  ['mobregreq', 35],
  ['mobregrep', 36],
  ['skip', 39],
  ['photuris', 40],
]);

export const ICMP6_TYPES: ReadonlyMap<string, number> = new Map([
  ['unreach', 1],
  ['toobig', 2],
  ['timex', 3],
  ['paramprob', 4],
  ['echoreq', 128],
  ['echorep', 129],
  ['groupqry', 130],
  ['listqry', 130],
  ['grouprep', 131],
  ['listenrep', 131],
  ['groupterm', 132],
  ['listendone', 132],
  ['routersol', 133],
  ['routeradv', 134],
  ['neighbrsol', 135],
  ['neighbradv', 136],
  ['redir', 137],
  ['routrrenum', 138],
  ['fqdnreq', 139],
  ['niqry', 139],
  ['wrureq', 139],
  ['fqdnrep', 140],
  ['nirep', 140],
  ['wrurep', 140],
  ['mtraceresp', 200],
  ['mtrace', 201],
]);

/** The well-known part of FreeBSD's services file: names that people type in place of a number. */
const SERVICES =
  'tcpmux:1 echo:7 discard:9 daytime:13 chargen:19 ftp-data:20 ftp:21 ssh:22 telnet:23 smtp:25 time:37 nicname:43 whois:43 ' +
  'tacacs:49 domain:53 bootps:67 bootpc:68 tftp:69 gopher:70 finger:79 http:80 www:80 kerberos:88 kerberos-sec:88 pop2:109 ' +
  'pop3:110 sunrpc:111 rpcbind:111 auth:113 ident:113 sftp:115 nntp:119 ntp:123 epmap:135 loc-srv:135 netbios-ns:137 ' +
  'netbios-dgm:138 netbios-ssn:139 imap:143 imap2:143 snmp:161 snmptrap:162 xdmcp:177 bgp:179 irc:194 imap3:220 ldap:389 ' +
  'https:443 snpp:444 microsoft-ds:445 kpasswd:464 urd:465 smtps:465 isakmp:500 exec:512 login:513 shell:514 syslog:514 ' +
  'printer:515 router:520 ripng:521 uucp:540 klogin:543 kshell:544 dhcpv6-client:546 dhcpv6-server:547 afpovertcp:548 rtsp:554 ' +
  'nntps:563 submission:587 ipp:631 ldaps:636 ldp:646 rsync:873 domain-s:853 ftps-data:989 ftps:990 telnets:992 imaps:993 ' +
  'ircs:994 pop3s:995 socks:1080 openvpn:1194 ms-sql-s:1433 ms-sql-m:1434 l2f:1701 l2tp:1701 pptp:1723 radius:1812 ' +
  'radius-acct:1813 nfsd:2049 nfs:2049 cvspserver:2401 mysql:3306 ms-wbt-server:3389 rwhois:4321 ' +
  'sip:5060 sips:5061 xmpp-client:5222 xmpp-server:5269 postgresql:5432 vnc:5900 x11:6000';

export const SERVICE_PORTS: ReadonlyMap<string, number> = new Map(
  SERVICES.split(' ').map((entry) => {
    const [name = '', port = '0'] = entry.split(':');
    return [name, Number(port)] as const;
  }),
);
