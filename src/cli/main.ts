#!/usr/bin/env node
/** The command line. Commands load when they are called, so that `--version` costs nothing. */
import { Command, CommanderError, Option } from 'commander';
import { ASSUMPTIONS } from '../model/condition.js';
import { RefusedError } from '../source/diagnostic.js';
import { ignoreBrokenPipe, say } from './io.js';
import { VERSION } from './version.js';

/** No trustworthy answer: usage, configuration, unreadable input, internal error. */
const NO_ANSWER = 2;

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function assumptionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--assume <id>', 'turn an assumption on (may repeat)').choices(ASSUMPTIONS).argParser(collect).default([], ''),
    )
    .addOption(
      new Option('--strict', 'turn all assumptions off, those of flowgap.yaml too: each becomes its condition').conflicts(
        'assume',
      ),
    );
}

function deviceOptions(command: Command): Command {
  return command
    .option('--host <addresses>', 'addresses of the host that the export protects')
    .option('--profile <profile>', 'Windows profile in force: domain, private or public')
    .option('--subnet <networks>', 'networks the host is attached to (LocalSubnet)')
    .option('--vsys <name>', 'virtual system of a PAN-OS export')
    .option('--ipset <file>', 'output of "ipset save" beside an iptables export (may repeat)', collect, [])
    .option('--ip-addr <file>', 'output of "ip addr" beside an iptables export')
    .option('--given <file>', 'what the export lacks, in YAML: the keys of a device in flowgap.yaml')
    .option('--names <file>', 'resolved host names, in the form of a hosts file')
    .option('--encoding <name>', 'encoding of the export, where its bytes do not tell');
}

function build(): Command {
  const program = new Command('flowgap')
    .description(
      'Offline compliance auditor for firewall exports: what required traffic is blocked, by which rule, and what is open that nobody required.',
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) })
    .showHelpAfterError('(flowgap --help lists commands and options)');

  const audit = program
    .command('audit')
    .description('the main job: requirements against firewalls; CONFIG defaults to the nearest flowgap.yaml')
    .argument('[inputs...]', 'a flowgap.yaml, or exports together with --require')
    .option('--require <page>', 'requirement page; then the inputs are exports (may repeat)', collect, [])
    .option('--this-host <actor>', 'actor of the page whose host the exports protect')
    .option('--bind <actor=addresses>', 'addresses of an actor (may repeat)', collect, [])
    .option(
      '--fail-on <reasons>',
      'what the gate fails on, joined by commas: blocked,partial,reachable,conditional,unknown,critical',
    )
    .option('--no-gate', 'report only: end with 0, and say what a gate would end with')
    .option('--format <name>', 'text, html, csv or json (may repeat)', collect, [])
    .option('--output <file>', 'FILE for the format before it, or FORMAT=FILE (may repeat)', collect, [])
    .option('--as-of <date>', 'date that waivers expire at (default today)')
    .option('--quiet', 'no progress, no hints');
  assumptionOptions(audit);
  deviceOptions(audit);
  audit.action(async (inputs: string[], options) => (await import('./commands/audit.js')).auditCommand(inputs, options));

  const check = program
    .command('check')
    .description('ad hoc: flows against exports')
    .argument('<exports...>', 'exports; join the files of one device with +')
    .option('--flow <flow>', "a flow such as 'tcp 10.0.1.10 -> 10.0.2.10:389' (may repeat)", collect, [])
    .option('--flows <file>', 'flows in CSV')
    .option('--direction <direction>', 'in, out or forward, for --flow')
    .option('--in <link>', 'interface, zone or profile the packets of --flow arrive on')
    .option('--out <link>', 'interface, zone or profile they leave by')
    .option(
      '--fact <name=value>',
      'a declared fact for --flow: application, program, service, user, source_program ... (may repeat)',
      collect,
      [],
    )
    .option('--first-packet', 'judge the first packet alone, not the connection')
    .addOption(new Option('--format <name>', 'text or json').choices(['text', 'json']).default('text'))
    .option('--quiet', 'no diagnostics on standard error');
  assumptionOptions(check);
  deviceOptions(check);
  check.action(async (exports: string[], options) => (await import('./commands/check.js')).checkCommand(exports, options));

  deviceOptions(
    program
      .command('rules')
      .description('the effective rules of exports, in the order in which they decide')
      .argument('<exports...>', 'exports; join the files of one device with +')
      .addOption(new Option('--format <name>', 'text or json').choices(['text', 'json']).default('text'))
      .option('--quiet', 'no diagnostics on standard error'),
  ).action(async (exports: string[], options) => (await import('./commands/rules.js')).rulesCommand(exports, options));

  program
    .command('requirements')
    .description('the flows that pages state, and how every row was accounted for')
    .argument('<pages...>', 'Markdown, HTML, CSV or YAML')
    .addOption(new Option('--format <name>', 'text or json').choices(['text', 'json']).default('text'))
    .option(
      '--interpret <line=reading>',
      'how a row with several ports and protocols is read: 34=cross or 34=pairwise (may repeat)',
      collect,
      [],
    )
    .option('--exact', 'end with 1 when rows need review')
    .action(async (pages: string[], options) => (await import('./commands/requirements.js')).requirementsCommand(pages, options));

  program
    .command('init')
    .description('write a flowgap.yaml to start from, filled from the exports and pages named')
    .argument('[inputs...]', 'exports')
    .option('--require <page>', 'requirement page (may repeat)', collect, [])
    .option('--this-host <actor>', 'actor of the page whose host the exports protect')
    .option('--bind <actor=addresses>', 'addresses of an actor (may repeat)', collect, [])
    .option('--output <file>', 'where to write', 'flowgap.yaml')
    .option('--force', 'overwrite a file that exists')
    .action(async (inputs: string[], options) => (await import('./commands/init.js')).initCommand(inputs, options));

  program
    .command('formats')
    .description('the exports and reports that are understood, and how to make each export')
    .action(async () => (await import('./commands/formats.js')).formatsCommand());
  return program;
}

function report(error: unknown): void {
  if (error instanceof RefusedError) {
    const { file, line, column, hint } = error.place;
    const place = [file, line, column].filter((part) => part !== undefined).join(':');
    say(`flowgap: ${place ? `${place}: ` : ''}${error.message}`);
    if (hint) say(`  ${hint}`);
    return;
  }
  say(`flowgap: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  say('  This is a defect of flowgap; no answer is given. Please report it with the input that shows it.');
}

ignoreBrokenPipe();
try {
  await build().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : NO_ANSWER;
  else {
    report(error);
    process.exitCode = NO_ANSWER;
  }
}
