// In: the bytes of a pcap file. Out: its frames.
// The format: draft-ietf-opsawg-pcap; its variants as libpcap (sf-pcap.c) and Wireshark (wiretap/libpcap.c) know them.
//
//   file header   magic 4 | major 2 | minor 2 | zone 4 | figures 4 | snap length 4 | link type 4
//   record        seconds 4 | fraction 4 | captured length 4 | original length 4 | (variant: 4, 8 or 12 more) | frame

import { CaptureError } from '../errors.ts';
import { RECORD_WORDS, RecordWord } from '../linear/layout.ts';
import type { LinearMemory } from '../linear/memory.ts';
import { Frame } from './frame.ts';
import { type FrameRun, originOf } from './frame-run.ts';
import type { InputBuffer } from './input.ts';
import { canonicalLinkType, linkTypeName, maxFrameLength } from './linktype.ts';
import type { CaptureInterface, FrameReader } from './reader.ts';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const MAX_INT32 = 0x7fffffff;

/** The four ways of the magic number, read in the order that makes them equal these. */
const Magic = {
  MICROSECONDS: 0xa1b2c3d4,
  NANOSECONDS: 0xa1b23c4d,
  /** Alexey Kuznetzov's patched libpcap of 1999. */
  MODIFIED: 0xa1b2cd34,
  /** Ixia's lcap: four more bytes of file header (the length of what follows). */
  IXIA_HARDWARE: 0x1c0001ac,
  IXIA_SOFTWARE: 0x1c0001ab,
} as const;
const MAGICS: ReadonlySet<number> = new Set(Object.values(Magic));

/** True where `bytes` (at least 4) begin a pcap file. */
export function isPcap(view: DataView): boolean {
  return MAGICS.has(view.getUint32(0, true)) || MAGICS.has(view.getUint32(0, false));
}

/** Record headers that cannot be told from the file header; libpcap 1999 patches and Nokia's. Extra bytes per record. */
interface Variant {
  readonly name: string;
  readonly extra: number;
}
const STANDARD: Variant = { name: 'pcap', extra: 0 };
const SS990417: Variant = { name: 'pcap (modified, 1999-04-17)', extra: 8 };
const SS990915: Variant = { name: 'pcap (modified, 1999-09-15)', extra: 12 };
const SS991029: Variant = { name: 'pcap (modified)', extra: 8 };
const NOKIA: Variant = { name: 'pcap (Nokia)', extra: 4 };

/** Which of a record's two lengths comes first (they changed places with version 2.3). */
const LengthOrder = { CAPTURED_FIRST: 0, ORIGINAL_FIRST: 1, SMALLER_IS_CAPTURED: 2 } as const;
type LengthOrder = (typeof LengthOrder)[keyof typeof LengthOrder];

export class PcapReader implements FrameReader {
  readonly input: InputBuffer;
  readonly frame = new Frame();
  readonly interfaces: CaptureInterface[];
  format = 'pcap';
  done = false;
  passedOver = 0;
  private readonly interface: CaptureInterface;
  private readonly littleEndian: boolean;
  private recordHeader = RECORD_HEADER;
  private fractionToNanoseconds = 1000;
  private fractionsPerSecond = 1_000_000;
  private lengthOrder: LengthOrder = LengthOrder.CAPTURED_FIRST;
  private readonly maxCaptured: number;
  /** What the program that reads runs knows of this (RecordWord). */
  private words: Int32Array | null = null;

  private constructor(input: InputBuffer, iface: CaptureInterface, littleEndian: boolean) {
    this.input = input;
    this.interface = iface;
    this.interfaces = [iface];
    this.littleEndian = littleEndian;
    this.maxCaptured = maxFrameLength(iface.linkType);
    this.frame.linkType = iface.linkType;
    this.frame.file = iface.file;
  }

