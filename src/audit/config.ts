/** flowgap.yaml: read strictly, with the place of every mistake. */
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { ASSUMPTIONS } from '../model/condition.js';
import { RefusedError } from '../source/diagnostic.js';
import { placeOf } from '../source/lines.js';
import type { Source } from '../source/span.js';

const strings = z.union([z.string(), z.array(z.string())]).transform((value) => (typeof value === 'string' ? [value] : value));
const scalarText = z.union([z.string(), z.number()]).transform(String);

const roleSchema = z.strictObject({
  addresses: strings.optional(),
  names: strings.optional(),
  aliases: strings.optional(),
  os: z.string().optional(),
  application: z.string().optional(),
  listens: z
    .array(
      z.strictObject({
        port: scalarText,
        protocol: z.string().optional(),
        program: z.string().optional(),
        service: z.string().optional(),
        user: z.string().optional(),
      }),
    )
    .optional(),
  runs: z
    .strictObject({ program: z.string().optional(), service: z.string().optional(), user: z.string().optional() })
    .optional(),
  published: strings.optional(),
});
export type RoleConfig = z.infer<typeof roleSchema>;

const rolesSchema = z.record(z.string(), roleSchema);

const requirementSchema = z.strictObject({
  page: z.string(),
  roles: rolesSchema.optional(),
  interpret: z.array(z.strictObject({ line: z.number().int().positive(), as: z.enum(['cross', 'pairwise']) })).optional(),
  variants: z.record(z.string(), z.string()).optional(),
});

const deviceSchema = z.strictObject({
  name: z.string().min(1),
  exports: strings,
  host: z.string().optional(),
  profile: z.union([z.enum(['domain', 'private', 'public']), z.array(z.enum(['domain', 'private', 'public']))]).optional(),
  subnet: strings.optional(),
  vsys: z.string().optional(),
  zones: z.record(z.string(), strings).optional(),
  lists: z.record(z.string(), strings).optional(),
  keywords: z.record(z.string(), strings).optional(),
  ipsets: strings.optional(),
  'ip-addr': z.string().optional(),
  encoding: z.string().optional(),
});
export type DeviceConfig = z.infer<typeof deviceSchema>;

export const FAIL_REASONS = ['blocked', 'partial', 'reachable', 'conditional', 'unknown', 'critical'] as const;

const waiverSchema = z.strictObject({
  id: z.string(),
  device: z.string().optional(),
  packets: z.array(z.record(z.string(), scalarText)).optional(),
  reason: z.string(),
  owner: z.string(),
  ticket: z.string().optional(),
  expires: z
    .string()
    .refine((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)), 'expected a date such as 2027-03-31'),
});
export type WaiverConfig = z.infer<typeof waiverSchema>;

const configSchema = z.strictObject({
  title: z.string().optional(),
  requirements: z.array(requirementSchema).min(1),
  roles: rolesSchema.optional(),
  devices: z.array(deviceSchema).min(1),
  paths: z.array(z.strictObject({ from: z.string(), to: z.string(), through: strings })).optional(),
  names: z.string().optional(),
  assume: z.array(z.enum(ASSUMPTIONS)).optional(),
  gate: z.strictObject({ failOn: z.array(z.enum(FAIL_REASONS)) }).optional(),
  waivers: z.array(waiverSchema).optional(),
});
export type Config = z.infer<typeof configSchema>;

/** A device block as `--given FILE` of `check` holds it. */
const givenSchema = deviceSchema.omit({ name: true, exports: true, host: true }).extend({ host: strings.optional() }).partial();
export type GivenConfig = z.infer<typeof givenSchema>;

export interface LoadedConfig<T> {
  readonly value: T;
  /** One-based place of the value at a path of keys, for later messages. */
  placeOf(path: readonly (string | number)[]): { readonly line: number; readonly column: number };
}

