/** Names and texts that cannot be resolved: one diagnostic each, saying which rules use them and what is assumed. */
import type { Diagnostic } from '../../src/source/diagnostic.js';
import type { Span } from '../../src/source/span.js';

/** Who uses a name, in words (`rule "Block-Malware"`), and where. */
export interface Place {
  readonly who: string;
  readonly span: Span;
  /** The group that holds the name, where the rule names the group. */
  readonly through?: string;
}

const inWords = ({ who, span, through }: Place): string => `${who} (line ${span.line})${through ? `, through ${through},` : ''}`;

/** A member of a group, seen from the rule that uses the group. @param group with its kind: `address group "web"`. */
export const inside = (group: string, span: Span, where: Place): Place => ({ ...where, through: `${group} (line ${span.line})` });

/** The same words for every kind of unknown content. @param what `address`, `TCP or UDP port`. */
export const assumed = (what: string): string =>
  `assumed: any ${what} may be in it and none surely is, so verdicts that depend on it are conditional`;

/** Rules are named up to this number, further ones counted. */
const NAMED = 3;

interface Entry {
  readonly code: string;
  readonly subject: string;
  readonly span: Span;
  readonly users: Set<string>;
}

export class Unresolved {
  private readonly entries = new Map<string, Entry>();

  /**
   * @param subject what cannot be resolved and what is assumed, as the object of "rule X uses ...".
   * @param span what must be corrected, when that is not the place that uses it.
   */
  remember(code: string, subject: string, where: Place, span: Span = where.span): void {
    const key = `${code} ${subject}`;
    const entry = this.entries.get(key) ?? { code, subject, span, users: new Set<string>() };
    entry.users.add(inWords(where));
    this.entries.set(key, entry);
  }

  /** Says what was gathered, in the order of first use. */
  report(note: (d: Diagnostic) => void): void {
    for (const { code, subject, span, users } of this.entries.values()) {
      const names = [...users];
      const more = names.length - NAMED;
      const who = names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
      const message = `${who} use${names.length === 1 ? 's' : ''} ${subject}`;
      note({ severity: 'error', code, message, file: span.file, line: span.line });
    }
  }
}
