import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { briefs, load } from './support.js';

const text = readFileSync(new URL('../../samples/privilege-secure-ports.md', import.meta.url), 'utf8');

describe('the page of the sample estate', () => {
  const page = load('privilege-secure-ports.md', text);
  const rows = page.flows.filter((flow) => flow.variant === undefined);

  it('gives 17 rows, two URLs, and the dynamic ranges on the line of the RPC row', () => {
    expect(rows.length).toBe(19);
    expect(rows.filter((flow) => /^\S+\.com$/.test(flow.destination.text)).length).toBe(2);
    const dynamic = page.flows.filter((flow) => flow.variant !== undefined);
    const [rpc] = page.flows;
    expect(dynamic.map((flow) => [flow.line, flow.variant?.value])).toEqual([
      [rpc?.line, 'windows-2008+'],
      [rpc?.line, 'windows-2003-'],
    ]);
  });
  it('refuses the sizing table and leaves the crossed row to a person', () => {
    expect(page.accounting.tables).toMatchObject({ seen: 4, used: 3 });
    expect(page.accounting.tables.refused[0]?.reason).toMatch(/^not a table of flows: no column with ports/);
    expect(page.accounting.rows).toEqual({ seen: 22, imported: 18, review: 1, refused: 3 });
    expect(page.flows.filter((flow) => flow.needsReview !== undefined).map((flow) => flow.serviceText)).toEqual([
      '389 636 TCP UDP',
    ]);
  });
  it('is the same with a byte order mark and line ends of Windows', () => {
    const windows = load('privilege-secure-ports.md', `\ufeff${text.replace(/\n/g, '\r\n')}`);
    expect(briefs(windows)).toEqual(briefs(page));
    expect(windows.accounting).toEqual(page.accounting);
    expect(windows.title).toBe(page.title);
  });
});