  /**
   * Reads the file header. `input` holds at least four bytes, which isPcap has accepted.
   * @param label the file as it shall be called in messages
   * @throws CaptureError where no reader could make sense of the rest
   */
  static async open(input: InputBuffer, file: number, label: string): Promise<PcapReader> {
    const littleEndian = MAGICS.has(input.view.getUint32(0, true));
    const magic = input.view.getUint32(0, littleEndian);
    const ixia = magic === Magic.IXIA_HARDWARE || magic === Magic.IXIA_SOFTWARE;
    const headerLength = FILE_HEADER + (ixia ? 4 : 0);
    if (!(await atLeast(input, headerLength))) {
      const iface = { file, name: null, linkType: -1, snapLength: null, frames: 0 };
      const reader = new PcapReader(input, iface, littleEndian);
      reader.interfaces.pop();
      reader.done = true;
      const message = `the capture is cut short inside its file header (${input.end} of ${headerLength} bytes are there)`;
      input.warn(message, true, input.end);
      return reader;
    }

    const { view } = input;
    const major = view.getUint16(4, littleEndian);
    const minor = view.getUint16(6, littleEndian);
    const snapLength = view.getUint32(16, littleEndian);
    let network = view.getUint32(20, littleEndian);
    if (major < 2)
      throw new CaptureError(`${label} is a pcap file of version ${major}.${minor}; 2.0 and later are supported`);
    // AIX writes version 2.2, nanoseconds and RFC 1573 interface types. Wireshark's test for it: those types mean nothing else then.
    const aix = magic === Magic.MICROSECONDS && major === 2 && minor === 2 ? AIX_LINK_TYPES[network] : undefined;
    if (aix !== undefined) network = aix;
    // Upper half: FCS length in units of two bytes (4 bits), reserved, FCS length present, ten bits that must be zero.
    if ((network & 0x03ff0000) !== 0) {
      const field = `0x${network.toString(16).padStart(8, '0')}`;
      throw new CaptureError(`${label} has a link type field that no pcap version defines (${field}, at byte 20)`);
    }
    const linkType = canonicalLinkType(network & 0xffff);
    const iface = { file, name: null, linkType, snapLength: snapLength === 0 ? null : snapLength, frames: 0 };
    const reader = new PcapReader(input, iface, littleEndian);
    if ((network & 0x04000000) !== 0) reader.frame.fcsLength = (network >>> 28) * 2;
    if (magic === Magic.NANOSECONDS || magic === Magic.IXIA_HARDWARE || aix !== undefined) {
      reader.fractionToNanoseconds = 1;
      reader.fractionsPerSecond = 1_000_000_000;
      reader.format = aix !== undefined ? 'pcap (AIX)' : 'pcap (nanoseconds)';
    }
    // 543.0 is DG/UX. 2.3 was written by programs of both minds.
    if ((major === 2 && minor < 3) || major === 543) reader.lengthOrder = LengthOrder.ORIGINAL_FIRST;
    else if (major === 2 && minor === 3) reader.lengthOrder = LengthOrder.SMALLER_IS_CAPTURED;
    input.pos = headerLength;

    if (magic === Magic.MODIFIED) reader.use(await reader.guess([SS991029, SS990915]));
    else if (magic === Magic.MICROSECONDS && reader.lengthOrder === LengthOrder.CAPTURED_FIRST && !input.source.live) {
      // A live capture must not wait for its third frame before the first is seen; Wireshark takes pipes for standard, too.
      reader.use(await reader.guess([STANDARD, SS990417, NOKIA]));
    }
    return reader;
  }

  private use(variant: Variant): void {
    if (variant === STANDARD) return;
    this.format = variant.name;
    this.recordHeader = RECORD_HEADER + variant.extra;
  }

  /** The first variant under which the first records make sense, else the first of all. As Wireshark does, though it takes the least bad. */
  private async guess(variants: readonly Variant[]): Promise<Variant> {
    for (const variant of variants) if (await this.fits(variant)) return variant;
    return variants[0]!;
  }

  private async fits(variant: Variant): Promise<boolean> {
    const { input, littleEndian } = this;
    const headerLength = RECORD_HEADER + variant.extra;
    // From input.pos, which moves when more is read.
    let offset = 0;
    let firstSeconds = 0;
    for (let record = 0; record < 3; record++) {
      if (!(await atLeast(input, offset + headerLength))) return input.end - input.pos === offset;
      const { view } = input;
      const at = input.pos + offset;
      const seconds = view.getUint32(at, littleEndian);
      const captured = view.getUint32(at + 8, littleEndian);
      const original = view.getUint32(at + 12, littleEndian);
      if (view.getUint32(at + 4, littleEndian) >= 1_000_000) return false;
      if (captured > this.maxCaptured || captured > original || original > MAX_ORIGINAL) return false;
      if (variant === SS990417 || variant === NOKIA) {
        // Their magic number says standard. To be believed instead, their records must belong together as well: within a year.
        if (record === 0) firstSeconds = seconds;
        else if (Math.abs(seconds - firstSeconds) > SECONDS_PER_YEAR) return false;
      }
      if (variant === NOKIA && !nokiaTag(view, at, littleEndian)) return false;
      if (variant !== STANDARD && variant !== NOKIA && !linuxTag(view, at, littleEndian)) return false;
      offset += headerLength + captured;
      if (!(await atLeast(input, offset))) return false;
    }
    return true;
  }

  next(): boolean {
    const { input, littleEndian, frame } = this;
    const { view, pos } = input;
    const start = pos + this.recordHeader;
    if (start > input.end) return this.short(this.recordHeader, 0);
    let seconds = view.getUint32(pos, littleEndian);
    let fraction = view.getUint32(pos + 4, littleEndian);
    let captured = view.getUint32(pos + 8, littleEndian);
    let original = view.getUint32(pos + 12, littleEndian);
    if (this.lengthOrder !== LengthOrder.CAPTURED_FIRST && this.lengthsSwapped(captured, original)) {
      const first = captured;
      captured = original;
      original = first;
    }
    if (captured > this.maxCaptured) return this.impossible(captured);
    if (captured > input.end - start) return this.short(this.recordHeader + captured, captured);
    input.pos = start + captured;
    if (fraction >= this.fractionsPerSecond) {
      // Seen from writers that count on past the second; the sum is what they mean.
      seconds += Math.floor(fraction / this.fractionsPerSecond);
      fraction %= this.fractionsPerSecond;
    }
    frame.seconds = seconds;
    frame.nanoseconds = fraction * this.fractionToNanoseconds;
    frame.capturedLength = captured;
    frame.originalLength = Math.min(original, MAX_INT32);
    frame.start = start;
    if (frame.bytes !== input.bytes) {
      frame.bytes = input.bytes;
      frame.view = view;
    }
    this.interface.frames++;
    return true;
  }

