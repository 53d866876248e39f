// In: a path or a readable stream. Out: its bytes, read into memory the caller owns.
// Plain files are read synchronously (a read out of the page cache is over before a thread pool could be woken), or in large pieces
// beside other work; everything that can make us wait (pipes, sockets, devices) is read as it comes.

import { closeSync, createReadStream, fstatSync, openSync, readSync, read as startReading } from 'node:fs';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { CaptureError } from '../errors.ts';

/** The bytes cannot be read on, or make no sense from here on. Becomes a CaptureWarning; `message` is that warning's sentence. */
export class Damage extends Error {
  readonly truncated: boolean;
  constructor(message: string, truncated: boolean) {
    super(message);
    this.truncated = truncated;
  }
}

export interface ByteSource {
  /**
   * Reads at least one and at most `length` bytes to `target[offset]`. 0: there are no more. Synchronous where that is possible.
   * @throws Damage
   */
  read(target: Uint8Array, offset: number, length: number): number | Promise<number>;
  /** Bytes of the file or stream read so far, compressed where it is. */
  readonly bytesRead: number;
  /** Size of the file; null where there is no knowing. */
  readonly totalBytes: number | null;
  /** True where bytes arrive as they are made, so that waiting for more of them delays what is here already. */
  readonly live: boolean;
  /** Ends a read that waits: it answers 0, and so does every later one. */
  stop(): void;
  close(): void;
}

/** A file, which can be read on another thread too. Several such reads may be under way; nothing else is read before they are over. */
export interface ReadableBeside extends ByteSource {
  readonly totalBytes: number;
  /** Where in the file the next read begins: where the one before it, which may be under way still, is to end. */
  readonly nextOffset: number;
  /** As `read`, beside other work. Damage is handed out, not thrown: whoever stops in between asks no more. */
  readBeside(target: Uint8Array, offset: number, length: number): Promise<number | Damage>;
  /** A read has ended here, before its `length`: what was read behind it does not count. */
  backTo(offset: number): void;
}

export function isReadableBeside(source: ByteSource): source is ReadableBeside {
  return source instanceof FileSource;
}

/** A source as the operating system gives it: bytes can be put back, and a file can be started over. */
export interface RawSource extends ByteSource {
  /** Puts back the bytes read last. Only before anything else is read. */
  unread(bytes: Uint8Array): void;
  /** The same bytes from the start, or null for a stream. */
  reopen(): RawSource | null;
}

