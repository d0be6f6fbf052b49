import { prepare } from '../../analysis/flow.js';
import { judge } from '../../analysis/judge.js';
import { type CheckedFlow, checkJson, checkText } from '../../audit/check.js';
import { readSource } from '../../audit/devices.js';
import { type FlowSpec, parseFlow } from '../../audit/flow-text.js';
import { readFlows } from '../../audit/flows-csv.js';
import { packetsOf } from '../../audit/packets.js';
import { statedAt } from '../../audit/stated.js';
import { unplacedWarnings } from '../../audit/unused.js';
import { type AssumptionId, FACTS, type FactName } from '../../model/condition.js';
import { DIRECTIONS, type Direction } from '../../model/firewall.js';
import { RefusedError } from '../../source/diagnostic.js';
import { type DeviceOptions, loadExports } from '../device-options.js';
import { sayDiagnostics } from '../diagnostics.js';
import { readBytes } from '../io.js';

interface Options extends DeviceOptions {
  readonly flow: readonly string[];
  readonly flows?: string;
  readonly direction?: string;
  readonly in?: string;
  readonly out?: string;
  readonly fact: readonly string[];
  readonly firstPacket?: boolean;
  readonly format: 'text' | 'json';
  readonly assume: readonly AssumptionId[];
  readonly strict?: boolean;
  readonly quiet?: boolean;
}

function factsOf(texts: readonly string[]): ReadonlyMap<FactName, string> {
  return new Map(
    texts.map((text) => {
      const at = text.indexOf('=');
      const name = FACTS.find((fact) => fact === text.slice(0, at));
      if (at < 1 || !name)
        throw new RefusedError(`--fact ${text} is not understood`, {
          hint: `Expected NAME=VALUE with NAME one of ${FACTS.join(', ')}.`,
        });
      return [name, text.slice(at + 1)];
    }),
  );
}

function directionOf(text: string | undefined): Direction | undefined {
  if (text === undefined) return undefined;
  const found = DIRECTIONS.find((direction) => direction === text);
  if (!found) throw new RefusedError(`--direction ${text} is not understood`, { hint: 'Expected in, out or forward.' });
  return found;
}

function flowsOf(options: Options): readonly FlowSpec[] {
  const direction = directionOf(options.direction);
  const typed = options.flow.map(
    (text, i): FlowSpec => ({
      ...parseFlow(text, String(i + 1), { file: '--flow', line: i + 1 }),
      ...(direction ? { direction } : {}),
      ...(options.in === undefined ? {} : { in: options.in }),
      ...(options.out === undefined ? {} : { out: options.out }),
      facts: factsOf(options.fact),
    }),
  );
  const flows = [...typed, ...(options.flows === undefined ? [] : readFlows(readSource(options.flows, readBytes).source))];
  if (flows.length === 0)
    throw new RefusedError('no flow is given', {
      hint: "Name one with --flow 'tcp 10.0.1.10 -> 10.0.2.10:389', or a CSV file with --flows.",
    });
  return flows;
}

export function checkCommand(exports: readonly string[], options: Options): void {
  const flows = flowsOf(options);
  const loaded = loadExports(exports, options);
  // A host that stands alone is asked whatever its addresses.
  const unplaced = loaded.devices.length > 1 ? unplacedWarnings(loaded.devices) : [];
  if (!options.quiet) sayDiagnostics([...loaded.diagnostics, ...unplaced]);
  const bench = prepare(
    loaded.devices,
    flows.flatMap((flow) => [flow.source, flow.destination]),
  );
  const settings = { assume: new Set(options.assume), strict: options.strict === true };
  const checked = flows.map((flow): CheckedFlow => {
    const packets = packetsOf(
      { source: flow.source, destination: flow.destination, services: flow.services, expect: 'allow' },
      bench.spaces,
    );
    const judging = { facts: flow.facts, settings, firstPacket: options.firstPacket === true };
    return { flow, judgement: judge(bench, { packets, stated: statedAt(loaded.devices, flow) }, judging) };
  });
  process.stdout.write(options.format === 'json' ? `${JSON.stringify(checkJson(checked), null, 1)}\n` : checkText(checked));
  if (checked.some(({ judgement }) => judgement.verdict !== 'permitted')) process.exitCode = 1;
}
