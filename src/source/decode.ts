/** Bytes to text. Encodings are recognised from the bytes alone; a guess is always a diagnostic. */
import { createHash } from 'node:crypto';
import iconv from 'iconv-lite';
import { type Diagnostic, RefusedError } from './diagnostic.js';
import type { Source } from './span.js';

/** Larger files are refused: text of this size no longer fits a string safely. */
export const MAX_BYTES = 400 * 1024 * 1024;

export interface Decoded {
  readonly source: Source;
  readonly diagnostics: readonly Diagnostic[];
}

function startsWith(bytes: Uint8Array, ...prefix: readonly number[]): boolean {
  return prefix.every((byte, i) => bytes[i] === byte);
}

/** UTF-16 text without a BOM: nearly every second byte of ASCII text is NUL. */
function utf16WithoutBom(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const length = Math.min(bytes.length, 4096) & ~1;
  if (length < 16) return undefined;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) even++;
    if (bytes[i + 1] === 0) odd++;
  }
  const half = length / 2;
  if (odd > half * 0.7 && even < half * 0.05) return 'utf-16le';
  if (even > half * 0.7 && odd < half * 0.05) return 'utf-16be';
  return undefined;
}

function strictly(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Encoding that an XML declaration names, when the bytes are ASCII-compatible. */
function declaredInXml(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  return /^\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']/.exec(head)?.[1];
}

function looksBinary(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, 8192);
  let control = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i] as number;
    if (byte === 0) return true;
    if (byte < 9 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32)) control++;
  }
  return control > length * 0.05;
}

function recognise(bytes: Uint8Array): { text: string; encoding: string; guessed: boolean } {
  if (startsWith(bytes, 0xef, 0xbb, 0xbf)) {
    const text = strictly(bytes, 'utf-8');
    if (text !== undefined) return { text, encoding: 'utf-8', guessed: false };
  }
  if (startsWith(bytes, 0xff, 0xfe))
    return { text: new TextDecoder('utf-16le').decode(bytes), encoding: 'utf-16le', guessed: false };
  if (startsWith(bytes, 0xfe, 0xff))
    return { text: new TextDecoder('utf-16be').decode(bytes), encoding: 'utf-16be', guessed: false };
  const wide = utf16WithoutBom(bytes);
  if (wide) return { text: new TextDecoder(wide).decode(bytes), encoding: wide, guessed: true };
  if (looksBinary(bytes)) return { text: Buffer.from(bytes).toString('latin1'), encoding: 'binary', guessed: false };
  const utf8 = strictly(bytes, 'utf-8');
  if (utf8 !== undefined) return { text: utf8, encoding: 'utf-8', guessed: false };
  const declared = declaredInXml(bytes);
  if (declared && !/^utf-?8$/i.test(declared) && iconv.encodingExists(declared))
    return { text: iconv.decode(Buffer.from(bytes), declared), encoding: declared.toLowerCase(), guessed: false };
  return { text: iconv.decode(Buffer.from(bytes), 'windows-1252'), encoding: 'windows-1252', guessed: true };
}

/**
 * Decodes one file. `encoding` (an option of the user) wins over everything but a BOM.
 * @throws RefusedError for an empty or oversized file, or an encoding that does not exist.
 */
export function decode(name: string, bytes: Uint8Array, encoding?: string): Decoded {
  if (bytes.length === 0)
    throw new RefusedError('the file is empty', {
      file: name,
      line: 1,
      column: 1,
      hint: 'Export it again: an empty file says nothing about the firewall.',
    });
  if (bytes.length > MAX_BYTES)
    throw new RefusedError(`the file has ${bytes.length} bytes, more than the ${MAX_BYTES} that can be read`, {
      file: name,
      hint: 'Export the firewall policy alone, without logs or statistics.',
    });
  const hasBom = startsWith(bytes, 0xef, 0xbb, 0xbf) || startsWith(bytes, 0xff, 0xfe) || startsWith(bytes, 0xfe, 0xff);
  if (encoding && !iconv.encodingExists(encoding))
    throw new RefusedError(`there is no encoding named "${encoding}"`, {
      file: name,
      hint: 'Use a name such as utf-8, utf-16le, windows-1252, cp850 or cp437.',
    });
  const found =
    encoding && !hasBom ? { text: iconv.decode(Buffer.from(bytes), encoding), encoding, guessed: false } : recognise(bytes);
  const text = found.text.charCodeAt(0) === 0xfeff ? found.text.slice(1) : found.text;
  const source: Source = {
    name,
    text,
    bytes,
    encoding: found.encoding,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  const diagnostics: Diagnostic[] = [];
  if (found.guessed)
    diagnostics.push({
      severity: 'warning',
      code: 'encoding-guessed',
      message: `read as ${found.encoding}: the file does not say its encoding, names outside ASCII may look wrong; --encoding sets it`,
      file: name,
      line: 1,
    });
  return { source, diagnostics };
}
