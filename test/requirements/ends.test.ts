import { describe, expect, it } from 'vitest';
import { requirementsText } from '../../src/requirements/index.js';
import { brief, briefs, cells, load, tableOf } from './support.js';

const one = (port: string, protocol: string, source: string, target: string) => {
  const [flow] = load('p.md', tableOf(cells(port, protocol, source, target))).flows;
  return { flow: flow && brief(flow), review: flow?.needsReview, note: flow?.note };
};

describe('ends that are URLs', () => {
  it.each([
    ['', '', 'https://API.example.net/v1', '5 A -> api.example.net: tcp 443'],
    ['', 'TCP', 'http://host.example:8080', '5 A -> host.example: tcp 8080'],
    ['', 'HTTPS', 'https://host.example', '5 A -> host.example: tcp 443'],
    ['8443', 'TCP', 'https://host.example/path', '5 A -> host.example: tcp 8443'],
    ['5432', 'TCP', 'db.example.net:5432', '5 A -> db.example.net: tcp 5432'],
    ['', 'UDP', '10.0.0.5:514', '5 A -> 10.0.0.5: udp 514'],
  ])('%s %s %s name the host', (port, protocol, target, flow) => {
    expect(one(port, protocol, 'A', target)).toMatchObject({ flow, review: undefined });
  });
  it('in a list are several ends', () => {
    const page = load('p.md', tableOf(cells('443', 'TCP', 'A', 'https://a.example, https://b.example/x')));
    expect(briefs(page)).toEqual(['5 A -> a.example: tcp 443', '5 A -> b.example: tcp 443']);
  });
  it.each([
    ['443', 'TCP', 'A', 'https://a.example:8443', 'the destination names port 8443, the row does not'],
    ['443', 'TCP', 'https://a.example:8443', 'B', 'the source names port 8443; a source has no port of its own'],
    ['443', 'TCP', 'A', 'https://<tenant>.example', '"https://<tenant>.example" in the destination cell is not understood'],
    ['443', 'TCP', 'A', 'cloud (https://a.example)', '"cloud (https://a.example)" in the destination cell is not understood'],
    ['443', 'TCP', 'A', 'a.example:99999', '"a.example:99999" names no port that can be'],
  ])('%s %s %s %s are for review where they do not fit', (port, protocol, source, target, review) => {
    expect(one(port, protocol, source, target).review).toBe(review);
  });
});

describe('marks in ends', () => {
  it.each(['Server<sup>1</sup>', 'Server†', 'Server [1]', 'Server[^a]', 'Server²'])('%s is the server, with a note', (source) => {
    const read = one('1', 'TCP', source, 'B');
    expect(read).toMatchObject({ flow: '5 Server -> B: tcp 1', review: undefined });
    expect(read.note).toMatch(/^footnote .* of the source cell is not read$/);
  });
  it.each(['Server*', 'Server (1)', 'Server <name>', 'Server<sup>new</sup>'])('%s is for review', (source) => {
    expect(one('1', 'TCP', source, 'B').review).toContain('in the source cell');
  });
  it('never join digits', () => {
    expect(one('1', 'TCP', '10.0.0.1<sup>2</sup>', 'Node1<b>2</b>').flow).toBe('5 10.0.0.1 -> Node1 2: tcp 1');
  });
  it('an end that is not stated is no actor', () => {
    const page = load('p.md', tableOf(cells('1', 'TCP', '', 'B')));
    expect(page.flows.map((flow) => flow.source.text)).toEqual(['(not stated)']);
    expect(page.actors.map((actor) => actor.name)).toEqual(['B']);
  });
});

describe('purposes', () => {
  const purposeOf = (text: string) => {
    const [flow] = load('p.md', tableOf(`| 1 | TCP | A |  | B | ${text} |`)).flows;
    return [flow?.purpose, flow?.note];
  };
  it.each([
    ['LDAP. See [the list](https://x.example)', 'LDAP.', 'the purpose goes on: "See the list"'],
    ['Web services  The exclusions apply too', 'Web services', 'the purpose goes on: "The exclusions apply too"'],
    ['First<br>second', 'First', 'the purpose goes on: "second"'],
    ['Logs, e.g. Syslog (Internal only. Not for users.)', 'Logs, e.g. Syslog (Internal only. Not for users.)', undefined],
    ['Version 1.2 of it', 'Version 1.2 of it', undefined],
    ['LDAP<sup>2</sup>', 'LDAP', undefined],
  ])('%s', (text, purpose, note) => {
    expect(purposeOf(text)).toEqual([purpose, note]);
  });
  it('that differ in a further sentence alone still tell ids apart', () => {
    const row = (more: string): string => `| 1 | TCP | A |  | B | Sync. ${more} |`;
    const ids = (...rows: readonly string[]) => load('p.md', tableOf(...rows)).flows.map((flow) => flow.id);
    expect(ids(row('Users.'), row('Groups.'))).toEqual(['p/1-b-sync-users', 'p/1-b-sync-groups']);
  });
});

describe('what settles a review', () => {
  it('is interpret for crossings, in the forms that work', () => {
    const page = load('p.md', tableOf(cells('1, 2, 3', 'TCP, UDP'), cells('1, 2', 'TCP, UDP'), cells('1, 2 ?', 'TCP, UDP')));
    expect(page.flows.map((flow) => flow.interpretable)).toEqual([true, true, undefined]);
    expect(page.flows[0]?.needsReview).toMatch(/interpret: \[\{ line: 5, as: cross \}\]$/);
    expect(page.flows[1]?.needsReview).toMatch(/as: cross \}\] or as: pairwise$/);
    for (const flow of page.flows.slice(0, 2)) {
      const settled = load('p.md', tableOf(cells('1, 2, 3', 'TCP, UDP'), cells('1, 2', 'TCP, UDP')), {
        interpret: new Map([[flow.line, 'cross']]),
      });
      expect(settled.flows.find((other) => other.line === flow.line)?.needsReview).toBeUndefined();
      expect(settled.diagnostics.some((notice) => notice.code === 'interpret-unused')).toBe(false);
    }
  });
  it('is a statement of the flow elsewhere for all other rows', () => {
    const page = load('p.md', tableOf(cells('1 or 2', 'TCP'), cells('1, 2', 'TCP, UDP')));
    expect(page.flows[0]?.interpretable).toBeUndefined();
    expect(page.flows[0]?.needsReview).not.toContain('interpret');
    expect(requirementsText([page])).toContain('To settle the review of line 5, state the flow in a YAML of your own');
  });
});

describe('sentences over lists of URLs', () => {
  it('that name several ports mark the flows', () => {
    const page = load('p.md', '# App\n\nThe app must reach these on port 443 or 8443:\n\n* https://a.example\n');
    expect(page.flows.map((flow) => flow.needsReview)).toEqual(['the sentence also names 8443']);
  });
});
