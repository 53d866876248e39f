// In: nothing. Out: what a command is, and what it is given to work with.

import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { ExitCode } from './exit-code.ts';
import type { Interrupt } from './interrupt.ts';
import type { Output } from './output.ts';
import type { Progress } from './progress.ts';
import type { ColorChoice, Screen } from './screen.ts';

/** One file in commands/ exports one of these as `command`. */
export interface CommandModule<Options extends CommonOptions = CommonOptions> {
  /** Declares operands, options and help text. Name and summary come from the registry. */
  declare(command: Command): void;
  run(operands: string[], options: Options, session: Session): Promise<ExitCode>;
}

/** Options every command that reads captures has. */
export interface CommonOptions {
  output?: string;
  color: ColorChoice;
  quiet?: boolean;
  timeWait?: number;
}

/** What a run is given: the world outside, opened when asked for. */
export interface Session {
  readonly interrupt: Pick<Interrupt, 'signal' | 'isRequested' | 'setGrace'>;
  /** The screen the output goes to. */
  readonly screen: Screen;
  /** Opened on first use, closed by the caller of the command. */
  output(): Output;
  /** Standard input, for "-": as a stream, or by its number. */
  stdin(): Readable | number;
  /** True where nobody has sent anything into standard input. */
  isStdinTerminal(): boolean;
  /** One sentence on standard error, unless --quiet. */
  warn(sentence: string): void;
  /** Where progress is shown, or null where it is not. */
  progress(): Progress | null;
}
