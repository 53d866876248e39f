// In: a run of frames, or one packet. Out: the numbers of those that are simple segments, one row of words each.
//
// Simple: acknowledgments, with data or FIN or neither, and with no option but timestamps. They are nearly all there are. Of a run only those in
// Ethernet and IPv4 are looked for; what a frame is otherwise, decode.ts finds out.

import type { Frame } from '../capture/frame.ts';
import { FRAMES_PER_RUN, FrameRun } from '../capture/frame-run.ts';
import { Checksum, tcpChecksum, tcpChecksumInIpv4 } from './checksum.ts';
import { Flag, HeaderCut, Packet, PacketKind, type Payload } from './packet.ts';
import { payloadPrint, printOfPayload } from './payload-print.ts';
import { hashOfEnds, shareOf, shareOfFrame, tupleHash } from './share.ts';
import {
  hasTimestampsAlone,
  headerLengthOf,
  IP,
  readUsual,
  TCP,
  TCP_HEADER,
  TCP_HEADER_WITH_TIMESTAMPS,
} from './usual.ts';

/** Words of a row; as in Packet where nothing is said. */
export const SegmentWord = {
  /** Segment.NONE: nothing else is known of it. */
  KIND: 0,
  /** ACK, and some of PSH and FIN. */
  FLAGS: 1,
  /** The addresses, of a run only; ports of source and destination, 16 bits each. */
  SOURCE: 2,
  DESTINATION: 3,
  PORTS: 4,
  /** See tupleHash. */
  HASH: 5,
  SEQ: 6,
  ACK: 7,
  /** Never 0. */
  WINDOW: 8,
  /** Never unknown. */
  PAYLOAD_LENGTH: 9,
  /** See payloadPrint. */
  PAYLOAD_PRINT: 10,
  TS_VAL: 11,
  TTL: 12,
  /** IPv4 identification, TCP checksum: 16 bits each. */
  PRINT: 13,
  SECONDS: 14,
  NANOSECONDS: 15,
} as const;
export const SEGMENT_WORDS = 16;
/** Bytes of the rows of a run. */
export const SEGMENT_RUN_BYTES = FRAMES_PER_RUN * SEGMENT_WORDS * Int32Array.BYTES_PER_ELEMENT;
/** In place of HASH where KIND is NONE and somebody has asked for it: as `shareOfFrame`. */
const SHARE = SegmentWord.HASH;

export const Segment = { NONE: 0, WITHOUT_TIMESTAMPS: 1, WITH_TIMESTAMPS: 2 } as const;

const NO_FRAMES = new FrameRun();
const SIMPLE_FLAGS = Flag.ACK | Flag.PSH | Flag.FIN;

export class SegmentRun {
  readonly words: Int32Array;
  #frames = NO_FRAMES;
  readonly #own = new Packet();
  readonly #payload: Payload = { view: NO_FRAMES.view, payloadStart: 0, payloadEnd: 0 };
  /** The packet that was decoded last, and of which row. */
  #packet = this.#own;
  #row = -1;

  /** The rows lie in SEGMENT_RUN_BYTES of `memory` from `at` on, a multiple of 4; others may see them there, and what they hold already stays. */
  constructor(memory: ArrayBufferLike = new ArrayBuffer(SEGMENT_RUN_BYTES), at = 0) {
    this.words = new Int32Array(memory, at, FRAMES_PER_RUN * SEGMENT_WORDS);
  }

  /** The rows are of these frames, read already. */
  belongTo(frames: FrameRun): void {
    this.#frames = frames;
    this.#row = -1;
  }

