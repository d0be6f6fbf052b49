import { describe, expect, it } from 'vitest';
import { equal, only, range } from '../../src/sets/intervals.js';
import { brief, briefs, cells, load, tableOf } from './support.js';

const PAGE = `---
title: Front title
---

# What the vault needs

## Dynamic ports

Since Windows Server 2008 and Windows Vista the dynamic ports of RPC are:

* Start port: 49152
* End port: 65535

Windows 2000, Windows XP and Windows Server 2003 have these:

* Start port: 1025
* End port: 5000

## Vault rules

* To the directory:

| Port | Protocol | Source | Direction | Target | Purpose |
| --- | --- | --- | --- | --- | --- |
| 135 | TCP | Vault server |  | Directory | RPC |
| 389  636 | TCP  UDP | Vault server |  | Directory | LDAP |
| **9389** | TCP | Vault\u00a0 server |  | Directory | Web services, [see here](https://docs.example/x "x") |

**NOTE:** The vault must be able to reach the following URLs via HTTPS (port 443)

* https://login.example.net
* <https://graph.example.net/v1>

## Clients

| Users | Memory |
| --- | --- |
| 10 | 4 GB |
| 20 | 8 GB |

People reach the Vault from their own clients on:

| Port | Protocol | Source | Direction | Target | Purpose |
| --- | --- | --- | --- | --- | --- |
| 5985  5986 | TCP | Vault Server |  | Hosts | Remoting |
| 5985  5986 | TCP | Vault Server |  | Hosts | Passwords |
| 4422 | TCP | Client |  | VaPAM server | Sessions |`;

describe('a page in the shape of a vendor page', () => {
  const page = load('docs/Vault ports.md', PAGE);
  const at = (line: number) => page.flows.filter((flow) => flow.line === line);

  it('gives every flow in the order of its lines, the last row without a line break included', () => {
    expect(briefs(page)).toEqual([
      '25 Vault server -> Directory: tcp 135',
      '25 Vault server -> Directory: tcp 49152-65535',
      '25 Vault server -> Directory: tcp 1025-5000',
      '26 Vault server -> Directory: tcp, udp 389, 636',
      '27 Vault server -> Directory: tcp 9389',
      '31 Vault server -> login.example.net: tcp 443',
      '32 Vault server -> graph.example.net: tcp 443',
      '45 Vault Server -> Hosts: tcp 5985-5986',
      '46 Vault Server -> Hosts: tcp 5985-5986',
      '47 Client -> VaPAM server: tcp 4422',
    ]);
    expect(page.title).toBe('What the vault needs');
  });
  it('links the dynamic ranges to the row of port 135 as variants', () => {
    const [row, recent, old] = at(25);
    expect(row).toMatchObject({ services: [{ protocols: [6], ports: only(135) }] });
    expect(row?.variant).toBeUndefined();
    expect(recent).toMatchObject({ symbolic: 'dynamic RPC', variant: { name: 'os', value: 'windows-2008+' } });
    expect(recent?.note).toContain('line 11');
    expect(old).toMatchObject({ symbolic: 'dynamic RPC', variant: { name: 'os', value: 'windows-2003-' } });
    expect(equal(old?.services[0]?.ports ?? [], range(1025, 5000))).toBe(true);
    expect(at(25).every((flow) => flow.needsReview === undefined)).toBe(true);
  });
  it('says where the source of the URLs comes from', () => {
    expect(at(31)[0]?.note).toBe('source "Vault server" taken from the tables of this section');
    expect(at(31)[0]?.needsReview).toBeUndefined();
  });
  it('keeps the words of the purpose and both purposes of one flow', () => {
    expect(at(27)[0]?.purpose).toBe('Web services, see here');
    expect([...at(45), ...at(46)].map((flow) => flow.purpose)).toEqual(['Remoting', 'Passwords']);
  });
  it('accounts for every table and row', () => {
    expect(page.accounting).toEqual({
      tables: {
        seen: 3,
        used: 2,
        refused: [{ line: 36, reason: 'not a table of flows: no column with ports; its columns are Users, Memory' }],
      },
      rows: { seen: 10, imported: 7, review: 1, refused: 2 },
    });
  });
  it('proposes spellings and merges none', () => {
    expect(page.actors.map((actor) => actor.name)).toContain('Vault Server');
    expect(page.actors.find((actor) => actor.name === 'Vault server')).toEqual({
      name: 'Vault server',
      lines: [25, 26, 27, 31, 32],
      asSource: 7,
      asDestination: 0,
    });
    expect(page.aliasProposals).toEqual([{ actor: 'Vault Server', like: 'Vault server', reason: 'differs only in letter case' }]);
  });
  it('gives ids that name port and destination, and tells equal ones apart by purpose', () => {
    expect(page.flows.map((flow) => flow.id)).toEqual([
      'vault-ports/135-directory',
      'vault-ports/dynamic-rpc-49152-65535-directory',
      'vault-ports/dynamic-rpc-1025-5000-directory',
      'vault-ports/389-636-directory',
      'vault-ports/9389-directory',
      'vault-ports/443-login-example-net',
      'vault-ports/443-graph-example-net',
      'vault-ports/5985-5986-hosts-remoting',
      'vault-ports/5985-5986-hosts-passwords',
      'vault-ports/4422-vapam-server',
    ]);
  });
  it('gives the same ids when lines move and rows change places', () => {
    const rows = PAGE.split('\n');
    const [a = '', b = ''] = rows.splice(44, 2);
    rows.splice(44, 0, b, a);
    const moved = load('docs/Vault ports.md', `\n\n${rows.join('\n')}`.replace('\n\n---', '---'));
    expect(moved.flows.map((flow) => flow.id).sort()).toEqual(page.flows.map((flow) => flow.id).sort());
    const byPurpose = (one: typeof page) => one.flows.find((flow) => flow.purpose === 'Passwords')?.id;
    expect(byPurpose(moved)).toBe(byPurpose(page));
  });
});

