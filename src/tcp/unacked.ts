// In: segments that occupy sequence space, and acknowledgments. Out: which segments are still unacknowledged, the one an
// acknowledgment ends on, and the bytes in flight.
//
// tshark 4.0.17 keeps the segments of a direction in a list of at most 10,000 entries, walks all of it for each segment of
// the other direction and again for each data segment of its own. The results here are the same; the walks are rare:
//
//   oldest                                        newest
//   [seq,end) ─▶ [seq,end) ─▶ [seq,end) ─▶ ... ─▶ [seq,end)     starts and ends ascending, as long as nothing is sent again
//        ▲
//        └── an acknowledgment at or below this start changes nothing; a higher one works upward from here and stops early
//
// The order is measured from `listOrigin` and holds while no entry lies more than 2^30 above it. Entries out of order, too
// far away or below the origin set a bit, and then each acknowledgment that can change anything does walk the list.

import { seqBefore, seqDistance, seqRelative } from '../wire/seq.ts';
import type { Direction } from './direction.ts';

/** Entries per direction, as in tshark 4.0.17. */
export const UNACKED_LIMIT = 10_000;

const ENTRY_WORDS = 6;
const SEQ = 0;
const END = 1;
const SECONDS = 2;
const NANOSECONDS = 3;
const FRAME = 4;
/** Entry + 1 of the next newer segment; in the free list, of the next free one. */
const NEWER = 5;

/** Bits of `Direction.listBits`. */
const OUT_OF_ORDER = 1;
const FAR = 2;
const FLIGHT_KEPT = 4;

/** How far above `listOrigin` an entry may lie for the short ways to be exact, and how far below it an acknowledgment. */
const REACH_UP = 1 << 30;
const REACH_DOWN = -(1 << 29);

/** The unacknowledged segments of all directions, in one typed array. */
export class UnackedSegments {
  /** Entries in use. */
  live = 0;
  /** Set by `acknowledge`: frame and time of the segment that ended exactly at the acknowledgment; frame 0 if none did. */
  ackedFrame = 0;
  ackedSeconds = 0;
  ackedNanoseconds = 0;
  #words = new Int32Array(ENTRY_WORDS << 10);
  #capacity = 0;
  #free = 0;

  /** Entries the memory has room for. */
  get room(): number {
    return this.#words.length / ENTRY_WORDS;
  }

  /** Adds [seq, end) as the newest segment of `direction`. The caller minds UNACKED_LIMIT. */
  add(direction: Direction, seq: number, end: number, frameNumber: number, seconds: number, nanoseconds: number): void {
    const entry = this.#take();
    const words = this.#words;
    const at = (entry - 1) * ENTRY_WORDS;
    words[at + SEQ] = seq;
    words[at + END] = end;
    words[at + SECONDS] = seconds;
    words[at + NANOSECONDS] = nanoseconds;
    words[at + FRAME] = frameNumber;
    words[at + NEWER] = 0;
    const { newest } = direction;
    direction.newest = entry;
    direction.listed++;
    if (newest === 0) {
      direction.oldest = entry;
      direction.listOrigin = seq;
      direction.listBits = 0;
      return;
    }
    const before = (newest - 1) * ENTRY_WORDS;
    words[before + NEWER] = entry;
    let bits = direction.listBits;
    const above = seqDistance(direction.listOrigin, seq);
    if (above < 0 || above > REACH_UP) bits |= FAR;
    if ((bits & OUT_OF_ORDER) !== 0) {
      if (seqBefore(seq, direction.listLow)) direction.listLow = seq;
    } else if (seqBefore(seq, words[before + SEQ]!) || seqBefore(end, words[before + END]!)) {
      bits |= OUT_OF_ORDER;
      const lowest = words[(direction.oldest - 1) * ENTRY_WORDS + SEQ]!;
      direction.listLow = seqBefore(seq, lowest) ? seq : lowest;
    }
    if ((bits & FLIGHT_KEPT) !== 0) {
      const low = seqRelative(seq, direction.base);
      const high = seqRelative(end, direction.base);
      if (low < direction.flightLow >>> 0) direction.flightLow = low;
      if (high > direction.flightHigh >>> 0) direction.flightHigh = high;
    }
    direction.listBits = bits;
  }

  /**
   * Takes out of `direction` what `ack` acknowledges and shortens the segment it falls into; sets `ackedFrame` and its time.
   * Of several segments that end exactly at `ack` the oldest counts.
   */
  acknowledge(direction: Direction, ack: number): void {
    this.ackedFrame = 0;
    if (direction.listed === 0) return;
    const bits = direction.listBits;
    if ((bits & FAR) === 0) {
      const origin = direction.listOrigin;
      const above = seqDistance(origin, ack);
      const sorted = (bits & OUT_OF_ORDER) === 0;
      const low = sorted ? this.#words[(direction.oldest - 1) * ENTRY_WORDS + SEQ]! : direction.listLow;
      if (above >= REACH_DOWN && above <= seqDistance(origin, low)) return;
      if (sorted && above > 0) {
        this.#acknowledgeSorted(direction, ack);
        return;
      }
    }
    this.#acknowledgeAll(direction, ack);
  }

