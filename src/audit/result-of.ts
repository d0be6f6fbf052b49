/** One requirement judged: every reading, the devices, the outcome and its words. */
import type { Settings } from '../analysis/coins.js';
import type { Bench, Flow, FreeEnd } from '../analysis/flow.js';
import { type Judgement, judge } from '../analysis/judge.js';
import { outcomeOf, verdictOver } from '../analysis/table.js';
import type { Device, Stated } from '../analysis/view.js';
import type { Translation } from '../model/firewall.js';
import type { DeviceVerdict, RequirementResult } from '../model/result.js';
import type { FlowVerdict, OpenCondition } from '../model/verdict.js';
import { type AddressSet, isSubsetAddresses, overlapsAddresses, unionAllAddresses } from '../sets/address.js';
import type { BoundEnd } from './bind.js';
import type { AuditRequirement, Reading } from './demands.js';
import { packetsOf } from './packets.js';
import { goesBy, type StatedPath } from './paths.js';
import { explanationOf, fixOf, servicesText, tryItOf } from './words.js';

export interface JudgingContext {
  readonly bench: Bench;
  readonly settings: Settings;
  /** Addresses of single hosts that the devices protect. */
  readonly hosts: readonly AddressSet[];
  /** Devices whose export could not be read, by the host they protect (undefined: a network firewall). */
  readonly unreadable: readonly { readonly name: string; readonly host: AddressSet | undefined }[];
  readonly configFile: string;
  /** The chain that `paths:` states for a requirement. */
  readonly pathOf: (requirement: AuditRequirement) => StatedPath | undefined;
}

function freeEnd(end: BoundEnd, context: JudgingContext): FreeEnd | undefined {
  if (end.addresses || end.any) return undefined;
  const settledBy = end.unresolvedName
    ? `give the addresses of ${end.unresolvedName} in the hosts file that names: points to`
    : `bind "${end.role?.name ?? end.text}" to addresses under roles: in ${context.configFile}`;
  return { actor: end.text, settledBy };
}

/** A host whose addresses nobody knows is recognised by its actor. */
function statedDirections(requirement: AuditRequirement, context: JudgingContext): ReadonlyMap<Device, Stated> {
  const is = (end: BoundEnd, actor: string): boolean => end.role?.name === actor || end.text === actor;
  return new Map(
    context.bench.devices.flatMap((device): [Device, Stated][] => {
      if (device.actor === undefined) return [];
      if (is(requirement.source, device.actor)) return [[device, { direction: 'out' }]];
      return is(requirement.destination, device.actor) ? [[device, { direction: 'in' }]] : [];
    }),
  );
}

/** The ends whose other end is `any`. */
const statedEnds = ({ source, destination }: AuditRequirement): ('source' | 'destination')[] => [
  ...(destination.any ? (['source'] as const) : []),
  ...(source.any ? (['destination'] as const) : []),
];

function judgeReading(requirement: AuditRequirement, reading: Reading, context: JudgingContext): Judgement {
  const { bench } = context;
  const packets = packetsOf(
    {
      source: requirement.sourceAddresses,
      destination: requirement.destinationAddresses,
      services: reading.services,
      expect: requirement.flow.expect,
    },
    bench.spaces,
  );
  const freeSource = freeEnd(requirement.source, context);
  const freeDestination = freeEnd(requirement.destination, context);
  const path = context.pathOf(requirement);
  const ends = [requirement.sourceAddresses, requirement.destinationAddresses];
  const unreadable = [
    ...context.unreadable
      .filter((device) =>
        device.host
          ? ends.some((end) => overlapsAddresses(end, device.host as AddressSet)) || path?.names.includes(device.name)
          : !path || path.names.includes(device.name),
      )
      .map((device) => device.name),
    ...(path?.withoutExport ?? []),
  ];
  const flow: Flow = {
    packets,
    ...(freeSource ? { freeSource } : {}),
    ...(freeDestination ? { freeDestination } : {}),
    ...(unreadable.length ? { unreadable } : {}),
    ...(path ? { only: path.devices } : {}),
    ...(requirement.flow.expect === 'allow' ? { neighboursOf: statedEnds(requirement) } : {}),
    stated: statedDirections(requirement, context),
  };
  return judge(
    bench,
    flow,
    { facts: requirement.facts, settings: context.settings, firstPacket: requirement.flow.expect === 'deny' },
    'overall',
  );
}