describe('an abbreviation in place of the product', () => {
  it('is proposed when the text before the table says the name', () => {
    const page = load(
      'p.md',
      `${tableOf(cells('22', 'TCP', 'Private Vault server', 'Hosts'))}\nBetween clients and Private Vault:\n\n${tableOf(cells('23', 'TCP', 'Client', 'PvPAM server')).slice(9)}`,
    );
    expect(page.aliasProposals).toEqual([
      {
        actor: 'PvPAM server',
        like: 'Private Vault server',
        reason: 'the text of line 7 speaks of "Private Vault" where the rows below it say "PvPAM server"',
      },
    ]);
  });
});

describe('tables', () => {
  it('are refused with the column that is missing', () => {
    const page = load('p.md', '| Port | Protocol | Source |\n|--|--|--|\n| 1 | TCP | A |\n');
    expect(page.flows).toEqual([]);
    expect(page.accounting.tables.refused).toEqual([
      { line: 1, reason: 'has ports, but no column that names the destination; its columns are Port, Protocol, Source' },
    ]);
    expect(page.accounting.rows).toEqual({ seen: 1, imported: 0, review: 0, refused: 1 });
  });
  it('are refused when two columns could be one end', () => {
    const page = load('p.md', '| Port | From | Source | To |\n|--|--|--|--|\n| 1 | A | B | C |\n');
    expect(page.accounting.tables.refused[0]?.reason).toContain('two columns could be the source');
  });
  it('with a column that is not understood mark the rows that fill it', () => {
    const page = load(
      'p.md',
      '| Port | Protocol | From | To | Zone |\n|--|--|--|--|--|\n| 1 | TCP | A | B | red |\n| 2 | TCP | A | B | |\n',
    );
    expect(page.flows.map((flow) => flow.needsReview)).toEqual(['column "Zone" is not understood: "red"', undefined]);
  });
  it('accept other spellings and orders of the headers', () => {
    const page = load('p.md', 'From | To | Transport | Protocol | **Ports**\n--|--|--|--|--\nA | B | TCP | LDAP | 389\n');
    expect(briefs(page)).toEqual(['3 A -> B: tcp 389']);
    expect(page.flows[0]?.serviceText).toBe('LDAP 389 TCP');
  });
  it('inside HTML, inside tabs and inside code are read or named', () => {
    const html =
      '<table>\n<tr><th>Port</th><th>Protocol</th><th>From</th><th>To</th></tr>\n\n<tr><td>1</td><td>TCP</td><td>A</td><td>B</td></tr>\n</table>';
    const tab = '```{tab} One\n| Port | Protocol | From | To |\n|--|--|--|--|\n| 2 | TCP | A | B |\n```';
    const code = '```\n| Port | From | To |\n|--|--|--|\n| 3 | A | B |\n```';
    const page = load('p.md', `# P\n\n${html}\n\n${tab}\n\n${code}\n`);
    expect(briefs(page)).toEqual(['6 A -> B: tcp 1', '12 A -> B: tcp 2']);
    expect(page.accounting.tables).toMatchObject({ seen: 3, used: 2 });
    expect(page.accounting.tables.refused).toEqual([{ line: 15, reason: 'a table inside a block of code is not read' }]);
  });
});

