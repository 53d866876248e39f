// In: the bytes of a pcapng file. Out: its frames.
// The format: draft-ietf-opsawg-pcapng. Where a writer departs from it, what tshark 4.0.17 accepts is accepted.
//
//   block         type 4 | total length 4 | body, padded to 4 | total length 4
//   section       0x0a0d0d0a | total | byte order 4 | major 2 | minor 2 | section length 8 | options
//   interface     1 | total | link type 2 | reserved 2 | snap length 4 | options
//   enhanced      6 | total | interface 4 | time high 4 | time low 4 | captured 4 | original 4 | frame | options
//   packet (old)  2 | total | interface 2 | drops 2 | ... as enhanced
//   simple        3 | total | original 4 | frame

import { CaptureError } from '../errors.ts';
import { Frame } from './frame.ts';
import type { InputBuffer } from './input.ts';
import { canonicalLinkType, linkTypeName, maxFrameLength } from './linktype.ts';
import type { CaptureInterface, FrameReader } from './reader.ts';
import { TimeResolution } from './time-resolution.ts';

const Block = {
  SECTION: 0x0a0d0d0a,
  INTERFACE: 1,
  PACKET: 2,
  SIMPLE_PACKET: 3,
  SYSTEMD_JOURNAL: 9,
  ENHANCED_PACKET: 6,
  SYSDIG_EVENT: 0x204,
  SYSDIG_EVENT_V2_LARGE: 0x221,
  SYSDIG_EVENT_V2: 0x216,
  CUSTOM: 0xbad,
  CUSTOM_NO_COPY: 0x40000bad,
} as const;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const MIN_BLOCK = 12;
const MIN_SECTION = 28;
const MIN_INTERFACE = 20;
/** Enhanced and old packet blocks: header before the frame, and with the length after it. */
const PACKET_HEADER = 28;
const MIN_PACKET = 32;
const SIMPLE_HEADER = 12;
const MIN_SIMPLE = 16;
/** Wireshark's MAX_BLOCK_SIZE: the largest frame of any link type (128 MiB) and 128 KiB of options. */
const MAX_BLOCK = MIN_PACKET + 128 * 1024 * 1024 + 131072;
/** Of a larger block only what is needed is held in memory; the rest is passed over unseen, its trailing length too. */
const MAX_HELD = 1 << 20;
/** More interfaces than that in one file are no capture but an attack on memory. */
const MAX_INTERFACES = 65536;
const MAX_NAME = 256;
const MAX_INT32 = 0x7fffffff;

const Option = { END: 0, FLAGS: 2, IF_NAME: 2, IF_TSRESOL: 9, IF_FCSLEN: 13, IF_TSOFFSET: 14 } as const;

/** An interface of the current section, with what is needed to read its frames. */
interface SectionInterface extends CaptureInterface {
  readonly maxCaptured: number;
  readonly fcsLength: number;
  readonly resolution: TimeResolution;
}

/** True where `view` (at least 12 bytes) begins a pcapng file. */
export function isPcapng(view: DataView): boolean {
  if (view.byteLength < 12 || view.getUint32(0, true) !== Block.SECTION) return false;
  return view.getUint32(8, true) === BYTE_ORDER_MAGIC || view.getUint32(8, false) === BYTE_ORDER_MAGIC;
}

export class PcapngReader implements FrameReader {
  readonly input: InputBuffer;
  readonly frame = new Frame();
  readonly format = 'pcapng';
  readonly interfaces: CaptureInterface[] = [];
  done = false;
  passedOver = 0;
  private readonly file: number;
  private littleEndian = true;
  private section: SectionInterface[] = [];

  private constructor(input: InputBuffer, file: number) {
    this.input = input;
    this.file = file;
    this.frame.file = file;
  }

  /**
   * Checks the first section header. `input` holds at least twelve bytes, which isPcapng has accepted.
   * @param label the file as it shall be called in messages
   * @throws CaptureError where its version is not known
   */
  static async open(input: InputBuffer, file: number, label: string): Promise<PcapngReader> {
    while (input.end < 16) {
      input.wanted = 16;
      if (!(await input.more())) break;
    }
    if (input.end >= 16) {
      const littleEndian = input.view.getUint32(8, true) === BYTE_ORDER_MAGIC;
      const major = input.view.getUint16(12, littleEndian);
      const minor = input.view.getUint16(14, littleEndian);
      if (!knownVersion(major, minor)) {
        throw new CaptureError(`${label} is a pcapng file of version ${major}.${minor}; 1.0 is supported`);
      }
    }
    return new PcapngReader(input, file);
  }

  next(): boolean {
    const { input } = this;
    while (!this.done) {
      const { view, pos } = input;
      if (input.end - pos < MIN_BLOCK) return this.short(MIN_BLOCK);
      const type = view.getUint32(pos, this.littleEndian);
      if (type === Block.ENHANCED_PACKET || type === Block.PACKET) return this.packet(type);
      if (type === Block.SIMPLE_PACKET) return this.simplePacket();
      if (!this.otherBlock(type)) return false;
    }
    return false;
  }

