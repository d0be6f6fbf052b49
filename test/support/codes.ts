/** The diagnostic codes that sources can emit, found by reading them. */

interface SourceText {
  readonly file: string;
  readonly text: string;
}

const literals = (expression: string): string[] =>
  [...expression.matchAll(/'([a-z0-9]+(?:-[a-z0-9]+)*)'/g)].map((match) => match[1] as string);

/** Arguments of the call whose opening parenthesis is at `open`, as text. */
function argumentsAt(text: string, open: number): string[] {
  const out: string[] = [];
  let depth = 0;
  let quote = '';
  let start = open + 1;
  for (let i = open; i < text.length; i++) {
    const character = text[i] as string;
    if (quote !== '') {
      if (character === '\\') i++;
      else if (character === quote) quote = '';
    } else if (`'"\``.includes(character)) quote = character;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character) && --depth === 0) return [...out, text.slice(start, i)];
    else if (character === ',' && depth === 1) {
      out.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return out;
}

interface Reporter {
  readonly name: string;
  readonly position: number;
  /** Position of a parameter `severity` before it: tells such calls from others of the same name. */
  readonly severity: number;
  /** Where it can be called: one file, or all of one folder. */
  readonly where: string;
}

/** Functions and methods with a parameter `code: string`. */
function reportersOf({ file, text }: SourceText): Reporter[] {
  return [...text.matchAll(/(private )?(?:const )?([A-Za-z]+)(?: = )?\(((?:[^()]|\([^()]*\))*\bcode: string\b[^)]*)\)/g)].map(
    (match) => {
      const parameters = (match[3] as string).split(',').map((parameter) => parameter.trim());
      const local = match[1] !== undefined || match[0].startsWith('const ');
      return {
        name: match[2] as string,
        position: parameters.findIndex((parameter) => parameter.startsWith('code: ')),
        severity: parameters.findIndex((parameter) => parameter.startsWith('severity: ')),
        where: local ? file : file.slice(0, file.lastIndexOf('/') + 1),
      };
    },
  );
}

/**
 * Every code: the values of properties `code:`, and the arguments of functions that take a `code`.
 * @throws Error for a code that is computed: nobody could look it up.
 */
export function codesIn(files: readonly SourceText[]): string[] {
  const codes = new Set<string>();
  const take = (expression: string, place: string): void => {
    const plain = expression.trim();
    if (/^(?:[\w.]*\bcode|string|z\..*|string \| undefined)$/.test(plain)) return;
    const found = literals(plain);
    if (found.length === 0) throw new Error(`${place}: the code ${plain} is computed`);
    for (const code of found) codes.add(code);
  };
  const reporters = files.flatMap(reportersOf);
  for (const { file, text } of files) {
    if (!/diagnostic|severity|finding|notes?\b/i.test(text)) continue;
    for (const match of text.matchAll(/\bcode: ([^,;{}\n)]+)/g)) take(match[1] as string, file);
    for (const { name, position, severity, where } of reporters) {
      if (!file.startsWith(where)) continue;
      for (const call of text.matchAll(new RegExp(`\\b${name}\\(`, 'g'))) {
        const given = argumentsAt(text, call.index + name.length);
        if (severity >= 0 && !/'(?:error|warning|info)'/.test(given[severity] ?? '')) continue;
        const argument = given[position];
        if (argument !== undefined && !argument.includes('code: ')) take(argument, `${file}: ${name}`);
      }
    }
  }
  return [...codes].sort();
}
