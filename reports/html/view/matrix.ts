/** Source roles down, target roles across: the worst status of each pair. */
import type { RequirementResult } from '../../../src/model/result.js';
import { LETTERS, STATUSES, type Status, statusOf } from '../../shared/status.js';
import { visible } from '../../shared/visible.js';
import { groupedBy, Numbering } from './common.js';

export interface CellView {
  readonly filled: boolean;
  readonly status: string;
  readonly letter: string;
  readonly count: number;
  readonly several: boolean;
  readonly label: string;
  readonly source: string;
  readonly target: string;
}

export interface MatrixView {
  /** Heads of the columns: short for the eye, full beside it. */
  readonly targets: readonly { readonly short: string; readonly full: string }[];
  readonly rows: readonly { readonly source: string; readonly cells: readonly CellView[] }[];
}

const HEAD_LIMIT = 60;

const shortened = (name: string): string =>
  name.length <= HEAD_LIMIT ? name : `${[...name].slice(0, HEAD_LIMIT - 1).join('')}…`;

const EMPTY: CellView = { filled: false, status: '', letter: '', count: 0, several: false, label: '', source: '', target: '' };

const tally = (statuses: readonly Status[]): string =>
  STATUSES.map((status) => [statuses.filter((each) => each === status).length, status] as const)
    .filter(([count]) => count > 0)
    .map(([count, status]) => `${count} ${status}`)
    .join(', ');

const cellOf = (pair: readonly RequirementResult[], roles: Numbering): CellView => {
  const [first] = pair;
  if (first === undefined) return EMPTY;
  const statuses = pair.map(statusOf);
  const worst = STATUSES.find((status) => statuses.includes(status)) ?? 'unknown';
  return {
    filled: true,
    status: worst,
    letter: LETTERS[worst],
    count: pair.length,
    several: pair.length > 1,
    label: `${visible(first.source)} to ${visible(first.destination)}: ${tally(statuses)}`,
    source: roles.key('r', first.source),
    target: roles.key('r', first.destination),
  };
};

/** `roles` numbers both ends, as the filter knows them. */
export const matrixView = (requirements: readonly RequirementResult[], roles: Numbering): MatrixView => {
  const sources = new Numbering(requirements.map(({ source }) => source)).values;
  const targets = new Numbering(requirements.map(({ destination }) => destination)).values;
  const pairs = groupedBy(requirements, ({ source, destination }) => `${roles.key('r', source)} ${roles.key('r', destination)}`);
  return {
    targets: targets.map(visible).map((full) => ({ full, short: shortened(full) })),
    rows: sources.map((source) => ({
      source: visible(source),
      cells: targets.map((target) => cellOf(pairs.get(`${roles.key('r', source)} ${roles.key('r', target)}`) ?? [], roles)),
    })),
  };
};
