/** Properties of a Get-NetFirewallProfile object, as text cells, to settings. */
import type { Span } from '../../src/source/span.js';
import { PROFILES, type ProfileName, type ProfileSettings } from './records.js';

export const profileOf = (text: string): ProfileName | undefined => PROFILES.find((name) => name === text.trim().toLowerCase());

/** GpoBoolean: 0 False, 1 True, 2 NotConfigured (the built-in default); anything else is unreadable: undefined. */
function gpoBoolean(text: string | undefined, builtIn: boolean): boolean | undefined {
  switch (text?.toLowerCase()) {
    case 'true':
    case '1':
      return true;
    case 'false':
    case '0':
      return false;
    case 'notconfigured':
    case '2':
      return builtIn;
    default:
      return undefined;
  }
}

function action(text: string | undefined, builtIn: 'allow' | 'block'): 'allow' | 'block' | undefined {
  const word = text?.toLowerCase();
  if (word === 'notconfigured') return builtIn;
  return word === 'allow' || word === 'block' ? word : undefined;
}

/** `cell` gives the text of a property by its lower-case name; undefined where the column is absent. */
export function profileSettings(cell: (property: string) => string | undefined, span: Span): ProfileSettings {
  const enabled = gpoBoolean(cell('profileenabled') || cell('enabled'), true);
  const inbound = action(cell('defaultinboundaction'), 'block');
  const outbound = action(cell('defaultoutboundaction'), 'allow');
  const exceptions = gpoBoolean(cell('allowinboundrules'), true);
  const localRules = gpoBoolean(cell('allowlocalfirewallrules'), true);
  const aliases = cell('disabledinterfacealiases');
  return {
    span,
    ...(enabled === undefined ? {} : { enabled }),
    ...(inbound === undefined ? {} : { inbound }),
    ...(outbound === undefined ? {} : { outbound }),
    ...(exceptions === undefined ? {} : { shieldsUp: !exceptions }),
    ...(localRules === undefined ? {} : { localRules }),
    ...(aliases && !/^(notconfigured|\{notconfigured\}|\{\}|any)$/i.test(aliases)
      ? { disabledInterfaces: aliases.split(',').map((alias) => alias.trim()) }
      : {}),
  };
}
