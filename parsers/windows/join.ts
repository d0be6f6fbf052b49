/** All exports of one host together: which may stand beside each other, and which are the same rules twice. */
import { RefusedError } from '../../src/source/diagnostic.js';
import type { Given, ParserInput } from '../types.js';
import type { HostRecords } from './convert.js';
import { EXPORT_HINT, PROFILE_HINT } from './export-help.js';
import { extractCsv, isGroupPolicy } from './extract-csv.js';
import { extractNetshRules } from './extract-netsh.js';
import { extractNetshProfiles } from './extract-netsh-profiles.js';
import { PROFILES, type ProfileExport, type RuleExport } from './records.js';
import { sideOf } from './rule-words.js';
import { refuseUnread } from './unread-forms.js';

export const JOINED_CSV = 'windows-powershell-csv';
export const PROFILE_CSV = 'windows-profile-csv';
export const NETSH_RULES = 'windows-netsh-rules';
export const NETSH_PROFILES = 'windows-netsh-profiles';

/**
 * Reads every input of one host.
 * @throws RefusedError when one of them cannot be read, holds no rules, or repeats the rules of another.
 */
export function readHost(inputs: readonly ParserInput[], given: Given): HostRecords {
  const rules: RuleExport[] = [];
  const profiles: ProfileExport[] = [];
  for (const { source, form } of inputs) {
    refuseUnread(source, form);
    if (form === JOINED_CSV || form === PROFILE_CSV) {
      const read = extractCsv(source);
      if (read.rules) rules.push(read.rules);
      if (read.profiles) profiles.push(read.profiles);
      continue;
    }
    const ruleText = extractNetshRules(source);
    const profileText = extractNetshProfiles(source);
    if (ruleText) rules.push(ruleText);
    if (profileText) profiles.push(profileText);
    if (!ruleText && !profileText)
      throw new RefusedError('no rule block and no profile in the netsh text', { file: source.name, line: 1, hint: EXPORT_HINT });
  }
  const first = inputs[0]?.source.name;
  if (rules.length === 0)
    throw new RefusedError('profile settings without rules', { ...(first ? { file: first } : {}), line: 1, hint: EXPORT_HINT });
  refuseTwice(rules);
  refuseProfilesTwice(profiles);
  return { name: given.name ?? hostName(rules), rules, profiles };
}

type Store = 'group-policy' | 'other' | 'mixed';
function storesOf(source: RuleExport): Store {
  const policy = source.rules.filter(isGroupPolicy).length;
  return policy === 0 ? 'other' : policy === source.rules.length ? 'group-policy' : 'mixed';
}

/** Inbound and outbound exported apart, or two different stores, add up; anything else is the same rules twice. */
function refuseTwice(exports: readonly RuleExport[]): void {
  for (const [i, one] of exports.entries())
    for (const other of exports.slice(i + 1)) {
      const sides = new Set(one.rules.map(sideOf));
      const apart = !other.rules.some((rule) => sides.has(sideOf(rule)));
      const stores = [storesOf(one), storesOf(other)];
      if (apart || (!stores.includes('mixed') && stores[0] !== stores[1])) continue;
      throw new RefusedError(
        `${other.source.name} and ${one.source.name} are two exports of the same rules of one host: give one of them ` +
          '(profile settings, another direction or another policy store may stand beside it)',
        { file: other.source.name, line: other.rules[0]?.span.line ?? 1, hint: PROFILE_HINT },
      );
    }
}

function refuseProfilesTwice(exports: readonly ProfileExport[]): void {
  for (const name of PROFILES) {
    const holders = exports.filter((each) => each.profiles.has(name));
    const second = holders[1];
    if (second)
      throw new RefusedError(
        `settings of the ${name} profile stand in ${holders.map((each) => each.source.name).join(' and ')}: give one of them`,
        {
          file: second.source.name,
          line: second.profiles.get(name)?.span.line ?? 1,
          hint: PROFILE_HINT,
        },
      );
  }
}

/** Computer name in the export, else the base name of the file. */
function hostName(exports: readonly RuleExport[]): string {
  const computers = new Set(
    exports.flatMap((each) => each.rules.map((rule) => rule.fields.computer ?? '')).filter((name) => name !== ''),
  );
  const [computer] = computers;
  if (computers.size === 1 && computer !== undefined && !/^(localhost|\.)$/i.test(computer)) return computer;
  const file = exports[0]?.source.name ?? 'windows';
  const base = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  return base.replace(/\.[^.]*$/, '') || base;
}
