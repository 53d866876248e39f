// In: the prints of payloads as they are sent. Out: whether bytes sent again are the same as the first time.

import { CONTENT_BYTES } from '../linear/layout.ts';
import type { LinearMemory } from '../linear/memory.ts';

/**
 * A table of fixed size in which a later segment may push out an earlier one: forgetting makes a difference go unseen, never
 * seen where there is none. Only segments with the same sequence number and length are compared.
 */
export class ContentMemory {
  readonly address: number;
  readonly #memory: LinearMemory;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.address = memory.allocate(CONTENT_BYTES);
  }

  /** Remembers the segment. `tuple`: the hash of its 4-tuple. `sender`: stream and direction as one number; never that of another connection. */
  put(tuple: number, sender: number, seq: number, length: number, print: number): void {
    this.#memory.program.remember(this.address, tuple, sender, seq, length, print);
  }

  /** True if a segment of the same place and length had another print. */
  differs(tuple: number, sender: number, seq: number, length: number, print: number): boolean {
    return this.#memory.program.differs(this.address, tuple, sender, seq, length, print) !== 0;
  }
}
