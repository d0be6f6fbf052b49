/** Listings are recognised, and refused with the command to run. */
import { describe, expect, it } from 'vitest';
import { detect } from '../../../parsers/detect.js';
import { iptables } from '../../../parsers/iptables/index.js';
import { RefusedError } from '../../../src/source/diagnostic.js';
import { filter, sourceOf } from './support.js';

const LISTED =
  'Chain INPUT (policy DROP)\ntarget     prot opt source               destination         \nACCEPT     all  --  anywhere             anywhere\n';
const COUNTED =
  'Chain A (2 references)\nnum   pkts bytes target     prot opt in     out     source               destination         \n1     0     0 ACCEPT     0    --  lo     *       0.0.0.0/0            0.0.0.0/0\n';
const CASES: readonly (readonly [form: string, text: string])[] = [
  ['iptables-list', LISTED],
  ['iptables-list', COUNTED],
  ['iptables-list', `root@gw:~# iptables -L\n${LISTED}`],
  ['iptables-list-rules', '-P INPUT DROP\n-P FORWARD ACCEPT\n-N web\n-A INPUT -i lo -j ACCEPT\n'],
  ['iptables-list-rules', '-N web\n-A web -p tcp -m tcp --dport 443 -j ACCEPT\n'],
  ['iptables-script', '#!/bin/sh\n/sbin/iptables -F\n/sbin/iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE\n'],
  ['nft-text', 'table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t}\n}\n'],
  ['nft-text', '#!/usr/sbin/nft -f\nflush ruleset\ntable ip nat {\n  set s {\n    type ipv4_addr\n  }\n}\n'],
  ['nft-json', '{"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}}]}'],
  ['ipset-save', 'create web hash:ip family inet hashsize 1024 maxelem 65536\nadd web 10.0.0.1\n'],
  ['ipset-save', 'Name: web\nType: hash:net\nRevision: 7\nHeader: family inet\nMembers:\n10.0.0.0/8\n'],
];

describe('forms that are not read', () => {
  it.each(CASES)('%s %#', (form, text) => {
    const source = sourceOf(text, 'listing.txt');
    expect(detect(source).form).toMatchObject({ id: form, recognisedOnly: true });
    let refusal: unknown;
    try {
      iptables.parse([{ source, form }], {});
    } catch (error) {
      refusal = error;
    }
    if (!(refusal instanceof RefusedError)) throw new Error('not refused');
    expect(refusal.message).toContain('recognised, not read by this version');
    expect(refusal.place).toMatchObject({ file: 'listing.txt', line: 1 });
    expect(refusal.place.hint).toContain('Run: iptables-save > FILE and ip6tables-save > FILE.');
  });

  it('a dump with such text around it stays a dump', () => {
    for (const [, text] of CASES.filter(([form]) => form !== 'nft-json'))
      expect(detect(sourceOf(`${text}${filter({}, [])}`)).form.id, text).toBe('iptables-save');
  });

  it('other text is none of them', () => {
    for (const text of ['Chain of command (policy)\n', 'table of contents {\n', 'create table web (id int)\n', '{"rules": []}'])
      for (const form of iptables.forms) expect(form.detect(sourceOf(text)), form.id).toBeUndefined();
  });
});