  /** Bytes from the lowest start to the highest end, compared as plain unsigned distances from `base`; 0 if the list is empty. */
  flight(direction: Direction): number {
    if (direction.listed === 0) return 0;
    const words = this.#words;
    const { base } = direction;
    if ((direction.listBits & (OUT_OF_ORDER | FAR)) === 0) {
      const low = seqRelative(words[(direction.oldest - 1) * ENTRY_WORDS + SEQ]!, base);
      const high = seqRelative(words[(direction.newest - 1) * ENTRY_WORDS + END]!, base);
      // Not so where the distances pass through zero between the two.
      if (high > low) return high - low;
    }
    if ((direction.listBits & FLIGHT_KEPT) === 0) this.#keepFlight(direction);
    return (direction.flightHigh >>> 0) - (direction.flightLow >>> 0);
  }

  /** To be called when `base` changes. */
  baseChanged(direction: Direction): void {
    direction.listBits &= ~FLIGHT_KEPT;
  }

  /** Frame and time of the oldest segment of a direction that has one. */
  oldestFrame(direction: Direction): number {
    return this.#words[(direction.oldest - 1) * ENTRY_WORDS + FRAME]!;
  }

  oldestSeconds(direction: Direction): number {
    return this.#words[(direction.oldest - 1) * ENTRY_WORDS + SECONDS]!;
  }

  oldestNanoseconds(direction: Direction): number {
    return this.#words[(direction.oldest - 1) * ENTRY_WORDS + NANOSECONDS]!;
  }

  /** Gives all entries of a direction back. */
  clear(direction: Direction): void {
    if (direction.listed === 0) return;
    this.#words[(direction.newest - 1) * ENTRY_WORDS + NEWER] = this.#free;
    this.#free = direction.oldest;
    this.live -= direction.listed;
    direction.oldest = 0;
    direction.newest = 0;
    direction.listed = 0;
  }

  /** The list ascends, so what is acknowledged lies at its old end. */
  #acknowledgeSorted(direction: Direction, ack: number): void {
    const words = this.#words;
    let entry = direction.oldest;
    while (entry !== 0) {
      const at = (entry - 1) * ENTRY_WORDS;
      const end = words[at + END]!;
      if (seqBefore(ack, end)) break;
      if (end === ack && this.ackedFrame === 0) this.#acked(at);
      const newer = words[at + NEWER]!;
      this.#give(entry);
      direction.listed--;
      entry = newer;
    }
    direction.oldest = entry;
    if (entry === 0) direction.newest = 0;
    direction.listOrigin = ack;
    direction.listBits &= ~FLIGHT_KEPT;
    while (entry !== 0) {
      const at = (entry - 1) * ENTRY_WORDS;
      if (!seqBefore(words[at + SEQ]!, ack)) break;
      words[at + SEQ] = ack;
      entry = words[at + NEWER]!;
    }
  }

  #acknowledgeAll(direction: Direction, ack: number): void {
    const words = this.#words;
    let bits = 0;
    let kept = 0;
    let low = 0;
    let entry = direction.oldest;
    direction.oldest = 0;
    while (entry !== 0) {
      const at = (entry - 1) * ENTRY_WORDS;
      const newer = words[at + NEWER]!;
      const end = words[at + END]!;
      // In this order: equal, then above, else below (reference 6.6).
      if (end === ack || !seqBefore(ack, end)) {
        if (end === ack && this.ackedFrame === 0) this.#acked(at);
        this.#give(entry);
        direction.listed--;
      } else {
        if (seqBefore(words[at + SEQ]!, ack)) words[at + SEQ] = ack;
        const seq = words[at + SEQ]!;
        if (seqDistance(ack, seq) > REACH_UP) bits |= FAR;
        if (kept === 0) {
          direction.oldest = entry;
          low = seq;
        } else {
          const before = (kept - 1) * ENTRY_WORDS;
          words[before + NEWER] = entry;
          if (seqBefore(seq, words[before + SEQ]!) || seqBefore(end, words[before + END]!)) bits |= OUT_OF_ORDER;
          if (seqBefore(seq, low)) low = seq;
        }
        kept = entry;
      }
      entry = newer;
    }
    direction.newest = kept;
    if (kept !== 0) words[(kept - 1) * ENTRY_WORDS + NEWER] = 0;
    direction.listBits = bits;
    direction.listLow = low;
    direction.listOrigin = ack;
  }

  #keepFlight(direction: Direction): void {
    const words = this.#words;
    const { base } = direction;
    let low = 0xffff_ffff;
    let high = 0;
    for (let entry = direction.oldest; entry !== 0; entry = words[(entry - 1) * ENTRY_WORDS + NEWER]!) {
      const at = (entry - 1) * ENTRY_WORDS;
      const start = seqRelative(words[at + SEQ]!, base);
      const end = seqRelative(words[at + END]!, base);
      if (start < low) low = start;
      if (end > high) high = end;
    }
    direction.flightLow = low;
    direction.flightHigh = high;
    direction.listBits |= FLIGHT_KEPT;
  }

  #acked(at: number): void {
    this.ackedFrame = this.#words[at + FRAME]!;
    this.ackedSeconds = this.#words[at + SECONDS]!;
    this.ackedNanoseconds = this.#words[at + NANOSECONDS]!;
  }

  /** Entry + 1 of an unused entry. */
  #take(): number {
    this.live++;
    const entry = this.#free;
    if (entry !== 0) {
      this.#free = this.#words[(entry - 1) * ENTRY_WORDS + NEWER]!;
      return entry;
    }
    if (++this.#capacity * ENTRY_WORDS > this.#words.length) {
      const grown = new Int32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    return this.#capacity;
  }

  #give(entry: number): void {
    this.live--;
    this.#words[(entry - 1) * ENTRY_WORDS + NEWER] = this.#free;
    this.#free = entry;
  }
}