function merged(readings: readonly { reading: Reading; judgement: Judgement }[]): Judgement {
  const [first] = readings;
  if (!first) throw new Error('a requirement has at least one reading');
  if (readings.length === 1) return first.judgement;
  const judgements = readings.map((one) => one.judgement);
  const verdict = verdictOver(judgements.map((one) => one.verdict));
  const worst = judgements.find((one) => one.verdict !== 'permitted') ?? first.judgement;
  const good = readings.filter((one) => one.judgement.verdict === 'permitted').map((one) => one.reading.label);
  const condition: OpenCondition = {
    class: 'missing',
    kind: 'variant',
    name: `which variant applies (${readings.map((one) => one.reading.label).join(' or ')})${good.length ? `; permitted with ${good.join(', ')}` : ''}`,
    device: '',
    rule: null,
    file: null,
    line: null,
    holds: [],
    settledBy: 'state the operating system of the role (os:) or variants: for the page',
  };
  return {
    ...worst,
    verdict,
    conditions:
      verdict === first.judgement.verdict && verdict !== 'conditional' ? worst.conditions : [condition, ...worst.conditions],
  };
}

/** The interpretation condition of a row that a person must settle first. */
function reviewCondition(requirement: AuditRequirement): OpenCondition[] {
  const { needsReview, interpretable, page, line } = requirement.flow;
  if (needsReview === undefined) return [];
  return [
    {
      class: 'missing',
      kind: 'interpretation',
      name: needsReview,
      device: '',
      rule: null,
      file: page,
      line,
      holds: [],
      settledBy: interpretable
        ? `settle the reading: interpret: [{ line: ${line}, as: cross }] for this page`
        : 'state the flow in a YAML of your own, as it is meant',
    },
  ];
}

/**
 * A role with published addresses may also be reached by them. Translation is not followed in this version, so what the
 * literal addresses do not settle stays open, for requirements and prohibitions alike.
 */
function withPublished(verdict: FlowVerdict, requirement: AuditRequirement): FlowVerdict {
  const published = requirement.destination.role?.config.published ?? [];
  const settled = requirement.flow.expect === 'deny' ? verdict.verdict !== 'blocked' : verdict.verdict === 'permitted';
  if (published.length === 0 || settled) return verdict;
  const condition: OpenCondition = {
    class: 'missing',
    kind: 'construct',
    name: `whether it is reached by its published addresses ${published.join(', ')}: address translation is not followed`,
    device: '',
    rule: null,
    file: null,
    line: null,
    holds: [],
    settledBy: 'check the port forward or destination NAT by hand',
  };
  const open = verdict.verdict === 'blocked' || verdict.verdict === 'partial';
  return { ...verdict, verdict: open ? 'conditional' : verdict.verdict, conditions: [condition, ...verdict.conditions] };
}

/** Destination translations of audited devices that may carry packets to the requirement's destination. */
function carriersOf(
  requirement: AuditRequirement,
  context: JudgingContext,
): readonly { readonly device: string; readonly translation: Translation }[] {
  return context.bench.devices.flatMap((device) =>
    (device.firewall.translations ?? [])
      .filter(
        ({ changes, to }) =>
          changes === 'destination' && (to === undefined || overlapsAddresses(to, requirement.destinationAddresses)),
      )
      .map((translation) => ({ device: device.name, translation })),
  );
}

/**
 * A published target is reached by other addresses than its own. A prohibition is then not met by what the rules say of
 * its own address; a required flow that is blocked there names the translation as the cause.
 */
function withTranslations(verdict: FlowVerdict, requirement: AuditRequirement, context: JudgingContext): FlowVerdict {
  const denied = verdict.verdict === 'blocked' || verdict.verdict === 'partial';
  const carriers = denied ? carriersOf(requirement, context) : [];
  if (carriers.length === 0) return verdict;
  if (requirement.flow.expect === 'allow')
    return requirement.destination.role?.config.published
      ? verdict
      : { ...verdict, cause: verdict.cause === 'policy' ? 'nat' : verdict.cause };
  if (verdict.verdict !== 'blocked') return verdict;
  const conditions = carriers.map(
    ({ device, translation }): OpenCondition => ({
      class: 'missing',
      kind: 'construct',
      name: `${translation.name} may carry packets to it`,
      device,
      rule: null,
      file: translation.span?.file ?? null,
      line: translation.span?.line ?? null,
      holds: [],
      settledBy: 'translation is not followed: check by hand which packets it lets through to this target',
    }),
  );
  return { ...verdict, verdict: 'conditional', conditions: [...conditions, ...verdict.conditions] };
}

/** A name of a role that nothing resolves stands for addresses that were not judged: they may be open, or closed. */
function withUnresolved(verdict: FlowVerdict, requirement: AuditRequirement): FlowVerdict {
  const roles = [requirement.source, requirement.destination].flatMap(({ role }) => (role?.addresses ? [role] : []));
  const conditions = roles.flatMap(({ name, unresolved }) =>
    unresolved.map(
      (host): OpenCondition => ({
        class: 'missing',
        kind: 'name',
        name: host,
        device: '',
        rule: null,
        file: null,
        line: null,
        holds: [],
        settledBy: `give the addresses of ${host} (role ${name}) in the hosts file that names: points to`,
      }),
    ),
  );
  if (conditions.length === 0) return verdict;
  const decided = verdict.verdict === 'permitted' || (requirement.flow.expect === 'deny' && verdict.verdict === 'blocked');
  return { ...verdict, verdict: decided ? 'conditional' : verdict.verdict, conditions: [...conditions, ...verdict.conditions] };
}

