import { readFileSync } from 'node:fs';
import { it } from 'vitest';
import { paloalto } from '../parsers/paloalto/index.js';
import { decode } from '../src/source/decode.js';
import { formatAddresses } from '../src/sets/ip.js';
import { judgeFlow } from './support/judge.js';
it('x', () => {
  for (const [n, flow, i, o, app] of [['2','tcp 192.168.1.19:40000 -> 172.16.9.9:443','untrust','lab',''],['19','tcp 192.0.2.77:40000 -> 10.61.0.0:5353','untrust','dmz','zzz'],['48','udp 198.51.100.6:40000 -> 10.1.1.10:443','untrust','lab','unknown-tcp'],['48','tcp 8.8.8.9:40000 -> 10.1.1.40:443','untrust','trust','C0']]) {
    const { source } = decode('x.xml', readFileSync(`/tmp/pan-random-${n}.xml`));
    const [fw] = paloalto.parse([{ source, form: 'paloalto-xml' }], {});
    for (const l of fw!.lists.values()) for (const r of l.rules) console.log(l.id, r.id, r.enabled, r.action.kind, r.match.lo===r.match.hi, JSON.stringify(r.match.lo.map(b=>({...b, source: b.source&&formatAddresses(b.source), destination: b.destination&&formatAddresses(b.destination)}))), 'HI', JSON.stringify(r.match.hi.map(b=>({...b, source: b.source&&formatAddresses(b.source), destination: b.destination&&formatAddresses(b.destination)}))), JSON.stringify(r.conditions.map(c=>[c.kind,c.name,c.coin,c.effect,c.values])));
    const j = judgeFlow(fw!, flow!, { direction: 'forward', in: i!, out: o!, facts: app ? { application: app } : {} });
    console.log(j.verdict, JSON.stringify(j.conditions), JSON.stringify(j.decidedBy));
  }
});
