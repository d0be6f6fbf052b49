/** Traffic between virtual systems needs an external zone on both sides, visibility, and a rule in each. */
import { describe, expect, it } from 'vitest';
import { judgeFlow } from '../../support/judge.js';
import { ethernet, members, readText, rule } from './fixture.js';

interface Options {
  readonly visible?: boolean;
  readonly external?: boolean;
}

function twoSystems({ visible = true, external = true }: Options): string {
  const vsys = (name: string, peer: string, zone: string, nic: string, rules: string) => `<entry name="${name}">
    <import><network><interface>${members(nic)}</interface></network>${visible ? `<visible-vsys>${members(peer)}</visible-vsys>` : ''}</import>
    <zone><entry name="${zone}"><network><layer3>${members(nic)}</layer3></network></entry>
      ${external ? `<entry name="other"><network><external>${members(peer)}</external></network></entry>` : ''}</zone>
    <rulebase><security><rules>${rules}</rules></security></rulebase></entry>`;
  return `<config version="10.1.0" urldb="paloaltonetworks"><shared/><devices><entry name="localhost.localdomain">
    <network><interface><ethernet>${ethernet('ethernet1/1', '10.1.0.1/16')}${ethernet('ethernet1/2', '10.2.0.1/16')}</ethernet></interface>
    <virtual-router><entry name="r"><interface>${members('ethernet1/1', 'ethernet1/2')}</interface></entry></virtual-router></network>
    <vsys>${vsys('vsys1', 'vsys2', 'left', 'ethernet1/1', rule('OUT', { from: ['left'], to: ['other'] }))}
    ${vsys('vsys2', 'vsys1', 'right', 'ethernet1/2', rule('IN', { from: ['other'], to: ['right'], service: ['service-http'] }))}</vsys></entry></devices></config>`;
}

const judgeBoth = (options: Options, port: number): string[] =>
  readText(twoSystems(options)).map((fw) => judgeFlow(fw, `tcp 10.1.0.5 -> 10.2.0.5:${port}`).verdict);

describe('virtual systems', () => {
  it('each judges its own side', () => {
    expect(judgeBoth({}, 80)).toEqual(['permitted', 'permitted']);
    expect(judgeBoth({}, 22)).toEqual(['permitted', 'blocked']);
  });
  it('needs an external zone that leads back, too', () => {
    const text = twoSystems({}).replace(
      '<external><member>vsys1</member></external>',
      '<external><member>vsys9</member></external>',
    );
    const [first] = readText(text).map((fw) => judgeFlow(fw, 'tcp 10.1.0.5 -> 10.2.0.5:80').verdict);
    expect(first).toBe('blocked');
  });
  it('among hosts of the other system never comes here', () => {
    const text = twoSystems({})
      .replace(
        ethernet('ethernet1/1', '10.1.0.1/16'),
        ethernet('ethernet1/1', '10.1.0.1/16') + ethernet('ethernet1/3', '10.3.0.1/16'),
      )
      .replaceAll('<member>ethernet1/1</member>', '<member>ethernet1/1</member><member>ethernet1/3</member>');
    const verdicts = readText(text).map((fw) => judgeFlow(fw, 'tcp 10.1.0.5 -> 10.3.0.5:80').verdict);
    expect(verdicts).toEqual(['permitted', 'not-applicable']);
  });
  it('without visibility or an external zone nothing passes', () => {
    expect(judgeBoth({ visible: false }, 80)).toEqual(['blocked', 'blocked']);
    expect(judgeBoth({ external: false }, 80)).toEqual(['blocked', 'blocked']);
  });
});