  private packet(type: number): boolean {
    const { input, littleEndian, frame } = this;
    const { view, pos } = input;
    const total = this.totalLength(pos, MIN_PACKET);
    if (total < 0) return false;
    if (input.end - pos < PACKET_HEADER) return this.short(PACKET_HEADER);
    const id = type === Block.PACKET ? view.getUint16(pos + 8, littleEndian) : view.getUint32(pos + 8, littleEndian);
    const captured = view.getUint32(pos + 20, littleEndian);
    const iface = this.section[id];
    if (iface === undefined) return this.noInterface(id);
    if (captured > iface.maxCaptured) return this.impossible(captured, iface);
    const frameEnd = PACKET_HEADER + ((captured + 3) & ~3);
    if (frameEnd + 4 > total) return this.tooSmall(total, captured);
    const whole = total <= frameEnd + MAX_HELD;
    const held = whole ? total : frameEnd;
    if (input.end - pos < held) return this.short(held);
    if (whole && !this.lengthsAgree(pos, total)) return false;

    const original = view.getUint32(pos + 24, littleEndian);
    iface.resolution.convert(view.getUint32(pos + 12, littleEndian), view.getUint32(pos + 16, littleEndian), frame);
    frame.capturedLength = captured;
    frame.originalLength = Math.min(original, MAX_INT32);
    frame.linkType = iface.linkType;
    frame.fcsLength = iface.fcsLength;
    if (whole && frameEnd + 8 <= total) this.packetOptions(pos + frameEnd, pos + total - 4);
    frame.start = pos + PACKET_HEADER;
    if (frame.bytes !== input.bytes) {
      frame.bytes = input.bytes;
      frame.view = view;
    }
    iface.frames++;
    input.skip(total);
    return true;
  }

  /** Of a packet's options only the flags matter: they may name another FCS length than the interface (in bytes, bits 5 to 8). */
  private packetOptions(at: number, end: number): void {
    const { littleEndian } = this;
    const { view } = this.input;
    while (at + 4 <= end) {
      const code = view.getUint16(at, littleEndian);
      const length = view.getUint16(at + 2, littleEndian);
      if (code === Option.END) return;
      if (code === Option.FLAGS && length === 4 && at + 8 <= end) {
        const fcsLength = (view.getUint32(at + 4, littleEndian) >>> 5) & 0xf;
        if (fcsLength !== 0) this.frame.fcsLength = fcsLength;
        return;
      }
      at += 4 + ((length + 3) & ~3);
    }
  }

  private simplePacket(): boolean {
    const { input, littleEndian, frame } = this;
    const { view, pos } = input;
    const total = this.totalLength(pos, MIN_SIMPLE);
    if (total < 0) return false;
    const original = view.getUint32(pos + 8, littleEndian);
    const iface = this.section[0];
    if (iface === undefined) return this.noInterface(0);
    const captured = Math.min(original, iface.snapLength ?? original);
    if (captured > iface.maxCaptured) return this.impossible(captured, iface);
    const frameEnd = SIMPLE_HEADER + ((captured + 3) & ~3);
    if (frameEnd + 4 > total) return this.tooSmall(total, captured);
    const whole = total <= frameEnd + MAX_HELD;
    const held = whole ? total : frameEnd;
    if (input.end - pos < held) return this.short(held);
    if (whole && !this.lengthsAgree(pos, total)) return false;

    // A simple packet has no time. 0 sorts it first in a merge, where Wireshark, too, delivers such a frame at once.
    frame.seconds = 0;
    frame.nanoseconds = 0;
    frame.capturedLength = captured;
    frame.originalLength = Math.min(original, MAX_INT32);
    frame.linkType = iface.linkType;
    frame.fcsLength = iface.fcsLength;
    frame.start = pos + SIMPLE_HEADER;
    frame.bytes = input.bytes;
    frame.view = view;
    iface.frames++;
    input.skip(total);
    return true;
  }

  /** Reads or passes over a block that holds no frame. */
  private otherBlock(type: number): boolean {
    const { input } = this;
    const { view, pos } = input;
    if (type === Block.SECTION) {
      const little = view.getUint32(pos + 8, true) === BYTE_ORDER_MAGIC;
      if (!little && view.getUint32(pos + 8, false) !== BYTE_ORDER_MAGIC) {
        const found = `0x${view
          .getUint32(pos + 8, false)
          .toString(16)
          .padStart(8, '0')}`;
        return this.damage(`a section header with the byte order mark ${found} stands here`);
      }
      this.littleEndian = little;
    }
    const minimum = type === Block.SECTION ? MIN_SECTION : type === Block.INTERFACE ? MIN_INTERFACE : MIN_BLOCK;
    const total = this.totalLength(pos, minimum);
    if (total < 0) return false;
    const whole = total <= MAX_HELD;
    if (!whole && type === Block.INTERFACE)
      return this.damage(`an interface description of ${total} bytes is announced here`);
    const held = whole ? total : MIN_SECTION;
    if (input.end - pos < held) return this.short(held);
    if (whole && !this.lengthsAgree(pos, total)) return false;

    switch (type) {
      case Block.SECTION: {
        const major = view.getUint16(pos + 12, this.littleEndian);
        const minor = view.getUint16(pos + 14, this.littleEndian);
        if (!knownVersion(major, minor))
          return this.damage(`a section of pcapng version ${major}.${minor} begins here`);
        this.section = [];
        break;
      }
      case Block.INTERFACE:
        if (this.interfaces.length === MAX_INTERFACES) {
          return this.damage(`interface ${MAX_INTERFACES + 1} is described here, and no capture has that many`);
        }
        this.addInterface(pos, total);
        break;
      case Block.CUSTOM:
      case Block.CUSTOM_NO_COPY:
      case Block.SYSTEMD_JOURNAL:
      case Block.SYSDIG_EVENT:
      case Block.SYSDIG_EVENT_V2_LARGE:
      case Block.SYSDIG_EVENT_V2:
        // tshark 4.0.17 gives these frame numbers.
        this.passedOver++;
        break;
    }
    input.skip(total);
    return true;
  }

