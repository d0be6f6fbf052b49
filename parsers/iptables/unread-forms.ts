/** Listings that hold a policy but are not read by this version: each refusal says what to export instead. */
import { RefusedError } from '../../src/source/diagnostic.js';
import type { Source } from '../../src/source/span.js';
import type { Detection, Form } from '../types.js';

interface UnreadForm extends Form {
  /** What the file is, as the refusal names it. */
  readonly what: string;
  readonly advice: string;
}

const RUN = 'Run: iptables-save > FILE and ip6tables-save > FILE';
const NATIVE = 'They print what was made with iptables; rules made with nft itself are not read by this version.';

/** A dump with such text around it is a dump. */
const TABLE_LINE = /^[ \t]*\*[ \t]?(?:filter|nat|mangle|raw|security)[ \t]*\r?$/m;
const LISTED_CHAIN = /^[ \t]*Chain \S{1,64} \((?:policy [A-Z]+|[0-9]+ references)/m;
const LISTED_HEAD = /^[ \t]*(?:num[ \t]+)?(?:pkts[ \t]+bytes[ \t]+)?target[ \t]+prot[ \t]+opt[ \t]/m;
const POLICY_LINE = /^-P (?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) (?:ACCEPT|DROP)\b/m;
const RULE_LINE = /^-A \S{1,64} .*-[jg] \S/m;
const NFT_TABLE = /^[ \t]*table (?:(?:ip6?|inet|arp|bridge|netdev) )?\S{1,64} \{/m;
const NFT_PART = /^[ \t]*(?:(?:chain|set|map|flowtable) \S{1,64} \{|type \S{1,64} hook )/m;
const NFT_JSON = /^\uFEFF?\s{0,200}\{\s{0,200}"nftables"\s{0,200}:\s{0,200}\[/;
const SET_CREATED = /^(?:create \S{1,64} (?:hash|bitmap|list):[a-z,]+)/m;
const SET_LISTED = /^Type: (?:hash|bitmap|list):[a-z,]+/m;

const COMMAND_LINE = /^[ \t]*(?:sudo )?(?:\/\S{1,40}\/)?ip6?tables (?:-t [a-z]{1,8} )?-[APNFIX] ?\S/m;

const unread = (id: string, title: string, command: string, what: string, advice: string, test: (text: string) => boolean) => ({
  id,
  title,
  command,
  what,
  advice,
  recognisedOnly: true as const,
  detect: ({ text }: Source): Detection | undefined =>
    test(text) && !TABLE_LINE.test(text) ? { score: 0.95, reason: `looks like ${what}` } : undefined,
});

export const UNREAD_FORMS: readonly UnreadForm[] = [
  unread(
    'iptables-list',
    'iptables -L',
    'iptables -L -n -v',
    'a listing of iptables -L',
    'A listing leaves out the table and, without -v, the interfaces.',
    (text) => LISTED_CHAIN.test(text) && LISTED_HEAD.test(text),
  ),
  unread(
    'iptables-list-rules',
    'iptables -S',
    'iptables -S',
    'a listing of iptables -S',
    'A listing does not say which table it is.',
    (text) => POLICY_LINE.test(text) || RULE_LINE.test(text),
  ),
  unread(
    'iptables-script',
    'script of iptables commands',
    'a shell script',
    'a script of iptables commands',
    'What a script leaves behind only the host can tell.',
    (text) => COMMAND_LINE.test(text),
  ),
  unread('nft-json', 'nft -j list ruleset', 'nft -j list ruleset', 'an nft rule set as JSON', NATIVE, (text) =>
    NFT_JSON.test(text),
  ),
  unread(
    'nft-text',
    'nft list ruleset',
    'nft list ruleset',
    'an nft rule set',
    NATIVE,
    (text) => NFT_TABLE.test(text) && NFT_PART.test(text),
  ),
  unread(
    'ipset-save',
    'ipset save, without the rules',
    'ipset save',
    'a list of ipsets, without rules',
    'Give this file beside them: --ipset FILE.',
    (text) => SET_CREATED.test(text) || SET_LISTED.test(text),
  ),
];

/** @throws RefusedError when `form` is one of UNREAD_FORMS. */
export function refuseUnread(source: Source, form: string): void {
  const found = UNREAD_FORMS.find((one) => one.id === form);
  if (!found) return;
  throw new RefusedError(`${found.what}: recognised, not read by this version`, {
    file: source.name,
    line: 1,
    column: 1,
    hint: `${RUN}. ${found.advice}`,
  });
}