  nextRun(run: FrameRun, number: number): number {
    const { input, frame } = this;
    const { memory } = run;
    if (memory === null || this.lengthOrder !== LengthOrder.CAPTURED_FIRST) return 0;
    this.words ??= this.describe(memory);
    const { words } = this;
    words[RecordWord.POSITION] = input.pos;
    frame.bytes = input.bytes;
    frame.view = input.view;
    run.lieIn(input.bytes, input.view);
    const { count } = run;
    run.count = memory.program.readRecords(
      words.byteOffset,
      run.address,
      count,
      input.bytes.byteOffset,
      input.end,
      number,
    );
    input.pos = words[RecordWord.POSITION]!;
    this.interface.frames += run.count - count;
    return run.count - count;
  }

  /** What the program has to know of the file. */
  private describe(memory: LinearMemory): Int32Array {
    const words = memory.int32(memory.allocate(RECORD_WORDS * 4), RECORD_WORDS);
    words[RecordWord.HEADER] = this.recordHeader;
    words[RecordWord.IS_BIG_ENDIAN] = this.littleEndian ? 0 : 1;
    words[RecordWord.NANOSECONDS_PER_FRACTION] = this.fractionToNanoseconds;
    words[RecordWord.FRACTIONS_PER_SECOND] = this.fractionsPerSecond;
    words[RecordWord.MOST_CAPTURED] = this.maxCaptured;
    words[RecordWord.LINK_TYPE] = this.frame.linkType;
    words[RecordWord.ORIGIN] = originOf(this.frame);
    return words;
  }

  private lengthsSwapped(captured: number, original: number): boolean {
    return this.lengthOrder === LengthOrder.ORIGINAL_FIRST || captured > original;
  }

  private short(wanted: number, captured: number): false {
    const { input } = this;
    if (this.done) return false;
    if (!input.ended) {
      input.wanted = wanted;
      return false;
    }
    this.done = true;
    const here = input.end - input.pos;
    if (here > 0) {
      const message =
        captured === 0
          ? `the capture is cut short inside a record header (${here} of ${this.recordHeader} bytes are there)`
          : `the capture is cut short inside a frame (${here - this.recordHeader} of ${captured} bytes are there)`;
      input.warn(message, true);
    }
    return false;
  }

  private impossible(captured: number): false {
    this.done = true;
    const limit = `${linkTypeName(this.interface.linkType)} has at most ${this.maxCaptured}`;
    this.input.warn(`the capture is damaged: a frame of ${captured} bytes is announced here, and ${limit}`, false);
    return false;
  }
}

/** Largest original length Wireshark believes when it guesses a variant. */
const MAX_ORIGINAL = 128 * 1024 * 1024;
const SECONDS_PER_YEAR = 366 * 86400;

/** RFC 1573 interface types in AIX files: Ethernet, Token Ring, loopback. (FDDI, with 3 bytes of padding, is not supported.) */
const AIX_LINK_TYPES: Readonly<Record<number, number>> = { 6: 1, 9: 6, 24: 0 };

/** The patched libpcap's fields: interface index 4, protocol 2 (an ETH_P_ value), packet type 1 (PACKET_HOST to PACKET_OUTGOING). */
function linuxTag(view: DataView, at: number, littleEndian: boolean): boolean {
  const protocol = view.getUint16(at + 20, littleEndian);
  const known = protocol >= 0x600 || protocol <= 0x17 || protocol === 0x60 || protocol === 0x200 || protocol === 0x400;
  return view.getUint32(at + 16, littleEndian) <= 10000 && known && view.getUint8(at + 22) <= 4;
}

/** Nokia's field, by the values Wireshark has seen in it: 0xXfbfYZ0W with X 9 or b, Y b or d, Z 6 or 9, W 1 or 2. */
function nokiaTag(view: DataView, at: number, littleEndian: boolean): boolean {
  const tag = view.getUint32(at + 16, littleEndian);
  const part = (shift: number): number => (tag >>> shift) & 0xf;
  return (
    (tag & 0x0fff00f0) === 0x0fbf0000 &&
    (part(28) === 0x9 || part(28) === 0xb) &&
    (part(12) === 0xb || part(12) === 0xd) &&
    (part(8) === 0x6 || part(8) === 0x9) &&
    (part(0) === 1 || part(0) === 2)
  );
}

/** Reads on until `count` bytes from `pos` on are there; false where the input ends before. */
async function atLeast(input: InputBuffer, count: number): Promise<boolean> {
  while (input.end - input.pos < count) {
    input.wanted = count;
    if (!(await input.more())) return false;
  }
  return true;
}
