/**
 * Writes docs/schema/audit-result.schema.json from the built zod schema (run `npm run build` first).
 * The same sources give the same bytes; a test holds the committed file to them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';

const { auditResultJsonSchema } = await import(new URL('../dist/src/audit/result-schema.js', import.meta.url).href);
const target = new URL('../docs/schema/audit-result.schema.json', import.meta.url);
mkdirSync(new URL('.', target), { recursive: true });
writeFileSync(target, `${JSON.stringify(auditResultJsonSchema(), null, 2)}\n`);
