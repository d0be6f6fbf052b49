/** The result of an audit as a zod schema: source of docs/schema/audit-result.schema.json, and the check on results read back. */
import { z } from 'zod';
import { ASSUMPTIONS, BY_DESIGN_KINDS, MISSING_KINDS } from '../model/condition.js';

const texts = z.array(z.string()).readonly();
const count = z.int().nonnegative();
/** One-based. */
const line = z.int().positive();
const maybeText = z.string().nullable();
const maybeLine = line.nullable();
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const assumptions = z.array(z.enum(ASSUMPTIONS)).readonly();
const part = z.string().exactOptional();
const port = z.int().min(0).max(65535).exactOptional();

const verdict = z.enum(['permitted', 'blocked', 'partial', 'conditional', 'unknown', 'not-applicable']);
const outcome = z.enum(['met', 'not-met', 'open']);

const packetBox = z
  .object({
    source: part,
    destination: part,
    protocol: part,
    ports: part,
    sourcePorts: part,
    icmp: part,
    direction: part,
    in: part,
    out: part,
  })
  .readonly()
  .meta({ id: 'PacketBox', description: 'A set of packets in ordinary notation; an absent key means any.' });
const boxes = z.array(packetBox).readonly();

const examplePacket = z
  .object({
    source: z.string(),
    destination: z.string(),
    protocol: z.string(),
    sourcePort: port,
    port,
    icmp: part,
    in: part,
    out: part,
  })
  .readonly()
  .meta({ id: 'ExamplePacket', description: 'One packet; every key present that the protocol has.' });

const decidingRule = z
  .object({
    device: z.string(),
    rule: z.string().describe('`default`, `route`, `nat` or `off` where no rule decided.'),
    name: z.string(),
    file: maybeText,
    line: maybeLine,
    action: z.enum(['accept', 'drop', 'reject']),
  })
  .readonly()
  .meta({ id: 'DecidingRule' });

const openCondition = z
  .object({
    class: z.enum(['by-design', 'missing']),
    kind: z.enum([...BY_DESIGN_KINDS, ...MISSING_KINDS]),
    name: z.string(),
    device: z.string(),
    rule: maybeText,
    file: maybeText,
    line: maybeLine,
    holds: boxes.describe('Packets whose fate hangs on it.'),
    settledBy: z.string().exactOptional().describe('What settles it, as a sentence.'),
  })
  .readonly()
  .meta({ id: 'OpenCondition' });

const hop = z
  .object({ device: z.string(), from: z.enum(['declared', 'interface', 'route', 'default-route', 'host']) })
  .readonly()
  .meta({ id: 'Hop' });

const flowVerdict = {
  verdict,
  cause: z.enum(['policy', 'nat', 'route', 'device-off']).nullable().describe('Null where nothing is denied or unknown.'),
  hops: z.array(hop).readonly(),
  decidedBy: z.array(decidingRule).readonly(),
  conditions: z.array(openCondition).readonly(),
  assumptions,
  facts: texts.describe('Declared facts that the verdict rests on, as `program=lsass.exe`.'),
  missing: boxes.describe('What is surely denied.'),
  open: boxes.describe('What surely passes.'),
  unjudged: boxes.describe('What crosses no audited device.'),
  witness: examplePacket.nullable(),
  byDefault: z.boolean().describe('Permitted by a default policy, no rule authorises it.'),
};

const requirement = z
  .object({
    id: z.string(),
    page: z.string(),
    line: z.int().nonnegative(),
    purpose: z.string(),
    alsoFor: texts.describe('Further purposes of rows that demand the same packets.'),
    source: z.string(),
    destination: z.string(),
    services: z.string(),
    expect: z.enum(['allow', 'deny']),
    optional: z.boolean(),
    anyOf: maybeText,
    variant: maybeText,
    needsReview: maybeText,
    outcome,
    explanation: z.string(),
    fix: maybeText,
    tryIt: maybeText.describe('Command that tries the flow live.'),
    ...flowVerdict,
    devices: z.array(z.object({ device: z.string(), ...flowVerdict }).readonly()).readonly(),
    waiver: z.object({ reason: z.string(), owner: z.string(), ticket: maybeText, expires: date }).readonly().nullable(),
  })
  .readonly()
  .meta({ id: 'Requirement' });

