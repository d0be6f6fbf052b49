/** `requirements --format json`. */
import type { Accounting, StatedFlow } from '../model/requirement.js';
import type { RequirementImport } from './import.js';
import { protocolName } from './names.js';
import { icmpText, portsText, sourcePortsText } from './port-text.js';

/** One row, or one part of a row whose protocols have different ports: such parts share `id` and `line`. */
export interface RequirementJson {
  readonly id: string;
  readonly source: string;
  readonly destination: string;
  /** Names or numbers; empty: every protocol. */
  readonly protocols: readonly string[];
  /** `389`, `49152-65535`; empty: every port, or a protocol without ports. */
  readonly ports: readonly string[];
  /** Null: unstated. */
  readonly sourcePorts: readonly string[] | null;
  /** `8/*`, lists joined by `, `; null where not ICMP or every type. */
  readonly icmp: string | null;
  readonly symbolic: string | null;
  /** Flows are always stated from source to destination. */
  readonly direction: null;
  readonly purpose: string;
  readonly expect: 'allow' | 'deny';
  readonly optional: boolean;
  readonly anyOf: string | null;
  readonly variant: { readonly name: string; readonly value: string } | null;
  readonly needsReview: string | null;
  readonly note: string | null;
  readonly facts: Readonly<Record<string, string>> | null;
  readonly page: string;
  readonly line: number;
}

export interface RequirementsJson {
  readonly schemaVersion: 1;
  readonly flows: readonly RequirementJson[];
  readonly accounting: {
    readonly tables: {
      readonly seen: number;
      readonly used: number;
      readonly refused: readonly { readonly line: number; readonly reason: string; readonly page?: string }[];
    };
    readonly rows: Accounting['rows'];
  };
}

function entries(flow: StatedFlow): readonly RequirementJson[] {
  return flow.services.map((term) => {
    const sourcePorts = sourcePortsText(term);
    const icmp = icmpText(term);
    return {
      id: flow.id,
      source: flow.source.text,
      destination: flow.destination.text,
      protocols: term.protocols.map(protocolName),
      ports: portsText(term),
      sourcePorts: sourcePorts.length > 0 ? sourcePorts : null,
      icmp: icmp.length > 0 ? icmp.join(', ') : null,
      symbolic: flow.symbolic ?? null,
      direction: null,
      purpose: flow.purpose,
      expect: flow.expect,
      optional: flow.optional,
      anyOf: flow.anyOf ?? null,
      variant: flow.variant ?? null,
      needsReview: flow.needsReview ?? null,
      note: flow.note ?? null,
      facts: flow.facts ?? null,
      page: flow.page,
      line: flow.line,
    };
  });
}

/** All pages as one document; the accounting is the sum, a refused table names its page where there are several. */
export function requirementsJson(imports: readonly RequirementImport[]): RequirementsJson {
  const sum = (pick: (accounting: Accounting) => number): number =>
    imports.reduce((total, one) => total + pick(one.accounting), 0);
  return {
    schemaVersion: 1,
    flows: imports.flatMap((one) => one.flows.flatMap(entries)),
    accounting: {
      tables: {
        seen: sum((a) => a.tables.seen),
        used: sum((a) => a.tables.used),
        refused: imports.flatMap((one) =>
          one.accounting.tables.refused.map((table) => (imports.length > 1 ? { ...table, page: one.page } : table)),
        ),
      },
      rows: {
        seen: sum((a) => a.rows.seen),
        imported: sum((a) => a.rows.imported),
        review: sum((a) => a.rows.review),
        refused: sum((a) => a.rows.refused),
      },
    },
  };
}
