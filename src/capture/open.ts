// In: the names of capture files, "-" for standard input. Out: their frames, one after the other, as one trace.
//
//   source.ts     bytes of a file or a stream            gzip.ts, zstd.ts   unpacked
//   input.ts      the chunk at hand                      pcap.ts, pcapng.ts frames in it
//   here          what is it? and several files merged by time

import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import { CaptureError, type CaptureWarning, UsageError } from '../errors.ts';
import type { LinearMemory } from '../linear/memory.ts';
import type { Frame } from './frame.ts';
import { FRAMES_PER_RUN, FrameRun } from './frame-run.ts';
import { CHUNK, InputBuffer } from './input.ts';
import { linkTypeName } from './linktype.ts';
import { type Packing, packingOf, printableName, quoteBytes, recognize } from './magic.ts';
import { isPcap, PcapReader } from './pcap.ts';
import { isPcapng, PcapngReader } from './pcapng.ts';
import type { CaptureInterface, FrameReader } from './reader.ts';
import { type ByteSource, openDescriptor, openPath, type RawSource, StreamSource } from './source.ts';

export type { CaptureInterface } from './reader.ts';

export interface OpenOptions {
  /** What is behind "-": a stream, or a file descriptor that is open. */
  readonly stdin?: Readable | number;
  /** When it fires, the capture ends where it is: a `fill` that waits comes back with false. */
  readonly signal?: AbortSignal;
  /** Bytes read at once; only tests and measurements need another than the default. */
  readonly chunkBytes?: number;
  /** Where the runs of one file, and the chunks they lie in, are to be; default: anywhere. */
  readonly memory?: LinearMemory;
}

/**
 * Frames of one or several files as one trace. The loop that reads them all:
 *
 *     do {
 *       for (let f = capture.next(); f !== null; f = capture.next()) { ... }
 *     } while (await capture.fill());
 */
export interface Capture {
  /**
   * The next frame, or null: more bytes are needed, or there is none. The frame is borrowed: valid until the next call of `next` or
   * `fill`. Several files are merged by time: of the frames that are next in their files the earliest comes first, at equal times
   * the one of the file named first. Inside a file the order is never changed.
   */
  next(): Frame | null;
  /**
   * As many of the next frames as are at hand and have room in a run: as calls of `next` would deliver them, valid as long. Null where `next` would
   * answer null. Not of several files at once. `into`: gives the run to read into, where they lie in `bytes`, or null for the capture's own.
   */
  nextRun?(into?: (bytes: Uint8Array) => FrameRun | null): FrameRun | null;
  /** Reads the next chunks. False: everything has been read. Damage is no error: it ends the file it is in and is told in `warnings`. */
  fill(): Promise<boolean>;
  /**
   * Reads on into memory of the caller's: see InputBuffer.lend. Not of several files at once. Frames lie there from the second
   * chunk on, but for the very large.
   */
  readInto?(lend: () => Uint8Array | Promise<Uint8Array>): void;
  /** Ends the capture where it is; a `fill` that waits comes back with false. */
  stop(): void;
  close(): Promise<void>;
  /** As given. */
  readonly files: readonly string[];
  /** What each file turned out to be: "pcap", "pcap (nanoseconds), gzip", "pcapng, zstd", ... */
  readonly formats: readonly string[];
  /** Names of the link types met so far, in order of appearance, as tcpdump.org/linktypes.html has them without LINKTYPE_. */
  readonly linkTypes: readonly string[];
  readonly interfaces: readonly CaptureInterface[];
  readonly warnings: readonly CaptureWarning[];
  /** Bytes of the files read so far, compressed where they are. */
  readonly bytesRead: number;
  /** Size of all files; null where one is a stream. */
  readonly totalBytes: number | null;
}

/** Memory for the chunks of all files together; each has at least MIN_CHUNK. */
const CHUNKS_TOTAL = 1 << 23;
const MIN_CHUNK = 1 << 15;
/** Files read ahead at most: each then takes nine chunks. Of many merged files most are waiting for their turn. */
const MOST_AHEAD = 8;

/**
 * Opens captures: pcap and pcapng in all their variants, plain or in gzip or zstd, told by their content.
 * @throws UsageError where nothing was named, or standard input twice
 * @throws CaptureError where one of them cannot be read or is no capture
 */
export async function openCapture(paths: readonly string[], options: OpenOptions = {}): Promise<Capture> {
  if (paths.length === 0) throw new UsageError('no capture file was named');
  if (paths.indexOf('-') !== paths.lastIndexOf('-')) throw new UsageError('standard input (-) can be read only once');
  const chunk = options.chunkBytes ?? Math.max(MIN_CHUNK, Math.min(CHUNK, Math.floor(CHUNKS_TOTAL / paths.length)));
  const memory = paths.length === 1 ? (options.memory ?? null) : null;
  const warnings: CaptureWarning[] = [];
  const opened: OpenedFile[] = [];
  // One listener, however many files: Node warns of more than ten.
  const stoppable: { stop(): void }[] = [];
  const { signal } = options;
  const stop = (): void => {
    for (const each of stoppable) each.stop();
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (const [file, path] of paths.entries()) {
      opened.push(await openOne(path, file, chunk, warnings, memory, options, (source) => stoppable.push(source)));
    }
  } catch (error) {
    for (const { reader } of opened) reader.input.source.close();
    throw error;
  }
  const capture =
    opened.length === 1
      ? new SingleCapture(paths, opened, warnings, memory)
      : new MergedCapture(paths, opened, warnings);
  stoppable.push(capture);
  if (signal?.aborted) capture.stop();
  return capture;
}

