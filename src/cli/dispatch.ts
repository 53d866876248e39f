// In: the arguments behind "tcpstate". Out: the command they name, run; usage errors as one sentence.

import { Command, CommanderError } from 'commander';
import { UsageError } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import { VERSION } from '../version.ts';
import type { CommonOptions, Session } from './command.ts';
import { ExitCode } from './exit-code.ts';
import { type AnyCommandModule, COMMANDS, type CommandEntry } from './registry.ts';

type OpenSession = (options: CommonOptions, inputs: readonly string[]) => Session;
type Print = (text: string) => void;

/** @throws UsageError, CaptureError, OutputError: each one sentence for standard error. */
export async function dispatch(argv: readonly string[], openSession: OpenSession, print: Print): Promise<ExitCode> {
  const [first] = argv;
  if (first === '--version' || first === '-V') {
    print(`${VERSION}\n`);
    return ExitCode.OK;
  }
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    return help(first === 'help' ? argv[1] : undefined, print);
  }
  const { entry, rest } = commandOf(argv);
  const parser = await parserOf(entry, print);
  let code: ExitCode = ExitCode.OK;
  parser.command.action(async () => {
    const options = parser.command.opts<CommonOptions>();
    code = await parser.module.run(parser.command.args, options, openSession(options, parser.command.args));
  });
  try {
    await parser.command.parseAsync(rest, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return ExitCode.OK;
    throw new UsageError(usageSentence(error, entry.name));
  }
  return code;
}

/**
 * Which command is meant. `tcpstate capture.pcap` means analyze: it is what people type first. Options may stand before the
 * command's name as well.
 */
function commandOf(argv: readonly string[]): { entry: CommandEntry; rest: readonly string[] } {
  const first = argv[0]!;
  const isOption = first.startsWith('-') && first !== '-';
  const at = isOption ? argv.findIndex((argument) => entryOf(argument) !== undefined) : 0;
  const named = at < 0 ? undefined : entryOf(argv[at]!);
  if (named !== undefined) return { entry: named, rest: [...argv.slice(0, at), ...argv.slice(at + 1)] };
  if (isOption || looksLikeFile(first)) return { entry: COMMANDS[0]!, rest: argv };
  const nearest = nearestName(
    first,
    COMMANDS.map((command) => command.name),
  );
  throw new UsageError(
    nearest === null
      ? `there is no command "${first}" (there are ${COMMANDS.map((command) => command.name).join(', ')}; for a file of that name: tcpstate analyze ${first})`
      : `there is no command "${first}" (did you mean ${nearest}?)`,
  );
}

function entryOf(name: string): CommandEntry | undefined {
  return COMMANDS.find((command) => command.name === name);
}

/** Standard input, a path, or a name with an extension. No command's name looks like that. */
function looksLikeFile(argument: string): boolean {
  return argument === '-' || /[./\\]/.test(argument);
}

async function parserOf(entry: CommandEntry, print: Print): Promise<{ command: Command; module: AnyCommandModule }> {
  const module = (await entry.load()) as unknown as AnyCommandModule;
  const command = new Command(`tcpstate ${entry.name}`)
    .description(`${entry.summary[0]!.toUpperCase()}${entry.summary.slice(1)}.`)
    .helpOption('-h, --help', 'show this text')
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => {} });
  module.declare(command);
  return { command, module };
}

async function help(topic: string | undefined, print: Print): Promise<ExitCode> {
  if (topic === undefined) {
    print(overview());
    return ExitCode.OK;
  }
  const { entry } = commandOf([topic]);
  (await parserOf(entry, print)).command.outputHelp();
  return ExitCode.OK;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  return `tcpstate reads packet captures and tells, for every TCP connection, which states both ends went through and why.

Usage: tcpstate COMMAND CAPTURE... [options]
       tcpstate CAPTURE                        the same as tcpstate analyze CAPTURE

${COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}\n`).join('')}
CAPTURE is a pcap or pcapng file, plain or compressed with gzip or zstd; several are read as one trace; - is standard input.

Examples:
  tcpstate analyze capture.pcap               the answer in words, then the evidence
  tcpstate analyze --stream 3 capture.pcap    one connection, segment by segment
  tcpdump -U -w - -i eth0 tcp | tcpstate -    live; Ctrl-C prints what has been seen
  tcpstate analyze --format json a.pcap       for programs

tcpstate help COMMAND tells more; tcpstate --version prints the version.
Exit codes: 0 done, 1 a check failed (command check only), 2 could not run, 130 interrupted.
`;
}

/** Commander's message as one sentence of ours. */
function usageSentence(error: CommanderError, command: string): string {
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (?:one of )?(.*?)\??\)$/, ' (did you mean $1?)')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');
  if (error.code === 'commander.missingArgument') {
    return `${command} needs a capture: name a file, or - for standard input (tcpstate ${command} --help tells more)`;
  }
  return `${command}: ${message}`;
}
