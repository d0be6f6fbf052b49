/** Files and streams of the process; nothing else in the project touches them. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { RefusedError } from '../source/diagnostic.js';

/** `-` is standard input. */
export function readBytes(path: string): Uint8Array {
  return readFileSync(path === '-' ? 0 : path);
}

/** Writes a file whole or not at all: to a temporary file beside it, then a rename. */
export function writeWhole(path: string, text: string): void {
  const temporary = join(dirname(path), `.${process.pid}.flowgap.tmp`);
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(temporary, 'w');
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new RefusedError(`cannot write ${path}: ${(error as Error).message}`, {
      hint: 'Check that the folder exists and can be written.',
    });
  }
}

/** A reader that went away (`| head`) ends the output, not the run. */
export function ignoreBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
      throw error;
    });
}

export const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** A path of a configuration file as a path of this process, short where it can be. */
export function pathBeside(configFile: string, path: string): string {
  if (isAbsolute(path) || path === '-') return path;
  const joined = join(dirname(configFile), path);
  const short = relative(process.cwd(), joined);
  return short.startsWith('..') ? joined : short;
}

/** One line on a terminal that is overwritten; silent elsewhere. */
export function progressLine(quiet: boolean): { show(what: string): void; clear(): void } {
  const on = !quiet && process.stderr.isTTY === true;
  return {
    show: (what) => void (on && process.stderr.write(`\r\u001b[2K${what.slice(0, (process.stderr.columns ?? 80) - 1)}`)),
    clear: () => void (on && process.stderr.write('\r\u001b[2K')),
  };
}
