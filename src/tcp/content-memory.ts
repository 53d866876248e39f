// In: the prints of payloads as they are sent. Out: whether bytes sent again are the same as the first time.

import { SHARES, shareOf } from '../wire/share.ts';

/** Segments remembered: enough for a few dozen on the way in each of a thousand connections, and it fits the cache. */
const SLOTS = 1 << 15;
const WORDS = 4; // stream and direction, sequence number, length, print
/**
 * Each share of the connections (wire/share.ts) has slots of its own: what is pushed out is then the same, whether all shares
 * are watched here or some by another thread.
 */
const SLOTS_OF_SHARE = SLOTS / SHARES;

/**
 * A table of fixed size in which a later segment may push out an earlier one: forgetting makes a difference go unseen, never
 * seen where there is none. Only segments with the same sequence number and length are compared.
 */
export class ContentMemory {
  readonly #words = new Int32Array(SLOTS * WORDS);

  /** Remembers the segment. `tuple`: the hash of its 4-tuple. `sender`: stream and direction as one number; never that of another connection. */
  put(tuple: number, sender: number, seq: number, length: number, print: number): void {
    const words = this.#words;
    const at = slot(tuple, seq);
    words[at] = sender;
    words[at + 1] = seq;
    words[at + 2] = length;
    words[at + 3] = print;
  }

  /** True if a segment of the same place and length had another print. */
  differs(tuple: number, sender: number, seq: number, length: number, print: number): boolean {
    const words = this.#words;
    const at = slot(tuple, seq);
    if (words[at] !== sender || words[at + 1] !== seq || words[at + 2] !== length) return false;
    return words[at + 3] !== print;
  }
}

function slot(tuple: number, seq: number): number {
  let h = Math.imul(seq ^ tuple, 0x85ebca6b);
  h ^= h >>> 15;
  return (shareOf(tuple) * SLOTS_OF_SHARE + (h & (SLOTS_OF_SHARE - 1))) * WORDS;
}
