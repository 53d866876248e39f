// In: a run of frames, or one packet. Out: the numbers of those that are simple segments, one row of words each.
//
// Simple: acknowledgments, with data or FIN or neither, and with no option but timestamps; and SYNs without data, with the usual options. They are nearly
// all there are. Of a run only those in IPv4, or between known IPv6 addresses, behind a usual link header are looked for (segment-run.as.ts); what a frame is
// otherwise, decode.ts finds out.

import type { Frame } from '../capture/frame.ts';
import { FRAMES_PER_RUN, FrameRun } from '../capture/frame-run.ts';
import type { LinearMemory } from '../linear/memory.ts';
import type { Checksum } from './checksum.ts';
import { handshakeWord } from './handshake.ts';
import { Flag, HeaderCut, Packet, PacketKind, type Payload } from './packet.ts';
import { payloadPrint } from './payload-print.ts';
import { IN_IPV6, SEGMENT_WORDS, Segment, SegmentWord } from './segment-words.ts';
import { shareOf, shareOfFrame, tupleHash } from './share.ts';
import { readUsual } from './usual.ts';

export { IN_IPV6, SEGMENT_WORDS, Segment, SegmentWord } from './segment-words.ts';

/** Bytes of the rows of a run. */
export const SEGMENT_RUN_BYTES = FRAMES_PER_RUN * SEGMENT_WORDS * Int32Array.BYTES_PER_ELEMENT;

const NO_FRAMES = new FrameRun();
const SIMPLE_FLAGS = Flag.ACK | Flag.PSH | Flag.FIN;

export class SegmentRun {
  readonly memory: LinearMemory;
  readonly address: number;
  readonly words: Int32Array;
  #frames = NO_FRAMES;
  /** How many of them are no simple segments. */
  #others = 0;
  readonly #own = new Packet();
  readonly #payload: Payload = { view: NO_FRAMES.view, payloadStart: 0, payloadEnd: 0 };
  /** The packet that was decoded last, and of which row. */
  #packet = this.#own;
  #row = -1;

  /** The rows lie in SEGMENT_RUN_BYTES from `address` on; others may see them there, and what they hold already stays. */
  constructor(memory: LinearMemory, address = memory.allocate(SEGMENT_RUN_BYTES)) {
    this.memory = memory;
    this.address = address;
    this.words = memory.int32(address, FRAMES_PER_RUN * SEGMENT_WORDS);
  }

  /** The rows are of these frames, read already. */
  belongTo(frames: FrameRun): void {
    this.#frames = frames;
    this.#row = -1;
  }

