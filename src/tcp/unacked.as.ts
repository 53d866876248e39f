// In: segments that occupy sequence space, and acknowledgments. Out: the lists of those without acknowledgment. See unacked.ts.
//
// `unacked`: see UnackedWord. `direction`: see Direction.

import { rowAt } from '../flow/rows.as.ts';
import { allocate } from '../linear/memory.as.ts';
import { add, get, put } from '../linear/words.as.ts';
import { DirectionWord, Entry, ListBit, POOL_PAGE_BITS, Reach, UnackedWord } from '../numbers.as.ts';
import { seqBefore } from '../wire/seq.as.ts';

const ENTRY_BYTES = Entry.WORDS * 4;
const PAGE_ENTRIES = 1 << POOL_PAGE_BITS;

/** See UnackedSegments.add. */
export function addUnacked(
  unacked: i32,
  direction: i32,
  seq: i32,
  end: i32,
  frame: i32,
  seconds: i32,
  nanoseconds: i32,
): void {
  const entry = take(unacked);
  const at = entryAt(unacked, entry);
  put(at, Entry.SEQ, seq);
  put(at, Entry.END, end);
  put(at, Entry.SECONDS, seconds);
  put(at, Entry.NANOSECONDS, nanoseconds);
  put(at, Entry.FRAME, frame);
  put(at, Entry.NEWER, 0);
  const listed = get(direction, DirectionWord.LISTED);
  put(direction, DirectionWord.LISTED, listed + 1);
  if (listed === 0) {
    put(direction, DirectionWord.LIST_ORIGIN, seq);
    put(direction, DirectionWord.LIST_BITS, 0);
  }
  let bits = get(direction, DirectionWord.LIST_BITS);
  if ((bits & ListBit.FLIGHT_KEPT) !== 0) {
    const base = get(direction, DirectionWord.BASE);
    const low = <u32>(seq - base);
    const high = <u32>(end - base);
    if (low < <u32>get(direction, DirectionWord.FLIGHT_LOW)) put(direction, DirectionWord.FLIGHT_LOW, low);
    if (high > <u32>get(direction, DirectionWord.FLIGHT_HIGH)) put(direction, DirectionWord.FLIGHT_HIGH, high);
  }
  const above = seq - get(direction, DirectionWord.LIST_ORIGIN);
  const isFar = above < 0 || above > Reach.UP;
  const newest = get(direction, DirectionWord.NEWEST);
  if (!isFar && (newest === 0 || follows(unacked, newest, seq, end))) {
    if (newest === 0) put(direction, DirectionWord.OLDEST, entry);
    else put(entryAt(unacked, newest), Entry.NEWER, entry);
    put(direction, DirectionWord.NEWEST, entry);
    return;
  }
  const strayNewest = get(direction, DirectionWord.STRAY_NEWEST);
  if (isFar) bits |= ListBit.FAR | ListBit.STRAYS_MIXED;
  if (strayNewest === 0) {
    put(direction, DirectionWord.STRAY_OLDEST, entry);
    put(direction, DirectionWord.STRAY_LOW, seq);
  } else {
    if (!follows(unacked, strayNewest, seq, end)) bits |= ListBit.STRAYS_MIXED;
    if (seqBefore(seq, get(direction, DirectionWord.STRAY_LOW))) put(direction, DirectionWord.STRAY_LOW, seq);
    put(entryAt(unacked, strayNewest), Entry.NEWER, entry);
  }
  put(direction, DirectionWord.STRAY_NEWEST, entry);
  put(direction, DirectionWord.LIST_BITS, bits);
}