describe('tables with one end', () => {
  const IN = '| Port | Protocol | Source |\n|--|--|--|\n| 22 | TCP | Admin |\n';
  const OUT = '| Port | Protocol | To |\n|--|--|--|\n| 443 | TCP | Cloud |\n';

  it.each([
    ['a heading with actor and direction', `## Cache nodes - Inbound rules\n\n${IN}`, '5 Admin -> Cache nodes: tcp 22'],
    ['a heading with direction under the actor', `## Cache\n### Egress:\n${OUT}`, '5 Cache -> Cloud: tcp 443'],
    ['a text before the table', `## Any\n\nOutbound rules for the cache nodes:\n\n${OUT}`, '7 cache nodes -> Cloud: tcp 443'],
    [
      'HTML before the table',
      `<figcaption>Inbound Rules for Cache Nodes</figcaption>\n\n${IN}`,
      '5 Admin -> Cache Nodes: tcp 22',
    ],
  ])('take the other from %s', (_name, text, expected) => {
    const page = load('p.md', text);
    expect(briefs(page)).toEqual([expected]);
    expect(page.flows[0]?.needsReview).toBeUndefined();
  });
  it.each([
    ['the direction contradicts the column', `## Cache - Outbound rules\n\n${IN}`],
    ['the heading names both directions', `## Cache: inbound and outbound rules\n\n${IN}`],
    ['no direction is named', `## Cache\n\n${IN}`],
    ['the heading above is a chapter', `## Network requirements\n\n### Inbound\n\n${IN}`],
    ['a sentence mentions a direction', `## Cache\n\nAll inbound traffic is logged.\n\n${IN}`],
  ])('are refused when %s', (_name, text) => {
    const page = load('p.md', text);
    expect(page.flows).toEqual([]);
    expect(page.accounting.tables.refused[0]?.reason).toContain('no column that names the destination');
  });
  it('mark rows whose direction column contradicts the heading', () => {
    const page = load(
      'p.md',
      '## Cache - Inbound\n\n| Port | Protocol | From | Direction |\n|--|--|--|--|\n| 1 | TCP | A | Out |\n',
    );
    expect(page.flows[0]?.needsReview).toBe('direction "Out" contradicts line 1');
  });
});

describe('ends', () => {
  it('of several addresses are several, commas in names are part of the name', () => {
    const page = load('p.md', tableOf(cells('1', 'TCP', 'A, B', '10.0.0.1, 10.0.1.0/24')));
    expect(briefs(page)).toEqual(['5 A, B -> 10.0.0.1: tcp 1', '5 A, B -> 10.0.1.0/24: tcp 1']);
  });
  it('leave out remarks, and mark the row', () => {
    const page = load('p.md', tableOf(cells('1', 'TCP', 'A<br>See below', 'the node itself')));
    expect(briefs(page)).toEqual(['5 A -> the node itself: tcp 1']);
    expect(page.flows[0]?.needsReview).toBe(
      '"See below" in the source cell is not understood; "the node itself" may be traffic of a host with itself',
    );
  });
});

