/** Excess and posture of one audit, in the terms of the result. */
import type { Settings } from '../analysis/coins.js';
import { type ExcessOfRule, excessOf, widthOf } from '../analysis/excess.js';
import { NO_FACTS } from '../analysis/facts.js';
import type { Bench } from '../analysis/flow.js';
import { StepLimitError } from '../analysis/pass.js';
import { postureOf } from '../analysis/posture.js';
import { presentRegion } from '../analysis/present.js';
import type { Device } from '../analysis/view.js';
import type { ExcessFinding, Finding } from '../model/result.js';
import type { AddressSet, Family } from '../sets/address.js';
import { type Intervals, overlaps } from '../sets/intervals.js';
import { NOTHING, type Region, RegionLimitError, uniteRegions } from '../sets/region.js';
import type { Diagnostic } from '../source/diagnostic.js';

/** Services that deserve a second look wherever they are open (port, name). */
const RISKY: readonly (readonly [port: number, name: string])[] = [
  [21, 'FTP'],
  [22, 'SSH'],
  [23, 'Telnet'],
  [69, 'TFTP'],
  [111, 'RPC portmapper'],
  [135, 'MS-RPC'],
  [137, 'NetBIOS'],
  [139, 'NetBIOS'],
  [161, 'SNMP'],
  [389, 'LDAP'],
  [445, 'SMB'],
  [512, 'rexec'],
  [513, 'rlogin'],
  [514, 'rsh'],
  [873, 'rsync'],
  [1433, 'SQL Server'],
  [1521, 'Oracle'],
  [2049, 'NFS'],
  [2375, 'Docker API'],
  [3306, 'MySQL'],
  [3389, 'RDP'],
  [5432, 'PostgreSQL'],
  [5900, 'VNC'],
  [5985, 'WinRM'],
  [5986, 'WinRM'],
  [6379, 'Redis'],
  [9200, 'Elasticsearch'],
  [11211, 'memcached'],
  [27017, 'MongoDB'],
];

const riskyIn = (region: Region): string[] => {
  const names = RISKY.filter(([port]) =>
    region.some((box) => overlaps(box[2] as Intervals, [6, 7, 17, 18]) && overlaps(box[4] as Intervals, [port, port + 1])),
  ).map(([, name]) => name);
  return [...new Set(names)];
};

function findingOf(bench: Bench, parts: readonly ExcessOfRule[]): ExcessFinding {
  const [first] = parts as [ExcessOfRule];
  const { rule } = first.rule;
  const present = (pick: (part: ExcessOfRule) => Region) =>
    parts.flatMap((part) => presentRegion(pick(part), bench.spaces[part.family]));
  const width = parts.reduce((sum, part) => sum + widthOf(part.sure) + widthOf(part.possible), 0);
  return {
    device: first.device.name,
    rule: {
      device: first.device.name,
      rule: rule.origin === 'default' ? 'default' : rule.origin === 'off' ? 'off' : rule.id,
      name: rule.name,
      file: rule.span?.file ?? null,
      line: rule.span?.line ?? null,
      action: 'accept',
    },
    sure: present((part) => part.sure),
    possible: present((part) => part.possible),
    width: Math.min(width, Number.MAX_SAFE_INTEGER),
    risky: riskyIn(parts.flatMap((part) => [...part.sure, ...part.possible])),
  };
}

export interface Beyond {
  readonly excess: readonly ExcessFinding[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * What the devices let through to and from the hosts in scope beyond the required packets.
 * A device whose bound is met is named in a diagnostic; its excess is then missing from the list.
 */
export function beyondRequired(
  bench: Bench,
  scope: AddressSet,
  required: Readonly<Record<Family, Region>>,
  settings: Settings,
): Beyond {
  const diagnostics: Diagnostic[] = [];
  const byRule = new Map<string, ExcessOfRule[]>();
  for (const device of bench.devices)
    for (const family of [4, 6] as const) {
      try {
        for (const part of excessOf(bench, device, family, scopeOf(bench, scope, required, family), {
          facts: NO_FACTS,
          settings,
          firstPacket: true,
        })) {
          const key = [
            device.name,
            part.rule.rule.id,
            part.rule.rule.origin,
            part.rule.rule.span?.start ?? '',
            part.rule.list.id,
          ].join('\u0000');
          byRule.set(key, [...(byRule.get(key) ?? []), part]);
        }
      } catch (error) {
        if (!(error instanceof RegionLimitError || error instanceof StepLimitError)) throw error;
        diagnostics.push({
          severity: 'warning',
          code: 'excess-bound',
          message: `what ${device.name} opens beyond need in IPv${family} is not listed: ${error.message}`,
        });
      }
    }
  const excess = [...byRule.values()].map((parts) => findingOf(bench, parts));
  excess.sort(
    (a, b) =>
      Number(b.sure.length > 0) - Number(a.sure.length > 0) ||
      b.width - a.width ||
      (a.device < b.device ? -1 : a.device > b.device ? 1 : (a.rule.line ?? 0) - (b.rule.line ?? 0)),
  );
  return { excess, diagnostics };
}

/** Packets to the hosts in scope, and from them. */
function scopeOf(
  bench: Bench,
  scope: AddressSet,
  required: Readonly<Record<Family, Region>>,
  family: Family,
): { packets: Region; required: Region } {
  const space = bench.spaces[family];
  const hosts = space.coordinates(scope);
  if (hosts.length === 0) return { packets: NOTHING, required: NOTHING };
  const rest: readonly Intervals[] = [
    [0, 256],
    [0, 65536],
    [0, 65536],
  ];
  const packets = uniteRegions([[space.allAddresses, hosts, ...rest]], [[hosts, space.allAddresses, ...rest]]);
  return { packets, required: required[family] };
}

export function criticalFindings(devices: readonly Device[]): readonly Finding[] {
  return devices.flatMap((device) =>
    postureOf(device.firewall).map((finding): Finding => {
      const span = finding.rule ? finding.rule.span : finding.list.end.span;
      return {
        code: finding.code,
        severity: 'critical',
        device: device.name,
        rule: finding.rule?.id ?? 'default',
        file: span?.file ?? null,
        line: span?.line ?? null,
        message: `${finding.list.title}: ${finding.message}`,
      };
    }),
  );
}
