// Times whole commands, cold, against fixed references in the same run: a line split for text, a bare saxes pass for XML.
// Usage: npm run bench [-- RULES]     (build first)
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flows, iptablesSave, panos } from './generate.mjs';

const rules = Number(process.argv[2] ?? 10_000);
const folder = mkdtempSync(join(tmpdir(), 'flowgap-bench-'));
const file = (name, text) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

function timed(args) {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (status === null || status > 1) throw new Error(stderr);
  return performance.now() - started;
}

/** Median of five. */
const median = (args) => Array.from({ length: 5 }, () => timed(args)).sort((a, b) => a - b)[2];

const MAIN = 'dist/src/cli/main.js';
const text = file('fw.rules', iptablesSave(rules, 1));
const xml = file('fw.xml', panos(rules, 1));
const asked = file('flows.csv', flows(1000, 2));
const zoned = file('zoned.csv', flows(1000, 2, ',a,b'));
const split = `require('node:fs').readFileSync(${JSON.stringify(text)},'utf8').split('\\n').length`;
const saxes = `const {SaxesParser}=require('saxes');const p=new SaxesParser({position:true});p.on('opentag',()=>{});p.write(require('node:fs').readFileSync(${JSON.stringify(xml)},'utf8')).close()`;
const rows = [
  ['flowgap --version', median([MAIN, '--version'])],
  ['line split', median(['-e', split])],
  [
    `iptables-save, ${rules} rules, 1000 flows`,
    median([MAIN, 'check', text, '--flows', asked, '--first-packet', '--format', 'json', '--quiet']),
  ],
  ['bare saxes pass', median(['-e', saxes])],
  [`PAN-OS XML, ${rules} rules, 1000 flows`, median([MAIN, 'check', xml, '--flows', zoned, '--format', 'json', '--quiet'])],
];
const version = rows[0][1];
for (const [what, ms] of rows)
  console.log(`${what.padEnd(44)} ${ms.toFixed(0).padStart(6)} ms   ${(ms / version).toFixed(1)} x --version`);
console.log(
  `iptables / line split: ${(rows[2][1] / rows[1][1]).toFixed(1)}   PAN-OS / saxes: ${(rows[4][1] / rows[3][1]).toFixed(1)}   (${readFileSync(text).length} and ${readFileSync(xml).length} bytes)`,
);
rmSync(folder, { recursive: true, force: true });
