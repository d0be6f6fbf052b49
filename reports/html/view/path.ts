/** The way of a flow through its devices, as a small drawing and as a table. */
import type { RequirementResult } from '../../../src/model/result.js';
import type { Cause, Verdict } from '../../../src/model/verdict.js';
import { visible } from '../../shared/visible.js';
import { HOP_WORDS, ruleWords } from '../../shared/words.js';

export interface PathNode {
  readonly end: boolean;
  readonly name: string;
  readonly note: string;
  /** Style class: the device's verdict, or `end`. */
  readonly look: string;
  readonly verdict: string;
}

export interface DeviceView {
  readonly name: string;
  readonly verdict: Verdict;
  readonly how: string;
  readonly decided: string;
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  permitted: 'permits',
  blocked: 'blocks',
  partial: 'permits a part',
  conditional: 'depends',
  unknown: 'unknown',
  'not-applicable': 'not crossed',
};

const CAUSES: Readonly<Record<Cause, string>> = {
  policy: 'by policy',
  nat: 'by address translation',
  route: 'by routing',
  'device-off': 'the device is off',
};

const end = (name: string, note: string): PathNode => ({ end: true, name: visible(name), note, look: 'end', verdict: '' });

/** Source, the devices in the order they are crossed, destination. */
export const pathView = (requirement: RequirementResult): readonly PathNode[] => {
  const verdicts = new Map(requirement.devices.map((device) => [device.device, device]));
  const hops = requirement.hops.map(({ device, from }): PathNode => {
    const own = verdicts.get(device);
    const verdict = own?.verdict;
    return {
      end: false,
      name: visible(device),
      note: HOP_WORDS[from],
      look: verdict ?? 'unjudged',
      verdict: verdict === undefined ? '' : VERDICT_WORDS[verdict],
    };
  });
  return hops.length === 0 ? [] : [end(requirement.source, 'source'), ...hops, end(requirement.destination, 'target')];
};

const RULES = 3;

const shortList = (words: readonly string[]): readonly string[] =>
  words.length <= RULES + 1 ? words : [...words.slice(0, RULES), `${words.length - RULES} more rules`];

/** Each device's own verdict on its part of the flow. */
export const devicesView = (requirement: RequirementResult): readonly DeviceView[] => {
  const hops = new Map(requirement.hops.map((hop) => [hop.device, hop.from]));
  return requirement.devices.map((device) => {
    const from = hops.get(device.device);
    const causes = device.cause === null ? [] : [CAUSES[device.cause]];
    return {
      name: visible(device.device),
      verdict: device.verdict,
      how: from === undefined ? '' : HOP_WORDS[from],
      decided: [...shortList(device.decidedBy.map(ruleWords)), ...causes].join('; '),
    };
  });
};
