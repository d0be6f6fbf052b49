import { describe, expect, it } from 'vitest';
import { requirementsJson, requirementsText } from '../../src/requirements/index.js';
import { cells, load, tableOf } from './support.js';

describe('JSON', () => {
  const page = load('p.md', tableOf(cells('389  636', 'TCP  UDP'), cells('8', 'ICMP'), cells('any', 'any')), {
    interpret: new Map([[5, 'pairwise']]),
  });

  it('gives one entry for each set of ports of a row, in ordinary notation', () => {
    const { flows, schemaVersion } = requirementsJson([page]);
    expect(schemaVersion).toBe(1);
    expect(flows.map(({ id, line, protocols, ports, icmp }) => ({ id, line, protocols, ports, icmp }))).toEqual([
      { id: 'p/389-636-server', line: 5, protocols: ['tcp'], ports: ['389'], icmp: null },
      { id: 'p/389-636-server', line: 5, protocols: ['udp'], ports: ['636'], icmp: null },
      { id: 'p/icmp-server', line: 6, protocols: ['icmp'], ports: [], icmp: '8/*' },
      { id: 'p/any-server', line: 7, protocols: [], ports: [], icmp: null },
    ]);
  });
  it('has exactly the documented keys', () => {
    expect(Object.keys(requirementsJson([page]).flows[0] ?? {})).toEqual(
      'id source destination protocols ports sourcePorts icmp symbolic direction purpose expect optional anyOf variant needsReview note facts page line'.split(
        ' ',
      ),
    );
  });
  it('sums the accounting of several pages and names the page of a refused table', () => {
    const other = load('q.md', '| A | B |\n|--|--|\n| 1 | 2 |\n');
    expect(requirementsJson([page, other]).accounting).toEqual({
      tables: {
        seen: 2,
        used: 1,
        refused: [{ line: 1, reason: 'not a table of flows: no column with ports; its columns are A, B', page: 'q.md' }],
      },
      rows: { seen: 4, imported: 3, review: 0, refused: 1 },
    });
  });
});

describe('text', () => {
  it('shows flows, actors and an accounting that adds up', () => {
    const page = load(
      'p.md',
      `${tableOf(cells('389  636', 'TCP  UDP', 'App server', 'Directory'), cells('22', 'TCP', 'App Server', 'Hosts'))}\n| A |\n|--|\n| 1 |\n`,
    );
    expect(requirementsText([page])).toBe(`Ports (p.md)
============

 line  source         destination  service            purpose
    5  App server  -> Directory    tcp, udp 389, 636  because
       review: ports 389, 636 beside protocols tcp, udp may mean every port with every protocol, or each with its own (389
               tcp, 636 udp); read as all pairs. Settle it with interpret: [{ line: 5, as: cross }] or as: pairwise
    6  App Server  -> Hosts        tcp 22             because

Actors
  App server  starts 1 flow, receives 0
  Directory   starts 0 flows, receives 1
  App Server  starts 1 flow, receives 0
  Hosts       starts 0 flows, receives 1
  ? "App Server" may be "App server": differs only in letter case

Accounting
  2 tables = 1 used + 1 refused
    line 8: not a table of flows: no column with ports; its columns are A
  3 rows = 1 imported + 1 for review + 1 refused
  2 flows = 1 clear + 1 for review
`);
  });
});
