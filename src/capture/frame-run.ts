// In: frames, one after the other. Out: up to FRAMES_PER_RUN of them that lie in one chunk, side by side as columns.
//
// For loops over many frames, which a processor works on several at a time; where anything is to be said of one, it is a Frame again.

import type { LinearMemory } from '../linear/memory.ts';
import { Frame } from './frame.ts';

/** Columns and what is made of them fit the processor's first cache. */
export const FRAMES_PER_RUN = 256;

/** Columns of int32, in this order behind the seconds, which are doubles. */
export const FrameColumn = {
  START: 0,
  NANOSECONDS: 1,
  CAPTURED_LENGTH: 2,
  ORIGINAL_LENGTH: 3,
  LINK_TYPE: 4,
  ORIGIN: 5,
  NUMBER: 6,
} as const;
/** Bytes of the columns of a run. */
export const FRAME_RUN_BYTES = FRAMES_PER_RUN * (Float64Array.BYTES_PER_ELEMENT + 7 * Int32Array.BYTES_PER_ELEMENT);
/** Bits of a frame's FCS length in `#origin`; above them is its file. */
const FCS_BITS = 8;

/** Borrowed like the frames in it: valid until the capture is asked for the next frame or run. The columns are those of Frame. */
export class FrameRun {
  count = 0;
  /** The chunk all of them lie in. */
  bytes = new Frame().bytes;
  view = new Frame().view;
  readonly seconds: Float64Array;
  readonly start: Int32Array;
  readonly number: Uint32Array;
  readonly nanoseconds: Int32Array;
  readonly capturedLength: Int32Array;
  readonly originalLength: Int32Array;
  readonly linkType: Int32Array;
  readonly #origin: Int32Array;
  readonly #frame = new Frame();

  /** The linear memory that the columns and the chunk lie in, and the address of the columns; null: elsewhere. */
  readonly memory: LinearMemory | null;
  readonly address: number;

  /** The columns lie in FRAME_RUN_BYTES from `address` on; others may see them there, and what they hold already stays. */
  constructor(memory: LinearMemory | null = null, address = memory?.allocate(FRAME_RUN_BYTES) ?? 0) {
    this.memory = memory;
    this.address = address;
    const buffer = memory?.buffer ?? new ArrayBuffer(FRAME_RUN_BYTES);
    this.seconds = new Float64Array(buffer, address, FRAMES_PER_RUN);
    const place = (column: number): number => address + this.seconds.byteLength + column * FRAMES_PER_RUN * 4;
    const column = (n: number): Int32Array => new Int32Array(buffer, place(n), FRAMES_PER_RUN);
    this.start = column(FrameColumn.START);
    this.nanoseconds = column(FrameColumn.NANOSECONDS);
    this.capturedLength = column(FrameColumn.CAPTURED_LENGTH);
    this.originalLength = column(FrameColumn.ORIGINAL_LENGTH);
    this.linkType = column(FrameColumn.LINK_TYPE);
    this.#origin = column(FrameColumn.ORIGIN);
    this.number = new Uint32Array(buffer, place(FrameColumn.NUMBER), FRAMES_PER_RUN);
  }

  /** The chunk they lie in is this one. */
  lieIn(bytes: Uint8Array, view: DataView): void {
    this.bytes = this.#frame.bytes = bytes;
    this.view = this.#frame.view = view;
  }

  /**
   * True if its frames are whole, and none is before another, or before this time, or `pause` seconds or more after it. To be asked only in linear memory.
   */
  isSteady(seconds: number, nanoseconds: number, pause: number): boolean {
    return this.memory!.program.isSteady(this.address, this.count, seconds, nanoseconds, pause) !== 0;
  }

  /** Adds a frame. There must be room, and it must lie in the same chunk as those before it, there from `start` on. */
  add(frame: Frame, start = frame.start): void {
    const i = this.count++;
    if (i === 0) this.lieIn(frame.bytes, frame.view);
    this.start[i] = start;
    this.number[i] = frame.number;
    this.seconds[i] = frame.seconds;
    this.nanoseconds[i] = frame.nanoseconds;
    this.capturedLength[i] = frame.capturedLength;
    this.originalLength[i] = frame.originalLength;
    this.linkType[i] = frame.linkType;
    this.#origin[i] = originOf(frame);
  }

  /** Frame `i` of the run, borrowed until the next call. */
  frame(i: number): Frame {
    const frame = this.#frame;
    frame.start = this.start[i]!;
    frame.number = this.number[i]!;
    frame.seconds = this.seconds[i]!;
    frame.nanoseconds = this.nanoseconds[i]!;
    frame.capturedLength = this.capturedLength[i]!;
    frame.originalLength = this.originalLength[i]!;
    frame.linkType = this.linkType[i]!;
    const origin = this.#origin[i]!;
    frame.fcsLength = origin & ((1 << FCS_BITS) - 1);
    frame.file = origin >>> FCS_BITS;
    return frame;
  }
}

/** Where a frame comes from, and the length of its FCS, as one number. */
export function originOf({ file, fcsLength }: Frame): number {
  return fcsLength | (file << FCS_BITS);
}
