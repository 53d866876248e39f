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
/** Entry + 1 of the next newer segment in its list; in the free list, of the next free one. */
const NEWER = 5;

/** Bits of `Direction.listBits`. */
/** The strays do not ascend. */
const STRAYS_MIXED = 1;
const FAR = 2;
/** `flightLow` and `flightHigh` hold. */
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
  /** What `#trimAny` leaves of a list: its ends, its lowest start, and bits. */
  #keptOldest = 0;
  #keptNewest = 0;
  #keptLow = 0;
  #keptBits = 0;
  /** Lowest start and highest end `#measure` has met, unsigned. */
  #low = 0;
  #high = 0;

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
    if (direction.listed++ === 0) {
      direction.listOrigin = seq;
      direction.listBits = 0;
    }
    let bits = direction.listBits;
    if ((bits & FLIGHT_KEPT) !== 0) {
      const low = seqRelative(seq, direction.base);
      const high = seqRelative(end, direction.base);
      if (low < direction.flightLow >>> 0) direction.flightLow = low;
      if (high > direction.flightHigh >>> 0) direction.flightHigh = high;
    }
    const above = seqDistance(direction.listOrigin, seq);
    const isFar = above < 0 || above > REACH_UP;
    const { newest } = direction;
    if (!isFar && (newest === 0 || this.#follows(newest, seq, end))) {
      if (newest === 0) direction.oldest = entry;
      else words[(newest - 1) * ENTRY_WORDS + NEWER] = entry;
      direction.newest = entry;
      return;
    }
    const { strayNewest } = direction;
    if (isFar) bits |= FAR | STRAYS_MIXED;
    if (strayNewest === 0) {
      direction.strayOldest = entry;
      direction.strayLow = seq;
    } else {
      if (!this.#follows(strayNewest, seq, end)) bits |= STRAYS_MIXED;
      if (seqBefore(seq, direction.strayLow)) direction.strayLow = seq;
      words[(strayNewest - 1) * ENTRY_WORDS + NEWER] = entry;
    }
    direction.strayNewest = entry;
    direction.listBits = bits;
  }

  /**
   * Takes out of `direction` what `ack` acknowledges and shortens the segments it falls into; sets `ackedFrame` and its time.
   * Of several segments that end exactly at `ack` the oldest counts.
   */
  acknowledge(direction: Direction, ack: number): void {
    this.ackedFrame = 0;
    if (direction.listed === 0) return;
    const origin = direction.listOrigin;
    const above = seqDistance(origin, ack);
    if ((direction.listBits & FAR) !== 0 || above < REACH_DOWN) {
      this.#acknowledgeAll(direction, ack);
      return;
    }
    const { oldest, strayOldest } = direction;
    const reachesRun = oldest !== 0 && above > seqDistance(origin, this.#words[(oldest - 1) * ENTRY_WORDS + SEQ]!);
    const reachesStrays = strayOldest !== 0 && above > seqDistance(origin, direction.strayLow);
    if (!reachesRun && !reachesStrays) return;
    direction.listOrigin = ack;
    direction.listBits &= ~FLIGHT_KEPT;
    if (reachesRun) {
      direction.oldest = this.#trimAscending(direction, oldest, ack);
      if (direction.oldest === 0) direction.newest = 0;
    }
    if (reachesStrays) this.#acknowledgeStrays(direction, ack);
  }

  /** Bytes from the lowest start to the highest end, compared as plain unsigned distances from `base`. The list is not empty. */
  flight(direction: Direction): number {
    const bits = direction.listBits;
    if ((bits & FLIGHT_KEPT) === 0) {
      const { base } = direction;
      this.#low = 0xffff_ffff;
      this.#high = 0;
      this.#measure(direction.oldest, direction.newest, base, true);
      this.#measure(direction.strayOldest, direction.strayNewest, base, (bits & STRAYS_MIXED) === 0);
      direction.flightLow = this.#low;
      direction.flightHigh = this.#high;
      direction.listBits = bits | FLIGHT_KEPT;
    }
    return (direction.flightHigh >>> 0) - (direction.flightLow >>> 0);
  }

  /** To be called when `base` changes. */
  baseChanged(direction: Direction): void {
    direction.listBits &= ~FLIGHT_KEPT;
  }

  /** Frame and time of the oldest segment of a direction that has one. */
  oldestFrame(direction: Direction): number {
    return this.#words[this.#oldestAt(direction) + FRAME]!;
  }

  oldestSeconds(direction: Direction): number {
    return this.#words[this.#oldestAt(direction) + SECONDS]!;
  }

  oldestNanoseconds(direction: Direction): number {
    return this.#words[this.#oldestAt(direction) + NANOSECONDS]!;
  }

  /** Gives all entries of a direction back. */
  clear(direction: Direction): void {
    this.#giveAll(direction.oldest, direction.newest);
    this.#giveAll(direction.strayOldest, direction.strayNewest);
    this.live -= direction.listed;
    direction.listed = 0;
    direction.oldest = 0;
    direction.newest = 0;
    direction.strayOldest = 0;
    direction.strayNewest = 0;
  }

  /** True if [seq, end) begins and ends no earlier than `entry` does. */
  #follows(entry: number, seq: number, end: number): boolean {
    const at = (entry - 1) * ENTRY_WORDS;
    return !seqBefore(seq, this.#words[at + SEQ]!) && !seqBefore(end, this.#words[at + END]!);
  }

  #acknowledgeStrays(direction: Direction, ack: number): void {
    if ((direction.listBits & STRAYS_MIXED) !== 0) {
      this.#trimAny(direction, direction.strayOldest, ack);
      this.#keepStrays(direction);
      return;
    }
    const oldest = this.#trimAscending(direction, direction.strayOldest, ack);
    direction.strayOldest = oldest;
    if (oldest === 0) direction.strayNewest = 0;
    else direction.strayLow = this.#words[(oldest - 1) * ENTRY_WORDS + SEQ]!;
  }

  /** tshark's way, for what the short ways do not cover. */
  #acknowledgeAll(direction: Direction, ack: number): void {
    direction.listOrigin = ack;
    this.#trimAny(direction, direction.oldest, ack);
    direction.oldest = this.#keptOldest;
    direction.newest = this.#keptNewest;
    // The entries of the run have kept their distances, so it still ascends.
    direction.listBits = this.#keptBits & FAR;
    this.#trimAny(direction, direction.strayOldest, ack);
    this.#keepStrays(direction);
  }

  #keepStrays(direction: Direction): void {
    direction.strayOldest = this.#keptOldest;
    direction.strayNewest = this.#keptNewest;
    direction.strayLow = this.#keptLow;
    direction.listBits = (direction.listBits & ~STRAYS_MIXED) | this.#keptBits;
  }

  /** Trims an ascending list from its old end; returns what is then its oldest entry. */
  #trimAscending(direction: Direction, oldest: number, ack: number): number {
    const words = this.#words;
    let entry = oldest;
    while (entry !== 0) {
      const at = (entry - 1) * ENTRY_WORDS;
      const end = words[at + END]!;
      if (seqBefore(ack, end)) break;
      if (end === ack) this.#acked(at);
      const newer = words[at + NEWER]!;
      this.#give(entry);
      direction.listed--;
      entry = newer;
    }
    for (let cut = entry; cut !== 0; ) {
      const at = (cut - 1) * ENTRY_WORDS;
      if (!seqBefore(words[at + SEQ]!, ack)) break;
      words[at + SEQ] = ack;
      cut = words[at + NEWER]!;
    }
    return entry;
  }

  /** Trims a list in any order, entry by entry; what is left is in `#kept...`. */
  #trimAny(direction: Direction, oldest: number, ack: number): void {
    const words = this.#words;
    let bits = 0;
    let low = 0;
    let first = 0;
    let last = 0;
    let entry = oldest;
    while (entry !== 0) {
      const at = (entry - 1) * ENTRY_WORDS;
      const newer = words[at + NEWER]!;
      const end = words[at + END]!;
      // In this order: equal, then above, else below (reference 6.6).
      if (end === ack || !seqBefore(ack, end)) {
        if (end === ack) this.#acked(at);
        this.#give(entry);
        direction.listed--;
      } else {
        if (seqBefore(words[at + SEQ]!, ack)) words[at + SEQ] = ack;
        const seq = words[at + SEQ]!;
        if (seqDistance(ack, seq) > REACH_UP) bits |= FAR;
        if (last === 0) {
          first = entry;
          low = seq;
        } else {
          const before = (last - 1) * ENTRY_WORDS;
          words[before + NEWER] = entry;
          if (seqBefore(seq, words[before + SEQ]!) || seqBefore(end, words[before + END]!)) bits |= STRAYS_MIXED;
          if (seqBefore(seq, low)) low = seq;
        }
        last = entry;
      }
      entry = newer;
    }
    if (last !== 0) words[(last - 1) * ENTRY_WORDS + NEWER] = 0;
    this.#keptOldest = first;
    this.#keptNewest = last;
    this.#keptLow = low;
    this.#keptBits = bits;
  }

  /** Takes the entries of a list into `#low` and `#high`. */
  #measure(oldest: number, newest: number, base: number, ascends: boolean): void {
    if (oldest === 0) return;
    const words = this.#words;
    if (ascends) {
      const low = seqRelative(words[(oldest - 1) * ENTRY_WORDS + SEQ]!, base);
      const high = seqRelative(words[(newest - 1) * ENTRY_WORDS + END]!, base);
      // Not so where the distances pass through zero between the two.
      if (high > low) {
        if (low < this.#low) this.#low = low;
        if (high > this.#high) this.#high = high;
        return;
      }
    }
    for (let entry = oldest; entry !== 0; entry = words[(entry - 1) * ENTRY_WORDS + NEWER]!) {
      const at = (entry - 1) * ENTRY_WORDS;
      const low = seqRelative(words[at + SEQ]!, base);
      const high = seqRelative(words[at + END]!, base);
      if (low < this.#low) this.#low = low;
      if (high > this.#high) this.#high = high;
    }
  }

  /** Offset of the entry sent first, in whichever list it is. */
  #oldestAt(direction: Direction): number {
    const run = (direction.oldest - 1) * ENTRY_WORDS;
    const stray = (direction.strayOldest - 1) * ENTRY_WORDS;
    if (run < 0) return stray;
    if (stray < 0) return run;
    return this.#words[run + FRAME]! < this.#words[stray + FRAME]! ? run : stray;
  }

  /** Notes the entry as acknowledged, unless one of an earlier frame is. */
  #acked(at: number): void {
    const frame = this.#words[at + FRAME]!;
    if (this.ackedFrame !== 0 && this.ackedFrame < frame) return;
    this.ackedFrame = frame;
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

  #giveAll(oldest: number, newest: number): void {
    if (oldest === 0) return;
    this.#words[(newest - 1) * ENTRY_WORDS + NEWER] = this.#free;
    this.#free = oldest;
  }
}
