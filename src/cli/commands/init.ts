import { existsSync } from 'node:fs';
import { proposedConfig } from '../../audit/propose.js';
import { RefusedError } from '../../source/diagnostic.js';
import { adHocConfig, proposalOf } from '../ad-hoc.js';
import { say, writeWhole } from '../io.js';

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
  const text =
    inputs.length + options.require.length === 0 ? SKELETON : proposedConfig(proposalOf(adHocConfig(inputs, options, false)));
  if (options.output === '-') {
    process.stdout.write(text);
    return;
  }
  writeWhole(options.output, text);
  say(`wrote ${options.output}; fill in the addresses, then run: flowgap audit ${options.output}`);
}
