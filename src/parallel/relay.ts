// In: the frames of a capture, read in one thread. Out: the same frames, one after the other, in each of several other threads.
//
//   slot   frames | kind          FRAME_WORDS words a frame          seconds of each          bytes in which the frames lie
//
// A ring of slots that all threads see. The reader fills one while the others are at those before it; it waits for the slowest of them, and
// they wait for it. Per frame nobody waits for anybody: a slot holds some hundred or thousand. One file is read right into the slots;
// of several, which are read in turn, the frames are copied there.

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Frame } from '../capture/frame.ts';
import type { Capture, CaptureInterface } from '../capture/open.ts';
import type { CaptureWarning } from '../errors.ts';
import { shareOfFrame } from '../wire/share.ts';

/** Slots: enough that a part may be busy for a while with connections to tell of. */
const SLOTS = 8;
/** Bytes of a slot: some chunks of a file (capture/input.ts), since waking another thread takes as long as hundred frames. Larger frames travel alone. */
export const SLOT_BYTES = 1 << 20;
/** A frame has at least the header of its record in front of it (capture/pcap.ts), so a slot read into cannot hold more. */
const SLOT_FRAMES = SLOT_BYTES >> 4;
const FRAME_WORDS = 7;
const HEADER_BYTES = 8;
const SECONDS_AT = HEADER_BYTES;
const FRAMES_AT = SECONDS_AT + SLOT_FRAMES * Float64Array.BYTES_PER_ELEMENT;
const BYTES_AT = FRAMES_AT + SLOT_FRAMES * FRAME_WORDS * Int32Array.BYTES_PER_ELEMENT;

const SlotKind = {
  FRAMES: 0,
  /** One frame, whose bytes come by message. */
  LARGE: 1,
  /** There is no more. */
  END: 2,
} as const;

/** Words of the counters that reader and parts share. */
export const Count = {
  /** Slots filled so far. */
  FILLED: 0,
  /** From here on by part, in turn: slots it is done with; its batches that have been joined. */
  PARTS: 1,
} as const;
export const doneWord = (part: number): number => Count.PARTS + 2 * part;
export const joinedWord = (part: number): number => Count.PARTS + 2 * part + 1;

/** What all threads of a run see. */
export interface Ring {
  readonly slots: readonly SharedArrayBuffer[];
  readonly counts: Int32Array;
}

export function ringFor(parts: number): Ring {
  const bytes = BYTES_AT + SLOT_BYTES;
  return {
    slots: Array.from({ length: SLOTS }, () => new SharedArrayBuffer(bytes)),
    counts: new Int32Array(new SharedArrayBuffer((Count.PARTS + 2 * parts) * Int32Array.BYTES_PER_ELEMENT)),
  };
}

/** Windows on the memory of a slot. */
class Slot {
  readonly header: Int32Array;
  readonly seconds: Float64Array;
  readonly frames: Int32Array;
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(memory: SharedArrayBuffer) {
    this.header = new Int32Array(memory, 0, 2);
    this.seconds = new Float64Array(memory, SECONDS_AT, SLOT_FRAMES);
    this.frames = new Int32Array(memory, FRAMES_AT, SLOT_FRAMES * FRAME_WORDS);
    this.bytes = new Uint8Array(memory, BYTES_AT, SLOT_BYTES);
    this.view = new DataView(memory, BYTES_AT, SLOT_BYTES);
  }
}

/** The side that reads. */
export class RingWriter {
  readonly #ring: Ring;
  readonly #slots: readonly Slot[];
  readonly #large: (frame: SharedArrayBuffer) => void;
  /** The slot being filled and the frames in it, or null. */
  #slot: Slot | null = null;
  #count = 0;
  #filled = 0;
  /** The run of bytes, in a chunk of the reader's, that is to be copied to `#to` of the slot. */
  #source: Uint8Array | null = null;
  #from = 0;
  #end = 0;
  #to = 0;

