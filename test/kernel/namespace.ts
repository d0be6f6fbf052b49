/**
 * A Linux kernel of our own to ask: two network namespaces joined by veth pairs. Packets go in at the far ends and
 * are looked for behind the last hook, where they end, so that no connection is ever remembered.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_IN } from '../../parsers/iptables/records.js';
import type { Family } from '../../src/sets/address.js';
import type { Packet } from '../oracle/iptables-packet.js';
import { INTERFACES } from '../oracle/iptables-random.js';
import { SETS } from '../oracle/iptables-sets.js';
import { hex, ipPacket } from './wire.js';

const TOOLS = [
  'iptables-legacy-restore',
  'ip6tables-legacy-restore',
  'iptables-nft-restore',
  'ip6tables-nft-restore',
  'nft',
  'ipset',
  'ip',
  'cc',
];

export type Backend = 'legacy' | 'nft';

interface Ran {
  readonly ok: boolean;
  readonly out: string;
  readonly error: string;
}

function run(command: string, args: readonly string[], input?: string): Ran {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 2 ** 20, ...(input === undefined ? {} : { input }) });
  return { ok: done.status === 0, out: done.stdout ?? '', error: `${done.stderr ?? ''}${done.error?.message ?? ''}` };
}

function must(command: string, args: readonly string[], input?: string): string {
  const done = run(command, args, input);
  if (!done.ok) throw new Error(`${command} ${args.join(' ')}: ${done.error}`);
  return done.out;
}

/** Routes by type of service: 0 is for the host, 4, 8 and 16 leave by the three interfaces. */
const SERVICES = [4, 8, 16];
const MAC = '02:00:00:00:00:0';

const SETUP = `
ip link set lo up
for i in all default; do
  echo 0 > /proc/sys/net/ipv4/conf/$i/rp_filter; echo 1 > /proc/sys/net/ipv4/conf/$i/accept_local
  echo 1 > /proc/sys/net/ipv4/conf/$i/forwarding; echo 0 > /proc/sys/net/ipv4/conf/$i/send_redirects
  echo 1 > /proc/sys/net/ipv6/conf/$i/forwarding; echo 0 > /proc/sys/net/ipv6/conf/$i/accept_dad
done
`;

/** Counts every packet of the test that arrived, and where it left the filter (answers of the kernel live shorter): both sets hold the identifications. */
const WATCH = `
table inet watch {
  set came4 { typeof ip id; size 65535; flags dynamic; }
  set came6 { typeof ip6 flowlabel; size 65535; flags dynamic; }
  set seen4 { typeof ip id; size 65535; flags dynamic; }
  set seen6 { typeof ip6 flowlabel; size 65535; flags dynamic; }
  chain start { type filter hook prerouting priority -500; ip ttl > 128 ip id != 0 add @came4 { ip id }; ip6 hoplimit > 128 ip6 flowlabel != 0 add @came6 { ip6 flowlabel }; }
  chain sent { type filter hook output priority -500; ip ttl > 128 ip id != 0 add @came4 { ip id }; ip6 hoplimit > 128 ip6 flowlabel != 0 add @came6 { ip6 flowlabel }; }
  chain inside { type filter hook input priority 1000; ip ttl > 128 ip id != 0 add @seen4 { ip id }; ip6 hoplimit > 128 ip6 flowlabel != 0 add @seen6 { ip6 flowlabel }; drop; }
  chain outside { type filter hook postrouting priority 1000; ip ttl > 128 ip id != 0 add @seen4 { ip id }; ip6 hoplimit > 128 ip6 flowlabel != 0 add @seen6 { ip6 flowlabel }; drop; }
}
`;

/** Why no kernel can be asked here; undefined when one can. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  const path = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin');
  const missing = TOOLS.filter((tool) => !path.some((folder) => existsSync(join(folder, tool))));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  const probe = run('unshare', [
    '-n',
    'sh',
    '-c',
    'ip link add name probe0 type veth peer name probe1 && iptables-legacy -t raw -S && nft list ruleset',
  ]);
  return probe.ok ? undefined : `no network namespaces, veth or netfilter: ${probe.error.trim()}`;
}

export interface Fate {
  /** It reached the first hook. */
  readonly came: boolean;
  /** It passed the last one. */
  readonly passed: boolean;
}

export class Kernel {
  private readonly host = `flowgap-${process.pid}-host`;
  private readonly far = `flowgap-${process.pid}-far`;
  private readonly folder = mkdtempSync(join(tmpdir(), 'flowgap-kernel-'));
  private readonly injector = join(this.folder, 'inject');

