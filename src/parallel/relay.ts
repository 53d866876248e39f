// In: the frames of a capture, read in one thread. Out: the same frames, one after the other, in each of several other threads.
//
//   slot   kind | runs | frames of each          runs of frames: columns          rows of their segments          bytes in which the frames lie
//
// A ring of slots that all threads see. The reader fills one while the others are at those before it; it waits for the slowest of them, and
// they wait for it. Per frame nobody waits for anybody: a slot holds some hundred or thousand. One file is read right into the slots;
// of several, which are read in turn, the frames are copied there. What all parts would have to find out of each frame the reader does:
// numbers of simple segments, and whose each frame is.

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Frame } from '../capture/frame.ts';
import { FRAME_RUN_BYTES, FRAMES_PER_RUN, FrameRun } from '../capture/frame-run.ts';
import type { SharedFrames } from '../intake.ts';
import { LinearMemory, type SharedLinearMemory, viewOf } from '../linear/memory.ts';
import { SEGMENT_RUN_BYTES, SegmentRun } from '../wire/segment-run.ts';

/** Enough that a part may be busy for a while with connections to tell of. */
const SLOTS = 8;
/** Bytes of a slot: some chunks of a file (capture/input.ts), since waking another thread takes as long as hundred frames. Larger frames travel alone. */
export const SLOT_BYTES = 1 << 20;
/** A frame has at least the header of its record in front of it (capture/pcap.ts), so a slot read into cannot hold more. Memory not used costs nothing. */
const SLOT_FRAMES = SLOT_BYTES >> 4;
/** The last one of a chunk, and one before a frame that was added singly, need not be full. */
const SLOT_RUNS = SLOT_FRAMES / FRAMES_PER_RUN + 2;
const HEADER_WORDS = 2 + SLOT_RUNS;
const RUNS_AT = Math.ceil(HEADER_WORDS / 2) * 8;
const SEGMENTS_AT = RUNS_AT + SLOT_RUNS * FRAME_RUN_BYTES;
const BYTES_AT = SEGMENTS_AT + SLOT_RUNS * SEGMENT_RUN_BYTES;
/** What is in no slot. */
const NOWHERE = new Frame();

const SlotKind = {
  FRAMES: 0,
  /** One frame, whose bytes come by message. */
  LARGE: 1,
  /** There is no more. */
  END: 2,
} as const;

/** Where such a frame lies. */
export interface LargeFrame {
  readonly address: number;
  readonly length: number;
}

/** Words of the counters that reader and parts share. */
export const Count = {
  /** Slots filled so far. */
  FILLED: 0,
  /** From here on by part, in turn: slots it is done with; its batches that have been joined. */
  PARTS: 1,
} as const;
export const doneWord = (part: number): number => Count.PARTS + 2 * part;
export const joinedWord = (part: number): number => Count.PARTS + 2 * part + 1;

/** What all threads of a run see: the memory, where the slots lie in it, and the counters. */
export interface Ring {
  readonly memory: SharedLinearMemory;
  readonly slots: readonly number[];
  readonly counts: Int32Array;
}

export function ringFor(memory: LinearMemory, parts: number, slots = SLOTS): Ring {
  return {
    memory: memory.shared,
    slots: Array.from({ length: slots }, () => memory.allocate(BYTES_AT + SLOT_BYTES)),
    counts: new Int32Array(new SharedArrayBuffer((Count.PARTS + 2 * parts) * Int32Array.BYTES_PER_ELEMENT)),
  };
}

/** Windows on the memory of a slot. */
class Slot {
  /** SlotKind; runs in it; frames of each. */
  readonly header: Int32Array;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** A frame that fits no slot, in memory of its own, while this slot stands for it. */
  large: Uint8Array | null = null;
  readonly #memory: LinearMemory;
  readonly #at: number;
  readonly #runs: FrameRun[] = [];
  readonly #segments: SegmentRun[] = [];

  constructor(memory: LinearMemory, at: number) {
    this.#memory = memory;
    this.#at = at;
    this.header = memory.int32(at, HEADER_WORDS);
    this.bytes = memory.bytes(at + BYTES_AT, SLOT_BYTES);
    this.view = viewOf(this.bytes);
  }

  run(n: number): FrameRun {
    this.#runs[n] ??= new FrameRun(this.#memory, this.#at + RUNS_AT + n * FRAME_RUN_BYTES);
    return this.#runs[n];
  }

  /** The rows of run `n`. */
  segments(n: number): SegmentRun {
    this.#segments[n] ??= new SegmentRun(this.#memory, this.#at + SEGMENTS_AT + n * SEGMENT_RUN_BYTES);
    return this.#segments[n];
  }
}