function reason(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

/** A regular file. */
export class FileSource implements RawSource, ReadableBeside {
  readonly live = false;
  readonly totalBytes: number;
  bytesRead = 0;
  nextOffset = 0;
  private readonly path: string;
  private readonly fd: number;
  private stopped = false;
  private closed = false;
  /** Reads beside other work that are under way. */
  private underWay = 0;

  constructor(path: string, fd: number, size: number) {
    this.path = path;
    this.fd = fd;
    this.totalBytes = size;
  }

  read(target: Uint8Array, offset: number, length: number): number {
    if (this.stopped || this.closed) return 0;
    let count: number;
    try {
      count = readSync(this.fd, target, offset, length, this.nextOffset);
    } catch (error) {
      throw unreadable(error);
    }
    if (count === 0 && this.nextOffset < this.totalBytes) throw shortened();
    this.nextOffset += count;
    this.bytesRead += count;
    return count;
  }

  readBeside(target: Uint8Array, offset: number, length: number): Promise<number | Damage> {
    const from = this.nextOffset;
    this.nextOffset += length;
    return new Promise((resolve) => {
      if (this.stopped || this.closed) {
        resolve(0);
        return;
      }
      this.underWay++;
      startReading(this.fd, target, offset, length, from, (error, count) => {
        this.underWay--;
        if (this.closed && this.underWay === 0) closeSync(this.fd);
        this.bytesRead += count;
        if (error !== null) resolve(unreadable(error));
        else resolve(count === 0 && from < this.totalBytes ? shortened() : count);
      });
    });
  }

  backTo(offset: number): void {
    this.bytesRead = this.nextOffset = offset;
  }

  unread(bytes: Uint8Array): void {
    this.bytesRead -= bytes.length;
    this.nextOffset -= bytes.length;
  }

  reopen(): RawSource | null {
    try {
      return new FileSource(this.path, openSync(this.path, 'r'), this.totalBytes);
    } catch {
      return null;
    }
  }

  stop(): void {
    this.stopped = true;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    // The number of a closed file may be another's at once.
    if (this.underWay === 0) closeSync(this.fd);
  }
}

function shortened(): Damage {
  return new Damage('the file has become shorter while it was read', true);
}

function unreadable(error: unknown): Damage {
  return new Damage(`reading the file failed here (${reason(error)})`, true);
}

/** A pipe, a terminal, or whatever else the caller holds as a stream. Backpressure is the stream's own: we read, it does not push. */
export class StreamSource implements RawSource {
  readonly live = true;
  readonly totalBytes = null;
  bytesRead = 0;
  private readonly stream: Readable;
  /** Bytes taken from the stream and not yet handed out. */
  private rest: Uint8Array | null = null;
  private ended = false;
  private failure: Error | null = null;
  private wake: (() => void) | null = null;

  constructor(stream: Readable) {
    this.stream = stream;
    stream.on('readable', this.notify);
    stream.on('end', this.onEnd);
    stream.on('close', this.onEnd);
    stream.on('error', this.onError);
    // A stream that was over before we came tells nobody any more.
    this.ended = stream.readableEnded || stream.destroyed;
  }

  private readonly notify = (): void => {
    const wake = this.wake;
    this.wake = null;
    wake?.();
  };

  private readonly onEnd = (): void => {
    this.ended = true;
    this.notify();
  };

  private readonly onError = (error: Error): void => {
    this.failure = error;
    this.onEnd();
  };

  read(target: Uint8Array, offset: number, length: number): number | Promise<number> {
    const count = this.take(target, offset, length);
    return count > 0 ? count : this.wait(target, offset, length);
  }

  private async wait(target: Uint8Array, offset: number, length: number): Promise<number> {
    for (;;) {
      const count = this.take(target, offset, length);
      if (count > 0) return count;
      if (this.failure !== null) {
        const failure = this.failure;
        this.failure = null;
        throw new Damage(`reading failed here (${reason(failure)})`, true);
      }
      if (this.ended) return 0;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private take(target: Uint8Array, offset: number, length: number): number {
    const chunk = this.rest ?? (this.stream.read() as Uint8Array | null);
    if (chunk === null || chunk.length === 0) return 0;
    const count = Math.min(length, chunk.length);
    target.set(count === chunk.length ? chunk : chunk.subarray(0, count), offset);
    this.rest = count === chunk.length ? null : chunk.subarray(count);
    this.bytesRead += count;
    return count;
  }

  unread(bytes: Uint8Array): void {
    this.bytesRead -= bytes.length;
    const rest = this.rest;
    const joined = new Uint8Array(bytes.length + (rest?.length ?? 0));
    joined.set(bytes);
    if (rest !== null) joined.set(rest, bytes.length);
    this.rest = joined;
  }

  reopen(): null {
    return null;
  }

  stop(): void {
    this.rest = null;
    this.onEnd();
  }

  close(): void {
    this.stream.off('readable', this.notify);
    this.stream.off('end', this.onEnd);
    this.stream.off('close', this.onEnd);
    // The error listener stays: a stream that fails while it is torn down must not end the program.
    this.stream.destroy();
  }
}

/** What a pipe holds at a time, as Linux makes them. */
const PIPE_BYTES = 1 << 16;

/**
 * A pipe that is open already. Not a file, since waiting for a writer would keep a thread of Node's pool from all else, and there may be only one
 * (bin/tcpstate.js); nor a stream, which makes memory for every piece.
 */
export class PipeSource implements RawSource {
  readonly live = true;
  readonly totalBytes = null;
  bytesRead = 0;
  readonly #socket: Socket;
  /** Every piece comes here; what of it has not been handed out is between `#from` and `#to`. */
  readonly #piece = new Uint8Array(PIPE_BYTES);
  #from = 0;
  #to = 0;
  /** Put back, to be handed out first. */
  #rest: Uint8Array | null = null;
  /** Nothing is read until what is here has been handed out. */
  #isPaused = false;
  #ended = false;
  #failure: Error | null = null;
  /** Whoever waits for bytes. */
  #waiting: {
    target: Uint8Array;
    offset: number;
    length: number;
    resolve: (count: number) => void;
    reject: (error: Damage) => void;
  } | null = null;

  static async open(fd: number): Promise<PipeSource> {
    const net = await import('node:net');
    return new PipeSource(net, fd);
  }

  private constructor(net: typeof import('node:net'), fd: number) {
    const onread = { buffer: this.#piece, callback: (count: number) => this.#take(count) };
    // Known to the constructor, as to connect().
    const options = { fd, readable: true, writable: false, onread };
    this.#socket = new net.Socket(options);
    this.#socket.on('end', this.#onEnd);
    this.#socket.on('close', this.#onEnd);
    this.#socket.on('error', this.#onError);
    this.#socket.resume();
  }

  /** False where the next piece may not come yet. */
  #take(count: number): boolean {
    if (this.#ended) return false;
    this.#from = 0;
    this.#to = count;
    const waiting = this.#waiting;
    if (waiting !== null) {
      this.#waiting = null;
      waiting.resolve(this.#handOut(waiting.target, waiting.offset, waiting.length));
    }
    this.#isPaused = this.#from < this.#to;
    return !this.#isPaused;
  }

  #handOut(target: Uint8Array, offset: number, length: number): number {
    const piece = this.#rest ?? this.#piece.subarray(this.#from, this.#to);
    const count = Math.min(length, piece.length);
    target.set(count < piece.length ? piece.subarray(0, count) : piece, offset);
    if (this.#rest === null) this.#from += count;
    else this.#rest = count < piece.length ? piece.subarray(count) : null;
    this.bytesRead += count;
    return count;
  }

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#settle();
  };

  readonly #onError = (error: Error): void => {
    this.#failure = error;
    this.#onEnd();
  };

  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (this.#failure !== null) {
      waiting?.reject(new Damage(`reading failed here (${reason(this.#failure)})`, true));
      if (waiting !== null) this.#failure = null;
    } else waiting?.resolve(0);
  }

  read(target: Uint8Array, offset: number, length: number): number | Promise<number> {
    if (this.#rest !== null || this.#from < this.#to) {
      const count = this.#handOut(target, offset, length);
      if (this.#isPaused && this.#from === this.#to && !this.#ended) {
        this.#isPaused = false;
        this.#socket.resume();
      }
      return count;
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { target, offset, length, resolve, reject };
      if (this.#ended) this.#settle();
    });
  }

  unread(bytes: Uint8Array): void {
    this.bytesRead -= bytes.length;
    this.#rest = bytes;
  }

  reopen(): null {
    return null;
  }

  stop(): void {
    this.#rest = null;
    this.#from = this.#to = 0;
    this.#onEnd();
  }

  close(): void {
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onEnd);
    // The error listener stays: a pipe that fails while it is closed must not end the program.
    this.#socket.destroy();
  }
}

