// In: a gzip source. Out: what is compressed in it, as a source.
// The work is zlib's, in Node's thread pool, so it overlaps with the analysis. One write is under way at a time and the next one
// waits until everything it gave is taken: memory stays bounded whatever the ratio (decompression bombs).

import { createGunzip, type Gunzip } from 'node:zlib';
import { type ByteSource, Damage, type RawSource } from './source.ts';

/** Compressed bytes handed to zlib at once. Measured with 16 KiB to 1 MiB: no difference above 64 KiB. */
const PIECE = 1 << 16;
/** The same for a stream, where what one failing write would have given is lost (see `replay`). */
const STREAM_PIECE = 1 << 12;
/** Decompressed bytes zlib hands over at once. */
const OUTPUT = 1 << 18;

export class GzipSource implements ByteSource {
  readonly live: boolean;
  readonly totalBytes: number | null;
  private readonly original: RawSource;
  private raw: RawSource;
  private gunzip: Gunzip;
  private readonly input = new Uint8Array(PIECE);
  /** Compressed bytes written to zlib so far, and where the piece under way began. */
  private written = 0;
  private pieceStart = 0;
  private writing = false;
  private inputEnded = false;
  private output: Uint8Array | null = null;
  private outputOffset = 0;
  private delivered = 0;
  private ended = false;
  private failure: NodeJS.ErrnoException | null = null;
  private wake: (() => void) | null = null;
  /** While replaying: bytes still to be dropped because they were delivered before, and where to go on byte by byte. */
  private toDrop = 0;
  private slowFrom = Infinity;
  private stopped = false;

  constructor(raw: RawSource) {
    this.original = raw;
    this.raw = raw;
    this.live = raw.live;
    this.totalBytes = raw.totalBytes;
    this.gunzip = this.start();
  }

  get bytesRead(): number {
    return this.original.bytesRead;
  }

  private start(): Gunzip {
    // highWaterMark 1: zlib goes on only when what it gave has been read, so an error never discards good bytes.
    const options = { chunkSize: OUTPUT, highWaterMark: 1 };
    const gunzip = createGunzip(options);
    gunzip.on('readable', this.notify);
    gunzip.on('end', () => {
      if (gunzip === this.gunzip) this.ended = true;
      this.notify();
    });
    gunzip.on('error', (error) => {
      if (gunzip === this.gunzip) this.failure = error;
      this.notify();
    });
    return gunzip;
  }

  private readonly notify = (): void => {
    const wake = this.wake;
    this.wake = null;
    wake?.();
  };

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    for (;;) {
      if (this.stopped) return 0;
      const count = this.take(target, offset, length);
      if (count > 0) return count;
      if (this.failure !== null) this.fail(this.failure);
      if (this.ended) return 0;
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      if (!this.writing && !this.inputEnded) await this.feed();
      else await woken;
    }
  }

  private take(target: Uint8Array, offset: number, length: number): number {
    for (;;) {
      this.output ??= this.gunzip.read() as Uint8Array | null;
      if (this.output === null) return 0;
      const here = this.output.length - this.outputOffset;
      const dropped = Math.min(here, this.toDrop);
      this.toDrop -= dropped;
      this.outputOffset += dropped;
      const count = Math.min(here - dropped, length);
      target.set(this.output.subarray(this.outputOffset, this.outputOffset + count), offset);
      this.outputOffset += count;
      this.delivered += count;
      if (this.outputOffset === this.output.length) {
        this.output = null;
        this.outputOffset = 0;
      }
      if (count > 0) return count;
    }
  }

  private async feed(): Promise<void> {
    const position = this.written;
    let piece = this.raw.live ? STREAM_PIECE : PIECE;
    if (position >= this.slowFrom) piece = 1;
    else piece = Math.min(piece, this.slowFrom - position);
    const count = await this.raw.read(this.input, 0, piece);
    if (count === 0) {
      this.inputEnded = true;
      this.gunzip.end();
      return;
    }
    this.pieceStart = position;
    this.written += count;
    this.writing = true;
    const gunzip = this.gunzip;
    gunzip.write(this.input.subarray(0, count), () => {
      if (gunzip === this.gunzip) this.writing = false;
      this.notify();
    });
  }

  /**
   * zlib keeps what it had decoded of a piece to itself when an error is found in it. A file is therefore decoded a second time, up
   * to that piece as before and through it byte by byte, so that everything before the damage is delivered.
   */
  private fail(error: NodeJS.ErrnoException): void {
    if (error.code === 'Z_BUF_ERROR') throw new Damage('the gzip data is cut short here', true);
    const again = this.slowFrom === Infinity ? this.original.reopen() : null;
    if (again === null) {
      const afterMember = error.message === 'incorrect header check' && this.delivered > 0;
      if (afterMember) throw new Damage('what follows the gzip data here is not gzip', false);
      throw new Damage(`the gzip data is damaged here (${error.message})`, false);
    }
    this.slowFrom = this.pieceStart;
    this.toDrop = this.delivered;
    this.raw = again;
    this.written = 0;
    this.writing = false;
    this.inputEnded = false;
    this.failure = null;
    this.gunzip.destroy();
    this.gunzip = this.start();
  }

  stop(): void {
    this.stopped = true;
    this.original.stop();
    this.notify();
  }

  close(): void {
    this.gunzip.destroy();
    if (this.raw !== this.original) this.raw.close();
    this.original.close();
  }
}
