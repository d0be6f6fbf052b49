/** A place in the decoded text of an export. Offsets are UTF-16 code units from the start, `line` counts from 1. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/** One input file, decoded. `name` is the path as the user gave it; it is what messages and reports show. */
export interface Source {
  readonly name: string;
  readonly text: string;
  readonly bytes: Uint8Array;
  /** Encoding the text was decoded with, for example `utf-8`, `utf-16le`, `windows-1252`. */
  readonly encoding: string;
  /** Lower-case hexadecimal SHA-256 of the bytes. */
  readonly sha256: string;
}
