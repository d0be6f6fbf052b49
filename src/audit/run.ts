/** One audit: configuration and files in, AuditResult out. Pure but for `readFile`. */
import type { Settings } from '../analysis/coins.js';
import { prepare } from '../analysis/flow.js';
import type { Device } from '../analysis/view.js';
import type { AssumptionId } from '../model/condition.js';
import type { StatedFlow } from '../model/requirement.js';
import type { AuditInput, AuditResult, FailReason, RequirementResult, ResultDiagnostic } from '../model/result.js';
import type { Verdict } from '../model/verdict.js';
import { importRequirements, type RequirementImport } from '../requirements/index.js';
import {
  type AddressSet,
  type Family,
  isEmptyAddresses,
  overlapsAddresses,
  unionAddresses,
  unionAllAddresses,
} from '../sets/address.js';
import { NOTHING, type Region, uniteRegions } from '../sets/region.js';
import { type Diagnostic, RefusedError } from '../source/diagnostic.js';
import type { Source } from '../source/span.js';
import type { Role } from './bind.js';
import { type Config, FAIL_REASONS, type LoadedConfig } from './config.js';
import { type AuditRequirement, demandsOf, familiesInUse, knownNetworks, mentionedNetworks } from './demands.js';
import { readSource } from './devices.js';
import { type Exports, type Reading, readExports } from './exports.js';
import { gateOf } from './gate.js';
import { NO_NAMES, readNames } from './names.js';
import { beyondRequired, criticalFindings } from './open-beyond.js';
import { packetsOf } from './packets.js';
import { pathFor, unusedPaths } from './paths.js';
import { resultOf } from './result-of.js';
import { rolesOf } from './roles.js';
import { citedTexts } from './rule-texts.js';
import { unplacedHosts, unusedFacts, unusedStatements } from './unused.js';
import { applyWaivers } from './waivers.js';

export interface AuditOptions extends Reading {
  readonly version: string;
  /** ISO date. */
  readonly asOf: string;
  readonly assume: readonly AssumptionId[];
  readonly strict: boolean;
  readonly failOn?: readonly FailReason[];
  /** Diagnostics from before the audit (how the command line was understood). */
  readonly remarks?: readonly Diagnostic[];
}

interface Pages {
  readonly imports: readonly RequirementImport[];
  readonly sources: readonly Source[];
  readonly diagnostics: readonly Diagnostic[];
}

/** @throws RefusedError for a page that cannot be read, or stands twice: whose roles its rows mean could not be told. */
function readPages(loaded: LoadedConfig<Config>, options: AuditOptions, file: string): Pages {
  const imports: RequirementImport[] = [];
  const sources: Source[] = [];
  const diagnostics: Diagnostic[] = [];
  loaded.value.requirements.forEach((entry, index) => {
    const path = options.resolve(entry.page);
    if (sources.some((source) => source.name === path))
      throw new RefusedError(`the page "${entry.page}" stands twice under requirements:`, {
        file,
        ...loaded.placeOf(['requirements', index, 'page']),
        hint: 'Give each page once. For a second site with roles of its own, copy the page under another name.',
      });
    options.progress?.(`reading ${entry.page}`);
    const decoded = readSource(path, options.readFile);
    const interpret = new Map((entry.interpret ?? []).map(({ line, as }) => [line, as]));
    const page = importRequirements(decoded.source, { interpret });
    imports.push(page);
    sources.push(decoded.source);
    diagnostics.push(...decoded.diagnostics, ...page.diagnostics);
  });
  return { imports, sources, diagnostics };
}

const plainDiagnostic = (d: Diagnostic): ResultDiagnostic => ({
  severity: d.severity,
  code: d.code,
  message: d.message,
  file: d.file ?? null,
  line: d.line ?? null,
  column: d.column ?? null,
});

const SEVERITIES = ['error', 'warning', 'info'];

function sortedDiagnostics(diagnostics: readonly Diagnostic[]): ResultDiagnostic[] {
  const unique = new Map(diagnostics.map((d) => [[d.code, d.file, d.line, d.column, d.message].join('\u0000'), d]));
  return [...unique.values()]
    .map(plainDiagnostic)
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        ((a.file ?? '') < (b.file ?? '') ? -1 : (a.file ?? '') > (b.file ?? '') ? 1 : (a.line ?? 0) - (b.line ?? 0)),
    );
}

