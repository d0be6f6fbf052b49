/** Splits a line of a dump into words as iptables-restore does (xshared.c, add_param_to_argv). */
export interface Token {
  readonly text: string;
  /** Part of it stood in double quotes: such a word is never an option or a `!`. */
  readonly quoted: boolean;
}

/**
 * Blanks separate; `"` toggles quoting; a backslash is an escape inside quotes only; single quotes are ordinary.
 * @returns the words, and whether a quote was left open at the end of the line.
 */
export function tokenize(line: string): { readonly tokens: readonly Token[]; readonly open: boolean } {
  const tokens: Token[] = [];
  let text = '';
  let started = false;
  let quoted = false;
  let inside = false;
  let from = 0;
  const flush = (to: number): void => {
    text += line.slice(from, to);
  };
  for (let i = 0; i < line.length; i++) {
    const char = line.charCodeAt(i);
    if (char === 34) {
      flush(i);
      from = i + 1;
      inside = !inside;
      quoted = true;
      started = true;
    } else if (inside) {
      if (char !== 92 || i + 1 >= line.length) continue;
      flush(i);
      from = ++i;
    } else if (char === 32 || char === 9 || char === 11 || char === 12 || char === 13) {
      if (started) {
        flush(i);
        tokens.push({ text, quoted });
      }
      text = '';
      started = false;
      quoted = false;
      from = i + 1;
    } else started = true;
  }
  if (started) {
    flush(line.length);
    tokens.push({ text, quoted });
  }
  return { tokens, open: inside };
}
