/**
 * Application and service of a rule taken together. Default ports are judged per application, so one rule becomes
 * several alternatives (terms): [ssh, ssl] on application-default is ssh on 22 or ssl on 443, never ssh on 443.
 */
import type { Condition } from '../../src/model/condition.js';
import type { MatchBox } from '../../src/model/match.js';
import { contains, intersect, only, unionAll } from '../../src/sets/intervals.js';
import {
  APPLICATIONS,
  type ApplicationFacts,
  containerFunctions,
  customFacts,
  NOW_CONTAINERS,
  SECURE_PORTS,
} from './applications.js';
import type { Names } from './names.js';
import type { ApplicationRecord, GroupRecord, Members } from './records.js';
import { mergePorts, type PortBounds, type Services, uniteBounds } from './services.js';
import type { Place } from './unresolved.js';

/** One alternative: boxes over protocol and ports, and what else must hold. */
export type Term = PortBounds;

const EVERYTHING: readonly MatchBox[] = [{}];
const ANY_PORT: PortBounds = { lo: EVERYTHING, hi: EVERYTHING, conditions: [] };
const MAX_NESTING = 60;
/** Rules `any` + application-default that are told apart by application; beyond that each stays one open condition. */
const DETAILED_LIMIT = 50;

/** One application that a rule names, groups taken apart. */
type Leaf =
  | { readonly kind: 'application'; readonly name: string; readonly facts?: ApplicationFacts; readonly open: boolean }
  | { readonly kind: 'container'; readonly name: string; readonly functions: readonly string[] }
  | { readonly kind: 'filter'; readonly name: string };

export const isApplication = (names: readonly string[], extra: Partial<Condition> = {}): Condition => ({
  kind: 'application',
  name: names.join(', '),
  coin: 'application',
  effect: 'gate',
  values: names,
  fact: 'application',
  settledBy: 'State the application (App-ID) of the flow.',
  ...extra,
});

export class Terms {
  private readonly names: Names;
  private readonly services: Services;
  private detailed = 0;
  private known: ReadonlyMap<string, ApplicationFacts | undefined> | undefined;
  private cells: readonly Term[] | undefined;
  private readonly perhapses = new Map<string, readonly Condition[]>();

  constructor(names: Names, services: Services) {
    this.names = names;
    this.services = services;
  }

  /**
   * @param label the application that an override rule has given the traffic; undefined: App-ID finds out.
   * @returns alternatives; none: the rule matches nothing.
   */
  of(applications: Members, services: Members, where: Place, label?: string): readonly Term[] {
    const wanted = services ?? ['any'];
    const byDefault = wanted.includes('application-default') && !wanted.includes('any');
    const named = wanted.filter((name) => name !== 'application-default');
    const ports = wanted.includes('any')
      ? ANY_PORT
      : named.length
        ? uniteBounds(named.map((name) => this.services.resolve(name, where)))
        : undefined;
    const anyApplication = !applications || applications.includes('any');
    const leaves = anyApplication ? [] : this.leaves(applications);
    const onPorts = !ports
      ? []
      : anyApplication
        ? [ports]
        : label === undefined
          ? this.onPorts(leaves, ports)
          : labelled(leaves, ports, label);
    if (!byDefault) return onPorts;
    if (label !== undefined)
      return [...onPorts, ...(anyApplication ? [labelledDefault(label)] : labelled(leaves, ANY_PORT, label))];
    return [...onPorts, ...(anyApplication ? this.anyOnDefault() : this.onDefault(leaves))];
  }

  /** Named applications on given ports; each matches the protocols that it can be seen on. */
  private onPorts(leaves: readonly Leaf[], ports: PortBounds): readonly Term[] {
    const out: Term[] = [];
    const closed = new Map<string, { readonly names: string[]; readonly bounds: PortBounds }>();
    const opened: string[] = [];
    const containers: string[] = [];
    const under = (...conditions: readonly Condition[]): Term => ({ ...ports, conditions: [...ports.conditions, ...conditions] });
    for (const leaf of leaves) {
      if (leaf.kind === 'filter') out.push(under(filterCondition(leaf.name)));
      else if (leaf.kind === 'container') {
        opened.push(leaf.name, ...leaf.functions);
        containers.push(leaf.name);
      } else if (leaf.facts?.header) {
        const { lo, hi } = within(ports, leaf.facts.header);
        if (hi.length > 0) out.push({ lo, hi, conditions: [...ports.conditions, isApplication([leaf.name])] });
      } else if (leaf.open) {
        opened.push(leaf.name);
        containers.push(leaf.name);
      } else {
        const protocols = leaf.facts?.protocols;
        const id = protocols?.join() ?? '*';
        const same = closed.get(id) ?? { names: [], bounds: protocols ? within(ports, { protocols }) : ports };
        same.names.push(leaf.name);
        closed.set(id, same);
      }
    }
    for (const { names, bounds } of [...closed.values()].reverse())
      if (bounds.hi.length > 0) out.unshift({ ...bounds, conditions: [...ports.conditions, isApplication(names)] });
    if (opened.length) out.push(under(...this.perhaps(opened, containers.join(', '), containers)));
    return out;
  }