const OPEN_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist (a part of its path is not a directory)',
  EACCES: 'cannot be read: permission denied',
  EPERM: 'cannot be read: operation not permitted',
  EMFILE: 'cannot be opened: too many files are open',
  ENFILE: 'cannot be opened: too many files are open',
  ELOOP: 'cannot be opened: too many symbolic links',
  ENAMETOOLONG: 'cannot be opened: the name is too long',
};

/**
 * Opens a file by path.
 * @param label the file as it shall be called in messages
 * @throws CaptureError where it cannot be read at all, or is empty
 */
export async function openPath(path: string, label: string): Promise<RawSource> {
  if (path.length === 0) throw new CaptureError('a capture file name is empty');
  if (path.includes('\0')) throw new CaptureError(`${label} does not exist`);
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    const code = reason(error);
    throw new CaptureError(`${label} ${OPEN_FAILURES[code] ?? `cannot be opened (${code})`}`);
  }
  const status = fstatSync(fd);
  if (status.isFile() && status.size > 0) return new FileSource(path, fd, status.size);
  if (status.isDirectory()) {
    closeSync(fd);
    throw new CaptureError(`${label} is a directory, not a capture file`);
  }
  if (status.isFile()) {
    // Files of /proc and the like have no size until they are read.
    const probe = new Uint8Array(1);
    if (readSync(fd, probe, 0, 1, 0) === 0) {
      closeSync(fd);
      throw new CaptureError(`${label} is empty`);
    }
  }
  return openDescriptor(fd, status);
}

/** What has no size, or is read from where it stands. The descriptor is closed with it. */
export async function openDescriptor(fd: number, status = fstatSync(fd)): Promise<RawSource> {
  if (status.isFIFO() || status.isSocket()) return PipeSource.open(fd);
  return new StreamSource(createReadStream('', { fd, highWaterMark: 1 << 18 }));
}
