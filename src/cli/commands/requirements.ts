import { readSource } from '../../audit/devices.js';
import { importRequirements, type Reading, requirementsJson, requirementsText } from '../../requirements/index.js';
import { RefusedError } from '../../source/diagnostic.js';
import { sayDiagnostics } from '../diagnostics.js';
import { readBytes } from '../io.js';

interface Options {
  readonly format: 'text' | 'json';
  readonly interpret: readonly string[];
  readonly exact?: boolean;
}

function readingsOf(texts: readonly string[]): ReadonlyMap<number, Reading> {
  return new Map(
    texts.map((text) => {
      const match = /^([1-9][0-9]*)=(cross|pairwise)$/.exec(text);
      if (!match)
        throw new RefusedError(`--interpret ${text} is not understood`, {
          hint: 'Expected LINE=cross or LINE=pairwise, for example 34=cross.',
        });
      return [Number(match[1]), match[2] as Reading];
    }),
  );
}

export function requirementsCommand(pages: readonly string[], options: Options): void {
  const interpret = readingsOf(options.interpret);
  const imports = pages.map((page) => importRequirements(readSource(page, readBytes).source, { interpret }));
  const text = options.format === 'json' ? `${JSON.stringify(requirementsJson(imports), null, 2)}\n` : requirementsText(imports);
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  if (options.format === 'json') sayDiagnostics(imports.flatMap((one) => one.diagnostics));
  if (options.exact && imports.some((one) => one.accounting.rows.review > 0)) process.exitCode = 1;
}
