/** Matches that depend on what no dump holds: rates, history, time, sockets, payloads. Each becomes a condition by name. */
import type { Condition, ConditionKind } from '../../src/model/condition.js';
import { PHASE, PHASE_COUNT } from '../../src/model/match.js';
import { only, subtract, unionAll } from '../../src/sets/intervals.js';
import { condition, type Details, listCondition } from './condition.js';
import { and, type Constraint, EVERYTHING, gated, NOTHING, sided } from './constraint.js';
import type { RuleContext } from './context.js';
import { markIs, readMark } from './marks.js';
import { parseNumber } from './names.js';
import { type OptionRecord, optionText } from './records.js';

/** Phases of packets that the responder sends. */
export const RESPONDER_PHASES = unionAll([PHASE.reply, PHASE.untrackedReply, PHASE.strayReply].map(only));
export const INITIATOR_PHASES = subtract([0, PHASE_COUNT], RESPONDER_PHASES);

const PLACEHOLDER = /XX|\*\*|<[^>]*>|x{3}/i;

export const moduleText = (module: string, options: readonly OptionRecord[]): string =>
  [`-m ${module}`, ...options.map(optionText)].join(' ');

/** A match that is not understood, or cannot be told: `shared` when it is a property of the packet itself. */
export function construct(
  text: string,
  rule: RuleContext,
  shared: boolean,
  kind: ConditionKind = 'construct',
  details: Details = {},
): Constraint {
  // A masked value stands for another one in every rule.
  const coin = shared && !PLACEHOLDER.test(text) ? `${kind}:${text}` : `${kind}:${rule.key}:${text}`;
  const settledBy = 'Nothing in the export decides it; check on the host, or state the flow so that the rule does not matter.';
  return gated(condition(kind, text, coin, { settledBy, ...details }));
}

/** Undefined assumption value: nothing may be assumed. */
function rate(text: string, rule: RuleContext, value: boolean | undefined): Constraint {
  const settledBy = 'Add --assume below-rate-limits when the flow stays below the limit.';
  const assumption = value === undefined ? {} : { assumption: { id: 'below-rate-limits', value, on: false } as const, settledBy };
  return construct(text, rule, false, 'rate-limit', assumption);
}

const has = (options: readonly OptionRecord[], name: string): OptionRecord | undefined =>
  options.find((option) => option.name === name);

function recent(options: readonly OptionRecord[], rule: RuleContext, text: string): Constraint {
  const set = has(options, 'set');
  if (set && !has(options, 'rcheck') && !has(options, 'update') && !has(options, 'remove'))
    return set.negated ? NOTHING : EVERYTHING;
  const test = has(options, 'rcheck') ?? has(options, 'update') ?? has(options, 'remove');
  return rate(text, rule, test?.negated ?? false);
}

/** Uid or gid of the socket that a packet of this host belongs to; forwarded packets have none. */
function owner(options: readonly OptionRecord[], rule: RuleContext): Constraint {
  let out = EVERYTHING;
  for (const option of options) {
    if (rule.context && rule.context.direction !== 'out') out = and(out, option.negated ? EVERYTHING : NOTHING);
    else out = and(out, ownerOption(option));
  }
  return out;
}

function ownerOption(option: OptionRecord): Constraint {
  const [value = ''] = option.values;
  const single = option.name === 'uid-owner' && !value.includes('-');
  const side = (end: 'initiator' | 'responder'): Condition => {
    const base = condition('user', `${option.name} ${value}`, single ? `user@${end}` : `owner@${end}:${option.name}:${value}`, {
      negated: option.negated,
      settledBy: `State the user of the ${end} (${end === 'initiator' ? 'source_user' : 'user'}) for the flow or the role.`,
    });
    return single ? { ...base, values: [value], fact: end === 'initiator' ? 'source_user' : 'user' } : base;
  };
  return sided({ initiator: side('initiator'), responder: side('responder') });
}

/**
 * Packet and connection marks: bits that no rule sets are zero, as long as nothing else sets them. Programs of the host
 * may give packets a mark when they begin a connection (SO_MARK); answers have none by themselves.
 */
