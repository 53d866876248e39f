// In: IPv6 addresses that have an id, as they come. Out: those ids where the program in linear memory looks for them (known-addresses.as.ts).
//
//   place of an address:  | words, id + 1 | words, id + 1 |    one line of the processor's cache, the latest first
//
// Whoever is pushed out is only taken in singly the next time, and is back then.

import { KNOWN_ENTRY_WORDS, KNOWN_PLACE_BITS, KNOWN_WORDS } from '../linear/layout.ts';
import type { LinearMemory } from '../linear/memory.ts';
import { folded } from './share.ts';

const ID = 4;

export class KnownAddresses {
  readonly address: number;
  readonly #words: Int32Array;

  constructor(memory: LinearMemory) {
    const words = KNOWN_WORDS << KNOWN_PLACE_BITS;
    this.address = memory.allocate(words * 4);
    this.#words = memory.int32(this.address, words);
  }

  /** The address of these words has this id. */
  note(id: number, w0: number, w1: number, w2: number, w3: number): void {
    const words = this.#words;
    const at = placeOf(w0, w1, w2, w3);
    if (words[at + ID] === id + 1) return;
    words.copyWithin(at + KNOWN_ENTRY_WORDS, at, at + KNOWN_ENTRY_WORDS);
    words[at] = w0;
    words[at + 1] = w1;
    words[at + 2] = w2;
    words[at + 3] = w3;
    words[at + ID] = id + 1;
  }

  /** The id means nothing any more. */
  forget(id: number, w0: number, w1: number, w2: number, w3: number): void {
    const words = this.#words;
    const at = placeOf(w0, w1, w2, w3);
    for (const entry of [at, at + KNOWN_ENTRY_WORDS]) {
      if (words[entry + ID] === id + 1) words[entry + ID] = 0;
    }
  }
}

function placeOf(w0: number, w1: number, w2: number, w3: number): number {
  return (Math.imul(folded(w0, w1, w2, w3), 0x9e3779b1) >>> (32 - KNOWN_PLACE_BITS)) * KNOWN_WORDS;
}
