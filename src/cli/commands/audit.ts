import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { REPORTS } from '../../../reports/registry.js';
import type { Report } from '../../../reports/types.js';
import { type Config, FAIL_REASONS, type LoadedConfig, loadConfig } from '../../audit/config.js';
import { readSource } from '../../audit/devices.js';
import { proposedConfig } from '../../audit/propose.js';
import { runAudit } from '../../audit/run.js';
import type { AssumptionId } from '../../model/condition.js';
import type { FailReason } from '../../model/result.js';
import { RefusedError } from '../../source/diagnostic.js';
import { type AdHoc, adHocConfig, proposalOf } from '../ad-hoc.js';
import type { DeviceOptions } from '../device-options.js';
import { pathBeside, progressLine, readBytes, say, writeWhole } from '../io.js';
import { VERSION } from '../version.js';

interface Options extends DeviceOptions {
  readonly require: readonly string[];
  readonly thisHost?: string;
  readonly bind: readonly string[];
  readonly failOn?: string;
  readonly gate: boolean;
  readonly format: readonly string[];
  readonly output: readonly string[];
  readonly asOf?: string;
  readonly assume: readonly AssumptionId[];
  readonly strict?: boolean;
  readonly quiet?: boolean;
}

/** The nearest flowgap.yaml from the working directory upwards, to the root of the repository. */
function nearestConfig(): string {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const path = join(folder, 'flowgap.yaml');
    if (existsSync(path)) return relative(process.cwd(), path);
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) break;
  }
  throw new RefusedError('there is no flowgap.yaml here or above', {
    hint: 'Name one, run "flowgap init", or audit without: flowgap audit EXPORT --require PAGE --this-host ACTOR.',
  });
}

const reportNamed = (name: string): Report => {
  const report = REPORTS.find((one) => one.id === name);
  if (!report)
    throw new RefusedError(`there is no report "${name}"`, { hint: `Reports: ${REPORTS.map((one) => one.id).join(', ')}.` });
  return report;
};

interface Target {
  readonly report: Report;
  /** Undefined: standard output. */
  readonly path: string | undefined;
}

/** Pairs formats with files: FORMAT=FILE as it stands, FILE alone with the formats in their order. */
function targetsOf(options: Options): readonly Target[] {
  const pairs = options.output.map((text) => {
    const at = text.indexOf('=');
    const named = at > 0 ? REPORTS.find((report) => report.id === text.slice(0, at)) : undefined;
    if (at > 0 && !named && /^[a-z]+$/.test(text.slice(0, at))) reportNamed(text.slice(0, at));
    return named ? { report: named, path: text.slice(at + 1) } : { report: undefined, path: text };
  });
  const files = pairs.filter((pair) => !pair.report).map((pair) => pair.path);
  if (files.length > options.format.length)
    throw new RefusedError(`--output ${files[options.format.length]} has no format`, {
      hint: 'Write --output html=FILE, or one --format before each --output.',
    });
  const formats = options.format.map((name, i): Target => ({ report: reportNamed(name), path: files[i] }));
  const targets = [...formats, ...pairs.flatMap(({ report, path }): Target[] => (report ? [{ report, path }] : []))];
  const all = targets.length ? targets : [{ report: reportNamed('text'), path: undefined }];
  if (all.filter((target) => target.path === undefined).length > 1)
    throw new RefusedError('two reports would go to standard output', {
      hint: 'Give all but one of them a file: --output html=gaps.html.',
    });
  const paths = all.flatMap((target) => (target.path === undefined ? [] : [resolve(target.path)]));
  if (new Set(paths).size !== paths.length)
    throw new RefusedError('two reports would be written to one file', { hint: 'Give each report a file of its own.' });
  return all;
}

function asOfDate(text: string | undefined): string {
  if (text === undefined) return new Date().toISOString().slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new RefusedError(`--as-of ${text} is no date`, { hint: 'Expected a date such as 2027-03-31.' });
  return text;
}