const input = z
  .object({
    file: z.string(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    parser: z.string(),
    device: maybeText.describe('Null for requirement pages.'),
    rules: count,
    complete: z.boolean().describe('False when the file could not be read whole.'),
  })
  .readonly();

const device = z.object({ name: z.string(), vendor: z.string(), kind: z.enum(['host', 'network']), rules: count }).readonly();

const verdictCounts = z
  .object({ permitted: count, blocked: count, partial: count, conditional: count, unknown: count, 'not-applicable': count })
  .readonly();

const summary = z
  .object({
    title: z.string(),
    requirements: count,
    met: count,
    notMet: count,
    open: count,
    verdicts: verdictCounts,
    metByDefault: count,
    devices: z.array(device).readonly(),
    unauditedActors: texts,
    unboundActors: texts,
    incomplete: z.boolean(),
    failing: z
      .array(
        z.object({ reason: z.enum(['blocked', 'partial', 'reachable', 'conditional', 'unknown', 'critical']), count }).readonly(),
      )
      .readonly()
      .describe('What a gate fails on; empty: passes.'),
    gateExit: z.union([z.literal(0), z.literal(1), z.literal(2)]),
    assumptions,
  })
  .readonly();

const excessFinding = z
  .object({
    device: z.string(),
    rule: decidingRule,
    sure: boxes.describe('Surely accepted, required by nobody.'),
    possible: boxes.describe('Accepted if open conditions turn out so.'),
    width: z.number().nonnegative().describe('Number of addresses x ports, capped; larger is wider.'),
    risky: texts,
  })
  .readonly();

const severity = ['error', 'warning', 'info'] as const;

const finding = z
  .object({
    code: z.string(),
    severity: z.enum(['critical', 'warning', 'info']),
    device: z.string(),
    rule: maybeText,
    file: maybeText,
    line: maybeLine,
    message: z.string(),
  })
  .readonly();

const accounting = z
  .object({
    page: z.string(),
    tablesSeen: count,
    tablesUsed: count,
    tablesRefused: z.array(z.object({ line, reason: z.string() }).readonly()).readonly(),
    rowsSeen: count,
    rowsImported: count,
    rowsReview: count,
    rowsRefused: count,
  })
  .readonly();

const diagnostic = z
  .object({
    severity: z.enum(severity),
    code: z.string(),
    message: z.string(),
    file: maybeText,
    line: maybeLine,
    column: z.int().positive().nullable(),
  })
  .readonly();

/** Infers exactly AuditResult; a type-level test holds that. */
export const auditResultSchema = z
  .object({
    schemaVersion: z.literal(1),
    tool: z.object({ name: z.literal('flowgap'), version: z.string() }).readonly(),
    asOf: date.describe('ISO date that expiry and schedules are judged at.'),
    inputs: z.array(input).readonly(),
    summary,
    requirements: z.array(requirement).readonly(),
    excess: z.array(excessFinding).readonly(),
    findings: z.array(finding).readonly(),
    ruleTexts: z
      .array(z.object({ file: z.string(), line, text: z.string() }).readonly())
      .readonly()
      .describe('Deciding rules as the vendor writes them.'),
    accounting: z.array(accounting).readonly(),
    diagnostics: z.array(diagnostic).readonly(),
  })
  .readonly();

/**
 * The JSON Schema (2020-12) of the result. Objects stay open: a later version 1 may add keys, and readers
 * must ignore those they do not know.
 */
export const auditResultJsonSchema = (): Readonly<Record<string, unknown>> => {
  const { $schema, ...schema } = z.toJSONSchema(auditResultSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly;
    },
  });
  return { $schema, title: 'flowgap audit result', description: 'Result of `flowgap audit --format json`.', ...schema };
};