interface OpenedFile {
  readonly reader: FrameReader;
  /** "", ", gzip" or ", zstd". */
  readonly packing: string;
}

async function openOne(
  path: string,
  file: number,
  chunk: number,
  warnings: CaptureWarning[],
  memory: LinearMemory | null,
  options: OpenOptions,
  onOpen: (source: RawSource) => void,
): Promise<OpenedFile> {
  const label = path === '-' ? 'standard input' : printableName(path);
  const raw = path === '-' ? await standardInput(options) : await openPath(path, label);
  onOpen(raw);
  let source: ByteSource = raw;
  try {
    let input = new InputBuffer(raw, path, warnings, chunk, memory);
    await readHead(input, 4);
    const packing = packingOf(input.bytes.subarray(0, input.end));
    if (packing !== '') {
      source = await unpack(raw, packing, input.bytes.slice(0, input.end));
      input = new InputBuffer(source, path, warnings, chunk, memory);
      await readHead(input, 4);
    }
    const reader = await identify(input, file, label, packing);
    return { reader, packing: packing === '' ? '' : `, ${packing}` };
  } catch (error) {
    source.close();
    throw error;
  }
}

async function standardInput({ stdin }: OpenOptions): Promise<RawSource> {
  if (stdin === undefined) throw new UsageError('standard input cannot be read here');
  return typeof stdin === 'number' ? await openDescriptor(stdin) : new StreamSource(stdin);
}

async function readHead(input: InputBuffer, count: number): Promise<void> {
  while (input.end < count && (await input.more())) {}
}

async function unpack(raw: RawSource, packing: Packing, head: Uint8Array): Promise<ByteSource> {
  raw.unread(head);
  if (packing === 'gzip') {
    const { GzipSource } = await import('./gzip.ts');
    return new GzipSource(raw);
  }
  const { ZstdSource } = await import('./zstd.ts');
  return new ZstdSource(raw);
}

async function identify(input: InputBuffer, file: number, label: string, packing: Packing): Promise<FrameReader> {
  const inside = packing === '' ? '' : `, unpacked from ${packing},`;
  if (input.end >= 4) {
    if (isPcap(input.view)) return PcapReader.open(input, file, label);
    await readHead(input, 12);
    if (isPcapng(new DataView(input.bytes.buffer, input.bytes.byteOffset, input.end)))
      return PcapngReader.open(input, file, label);
  }
  if (input.end < 4 && input.warning !== null) {
    const { message, offset } = input.warning;
    throw new CaptureError(
      `${label} cannot be read: ${message} (at byte ${offset}${packing === '' ? '' : ' of what is in it'})`,
    );
  }
  if (input.end === 0) {
    throw new CaptureError(
      packing === '' ? `${label} is empty` : `${label} is empty: its ${packing} data holds nothing`,
    );
  }
  // A tar archive is known by its 257th byte.
  await readHead(input, 262);
  const bytes = input.bytes.subarray(0, input.end);
  const known = recognize(bytes, label);
  if (known !== null)
    throw new CaptureError(`${label}${inside} is ${known.is}, which is not supported (${known.advice})`);
  const nested = packing === '' ? '' : packingOf(input.bytes.subarray(0, input.end));
  if (nested !== '')
    throw new CaptureError(
      `${label} is packed twice (${nested} in ${packing}), which is not supported (unpack it once)`,
    );
  throw new CaptureError(
    `${label}${inside} is not a capture: it begins with ${quoteBytes(bytes)} (expected pcap or pcapng, plain, gzip or zstd)`,
  );
}

/** Real pauses for the event loop, so that signals and timers are seen: after so many chunks read without waiting. */
const CHUNKS_PER_TURN = 16;

abstract class OpenCapture implements Capture {
  readonly files: readonly string[];
  readonly warnings: readonly CaptureWarning[];
  readonly totalBytes: number | null;
  protected readonly readers: readonly FrameReader[];
  /** Number of the last frame. */
  protected number = 0;
  private readonly packings: readonly string[];
  private synchronousChunks = 0;

  constructor(files: readonly string[], opened: readonly OpenedFile[], warnings: CaptureWarning[]) {
    this.files = [...files];
    this.warnings = warnings;
    this.readers = opened.map(({ reader }) => reader);
    this.packings = opened.map(({ packing }) => packing);
    let total: number | null = 0;
    for (const { input } of this.readers) {
      // With one core there is nobody who could read beside us.
      input.mayReadAhead = this.readers.length <= MOST_AHEAD && availableParallelism() > 1;
      total = total === null || input.source.totalBytes === null ? null : total + input.source.totalBytes;
    }
    this.totalBytes = total;
  }

