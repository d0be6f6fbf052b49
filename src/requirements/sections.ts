/** The page as sections: the headings above a block, and the texts that introduce it. */
import type { Block, HeadingBlock, Page, TextBlock } from './page.js';

export interface Section {
  /** Headings from the outermost to the innermost; none before the first. */
  readonly headings: readonly HeadingBlock[];
  readonly blocks: readonly Exclude<Block, HeadingBlock>[];
}

/** Cuts a page at its headings. */
export function sectionsOf(page: Page): readonly Section[] {
  const sections: { headings: HeadingBlock[]; blocks: Exclude<Block, HeadingBlock>[] }[] = [{ headings: [], blocks: [] }];
  for (const block of page.blocks) {
    const current = sections[sections.length - 1];
    if (block.kind !== 'heading') current?.blocks.push(block);
    else
      sections.push({
        headings: [...(current?.headings ?? []).filter((heading) => heading.depth < block.depth), block],
        blocks: [],
      });
  }
  return sections;
}

/** The text right before the block at `index`: a table's caption. */
export function textBefore(section: Section, index: number): TextBlock | undefined {
  const block = section.blocks[index - 1];
  return block?.kind === 'text' ? block : undefined;
}

/** Runs of items of one list, each with the paragraph right before it. */
export function listsOf(
  section: Section,
): readonly { readonly lead: TextBlock | undefined; readonly items: readonly TextBlock[] }[] {
  const out: { lead: TextBlock | undefined; items: TextBlock[] }[] = [];
  let previous: Block | undefined;
  for (const block of section.blocks) {
    if (block.kind === 'text' && block.list !== undefined) {
      const last = out[out.length - 1];
      if (last && previous?.kind === 'text' && previous.list === block.list) last.items.push(block);
      else out.push({ lead: previous?.kind === 'text' ? previous : undefined, items: [block] });
    }
    previous = block;
  }
  return out;
}