  /** Row `i` is of frame `i`. Borrowed like the frames. Seconds have to be int32. */
  read(frames: FrameRun): void {
    this.belongTo(frames);
    const { words: w } = this;
    const { bytes, view, count } = frames;
    for (let i = 0; i < count; i++) {
      const row = i * SEGMENT_WORDS;
      const start = frames.start[i]!;
      const captured = frames.capturedLength[i]!;
      const headerLength =
        captured === frames.originalLength[i] ? headerLengthOf(view, start, captured, frames.linkType[i]!) : 0;
      w[row + SegmentWord.KIND] = Segment.NONE;
      const hasTimestamps = hasTimestampsAlone(view, start, headerLength);
      if (headerLength !== TCP_HEADER && !hasTimestamps) continue;
      const tcp = start + TCP;
      const payload = view.getUint16(start + IP + 2) - (TCP - IP) - headerLength;
      const flags = view.getUint16(tcp + 12) & 0xfff;
      const window = view.getUint16(tcp + 14);
      if (!isSimple(flags, window) || payload < 0 || TCP + headerLength + payload > captured) continue;
      const source = view.getInt32(start + IP + 12);
      const destination = view.getInt32(start + IP + 16);
      const ports = view.getInt32(tcp);
      w[row + SegmentWord.KIND] = hasTimestamps ? Segment.WITH_TIMESTAMPS : Segment.WITHOUT_TIMESTAMPS;
      w[row + SegmentWord.FLAGS] = flags;
      w[row + SegmentWord.SOURCE] = source;
      w[row + SegmentWord.DESTINATION] = destination;
      w[row + SegmentWord.PORTS] = ports;
      w[row + SegmentWord.HASH] = hashOfEnds(source, ports >>> 16, destination, ports & 0xffff);
      w[row + SegmentWord.SEQ] = view.getInt32(tcp + 4);
      w[row + SegmentWord.ACK] = view.getInt32(tcp + 8);
      w[row + SegmentWord.WINDOW] = window;
      w[row + SegmentWord.PAYLOAD_LENGTH] = payload;
      w[row + SegmentWord.PAYLOAD_PRINT] = payload > 0 ? printOfPayload(view, tcp + headerLength, payload) : 0;
      w[row + SegmentWord.TS_VAL] = hasTimestamps ? view.getInt32(tcp + TCP_HEADER + 4) : 0;
      w[row + SegmentWord.TTL] = bytes[start + IP + 8]!;
      w[row + SegmentWord.PRINT] = (view.getUint16(start + IP + 4) << 16) | view.getUint16(tcp + 16);
      w[row + SegmentWord.SECONDS] = frames.seconds[i]!;
      w[row + SegmentWord.NANOSECONDS] = frames.nanoseconds[i]!;
    }
  }

  /** Makes row 0 of a packet of whatever network. False, and there is none, if it is no simple segment. Borrowed like the packet. */
  readPacket(frame: Frame, packet: Packet): boolean {
    if (packet.kind !== PacketKind.SEGMENT || packet.payloadLength < 0 || !hasSimpleOptions(packet)) return false;
    if (packet.windowScale >= 0 || !isSimple(packet.flags, packet.window)) return false;
    const { words: w } = this;
    this.#packet = packet;
    this.#row = 0;
    w[SegmentWord.KIND] = packet.hasTimestamps ? Segment.WITH_TIMESTAMPS : Segment.WITHOUT_TIMESTAMPS;
    w[SegmentWord.FLAGS] = packet.flags;
    w[SegmentWord.PORTS] = (packet.sourcePort << 16) | packet.destinationPort;
    w[SegmentWord.HASH] = tupleHash(packet);
    w[SegmentWord.SEQ] = packet.seq;
    w[SegmentWord.ACK] = packet.ack;
    w[SegmentWord.WINDOW] = packet.window;
    w[SegmentWord.PAYLOAD_LENGTH] = packet.payloadLength;
    w[SegmentWord.PAYLOAD_PRINT] = packet.payloadLength > 0 ? payloadPrint(packet) : 0;
    w[SegmentWord.TS_VAL] = packet.hasTimestamps ? packet.tsVal : 0;
    w[SegmentWord.TTL] = packet.ttl;
    w[SegmentWord.PRINT] = (packet.ipId << 16) | packet.checksum;
    w[SegmentWord.SECONDS] = frame.seconds;
    w[SegmentWord.NANOSECONDS] = frame.nanoseconds;
    return true;
  }

