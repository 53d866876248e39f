// In: arguments and a screen. Out: what the command prints, without the cost of a process. Everything behind main.ts is real.

import { Readable, Writable } from 'node:stream';
import type { Session } from '../../src/cli/command.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { Output } from '../../src/cli/output.ts';

export interface Printed {
  stdout: string;
  warnings: string[];
  code: number;
}

export async function printed(
  argv: readonly string[],
  options: { columns?: number; color?: boolean; input?: Uint8Array; whenAsked?: () => void } = {},
): Promise<Printed> {
  const { columns = Number.POSITIVE_INFINITY, color = false, input = new Uint8Array(0) } = options;
  const result: Printed = { stdout: '', warnings: [], code: -1 };
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      // Once it is said to be written the block is used again.
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  const output = new Output(stream, 'memory');
  const session: Session = {
    interrupt: {
      signal: new AbortController().signal,
      /** Asked after each reading: the moment to change the world in between (`whenAsked`). */
      get isRequested(): boolean {
        options.whenAsked?.();
        return false;
      },
      setGrace() {},
    },
    screen: { isTerminal: false, columns, color },
    output: () => output,
    stdin: () => Readable.from([input]),
    isStdinTerminal: () => false,
    warn: (sentence) => result.warnings.push(sentence),
    progress: () => null,
  };
  result.code = await dispatch(
    argv,
    () => session,
    (text) => output.write(text),
  );
  await output.end();
  result.stdout = Buffer.concat(chunks).toString('utf8');
  return result;
}