function failOnOf(text: string | undefined): readonly FailReason[] | undefined {
  if (text === undefined) return undefined;
  const pieces = text.split(',').filter((piece) => piece.trim() !== '');
  if (pieces.length === 0)
    throw new RefusedError('--fail-on names no reason: nothing would ever fail', {
      hint: `Reasons: ${FAIL_REASONS.join(', ')}. To report only, write --no-gate.`,
    });
  return pieces.map((piece) => {
    const found = FAIL_REASONS.find((reason) => reason === piece.trim());
    if (!found)
      throw new RefusedError(`--fail-on: there is no reason "${piece}"`, { hint: `Reasons: ${FAIL_REASONS.join(', ')}.` });
    return found;
  });
}

interface Job {
  readonly loaded: LoadedConfig<Config>;
  readonly file: string;
  readonly resolve: (path: string) => string;
  readonly adHoc?: AdHoc;
}

/** With a configuration these would have no effect: what they say belongs into it. */
function refuseDeviceOptions(options: Options): void {
  const stated = (['host', 'profile', 'subnet', 'vsys', 'ipAddr', 'given', 'names', 'encoding', 'thisHost'] as const).find(
    (name) => options[name] !== undefined,
  );
  const listed = (['ipset', 'bind'] as const).find((name) => (options[name]?.length ?? 0) > 0);
  const name = stated ?? listed;
  if (name !== undefined)
    throw new RefusedError(
      `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} has no effect with a configuration`,
      {
        hint: 'State it in flowgap.yaml: under devices:, roles: or names:. The option is for audits with --require.',
      },
    );
}

function jobOf(inputs: readonly string[], options: Options): Job {
  if (options.require.length > 0) {
    if (inputs.length === 0) throw new RefusedError('no export is named', { hint: 'flowgap audit EXPORT... --require PAGE' });
    const adHoc = adHocConfig(inputs, options, true);
    return { loaded: adHoc.loaded, file: 'flowgap.yaml', resolve: (path) => path, adHoc };
  }
  refuseDeviceOptions(options);
  if (inputs.length > 1)
    throw new RefusedError('audit takes one configuration', {
      hint: 'To audit exports without one, name the page: flowgap audit EXPORT... --require PAGE.',
    });
  const file = inputs[0] ?? nearestConfig();
  if (!/\.ya?ml$/i.test(file) && file !== '-')
    throw new RefusedError(`${file} is no flowgap.yaml`, {
      hint: 'To audit an export without a configuration, name the page: flowgap audit EXPORT --require PAGE --this-host ACTOR.',
    });
  return { loaded: loadConfig(readSource(file, readBytes).source), file, resolve: (path) => pathBeside(file, path) };
}

export function auditCommand(inputs: readonly string[], options: Options): void {
  const targets = targetsOf(options);
  const asOf = asOfDate(options.asOf);
  const failOn = failOnOf(options.failOn);
  const job = jobOf(inputs, options);
  const progress = progressLine(options.quiet === true);
  const result = runAudit(job.loaded, job.file, {
    version: VERSION,
    asOf,
    assume: options.assume,
    strict: options.strict === true,
    ...(failOn ? { failOn } : {}),
    readFile: readBytes,
    remarks: job.adHoc?.remarks ?? [],
    resolve: job.resolve,
    progress: progress.show,
  });
  progress.clear();
  const written: string[] = [];
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const width = process.stdout.isTTY ? process.stdout.columns : undefined;
  const rendering = { colour: false, written: [] };
  for (const { report, path } of targets) {
    if (path === undefined) continue;
    writeWhole(path, report.render(result, rendering));
    written.push(path);
    for (const companion of report.companions ?? []) {
      const beside = path.replace(/(\.[^./\\]*)?$/, `${companion.suffix}$1`);
      writeWhole(beside, companion.render(result, rendering));
      written.push(beside);
    }
  }
  for (const { report, path } of targets)
    if (path === undefined)
      process.stdout.write(report.render(result, { colour, written, ...(width === undefined ? {} : { width }) }));
  if (targets.every((target) => target.path !== undefined) && !options.quiet) for (const path of written) say(`wrote ${path}`);
  if (job.adHoc && !options.quiet)
    say(`\nTo keep this as a configuration, save the following as flowgap.yaml:\n\n${proposedConfig(proposalOf(job.adHoc))}`);
  process.exitCode = result.summary.incomplete ? 2 : options.gate ? result.summary.gateExit : 0;
}
