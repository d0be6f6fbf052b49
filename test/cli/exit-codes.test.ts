/** One end-to-end test for each exit code, and what a user sees with it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/cli/version.js';
import { flowgap, ROOT } from '../support/cli.js';

const scratch = (): string => mkdtempSync(join(tmpdir(), 'flowgap-'));

describe('audit', () => {
  it('ends with 1 when the gate fails, 0 with --no-gate, and says what a gate would end with', () => {
    const gated = flowgap(['audit', 'samples/flowgap.yaml', '--as-of', '2026-11-22']);
    expect(gated.code).toBe(1);
    const reported = flowgap(['audit', 'samples/flowgap.yaml', '--as-of', '2026-11-22', '--no-gate']);
    expect(reported.code).toBe(0);
    expect(reported.out).toMatch(/a gate would end with 1/);
    expect(reported.out).toBe(gated.out);
  });

  it('ends with 0 when nothing in failOn is found', () => {
    const ran = flowgap(['audit', 'samples/flowgap.yaml', '--fail-on', 'unknown', '--as-of', '2026-11-22']);
    expect(ran.code).toBe(0);
  });

  it('writes reports whole, with a companion, and nothing else', () => {
    const folder = scratch();
    const ran = flowgap([
      'audit',
      'samples/flowgap.yaml',
      '--no-gate',
      '--as-of',
      '2026-11-22',
      '--output',
      `html=${folder}/g.html`,
      '--output',
      `csv=${folder}/g.csv`,
      '--format',
      'json',
      '--output',
      `${folder}/g.json`,
    ]);
    expect(ran.code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['g-excess.csv', 'g.csv', 'g.html', 'g.json']);
    expect(readFileSync(`${folder}/g.html`, 'utf8')).toMatch(/^<!doctype html>/i);
    expect(JSON.parse(readFileSync(`${folder}/g.json`, 'utf8')).schemaVersion).toBe(1);
  });

  it('gives the same bytes twice', () => {
    const args = ['audit', 'samples/flowgap.yaml', '--no-gate', '--as-of', '2026-11-22', '--format', 'json'];
    expect(flowgap(args).out).toBe(flowgap(args).out);
  });

  it('ends with 2 and stamps the report when one of several exports cannot be read', () => {
    const folder = scratch();
    writeFileSync(join(folder, 'page.yaml'), 'flows:\n  - { source: A, destination: B, protocol: tcp, port: 22 }\n');
    writeFileSync(
      join(folder, 'good.rules'),
      '*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n',
    );
    writeFileSync(
      join(folder, 'flowgap.yaml'),
      'requirements: [{ page: page.yaml }]\nroles: { A: { addresses: 10.0.0.1 }, B: { addresses: 10.0.0.2 } }\ndevices:\n  - { name: b, exports: [good.rules], host: B }\n  - { name: a, exports: [missing.rules], host: A }\n',
    );
    const ran = flowgap(['audit', join(folder, 'flowgap.yaml'), '--format', 'json', '--as-of', '2026-11-22']);
    expect(ran.code).toBe(2);
    const result = JSON.parse(ran.out);
    expect(result.summary.incomplete).toBe(true);
    expect(result.requirements[0].verdict).toBe('unknown');
    expect(result.diagnostics).toContainEqual(
      expect.objectContaining({ code: 'unreadable-export', severity: 'error', message: expect.stringContaining('no such file') }),
    );
  });

  it('writes no report after a configuration error, and names line and column', () => {
    const folder = scratch();
    const config = join(folder, 'flowgap.yaml');
    writeFileSync(config, 'requirements: [{ page: p.md }]\ndevices:\n  - { name: a, exports: [x], profil: domain }\n');
    const ran = flowgap(['audit', config, '--output', `html=${folder}/g.html`]);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain(`${config}:3:`);
    expect(ran.err).toContain('"profil"');
    expect(existsSync(`${folder}/g.html`)).toBe(false);
  });

  it('without a configuration judges one export and proposes a configuration that works', () => {
    const folder = scratch();
    const ran = flowgap([
      'audit',
      join(ROOT, 'samples/exports/proxy01.iptables'),
      '--require',
      join(ROOT, 'samples/privilege-secure-ports.md'),
      '--this-host',
      'Remote Proxy',
      '--as-of',
      '2026-11-22',
    ]);
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/proxy01/);
    const proposed = ran.err.slice(ran.err.indexOf('# Proposed'));
    writeFileSync(join(folder, 'flowgap.yaml'), proposed);
    const again = flowgap(['audit', '--format', 'json', '--as-of', '2026-11-22'], { cwd: folder });
    expect(again.err).toBe('');
    expect([0, 1]).toContain(again.code);
  });

  it('asks whose host an export is when nobody said', () => {
    const ran = flowgap(['audit', 'samples/exports/proxy01.iptables', '--require', 'samples/privilege-secure-ports.md']);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/--this-host/);
    expect(ran.err).toMatch(/Remote Proxy/);
  });
});

describe('check', () => {
  it('ends with 0 for permitted flows and 1 otherwise', () => {
    const permitted = flowgap(['check', 'samples/exports/core-panos.xml', '--flow', 'tcp 10.20.1.10 -> 10.20.2.10:135']);
    expect(permitted.out).toMatch(/^permitted/);
    expect(permitted.code).toBe(0);
    const blocked = flowgap(['check', 'samples/exports/core-panos.xml', '--flow', 'tcp 10.20.1.10 -> 10.20.2.10:9389']);
    expect(blocked.out).toMatch(/^blocked/);
    expect(blocked.code).toBe(1);
  });

  it('answers a batch in JSON in the order of the file', () => {
    const folder = scratch();
    const file = join(folder, 'flows.csv');
    writeFileSync(
      file,
      '\ufeffid,source,destination,protocol,port,direction\r\nb,10.20.1.10,10.20.40.20,tcp,6523,in\r\na,10.20.1.10,10.20.40.20,tcp,6520,in\r\n',
    );
    const ran = flowgap(['check', 'samples/exports/proxy01.iptables', '--flows', file, '--format', 'json']);
    const answer = JSON.parse(ran.out);
    expect(answer.schemaVersion).toBe(1);
    expect(answer.flows.map((flow: { id: string; verdict: string }) => [flow.id, flow.verdict])).toEqual([
      ['b', 'permitted'],
      ['a', 'blocked'],
    ]);
    expect(Object.keys(answer.flows[0])).toEqual([
      'id',
      'verdict',
      'cause',
      'hops',
      'decidedBy',
      'conditions',
      'assumptions',
      'facts',
      'missing',
      'open',
      'unjudged',
      'witness',
    ]);
  });

  it('reads the export from standard input', () => {
    const ran = flowgap(['check', '-', '--flow', 'tcp 10.20.1.10 -> 10.20.40.20:6523', '--direction', 'in'], {
      input: readFileSync(join(ROOT, 'samples/exports/proxy01.iptables'), 'utf8'),
    });
    expect(ran.code).toBe(0);
  });

  it.each([
    [['check', 'samples/exports/core-panos.xml'], /no flow is given/],
    [['check', 'samples/exports/core-panos.xml', '--flow', 'tcp 10.0.0.1 10.0.0.2'], /not understood[\s\S]*tcp 10\.0\.1\.10 ->/],
    [['check', 'samples/exports/core-panos.xml', '--flow', 'tcp 10.0.0.300 -> 10.0.0.2:1'], /10\.0\.0\.300/],
    [['check', 'samples/exports/core-panos.xml', '--flow', 'icmp 10.0.0.3 -> 10.0.0.2:1'], /port/],
    [
      ['check', 'samples/exports/core-panos.xml', '--flow', 'tcp 10.0.0.3 -> 10.0.0.2:1', '--in', 'nowhere'],
      /no interface, zone or profile "nowhere"|no device has/,
    ],
    [['check', 'samples/exports/nothing.xml', '--flow', 'tcp 10.0.0.3 -> 10.0.0.2:1'], /no such file/],
    [['frobnicate'], /unknown command/],
    [['check'], /missing required argument/],
    [['audit', 'samples/flowgap.yaml', '--fail-on', 'everything'], /no reason "everything"/],
    [['audit', 'samples/flowgap.yaml', '--format', 'pdf'], /no report "pdf"/],
    [['audit', 'samples/flowgap.yaml', '--as-of', 'yesterday'], /no date/],
    [['requirements', 'samples/exports/core-panos.xml'], /./],
  ])('%j ends with 2 and says what to do', (args, message) => {
    const ran = flowgap(args);
    expect(ran.code).toBe(2);
    expect(ran.out).toBe('');
    expect(ran.err).toMatch(message);
    expect(ran.err).not.toMatch(/internal error|at .*\.js:\d+/);
  });
});

describe('the other commands', () => {
  it('--version and --help end with 0', () => {
    expect(flowgap(['--version'])).toMatchObject({ code: 0, out: `${VERSION}\n` });
    expect(VERSION).toBe(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version);
    expect(flowgap(['--help']).code).toBe(0);
  });
  it('requirements prints the accounting, and --exact fails on rows for review', () => {
    const ran = flowgap(['requirements', 'samples/privilege-secure-ports.md', '--format', 'json']);
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out).accounting.tables).toMatchObject({ seen: 4, used: 3 });
    expect(flowgap(['requirements', 'samples/privilege-secure-ports.md', '--exact']).code).toBe(1);
  });
  it('rules lists every list of a device', () => {
    const ran = flowgap(['rules', 'samples/exports/edge-pfsense.xml', '--format', 'json']);
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out).devices[0].lists.length).toBeGreaterThan(1);
    expect(flowgap(['rules', 'samples/exports/edge-pfsense.xml']).out).toContain('Default deny');
  });
  it('init writes a configuration once', () => {
    const folder = scratch();
    expect(flowgap(['init'], { cwd: folder }).code).toBe(0);
    const again = flowgap(['init'], { cwd: folder });
    expect(again.code).toBe(2);
    expect(again.err).toContain('--force');
  });
  it('formats names every vendor', () => {
    const ran = flowgap(['formats']);
    for (const vendor of ['Windows', 'pfSense', 'Palo Alto', 'iptables']) expect(ran.out).toContain(vendor);
  });
});
