/** The whole result for programs; docs/schema/audit-result.schema.json describes it. */
import type { AuditResult } from '../../src/model/result.js';
import type { Report } from '../types.js';
import { RESULT_ORDER } from './order.js';

/** Keys in the order of `order`; keys it does not name follow, sorted. Depth is that of `order`, so never unbounded. */
const inOrder = (value: unknown, order: unknown): unknown => {
  if (Array.isArray(value)) return value.map((element) => inOrder(element, order));
  if (value === null || typeof value !== 'object' || order === null || typeof order !== 'object') return value;
  const given = new Map(Object.entries(value));
  const known = new Map(Object.entries(order));
  const names = [
    ...[...known.keys()].filter((key) => given.has(key)),
    ...[...given.keys()].filter((key) => !known.has(key)).sort(),
  ];
  return Object.fromEntries(names.map((key) => [key, inOrder(given.get(key), known.get(key))]));
};

const unitsOf = (character: string): string =>
  Array.from({ length: character.length }, (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`).join(
    '',
  );

/** The same JSON value, with characters that would drive a terminal or reorder a line written as escapes. */
const escaped = (json: string): string =>
  json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => (character === '\n' ? character : unitsOf(character)));

const render = (result: AuditResult): string => `${escaped(JSON.stringify(inOrder(result, RESULT_ORDER), null, 2))}\n`;

export const jsonReport: Report = { id: 'json', title: 'The whole result, for programs', extension: 'json', render };
