// In: a source. Out: a window on its bytes in which a reader finds whole records, and the place for the warning when it cannot.
//
//   bytes    |  read already  |  pos: not yet read ... end  |  free  |
//   offset of bytes[0] in the (decompressed) stream: base
//
// Only the partial record at the end of a chunk is ever moved. Of a large file the next pieces are read while this one is worked on:
//
//   spare    |  headroom: the partial record will go to its end  |  being read  |

import type { CaptureWarning } from '../errors.ts';
import { bytesIn, type LinearMemory, viewOf } from '../linear/memory.ts';
import { type ByteSource, Damage, isReadableBeside, type ReadableBeside } from './source.ts';

/**
 * Bytes read at once. Measured with `next()` alone over 1.6 GB in the page cache (Node 20, 2.6 million frames): 256 KiB to 1 MiB take
 * the same 0.31 s, 64 KiB 0.33 s, 4 MiB 0.35 s (the chunk no longer fits the processor's cache). `capinfos -c`: 0.40 s.
 */
export const CHUNK = 1 << 18;

/** Chunks read at once beside other work: handing over takes some 40 µs, whatever the size; much more of them leave the cache before they are looked at. */
const CHUNKS_AHEAD = 8;
/** Pieces under way at a time: when one has been read, and until this thread has taken note of it, the other thread reads the next. */
const PIECES_AHEAD = 2;
/** Room for the partial record before the next piece, as a part of a chunk: nearly all records are smaller. */
const HEADROOM = 1 / 8;
/**
 * Where in its page memory is filled from the beginning of a page of the file. A processor that copies to an address a few bytes beyond the one it reads
 * from, page aside, may take four times as long (measured on AMD EPYC, 0 to 64 bytes; large memory begins 16 bytes into a page).
 */
const PAGE = 4096;
const APART = 512;

/** A piece of a file read ahead, and where it was put. */
interface Piece {
  readonly memory: Uint8Array;
  readonly at: number;
  readonly asked: number;
  readonly read: number | Damage;
}

export class InputBuffer {
  bytes: Uint8Array;
  view: DataView;
  pos = 0;
  end = 0;
  base = 0;
  /** No bytes will come after `end`. */
  ended = false;
  /** How many bytes from `pos` on the reader needs to go on. The buffer grows to that, though only as the bytes really come. */
  wanted = 0;
  /** Bytes after `end` that nobody wants to see, and where the record they end began. */
  private skipping = 0;
  private skippedFrom = 0;
  private readonly name: string;
  /** Bytes asked for at once; so much more beside other work; and room for the partial record before those. */
  private readonly chunk: number;
  private readonly piece: number;
  private readonly headroom: number;
  readonly source: ByteSource;
  private readonly warnings: CaptureWarning[];
  /** Why reading stopped before the end, if it did. */
  warning: CaptureWarning | null = null;
  private stopped = false;
  /**
   * Where set: lends other memory to read on into, always the same array for the same memory. What has not been read is moved there; frames
   * may go on lying in the old one, where nothing is written any more. Of all that was lent only the latest stays in use beside it.
   */
  lend: (() => Uint8Array | Promise<Uint8Array>) | null = null;
  /** `bytes` is such memory. */
  private isLent = false;
  /** May read on before it is asked to, where much is left of a file. */
  mayReadAhead = false;
  /** Pieces under way, as they follow each other in the file. */
  private readonly ahead: Promise<Piece>[] = [];

  /** Where its own memory lies; null: anywhere. */
  private readonly memory: LinearMemory | null;

  constructor(
    source: ByteSource,
    name: string,
    warnings: CaptureWarning[],
    capacity = CHUNK,
    memory: LinearMemory | null = null,
  ) {
    this.source = source;
    this.name = name;
    this.warnings = warnings;
    this.chunk = capacity;
    this.piece = capacity * CHUNKS_AHEAD;
    this.headroom = Math.floor(capacity * HEADROOM);
    this.memory = memory;
    this.bytes = bytesIn(memory, capacity);
    this.view = viewOf(this.bytes);
  }

  /** Offset in the stream of the next byte to be read. */
  get offset(): number {
    return this.base + this.pos;
  }

  /** Passes over `count` bytes from `pos` on, whether they are here yet or not. */
  skip(count: number): void {
    const here = Math.min(count, this.end - this.pos);
    if (here < count) this.skippedFrom = this.offset;
    this.pos += here;
    this.skipping += count - here;
  }

  /** Reads on, at least one byte. False: there are no more. May move the bytes and replace `bytes` and `view`. */
  more(): boolean | Promise<boolean> {
    if (this.ended) return false;
    if (this.ahead.length > 0) return this.turnOver(this.ahead.shift()!);
    if (this.lend !== null && this.pos > 0) return this.readInto(this.lend());
    const more = this.readOn();
    if (more === true) this.readFurther(null);
    return more;
  }

  /** Goes on in lent memory, and begins with the piece after it. */
  private async readInto(lent: Uint8Array | Promise<Uint8Array>): Promise<boolean> {
    this.moveTo(await lent);
    const more = await this.readOn();
    const { source } = this;
    if (more && this.isLent && isReadableBeside(source)) this.ahead.push(this.readAhead(source, this.lend!()));
    return more;
  }

  /** Has as many pieces under way as are worth it, the first of them in `spare`, if that is given. */
  private readFurther(spare: Uint8Array | null): void {
    const { source, ahead, piece } = this;
    if (this.mayReadAhead && this.lend === null && isReadableBeside(source)) {
      while (ahead.length < PIECES_AHEAD && source.totalBytes - source.nextOffset >= 2 * piece) {
        ahead.push(this.readAhead(source, spare ?? bytesIn(this.memory, this.headroom + PAGE + piece)));
        spare = null;
      }
    }
    if (spare !== null) this.giveBack(spare);
  }