/** See UnackedSegments.acknowledge. */
export function acknowledge(unacked: i32, direction: i32, ack: i32): void {
  put(unacked, UnackedWord.ACKED_FRAME, 0);
  if (get(direction, DirectionWord.LISTED) === 0) return;
  const origin = get(direction, DirectionWord.LIST_ORIGIN);
  const above = ack - origin;
  if ((get(direction, DirectionWord.LIST_BITS) & ListBit.FAR) !== 0 || above < Reach.DOWN) {
    acknowledgeAll(unacked, direction, ack);
    return;
  }
  const oldest = get(direction, DirectionWord.OLDEST);
  const reachesRun = oldest !== 0 && above > get(entryAt(unacked, oldest), Entry.SEQ) - origin;
  const hasStrays = get(direction, DirectionWord.STRAY_OLDEST) !== 0;
  const reachesStrays = hasStrays && above > get(direction, DirectionWord.STRAY_LOW) - origin;
  if (!reachesRun && !reachesStrays) return;
  put(direction, DirectionWord.LIST_ORIGIN, ack);
  put(direction, DirectionWord.LIST_BITS, get(direction, DirectionWord.LIST_BITS) & ~ListBit.FLIGHT_KEPT);
  if (reachesRun) {
    const left = trimAscending(unacked, direction, oldest, ack);
    put(direction, DirectionWord.OLDEST, left);
    if (left === 0) put(direction, DirectionWord.NEWEST, 0);
  }
  if (reachesStrays) acknowledgeStrays(unacked, direction, ack);
}

/** See UnackedSegments.flight. */
export function flight(unacked: i32, direction: i32): u32 {
  const bits = get(direction, DirectionWord.LIST_BITS);
  if ((bits & ListBit.FLIGHT_KEPT) === 0) {
    put(direction, DirectionWord.FLIGHT_LOW, -1);
    put(direction, DirectionWord.FLIGHT_HIGH, 0);
    measure(unacked, direction, DirectionWord.OLDEST, true);
    measure(unacked, direction, DirectionWord.STRAY_OLDEST, (bits & ListBit.STRAYS_MIXED) === 0);
    put(direction, DirectionWord.LIST_BITS, bits | ListBit.FLIGHT_KEPT);
  }
  return <u32>get(direction, DirectionWord.FLIGHT_HIGH) - <u32>get(direction, DirectionWord.FLIGHT_LOW);
}

/** See UnackedSegments.clear. */
export function clearUnacked(unacked: i32, direction: i32): void {
  giveAll(unacked, direction, DirectionWord.OLDEST);
  giveAll(unacked, direction, DirectionWord.STRAY_OLDEST);
  put(direction, DirectionWord.LISTED, 0);
}

/** See UnackedSegments.findOldest. */
export function findOldest(unacked: i32, direction: i32): void {
  const oldest = get(direction, DirectionWord.OLDEST);
  const stray = get(direction, DirectionWord.STRAY_OLDEST);
  let at = entryAt(unacked, oldest === 0 ? stray : oldest);
  if (oldest !== 0 && stray !== 0) {
    const other = entryAt(unacked, stray);
    if (get(at, Entry.FRAME) >= get(other, Entry.FRAME)) at = other;
  }
  put(unacked, UnackedWord.OLDEST_FRAME, get(at, Entry.FRAME));
  put(unacked, UnackedWord.OLDEST_SECONDS, get(at, Entry.SECONDS));
  put(unacked, UnackedWord.OLDEST_NANOSECONDS, get(at, Entry.NANOSECONDS));
}

function entryAt(unacked: i32, entry: i32): i32 {
  return rowAt(get(unacked, UnackedWord.PAGES), entry - 1, ENTRY_BYTES);
}

/** True if [seq, end) begins and ends no earlier than `entry` does. */
function follows(unacked: i32, entry: i32, seq: i32, end: i32): bool {
  const at = entryAt(unacked, entry);
  return !seqBefore(seq, get(at, Entry.SEQ)) && !seqBefore(end, get(at, Entry.END));
}