  /** Groups taken apart. A group that contains itself, or lies too deep, stays a leaf that may hold anything. */
  private leaves(names: readonly string[]): readonly Leaf[] {
    const out = new Map<string, Leaf>();
    const seen = new Set<string>();
    const visit = (name: string, path: ReadonlySet<string>): void => {
      const group = this.members(name);
      if (group && !path.has(name) && path.size < MAX_NESTING) {
        if (seen.has(name)) return;
        seen.add(name);
        const inner = new Set(path).add(name);
        for (const member of group) visit(member, inner);
      } else out.set(name, this.leaf(name));
    };
    for (const name of names) visit(name, new Set());
    return [...out.values()];
  }

  private find(name: string) {
    return this.names.find('application', name, 'applications', 'applicationGroups', 'applicationFilters');
  }

  private members(name: string): readonly string[] | undefined {
    const found = this.find(name);
    return found?.kind === 'applicationGroups' && !found.conflict ? (found.record as GroupRecord).members : undefined;
  }

  private leaf(name: string): Leaf {
    const found = this.find(name);
    if (found?.conflict || found?.kind === 'applicationGroups' || found?.kind === 'applicationFilters')
      return { kind: 'filter', name };
    if (found) {
      const facts = customFacts(found.record as ApplicationRecord);
      return { kind: 'application', name, ...(facts ? { facts } : {}), open: false };
    }
    const facts = APPLICATIONS.get(name);
    if (facts) return { kind: 'application', name, facts, open: NOW_CONTAINERS.includes(name) };
    const functions = containerFunctions(name);
    // A name that is not in the table may be a container, whose functions content updates extend.
    return functions ? { kind: 'container', name, functions } : { kind: 'application', name, open: !name.endsWith('-base') };
  }

  private onDefault(leaves: readonly Leaf[]): readonly Term[] {
    const out: Term[] = [];
    const facts: ApplicationFacts[] = [];
    for (const leaf of leaves) {
      if (leaf.kind === 'filter') out.push(open([filterCondition(leaf.name), defaultPortsOf(leaf.name)]));
      else if (leaf.kind === 'container') {
        const parts = leaf.functions.flatMap((name) => APPLICATIONS.get(name) ?? []);
        facts.push(...parts);
        const all = mergePorts(parts.flatMap((part) => part.defaults));
        out.push({ lo: all, hi: all, conditions: this.perhaps([leaf.name], `another function of ${leaf.name}`) });
      } else if (leaf.facts && leaf.open) {
        const { defaults } = leaf.facts;
        out.push({ lo: defaults, hi: defaults, conditions: this.perhaps([leaf.name], leaf.name, [leaf.name]) });
      } else if (leaf.facts) facts.push(leaf.facts);
      else {
        const named = leaf.open ? this.perhaps([leaf.name], leaf.name, [leaf.name]) : [isApplication([leaf.name])];
        out.push(open([...named, defaultPortsOf(leaf.name)]));
      }
    }
    return [...defaultTerms(facts), ...out];
  }

  /**
   * Applications that may reach further than their names: true for a value named here, false for an application of
   * the table that is no part of one of them (functions of a container begin with its name), open for any other.
   */
  private perhaps(values: readonly string[], name: string, containers: readonly string[] = []): readonly Condition[] {
    const id = `${name}|${values.join()}`;
    const known = this.perhapses.get(id);
    if (known) return known;
    const others = [...this.table().keys()].filter(
      (other) => !values.includes(other) && !containers.some((container) => other.startsWith(`${container}-`)),
    );
    const made = [isApplication(values, { openEnded: true, name }), isApplication(others, { negated: true, name })];
    this.perhapses.set(id, made);
    return made;
  }

  /** Application `any` on application-default: for each set of ports the applications that have them as default. */
  private anyOnDefault(): readonly Term[] {
    if (++this.detailed > DETAILED_LIMIT) return [open([defaultPortsOf('the application found')])];
    this.cells ??= this.defaultCells();
    return this.cells;
  }

  private table(): ReadonlyMap<string, ApplicationFacts | undefined> {
    if (this.known) return this.known;
    const all = new Map<string, ApplicationFacts | undefined>(APPLICATIONS);
    for (const scope of [...this.names.scopes].reverse())
      for (const [name, record] of scope.applications) all.set(name, customFacts(record));
    this.known = all;
    return all;
  }

