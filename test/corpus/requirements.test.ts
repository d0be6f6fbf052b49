import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importRequirements, type RequirementImport, requirementsJson } from '../../src/requirements/index.js';
import { serviceTermText } from '../../src/requirements/port-text.js';
import { RefusedError } from '../../src/source/diagnostic.js';
import { sourceOf } from '../requirements/support.js';

const corpus = resolve(process.env.FLOWGAP_CORPUS ?? '../shared/corpus', 'requirements');
const present = existsSync(corpus);
if (!present) console.warn(`skipped: no corpus at ${corpus}`);

const page = (name: string, interpret?: ReadonlyMap<number, 'cross' | 'pairwise'>): RequirementImport =>
  importRequirements(sourceOf(name, readFileSync(join(corpus, name), 'utf8')), interpret ? { interpret } : {});

describe.skipIf(!present)('pages of other people', () => {
  const files = present ? readdirSync(corpus).filter((name) => /\.(?:md|html|csv)$/.test(name)) : [];

  it.each(files)('%s is read or refused, its figures add up, and nothing is turned round or invented', (name) => {
    let one: RequirementImport;
    try {
      one = page(name);
    } catch (error) {
      expect(error).toBeInstanceOf(RefusedError);
      return;
    }
    const { rows, tables } = one.accounting;
    expect(rows.seen).toBe(rows.imported + rows.review + rows.refused);
    expect(tables.seen).toBe(tables.used + tables.refused.length);
    expect(new Set(one.flows.map((flow) => flow.id)).size).toBe(one.flows.length);
    const lines = readFileSync(join(corpus, name), 'utf8').split('\n');
    const at = (line: number): string => (lines[line - 1] ?? '').replace(/[\s\u00a0]+/g, ' ').replace(/[`*]/g, '');
    for (const flow of one.flows) {
      // Every end is text of the page on the line that it claims; in Markdown a row keeps to one line.
      if (!name.endsWith('.md')) continue;
      expect(at(flow.destination.line)).toContain(flow.destination.text);
      if (!flow.note?.includes('taken from the tables')) expect(at(flow.source.line)).toContain(flow.source.text);
    }
  });

  it.each([
    ['mattermost-calls-deployment-guide.md', 23, 0],
    ['rke2-requirements.md', 23, 1],
    ['ms-exchange-network-ports.md', 11, 1],
    ['netwrix-auditor-sqlserver-ports.html', 3, 2],
    ['longhorn-networking.md', 39, 7],
    ['rancher-rke-ports.html', 61, 12],
    ['rancher-v2.6-ports.md', 38, 1],
  ])('%s: flows and how many of them are for review', (name, flows, review) => {
    const one = page(name);
    expect(one.flows.length).toBe(flows);
    expect(one.flows.filter((flow) => flow.needsReview !== undefined).length).toBe(review);
  });
});

describe.skipIf(!present)('the Privilege Secure page', () => {
  const name = 'netwrix-privilege-secure-ports.seed.md';
  const one = present ? page(name) : undefined;
  const at = (line: number) =>
    (one?.flows ?? [])
      .filter((flow) => flow.line === line)
      .map((flow) => `${flow.destination.text}: ${flow.services.map(serviceTermText).join('; ')}`);

  it('gives 17 rows, two URLs and the dynamic ranges', () => {
    expect(one?.accounting.rows).toEqual({ seen: 22, imported: 18, review: 1, refused: 3 });
    expect(one?.accounting.tables).toMatchObject({ seen: 4, used: 3, refused: [{ line: 51 }] });
    expect(new Set(one?.flows.map((flow) => flow.line)).size).toBe(19);
    expect(one?.flows.filter((flow) => flow.variant === undefined).length).toBe(19);
    expect(at(33)).toEqual([
      'Domain Controller: tcp 135',
      'Domain Controller: tcp 49152-65535',
      'Domain Controller: tcp 1025-5000',
    ]);
    expect([...at(42), ...at(43)]).toEqual(['login.microsoftonline.com: tcp 443', 'graph.microsoft.com: tcp 443']);
    expect(at(80)).toEqual(['Remote Proxy: tcp 6524']);
  });
  it('leaves one row to a person, and one line of configuration settles it', () => {
    expect(one?.flows.filter((flow) => flow.needsReview !== undefined).map((flow) => flow.line)).toEqual([34]);
    expect(page(name, new Map([[34, 'cross']])).accounting.rows).toMatchObject({ imported: 19, review: 0 });
    const entries = requirementsJson([page(name, new Map([[34, 'pairwise']]))]).flows.filter((flow) => flow.line === 34);
    expect(entries.map((flow) => [flow.protocols, flow.ports])).toEqual([
      [['tcp'], ['389']],
      [['udp'], ['636']],
    ]);
  });
  it('names three spellings of one actor', () => {
    expect(one?.aliasProposals.map(({ actor, like }) => [actor, like])).toEqual([
      ['SbPAM server', 'Privilege Secure server'],
      ['Privilege Secure Server', 'Privilege Secure server'],
    ]);
  });
});
