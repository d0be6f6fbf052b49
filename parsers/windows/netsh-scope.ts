/**
 * What netsh text hides. App packages, owners, users and newer address keywords print as "Any"; the short form also
 * hides program, service, interface types and IPsec. So no rule read from netsh is sure to match.
 */
import type { Condition } from '../../src/model/condition.js';
import { SETTLED_BY_SCRIPT } from './extent.js';
import type { WindowsRule } from './records.js';

/** Names that belong to app packages: resource references, package family and full names. */
const PACKAGE_NAME = /@\{|ms-resource:|_[0-9a-z]{13}(?![0-9a-z])/i;
/** Groups whose rules carry the renderer keyword, which netsh prints as Any. */
const RENDERER_GROUP = /^cast to device functionality/i;

const isAny = (text: string | undefined): boolean => text === undefined || text.toLowerCase() === 'any';

function looksPackaged(rule: WindowsRule): boolean {
  const { name = '', group = '' } = rule.fields;
  if (PACKAGE_NAME.test(name) || PACKAGE_NAME.test(group) || RENDERER_GROUP.test(group)) return true;
  const { protocol, localAddress, remoteAddress, program, service } = rule.fields;
  const bare = [protocol, localAddress, remoteAddress, program, service].every(isAny);
  return bare && group !== '' && group === name;
}

export function netshScopeGate(rule: WindowsRule, owner: string): Condition | undefined {
  if (rule.form === 'csv') return undefined;
  const short = rule.form === 'netsh-short';
  const base: Condition = {
    kind: 'export',
    name: short
      ? 'scope not exported: netsh short form hides program, service, package and users'
      : 'package or user scope not exported by netsh',
    coin: `netsh-scope:${owner}`,
    effect: 'gate',
    settledBy: short
      ? `Export with \`netsh advfirewall firewall show rule name=all verbose\`; better: ${SETTLED_BY_SCRIPT}`
      : `${SETTLED_BY_SCRIPT} Or assume netsh-unscoped.`,
  };
  if (short || looksPackaged(rule)) return base;
  return { ...base, assumption: { id: 'netsh-unscoped', value: true, on: false } };
}
