/** Service members -> protocols and ports. */
import type { Condition } from '../../src/model/condition.js';
import { type MatchBox, PROTOCOL } from '../../src/model/match.js';
import { type Intervals, only, unionAll } from '../../src/sets/intervals.js';
import type { Names } from './names.js';
import type { GroupRecord, Named, ServiceRecord } from './records.js';
import { assumed, inside, type Place, Unresolved } from './unresolved.js';

/** Boxes over protocols, ports and source ports alone: surely and perhaps meant. */
export interface PortBounds {
  readonly lo: readonly MatchBox[];
  readonly hi: readonly MatchBox[];
  readonly conditions: readonly Condition[];
}

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['tcp', PROTOCOL.tcp],
  ['udp', PROTOCOL.udp],
  ['sctp', PROTOCOL.sctp],
]);
/** All that a service object can stand for. */
const ANY_SERVICE: MatchBox = { protocols: unionAll([...PROTOCOLS.values()].map(only)) };
const MAX_NESTING = 60;

/** `80,443, 8000-8100`; undefined for anything else. */
export function parsePorts(text: string): Intervals | undefined {
  const parts: Intervals[] = [];
  for (const piece of text.split(',')) {
    const match = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(piece);
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last > 65535 || first > last) return undefined;
    parts.push([first, last + 1]);
  }
  return unionAll(parts);
}

const key = (set: Intervals | undefined): string => (set ? set.join(',') : '*');

/** As few boxes as share the same shape: ports united per protocol, then protocols with equal ports. */
export function mergePorts(boxes: readonly MatchBox[]): readonly MatchBox[] {
  const byProtocol = new Map<string, MatchBox[]>();
  for (const box of boxes) {
    const group = `${key(box.protocols)}|${key(box.sourcePorts)}`;
    const list = byProtocol.get(group);
    if (list) list.push(box);
    else byProtocol.set(group, [box]);
  }
  const byPorts = new Map<string, MatchBox[]>();
  for (const list of byProtocol.values()) {
    const { ports: _, ...shape } = list[0] as MatchBox;
    const whole = list.some((box) => box.ports === undefined);
    const box: MatchBox = whole ? shape : { ...shape, ports: unionAll(list.map((b) => b.ports ?? [])) };
    const group = `${key(box.ports)}|${key(box.sourcePorts)}|${box.protocols ? '' : '*'}`;
    const same = byPorts.get(group);
    if (same) same.push(box);
    else byPorts.set(group, [box]);
  }
  return [...byPorts.values()].map((list) => {
    const first = list[0] as MatchBox;
    return first.protocols ? { ...first, protocols: unionAll(list.map((b) => b.protocols ?? [])) } : first;
  });
}

const NOTHING: PortBounds = { lo: [], hi: [], conditions: [] };

export function uniteBounds(all: readonly PortBounds[]): PortBounds {
  if (all.length === 1 && all[0]) return all[0];
  const conditions = new Map(all.flatMap((b) => b.conditions).map((c) => [c.coin, c]));
  const lo = mergePorts(all.flatMap((b) => b.lo));
  return { lo, hi: conditions.size ? mergePorts(all.flatMap((b) => b.hi)) : lo, conditions: [...conditions.values()] };
}

/** Resolves service names in one chain of name spaces; every name once. */
export class Services {
  private readonly names: Names;
  private readonly device: string;
  private readonly done = new Map<string, PortBounds>();
  private readonly busy = new Set<string>();
  private readonly undefinedNames = new Set<string>();
  /** Services that rules use and the export does not hold, or not in a form that is understood. */
  readonly unresolved = new Unresolved();

  constructor(names: Names, device: string) {
    this.names = names;
    this.device = device;
  }

  /** @param where the place to name in diagnostics. */
  resolve(name: string, where: Place): PortBounds {
    const known = this.done.get(name);
    if (known) {
      if (this.undefinedNames.has(name)) this.addUndefined(name, where);
      return known;
    }
    if (this.busy.has(name) || this.busy.size >= MAX_NESTING)
      return this.broken(`service group ${name} contains itself or is nested too deep`, 'cyclic-group', where);
    this.busy.add(name);
    const found = this.lookUp(name, where);
    this.busy.delete(name);
    this.done.set(name, found);
    return found;
  }

  private addUndefined(name: string, where: Place): void {
    const subject = `the service "${name}", which is not defined in this export`;
    this.unresolved.remember('undefined-object', `${subject}; ${assumed('TCP, UDP or SCTP port')}`, where);
  }

  /** @param problem also the name of the condition. */
  private broken(problem: string, code: string, where: Place, record?: Named, reach?: MatchBox): PortBounds {
    const subject = `a service that cannot be resolved (${problem}); ${assumed('TCP, UDP or SCTP port')}`;
    this.unresolved.remember(code, subject, where, record?.span);
    return this.unknown(problem, reach);
  }

  private unknown(name: string, reach: MatchBox = ANY_SERVICE): PortBounds {
    const condition: Condition = {
      kind: 'construct',
      name,
      coin: `construct:${this.device}:${name}`,
      effect: 'extent',
      settledBy: 'Define or correct the service, or export the objects that Panorama pushed (show config merged).',
    };
    return { lo: [], hi: [reach], conditions: [condition] };
  }

  private lookUp(name: string, where: Place): PortBounds {
    const found = this.names.find('service', name, 'services', 'serviceGroups');
    if (found?.conflict) return this.broken(`two services named ${name}`, 'duplicate-object', where, found.record);
    if (found?.kind === 'services') return this.service(found.record as ServiceRecord, where);
    if (found) {
      const group = found.record as GroupRecord;
      const here = inside(`service group "${name}"`, group.span, where);
      return group.members.length ? uniteBounds(group.members.map((member) => this.resolve(member, here))) : NOTHING;
    }
    // Predefined; an object of the same name wins.
    const tcp = (...ports: number[]): PortBounds => {
      const box = { protocols: only(PROTOCOL.tcp), ports: unionAll(ports.map(only)) };
      return { lo: [box], hi: [box], conditions: [] };
    };
    if (name === 'service-http') return tcp(80, 8080);
    if (name === 'service-https') return tcp(443);
    this.undefinedNames.add(name);
    this.addUndefined(name, where);
    return this.unknown(`undefined service ${name}`);
  }

  private service(record: ServiceRecord, where: Place): PortBounds {
    const bad = (reach?: MatchBox): PortBounds =>
      this.broken(`service ${record.name} is not understood`, 'bad-service', where, record, reach);
    const [only1, second] = record.protocols;
    const number = only1 && PROTOCOLS.get(only1.protocol);
    if (!only1 || second || number === undefined) return bad();
    const ports = only1.port === undefined ? undefined : parsePorts(only1.port);
    const sourcePorts = only1.sourcePort === undefined ? undefined : parsePorts(only1.sourcePort);
    if (!ports || (only1.sourcePort !== undefined && !sourcePorts)) return bad({ protocols: only(number) });
    const box: MatchBox = { protocols: only(number), ports, ...(sourcePorts ? { sourcePorts } : {}) };
    return { lo: [box], hi: [box], conditions: [] };
  }
}
