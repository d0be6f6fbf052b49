/** Address translation on the way: what a device rewrites, later devices see with other addresses. */
import type { OpenCondition } from '../model/verdict.js';
import { type Box, intersectBoxes, intersectRegion, NOTHING, type Region, uniteRegions } from '../sets/region.js';
import type { CompiledFirewall, CompiledTranslation } from './compile.js';
import { flowOf } from './evaluate.js';
import { ALL_PHASES } from './space.js';
import type { Part, View } from './view.js';

/** Packets of a flow that one translation may rewrite. */
export interface Rewritten {
  readonly view: View;
  readonly part: Part;
  readonly translation: CompiledTranslation['translation'];
  /** Five dimensions. */
  readonly flow: Region;
}

export function rewrittenBy(views: readonly { readonly view: View; readonly device: CompiledFirewall }[]): readonly Rewritten[] {
  return views.flatMap(({ view, device }) =>
    view.parts.flatMap((part) => {
      const packets = part.flow.map((box) => [...box, part.in, part.out, ALL_PHASES]);
      return device.translations.flatMap(({ translation, boxes }) => {
        const hit = packets.flatMap((packet): Box[] =>
          boxes.map((box) => intersectBoxes(packet, box)).filter((box) => box !== undefined),
        );
        return hit.length === 0 ? [] : [{ view, part, translation, flow: flowOf(hit) }];
      });
    }),
  );
}

/**
 * Whether packets meet `part` surely before the translation. A sender's own host comes first, and so does the device
 * that the source is attached to; the device that the destination is attached to comes last but for the destination.
 */
function before(part: Part, rewritten: Rewritten): boolean {
  if (rewritten.part.direction === 'out') return false;
  // Two devices that the source is attached to: either may be the first.
  if (part.direction === 'out' || (part.sourceFrom === 'interface' && rewritten.part.sourceFrom !== 'interface')) return true;
  return rewritten.part.destinationFrom === 'interface' && part.direction === 'forward' && part.destinationFrom !== 'interface';
}

/** The views with the packets marked that each part may see rewritten. */
export function blinded<T extends { readonly view: View; readonly device: CompiledFirewall }>(
  views: readonly T[],
  rewritten: readonly Rewritten[],
): readonly T[] {
  if (rewritten.length === 0) return views;
  return views.map((one) => {
    const parts = one.view.parts.map((part) => {
      const others = rewritten.filter((other) => other.view.device !== one.view.device && !before(part, other));
      const blind = others.reduce<Region>((all, other) => uniteRegions(all, intersectRegion(part.flow, other.flow)), NOTHING);
      return blind.length === 0 ? part : { ...part, blind };
    });
    return { ...one, view: { ...one.view, parts } };
  });
}

/** What stands between a verdict and packets that are rewritten before a later device judges them. */
export function rewritingConditions(
  rewritten: readonly Rewritten[],
  blind: readonly View[],
  open: Region,
  present: (region: Region) => OpenCondition['holds'],
): OpenCondition[] {
  const later = blind.flatMap((view) => view.parts.flatMap((part) => part.blind ?? []));
  return rewritten.flatMap(({ view, translation, flow }) => {
    const hit = intersectRegion(intersectRegion(open, flow), later);
    if (hit.length === 0) return [];
    return [
      {
        class: 'missing' as const,
        kind: 'construct' as const,
        name: `${translation.name}: later devices see other addresses than these`,
        device: view.device.name,
        rule: null,
        file: translation.span?.file ?? null,
        line: translation.span?.line ?? null,
        holds: present(hit),
        settledBy: 'translation is not followed from device to device: check the later devices with the translated addresses',
      },
    ];
  });
}
