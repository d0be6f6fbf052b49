/** Every export of the corpus is audited or refused with a reason; none crashes, none takes more than a few seconds. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/analysis/coins.js';
import { prepare } from '../../src/analysis/flow.js';
import { judge } from '../../src/analysis/judge.js';
import { loadDevice } from '../../src/audit/devices.js';
import { parseFlow } from '../../src/audit/flow-text.js';
import { packetsOf } from '../../src/audit/packets.js';
import { rulesText } from '../../src/audit/rules-listing.js';
import { RefusedError } from '../../src/source/diagnostic.js';
import { ROOT } from '../support/cli.js';
import { expectInvariants } from '../support/invariants.js';

const CORPUS = process.env.FLOWGAP_CORPUS ?? join(ROOT, '../shared/corpus');
const VENDORS = ['iptables', 'pfsense', 'paloalto', 'windows'];
const LIMIT_MS = 5000;

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

const FLOWS = [
  'tcp 10.1.2.3 -> 10.4.5.6:443',
  'tcp 192.168.1.0/24 -> 8.8.8.8:22',
  'udp 10.0.0.0/8 -> 192.168.0.0/16:53',
  'icmp/8/0 198.51.100.7 -> 192.168.1.1',
  'tcp [2001:db8::7] -> [2001:db8:1::5]:443',
].map((text, i) => parseFlow(text, String(i), { file: 'test', line: 1 }));

let checked: ReturnType<typeof loadDevice> | undefined;

/** Reads, judges and lists one file; returns why it was refused, if it was. */
function audit(path: string): string | undefined {
  let loaded: ReturnType<typeof loadDevice>;
  try {
    loaded = loadDevice([path], {}, readFileSync);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    expect(error.message.length, path).toBeGreaterThan(10);
    expect(error.place.file, path).toBe(path);
    expect(error.place.hint?.length ?? 0, `${path}: ${error.message}`).toBeGreaterThan(10);
    return error.message;
  }
  const bench = prepare(
    loaded.devices,
    FLOWS.flatMap((flow) => [flow.source, flow.destination]),
  );
  for (const flow of FLOWS)
    for (const device of loaded.devices) {
      const packets = packetsOf({ ...flow, expect: 'allow' }, bench.spaces);
      const judgement = judge(
        bench,
        { packets, only: new Set([device]) },
        { facts: new Map(), settings: DEFAULT_SETTINGS, firstPacket: false },
        'device',
      );
      expect(judgement.verdict).toBeTruthy();
      if (judgement.verdict === 'permitted') expect(judgement.conditions, `${path} ${flow.text}`).toEqual([]);
    }
  rulesText(loaded.devices);
  checked = loaded;
  return undefined;
}

describe.skipIf(!existsSync(CORPUS))('every file of the corpus', () => {
  for (const vendor of VENDORS)
    it(`${vendor}: audited or refused with a reason, in time`, () => {
      const refused = new Map<string, number>();
      let audited = 0;
      const slow: string[] = [];
      for (const path of files(join(CORPUS, vendor))) {
        const started = performance.now();
        const why = audit(path);
        const took = performance.now() - started;
        if (why === undefined)
          for (const device of checked?.devices ?? []) expectInvariants(device.firewall, checked?.sources ?? []);
        if (took > LIMIT_MS) slow.push(`${relative(CORPUS, path)} ${Math.round(took)} ms`);
        if (why === undefined) audited++;
        else refused.set(why.slice(0, 70), (refused.get(why.slice(0, 70)) ?? 0) + 1);
      }
      console.log(`${vendor}: ${audited} audited, ${[...refused.values()].reduce((a, b) => a + b, 0)} refused`);
      for (const [why, count] of [...refused].sort((a, b) => b[1] - a[1]).slice(0, 12)) console.log(`  ${count} x ${why}`);
      expect(slow).toEqual([]);
      expect(audited).toBeGreaterThan(0);
    });
});
if (!existsSync(CORPUS)) console.log(`skipped: no corpus at ${CORPUS} (FLOWGAP_CORPUS names another place)`);
