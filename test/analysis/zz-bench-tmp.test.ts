import { test } from 'vitest';
import { judge, prepare } from '/work/main/src/analysis/judge.js';
import { packetsOf } from '/work/main/src/audit/packets.js';
import { DEFAULT_SETTINGS } from '/work/main/src/analysis/coins.js';
import { router, rule, list, ROUTES, gate } from '/work/main/test/analysis/hand-made.js';
import { NO_ADDRESS } from '/work/main/src/sets/address.js';
import { prefixSet } from '/work/main/src/sets/ip.js';
import { only, range } from '/work/main/src/sets/intervals.js';
import { exactly } from '/work/main/src/model/match.js';
let seed = 12345; const rnd = (n: number) => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return Math.floor((seed / 2 ** 32) * n); };
for (const wide of [false, true]) for (const withCoins of [false, true])
test('bench '+withCoins+wide, () => {
  const pre = (net: number, lens=[16,20,24,24,28,32,8]) => { const len = lens[rnd(lens.length)]!; return prefixSet(`10.${net}.${rnd(256)}.${rnd(256)}`, len)!; };
  const rules = Array.from({ length: 10000 }, (_, i) => rule(`r${i}`, rnd(5) === 0 ? 'drop' : 'accept', {}, {
    match: exactly({ source: pre(rnd(4)), destination: pre(rnd(4)), protocols: only(rnd(4) === 0 ? 17 : 6), ports: rnd(3) === 0 ? range(1000 + rnd(5000), 7000 + rnd(5000)) : only(1 + rnd(9000)) }),
    conditions: withCoins && rnd(4)===0 ? [rnd(2)? gate('app', {values: ['a'+rnd(60)]}): gate('c'+rnd(4))] : [],
  }));
  const fw = router([list('forward', 'drop', ...rules)]);
  const flows = Array.from({ length: 200 }, () => ({ s: pre(rnd(4),[20,24,28,32]), d: pre(rnd(4),[20,24,28,32]), p: 1 + rnd(9000) }));
  const t0 = performance.now();
  const bench = prepare([{ name: 'x', firewall: fw, host: NO_ADDRESS, zones: new Map() }], flows.flatMap((f) => [f.s, f.d]));
  const t1 = performance.now();
  const count: Record<string, number> = {}; let worst = 0;
  for (const f of wide ? flows.slice(0, 40) : flows) {
    const a = performance.now();
    const r = judge(bench, { packets: packetsOf({ source: f.s, destination: f.d, services: [wide ? { protocols: [] } : { protocols: [6], ports: only(f.p) }], expect: 'allow', hosts: [] }, bench.spaces), stated: new Map([[bench.devices[0]!, { direction: 'forward' as const }]]) }, { facts: new Map(), settings: DEFAULT_SETTINGS, firstPacket: false });
    worst = Math.max(worst, performance.now() - a);
    count[r.verdict] = (count[r.verdict] ?? 0) + 1;
  }
  const t2 = performance.now();
  console.log('wide', wide, 'coins', withCoins, 'prepare', (t1 - t0).toFixed(0), 'ms/flow', ((t2 - t1) / (wide ? 40 : 200)).toFixed(2), 'worst', worst.toFixed(1), count);
});
