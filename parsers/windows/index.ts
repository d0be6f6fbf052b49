/** Windows Defender Firewall. */
import type { Firewall } from '../../src/model/firewall.js';
import type { Form, Given, ParserInput, Vendor } from '../types.js';
import { convertHost } from './convert.js';
import { JOINED_CSV, NETSH_PROFILES, NETSH_RULES, PROFILE_CSV, readHost } from './join.js';
import { detectJoinedCsv, detectNetshProfiles, detectNetshRules, detectProfileCsv } from './signatures.js';
import { UNREAD_FORMS } from './unread-forms.js';

const READ_FORMS: readonly Form[] = [
  {
    id: JOINED_CSV,
    title: 'PowerShell CSV of rules joined with their filters',
    command: 'docs/windows-export.ps1, or Export-FirewallRules of the module Firewall-Manager',
    detect: detectJoinedCsv,
  },
  {
    id: NETSH_RULES,
    title: 'netsh rules, short or verbose, with profiles where they stand in the same file',
    command: 'netsh advfirewall firewall show rule name=all verbose',
    detect: detectNetshRules,
  },
  {
    id: NETSH_PROFILES,
    title: 'netsh profile settings, beside rules of the same host',
    command: 'netsh advfirewall show allprofiles',
    detect: detectNetshProfiles,
  },
  {
    id: PROFILE_CSV,
    title: 'PowerShell CSV of profile settings, beside rules of the same host',
    command: 'Get-NetFirewallProfile -PolicyStore ActiveStore | Export-Csv profiles.csv',
    detect: detectProfileCsv,
  },
];

export const windows: Vendor = {
  id: 'windows',
  title: 'Windows Defender Firewall',
  forms: [...READ_FORMS, ...UNREAD_FORMS],
  parse: (inputs: readonly ParserInput[], given: Given): readonly Firewall[] => [convertHost(readHost(inputs, given), given)],
};
