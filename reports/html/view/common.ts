/** Plain objects of plain text for the templates: every key present, every text made visible, nothing computed later. */
import type { PacketBox } from '../../../src/model/verdict.js';
import { boxParts, shortBox } from '../../shared/boxes.js';
import { plural } from '../../shared/words.js';

/** Beyond this a list is no longer read; the JSON report holds all of it. */
const BOX_LIMIT = 40;

/** Boxes shown before the rest folds away. */
const BOX_SHOWN = 6;

/** One part of a box; `full` unfolds behind a long list that `text` cuts, else it is empty. */
export interface PartView {
  readonly text: string;
  readonly full: string;
}

export interface BoxesView {
  readonly label: string;
  readonly boxes: readonly { readonly parts: readonly PartView[] }[];
  /** Unfolds below the first boxes. */
  readonly rest: readonly { readonly parts: readonly PartView[] }[];
  readonly restLabel: string;
  readonly more: string;
}

const partsOf = (box: PacketBox): readonly PartView[] => {
  const full = boxParts(box);
  return boxParts(shortBox(box)).map((text, index) => ({ text, full: text === full[index] ? '' : (full[index] ?? '') }));
};

/** Boxes under a label; empty when there are none, so that the template prints nothing. */
export const boxesView = (label: string, boxes: readonly PacketBox[]): readonly BoxesView[] => {
  if (boxes.length === 0) return [];
  const rest = boxes.length - BOX_LIMIT;
  const views = boxes.slice(0, BOX_LIMIT).map((box) => ({ parts: partsOf(box) }));
  const shown = views.length <= BOX_SHOWN + 1 ? views.length : BOX_SHOWN;
  return [
    {
      label,
      boxes: views.slice(0, shown),
      rest: views.slice(shown),
      restLabel: views.length === shown ? '' : plural(views.length - shown, 'more box', 'more boxes'),
      more: rest > 0 ? `and ${plural(rest, 'further box', 'further boxes')}, all in the JSON report` : '',
    },
  ];
};

/** Unique values in order of appearance with their numbers, for filters. */
export class Numbering {
  readonly #numbers = new Map<string, number>();

  constructor(values: Iterable<string>) {
    for (const value of values) if (!this.#numbers.has(value)) this.#numbers.set(value, this.#numbers.size);
  }

  /** `d3` for the fourth value; empty for values not numbered. */
  key(prefix: string, value: string): string {
    const number = this.#numbers.get(value);
    return number === undefined ? '' : `${prefix}${number}`;
  }

  get values(): readonly string[] {
    return [...this.#numbers.keys()];
  }
}

/** Identifiers for deep links: stable for an id, made of safe characters only, unique within the page. */
export const anchorsOf = (ids: readonly string[]): readonly string[] => {
  const used = new Map<string, number>();
  return ids.map((id) => {
    const slug = id
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 80)
      .toLowerCase();
    const base = `flow-${slug === '' ? 'x' : slug}`;
    const seen = used.get(base) ?? 0;
    used.set(base, seen + 1);
    return seen === 0 ? base : `${base}_${seen + 1}`;
  });
};

/** Items by key, keys in order of appearance. */
export const groupedBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> => {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
};