const VERDICTS: readonly Verdict[] = ['permitted', 'blocked', 'partial', 'conditional', 'unknown', 'not-applicable'];

/** Rules of a host that nobody places would decide nothing, and what they block would pass for permitted. */
function refuseUnplacedHosts(loaded: LoadedConfig<Config>, { devices }: Exports, file: string): void {
  const [unplaced] = devices.length > 1 ? unplacedHosts(devices) : [];
  if (!unplaced) return;
  const index = loaded.value.devices.findIndex(({ name }) => name === unplaced.name);
  throw new RefusedError(`nobody says whose host ${unplaced.name} is, so its rules would decide nothing`, {
    file,
    ...loaded.placeOf(['devices', index]),
    hint: 'State host: for the device (a role or an address); for a router, what lies behind its interfaces: zones: or ip-addr:.',
  });
}

/**
 * @throws RefusedError for a page or a statement that cannot be read; an unreadable export is no error but makes the
 * result incomplete.
 */
export function runAudit(loaded: LoadedConfig<Config>, configFile: string, options: AuditOptions): AuditResult {
  const config = loaded.value;
  const names =
    config.names === undefined ? NO_NAMES : readNames(readSource(options.resolve(config.names), options.readFile).source);
  const roles = rolesOf(loaded, names, configFile);
  const pages = readPages(loaded, options, configFile);
  const exports = readExports(loaded, roles.everywhere, names, options, configFile);
  if (exports.devices.length === 0 && exports.unreadable.length === 0)
    throw new RefusedError('there is no device to audit', {
      file: configFile,
      hint: 'Name at least one device with its exports under devices:.',
    });
  refuseUnplacedHosts(loaded, exports, configFile);
  const byPage = new Map(
    pages.imports.map((page, i) => [
      page.page,
      { roles: roles.ofPage[i] ?? new Map<string, Role>(), variants: config.requirements[i]?.variants ?? {} },
    ]),
  );
  const firewalls = exports.devices.map((device) => device.firewall);
  const flows: readonly StatedFlow[] = pages.imports.flatMap((page) => page.flows);
  const demands = demandsOf(flows, {
    names,
    rolesOf: (page) => byPage.get(page)?.roles ?? new Map(),
    variantsOf: (page) => byPage.get(page)?.variants ?? {},
    known: knownNetworks(firewalls, roles.all),
    mentioned: mentionedNetworks(firewalls),
    families: familiesInUse(firewalls, roles.all),
  });
  const bench = prepare(
    exports.devices,
    demands.requirements
      .flatMap((one) => [one.sourceAddresses, one.destinationAddresses])
      .concat(roles.all.flatMap((role) => (role.addresses ? [role.addresses] : []))),
  );
  const settings: Settings = { assume: new Set([...(config.assume ?? []), ...options.assume]), strict: options.strict };
  const hosts = exports.devices.map((device) => device.host).filter((host) => !isEmptyAddresses(host));
  options.progress?.(`judging ${demands.requirements.length} requirements`);
  const context = {
    bench,
    settings,
    hosts,
    unreadable: exports.unreadable,
    configFile,
    pathOf: pathFor(config, exports, roles.everywhere),
  };
  const judged = demands.requirements.map((requirement) => resultOf(requirement, context));
  const waived = applyWaivers(judged, config.waivers ?? [], options.asOf, configFile, (index) =>
    loaded.placeOf(['waivers', index]),
  );
  const required = requiredPackets(demands.requirements, bench.spaces);
  const inScope = scopeAddresses(roles.all, exports.devices);
  const beyond = beyondRequired(bench, inScope, required, settings);
  const findings = criticalFindings(exports.devices);
  const incomplete = exports.unreadable.length > 0;
  const gate = gateOf(waived.requirements, findings, incomplete, new Set(options.failOn ?? config.gate?.failOn ?? FAIL_REASONS));
  const cited = new Set(
    [
      ...waived.requirements.flatMap((r) => [r, ...r.devices]).flatMap((v) => [...v.decidedBy, ...v.conditions]),
      ...beyond.excess.map((e) => e.rule),
      ...findings,
    ].map((place) => `${place.file}:${place.line}`),
  );
  return {
    schemaVersion: 1,
    tool: { name: 'flowgap', version: options.version },
    asOf: options.asOf,
    inputs: [
      ...pages.imports.map(
        (page, i): AuditInput => ({
          file: page.page,
          sha256: pages.sources[i]?.sha256 ?? '',
          parser: page.format,
          device: null,
          rules: page.flows.length,
          complete: true,
        }),
      ),
      ...exports.inputs,
    ],
    summary: {
      title: config.title ?? pages.imports[0]?.title ?? 'Audit',
      ...countsOf(waived.requirements),
      devices: exports.devices.map((device) => ({
        name: device.name,
        vendor: device.firewall.vendor,
        kind: device.firewall.kind,
        rules: exports.inputs
          .filter((i) => i.device === device.name || device.name.startsWith(`${i.device}/`))
          .reduce((sum, i) => sum + i.rules, 0),
      })),
      unauditedActors: unauditedActors(demands.requirements, hosts),
      unboundActors: [
        ...new Set(
          demands.requirements
            .flatMap((r) => [r.source, r.destination])
            .filter((end) => !end.addresses && !end.any)
            .map((end) => end.text),
        ),
      ].sort(),
      incomplete,
      ...gate,
      assumptions: options.strict ? [] : ['symmetric-routing'],
    },
    requirements: waived.requirements,
    excess: beyond.excess,
    findings,
    ruleTexts: citedTexts(exports.devices, exports.sources, cited),
    accounting: pages.imports.map(({ page, accounting: { tables, rows } }) => ({
      page,
      tablesSeen: tables.seen,
      tablesUsed: tables.used,
      tablesRefused: tables.refused,
      rowsSeen: rows.seen,
      rowsImported: rows.imported,
      rowsReview: rows.review,
      rowsRefused: rows.refused,
    })),
    diagnostics: sortedDiagnostics([
      ...pages.diagnostics,
      ...exports.diagnostics,
      ...demands.diagnostics,
      ...waived.diagnostics,
      ...(options.remarks ?? []),
      ...beyond.diagnostics,
      ...unusedStatements(config, loaded, flows, exports.devices, configFile),
      ...unusedPaths(loaded, demands.requirements, roles.everywhere, configFile),
      ...unusedFacts(demands.requirements, waived.requirements),
    ]),
  };
}

