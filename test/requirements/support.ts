import type { StatedFlow } from '../../src/model/requirement.js';
import { type ImportOptions, importRequirements, type RequirementImport, serviceTermText } from '../../src/requirements/index.js';
import { RefusedError } from '../../src/source/diagnostic.js';
import type { Source } from '../../src/source/span.js';

export const sourceOf = (name: string, text: string): Source => ({
  name,
  text,
  bytes: new TextEncoder().encode(text),
  encoding: 'utf-8',
  sha256: '',
});

export const load = (name: string, text: string, options: ImportOptions = {}): RequirementImport =>
  importRequirements(sourceOf(name, text), options);

/** `35 App server -> Directory: tcp 389` */
export const brief = (flow: StatedFlow): string =>
  `${flow.line} ${flow.source.text} -> ${flow.destination.text}: ${flow.services.map(serviceTermText).join('; ')}`;

export const briefs = (one: RequirementImport): readonly string[] => one.flows.map(brief);

/** The refusal of a file, for its message and place. */
export function refusal(name: string, text: string): RefusedError {
  try {
    load(name, text);
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
  throw new Error('the file was accepted');
}

const HEADER = '| Port | Protocol | Source | Direction | Target | Purpose |\n| --- | --- | --- | --- | --- | --- |\n';
/** A page with one flow table; its first row stands on line 5. */
export const tableOf = (...rows: readonly string[]): string => `# Ports\n\n${HEADER}${rows.join('\n')}\n`;

export const cells = (port: string, protocol: string, source = 'Client', target = 'Server', direction = ''): string =>
  `| ${port} | ${protocol} | ${source} | ${direction} | ${target} | because |`;

/** Services and review of a table with this one row. */
export function reading(
  port: string,
  protocol: string,
  options: ImportOptions = {},
): { services: string; review: string | undefined } {
  const [flow] = load('page.md', tableOf(cells(port, protocol)), options).flows;
  return { services: flow?.services.map(serviceTermText).join('; ') ?? 'none', review: flow?.needsReview };
}
