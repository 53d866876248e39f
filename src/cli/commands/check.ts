// In: captures and rules. Out: which rules hold, in the formats asked for; exit code 1 where one does not.

import { dirname, isAbsolute, join } from 'node:path';
import { type Command, type InvalidArgumentError, Option } from 'commander';
import { type AnalyzeOptions, analyze } from '../../analyze.ts';
import { type Baseline, parseBaseline } from '../../check/baseline.ts';
import { SERVICE_MATCHES, type ServiceMatch } from '../../check/behaviour.ts';
import type { CheckConfig } from '../../check/config.ts';
import { defaultRules, wholeRule } from '../../check/defaults.ts';
import { loadReporter } from '../../check/reporters/index.ts';
import { isReporterName, REPORTER_NAMES, type ReporterName } from '../../check/reporters/names.ts';
import { type CheckResult, RULE_SEVERITIES, type Rule, type RuleSeverity } from '../../check/rule.ts';
import { CheckRun } from '../../check/run.ts';
import { expectRule, listenerOf } from '../../check-captures.ts';
import { UsageError } from '../../errors.ts';
import { loadPalette, PLAIN } from '../../report/palette.ts';
import { printable } from '../../report/printable.ts';
import type { CommandModule, CommonOptions, Session } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { checkCaptures, choice, declareCommonOptions } from '../options.ts';
import { fileOutput } from '../output.ts';
import { Pacer } from '../pacer.ts';
import { isFile, readTextFile } from '../text-file.ts';

/** Rule files looked for where none is given, in this order. */
const CONFIG_NAMES = ['tcpstate.config.yaml', 'tcpstate.config.yml', 'tcpstate.config.json'] as const;

interface Options extends CommonOptions {
  format: ReporterName;
  /** A path; false with --no-config; true where the option was not given. */
  config: string | boolean;
  expect?: string[];
  reporter?: string[];
  baseline?: string;
  updateBaseline?: boolean;
  match?: ServiceMatch;
  failOn?: RuleSeverity;
}

/** Where a document goes: null is standard output (or the file of -o). */
interface Destination {
  readonly reporter: ReporterName;
  readonly file: string | null;
}

function declare(command: Command): void {
  command
    .argument('<capture...>', 'pcap or pcapng, plain, gzip or zstd; several are one trace; - is standard input')
    .option('--expect <expr>', 'every connection (or segment) must fit this; may be given several times', gather)
    .option(
      '--config <file>',
      `rules from this file (default: ${CONFIG_NAMES[0]} in the current directory, if there is one)`,
    )
    .option('--no-config', 'no rule file')
    .option('--reporter <name[=file]>', `${REPORTER_NAMES.join(', ')}; several at once, each into its file`, gather)
    .option('--baseline <file>', 'what is known to be wrong: only what is new fails')
    .option('--update-baseline', 'write the baseline anew from this run')
    .addOption(
      new Option('--match <how>', 'how a baseline knows a service again: by address or port').argParser((name) =>
        choice(name, SERVICE_MATCHES),
      ),
    )
    .addOption(
      new Option('--fail-on <severity>', 'fail from this severity of a rule on: error, warn or note').argParser(
        (name) => choice(name, RULE_SEVERITIES),
      ),
    );
  declareCommonOptions(command, REPORTER_NAMES);
  command.addHelpText(
    'after',
    `
Without rules of your own: there are connections, none has a finding of severity error, all are opened and closed, and the
capture is whole.

Examples:
  tcpstate check capture.pcap
  tcpstate check --expect 'not endpoint.time_in.CLOSE_WAIT > 5s' --expect 'flow.handshake < 50ms' capture.pcap
  tcpstate check --config tcp-rules.yaml --reporter junit=tcp.xml --reporter github capture.pcap
  tcpstate check --baseline known.json --update-baseline capture.pcap     write down what is wrong today
  tcpstate check --baseline known.json capture.pcap                       fail on what is new

Exit codes: 0 every rule held, 1 some rule failed, 2 could not run.`,
  );
}

function gather(value: string, before: string[] = []): string[] {
  return [...before, value];
}

async function run(captures: string[], options: Options, session: Session): Promise<ExitCode> {
  checkCaptures(captures, session);
  const config = await loadConfig(options);
  const rules = rulesOf(options, config);
  for (const rule of rules) warnOfNotes(rule, session);
  const destinations = destinationsOf(options, config?.config ?? null);
  const baselinePath = options.baseline ?? config?.baseline;
  if (options.updateBaseline && baselinePath === undefined) {
    throw new UsageError('--update-baseline needs a file to write: --baseline FILE');
  }
  const match = options.match ?? config?.config.match ?? 'address';
  const baseline = baselinePath === undefined || options.updateBaseline ? null : readBaseline(baselinePath);
  if (baseline !== null && options.match !== undefined && options.match !== baseline.match) {
    throw new UsageError(
      `${baselinePath} was written with --match ${baseline.match}; write it anew with --update-baseline`,
    );
  }
  const check = new CheckRun({ rules, baseline, match, failOn: options.failOn ?? config?.config.failOn ?? 'error' });
  const result = await readCaptures(captures, options, config?.config ?? null, check, session);
  if (options.updateBaseline) await writeFile(baselinePath!, check.found.toText(), captures);
  await print(result, destinations, captures, session);
  if (result.interrupted) return ExitCode.INTERRUPTED;
  return result.failed > 0 && !options.updateBaseline ? ExitCode.RULE_FAILED : ExitCode.OK;
}

