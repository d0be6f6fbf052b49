/** Rules that pfSense emits after the user's: static route bypass and IPsec service rules. */
import { exactly, type Match, type MatchBox } from '../../src/model/match.js';
import { ANY_ADDRESS, ANY_V4, ANY_V6, type Family, intersectAddresses, isEmptyAddresses } from '../../src/sets/address.js';
import { only } from '../../src/sets/intervals.js';
import { familyOf, parseAddressSet } from '../../src/sets/ip.js';
import { type AutomaticContext, automatic } from './automatic-rule.js';
import { anyOf, conditionsOf, type Extent, known, ofFamily, unknown } from './extent.js';
import type { PfRule } from './pf-order.js';
import type { StaticRoute } from './routes.js';

function bypass(context: AutomaticContext, routes: readonly StaticRoute[]): readonly PfRule[] {
  if (!context.config.bypassStaticRoutes) return [];
  const { interfaces } = context.resolver.topology;
  return routes.flatMap((route) => {
    const item = interfaces.get(route.interface);
    if (!item) return [];
    return ([4, 6] as const).flatMap((family) => {
      const near = (family === 4 ? item.v4 : item.v6)?.network;
      const far = intersectAddresses(route.destination, anyOf(family));
      if (!near || near.unknowns.length > 0 || isEmptyAddresses(far)) return [];
      const boxes: readonly MatchBox[] = [
        { source: far, destination: near.lo },
        { source: near.lo, destination: far },
      ];
      return [
        automatic('static-route-bypass', `Pass between ${item.label} and its static routes`, 'accept', exactly(...boxes), {
          links: only(item.link),
          span: route.span,
        }),
      ];
    });
  });
}

/** Address of a peer; a name is unknown until somebody says what it resolves to. */
function peerOf(text: string | undefined, family: Family, context: AutomaticContext): Extent {
  if (text === undefined || text === '0.0.0.0' || text === '::') return known(anyOf(family));
  const literal = familyOf(text) === family ? parseAddressSet(text) : undefined;
  if (literal) return known(literal);
  const given = context.given.names?.get(text.toLowerCase());
  if (given) return ofFamily(known(given), family);
  return unknown(anyOf(family), {
    kind: 'name',
    name: text,
    coin: `name:${text.toLowerCase()}`,
    settledBy: `Give the addresses of ${text} in a hosts file (names:).`,
  });
}

/** IKE, NAT traversal, ESP and AH between the firewall and its IPsec peers: not quick, so user rules on a tab win. */
function ipsecServices(context: AutomaticContext): readonly PfRule[] {
  const { config, resolver } = context;
  if (config.system.noVpnRules) return [];
  const services: readonly MatchBox[] = [
    { protocols: only(17), ports: only(500) },
    { protocols: only(17), ports: only(4500) },
    { protocols: only(50) },
    { protocols: only(51) },
  ];
  const ends = ANY_ADDRESS && { 4: ANY_V4, 6: ANY_V6 };
  return config.phase1
    .filter((phase) => !phase.disabled)
    .flatMap((phase) => {
      const family: Family = phase.family === 'inet6' ? 6 : 4;
      const peer = peerOf(phase.remote, family, context);
      const item = resolver.topology.interfaces.get(phase.interface);
      const self = ofFamily(resolver.topology.self, family);
      const links = item ? { links: only(item.link) } : {};
      const rule = (direction: 'in' | 'out'): PfRule => {
        const far = direction === 'in' ? 'source' : 'destination';
        const near = direction === 'in' ? 'destination' : 'source';
        const boxes = (part: 'lo' | 'hi') =>
          services.map((service) => ({
            source: ends[family],
            destination: ends[family],
            [far]: peer[part],
            [near]: self[part],
            ...service,
          }));
        const conditions = [
          ...conditionsOf(peer, far, false, resolver.topology.device),
          ...conditionsOf(self, near, false, resolver.topology.device),
        ];
        const hi = boxes('hi');
        const match: Match = { lo: conditions.length === 0 ? hi : boxes('lo'), hi };
        return automatic('ipsec-services', `IPsec with ${phase.remote ?? 'any peer'}`, 'accept', match, {
          direction,
          quick: false,
          span: phase.span,
          conditions,
          ...links,
        });
      };
      return [rule('out'), rule('in')];
    });
}

export const automaticAfter = (context: AutomaticContext, routes: readonly StaticRoute[]): readonly PfRule[] => [
  ...bypass(context, routes),
  ...ipsecServices(context),
];