function acknowledgeStrays(unacked: i32, direction: i32, ack: i32): void {
  const strayOldest = get(direction, DirectionWord.STRAY_OLDEST);
  if ((get(direction, DirectionWord.LIST_BITS) & ListBit.STRAYS_MIXED) !== 0) {
    trimAny(unacked, direction, strayOldest, ack);
    keepStrays(unacked, direction);
    return;
  }
  const oldest = trimAscending(unacked, direction, strayOldest, ack);
  put(direction, DirectionWord.STRAY_OLDEST, oldest);
  if (oldest === 0) put(direction, DirectionWord.STRAY_NEWEST, 0);
  else put(direction, DirectionWord.STRAY_LOW, get(entryAt(unacked, oldest), Entry.SEQ));
}

/** tshark's way, for what the short ways do not cover. */
function acknowledgeAll(unacked: i32, direction: i32, ack: i32): void {
  put(direction, DirectionWord.LIST_ORIGIN, ack);
  trimAny(unacked, direction, get(direction, DirectionWord.OLDEST), ack);
  put(direction, DirectionWord.OLDEST, get(unacked, UnackedWord.KEPT_OLDEST));
  put(direction, DirectionWord.NEWEST, get(unacked, UnackedWord.KEPT_NEWEST));
  // The entries of the run have kept their distances, so it still ascends.
  put(direction, DirectionWord.LIST_BITS, get(unacked, UnackedWord.KEPT_BITS) & ListBit.FAR);
  trimAny(unacked, direction, get(direction, DirectionWord.STRAY_OLDEST), ack);
  keepStrays(unacked, direction);
}

function keepStrays(unacked: i32, direction: i32): void {
  put(direction, DirectionWord.STRAY_OLDEST, get(unacked, UnackedWord.KEPT_OLDEST));
  put(direction, DirectionWord.STRAY_NEWEST, get(unacked, UnackedWord.KEPT_NEWEST));
  put(direction, DirectionWord.STRAY_LOW, get(unacked, UnackedWord.KEPT_LOW));
  const bits = get(direction, DirectionWord.LIST_BITS) & ~ListBit.STRAYS_MIXED;
  put(direction, DirectionWord.LIST_BITS, bits | get(unacked, UnackedWord.KEPT_BITS));
}

/** Trims an ascending list from its old end; returns what is then its oldest entry. */
function trimAscending(unacked: i32, direction: i32, oldest: i32, ack: i32): i32 {
  let entry = oldest;
  while (entry !== 0) {
    const at = entryAt(unacked, entry);
    const end = get(at, Entry.END);
    if (seqBefore(ack, end)) break;
    if (end === ack) acked(unacked, at);
    const newer = get(at, Entry.NEWER);
    give(unacked, entry);
    add(direction, DirectionWord.LISTED, -1);
    entry = newer;
  }
  for (let cut = entry; cut !== 0; ) {
    const at = entryAt(unacked, cut);
    if (!seqBefore(get(at, Entry.SEQ), ack)) break;
    put(at, Entry.SEQ, ack);
    cut = get(at, Entry.NEWER);
  }
  return entry;
}

/** Trims a list in any order, entry by entry; what is left is in the words KEPT_... */
function trimAny(unacked: i32, direction: i32, oldest: i32, ack: i32): void {
  let bits = 0;
  let low = 0;
  let first = 0;
  let last = 0;
  let entry = oldest;
  while (entry !== 0) {
    const at = entryAt(unacked, entry);
    const newer = get(at, Entry.NEWER);
    const end = get(at, Entry.END);
    // In this order: equal, then above, else below (reference 6.6).
    if (end === ack || !seqBefore(ack, end)) {
      if (end === ack) acked(unacked, at);
      give(unacked, entry);
      add(direction, DirectionWord.LISTED, -1);
    } else {
      if (seqBefore(get(at, Entry.SEQ), ack)) put(at, Entry.SEQ, ack);
      const seq = get(at, Entry.SEQ);
      if (seq - ack > Reach.UP) bits |= ListBit.FAR;
      if (last === 0) {
        first = entry;
        low = seq;
      } else {
        const before = entryAt(unacked, last);
        put(before, Entry.NEWER, entry);
        if (seqBefore(seq, get(before, Entry.SEQ)) || seqBefore(end, get(before, Entry.END)))
          bits |= ListBit.STRAYS_MIXED;
        if (seqBefore(seq, low)) low = seq;
      }
      last = entry;
    }
    entry = newer;
  }
  if (last !== 0) put(entryAt(unacked, last), Entry.NEWER, 0);
  put(unacked, UnackedWord.KEPT_OLDEST, first);
  put(unacked, UnackedWord.KEPT_NEWEST, last);
  put(unacked, UnackedWord.KEPT_LOW, low);
  put(unacked, UnackedWord.KEPT_BITS, bits);
}