function explain(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
  if (issue.code === 'invalid_value') return `expected one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.flat().map(explain);
    return inner.length ? [...new Set(inner)].join(', or ') : issue.message;
  }
  if (issue.code === 'invalid_type') return `expected ${issue.expected}`;
  return issue.message;
}

function load<T>(source: Source, schema: z.ZodType<T>, keys: string): LoadedConfig<T> {
  const counter = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: counter, maxAliasCount: 50, uniqueKeys: true } as Parameters<
    typeof parseDocument
  >[1]);
  const refuse = (message: string, at: { line: number; column: number }, hint = keys): never => {
    throw new RefusedError(message, { file: source.name, line: at.line, column: at.column, hint });
  };
  const [error] = document.errors;
  if (error)
    return refuse(
      `this is not valid YAML: ${error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')}`,
      placeOf(source.text, error.pos[0]),
    );
  const place = (path: readonly (string | number)[]): { line: number; column: number } => {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return placeOf(source.text, node.range[0]);
    }
    return { line: 1, column: 1 };
  };
  const keyPlace = (path: readonly (string | number)[], key: string): { line: number; column: number } => {
    const parent = path.length === 0 ? document.contents : document.getIn(path, true);
    const items =
      (parent as { items?: { key?: { value?: unknown; range?: [number, number, number] } }[] } | undefined)?.items ?? [];
    const range = items.find((item) => item.key?.value === key)?.key?.range;
    return range ? placeOf(source.text, range[0]) : place(path);
  };
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 50 });
  } catch (problem) {
    return refuse(`this is not valid YAML: ${(problem as Error).message}`, { line: 1, column: 1 });
  }
  const parsed = schema.safeParse(plain);
  if (parsed.success) return { value: parsed.data, placeOf: place };
  const [issue] = parsed.error.issues;
  if (!issue) return refuse('not understood', { line: 1, column: 1 });
  const path = issue.path.filter((step): step is string | number => typeof step !== 'symbol');
  const at = issue.code === 'unrecognized_keys' ? keyPlace(path, issue.keys[0] ?? '') : place(path);
  const where = path.length ? `${path.join('.')}: ` : '';
  return refuse(`${where}${explain(issue)}`, at, keysAt(path) ?? keys);
}

/** Keys that may stand at a path, where it leads into a part of the configuration. */
function keysAt(path: readonly (string | number)[]): string | undefined {
  const shapes: Readonly<Record<string, { readonly what: string; readonly shape: object }>> = {
    devices: { what: 'a device', shape: deviceSchema.shape },
    requirements: path.includes('roles')
      ? { what: 'a role', shape: roleSchema.shape }
      : { what: 'a requirement page', shape: requirementSchema.shape },
    roles: { what: 'a role', shape: roleSchema.shape },
    waivers: { what: 'a waiver', shape: waiverSchema.shape },
  };
  const found = path.length > 1 ? shapes[String(path[0])] : undefined;
  return found && `Keys of ${found.what}: ${Object.keys(found.shape).join(', ')}. docs/configuration.md describes each.`;
}

const KEYS =
  'Keys: title, requirements, roles, devices, paths, names, assume, gate, waivers. docs/configuration.md describes each.';

/** @throws RefusedError with line and column of the first mistake. */
export function loadConfig(source: Source): LoadedConfig<Config> {
  const loaded = load(source, configSchema, KEYS);
  const seen = new Set<string>();
  loaded.value.devices.forEach(({ name }, index) => {
    if (seen.has(name))
      throw new RefusedError(`two devices are named "${name}"`, {
        file: source.name,
        ...loaded.placeOf(['devices', index, 'name']),
        hint: 'Give each device a name of its own; the exports of one device stand together under exports:.',
      });
    seen.add(name);
  });
  return loaded;
}

/** @throws RefusedError with line and column of the first mistake. */
export const loadGiven = (source: Source): LoadedConfig<GivenConfig> =>
  load(
    source,
    givenSchema,
    'Keys are those of a device in flowgap.yaml: host, profile, subnet, vsys, zones, lists, keywords, ipsets, ip-addr, encoding.',
  );