describe('rows', () => {
  it('with several ends give a flow for each pair', () => {
    const page = load('p.md', tableOf(cells('1', 'TCP', 'A<br>B', '<ul><li>C</li><li>D</li></ul>')));
    expect(briefs(page)).toEqual(['5 A -> C: tcp 1', '5 A -> D: tcp 1', '5 B -> C: tcp 1', '5 B -> D: tcp 1']);
    expect(new Set(page.flows.map((flow) => flow.id)).size).toBe(4);
    expect(page.accounting.rows).toEqual({ seen: 1, imported: 1, review: 0, refused: 0 });
  });
  it.each([
    ['', false],
    ['Inbound', false],
    ['→', false],
    ['->', false],
    ['<-', true],
    ['upwards', true],
  ])('never turn round for direction "%s"', (direction, doubted) => {
    const [flow] = load('p.md', tableOf(cells('1', 'TCP', 'A', 'B', direction))).flows;
    expect(flow && brief(flow)).toBe('5 A -> B: tcp 1');
    expect(flow?.needsReview !== undefined).toBe(doubted);
  });
  it('for both directions give two flows', () => {
    expect(briefs(load('p.md', tableOf(cells('1', 'TCP', 'A', 'B', 'Both'))))).toEqual(['5 A -> B: tcp 1', '5 B -> A: tcp 1']);
  });
  it('without an end are marked, without anything to read refused', () => {
    const page = load(
      'p.md',
      tableOf(cells('1', 'TCP', '', 'B'), '| Heading |  |  |  |  |  |', '|  |  |  |  |  |  |', cells('', '', 'A', 'B')),
    );
    expect(page.flows.map((flow) => flow.needsReview)).toEqual([
      'the source is not stated; line 6 may continue this row, and could not be read with it',
    ]);
    expect(page.accounting.rows).toEqual({ seen: 4, imported: 0, review: 1, refused: 3 });
    expect(page.diagnostics.filter((one) => one.code === 'row-refused').map((one) => one.line)).toEqual([6, 7, 8]);
  });
  it('torn apart by line breaks mark their neighbours', () => {
    const page = load('p.md', tableOf('| 5985 |', cells('5986', 'TCP'), 'more', cells('22', 'TCP')));
    expect(page.flows.map((flow) => flow.needsReview)).toEqual([
      'line 5 may begin this row, and could not be read with it; line 7 may continue this row, and could not be read with it',
      undefined,
    ]);
  });
  it('that are optional say so', () => {
    const flows = load(
      'p.md',
      tableOf(
        '| 1 (optional) | TCP | A |  | B | x |',
        '| 2 | TCP | A |  | B | (Optional - step 3) y |',
        '| 3 | TCP | A |  | B | not optional |',
        '| 4 | TCP | A |  | B | the agent, its log (optional) |',
      ),
    ).flows;
    expect(flows.map((flow) => flow.optional)).toEqual([true, true, false, false]);
  });
  it('that are to be denied say so', () => {
    const page = load(
      'p.md',
      '| Port | Protocol | From | To | Action |\n|--|--|--|--|--|\n| 1 | TCP | A | B | Deny |\n| 2 | TCP | A | B | maybe |\n',
    );
    expect(page.flows.map((flow) => [flow.expect, flow.needsReview])).toEqual([
      ['deny', undefined],
      ['allow', 'action "maybe" is not understood; read as allow'],
    ]);
  });
});

