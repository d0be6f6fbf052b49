/** Sets of packets in words. */
import type { PacketBox } from '../../src/model/verdict.js';
import { visible } from './visible.js';

const field = (label: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [label + visible(value)];

const service = (box: PacketBox): readonly string[] => {
  const protocol = box.protocol === undefined ? 'any protocol' : visible(box.protocol);
  if (box.icmp !== undefined) return [`${protocol} ${visible(box.icmp)}`];
  if (box.ports !== undefined) return [`${protocol} ${visible(box.ports)}`];
  return box.protocol === undefined ? [] : [protocol];
};

const ends = (box: PacketBox, arrow: string): readonly string[] =>
  box.source === undefined && box.destination === undefined
    ? []
    : [`${visible(box.source ?? 'any')} ${arrow} ${visible(box.destination ?? 'any')}`];

/** The box in parts: ends, service, and whatever else narrows it. Never empty. */
export const boxParts = (box: PacketBox, arrow = '→'): readonly string[] => {
  const parts = [
    ...ends(box, arrow),
    ...service(box),
    ...field('source ports ', box.sourcePorts),
    ...field('direction ', box.direction),
    ...field('in ', box.in),
    ...field('out ', box.out),
  ];
  return parts.length === 0 ? ['every packet'] : parts;
};

/** Longer lists of ranges are no longer read. */
const RANGES = 4;

/** `a, b, c, d and 12 more ranges`; short lists as they are. */
export const briefRanges = (list: string): string => {
  const pieces = list.split(', ');
  if (pieces.length <= RANGES + 1) return list;
  return `${pieces.slice(0, RANGES).join(', ')} and ${pieces.length - RANGES} more ranges`;
};

/** The box with long lists cut; the JSON and CSV reports and the details of the HTML report hold all of it. */
export const shortBox = (box: PacketBox): PacketBox => ({
  ...briefBox(box),
  ...(box.source === undefined ? {} : { source: briefRanges(box.source) }),
  ...(box.destination === undefined ? {} : { destination: briefRanges(box.destination) }),
  ...(box.ports === undefined ? {} : { ports: briefRanges(box.ports) }),
});

/** The box without the source ports that every client may use anyway (1024-65535, or all but 0). */
export const briefBox = (box: PacketBox): PacketBox => {
  if (box.sourcePorts !== '1024-65535' && box.sourcePorts !== '1-65535') return box;
  const { sourcePorts: _usual, ...rest } = box;
  return rest;
};
