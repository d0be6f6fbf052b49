/** One end as a cell writes it: `App server`, `https://host.example/path`, `db.example:5432`, `Server [1]`. */
import { knownService } from './names.js';
import { quote } from './page.js';

export interface EndReading {
  readonly text: string;
  /** Port that the end itself names; `stated` is false where it only follows from the scheme of a URL. */
  readonly port?: { readonly value: number; readonly stated: boolean };
  readonly doubt?: string;
  readonly note?: string;
}

const URL_END =
  /^<?([a-z][a-z0-9+.-]{0,20}):\/\/((?:\*\.)?[a-z0-9](?:[a-z0-9._-]{0,250}[a-z0-9])?)(?::([0-9]{1,6}))?(?:[/?#]\S*)?>?$/i;
const HOST_PORT = /^((?:\*\.)?(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}):([0-9]{1,6})$/i;
const FOOTNOTE = /(?<=\S)\s*(?:[†‡§¶]{1,5}|\[\^[^[\]]{1,20}\]|\[(?:[0-9]{1,2}|[a-z])\])$/iu;
/** May be a footnote or a part of the name. */
const STRANGE = /(?<=[\p{L}\p{N}\s])\*+$|(?<=\S)\s*\([0-9]{1,2}\)$|[<>{}\\|?=~^]|\[|\]/u;

/** @returns undefined for a text that is neither a URL nor a host name with a port. */
function readLocator(text: string): EndReading | undefined {
  const url = URL_END.exec(text);
  const host = url ? undefined : HOST_PORT.exec(text);
  const name = url?.[2] ?? host?.[1];
  if (name === undefined) return undefined;
  const own = url?.[3] ?? host?.[2];
  const value = own === undefined ? knownService(url?.[1] ?? '')?.port : Number(own);
  if (value !== undefined && (value < 1 || value > 65535))
    return { text: name, doubt: `${quote(text)} names no port that can be` };
  return {
    text: name.toLowerCase(),
    ...(value === undefined ? {} : { port: { value, stated: own !== undefined } }),
    note: `${quote(text)} read as the host it names`,
  };
}

/** Whether an end is a URL, or a host name with a port. */
export const isLocator = (text: string): boolean => readLocator(text) !== undefined;

/** Reads one end; `role` is for messages. Any text is a name; what may be no part of the name is a doubt. */
export function readEnd(written: string, role: string): EndReading {
  const mark = FOOTNOTE.exec(written)?.[0];
  const text = mark === undefined ? written : written.slice(0, -mark.length).trim();
  const note = mark === undefined ? {} : { note: `footnote ${mark.trim()} of the ${role} cell is not read` };
  if (text === '*') return { text: 'any', note: `* in the ${role} cell read as any` };
  const locator = readLocator(text);
  if (locator) return { ...locator, note: [locator.note, note.note].filter((one) => one !== undefined).join('; ') };
  const strange = text.includes('://') ? text : STRANGE.exec(text)?.[0].trim();
  return {
    text,
    ...note,
    ...(strange === undefined ? {} : { doubt: `${quote(strange)} in the ${role} cell is not understood` }),
  };
}