  /**
   * Row `i` is of frame `i`. Borrowed like the frames, which lie in the same memory. Seconds have to be int32. `known`: where IPv6 addresses and their ids are
   * (wire/known-addresses.ts), in the same memory; 0: what comes in IPv6 gets no row.
   */
  read(frames: FrameRun, known = 0): void {
    if (frames.memory?.shared.memory !== this.memory.shared.memory) throw new Error('the frames lie in another memory');
    this.belongTo(frames);
    this.#others = this.memory.program.readRows(
      frames.bytes.byteOffset,
      frames.address,
      frames.count,
      this.address,
      known,
    );
  }

  /** Makes row 0 of a packet of whatever network. False, and there is none, if it is no simple segment. Borrowed like the packet. */
  readPacket(frame: Frame, packet: Packet): boolean {
    if (packet.kind !== PacketKind.SEGMENT || packet.payloadLength < 0 || !hasSimpleOptions(packet)) return false;
    const isSyn = (packet.flags & Flag.SYN) !== 0;
    if (!(isSyn ? isSimpleSyn(packet) : isSimple(packet))) return false;
    const { words: w } = this;
    this.#packet = packet;
    this.#row = 0;
    w[SegmentWord.KIND] = isSyn
      ? Segment.SYN
      : packet.hasTimestamps
        ? Segment.WITH_TIMESTAMPS
        : Segment.WITHOUT_TIMESTAMPS;
    w[SegmentWord.FLAGS] = packet.flags;
    w[SegmentWord.PORTS] = (packet.sourcePort << 16) | packet.destinationPort;
    w[SegmentWord.HASH] = tupleHash(packet);
    w[SegmentWord.SEQ] = packet.seq;
    w[SegmentWord.ACK] = packet.ack;
    w[SegmentWord.WINDOW] = packet.window;
    w[SegmentWord.PAYLOAD_LENGTH] = packet.payloadLength;
    if (isSyn) w[SegmentWord.OPTIONS] = handshakeWord(packet);
    else w[SegmentWord.PAYLOAD_PRINT] = packet.payloadLength > 0 ? payloadPrint(packet) : 0;
    w[SegmentWord.TS_VAL] = packet.hasTimestamps ? packet.tsVal : 0;
    w[SegmentWord.TTL_AND_START] = packet.ttl << 16;
    w[SegmentWord.PRINT] = (packet.ipId << 16) | packet.checksum;
    w[SegmentWord.IP_ID] = packet.ipId;
    w[SegmentWord.SECONDS] = frame.seconds;
    w[SegmentWord.NANOSECONDS] = frame.nanoseconds;
    return true;
  }

  /** Finds out the shares of those frames, just read, that are no simple segments. */
  readShares(): void {
    if (this.#others === 0) return;
    const { words: w } = this;
    const frames = this.#frames;
    for (let i = 0; i < frames.count; i++) {
      const row = i * SEGMENT_WORDS;
      if (w[row + SegmentWord.KIND] === Segment.NONE) w[row + SegmentWord.SHARE] = shareOfFrame(frames.frame(i));
    }
  }

  /** As `shareOfFrame`, of frame `i` of a run, given `readShares`. */
  share(i: number): number {
    const { words: w } = this;
    const row = i * SEGMENT_WORDS;
    return w[row + SegmentWord.KIND] === Segment.NONE
      ? w[row + SegmentWord.SHARE]!
      : shareOf(w[row + SegmentWord.HASH]!);
  }

  /** Has frame `i` a row? */
  isSimple(i: number): boolean {
    return this.words[i * SEGMENT_WORDS + SegmentWord.KIND] !== Segment.NONE;
  }

  /** Did the segment in row `i` of a run come in IPv6? */
  isInIpv6(i: number): boolean {
    return (this.words[i * SEGMENT_WORDS + SegmentWord.TTL_AND_START]! & IN_IPV6) !== 0;
  }

  /** IPv4 address of the sender in row `i` of a run; of IPv6: its id. */
  source(i: number): number {
    return this.words[i * SEGMENT_WORDS + SegmentWord.SOURCE]!;
  }

  payloadLength(i: number): number {
    return this.words[i * SEGMENT_WORDS + SegmentWord.PAYLOAD_LENGTH]!;
  }

  /** As tcpChecksum, of the segment in row `i` of a run. */
  checksum(i: number): Checksum {
    const row = this.address + i * SEGMENT_WORDS * 4;
    return this.memory.program.checksum(row, this.#frames.bytes.byteOffset + this.#tcp(i));
  }

  /** Where the TCP header of row `i` of a run begins. */
  #tcp(i: number): number {
    return this.#frames.start[i]! + (this.words[i * SEGMENT_WORDS + SegmentWord.TTL_AND_START]! & 0xffff);
  }

  /** Where the payload of the segment in row `i` lies. Borrowed until the next one is asked for. */
  payload(i: number): Payload {
    if (this.#row === i) return this.#packet;
    const { words: w } = this;
    const row = i * SEGMENT_WORDS;
    const { view } = this.#frames;
    const payload = this.#payload;
    payload.view = view;
    const tcp = this.#tcp(i);
    payload.payloadStart = tcp + ((view.getUint8(tcp + 12) >> 4) << 2);
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

function isSimple({ flags, window, windowScale }: Packet): boolean {
  return (flags & ~SIMPLE_FLAGS) === 0 && (flags & Flag.ACK) !== 0 && window !== 0 && windowScale < 0;
}

function isSimpleSyn({ flags, window, payloadLength }: Packet): boolean {
  return (flags & ~(Flag.SYN | Flag.ACK)) === 0 && window !== 0 && payloadLength === 0;
}

/** True if the header is whole, and has no option whose meaning reaches beyond its segment but timestamps, and what a SYN negotiates. */
function hasSimpleOptions(packet: Packet): boolean {
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