  /** `large`: sends the bytes of a frame that fits no slot to all parts. */
  constructor(ring: Ring, large: (frame: SharedArrayBuffer) => void) {
    this.#ring = ring;
    this.#slots = ring.slots.map((memory) => new Slot(memory));
    this.#large = large;
  }

  /** Memory to read into: that of the next slot, or null if that is not free. What was added before is handed over. */
  memory(): Uint8Array | null {
    this.publish();
    if (!this.isFree()) return null;
    this.#slot = this.#slots[this.#filled % SLOTS]!;
    return this.#slot.bytes;
  }

  /** False: there is no room; wait for {@link isFree} and try again. */
  add(frame: Frame): boolean {
    const { bytes, start, capturedLength } = frame;
    if (bytes === this.#slot?.bytes) {
      this.#put(this.#slot, frame, start);
      return true;
    }
    if (capturedLength > SLOT_BYTES) return this.#addLarge(frame);
    // What lies between the frames of a chunk comes along: one copy for all of them.
    let isRun =
      bytes === this.#source && start >= this.#end && start + capturedLength - this.#from + this.#to <= SLOT_BYTES;
    if (
      this.#slot !== null &&
      (this.#count === SLOT_FRAMES || (!isRun && this.#nextTo() + capturedLength > SLOT_BYTES))
    ) {
      this.publish();
      isRun = false;
    }
    if (this.#slot === null) {
      if (!this.isFree()) return false;
      this.#slot = this.#slots[this.#filled % SLOTS]!;
      isRun = false;
    }
    if (!isRun) {
      const to = this.#nextTo();
      this.#copyRun();
      this.#source = bytes;
      this.#from = start;
      this.#to = to;
    }
    this.#end = start + capturedLength;
    this.#put(this.#slot, frame, this.#to + start - this.#from);
    return true;
  }

  /** True if the slot that comes next is no longer used by any part. */
  isFree(): boolean {
    return this.slowest() < 0;
  }

  /** A part that is not done with what the next slot holds, or -1. */
  slowest(): number {
    const { counts } = this.#ring;
    for (let word = Count.PARTS; word < counts.length; word += 2) {
      if (this.#filled - Atomics.load(counts, word) >= SLOTS) return (word - Count.PARTS) >> 1;
    }
    return -1;
  }

  /** To be called before the bytes of the frames that were added become invalid. */
  keep(): void {
    const to = this.#nextTo();
    this.#copyRun();
    this.#to = to;
    this.#from = this.#end = 0;
  }

  /** Hands over what was added. */
  publish(): void {
    if (this.#slot === null) return;
    this.#copyRun();
    this.#hand(this.#slot, SlotKind.FRAMES);
  }

  /** Tells the parts that there is no more. Needs a free slot. */
  end(): void {
    this.#hand(this.#slots[this.#filled % SLOTS]!, SlotKind.END);
  }

  #addLarge(frame: Frame): boolean {
    this.publish();
    if (!this.isFree()) return false;
    const slot = this.#slots[this.#filled % SLOTS]!;
    const memory = new SharedArrayBuffer(frame.capturedLength);
    new Uint8Array(memory).set(frame.bytes.subarray(frame.start, frame.start + frame.capturedLength));
    this.#large(memory);
    this.#put(slot, frame, 0);
    this.#hand(slot, SlotKind.LARGE);
    return true;
  }

  #put(slot: Slot, frame: Frame, start: number): void {
    const n = this.#count++;
    const at = n * FRAME_WORDS;
    const { frames } = slot;
    slot.seconds[n] = frame.seconds;
    frames[at] = frame.number;
    frames[at + 1] = frame.nanoseconds;
    frames[at + 2] = frame.capturedLength;
    frames[at + 3] = frame.originalLength;
    frames[at + 4] = start;
    frames[at + 5] = frame.linkType | (frame.fcsLength << 16);
    frames[at + 6] = (shareOfFrame(frame) & 0xff) | (frame.file << 8);
  }

  /** Where in the slot there is room. */
  #nextTo(): number {
    return this.#to + this.#end - this.#from;
  }

