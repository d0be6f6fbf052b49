/** `netsh advfirewall show allprofiles` (or one profile) to settings. Labels and values stand two or more blanks apart, without colon. */
import { type Diagnostic, RefusedError } from '../../src/source/diagnostic.js';
import { lines } from '../../src/source/lines.js';
import type { Source, Span } from '../../src/source/span.js';
import { PROFILE_HINT } from './export-help.js';
import { profileOf } from './profile-rows.js';
import type { ProfileExport, ProfileName, ProfileSettings } from './records.js';

type Settable = { -readonly [K in keyof ProfileSettings]: ProfileSettings[K] };
const HEADING = /^(\w+) Profile Settings:\s*$/;

/** @returns undefined when the text holds no profile heading. */
export function extractNetshProfiles(source: Source): ProfileExport | undefined {
  const profiles = new Map<ProfileName, Settable>();
  const diagnostics: Diagnostic[] = [];
  let current: Settable | undefined;
  let inRules = false;
  for (const line of lines(source.text)) {
    // A description can hold any text: inside rule blocks nothing is a heading.
    if (line.text.startsWith('Rule Name:')) inRules = true;
    if (line.text.trim() === 'Ok.') inRules = false;
    const heading = inRules ? null : HEADING.exec(line.text);
    const span: Span = { file: source.name, start: line.start, end: line.start + line.text.length, line: line.number };
    if (heading) {
      const name = profileOf(heading[1] ?? '');
      if (!name)
        throw new RefusedError(`unknown profile "${heading[1]}"`, { file: source.name, line: line.number, hint: PROFILE_HINT });
      if (profiles.has(name))
        throw new RefusedError(`the ${name} profile stands here twice`, {
          file: source.name,
          line: line.number,
          hint: PROFILE_HINT,
        });
      current = { span };
      profiles.set(name, current);
    } else if (inRules || line.text.trim() === 'Ok.') current = undefined;
    else if (current) {
      // The place of a profile is its whole block, without the blank lines after it.
      if (line.text.trim() !== '' && current.span) current.span = { ...current.span, end: span.end };
      const problem = readSetting(current, line.text.slice(0, 400));
      if (problem !== undefined)
        diagnostics.push({
          severity: 'warning',
          code: 'windows-profile-setting',
          message: `profile setting not understood, taken as not exported: ${problem}`,
          file: source.name,
          line: line.number,
        });
    }
  }
  return profiles.size === 0 ? undefined : { source, store: 'attached', profiles, diagnostics };
}

/** @returns the text that was not understood. */
function readSetting(settings: Settable, text: string): string | undefined {
  const pair = /^(\S+(?: \S+)*) {2,}(\S.*)$/.exec(text.trimEnd());
  const label = pair?.[1]?.toLowerCase();
  const value = (pair?.[2] ?? '').trim().toLowerCase();
  switch (label) {
    case 'state':
      if (value !== 'on' && value !== 'off') return text.trim();
      settings.enabled = value === 'on';
      return undefined;
    case 'firewall policy':
      return readPolicy(settings, value) ? undefined : text.trim();
    case 'localfirewallrules':
      if (value === 'enable' || value === 'disable') settings.localRules = value === 'enable';
      return undefined;
    default:
      return undefined;
  }
}

function readPolicy(settings: Settable, value: string): boolean {
  let understood = true;
  for (const word of value.split(',').map((part) => part.trim())) {
    if (word === 'blockinbound' || word === 'blockinboundalways' || word === 'allowinbound') {
      settings.inbound = word === 'allowinbound' ? 'allow' : 'block';
      settings.shieldsUp = word === 'blockinboundalways';
    } else if (word === 'allowoutbound' || word === 'blockoutbound')
      settings.outbound = word === 'allowoutbound' ? 'allow' : 'block';
    else understood = false;
  }
  return understood;
}