/** The side that reads. */
export class RingWriter {
  readonly #ring: Ring;
  readonly #slots: readonly Slot[];
  readonly #memory: LinearMemory;
  readonly #large: (frame: LargeFrame) => void;
  /** The slot being filled, or null; the runs in it. */
  #slot: Slot | null = null;
  #runs = 0;
  #filled = 0;
  /** The slots lent are before this one; the last of them may be read from, or into. */
  #lent = 0;
  /** The run of bytes, in a chunk of the reader's, that is to be copied to `#to` of the slot. */
  #source: Uint8Array | null = null;
  #from = 0;
  #end = 0;
  #to = 0;

  /** `memory`: that of the ring. `large`: tells all parts where a frame lies that fits no slot. */
  constructor(ring: Ring, memory: LinearMemory, large: (frame: LargeFrame) => void) {
    this.#ring = ring;
    this.#memory = memory;
    this.#slots = ring.slots.map((at) => new Slot(memory, at));
    this.#large = large;
  }

  /** Memory to read into: that of a free slot, or null if there is none. See InputBuffer.lend. */
  lend(): Uint8Array | null {
    // Of those lent before the latest one no more frames will come, if any ever came.
    this.#handUpTo(this.#lent - 1);
    const slot = this.#lendable();
    if (this.slowest(slot) >= 0) return null;
    this.#lent = slot + 1;
    return this.#at(slot).bytes;
  }