  #copyRun(): void {
    if (this.#source !== null) this.#slot!.bytes.set(this.#source.subarray(this.#from, this.#end), this.#to);
    this.#source = null;
  }

  #hand(slot: Slot, kind: number): void {
    slot.header[0] = this.#count;
    slot.header[1] = kind;
    this.#count = 0;
    this.#slot = null;
    this.#source = null;
    this.#to = this.#from = this.#end = 0;
    Atomics.store(this.#ring.counts, Count.FILLED, ++this.#filled);
    Atomics.notify(this.#ring.counts, Count.FILLED);
  }
}

/** Waits until `counts[word]` is another than `value`, or for a short while; true if that was too short. */
export type Wait = (counts: Int32Array, word: number, value: number) => boolean | Promise<boolean>;

/** The side of a part: the capture as it comes out of the ring. */
export class RelayedCapture implements Capture {
  readonly files: readonly string[] = [];
  readonly formats: readonly string[] = [];
  readonly linkTypes: readonly string[] = [];
  readonly interfaces: readonly CaptureInterface[] = [];
  readonly warnings: readonly CaptureWarning[] = [];
  readonly bytesRead = 0;
  readonly totalBytes = null;
  /** The share of the frame delivered last, or UNKNOWN_SHARE. */
  share = 0;
  readonly #ring: Ring;
  readonly #slots: readonly Slot[];
  readonly #done: number;
  readonly #large: MessagePort;
  readonly #wait: Wait;
  readonly #idle: () => void | Promise<void>;
  readonly #frame = new Frame();
  #slot: Slot | null = null;
  #next = 0;
  #count = 0;
  #taken = 0;

  /** `idle`: called where there is nothing to do for a while. */
  constructor(ring: Ring, part: number, large: MessagePort, wait: Wait, idle: () => void | Promise<void>) {
    this.#ring = ring;
    this.#slots = ring.slots.map((memory) => new Slot(memory));
    this.#done = doneWord(part);
    this.#large = large;
    this.#wait = wait;
    this.#idle = idle;
  }

  next(): Frame | null {
    if (this.#next === this.#count) return null;
    const n = this.#next++;
    const at = n * FRAME_WORDS;
    const slot = this.#slot!;
    const { frames } = slot;
    const frame = this.#frame;
    frame.seconds = slot.seconds[n]!;
    frame.number = frames[at]!;
    frame.nanoseconds = frames[at + 1]!;
    frame.capturedLength = frames[at + 2]!;
    frame.originalLength = frames[at + 3]!;
    frame.start = frames[at + 4]!;
    const link = frames[at + 5]!;
    frame.linkType = link & 0xffff;
    frame.fcsLength = link >>> 16;
    const share = frames[at + 6]!;
    frame.file = share >> 8;
    this.share = (share << 24) >> 24;
    return frame;
  }

  async fill(): Promise<boolean> {
    const { counts } = this.#ring;
    if (this.#slot !== null) {
      Atomics.store(counts, this.#done, ++this.#taken);
      Atomics.notify(counts, this.#done);
      this.#slot = null;
    }
    while (Atomics.load(counts, Count.FILLED) === this.#taken) {
      const waited = this.#wait(counts, Count.FILLED, this.#taken);
      if (typeof waited === 'boolean' ? waited : await waited) await this.#idle();
    }
    const slot = this.#slots[this.#taken % SLOTS]!;
    const kind = slot.header[1]!;
    if (kind === SlotKind.END) return false;
    this.#slot = slot;
    this.#next = 0;
    this.#count = slot.header[0]!;
    const frame = this.#frame;
    if (kind === SlotKind.LARGE) {
      const memory = receiveMessageOnPort(this.#large)!.message as SharedArrayBuffer;
      frame.bytes = new Uint8Array(memory);
      frame.view = new DataView(memory);
    } else {
      frame.bytes = slot.bytes;
      frame.view = slot.view;
    }
    return true;
  }

  stop(): void {}

  async close(): Promise<void> {}
}
