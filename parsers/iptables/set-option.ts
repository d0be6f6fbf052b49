/** --match-set: contents from `ipset save`, from a list that the user gave, or a condition that names the set. */

import { complement } from './addresses.js';
import { complementBoxes } from './boxes.js';
import { condition, listCondition } from './condition.js';
import { between, type Constraint, exactly, sided } from './constraint.js';
import type { RuleContext } from './context.js';
import { construct, moduleText } from './opaque.js';
import type { OptionRecord } from './records.js';
import { type Membership, membership } from './set-match.js';

type Side = 'src' | 'dst';
const GIVE_SET = 'Give the output of `ipset save` (--ipset FILE), or the addresses as a list.';

/** Two ends trade places in replies: what `src` tests there is what `dst` tests on the way. */
const mirrored = (flags: readonly Side[]): string => flags.map((flag) => (flag === 'src' ? 'dst' : 'src')).join();

/** Rules may fill a set while a packet passes: then two tests of it are two facts. */
function unknownSet(name: string, flags: readonly Side[], negated: boolean, rule: RuleContext): Constraint {
  const own = rule.environment.changingSets.has(name) ? `:${rule.key}` : '';
  return sided({
    initiator: listCondition(name, `${flags.join()}${own}`, negated, GIVE_SET),
    responder: listCondition(name, `${mirrored(flags)}${own}`, negated, GIVE_SET),
  });
}

function fromMembership(found: Membership, name: string, negated: boolean, rule: RuleContext): Constraint | undefined {
  const { family, links } = rule.environment;
  const changing = condition('list', name, `list:${name}:temporary:${rule.key}`, {
    effect: 'extent',
    settledBy: 'Entries with a timeout go away by themselves; ask for the flow without them.',
  });
  if (!negated) return found.maybe.length === 0 ? exactly(...found.sure) : between(found.sure, found.maybe, changing);
  const outside = complementBoxes([...found.sure, ...found.maybe], family, links.names.length);
  if (!outside) return undefined;
  return found.maybe.length === 0 ? exactly(...outside) : between(outside, found.maybe, changing);
}

function matchSet(option: OptionRecord, rule: RuleContext): Constraint | undefined {
  const { environment } = rule;
  const [name = '', flagText = ''] = option.values;
  const flags = flagText.split(',') as Side[];
  if (name === '' || flags.some((flag) => flag !== 'src' && flag !== 'dst')) return undefined;
  const known = environment.changingSets.has(name) ? undefined : environment.sets.sets.get(name);
  if (known) {
    const found = membership(known, flags, environment.family, environment.sets.sets, environment.links);
    const exact = found && fromMembership(found, name, option.negated, rule);
    return exact ?? unknownSet(name, flags, option.negated, rule);
  }
  const list = environment.lists.get(name);
  if (!list || environment.changingSets.has(name)) return unknownSet(name, flags, option.negated, rule);
  const addresses = option.negated ? complement(list, environment.family) : list;
  return exactly({ [flags[0] === 'src' ? 'source' : 'destination']: addresses });
}

/** One instance of -m set. */
export function setOptions(options: readonly OptionRecord[], rule: RuleContext): Constraint | undefined {
  const main = options.filter((option) => option.name === 'match-set');
  const [option] = main;
  if (!option || main.length > 1) return undefined;
  const plain = options.every(({ name }) => name === 'match-set' || name.startsWith('update-'));
  return plain ? matchSet(option, rule) : construct(moduleText('set', options), rule, false, 'list');
}