  constructor() {
    try {
      this.build();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  private build(): void {
    must('cc', ['-O1', '-o', this.injector, join(import.meta.dirname, 'inject.c')]);
    must('ip', ['netns', 'add', this.host]);
    must('ip', ['netns', 'add', this.far]);
    this.shell(SETUP);
    for (const [i, name] of INTERFACES.entries()) this.connect(name, i);
    this.shell(`
      for f in -4 -6; do
        for i in ${INTERFACES.join(' ')}; do
          ip $f rule add iif $i tos 0x04 lookup 101 priority 31000; ip $f rule add iif $i tos 0x08 lookup 102 priority 31000; ip $f rule add iif $i tos 0x10 lookup 103 priority 31000
          ip $f rule add iif $i lookup 100 priority 32000
        done
        ip $f rule del lookup local; ip $f rule add lookup local priority 32500
      done
      ip -4 route add local 0.0.0.0/0 dev lo table 100; ip -6 route add local ::/0 dev lo table 100`);
    this.in(this.host, 'nft', ['-f', '-'], WATCH);
    this.in(this.host, 'ipset', ['restore'], SETS);
  }

  private in(namespace: string, command: string, args: readonly string[], input?: string): string {
    return must('ip', ['netns', 'exec', namespace, command, ...args], input);
  }

  private shell(script: string): void {
    this.in(this.host, 'sh', ['-e'], script);
  }

  private connect(name: string, i: number): void {
    must('ip', ['link', 'add', name, 'netns', this.host, 'type', 'veth', 'peer', 'name', `far${i}`, 'netns', this.far]);
    this.shell(`
      ip addr add 203.0.113.${i + 1}/32 dev ${name}; ip addr add 2001:db8:ffff::${i + 1}/128 dev ${name}
      ip link set ${name} address ${MAC}${i}; ip link set ${name} arp off; ip link set ${name} up
      ip -4 route add default dev ${name} metric ${i + 10}; ip -6 route add default dev ${name} metric ${i + 10}
      ip -4 route add default dev ${name} table ${101 + i}; ip -6 route add default dev ${name} table ${101 + i}`);
    must('ip', ['-n', this.far, 'link', 'set', `far${i}`, 'arp', 'off', 'up']);
  }

  close(): void {
    run('ip', ['netns', 'del', this.host]);
    run('ip', ['netns', 'del', this.far]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Every table of both backends as it was at the start, then one dump. Returns what the tool says against it. */
  load(text: string, family: Family, backend: Backend): string | undefined {
    const clear = [...BUILT_IN].map(
      ([name, chains]) => `*${name}\n${chains.map((chain) => `:${chain} ACCEPT [0:0]\n`).join('')}COMMIT\n`,
    );
    const tool = (kind: Backend): string => `${family === 4 ? 'iptables' : 'ip6tables'}-${kind}-restore`;
    for (const kind of ['legacy', 'nft'] as const) this.in(this.host, tool(kind), [], clear.join(''));
    const done = run('ip', ['netns', 'exec', this.host, tool(backend)], text);
    return done.ok ? undefined : done.error.trim();
  }

  /** Packets in, and what became of each. */
  send(packets: readonly Packet[], family: Family): readonly Fate[] {
    this.in(this.host, 'nft', ['-f', '-'], ['came', 'seen'].map((set) => `flush set inet watch ${set}${family}\n`).join(''));
    const lines = packets.map((packet, i) => this.line(packet, i + 1));
    const own = packets.map((packet) => packet.direction === 'out');
    const part = (outgoing: boolean): string => lines.filter((_, i) => own[i] === outgoing).join('');
    this.in(this.far, this.injector, [], part(false));
    this.in(this.host, this.injector, [], part(true));
    let came = this.members(`came${family}`);
    for (let tries = 0; came.size < packets.length && tries < 20; tries++) came = this.members(`came${family}`);
    const seen = this.members(`seen${family}`);
    return packets.map((_, i) => ({ came: came.has(i + 1), passed: seen.has(i + 1) }));
  }

  private line(packet: Packet, identification: number): string {
    if (packet.direction === 'out') return `${packet.family} ${packet.out} ${hex(ipPacket(packet, identification, 0))}\n`;
    const names: readonly string[] = INTERFACES;
    const incoming = names.indexOf(packet.in);
    const outgoing = names.indexOf(packet.out);
    const service = packet.direction === 'in' ? 0 : (SERVICES[outgoing] ?? 0);
    const head = `02000000000${incoming}0200000000f0${packet.family === 4 ? '0800' : '86dd'}`;
    return `L far${incoming} ${head}${hex(ipPacket(packet, identification, service))}\n`;
  }

  private members(set: string): ReadonlySet<number> {
    const listed = JSON.parse(this.in(this.host, 'nft', ['-j', 'list', 'set', 'inet', 'watch', set])) as {
      nftables: { set?: { elem?: number[] } }[];
    };
    return new Set(listed.nftables.flatMap((one) => one.set?.elem ?? []));
  }
}
