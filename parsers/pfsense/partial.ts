/** Backups of the rules alone: interfaces are only names, so rules can be listed and no flow can be judged. */

import { parts } from './node.js';
import type { Notes } from './notes.js';
import type { EndpointRecord, InterfaceRecord, PfsenseConfig } from './records.js';

/** Every interface that a rule names, with addresses that are not in the file. */
export function withoutInterfaces(config: PfsenseConfig, notes: Notes): PfsenseConfig {
  notes.add(
    'warning',
    'export-partial',
    'this file holds no interfaces (a backup of one area, or an edited file): rules are listed, no flow is judged',
    config.rootSpan,
  );
  const keyword = (end: EndpointRecord | undefined) =>
    end?.network?.startsWith('(') ? undefined : end?.network?.replace(/ip$/, '');
  const names = new Set(
    config.rules
      .flatMap((rule) => [...parts(rule.interface), keyword(rule.source), keyword(rule.destination)])
      .filter((name) => name !== undefined),
  );
  names.delete('any');
  if (names.size === 0) names.add('any interface');
  const interfaces = [...names].map(
    (key): InterfaceRecord => ({
      key,
      enable: true,
      ipaddr: 'not in this file',
      ipaddrv6: 'not in this file',
      blockpriv: false,
      blockbogons: false,
      span: config.filterSpan,
    }),
  );
  return { ...config, interfaces };
}