function countsOf(requirements: readonly RequirementResult[]) {
  const count = (test: (r: RequirementResult) => boolean): number => requirements.filter(test).length;
  const verdicts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, count((r) => r.verdict === verdict)])) as Record<
    Verdict,
    number
  >;
  return {
    requirements: requirements.length,
    met: count((r) => r.outcome === 'met'),
    notMet: count((r) => r.outcome === 'not-met'),
    open: count((r) => r.outcome === 'open'),
    verdicts,
    metByDefault: count((r) => r.expect === 'allow' && r.outcome === 'met' && r.byDefault),
  };
}

/** What allow requirements demand, every source port included: an opening for them is no excess. */
function requiredPackets(
  requirements: readonly AuditRequirement[],
  spaces: Parameters<typeof packetsOf>[1],
): Record<Family, Region> {
  const out: Record<Family, Region> = { 4: NOTHING, 6: NOTHING };
  for (const requirement of requirements) {
    // An end without addresses could explain any opening: it explains none.
    const bound = [requirement.source, requirement.destination].every((end) => end.any || end.addresses);
    if (requirement.flow.expect !== 'allow' || !bound) continue;
    for (const reading of requirement.readings) {
      const services = reading.services.map((term) => ({ ...term, sourcePorts: term.sourcePorts ?? [0, 65536] }));
      const packets = packetsOf(
        { source: requirement.sourceAddresses, destination: requirement.destinationAddresses, services, expect: 'allow' },
        spaces,
      );
      for (const family of [4, 6] as const) out[family] = uniteRegions(out[family], packets[family]);
    }
  }
  return out;
}

/** Hosts whose openings are listed: the roles, and the hosts that devices protect. */
const scopeAddresses = (roles: readonly Role[], devices: readonly Device[]): AddressSet =>
  unionAddresses(
    unionAllAddresses(roles.flatMap((role) => (role.addresses ? [role.addresses] : []))),
    unionAllAddresses(devices.map((device) => device.host)),
  );

function unauditedActors(requirements: readonly AuditRequirement[], hosts: readonly AddressSet[]): string[] {
  const ends = requirements.flatMap((requirement) => [requirement.source, requirement.destination]);
  return [
    ...new Set(
      ends
        .filter((end) => !end.any && !hosts.some((host) => end.addresses && overlapsAddresses(host, end.addresses)))
        .map((end) => end.role?.name ?? end.text),
    ),
  ].sort();
}
