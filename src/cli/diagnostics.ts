/** Diagnostics on standard error: errors and warnings, and how many remarks there are besides. */
import type { Diagnostic } from '../source/diagnostic.js';
import { say } from './io.js';

/** At most this many lines; the rest is counted. JSON and HTML reports hold all. */
const SHOWN = 20;

export function sayDiagnostics(diagnostics: readonly Diagnostic[]): void {
  const loud = diagnostics.filter((d) => d.severity !== 'info');
  for (const { severity, message, file, line, column } of loud.slice(0, SHOWN)) {
    const place = [file, line, column].filter((part) => part !== undefined).join(':');
    say(`${place ? `${place}: ` : ''}${severity}: ${message}`);
  }
  if (loud.length > SHOWN) say(`and ${loud.length - SHOWN} more warnings`);
}
