// In: the command line. Out: the exit code. The program starts here; the only file that ends it.

import { isatty } from 'node:tty';
import { CaptureError, UsageError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import type { CommonOptions, Session } from './command.ts';
import { dispatch } from './dispatch.ts';
import { ExitCode } from './exit-code.ts';
import { Interrupt } from './interrupt.ts';
import { ClosedPipe, fileOutput, type Output, OutputError, standardOutput } from './output.ts';
import { Progress } from './progress.ts';
import { screenOf } from './screen.ts';

const STANDARD_INPUT = 0;

let output: Output | null = null;
let progress: Progress | null = null;

/** Opens what the command needs of the world, when it needs it: loading a stream takes its milliseconds. */
function openSession(options: CommonOptions, inputs: readonly string[]): Session {
  const screen = screenOf(process.stdout, process.env, options.color, options.output !== undefined);
  const isQuiet = options.quiet === true;
  return {
    interrupt: new Interrupt(),
    screen,
    output() {
      output ??= options.output === undefined ? standardOutput(process.stdout) : fileOutput(options.output, inputs);
      return output;
    },
    stdin: () => STANDARD_INPUT,
    isStdinTerminal: () => isatty(STANDARD_INPUT),
    warn(sentence) {
      progress?.clear();
      if (!isQuiet) complain(`warning: ${sentence}`);
    },
    progress() {
      if (isQuiet || !process.stderr.isTTY) return null;
      progress ??= new Progress(process.stderr);
      return progress;
    },
  };
}

function complain(sentence: string): void {
  process.stderr.write(`tcpstate: ${printable(sentence)}\n`);
}

/** For what no session is opened for: help and version. */
function print(text: string): void {
  output ??= standardOutput(process.stdout);
  output.write(text);
}

async function run(): Promise<ExitCode> {
  try {
    const code = await dispatch(process.argv.slice(2), openSession, print);
    await output?.end();
    return code;
  } catch (error) {
    progress?.clear();
    if (error instanceof ClosedPipe) return ExitCode.OK;
    if (error instanceof UsageError || error instanceof CaptureError || error instanceof OutputError) {
      complain(error.message);
      if (error instanceof UsageError)
        for (const line of error.detail) process.stderr.write(`    ${printable(line)}\n`);
      return ExitCode.COULD_NOT_RUN;
    }
    process.stderr.write(`tcpstate: this is a bug in tcpstate; please report it with the lines below\n`);
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return ExitCode.COULD_NOT_RUN;
  }
}

void run().then((code) => process.exit(code));
