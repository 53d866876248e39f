// In: the prints of payloads as they are sent. Out: whether bytes sent again are the same as the first time. See content-memory.ts.

import { get, put } from '../linear/words.as.ts';
import { CONTENT_BYTES, Share } from '../numbers.as.ts';
import { shareOf } from '../wire/share.as.ts';

/** Stream and direction, sequence number, length, print. */
const SLOT_BYTES = 16;
/**
 * Each share of the connections (wire/share.ts) has slots of its own: what is pushed out is then the same, whether all shares
 * are watched here or some by another thread.
 */
const SLOTS_OF_SHARE = CONTENT_BYTES / SLOT_BYTES / Share.COUNT;

/** See ContentMemory.put. */
export function remember(memory: i32, tuple: i32, sender: i32, seq: i32, length: i32, print: i32): void {
  const at = placeOf(memory, tuple, seq);
  put(at, 0, sender);
  put(at, 1, seq);
  put(at, 2, length);
  put(at, 3, print);
}

/** See ContentMemory.differs. */
export function differs(memory: i32, tuple: i32, sender: i32, seq: i32, length: i32, print: i32): bool {
  const at = placeOf(memory, tuple, seq);
  return get(at, 0) === sender && get(at, 1) === seq && get(at, 2) === length && get(at, 3) !== print;
}

/** Where the segment has its place. */
export function placeOf(memory: i32, tuple: i32, seq: i32): i32 {
  let h = (seq ^ tuple) * 0x85ebca6b;
  h ^= h >>> 15;
  const slot = shareOf(tuple) * SLOTS_OF_SHARE + (h & (SLOTS_OF_SHARE - 1));
  return memory + slot * SLOT_BYTES;
}