/** Takes the entries of the list whose oldest is in word `oldest`, and the newest in the next, into the flight. */
function measure(unacked: i32, direction: i32, oldest: i32, ascends: bool): void {
  const first = get(direction, oldest);
  if (first === 0) return;
  const base = get(direction, DirectionWord.BASE);
  if (ascends) {
    const low = <u32>(get(entryAt(unacked, first), Entry.SEQ) - base);
    const high = <u32>(get(entryAt(unacked, get(direction, oldest + 1)), Entry.END) - base);
    // Not so where the distances pass through zero between the two.
    if (high > low) {
      widen(direction, low, high);
      return;
    }
  }
  for (let entry = first; entry !== 0; entry = get(entryAt(unacked, entry), Entry.NEWER)) {
    const at = entryAt(unacked, entry);
    widen(direction, <u32>(get(at, Entry.SEQ) - base), <u32>(get(at, Entry.END) - base));
  }
}

function widen(direction: i32, low: u32, high: u32): void {
  if (low < <u32>get(direction, DirectionWord.FLIGHT_LOW)) put(direction, DirectionWord.FLIGHT_LOW, low);
  if (high > <u32>get(direction, DirectionWord.FLIGHT_HIGH)) put(direction, DirectionWord.FLIGHT_HIGH, high);
}

/** Notes the entry as acknowledged, unless one of an earlier frame is. */
function acked(unacked: i32, at: i32): void {
  const frame = get(at, Entry.FRAME);
  const before = get(unacked, UnackedWord.ACKED_FRAME);
  if (before !== 0 && before < frame) return;
  put(unacked, UnackedWord.ACKED_FRAME, frame);
  put(unacked, UnackedWord.ACKED_SECONDS, get(at, Entry.SECONDS));
  put(unacked, UnackedWord.ACKED_NANOSECONDS, get(at, Entry.NANOSECONDS));
}

/** Entry + 1 of an unused entry. */
function take(unacked: i32): i32 {
  const entry = get(unacked, UnackedWord.FREE);
  if (entry !== 0) {
    put(unacked, UnackedWord.FREE, get(entryAt(unacked, entry), Entry.NEWER));
    return entry;
  }
  const used = get(unacked, UnackedWord.USED);
  if ((used & (PAGE_ENTRIES - 1)) === 0)
    put(get(unacked, UnackedWord.PAGES), used >>> POOL_PAGE_BITS, allocate(PAGE_ENTRIES * ENTRY_BYTES));
  put(unacked, UnackedWord.USED, used + 1);
  return used + 1;
}

function give(unacked: i32, entry: i32): void {
  put(entryAt(unacked, entry), Entry.NEWER, get(unacked, UnackedWord.FREE));
  put(unacked, UnackedWord.FREE, entry);
}

/** Gives back the list whose oldest is in word `oldest`, and the newest in the next. */
function giveAll(unacked: i32, direction: i32, oldest: i32): void {
  const first = get(direction, oldest);
  if (first === 0) return;
  put(entryAt(unacked, get(direction, oldest + 1)), Entry.NEWER, get(unacked, UnackedWord.FREE));
  put(unacked, UnackedWord.FREE, first);
  put(direction, oldest, 0);
  put(direction, oldest + 1, 0);
}