  private addInterface(pos: number, total: number): void {
    const { littleEndian } = this;
    const { view, bytes } = this.input;
    const linkType = canonicalLinkType(view.getUint16(pos + 8, littleEndian));
    const snapLength = view.getUint32(pos + 12, littleEndian);
    let name: string | null = null;
    let tsresol = 6;
    let offsetSeconds = 0;
    let fcsLength = 0;
    const end = pos + total - 4;
    for (let at = pos + 16; at + 4 <= end; ) {
      const code = view.getUint16(at, littleEndian);
      const length = view.getUint16(at + 2, littleEndian);
      const value = at + 4;
      if (code === Option.END || value + length > end) break;
      if (code === Option.IF_NAME) {
        name = new TextDecoder().decode(bytes.subarray(value, value + Math.min(length, MAX_NAME))).replace(/\0+$/, '');
      } else if (code === Option.IF_TSRESOL && length === 1) {
        tsresol = view.getUint8(value);
      } else if (code === Option.IF_FCSLEN && length === 1) {
        // Bits, says the specification, and gives the example 4: no FCS has fewer than 8 bits, so such a value counts bytes.
        const size = view.getUint8(value);
        fcsLength = size < 8 ? size : size >> 3;
      } else if (code === Option.IF_TSOFFSET && length === 8) {
        offsetSeconds = Number(view.getBigInt64(value, littleEndian));
      }
      at = value + ((length + 3) & ~3);
    }
    const iface: SectionInterface = {
      file: this.file,
      name,
      linkType,
      snapLength: snapLength === 0 ? null : snapLength,
      frames: 0,
      maxCaptured: maxFrameLength(linkType),
      fcsLength,
      resolution: new TimeResolution(tsresol, offsetSeconds),
    };
    this.section.push(iface);
    this.interfaces.push(iface);
  }

  /** The block's length, rounded up to the 4 bytes that some writers forget (as Wireshark does); -1 where it cannot be. */
  private totalLength(pos: number, minimum: number): number {
    const written = this.input.view.getUint32(pos + 4, this.littleEndian);
    if (written < minimum) {
      this.damage(`a block of ${written} bytes is announced here, and this kind has at least ${minimum}`);
      return -1;
    }
    if (written > MAX_BLOCK) {
      this.damage(`a block of ${written} bytes is announced here, and at most ${MAX_BLOCK} can be`);
      return -1;
    }
    return (written + 3) & ~3;
  }

  private lengthsAgree(pos: number, total: number): boolean {
    const trailing = this.input.view.getUint32(pos + total - 4, this.littleEndian);
    if (trailing <= MAX_BLOCK && ((trailing + 3) & ~3) === total) return true;
    return this.damage(
      `the block that begins here gives its length as ${total} before and as ${trailing} after its content`,
    );
  }

  private short(wanted: number): false {
    const { input } = this;
    if (!input.ended) {
      input.wanted = wanted;
      return false;
    }
    this.done = true;
    const here = input.end - input.pos;
    if (here > 0) input.warn(`the capture is cut short inside a block (${here} bytes of it are there)`, true);
    return false;
  }

  private damage(message: string): false {
    this.done = true;
    this.input.warn(`the capture is damaged: ${message}`, false);
    return false;
  }

  private noInterface(id: number): false {
    return this.damage(
      `a frame of interface ${id} stands here, and ${this.section.length} are described in its section`,
    );
  }

  private impossible(captured: number, iface: SectionInterface): false {
    const limit = `${linkTypeName(iface.linkType)} has at most ${iface.maxCaptured}`;
    return this.damage(`a frame of ${captured} bytes is announced here, and ${limit}`);
  }

  private tooSmall(total: number, captured: number): false {
    return this.damage(`the block that begins here has ${total} bytes, too few for a frame of ${captured}`);
  }
}

/** 1.0; and 1.2, which is written for 1.0 (draft-ietf-opsawg-pcapng, section header block). */
function knownVersion(major: number, minor: number): boolean {
  return major === 1 && (minor === 0 || minor === 2);
}
