// In: pieces of text, and rows written as bytes. Out: the same on standard output or in a file, in large writes, never ahead of the reader.

import { createWriteStream, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { LinearMemory } from '../linear/memory.ts';
import { printable } from '../report/printable.ts';
import { RowBytes } from '../report/row-bytes.ts';
import type { LinearSink } from '../report/sink.ts';

/** Text gathered before it is handed to the stream: one system call for some hundred rows. */
const BATCH_CHARACTERS = 1 << 16;
/** The same for rows, which are gathered as bytes; and what is set aside for the last of them, which may be told together. */
const BATCH_BYTES = 1 << 17;
const LAST_ROWS_BYTES = 1 << 16;
/** Waiting in the stream at most: text between rows is handed over however little it is. */
const MOST_WAITING_BYTES = 2 * BATCH_BYTES;

/** The reader of our output has gone away (`| head`). Ends the program quietly. */
export class ClosedPipe extends Error {}

/** The output cannot be written. One sentence, exit code 2. */
export class OutputError extends Error {}

export class Output implements LinearSink {
  readonly #stream: Writable;
  readonly #name: string;
  #pending = '';
  /** Rows told after `#pending`. */
  #rows: RowBytes | null = null;
  /** A block whose rows have been written: fresh memory takes longer to get than rows take to be written into it. */
  #spare: RowBytes | null = null;
  #memory: LinearMemory | null = null;
  #error: NodeJS.ErrnoException | null = null;
  /** Whoever waits for room, or for the end. */
  readonly #waiting: (() => void)[] = [];

  /** `name` is what an error message calls the output. */
  constructor(stream: Writable, name: string) {
    this.#stream = stream;
    this.#name = name;
    stream.on('error', (error) => {
      this.#error ??= error;
      this.#awaken();
    });
    stream.on('drain', () => this.#awaken());
  }

  /** Takes the text; never blocks. Whoever writes much awaits {@link ready} now and then. */
  write(text: string): void {
    if (this.#rows !== null) this.#flush();
    this.#pending += text;
    this.#flushFull();
  }

  /** Where rows are written in place. */
  get rows(): RowBytes {
    if (this.#rows === null) {
      this.#rows = this.#spare ?? new RowBytes(BATCH_BYTES + LAST_ROWS_BYTES, this.#memory);
      this.#spare = null;
    }
    return this.#rows;
  }

  lieIn(memory: LinearMemory): void {
    if (this.#rows !== null) this.#flush();
    this.#memory = memory;
    this.#spare = null;
  }

  rowWritten(): void {
    this.#flushFull();
  }

  get #isFull(): boolean {
    return this.#pending.length >= BATCH_CHARACTERS || (this.#rows !== null && this.#rows.length >= BATCH_BYTES);
  }

  /** What has been handed over is written while the next batch gathers; once that is full, `ready` waits for the other. */
  #flushFull(): void {
    if (this.#isFull && !this.#stream.writableNeedDrain) this.#flush();
  }

  /** Undefined while there is room, else a promise that waits for it. Throws once the output has failed. */
  ready(): Promise<void> | undefined {
    if (this.#error !== null) throw this.#failure(this.#error);
    this.#flushFull();
    return this.#isFull || this.#stream.writableLength > MOST_WAITING_BYTES ? this.#drained() : undefined;
  }

  /** Hands over what is pending and waits until the stream has room for more. */
  async flush(): Promise<void> {
    this.#flush();
    await this.#drained();
  }

  /** Writes the rest and waits until all of it has left the program. */
  async end(): Promise<void> {
    this.#flush();
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      const done = (error?: Error | null): void => {
        this.#error ??= error ?? null;
        resolve();
      };
      if (this.#error !== null) resolve();
      else if (this.#name === STANDARD_OUTPUT) this.#stream.write('', done);
      else this.#stream.end(done);
    });
    if (this.#error !== null) throw this.#failure(this.#error);
  }

  #flush(): void {
    if (this.#pending !== '') {
      const text = this.#pending;
      this.#pending = '';
      if (this.#error === null) this.#stream.write(text);
    }
    const rows = this.#rows;
    if (rows === null) return;
    // The stream keeps what it is given until it has written it, so the next rows get another block.
    this.#rows = null;
    const { block, length } = rows;
    let isWritten = false;
    const giveBack = (): void => {
      if (isWritten) return;
      isWritten = true;
      rows.length = 0;
      this.#spare = rows;
    };
    if (this.#error !== null || length === 0) return;
    this.#stream.write(block.subarray(0, length), giveBack);
    // Written at once, as Node does it into pipes and devices: it says so only when nobody computes any more.
    if (this.#stream.writableLength === 0) giveBack();
  }

  #awaken(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #drained(): Promise<void> {
    while (this.#stream.writableNeedDrain && this.#error === null) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    if (this.#error !== null) throw this.#failure(this.#error);
    this.#flushFull();
  }

  #failure(error: NodeJS.ErrnoException): Error {
    if (error.code === 'EPIPE') return new ClosedPipe();
    return new OutputError(`cannot write ${this.#name}: ${systemReason(error)}`);
  }
}

const STANDARD_OUTPUT = 'standard output';

/** Standard output. */
export function standardOutput(stream: Writable): Output {
  const { fd } = stream as Writable & { fd?: number };
  // Node writes into a file and waits; meanwhile the next rows could be written.
  const isFile = fd !== undefined && fstatSync(fd).isFile();
  return new Output(isFile ? createWriteStream('', { fd, autoClose: false }) : stream, STANDARD_OUTPUT);
}

/** A file of the user's choice, overwritten; but never one of the inputs, under whatever name. */
export function fileOutput(path: string, inputs: readonly string[]): Output {
  const before = statOrNull(path);
  if (before !== null) {
    for (const input of inputs) {
      const stats = input === '-' ? null : statOrNull(input);
      if (stats !== null && stats.ino === before.ino && stats.dev === before.dev) {
        throw new OutputError(`${printable(path)} is the capture itself; choose another name for the output`);
      }
    }
  }
  try {
    const fd = openSync(path, 'w');
    return new Output(createWriteStream(path, { fd }), printable(path));
  } catch (error) {
    throw new OutputError(`cannot write ${printable(path)}: ${systemReason(error as NodeJS.ErrnoException)}`);
  }
}

function statOrNull(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'its directory does not exist',
  EFBIG: 'the file would be too large',
  EIO: 'input/output error',
};

/** The reason in words; for a code without words, the system's own. */
export function systemReason(error: NodeJS.ErrnoException): string {
  return REASONS[error.code ?? ''] ?? error.code ?? error.message;
}
