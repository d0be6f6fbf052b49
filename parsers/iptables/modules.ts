/**
 * Options of match and target modules with the number of their values. `a>b` is another spelling of b; `*` takes every
 * word up to the next option.
 */
export interface OptionSpec {
  readonly name: string;
  readonly values: number;
}

function spec(text: string): ReadonlyMap<string, OptionSpec> {
  const out = new Map<string, OptionSpec>();
  const aliases: [string, string][] = [];
  for (const entry of text.split(/\s+/)) {
    const [alias, real] = entry.split('>');
    if (alias !== undefined && real !== undefined) aliases.push([alias, real]);
    else {
      const [name = '', count = '0'] = entry.split(':');
      out.set(name, { name, values: count === '*' ? Number.POSITIVE_INFINITY : Number(count) });
    }
  }
  for (const [alias, real] of aliases) {
    const known = out.get(real);
    if (known) out.set(alias, known);
  }
  return out;
}

/** -s -d -p -i -o -f and what else belongs to no module. */
export const GENERAL = spec(
  's:1 source>s src>s d:1 destination>d dst>d p:1 protocol>p proto>p i:1 in-interface>i o:1 out-interface>o f fragment>f fragments>f ' +
    'j:1 jump>j g:1 goto>g m:1 match>m c:2 set-counters>c t:1 table>t 4 ipv4>4 6 ipv6>6',
);

const PORTS = 'sport:1 source-port>sport dport:1 destination-port>dport';
const RATE_LIKE = 'limit:1 limit-burst:1';

const MATCHES: readonly (readonly [string, string])[] = [
  ['tcp', `${PORTS} tcp-flags:2 syn tcp-option:1`],
  ['udp', PORTS],
  ['udplite', PORTS],
  ['sctp', `${PORTS} chunk-types:2`],
  ['dccp', `${PORTS} dccp-types:1 dccp-option:1`],
  [
    'multiport',
    'sports:1 source-ports>sports sport>sports source-port>sports dports:1 destination-ports>dports dport>dports destination-port>dports ports:1 port>ports',
  ],
  ['icmp', 'icmp-type:1'],
  ['icmp6', 'icmpv6-type:1 icmp6-type>icmpv6-type'],
  ['iprange', 'src-range:1 dst-range:1'],
  ['state', 'state:1'],
  [
    'conntrack',
    'ctstate:1 ctproto:1 ctorigsrc:1 ctorigdst:1 ctreplsrc:1 ctrepldst:1 ctorigsrcport:1 ctorigdstport:1 ctreplsrcport:1 ctrepldstport:1 ctstatus:1 ctexpire:1 ctdir:1',
  ],
  ['comment', 'comment:1'],
  ['mark', 'mark:1'],
  ['connmark', 'mark:1'],
  ['connlabel', 'label:1 set'],
  [
    'set',
    'match-set:2 set>match-set return-nomatch update-counters update-subcounters packets-eq:1 packets-lt:1 packets-gt:1 bytes-eq:1 bytes-lt:1 bytes-gt:1',
  ],
  ['addrtype', 'src-type:1 dst-type:1 limit-iface-in limit-iface-out'],
  ['pkttype', 'pkt-type:1'],
  ['limit', RATE_LIKE],
  [
    'hashlimit',
    'hashlimit-upto:1 hashlimit>hashlimit-upto hashlimit-above:1 hashlimit-burst:1 hashlimit-mode:1 hashlimit-srcmask:1 hashlimit-dstmask:1 hashlimit-name:1 hashlimit-htable-size:1 hashlimit-htable-max:1 hashlimit-htable-expire:1 hashlimit-htable-gcinterval:1 hashlimit-rate-match hashlimit-rate-interval:1',
  ],
  ['connlimit', 'connlimit-upto:1 connlimit-above:1 connlimit-mask:1 connlimit-saddr connlimit-daddr'],
  ['connbytes', 'connbytes:1 connbytes-dir:1 connbytes-mode:1'],
  ['quota', 'quota:1'],
  ['recent', 'set rcheck update remove seconds:1 reap hitcount:1 rttl name:1 rsource rdest mask:1'],
  ['statistic', 'mode:1 probability:1 every:1 packet:1'],
  ['time', 'timestart:1 timestop:1 days:1 weekdays:1 monthdays:1 datestart:1 datestop:1 localtz utc kerneltz contiguous'],
  ['mac', 'mac-source:1'],
  ['owner', 'uid-owner:1 gid-owner:1 pid-owner:1 sid-owner:1 cmd-owner:1 socket-exists suppl-groups'],
  ['physdev', 'physdev-in:1 physdev-out:1 physdev-is-in physdev-is-out physdev-is-bridged'],
  ['string', 'from:1 to:1 algo:1 string:1 hex-string:1 icase'],
  ['length', 'length:1'],
  ['ttl', 'ttl-eq:1 ttl>ttl-eq ttl-lt:1 ttl-gt:1'],
  ['hl', 'hl-eq:1 hl>hl-eq hl-lt:1 hl-gt:1'],
  ['tos', 'tos:1'],
  ['dscp', 'dscp:1 dscp-class:1'],
  ['ecn', 'ecn-tcp-cwr ecn-tcp-ece ecn-ip-ect:1 ecn-ip-cwr:1'],
  ['tcpmss', 'mss:1'],
  ['policy', 'dir:1 pol:1 strict reqid:1 spi:1 proto:1 mode:1 tunnel-src:1 tunnel-dst:1 next'],
  ['rpfilter', 'loose validmark accept-local invert'],
  ['realm', 'realm:1'],
  ['helper', 'helper:1'],
  ['nfacct', 'nfacct-name:1'],
  ['frag', 'fragid:1 fraglen:1 fragres fragfirst fragmore fraglast'],
  ['geoip', 'src-cc:1 source-country>src-cc dst-cc:1 destination-country>dst-cc'],
  ['u32', 'u32:1'],
  ['bpf', 'bytecode:1 object-pinned:1'],
  ['esp', 'espspi:1'],
  ['ah', 'ahspi:1 ahlen:1 ahres'],
  ['rt', 'rt-type:1 rt-segsleft:1 rt-len:1 rt-0-res rt-0-addrs:1 rt-0-not-strict'],
  ['mh', 'mh-type:1'],
  ['socket', 'transparent nowildcard restore-skmark'],
  ['cgroup', 'path:1 cgroup:1'],
  ['cpu', 'cpu:1'],
  ['condition', 'condition:1'],
];

