/** Short ways to a verdict, for tests. */

import { DEFAULT_SETTINGS, type Settings } from '../../src/analysis/coins.js';
import { prepare } from '../../src/analysis/flow.js';
import { type Judgement, judge } from '../../src/analysis/judge.js';
import type { Device, Stated } from '../../src/analysis/view.js';
import { parseFlow } from '../../src/audit/flow-text.js';
import { packetsOf } from '../../src/audit/packets.js';
import type { FactName } from '../../src/model/condition.js';
import type { Direction, Firewall } from '../../src/model/firewall.js';
import { type AddressSet, NO_ADDRESS } from '../../src/sets/address.js';
import { only } from '../../src/sets/intervals.js';

export interface JudgeOptions {
  readonly direction?: Direction;
  /** Names of links. */
  readonly in?: string;
  readonly out?: string;
  readonly facts?: Readonly<Partial<Record<FactName, string>>>;
  readonly settings?: Partial<Settings>;
  readonly firstPacket?: boolean;
  readonly host?: AddressSet;
  readonly zones?: ReadonlyMap<string, AddressSet>;
}

/** Judges a flow such as `tcp 10.0.0.1 -> 10.0.0.2:22` on one firewall. */
export function judgeFlow(firewall: Firewall, flowText: string, options: JudgeOptions = {}): Judgement {
  const flow = parseFlow(flowText, 'test', { file: 'test', line: 1 });
  const device: Device = { name: firewall.name, firewall, host: options.host ?? NO_ADDRESS, zones: options.zones ?? new Map() };
  const bench = prepare([device], [flow.source, flow.destination]);
  const link = (name: string) => {
    const index = firewall.links.names.indexOf(name);
    if (index < 0) throw new Error(`no link named ${name}; there are ${firewall.links.names.join(', ')}`);
    return only(index);
  };
  const stated: Stated = {
    ...(options.direction ? { direction: options.direction } : {}),
    ...(options.in === undefined ? {} : { in: link(options.in) }),
    ...(options.out === undefined ? {} : { out: link(options.out) }),
  };
  return judge(
    bench,
    { packets: packetsOf({ ...flow, expect: 'allow' }, bench.spaces), stated: new Map([[device, stated]]) },
    {
      facts: new Map(Object.entries(options.facts ?? {}) as [FactName, string][]),
      settings: { ...DEFAULT_SETTINGS, ...options.settings },
      firstPacket: options.firstPacket ?? false,
    },
  );
}