  /** Finds out the shares of those frames that are no simple segments. */
  readShares(): void {
    const { words: w } = this;
    const frames = this.#frames;
    for (let i = 0; i < frames.count; i++) {
      const row = i * SEGMENT_WORDS;
      if (w[row + SegmentWord.KIND] === Segment.NONE) w[row + SHARE] = shareOfFrame(frames.frame(i));
    }
  }

  /** As `shareOfFrame`, of frame `i` of a run, given `readShares`. */
  share(i: number): number {
    const { words: w } = this;
    const row = i * SEGMENT_WORDS;
    return w[row + SegmentWord.KIND] === Segment.NONE ? w[row + SHARE]! : shareOf(w[row + SegmentWord.HASH]!);
  }

  /** IPv4 address of the sender in row `i` of a run. */
  source(i: number): number {
    return this.words[i * SEGMENT_WORDS + SegmentWord.SOURCE]!;
  }

  /** Packet.ipId of the segment in row `i`. */
  ipId(i: number): number {
    if (this.#row === i) return this.#packet.ipId;
    return this.words[i * SEGMENT_WORDS + SegmentWord.PRINT]! >>> 16;
  }

  /** False if the checksum of the segment in row `i` is wrong, as far as one can say; 0 is none. */
  isSound(i: number): boolean {
    const { words: w } = this;
    const row = i * SEGMENT_WORDS;
    if ((w[row + SegmentWord.PRINT]! & 0xffff) === 0) return true;
    if (this.#row === i) return tcpChecksum(this.#packet) !== Checksum.WRONG;
    const length = headerLengthIn(w[row + SegmentWord.KIND]!) + w[row + SegmentWord.PAYLOAD_LENGTH]!;
    const source = w[row + SegmentWord.SOURCE]!;
    const destination = w[row + SegmentWord.DESTINATION]!;
    const { view, start } = this.#frames;
    return tcpChecksumInIpv4(view, start[i]! + TCP, length, source, destination) !== Checksum.WRONG;
  }

  /** Where the payload of the segment in row `i` lies. Borrowed until the next one is asked for. */
  payload(i: number): Payload {
    if (this.#row === i) return this.#packet;
    const { words: w } = this;
    const row = i * SEGMENT_WORDS;
    const { view, start } = this.#frames;
    const payload = this.#payload;
    payload.view = view;
    payload.payloadStart = start[i]! + TCP + headerLengthIn(w[row + SegmentWord.KIND]!);
    payload.payloadEnd = payload.payloadStart + w[row + SegmentWord.PAYLOAD_LENGTH]!;
    return payload;
  }

  /** All of the segment in row `i`, for what is seldom asked. Borrowed until the next one is asked for. */
  packet(i: number): Packet {
    if (this.#row !== i) {
      readUsual(this.#frames.frame(i), this.#own);
      this.#packet = this.#own;
      this.#row = i;
    }
    return this.#packet;
  }
}

/** Of the TCP header of a row of this kind in a run. */
function headerLengthIn(kind: number): number {
  return kind === Segment.WITH_TIMESTAMPS ? TCP_HEADER_WITH_TIMESTAMPS : TCP_HEADER;
}

function isSimple(flags: number, window: number): boolean {
  return (flags & ~SIMPLE_FLAGS) === 0 && (flags & Flag.ACK) !== 0 && window !== 0;
}

/** True if the header is whole, and has no option whose meaning reaches beyond its segment but timestamps, and what a SYN negotiates. */
export function hasSimpleOptions(packet: Packet): boolean {
  return (
    packet.cut === HeaderCut.NONE &&
    packet.sackCount === 0 &&
    packet.emptySackOption < 0 &&
    !packet.hasMptcp &&
    !packet.hasAccEcn &&
    packet.fastOpenCookieLength < 0 &&
    !packet.optionCut
  );
}
