// In: numbers. Out: about how many different ones there were, from 1,024 bits.

const BITS = 1024;
const WORDS = BITS / 32;
/** With so few bits left empty the estimate says no more than "many". */
const LEAST_EMPTY = 8;

/** Linear counting (Whang et al. 1990): exact to a few per cent up to some thousands, then it stays at its highest. */
export class Distinct {
  /** Null until there is a second one: most that are counted so never have it. */
  #bits: Int32Array | null = null;
  /** The first one; NaN before it. */
  #first = Number.NaN;

  add(value: number): void {
    if (this.#bits === null) {
      if (Number.isNaN(this.#first)) this.#first = value;
      if (this.#first === value) return;
      this.#bits = new Int32Array(WORDS);
      this.#set(this.#bits, this.#first);
    }
    this.#set(this.#bits, value);
  }

  estimate(): number {
    if (this.#bits === null) return Number.isNaN(this.#first) ? 0 : 1;
    let set = 0;
    for (const word of this.#bits) set += popCount(word);
    return Math.round(-BITS * Math.log(Math.max(BITS - set, LEAST_EMPTY) / BITS));
  }

  #set(bits: Int32Array, value: number): void {
    const bit = hash(value) & (BITS - 1);
    bits[bit >>> 5]! |= 1 << (bit & 31);
  }
}

/** murmur3's final mix: ids and ports that follow each other spread over all bits. */
function hash(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function popCount(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