async function readCaptures(
  captures: string[],
  options: Options,
  config: CheckConfig | null,
  check: CheckRun,
  session: Session,
): Promise<CheckResult> {
  const pacer = new Pacer(session, captures);
  const timeWait = options.timeWait ?? config?.timeWait;
  const input: AnalyzeOptions = {
    files: captures,
    signal: session.interrupt.signal,
    ...(captures.includes('-') && { stdin: session.stdin() }),
    ...(timeWait !== undefined && { timeWaitSeconds: timeWait }),
  };
  const capture = await analyze(input, { ...listenerOf(check), progress: pacer.progress });
  pacer.clear();
  capture.interrupted ||= session.interrupt.isRequested;
  for (const warning of capture.warnings) session.warn(warning);
  return check.finish(capture);
}

interface LoadedConfig {
  readonly config: CheckConfig;
  /** As named in the file, from the file's folder. */
  readonly baseline: string | undefined;
}

/** Rules on the command line stand alone, unless a rule file is named beside them. */
async function loadConfig(options: Options): Promise<LoadedConfig | null> {
  if (options.config === false) return null;
  const path =
    typeof options.config === 'string'
      ? options.config
      : options.expect === undefined
        ? CONFIG_NAMES.find((name) => isFile(name))
        : undefined;
  if (path === undefined) return null;
  const text = readTextFile(path, 'rule file');
  const { parseConfig } = await import('../../check/config.ts');
  const config = parseConfig(text, path);
  const { baseline } = config;
  const resolved = baseline === undefined || isAbsolute(baseline) ? baseline : join(dirname(path), baseline);
  return { config, baseline: resolved };
}

function rulesOf(options: Options, loaded: LoadedConfig | null): Rule[] {
  const expected = (options.expect ?? []).map(expectRule);
  const own = [...(loaded?.config.rules ?? []), ...expected];
  if (own.length === 0) return [...defaultRules(), wholeRule()];
  const rules = loaded?.config.defaults ? [...defaultRules(), ...own] : own;
  return loaded?.config.whole === false ? rules : [...rules, wholeRule()];
}

/** What is allowed in a filter but probably not meant. */
function warnOfNotes(rule: Rule, session: Session): void {
  if (rule.kind === 'whole') return;
  const filters = rule.kind === 'expect' ? [rule.where, rule.expect] : [rule.where, rule.of];
  for (const filter of filters) {
    for (const { column, message } of filter?.notes ?? [])
      session.warn(`rule "${rule.name}", column ${column}: ${message}`);
  }
  if (rule.kind !== 'expect') return;
  for (const { column, message } of rule.expect.doubts)
    session.warn(`rule "${rule.name}", column ${column}: ${message}`);
}

function destinationsOf(options: Options, config: CheckConfig | null): Destination[] {
  const named = options.reporter ?? config?.reporters ?? [];
  const destinations = named.map((text): Destination => {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const file = equals < 0 ? null : text.slice(equals + 1);
    if (!isReporterName(name)) {
      try {
        choice(name, REPORTER_NAMES);
      } catch (error) {
        throw new UsageError(`there is no reporter ${name}: ${(error as InvalidArgumentError).message}`);
      }
    }
    if (file === '') throw new UsageError(`--reporter ${text} names no file`);
    return { reporter: name as ReporterName, file };
  });
  const toOutput = destinations.filter(({ file }) => file === null);
  if (toOutput.length > 1) {
    throw new UsageError(
      `only one reporter can write to standard output; give ${toOutput[1]!.reporter} a file: --reporter ${toOutput[1]!.reporter}=FILE`,
    );
  }
  return toOutput.length === 1 ? destinations : [...destinations, { reporter: options.format, file: null }];
}

async function print(
  result: CheckResult,
  destinations: readonly Destination[],
  captures: readonly string[],
  session: Session,
): Promise<void> {
  const operands = captures.includes('-') ? '' : captures.map(quoted).join(' ');
  for (const { reporter, file } of destinations) {
    const report = await loadReporter(reporter);
    if (file === null) {
      session.output().write(report(result, { palette: await loadPalette(session.screen.color), operands }));
    } else {
      await writeFile(file, report(result, { palette: PLAIN, operands }), captures);
    }
  }
}

async function writeFile(path: string, text: string, captures: readonly string[]): Promise<void> {
  const output = fileOutput(path, captures);
  output.write(text);
  await output.end();
}

function readBaseline(path: string): Baseline {
  if (!isFile(path)) throw new UsageError(`there is no baseline ${path}; write it with --update-baseline`);
  return parseBaseline(readTextFile(path, 'baseline'), path);
}

/** An operand as a shell takes it. */
function quoted(operand: string): string {
  if (/^[\w./:@%+=,-]+$/.test(operand)) return operand;
  if (printable(operand) === operand) return `'${operand.replaceAll("'", "'\\''")}'`;
  // $'...' of bash and zsh, soon of POSIX: the only quotes in which such characters need not stand themselves.
  const escaped = operand.replace(/[\\']/g, '\\$&').replace(/[^\\']/gu, (character) => {
    return printable(character) === character
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `$'${escaped}'`;
}

export const command: CommandModule<Options> = { declare, run };
