/** Tag expressions of dynamic address groups: `'web' and ('prod' or dmz)`. */

type Token = { readonly kind: 'tag'; readonly text: string } | { readonly kind: 'and' | 'or' | '(' | ')' };

const TOKEN = /\s*(?:'([^']*)'|"([^"]*)"|([()])|([^\s()'"]+))/y;

function tokens(filter: string): readonly Token[] | undefined {
  const out: Token[] = [];
  TOKEN.lastIndex = 0;
  const text = filter.trim();
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) return undefined;
    const quoted = match[1] ?? match[2];
    const word = match[4];
    if (quoted !== undefined) out.push({ kind: 'tag', text: quoted.trim() });
    else if (match[3] === '(' || match[3] === ')') out.push({ kind: match[3] });
    else if (word && /^(and|or)$/i.test(word)) out.push({ kind: word.toLowerCase() === 'and' ? 'and' : 'or' });
    else if (word && /^not$/i.test(word)) return undefined;
    else if (word) out.push({ kind: 'tag', text: word });
  }
  return out;
}

/**
 * Compiles a filter; `and` binds tighter than `or`.
 * @returns undefined for what the device would not accept (unbalanced, `not`, two tags side by side): its members are unknown.
 */
export function compileFilter(filter: string): ((tags: ReadonlySet<string>) => boolean) | undefined {
  const list = tokens(filter);
  if (!list || list.length === 0) return undefined;
  const output: Token[] = [];
  const stack: Token[] = [];
  let expectTag = true;
  for (const token of list) {
    if ((token.kind === 'tag' || token.kind === '(') !== expectTag) return undefined;
    if (token.kind === 'tag') output.push(token);
    else if (token.kind === '(') stack.push(token);
    else {
      while (stack.length && pops(stack.at(-1)?.kind, token.kind)) output.push(stack.pop() as Token);
      if (token.kind !== ')') stack.push(token);
      else if (stack.pop()?.kind !== '(') return undefined;
    }
    expectTag = token.kind === 'and' || token.kind === 'or' || token.kind === '(';
  }
  while (stack.length) {
    const token = stack.pop() as Token;
    if (token.kind === '(') return undefined;
    output.push(token);
  }
  return expectTag ? undefined : (tags) => run(output, tags);
}

/** True when the operator on the stack is applied before the next token. */
const pops = (top: Token['kind'] | undefined, next: Token['kind']): boolean =>
  top !== '(' && top !== undefined && (next === ')' || top === 'and' || next === 'or');

function run(postfix: readonly Token[], tags: ReadonlySet<string>): boolean {
  const values: boolean[] = [];
  for (const token of postfix) {
    if (token.kind === 'tag') values.push(tags.has(token.text));
    else {
      const b = values.pop() ?? false;
      const a = values.pop() ?? false;
      values.push(token.kind === 'and' ? a && b : a || b);
    }
  }
  return values[0] ?? false;
}