  /** A part that is not done with what the slot holds that is lent next, or -1. */
  slowestOfLent(): number {
    return this.slowest(this.#lendable());
  }

  #lendable(): number {
    return Math.max(this.#lent, this.#slot === null ? this.#filled : this.#filled + 1);
  }

  /** Hands over what was added, and empty slots until `slot` is the next one. */
  #handUpTo(slot: number): void {
    if (this.#filled < slot) this.publish();
    while (this.#filled < slot) this.#hand(this.#at(this.#filled), SlotKind.FRAMES);
  }

  #at(slot: number): Slot {
    return this.#slots[slot % this.#slots.length]!;
  }

  /** Where frames that lie in `bytes`, memory that was lent, are to be read into: a run that counts as added then. Null: they are to be added singly. */
  runIn(bytes: Uint8Array): FrameRun | null {
    if (bytes !== this.#slot?.bytes) this.#turnTo(bytes);
    return bytes === this.#slot?.bytes && this.#runs < SLOT_RUNS - 1 ? this.#nextRun(this.#slot) : null;
  }

  /** True if it is the run given last by `runIn`. */
  has(run: FrameRun): boolean {
    return this.#slot !== null && this.#runs > 0 && this.#slot.run(this.#runs - 1) === run;
  }

  /** False: there is no room; wait for {@link isFree} and try again. */
  add(frame: Frame): boolean {
    const { bytes, start, capturedLength } = frame;
    if (bytes !== this.#slot?.bytes) this.#turnTo(bytes);
    if (bytes === this.#slot?.bytes) {
      this.#put(this.#slot, frame, start);
      return true;
    }
    if (capturedLength > SLOT_BYTES) return this.#addLarge(frame);
    // What lies between the frames of a chunk comes along: one copy for all of them.
    let isRun =
      bytes === this.#source && start >= this.#end && start + capturedLength - this.#from + this.#to <= SLOT_BYTES;
    if (this.#slot !== null && (this.#isFull(this.#slot) || (!isRun && this.#nextTo() + capturedLength > SLOT_BYTES))) {
      this.publish();
      isRun = false;
    }
    if (this.#slot === null) {
      if (!this.isFree()) return false;
      this.#slot = this.#at(this.#filled);
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

  /** If `bytes` are those of a slot that was lent: it is the one being filled from now on. Lent slots are free. */
  #turnTo(bytes: Uint8Array): void {
    for (let slot = this.#filled; slot < this.#lent; slot++) {
      if (this.#at(slot).bytes !== bytes) continue;
      this.#handUpTo(slot);
      this.#slot = this.#at(slot);
      return;
    }
  }

  /** True if the slot that comes next is no longer used by any part. */
  isFree(): boolean {
    return this.slowest() < 0;
  }

  /** A part that is not done with what this slot holds, or -1. */
  slowest(slot = this.#filled): number {
    const { counts } = this.#ring;
    for (let word = Count.PARTS; word < counts.length; word += 2) {
      if (slot - Atomics.load(counts, word) >= this.#slots.length) return (word - Count.PARTS) >> 1;
    }
    return -1;
  }

  /** To be called before the bytes of the frames that were added become invalid. A slot that was read into is handed over. */
  keep(): void {
    const to = this.#nextTo();
    // Nothing was copied to it.
    if (to === 0) this.publish();
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
    this.#hand(this.#at(this.#filled), SlotKind.END);
  }

  #addLarge(frame: Frame): boolean {
    this.publish();
    if (!this.isFree()) return false;
    const slot = this.#at(this.#filled);
    this.#dropLarge(slot);
    const length = frame.capturedLength;
    const address = this.#memory.allocate(length);
    const bytes = this.#memory.bytes(address, length);
    bytes.set(frame.bytes.subarray(frame.start, frame.start + length));
    slot.large = bytes;
    this.#large({ address, length });
    this.#put(slot, frame, 0);
    this.#hand(slot, SlotKind.LARGE, { bytes, view: viewOf(bytes) });
    return true;
  }

  /** The slot is free: what it stood for before goes. */
  #dropLarge(slot: Slot): void {
    if (slot.large === null) return;
    this.#memory.free(slot.large.byteOffset, slot.large.length);
    slot.large = null;
  }

  #put(slot: Slot, frame: Frame, start: number): void {
    const last = this.#runs === 0 ? null : slot.run(this.#runs - 1);
    const run = last === null || last.count === FRAMES_PER_RUN ? this.#nextRun(slot) : last;
    run.add(frame, start);
  }

  #nextRun(slot: Slot): FrameRun {
    const isEmpty = this.#runs > 0 && slot.run(this.#runs - 1).count === 0;
    const run = slot.run(isEmpty ? this.#runs - 1 : this.#runs++);
    run.count = 0;
    return run;
  }

  /** True if it has no room for another frame. */
  #isFull(slot: Slot): boolean {
    return this.#runs === SLOT_RUNS && slot.run(this.#runs - 1).count === FRAMES_PER_RUN;
  }

  /** Where in the slot there is room. */
  #nextTo(): number {
    return this.#to + this.#end - this.#from;
  }

  #copyRun(): void {
    if (this.#source !== null) this.#slot!.bytes.set(this.#source.subarray(this.#from, this.#end), this.#to);
    this.#source = null;
  }

  /** `bytes`: where the frames lie, as the parts will see them. */
  #hand(slot: Slot, kind: number, { bytes, view }: Pick<Slot, 'bytes' | 'view'> = slot): void {
    if (slot.large !== bytes) this.#dropLarge(slot);
    const { header } = slot;
    header[0] = kind;
    header[1] = this.#runs;
    for (let n = 0; n < this.#runs; n++) {
      const run = slot.run(n);
      const segments = slot.segments(n);
      run.lieIn(bytes, view);
      segments.read(run);
      segments.readShares();
      header[2 + n] = run.count;
    }
    this.#runs = 0;
    this.#slot = null;
    this.#source = null;
    this.#to = this.#from = this.#end = 0;
    Atomics.store(this.#ring.counts, Count.FILLED, ++this.#filled);
    Atomics.notify(this.#ring.counts, Count.FILLED);
  }
}

/** Waits until `counts[word]` is another than `value`, or for a short while; true if that was too short. */
export type Wait = (counts: Int32Array, word: number, value: number) => boolean | Promise<boolean>;

/** The side of a part: the frames as they come out of the ring. */
export class RelayedFrames implements SharedFrames {
  readonly memory: LinearMemory;
  readonly #ring: Ring;
  readonly #slots: readonly Slot[];
  readonly #done: number;
  readonly #large: MessagePort;
  readonly #wait: Wait;
  readonly #idle: () => void | Promise<void>;
  #slot: Slot | null = null;
  #next = 0;
  #taken = 0;
  /** Where the frames of the slot lie. */
  #bytes = NOWHERE.bytes;
  #view = NOWHERE.view;

  /** `idle`: called where there is nothing to do for a while. */
  constructor(ring: Ring, part: number, large: MessagePort, wait: Wait, idle: () => void | Promise<void>) {
    this.memory = new LinearMemory(ring.memory);
    this.#ring = ring;
    this.#slots = ring.slots.map((at) => new Slot(this.memory, at));
    this.#done = doneWord(part);
    this.#large = large;
    this.#wait = wait;
    this.#idle = idle;
  }

  nextRun(): FrameRun | null {
    const slot = this.#slot;
    if (slot === null || this.#next === slot.header[1]) return null;
    const run = slot.run(this.#next);
    run.count = slot.header[2 + this.#next++]!;
    run.lieIn(this.#bytes, this.#view);
    this.segments.belongTo(run);
    return run;
  }

  get segments(): SegmentRun {
    return this.#slot!.segments(this.#next - 1);
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
    const slot = this.#slots[this.#taken % this.#slots.length]!;
    const kind = slot.header[0]!;
    if (kind === SlotKind.END) return false;
    this.#slot = slot;
    this.#next = 0;
    if (kind === SlotKind.LARGE) {
      const { address, length }: LargeFrame = receiveMessageOnPort(this.#large)!.message;
      this.#bytes = this.memory.bytes(address, length);
      this.#view = viewOf(this.#bytes);
    } else {
      this.#bytes = slot.bytes;
      this.#view = slot.view;
    }
    return true;
  }
}