function withNoOtherFilter(verdict: FlowVerdict, requirement: AuditRequirement, context: JudgingContext): FlowVerdict {
  if (context.settings.strict || verdict.verdict === 'blocked' || verdict.verdict === 'unknown') return verdict;
  const all = unionAllAddresses(context.hosts);
  const audited = (set: AddressSet): boolean => isSubsetAddresses(set, all);
  if (audited(requirement.sourceAddresses) && audited(requirement.destinationAddresses)) return verdict;
  return { ...verdict, assumptions: [...new Set([...verdict.assumptions, 'no-other-filter' as const])].sort() };
}

/** Strict: what nothing but an assumption settles for a permitted flow stays open. */
function strictly(verdict: FlowVerdict, context: JudgingContext): FlowVerdict {
  if (!context.settings.strict || verdict.verdict !== 'permitted') return verdict;
  return { ...verdict, verdict: 'conditional', conditions: [...verdict.conditions, ...STRICT_CONDITIONS] };
}

/** A device that the user puts in the way and whose export sees nothing of these packets has not let them through. */
function withStatedPath(verdict: FlowVerdict, path: StatedPath | undefined): FlowVerdict {
  const judged = (name: string): boolean => verdict.hops.some((hop) => goesBy(hop.device, name));
  const missed = (path?.names ?? []).filter(
    (name) => !judged(name) && [...(path?.devices ?? [])].some((device) => goesBy(device.name, name)),
  );
  if (missed.length === 0 || verdict.verdict === 'blocked' || verdict.verdict === 'partial') return verdict;
  const conditions = missed.map((name) =>
    pathCondition(
      `paths: names ${name}, but its export does not join the two ends`,
      `correct the path, or say what lies behind each link of ${name} under zones:`,
      name,
    ),
  );
  return { ...verdict, verdict: 'unknown', conditions: [...conditions, ...verdict.conditions] };
}

const pathCondition = (name: string, settledBy: string, device = ''): OpenCondition => ({
  class: 'missing',
  kind: 'path',
  name,
  device,
  rule: null,
  file: null,
  line: null,
  holds: [],
  settledBy,
});

/** Of `no-other-filter` and `symmetric-routing`. */
const STRICT_CONDITIONS: readonly OpenCondition[] = [
  pathCondition('another hop or end without an export may filter', 'add the exports of all hops and ends'),
  pathCondition('replies may come back through other devices', 'see that routing is symmetric, and judge without --strict'),
];

export function resultOf(requirement: AuditRequirement, context: JudgingContext): RequirementResult {
  const { flow } = requirement;
  const judgement = merged(
    requirement.readings.map((reading) => ({ reading, judgement: judgeReading(requirement, reading, context) })),
  );
  const { passes, devices, bound: _bound, ...verdict } = judgement;
  const placed = withStatedPath(verdict, context.pathOf(requirement));
  const resolved = withUnresolved(withTranslations(withPublished(placed, requirement), requirement, context), requirement);
  const plain = strictly(withNoOtherFilter(resolved, requirement, context), context);
  const conditions = [...reviewCondition(requirement), ...plain.conditions];
  const windowsSource = /^windows/i.test(requirement.source.role?.config.os ?? '');
  const final: FlowVerdict = { ...plain, conditions };
  return {
    id: flow.id,
    page: flow.page,
    line: flow.line,
    purpose: flow.purpose,
    alsoFor: requirement.alsoFor,
    source: requirement.source.role?.name ?? requirement.source.text,
    destination: requirement.destination.role?.name ?? requirement.destination.text,
    services: `${servicesText(flow.services)}${flow.symbolic ? ` (${flow.symbolic})` : ''}`,
    expect: flow.expect,
    optional: flow.optional,
    anyOf: flow.anyOf ?? null,
    variant: requirement.variant,
    needsReview: flow.needsReview ?? null,
    ...final,
    outcome: outcomeOf(flow.expect, final.verdict, passes, flow.needsReview !== undefined),
    explanation: explanationOf(plain, flow.expect),
    fix: fixOf(final, flow.expect),
    tryIt: tryItOf(final, windowsSource),
    devices: devices.map(({ device, ...rest }): DeviceVerdict => ({ device, ...withoutPasses(rest) })),
    waiver: null,
  };
}

const withoutPasses = ({ passes: _passes, ...rest }: FlowVerdict & { passes?: boolean }): FlowVerdict => rest;
