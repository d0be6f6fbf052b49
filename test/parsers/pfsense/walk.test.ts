/** Random rules: the verdict agrees with a walk over the records as pf does it, packet by packet. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extract } from '../../../parsers/pfsense/extract.js';
import type { EndpointRecord, FilterRuleRecord } from '../../../parsers/pfsense/records.js';
import { decode } from '../../../src/source/decode.js';
import { judgeFlow } from '../../support/judge.js';
import { config, readText } from './build.js';

const HOSTS = { lan: '192.168.1.50', opt1: '10.0.1.9', wan: '198.51.100.9' } as const;
type Link = keyof typeof HOSTS;
const LINKS = Object.keys(HOSTS) as Link[];
const PORTS = [22, 80, 443];

const end = fc
  .tuple(
    fc.constantFrom(
      '<any/>',
      '<network>lan</network>',
      '<network>opt1</network>',
      '<address>10.0.1.9</address>',
      '<address>SOME</address>',
      '<address>MISSING</address>',
    ),
    fc.boolean(),
  )
  .map(([what, not]) => what + (not ? '<not/>' : ''));

const ruleText = fc
  .record({
    type: fc.constantFrom('pass', 'block', 'reject', 'match'),
    tab: fc.constantFrom('lan', 'opt1', 'wan', 'lan,opt1', 'opt9', ''),
    floating: fc.boolean(),
    direction: fc.constantFrom('', '<direction>in</direction>', '<direction>out</direction>', '<direction>any</direction>'),
    quick: fc.boolean(),
    disabled: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    source: end,
    destination: end,
    port: fc.constantFrom('', '<port>22</port>', '<port>80-443</port>'),
    protocol: fc.constantFrom('', '<protocol>tcp</protocol>', '<protocol>udp</protocol>'),
    tag: fc.constantFrom('', '', '<tag>T</tag>', '<tagged>T</tagged>', '<nottagged/><tagged>T</tagged>'),
  })
  .map(
    (r) =>
      `<rule><type>${r.type}</type><interface>${r.tab}</interface>${r.floating ? '<floating>yes</floating>' : ''}${r.direction}` +
      `${r.quick ? '<quick/>' : ''}${r.disabled ? '<disabled/>' : ''}<source>${r.source}</source><destination>${r.destination}${r.port}</destination>${r.protocol}${r.tag}</rule>\n`,
  );

interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly on: Link;
  readonly direction: 'in' | 'out';
}

/** Undefined: the generator drops the rule. */
function holds(end: EndpointRecord | undefined, host: string): boolean | undefined {
  if (!end) return undefined;
  if (end.any) return true;
  const text = end.network ?? end.address;
  if (text === 'MISSING') return undefined;
  const inside = text === 'lan' ? host === HOSTS.lan : text === 'opt1' || text === 'SOME' ? host === HOSTS.opt1 : host === text;
  return inside !== end.not;
}

function matches(rule: FilterRuleRecord, packet: Packet, tag: string | undefined): boolean {
  if (rule.disabled) return false;
  const names = (rule.interface ?? '').split(',').filter(Boolean);
  if (!rule.floating && (names.length !== 1 || names[0] !== packet.on)) return false;
  if (rule.floating && names.length > 0 && !names.includes(packet.on)) return false;
  const direction = rule.floating ? rule.direction : 'in';
  if ((direction === 'in' || direction === 'out') && direction !== packet.direction) return false;
  const source = holds(rule.source, packet.source);
  const destination = holds(rule.destination, packet.destination);
  if (!source || !destination) return false;
  const port = rule.destination?.port;
  if (rule.protocol === 'udp') return false;
  if (rule.protocol === 'tcp' && port === '22' && packet.port !== 22) return false;
  if (rule.protocol === 'tcp' && port === '80-443' && (packet.port < 80 || packet.port > 443)) return false;
  return rule.tagged === undefined || (rule.tagged === tag) !== rule.nottagged;
}

/** pf: remember the last match, stop at quick; tags are set on the way. */
function walk(
  rules: readonly FilterRuleRecord[],
  packet: Packet,
  carried: string | undefined,
): { pass: boolean; tag: string | undefined } {
  let tag = carried;
  // Default deny, then "let out": both without quick and above the user's rules.
  let pass = packet.direction === 'out';
  const inOrder = [...rules.filter((rule) => rule.floating), ...rules.filter((rule) => !rule.floating)];
  for (const rule of inOrder) {
    if (!matches(rule, packet, tag)) continue;
    if (rule.tag !== undefined) tag = rule.tag;
    // A match rule decides nothing and ends nothing.
    if (rule.type === 'match') continue;
    pass = rule.type === 'pass';
    if (!rule.floating || rule.quick) break;
  }
  return { pass, tag };
}

describe('random rules', () => {
  it('agree with the walk of pf', () => {
    let definite = 0;
    let open = 0;
    fc.assert(
      fc.property(fc.array(ruleText, { maxLength: 7 }), (texts) => {
        const text = config({
          filter: texts.join(''),
          aliases: '<alias><name>SOME</name><type>host</type><address>10.0.1.9</address></alias>',
          outboundMode: 'disabled',
          system: '<ipv6allow/><disablenatreflection/>',
        });
        const { rules } = extract(decode('fw.xml', Buffer.from(text)).source);
        const firewall = readText(text);
        for (const from of LINKS)
          for (const to of LINKS)
            for (const port of PORTS) {
              if (from === to) continue;
              const ends = { source: HOSTS[from], destination: HOSTS[to], port };
              const first = walk(rules, { ...ends, on: from, direction: 'in' }, undefined);
              const passes = first.pass && walk(rules, { ...ends, on: to, direction: 'out' }, first.tag).pass;
              const { verdict } = judgeFlow(firewall, `tcp ${ends.source} -> ${ends.destination}:${port}`);
              if (verdict === 'conditional') open++;
              else {
                definite++;
                expect(`${ends.source} ${ends.destination} ${port} ${verdict}`).toBe(
                  `${ends.source} ${ends.destination} ${port} ${passes ? 'permitted' : 'blocked'}`,
                );
              }
            }
      }),
      { numRuns: 150 },
    );
    // Only tags that rules without quick set stay open.
    expect(definite).toBeGreaterThan(open * 4);
  });
});
