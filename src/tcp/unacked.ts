// In: segments that occupy sequence space, and acknowledgments. Out: which segments are still unacknowledged, the one an
// acknowledgment ends on, and the bytes in flight.
//
// tshark 4.0.17 keeps the segments of a direction in a list of at most 10,000 entries, walks all of it for each segment of
// the other direction and again for each data segment of its own. The results here are the same; the walks are rare,
// because the list is kept as two, each in the order sent:
//
//   run     oldest [seq,end) ─▶ [seq,end) ─▶ ... ─▶ [seq,end) newest     starts and ends ascending
//   strays  oldest [seq,end) ─▶ ...                                      whatever was sent below the run's end: sent again
//
// An acknowledgment at or below all starts changes nothing; a higher one works upward from the old end of the run and
// stops early; the strays are few. The order is measured from `listOrigin` and holds while no entry lies below it or more
// than 2^30 above: such an entry becomes a stray and sets FAR, and then every acknowledgment walks both lists.

import { UNACKED_WORDS, UnackedWord } from '../linear/layout.ts';
import type { LinearMemory } from '../linear/memory.ts';
import type { Direction } from './direction.ts';

/** Entries per direction, as in tshark 4.0.17. */
export const UNACKED_LIMIT = 10_000;

/** Words of an entry. `NEWER`: entry + 1 of the next newer segment in its list; in the free list, of the next free one. */
export const Entry = { SEQ: 0, END: 1, SECONDS: 2, NANOSECONDS: 3, FRAME: 4, NEWER: 5, WORDS: 6 } as const;

/** Bits of `Direction.listBits`. */
export const ListBit = {
  /** The strays do not ascend. */
  STRAYS_MIXED: 1,
  FAR: 2,
  /** `flightLow` and `flightHigh` hold. */
  FLIGHT_KEPT: 4,
} as const;

/** How far above `listOrigin` an entry may lie for the short ways to be exact, and how far below it an acknowledgment. */
export const Reach = { UP: 1 << 30, DOWN: -(1 << 29) } as const;

/** More pages of entries than have room in linear memory. */
const MOST_PAGES = 1 << 16;

/** The unacknowledged segments of all directions, whose rows lie in the same memory. */
export class UnackedSegments {
  /** Where the program finds them. */
  readonly address: number;
  readonly #memory: LinearMemory;
  readonly #words: Int32Array;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.address = memory.allocate(UNACKED_WORDS * 4);
    this.#words = memory.int32(this.address, UNACKED_WORDS);
    this.#words[UnackedWord.PAGES] = memory.allocate(MOST_PAGES * 4);
  }

  /** Adds [seq, end) as the newest segment of `direction`. The caller minds UNACKED_LIMIT. */
  add(direction: Direction, seq: number, end: number, frameNumber: number, seconds: number, nanoseconds: number): void {
    this.#memory.program.addUnacked(this.address, direction.memoryAddress, seq, end, frameNumber, seconds, nanoseconds);
  }

  /**
   * Takes out of `direction` what `ack` acknowledges and shortens the segments it falls into; sets `ackedFrame` and its time.
   * Of several segments that end exactly at `ack` the oldest counts.
   */
  acknowledge(direction: Direction, ack: number): void {
    this.#memory.program.acknowledge(this.address, direction.memoryAddress, ack);
  }

  /** Set by `acknowledge`: frame and time of the segment that ended exactly at the acknowledgment; frame 0 if none did. */
  get ackedFrame(): number {
    return this.#words[UnackedWord.ACKED_FRAME]!;
  }

  get ackedSeconds(): number {
    return this.#words[UnackedWord.ACKED_SECONDS]!;
  }

  get ackedNanoseconds(): number {
    return this.#words[UnackedWord.ACKED_NANOSECONDS]!;
  }

  /** Bytes from the lowest start to the highest end, compared as plain unsigned distances from `base`. The list is not empty. */
  flight(direction: Direction): number {
    return this.#memory.program.flight(this.address, direction.memoryAddress) >>> 0;
  }

  /** To be called when `base` changes. */
  baseChanged(direction: Direction): void {
    direction.listBits &= ~ListBit.FLIGHT_KEPT;
  }

  /** Looks for the oldest segment of a direction that has one, in whichever list it is. */
  findOldest(direction: Direction): void {
    this.#memory.program.findOldest(this.address, direction.memoryAddress);
  }

  /** Frame and time of the segment that `findOldest` found. */
  get oldestFrame(): number {
    return this.#words[UnackedWord.OLDEST_FRAME]!;
  }

  get oldestSeconds(): number {
    return this.#words[UnackedWord.OLDEST_SECONDS]!;
  }

  get oldestNanoseconds(): number {
    return this.#words[UnackedWord.OLDEST_NANOSECONDS]!;
  }

  /** Gives all entries of a direction back. */
  clear(direction: Direction): void {
    this.#memory.program.clearUnacked(this.address, direction.memoryAddress);
  }
}