function mark(module: string, options: readonly OptionRecord[], rule: RuleContext): Constraint {
  const text = moduleText(module, options);
  const { marks } = rule.environment;
  const [option] = options;
  const wanted = option && readMark(option.values[0] ?? '');
  const settledBy = 'Marks are set by other rules or programs; their values are not followed.';
  const settable = module === 'mark' ? marks.packet : marks.connection;
  const is = wanted && options.length === 1 ? markIs(wanted.value, wanted.mask, settable) : undefined;
  if (!option || is === undefined) return construct(text, rule, false, 'construct', { settledBy });
  const assumption = { id: 'marks-zero', value: is !== option.negated, on: true } as const;
  const zero = construct(text, rule, !marks.changed, 'construct', { settledBy, assumption });
  if (module !== 'mark' || (rule.context && rule.context.direction !== 'out')) return zero;
  const open = construct(text, rule, !marks.changed, 'construct', { settledBy });
  const [initiator, responder] = [open.conditions[0], zero.conditions[0]];
  if (!initiator || !responder) return open;
  return sided({ initiator: { ...initiator, coin: `${initiator.coin}@initiator` }, responder });
}

/** No packet of a required flow carries a routing header of type 0 (RFC 5095 forbids them), or is a fragment (as for -f). */
function extensionHeader(module: string, options: readonly OptionRecord[], rule: RuleContext): Constraint {
  const plain = options.every((option) => option.module === module);
  const zero = options.some(({ name, negated, values }) => name === 'rt-type' && !negated && parseNumber(values[0] ?? '') === 0);
  // Without the header no test of it holds, negated or not (net/ipv6/netfilter/ip6t_rt.c, ip6t_frag.c; measured).
  if (plain && (module === 'frag' || zero)) return NOTHING;
  return construct(moduleText(module, options), rule, LASTING.has(module));
}

function geoip(options: readonly OptionRecord[]): Constraint {
  let out = EVERYTHING;
  for (const option of options) {
    const [from, to] = option.name === 'src-cc' ? ['src', 'dst'] : ['dst', 'src'];
    const of = (side: string): Condition =>
      listCondition(`geoip ${option.values[0] ?? ''}`, side, option.negated, 'Give the networks of the countries as a list.');
    out = and(out, sided({ initiator: of(from), responder: of(to) }));
  }
  return out;
}

/** Properties of a packet that no target changes on its way. */
const LASTING: ReadonlyMap<string, ConditionKind> = new Map([
  ['mac', 'construct'],
  ['physdev', 'interface'],
  ['string', 'construct'],
  ['u32', 'construct'],
  ['bpf', 'construct'],
  ['length', 'construct'],
  ['tcpmss', 'construct'],
  ['policy', 'ipsec'],
  ['time', 'schedule'],
  ['realm', 'construct'],
  ['rt', 'construct'],
  ['esp', 'ipsec'],
  ['ah', 'ipsec'],
  ['mh', 'construct'],
  ['cgroup', 'program'],
]);

/** One instance of a module that is never exact. */
export function opaque(module: string, options: readonly OptionRecord[], rule: RuleContext): Constraint {
  const text = moduleText(module, options);
  const negated = (name: string): boolean => has(options, name)?.negated ?? false;
  switch (module) {
    case 'limit':
      return rate(text, rule, !negated('limit'));
    case 'hashlimit':
      return rate(
        text,
        rule,
        (has(options, 'hashlimit-above') === undefined) !== (negated('hashlimit-above') || negated('hashlimit-upto')),
      );
    case 'connlimit':
      return rate(
        text,
        rule,
        (has(options, 'connlimit-above') === undefined) !== (negated('connlimit-above') || negated('connlimit-upto')),
      );
    case 'quota':
    case 'quota2':
    case 'connbytes':
    case 'rateest':
      return rate(text, rule, undefined);
    case 'recent':
      return recent(options, rule, text);
    case 'owner':
      return owner(options, rule);
    case 'mark':
    case 'connmark':
      return mark(module, options, rule);
    case 'frag':
    case 'rt':
      return extensionHeader(module, options, rule);
    case 'geoip':
      return geoip(options);
    case 'rpfilter':
      return construct(text, rule, true, 'construct', {
        assumption: { id: 'rpfilter-passes', value: has(options, 'invert') === undefined, on: false },
        settledBy: 'Add --assume rpfilter-passes when routing is symmetric.',
      });
    default:
      return construct(text, rule, LASTING.has(module), LASTING.get(module) ?? 'construct');
  }
}
