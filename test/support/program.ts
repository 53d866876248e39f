// In: arguments. Out: what the real program prints on both outputs, and its exit code.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inject } from 'vitest';

export interface Outcome {
  stdout: string;
  stderr: string;
  /** Null where a signal ended it. */
  code: number | null;
}

export interface RunOptions {
  /** Bytes for standard input; without them it is closed. */
  input?: Uint8Array;
  env?: Record<string, string>;
  /** Called once it runs, to send signals or to close its outputs. */
  meanwhile?: (child: ChildProcess) => void;
}

/** Starts the program; outputs are pipes. */
export function start(args: readonly string[], options: RunOptions = {}): ChildProcess {
  const program = inject('program');
  if ('error' in program) throw new Error(`the program cannot be built: ${program.error}`);
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...inherited } = process.env;
  return spawn(process.execPath, [program.path, ...args], { env: { ...inherited, ...options.env } });
}

/** Runs the program to its end. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = start(args, options);
  const outcome: Outcome = { stdout: '', stderr: '', code: null };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    outcome.stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    outcome.stderr += text;
  });
  child.stdin!.on('error', () => {});
  if (options.meanwhile === undefined || options.input !== undefined) child.stdin!.end(options.input);
  options.meanwhile?.(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...outcome, code }));
  });
}

/**
 * Resolves when the program waits for something: it has started, and read all there is. A busy machine may need seconds for that, and
 * a signal that comes before just ends it.
 */
export async function whenWaiting(child: ChildProcess): Promise<void> {
  const QUIET_LOOKS = 10;
  for (let looks = 0, quiet = 0; looks < 800 && quiet < QUIET_LOOKS; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    try {
      // proc_pid_stat(5): the state of the main thread stands behind the name. Sleeping, not running or able to.
      quiet = / S /.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8')) ? quiet + 1 : 0;
    } catch {
      // No Linux: time will have to do.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return;
    }
  }
}