  /** Begins to read the next piece. */
  private async readAhead(source: ReadableBeside, given: Uint8Array | Promise<Uint8Array>): Promise<Piece> {
    const memory = given instanceof Promise ? await given : given;
    const { headroom } = this;
    const at = headroom + ((source.nextOffset + APART - headroom) & (PAGE - 1));
    const asked = Math.min(this.piece, memory.length - at);
    // Who lends memory for a whole piece at the least may have none any more.
    const read = asked > 0 ? await source.readBeside(memory, at, asked) : 0;
    return { memory, at, asked, read };
  }

  /** Goes on in the piece that was read ahead, and begins with the next one. */
  private async turnOver(piece: Promise<Piece>): Promise<boolean> {
    const { memory, at, asked, read } = await piece;
    if (typeof read !== 'number') return this.failed(read);
    const kept = this.end - this.pos;
    const lends = this.lend !== null;
    let spare = this.bytes;
    if (kept <= at) {
      memory.set(spare.subarray(this.pos, this.end), at - kept);
      this.base += this.pos - (at - kept);
      this.pos = at - kept;
      this.end = at;
      this.bytes = memory;
      this.view = viewOf(memory);
      this.isLent = lends;
    } else {
      // A large record: it is put together in memory of its own.
      if (this.isLent) this.grow(this.bytes.length);
      while (this.bytes.length - (this.end - this.pos) < read) this.grow(2 * this.bytes.length);
      this.makeRoom();
      this.bytes.set(memory.subarray(at, at + read), this.end);
      spare = memory;
    }
    const more = this.took(read);
    if (!more) return false;
    const { source } = this;
    if (!isReadableBeside(source)) return true;
    if (read < asked) {
      // The file has become shorter, or its file system gives less than it has: what comes here now, if anything, the next read shows.
      const dropped = await Promise.all(this.ahead.splice(0));
      if (!lends) for (const bytes of [spare, ...dropped.map((piece) => piece.memory)]) this.giveBack(bytes);
      source.backTo(this.base + this.end);
    } else if (lends) {
      if (this.isLent) this.ahead.push(this.readAhead(source, this.lend!()));
    } else if (spare.length === memory.length) this.readFurther(spare);
    else {
      this.giveBack(spare);
      this.readFurther(null);
    }
    return true;
  }

  private readOn(): boolean | Promise<boolean> {
    this.makeRoom();
    try {
      const count = this.source.read(this.bytes, this.end, Math.min(this.bytes.length - this.end, this.chunk));
      if (typeof count === 'number') return this.took(count);
      return count.then(
        (n) => this.took(n),
        (error) => this.failed(error),
      );
    } catch (error) {
      return this.failed(error);
    }
  }

  private took(count: number): boolean {
    if (count === 0 || this.stopped) {
      this.ended = true;
      if (this.skipping > 0) {
        const from = this.skippedFrom;
        const here = this.base + this.end - from;
        this.pos = this.end;
        this.warn(`the capture is cut short inside a block (${here} bytes of it are there)`, true, from);
      }
      return false;
    }
    this.end += count;
    if (this.skipping > 0) {
      const skipped = Math.min(this.skipping, this.end - this.pos);
      this.pos += skipped;
      this.skipping -= skipped;
    }
    return true;
  }

  private failed(error: unknown): boolean {
    if (!(error instanceof Damage)) throw error;
    this.ended = true;
    this.warn(error.message, error.truncated, this.base + this.end);
    return false;
  }

  /** What is not read yet, and all that comes, lies in `memory`, lent, from now on; unless it would be full at once. */
  private moveTo(memory: Uint8Array): void {
    const kept = this.end - this.pos;
    if (kept >= memory.length) return;
    memory.set(this.bytes.subarray(this.pos, this.end));
    this.bytes = memory;
    this.isLent = true;
    this.view = viewOf(memory);
    this.base += this.pos;
    this.pos = 0;
    this.end = kept;
  }

  private makeRoom(): void {
    const kept = this.end - this.pos;
    if (this.pos > 0) {
      if (kept > 0) this.bytes.copyWithin(0, this.pos, this.end);
      this.base += this.pos;
      this.pos = 0;
      this.end = kept;
    }
    if (kept < this.bytes.length) return;
    // Doubling, not `wanted` at once: a length field is no proof that the bytes exist.
    this.grow(Math.min(Math.max(this.wanted, kept + 1), 2 * this.bytes.length));
  }

  private grow(length: number): void {
    const bytes = bytesIn(this.memory, length);
    bytes.set(this.bytes);
    if (!this.isLent) this.giveBack(this.bytes);
    this.bytes = bytes;
    this.isLent = false;
    this.view = viewOf(bytes);
  }

  /** Nobody looks at these bytes any more. */
  private giveBack(bytes: Uint8Array): void {
    this.memory?.free(bytes.byteOffset, bytes.length);
  }

  /** Records why reading stops here. Only the first reason counts: what follows from it is no news. */
  warn(message: string, truncated: boolean, offset = this.offset): void {
    this.ended = true;
    if (this.warning !== null || this.stopped) return;
    this.warning = { file: this.name, offset, message, truncated };
    this.warnings.push(this.warning);
  }

  /** Ends the input from outside: a read that waits comes back, and nothing that is missing now is a damage. */
  stop(): void {
    this.stopped = true;
    this.ended = true;
    this.source.stop();
  }
}
