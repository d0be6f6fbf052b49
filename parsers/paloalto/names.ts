/** Where a name is looked up: nearest name space first. */
import type { Diagnostic } from '../../src/source/diagnostic.js';
import type { Named, Objects } from './records.js';

type Kind =
  | 'addresses'
  | 'addressGroups'
  | 'services'
  | 'serviceGroups'
  | 'applications'
  | 'applicationGroups'
  | 'applicationFilters';

export interface Found<T> {
  readonly record: T;
  readonly kind: Kind;
  /** Defined twice with different content in its own name space: which one counts cannot be said. */
  readonly conflict: boolean;
}

/** A chain of name spaces; a rule's names, members of groups included, are looked up from the rule's own chain. */
export class Names {
  readonly scopes: readonly Objects[];
  private readonly note: (d: Diagnostic) => void;
  private readonly noted = new Set<string>();

  constructor(scopes: readonly Objects[], note: (d: Diagnostic) => void) {
    this.scopes = scopes;
    this.note = note;
  }

  /** The nearest object of that name among kinds that share a name space. */
  find<K extends Kind>(what: string, name: string, ...kinds: readonly K[]): (Found<Named> & { readonly kind: K }) | undefined {
    for (const [index, scope] of this.scopes.entries())
      for (const kind of kinds) {
        const record = scope[kind].get(name);
        if (!record) continue;
        this.noteShadowed(what, name, index, kinds, record);
        return { record, kind, conflict: scope.conflicts.has(`${what} ${name}`) };
      }
    return undefined;
  }

  private noteShadowed(what: string, name: string, index: number, kinds: readonly Kind[], used: Named): void {
    const key = `${what} ${name}`;
    if (this.noted.has(key)) return;
    this.noted.add(key);
    for (const scope of this.scopes.slice(index + 1))
      for (const kind of kinds) {
        const hidden = scope[kind].get(name);
        if (!hidden || JSON.stringify({ ...hidden, span: 0 }) === JSON.stringify({ ...used, span: 0 })) continue;
        this.note({
          severity: 'info',
          code: 'shadowed-object',
          message: `${what} "${name}" is defined in ${this.scopes[index]?.title ?? ''} (used) and in ${scope.title} (line ${hidden.span.line}, not used) with different content`,
          file: used.span.file,
          line: used.span.line,
        });
      }
  }
}