  private defaultCells(): readonly Term[] {
    const facts = [...this.table().values()].flatMap((f) => f ?? []);
    const out: Term[] = [];
    const protocols = new Set(facts.flatMap((f) => f.defaults).map((box) => box.protocols?.[0] ?? 0));
    const shapes = new Map<string, { readonly names: readonly string[]; readonly boxes: MatchBox[] }>();
    for (const protocol of [...protocols].sort((a, b) => a - b)) {
      const users = facts.flatMap((f) => {
        const boxes = f.defaults.filter((box) => box.protocols && contains(box.protocols, protocol));
        return boxes.length ? [{ name: f.name, ports: unionAll(boxes.map((box) => box.ports ?? [0, 65536])) }] : [];
      });
      const cuts = [...new Set([0, 65536, ...users.flatMap((u) => u.ports)])].sort((a, b) => a - b);
      for (const [i, start] of cuts.entries()) {
        const end = cuts[i + 1];
        if (end === undefined) break;
        const names = users.filter((u) => contains(u.ports, start)).map((u) => u.name);
        if (names.length === 0) continue;
        const id = names.join(',');
        const shape = shapes.get(id) ?? { names, boxes: [] };
        shape.boxes.push({ protocols: only(protocol), ports: [start, end] });
        shapes.set(id, shape);
      }
    }
    for (const { names, boxes } of shapes.values()) {
      const merged = mergePorts(boxes).map((box) =>
        box.ports?.[0] === 0 && box.ports[1] === 65536 ? { protocols: box.protocols ?? [] } : box,
      );
      out.push({
        lo: merged,
        hi: merged,
        conditions: [isApplication(names, { name: 'an application whose default port this is' })],
      });
    }
    for (const f of facts) out.push(...secureTerms(f));
    const others = [...this.table()].flatMap(([name, f]) => (f ? [name] : []));
    out.push(
      open([
        isApplication(others, { negated: true, name: 'an application whose default ports are not known' }),
        defaultPortsOf('that application'),
      ]),
    );
    return out;
  }
}

const open = (conditions: readonly Condition[]): Term => ({ lo: EVERYTHING, hi: EVERYTHING, conditions });

const filterCondition = (name: string): Condition => ({
  kind: 'application',
  name: `application filter ${name}`,
  coin: `application-filter:${name}`,
  effect: 'gate',
  settledBy: 'Which applications a filter holds is decided by the content database; name the applications in the rule.',
});

const defaultPortsOf = (name: string): Condition => ({
  kind: 'construct',
  name: `default ports of ${name}`,
  coin: `default-ports:${name}`,
  effect: 'gate',
  settledBy: 'The export does not hold the default ports of predefined applications; look them up or give the rule a service.',
});

function secureTerms(facts: ApplicationFacts): readonly Term[] {
  const port = APPLICATIONS.get(facts.name) === facts ? SECURE_PORTS.get(facts.name) : undefined;
  if (port === undefined) return [];
  const boxes: readonly MatchBox[] = [{ protocols: only(6), ports: only(port) }];
  const decrypted: Condition = {
    kind: 'construct',
    name: `${facts.name} on its secure port ${port}`,
    coin: `secure-port:${facts.name}`,
    effect: 'gate',
    settledBy:
      'Only TLS that the firewall decrypts counts as this application on its secure port; otherwise App-ID calls it ssl.',
  };
  return [{ lo: boxes, hi: boxes, conditions: [isApplication([facts.name]), decrypted] }];
}

/** Applications with the same default ports share a term. */
function defaultTerms(facts: readonly ApplicationFacts[]): readonly Term[] {
  const groups = new Map<string, { readonly boxes: readonly MatchBox[]; readonly names: string[] }>();
  for (const f of facts) {
    if (f.defaults.length === 0) continue;
    const id = JSON.stringify(f.defaults);
    const group = groups.get(id) ?? { boxes: f.defaults, names: [] };
    group.names.push(f.name);
    groups.set(id, group);
  }
  return [
    ...[...groups.values()].map(({ boxes, names }) => ({ lo: boxes, hi: boxes, conditions: [isApplication(names)] })),
    ...facts.flatMap(secureTerms),
  ];
}

function within(ports: PortBounds, header: MatchBox): PortBounds {
  const lo = withHeader(ports.lo, header);
  return { ...ports, lo, hi: ports.lo === ports.hi ? lo : withHeader(ports.hi, header) };
}

function withHeader(boxes: readonly MatchBox[], header: MatchBox): readonly MatchBox[] {
  return boxes.flatMap((box) => {
    const protocols = box.protocols ? intersect(box.protocols, header.protocols ?? []) : (header.protocols ?? []);
    if (protocols.length === 0) return [];
    return [box.protocols ? { ...box, protocols } : { ...header }];
  });
}

/** Traffic that application override has labelled: the rule names the label or it does not. */
function labelled(leaves: readonly Leaf[], ports: PortBounds, label: string): readonly Term[] {
  if (leaves.some((leaf) => leaf.name === label || (leaf.kind === 'container' && leaf.functions.includes(label)))) return [ports];
  return leaves.flatMap((leaf) =>
    leaf.kind === 'filter' ? [{ ...ports, conditions: [...ports.conditions, filterCondition(leaf.name)] }] : [],
  );
}

const labelledDefault = (label: string): Term => open([defaultPortsOf(`${label} (application override)`)]);
