import { rulesJson, rulesText } from '../../audit/rules-listing.js';
import { type DeviceOptions, loadExports } from '../device-options.js';
import { sayDiagnostics } from '../diagnostics.js';

interface Options extends DeviceOptions {
  readonly format: 'text' | 'json';
  readonly quiet?: boolean;
}

export function rulesCommand(exports: readonly string[], options: Options): void {
  const loaded = loadExports(exports, options);
  if (!options.quiet) sayDiagnostics(loaded.diagnostics);
  process.stdout.write(
    options.format === 'json' ? `${JSON.stringify(rulesJson(loaded.devices), null, 1)}\n` : rulesText(loaded.devices),
  );
}
