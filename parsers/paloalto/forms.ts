/** How PAN-OS policy is exported, and how each form is recognised by its content. */
import type { Source } from '../../src/source/span.js';
import type { Detection, Form } from '../types.js';

export const XML_FORM = 'paloalto-xml';

const HEAD = 65_536;
const head = (source: Source): string => source.text.slice(0, HEAD);

/** Attributes and sections that only PAN-OS writes. */
function panosXml(source: Source): Detection | undefined {
  const start = head(source);
  const root = /<(config|response|entry|rules|device-group)\b([^>]*)>/.exec(start);
  if (!root || !/^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)?</.test(start)) return undefined;
  if (
    start
      .slice(0, root.index)
      .replace(/<\?xml[^>]*>|<!--[\s\S]*?-->/g, '')
      .trim() !== ''
  )
    return undefined;
  if (/urldb="(paloaltonetworks|brightcloud)"/.test(start))
    return { score: 0.97, reason: 'XML <config> with urldb="paloaltonetworks"' };
  if (source.text.includes('<entry name="localhost.localdomain">') && /<(vsys|device-group|template)>/.test(source.text))
    return { score: 0.95, reason: 'XML with devices/entry localhost.localdomain' };
  if (root[1] === 'response' && /status="(success|error|unauth)"/.test(root[2] ?? ''))
    return { score: 0.6, reason: 'XML <response status=...> of an API' };
  if (/<(from|to|source|destination)>\s*<member>/.test(start)) return { score: 0.6, reason: 'XML entries with <member> lists' };
  if (root[1] === 'config' && /<(mgt-config|rulebase|vsys)>/.test(source.text))
    return { score: 0.7, reason: 'XML <config> with a PAN-OS section' };
  return undefined;
}

/** Only a Panorama holds device groups and templates. */
const isPanorama = (source: Source): boolean => /<(device-group|template|template-stack)>\s*<entry/.test(source.text);

const lines = (source: Source): readonly string[] =>
  head(source)
    .split('\n', 2000)
    .map((line) => line.trim());

const SET_PATHS =
  /^set (?:vsys \S+ |shared |device-group (?:"[^"]*"|\S+) |template (?:"[^"]*"|\S+) |config )*(?:rulebase|pre-rulebase|post-rulebase|deviceconfig|mgt-config|address|address-group|network|zone|devices)(?=\s)/;

function setFormat(source: Source): Detection | undefined {
  const found = lines(source).filter((line) => SET_PATHS.test(line)).length;
  if (found === 0) return undefined;
  const sure = lines(source).some((line) => /^set .*(rulebase|deviceconfig|mgt-config|virtual-router|device-group)\b/.test(line));
  return { score: sure ? 0.92 : 0.6, reason: 'lines that start with "set" and a PAN-OS path' };
}

function nested(source: Source): Detection | undefined {
  const first = lines(source).find((line) => line !== '' && !line.startsWith('#'));
  if (!first || !/^(config|policy|deviceconfig|mgt-config|shared|devices|network|vsys)\s*\{$/.test(first)) return undefined;
  return { score: 0.9, reason: `curly-brace configuration that starts with "${first}"` };
}

function csv(source: Source): Detection | undefined {
  const first =
    head(source)
      .replace(/^\uFEFF/, '')
      .split('\n', 1)[0] ?? '';
  const columns = ['Source Zone', 'Destination Zone', 'Application', 'Action'].filter((name) => first.includes(name));
  return columns.length === 4 ? { score: 0.95, reason: 'CSV with the columns of Policies > Security' } : undefined;
}

function showText(source: Source): Detection | undefined {
  const first = lines(source).find((line) => line !== '');
  if (!first || !/^"[^"]+"\s*\{$/.test(first)) return undefined;
  return { score: /; index: \d+"/.test(first) ? 0.95 : 0.8, reason: 'output of show running security-policy' };
}

const form = (id: string, title: string, command: string, detect: Form['detect']): Form => ({
  id,
  title,
  command,
  ...(id === XML_FORM ? {} : { recognisedOnly: true as const }),
  detect,
});

export const FORMS: readonly Form[] = [
  form(
    XML_FORM,
    'PAN-OS XML running configuration',
    'set cli config-output-format xml, then show config running; or Device > Setup > Operations > Export named configuration snapshot',
    (source) => (isPanorama(source) ? undefined : panosXml(source)),
  ),
  form('paloalto-panorama-xml', 'Panorama XML configuration', 'Panorama > Setup > Operations > Export', (source) => {
    const found = isPanorama(source) ? panosXml(source) : undefined;
    return found && { score: found.score, reason: `${found.reason}, with device groups or templates` };
  }),
  form('paloalto-set', 'PAN-OS set commands', 'set cli config-output-format set, then show (configure mode)', setFormat),
  form('paloalto-nested', 'PAN-OS configuration in curly braces', 'show (configure mode)', nested),
  form('paloalto-csv', 'PAN-OS policy table (CSV)', 'Policies > Security > PDF/CSV', csv),
  form('paloalto-show', 'show running security-policy', 'show running security-policy', showText),
];
