// In: a zstd source (RFC 8878). Out: what is compressed in it, as a source.
// Frames and blocks are walked here and handed to the decoder one block at a time. That bounds memory (a block gives at most
// 128 KiB), delivers every block before a damaged one, and reads files of several frames, at whose first end Node's own stream stops.

import * as zlib from 'node:zlib';
import { type ByteSource, Damage, type RawSource } from './source.ts';

const MAGIC = 0xfd2fb528;
/** RFC 8878 3.1.1.2.4: no block holds more, compressed or not. */
const MAX_BLOCK = 1 << 17;
/** Largest window decoded: what the `zstd` program allows without being asked for more (--long=27). */
const MAX_WINDOW = 1 << 27;

/** Decodes the blocks of one frame. */
interface FrameDecoder {
  /** `bytes`: the frame header and its first block, then one block each, at last the checksum. */
  push(bytes: Uint8Array): Uint8Array[] | Promise<Uint8Array[]>;
  close(): void;
}

/** Node >= 22.15: the zstd library itself, in the thread pool. */
class NativeDecoder implements FrameDecoder {
  private readonly stream: import('node:stream').Transform;
  private chunks: Uint8Array[] = [];
  private fail: ((error: Error) => void) | null = null;

  constructor(create: (options: object) => import('node:stream').Transform) {
    this.stream = create({ chunkSize: MAX_BLOCK + 64, params: { 100: 27 } });
    this.stream.on('data', (chunk: Uint8Array) => this.chunks.push(chunk));
    this.stream.on('error', (error) => this.fail?.(error));
  }

  push(bytes: Uint8Array): Promise<Uint8Array[]> {
    return new Promise((resolve, reject) => {
      this.fail = reject;
      this.stream.write(bytes, (error) => {
        if (error) reject(error);
        const chunks = this.chunks;
        this.chunks = [];
        resolve(chunks);
      });
    });
  }

  close(): void {
    this.stream.destroy();
  }
}

type CreateDecoder = () => FrameDecoder;

async function chooseDecoder(): Promise<CreateDecoder> {
  const native = (zlib as { createZstdDecompress?: (options: object) => import('node:stream').Transform })
    .createZstdDecompress;
  if (native !== undefined) return () => new NativeDecoder(native);
  return chooseScriptDecoder();
}

/** The decoder for Node without zstd: fzstd, in JavaScript. Loaded when the first zstd file is met. */
export async function chooseScriptDecoder(): Promise<CreateDecoder> {
  const { Decompress } = await import('fzstd');
  return () => {
    let chunks: Uint8Array[] = [];
    let started = false;
    const decompress = new Decompress((chunk) => {
      if (chunk.length > 0) chunks.push(chunk);
    });
    return {
      push(bytes) {
        // fzstd looks at a frame only when it has 18 bytes of it; what follows the last block it does not look at.
        let whole = bytes;
        if (!started && bytes.length < 18) {
          whole = new Uint8Array(18);
          whole.set(bytes);
        }
        started = true;
        decompress.push(whole);
        const result = chunks;
        chunks = [];
        return result;
      },
      close() {},
    };
  };
}

export class ZstdSource implements ByteSource {
  readonly live: boolean;
  readonly totalBytes: number | null;
  private readonly raw: RawSource;
  private readonly choose: () => Promise<CreateDecoder>;
  private create: CreateDecoder | null = null;
  private decoder: FrameDecoder | null = null;
  /** Compressed bytes read ahead: [start, end). */
  private readonly input = new Uint8Array(2 * MAX_BLOCK);
  private start = 0;
  private end = 0;
  /** Decoded bytes not yet handed out. */
  private output: Uint8Array[] = [];
  private outputOffset = 0;
  private hasChecksum = false;
  private failure: unknown = null;
  private stopped = false;

  constructor(raw: RawSource, choose: () => Promise<CreateDecoder> = chooseDecoder) {
    this.raw = raw;
    this.choose = choose;
    this.live = raw.live;
    this.totalBytes = raw.totalBytes;
  }

  get bytesRead(): number {
    return this.raw.bytesRead;
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    this.create ??= await this.choose();
    while (this.output.length === 0) {
      if (this.stopped) return 0;
      if (this.failure !== null) throw this.failure;
      try {
        const more = this.decoder === null ? await this.startFrame() : await this.nextBlock(this.decoder, 0);
        if (!more && this.output.length === 0) return 0;
      } catch (error) {
        // What the blocks before gave is delivered first.
        this.failure = error;
      }
    }
    const chunk = this.output[0]!;
    const count = Math.min(length, chunk.length - this.outputOffset);
    target.set(chunk.subarray(this.outputOffset, this.outputOffset + count), offset);
    this.outputOffset += count;
    if (this.outputOffset === chunk.length) {
      this.output.shift();
      this.outputOffset = 0;
    }
    return count;
  }