describe('lists of URLs', () => {
  const urls = (lead: string, ...items: readonly string[]): string =>
    `# App\n\n${lead}\n\n${items.map((item) => `* ${item}`).join('\n')}\n`;

  it('take the port of the URL, of the sentence, of the scheme', () => {
    const page = load(
      'p.md',
      urls('The app must reach:', 'https://a.example:8443/x', 'http://b.example', '[c](https://c.example/)'),
    );
    expect(briefs(page)).toEqual(['5 app -> a.example: tcp 8443', '6 app -> b.example: tcp 80', '7 app -> c.example: tcp 443']);
  });
  it('are no flows when nothing asks to reach them, or an item is no URL', () => {
    expect(load('p.md', urls('See also these pages:', 'https://a.example')).flows).toEqual([]);
    expect(load('p.md', urls('To learn how to connect, see:', 'https://a.example')).flows).toEqual([]);
    const mixed = load('p.md', urls('The app must reach:', 'https://a.example', 'the printers'));
    expect(mixed.flows).toEqual([]);
    expect(mixed.diagnostics.map((one) => [one.code, one.line])).toContainEqual(['url-list-unread', 3]);
  });
  it('are marked when the sentence speaks of somebody else', () => {
    const page = load(
      'p.md',
      `# App\n\n## S\n\n${tableOf(cells('1', 'TCP', 'App server', 'B')).slice(9)}\nEvery printer must reach the following via port 443:\n\n* https://a.example\n`,
    );
    const flow = page.flows.find((one) => one.destination.text === 'a.example');
    expect(flow).toMatchObject({ source: { text: 'App server' }, needsReview: 'the sentence speaks of "Every printer"' });
  });
});

describe('dynamic ranges', () => {
  it('are named where no row takes them', () => {
    const page = load('p.md', `# P\n\nThe dynamic ports are 49152-65535.\n\n${tableOf(cells('22', 'TCP')).slice(9)}`);
    expect(page.diagnostics.map((one) => [one.code, one.line])).toEqual([['dynamic-range-unlinked', 3]]);
  });
  it('stand in for a row that names them', () => {
    const page = load('p.md', `# P\n\nThe dynamic ports are 49152-65535.\n\n${tableOf(cells('RPC dynamic', 'TCP')).slice(9)}`);
    expect(briefs(page)).toEqual(['7 Client -> Server: tcp 49152-65535']);
    expect(page.flows[0]).toMatchObject({ symbolic: 'dynamic RPC' });
  });
  it('of clients are not taken for those of servers', () => {
    const page = load(
      'p.md',
      `# P\n\nConnections leave from the dynamic (1024-65535) local port.\n\n${tableOf(cells('135', 'TCP')).slice(9)}`,
    );
    expect(briefs(page)).toEqual(['7 Client -> Server: tcp 135']);
  });
  it('without a system to choose by are marked', () => {
    const page = load(
      'p.md',
      `# P\n\nThe dynamic ports are 49152-65535 or 1025-5000.\n\n${tableOf(cells('135', 'TCP')).slice(9)}`,
    );
    expect(page.flows.slice(1).map((flow) => flow.needsReview)).toEqual(
      Array(2).fill('the page gives several dynamic ranges and does not say which applies'),
    );
  });
});

describe('what is not read', () => {
  it('is named: sentences with ports, interpret for a line without such a row, a page without flows', () => {
    const page = load('p.md', '# P\n\nOpen port 8080 for the agent.\n', { interpret: new Map([[9, 'cross']]) });
    expect(page.diagnostics.map((one) => [one.code, one.line])).toEqual([
      ['prose-names-ports', 3],
      ['interpret-unused', 9],
      ['no-flows', 1],
    ]);
  });
});

describe('HTML pages', () => {
  it('give the same as Markdown', () => {
    const page = load(
      'p.html',
      `<!doctype html><html><head><title>T</title><script>| Port |</script></head><body><nav>port 1</nav>
<h1>Ports</h1>
<p>Before</p>
<table><caption>The rules</caption>
<thead><tr><th>Port</th><th>Protocol</th><th>Source</th><th>Target</th></tr></thead>
<tr><td rowspan="2">389&nbsp; 636</td><td>TCP<br>UDP</td><td><b>App</b>
 server</td><td>Directory</td></tr>
<tr><td>TCP</td><td>App server</td><td>Other</td></tr>
</table>
<p>The app must reach via HTTPS:</p><ul><li><a href="https://a.example/">here</a></li></ul>`,
    );
    expect(page.title).toBe('Ports');
    expect(briefs(page)).toEqual([
      '6 App server -> Directory: tcp, udp 389, 636',
      '8 App server -> Other: tcp 389, 636',
      '10 App server -> a.example: tcp 443',
    ]);
    expect(page.flows.map((flow) => flow.needsReview !== undefined)).toEqual([true, false, false]);
  });
});
