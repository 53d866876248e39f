// In: the prints of payloads as they are sent. Out: whether bytes sent again are the same as the first time.

/** Segments remembered: enough for a few dozen on the way in each of a thousand connections, and it fits the cache. */
const SLOTS = 1 << 15;
const WORDS = 4; // stream and direction, sequence number, length, print

/**
 * A table of fixed size in which a later segment may push out an earlier one: forgetting makes a difference go unseen, never
 * seen where there is none. Only segments with the same sequence number and length are compared.
 */
export class ContentMemory {
  readonly #words = new Int32Array(SLOTS * WORDS);

  /** Remembers the segment. `sender`: stream and direction as one number; never that of another connection. */
  put(sender: number, seq: number, length: number, print: number): void {
    const words = this.#words;
    const at = slot(sender, seq);
    words[at] = sender;
    words[at + 1] = seq;
    words[at + 2] = length;
    words[at + 3] = print;
  }

  /** True if a segment of the same place and length had another print. */
  differs(sender: number, seq: number, length: number, print: number): boolean {
    const words = this.#words;
    const at = slot(sender, seq);
    if (words[at] !== sender || words[at + 1] !== seq || words[at + 2] !== length) return false;
    return words[at + 3] !== print;
  }
}

function slot(sender: number, seq: number): number {
  let h = Math.imul(seq ^ Math.imul(sender, 0x9e3779b1), 0x85ebca6b);
  h ^= h >>> 15;
  return (h & (SLOTS - 1)) * WORDS;
}