  /** Makes `count` compressed bytes available at `start`; false at the end of the input, with what there is. */
  private async need(count: number): Promise<boolean> {
    if (this.end - this.start >= count) return true;
    this.input.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    while (this.end < count) {
      const read = await this.raw.read(this.input, this.end, this.input.length - this.end);
      if (read === 0) return false;
      this.end += read;
    }
    return true;
  }

  private async mustHave(count: number): Promise<void> {
    if (!(await this.need(count)) && !this.stopped) throw new Damage('the zstd data is cut short here', true);
  }

  private uint32(at: number): number {
    const { input } = this;
    return (input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24)) >>> 0;
  }

  /** RFC 8878 3.1: a frame, a skippable frame, or the end. */
  private async startFrame(): Promise<boolean> {
    if (!(await this.need(4))) {
      if (this.end === this.start) return false;
      await this.mustHave(4);
    }
    const magic = this.uint32(this.start);
    if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) {
      await this.mustHave(8);
      let left = this.uint32(this.start + 4);
      this.start += 8;
      while (left > 0 && !this.stopped) {
        await this.mustHave(1);
        const skipped = Math.min(left, this.end - this.start);
        this.start += skipped;
        left -= skipped;
      }
      return true;
    }
    if (magic !== MAGIC) throw new Damage('what follows the zstd data here is not zstd', false);
    await this.mustHave(6);
    const descriptor = this.input[this.start + 4]!;
    const singleSegment = (descriptor & 0x20) !== 0;
    const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
    const headerLength = 5 + (singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
    await this.mustHave(headerLength);
    const window = singleSegment ? this.contentSize(sizeBytes, headerLength) : windowSize(this.input[this.start + 5]!);
    if (window > MAX_WINDOW) {
      throw new Damage(`the zstd data needs a window of ${window} bytes; at most ${MAX_WINDOW} are supported`, false);
    }
    if (dictionaryBytes > 0) throw new Damage('the zstd data was compressed with a dictionary', false);
    this.hasChecksum = (descriptor & 4) !== 0;
    this.decoder = this.create!();
    return this.nextBlock(this.decoder, headerLength);
  }

  private contentSize(bytes: number, headerLength: number): number {
    const at = this.start + headerLength - bytes;
    if (bytes === 1) return this.input[at]!;
    if (bytes === 2) return (this.input[at]! | (this.input[at + 1]! << 8)) + 256;
    return this.uint32(at) + (bytes === 8 ? this.uint32(at + 4) * 2 ** 32 : 0);
  }

  /** RFC 8878 3.1.1.2: one block, decoded into `output`. `headerLength` bytes of frame header stand before the first one. */
  private async nextBlock(decoder: FrameDecoder, headerLength: number): Promise<boolean> {
    await this.mustHave(headerLength + 3);
    if (this.stopped) return false;
    const at = this.start + headerLength;
    const header = this.input[at]! | (this.input[at + 1]! << 8) | (this.input[at + 2]! << 16);
    const last = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === 3 || size > MAX_BLOCK) throw new Damage('the zstd data is damaged here (no such block)', false);
    const length = headerLength + 3 + (type === 1 ? 1 : size);
    await this.mustHave(length);
    if (this.stopped) return false;
    await this.decode(decoder, length);
    if (last) {
      if (this.hasChecksum) {
        await this.mustHave(4);
        if (!this.stopped) await this.decode(decoder, 4);
      }
      decoder.close();
      this.decoder = null;
    }
    return true;
  }

  private async decode(decoder: FrameDecoder, length: number): Promise<void> {
    // A copy: the bytes may be in a thread of the pool while more are read.
    const bytes = this.input.slice(this.start, this.start + length);
    this.start += length;
    try {
      for (const chunk of await decoder.push(bytes)) this.output.push(chunk);
    } catch (error) {
      throw new Damage(`the zstd data is damaged here (${(error as Error).message})`, false);
    }
  }

  stop(): void {
    this.stopped = true;
    this.raw.stop();
  }

  close(): void {
    this.decoder?.close();
    this.raw.close();
  }
}

/** RFC 8878 3.1.1.1.2: five bits of exponent, three of mantissa. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}
