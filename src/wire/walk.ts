// In: one frame's borrowed bytes. Out: the position decoding has reached, and the limits that hold there.
//
//        pos                 end             wireEnd
//   ──────┼───────────────────┼────────────────┼──────▶  offsets in `bytes`
//         │  captured, unread │  sent, not     │
//         │                   │  captured      │
//
// A layer reads below `end`, moves `pos` over its header, pulls `end` and `wireEnd` in where its header carries a length,
// and names the layer that comes next. Cut short by the snap length and ended by a length field stay two things this way.

import type { Frame } from '../capture/frame.ts';
import type { Reassembly } from './fragments.ts';
import { type IP_LAYER_WORDS, MAX_IP_LAYERS, type Packet } from './packet.ts';
import { misses, Trailer } from './trailer.ts';

/** One step of decoding. Returns the next layer, or null when the walk is over (a segment was read, or `stop` was called). */
export type Layer = (walk: Walk) => Layer | null;

/** Most headers stepped over in one frame. Each consumes bytes, so this bounds only absurd frames. */
export const MAX_LAYERS = 200;

const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer);
const WORDS: typeof IP_LAYER_WORDS = 9;

/** The state of decoding one frame. The Decoder owns one and refills it. */
export class Walk {
  bytes: Uint8Array = EMPTY;
  view: DataView = EMPTY_VIEW;
  /** Next byte to read. */
  pos = 0;
  /** End of what was captured of the current layer; never beyond `wireEnd`. */
  end = 0;
  /** End of the current layer as sent. */
  wireEnd = 0;
  /** Last VLAN id passed, 0 where there was none: part of tshark's fragment key. */
  vlanId = 0;
  /** Inside an ICMP error: what follows is a quotation. */
  quoted = false;
  /** The IP header just read belongs to a first fragment that cannot be reassembled. */
  fragmented = false;
  /** What the layer read last may end in. */
  trailer: Trailer = Trailer.NONE;
  /** A sequence number is present in the GRE header just read (ERSPAN types I and II differ by it). */
  greSequence = false;
  packet!: Packet;
  linkType = 0;
  fcsLength = 0;
  #frameStart = 0;
  /** As sent. */
  #frameEnd = 0;
  readonly fragments4: Reassembly;
  readonly fragments6: Reassembly;

  constructor(fragments4: Reassembly, fragments6: Reassembly) {
    this.fragments4 = fragments4;
    this.fragments6 = fragments6;
  }

  begin(frame: Frame, packet: Packet): void {
    this.bytes = frame.bytes;
    this.view = frame.view;
    this.pos = frame.start;
    // Some programs write original lengths too small, or 0: what was captured was on the wire (tshark 4.0.17).
    this.wireEnd = frame.start + Math.max(frame.capturedLength, frame.originalLength);
    this.end = frame.start + frame.capturedLength;
    this.#frameStart = frame.start;
    this.#frameEnd = this.wireEnd;
    this.vlanId = 0;
    this.quoted = false;
    this.fragmented = false;
    this.trailer = Trailer.NONE;
    this.greSequence = false;
    this.packet = packet;
    this.linkType = frame.linkType;
    this.fcsLength = frame.fcsLength;
  }

  /** True before anything of the frame was read. */
  get isAtStart(): boolean {
    return this.pos === this.#frameStart;
  }

  /** True if `count` bytes from `pos` were captured. */
  has(count: number): boolean {
    return this.pos + count <= this.end;
  }

  /** Unsigned byte at `offset` from `pos`; call `has` first. */
  u8(offset: number): number {
    return this.bytes[this.pos + offset]!;
  }

  /** Big-endian 16-bit number at `offset` from `pos`; call `has` first. */
  u16(offset: number): number {
    const at = this.pos + offset;
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  /** Little-endian 16-bit number at `offset` from `pos`. */
  u16le(offset: number): number {
    const at = this.pos + offset;
    return this.bytes[at]! | (this.bytes[at + 1]! << 8);
  }

  /** Big-endian 32-bit number at `offset` from `pos`, as int32. */
  i32(offset: number): number {
    const at = this.pos + offset;
    const bytes = this.bytes;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  /** The current layer was `length` bytes long from `pos`, as its header says; what lies beyond is padding or trailer. */
  trim(length: number): void {
    const limit = this.pos + length;
    if (limit < this.wireEnd) {
      this.noteTrailer(limit);
      this.wireEnd = limit;
      if (this.end > limit) this.end = limit;
    }
  }

  /** Called where the payload of the current layer ends at `limit`, before what lies beyond is cut off. */
  noteTrailer(limit: number): void {
    const { trailer, end, wireEnd } = this;
    if (trailer === Trailer.NONE || limit >= end || end >= wireEnd) return;
    const frameLength = this.#frameEnd - this.#frameStart;
    if (misses(this.bytes, limit, end, wireEnd - limit, trailer, frameLength, this.fcsLength))
      this.packet.trailerCut = true;
  }

  /** Steps over `count` bytes and goes on with `next`. */
  skip(count: number, next: Layer): Layer {
    this.pos += count;
    return next;
  }

  /** Goes on in a datagram put together from fragments. */
  enter(datagram: Uint8Array): void {
    this.bytes = datagram;
    this.view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    this.pos = 0;
    this.end = datagram.length;
    this.wireEnd = datagram.length;
    this.packet.reassembled = true;
  }

  /** Opens a new innermost IP layer in the packet and returns its offset in `ipLayers`, or -1 if there are too many. */
  addIpLayer(version: number): number {
    const packet = this.packet;
    const index = packet.ipLayerCount;
    if (index === MAX_IP_LAYERS) return -1;
    const at = index * WORDS;
    packet.ipLayers[at] = version;
    packet.ipLayerCount = index + 1;
    packet.ip = at;
    return at;
  }

  /** Ends the walk without a segment. Both texts are constants, so that nothing is built per frame. */
  stop(layer: string, reason: string): null {
    this.packet.stopLayer = layer;
    this.packet.stopReason = reason;
    return null;
  }

  /** Ends the walk because the header of `layer` is not wholly there. */
  stopShort(layer: string): null {
    return this.stop(layer, this.end < this.wireEnd ? 'cut short by the snap length' : 'ends inside its header');
  }
}
