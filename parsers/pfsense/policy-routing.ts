/**
 * A pass rule with a gateway sends its packets to that gateway, whatever the routing table says. Destinations that lie
 * elsewhere (attached networks, static routes, the firewall itself) are passed by the filter but sent astray.
 */
import type { Condition } from '../../src/model/condition.js';
import type { Rule } from '../../src/model/firewall.js';
import type { Match, MatchBox } from '../../src/model/match.js';
import {
  type AddressSet,
  intersectAddresses,
  isEmptyAddresses,
  subtractAddresses,
  unionAllAddresses,
} from '../../src/sets/address.js';
import type { EndpointRecord, FilterRuleRecord } from './records.js';
import type { RuleContext } from './rule-conditions.js';

/** The generator looks for the letters "any" in the destination's text: an alias called "company" counts too. */
function saysAny(end: EndpointRecord | undefined): boolean {
  if (!end) return false;
  return end.any || /any/.test(end.network ?? end.address ?? '');
}

function within(boxes: readonly MatchBox[], set: AddressSet): readonly MatchBox[] {
  return boxes.flatMap((box) => {
    const destination = box.destination ? intersectAddresses(box.destination, set) : set;
    return isEmptyAddresses(destination) ? [] : [{ ...box, destination }];
  });
}

/** Destinations that lie elsewhere than behind the gateway; computed once a gateway. */
function astray(gateway: string, out: readonly string[], toVpn: boolean, context: RuleContext): AddressSet {
  const key = `${gateway}\n${toVpn}`;
  const cached = context.astray.get(key);
  if (cached) return cached;
  const exempt = unionAllAddresses(context.local.filter((network) => toVpn && network.vpn).map((network) => network.set));
  const elsewhere = context.local.filter((network) => !out.includes(network.via) && !(toVpn && network.vpn));
  const set = subtractAddresses(unionAllAddresses(elsewhere.map((network) => network.set)), exempt);
  context.astray.set(key, set);
  return set;
}

/** Two rules where some destinations are sent astray: those first, as `unknown`, then the rule itself. */
export function splitForGateway(record: FilterRuleRecord, rule: Rule, context: RuleContext): readonly Rule[] {
  const { gateway } = record;
  if (!gateway || gateway === 'default' || rule.action.kind !== 'accept') return [rule];
  const { notes, topology } = context.resolver;
  const out = context.gateways.get(gateway);
  if (!out) {
    notes.add(
      'info',
      'gateway-unknown',
      `gateway ${gateway} is not defined: the rule passes and the routing table applies`,
      record.span,
    );
    return [rule];
  }
  const set = astray(gateway, out, saysAny(record.destination) && !context.noNegate, context);
  const hi = within(rule.match.hi, set);
  if (hi.length === 0) return [rule];
  const match: Match = { lo: rule.match.lo === rule.match.hi ? hi : within(rule.match.lo, set), hi };
  const condition: Condition = {
    kind: 'construct',
    name: `policy routing through ${gateway}`,
    coin: `policy-routing:${topology.device}:${gateway}`,
    effect: 'gate',
    settledBy: `The rule sends the packets to gateway ${gateway} although the destination lies elsewhere; put a rule without gateway above it.`,
    span: record.span,
  };
  return [{ ...rule, action: { kind: 'unknown' }, match, conditions: [...rule.conditions, condition] }, rule];
}