  abstract next(): Frame | null;

  async fill(): Promise<boolean> {
    let busy = false;
    for (const reader of this.readers) {
      if (reader.done) continue;
      busy = true;
      if (!this.hungry(reader)) continue;
      const more = reader.input.more();
      if (typeof more === 'boolean') this.synchronousChunks++;
      else await more;
    }
    if (this.synchronousChunks >= CHUNKS_PER_TURN) {
      this.synchronousChunks = 0;
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
    return busy && this.readers.some((reader) => !reader.done);
  }

  /** True where a reader cannot give its next frame without more bytes. */
  protected abstract hungry(reader: FrameReader): boolean;

  protected numbered(reader: FrameReader): Frame {
    if (reader.passedOver !== 0) {
      this.number += reader.passedOver;
      reader.passedOver = 0;
    }
    reader.frame.number = ++this.number;
    return reader.frame;
  }

  stop(): void {
    for (const reader of this.readers) {
      reader.done = true;
      reader.input.stop();
    }
  }

  async close(): Promise<void> {
    for (const reader of this.readers) {
      reader.done = true;
      reader.input.source.close();
    }
  }

  get formats(): readonly string[] {
    return this.readers.map((reader, i) => reader.format + this.packings[i]!);
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.readers.flatMap((reader) => reader.interfaces);
  }

  get linkTypes(): readonly string[] {
    const { interfaces } = this;
    const used = interfaces.filter((iface) => iface.frames > 0);
    return [...new Set((used.length > 0 ? used : interfaces).map((iface) => linkTypeName(iface.linkType)))];
  }

  get bytesRead(): number {
    return this.readers.reduce((sum, { input }) => sum + input.source.bytesRead, 0);
  }
}

class SingleCapture extends OpenCapture {
  private readonly reader: FrameReader = this.readers[0]!;
  private readonly run: FrameRun;

  constructor(
    files: readonly string[],
    opened: readonly OpenedFile[],
    warnings: CaptureWarning[],
    memory: LinearMemory | null,
  ) {
    super(files, opened, warnings);
    this.run = new FrameRun(memory);
  }

  next(): Frame | null {
    const { reader } = this;
    if (reader.done || !reader.next()) return null;
    return this.numbered(reader);
  }

  nextRun(into?: (bytes: Uint8Array) => FrameRun | null): FrameRun | null {
    const { reader } = this;
    const run = into?.(reader.input.bytes) ?? this.run;
    run.count = 0;
    while (run.count < FRAMES_PER_RUN && !reader.done) {
      this.number += reader.nextRun?.(run, this.number) ?? 0;
      if (run.count === FRAMES_PER_RUN || !reader.next()) break;
      run.add(this.numbered(reader));
    }
    return run.count > 0 ? run : null;
  }

  protected hungry(): boolean {
    return true;
  }

  readInto(lend: () => Uint8Array | Promise<Uint8Array>): void {
    this.reader.input.lend = lend;
  }
}

class MergedCapture extends OpenCapture {
  /** Readers that hold their next frame. */
  private readonly ready = new Set<FrameReader>();
  /** The reader whose frame was delivered last. */
  private current: FrameReader | null = null;
  /** The reader with the earliest frame of all others, or null: as long as `current` stays before it, nobody else need be asked. */
  private rival: FrameReader | null = null;
  private rivalKnown = false;

  next(): Frame | null {
    const { current, rival } = this;
    if (current !== null) {
      if (current.next()) {
        if (this.rivalKnown && (rival === null || comesFirst(current, rival))) return this.numbered(current);
        this.ready.add(current);
      } else if (!current.done) {
        return null;
      }
      this.current = null;
    }
    return this.choose();
  }

  private choose(): Frame | null {
    let first: FrameReader | null = null;
    let second: FrameReader | null = null;
    let waiting = false;
    for (const reader of this.readers) {
      if (!this.ready.has(reader)) {
        if (reader.done) continue;
        if (!reader.next()) {
          waiting ||= !reader.done;
          continue;
        }
        this.ready.add(reader);
      }
      if (first === null || comesFirst(reader, first)) {
        second = first;
        first = reader;
      } else if (second === null || comesFirst(reader, second)) {
        second = reader;
      }
    }
    if (waiting || first === null) return null;
    this.ready.delete(first);
    this.current = first;
    this.rival = second;
    this.rivalKnown = true;
    return this.numbered(first);
  }

  protected hungry(reader: FrameReader): boolean {
    return !this.ready.has(reader) && (this.current === null || this.current === reader);
  }

  override stop(): void {
    super.stop();
    this.ready.clear();
    this.current = null;
  }
}

/** mergecap's order, but for equal times: there the file named first, so that a capture cut into files is put together as it was. */
function comesFirst(a: FrameReader, b: FrameReader): boolean {
  const x = a.frame;
  const y = b.frame;
  if (x.seconds !== y.seconds) return x.seconds < y.seconds;
  if (x.nanoseconds !== y.nanoseconds) return x.nanoseconds < y.nanoseconds;
  return x.file < y.file;
}
