import { existsSync } from 'node:fs';
import { loadDevice, readSource } from '../../audit/devices.js';
import { proposedConfig } from '../../audit/propose.js';
import { importRequirements } from '../../requirements/index.js';
import { RefusedError } from '../../source/diagnostic.js';
import { adHocConfig, proposalOf } from '../ad-hoc.js';
import { filesOf } from '../device-options.js';
import { readBytes, say, writeWhole } from '../io.js';

interface Options {
  readonly require: readonly string[];
  readonly thisHost?: string;
  readonly bind: readonly string[];
  readonly output: string;
  readonly force?: boolean;
}

const SKELETON = `# flowgap audit reads this file. docs/configuration.md describes every key.
requirements:
  - page: ports.md            # a vendor's page (Markdown, HTML), a CSV or a YAML file

roles:                        # actors of the pages
  Application server: { addresses: [192.0.2.10] }
  Database server: { addresses: [192.0.2.20] }

devices:
  - { name: app01, exports: [exports/app01.csv], host: Application server, profile: domain }
  - { name: edge, exports: [exports/edge.xml] }
`;

export function initCommand(inputs: readonly string[], options: Options): void {
  if (existsSync(options.output) && options.output !== '-' && !options.force)
    throw new RefusedError(`${options.output} exists already`, {
      hint: 'Use --force to overwrite it, or --output to write another file.',
    });
  const text = inputs.length + options.require.length === 0 ? SKELETON : fromInputs(inputs, options);
  if (options.output === '-') {
    process.stdout.write(text);
    return;
  }
  writeWhole(options.output, text);
  say(`wrote ${options.output}; fill in the addresses, then run: flowgap audit ${options.output}`);
}

function fromInputs(inputs: readonly string[], options: Options): string {
  if (options.require.length > 0 && inputs.length > 0 && options.thisHost !== undefined)
    return proposedConfig(proposalOf(adHocConfig(inputs, options)));
  const devices = inputs.map((argument) => {
    const exports = filesOf(argument);
    const [device] = loadDevice(exports, {}, readBytes).devices;
    if (!device) throw new RefusedError(`${argument} holds no firewall`, { file: argument });
    return { name: device.name, exports, firewall: device.firewall };
  });
  const pages = options.require.map((page) => importRequirements(readSource(page, readBytes).source));
  return proposedConfig({ pages, devices, bound: new Map(), host: options.thisHost });
}