const TARGETS: readonly (readonly [string, string])[] = [
  ['ACCEPT', ''],
  ['DROP', ''],
  ['RETURN', ''],
  ['REJECT', 'reject-with:1'],
  ['LOG', 'log-level:1 log-prefix:1 log-tcp-sequence log-tcp-options log-ip-options log-uid log-macdecode'],
  ['NFLOG', 'nflog-group:1 nflog-prefix:1 nflog-range:1 nflog-size:1 nflog-threshold:1'],
  ['ULOG', 'ulog-nlgroup:1 ulog-prefix:1 ulog-cprange:1 ulog-qthreshold:1'],
  ['MARK', 'set-mark:1 set-xmark:1 and-mark:1 or-mark:1 xor-mark:1'],
  [
    'CONNMARK',
    'set-mark:1 set-xmark:1 and-mark:1 or-mark:1 xor-mark:1 save-mark restore-mark nfmask:1 ctmask:1 mask:1 left-shift-mark:1 right-shift-mark:1',
  ],
  ['CT', 'notrack helper:1 timeout:1 ctevents:1 expevents:1 zone:1 zone-orig:1 zone-reply:1'],
  ['NOTRACK', ''],
  ['DNAT', 'to-destination:1 random persistent'],
  ['SNAT', 'to-source:1 random random-fully persistent'],
  ['MASQUERADE', 'to-ports:1 random random-fully'],
  ['REDIRECT', 'to-ports:1 random'],
  ['NETMAP', 'to:1'],
  ['TPROXY', 'on-port:1 on-ip:1 tproxy-mark:1'],
  ['TCPMSS', 'set-mss:1 clamp-mss-to-pmtu'],
  ['CHECKSUM', 'checksum-fill'],
  ['SET', 'add-set:2 del-set:2 map-set:2 exist timeout:1 map-mark map-prio map-queue'],
  ['NFQUEUE', 'queue-num:1 queue-balance:1 queue-bypass queue-cpu-fanout'],
  ['SYNPROXY', 'sack-perm timestamp ecn wscale:1 mss:1'],
  ['TOS', 'set-tos:1 and-tos:1 or-tos:1 xor-tos:1'],
  ['DSCP', 'set-dscp:1 set-dscp-class:1'],
  ['TTL', 'ttl-set:1 ttl-dec:1 ttl-inc:1'],
  ['HL', 'hl-set:1 hl-dec:1 hl-inc:1'],
  ['CLASSIFY', 'set-class:1'],
  ['TEE', 'gateway:1 oif:1'],
  ['AUDIT', 'type:1'],
  ['TRACE', ''],
];

const load = (entries: readonly (readonly [string, string])[]): ReadonlyMap<string, ReadonlyMap<string, OptionSpec>> =>
  new Map(entries.map(([name, text]) => [name, text === '' ? new Map<string, OptionSpec>() : spec(text)]));

export const MATCH_OPTIONS = load(MATCHES);
export const TARGET_OPTIONS = load(TARGETS);

/** Older and other spellings of module names. */
export const MODULE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['icmpv6', 'icmp6'],
  ['ipv6-icmp', 'icmp6'],
]);

/** The module that -p loads by itself when one of its options follows. */
export const PROTOCOL_MODULES: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'icmp6'],
  [132, 'sctp'],
  [135, 'mh'],
  [136, 'udplite'],
]);
