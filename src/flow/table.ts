// In: the two ends of a segment, each the key of an address and a port. Out: the newest connection between them, and which end of it is the sender.
//
//   hash of both ends ─▶ front: those found last, four to a place ─▶ slots: all ─▶ the connection's row: is it between these two?
//
// A slot is a hash and a connection only. The ends stand in the connection's row, which is read next anyway; so a million connections take
// 16 MB here, and the slots of those that send just now fit the processor's cache. How it is searched: table.as.ts.

import { ENTRY_WORDS, FRONT_PLACES, FRONT_WORDS, TABLE_WORDS, TableWord } from '../linear/layout.ts';
import type { LinearMemory } from '../linear/memory.ts';
import type { RowPool } from './rows.ts';

const INITIAL_SLOTS = 1 << 12;

/**
 * The 4-tuples seen so far. They are unordered: A to B and B to A are the same. The key of an address is the address itself (IPv4) or the
 * number AddressTable gave it (IPv6), so each version has a table of its own. Of a tuple's connections the newest is found, as Wireshark does
 * (reference: tshark 4.0.17).
 *
 * Slots: open addressing with linear probing. Front: copies of the slots found last, at the place their hash gives them, the latest first. The
 * slots of those that send just now are spread over the whole table, which grows with the capture; their copies lie together.
 */
export class FlowTable {
  readonly address: number;
  readonly #memory: LinearMemory;
  readonly #words: Int32Array;

  /**
   * `connections`: a pool in `memory`. `ends`: the first of four words of a connection's row: the key of A's address, A's port, and the same of B. They do
   * not change while it is here.
   */
  constructor(memory: LinearMemory, connections: RowPool, ends: number) {
    this.#memory = memory;
    this.address = memory.allocate(TABLE_WORDS * 4);
    const words = memory.int32(this.address, TABLE_WORDS);
    words[TableWord.SLOTS] = memory.allocate(INITIAL_SLOTS * ENTRY_WORDS * 4);
    words[TableWord.MASK] = INITIAL_SLOTS - 1;
    words[TableWord.FRONT] = memory.allocate(FRONT_PLACES * FRONT_WORDS * 4);
    words[TableWord.PAGES] = connections.pagesAt;
    words[TableWord.ROW_BYTES] = connections.stride * 4;
    words[TableWord.ENDS] = ends;
    this.#words = words;
  }

  /** Number of 4-tuples. */
  get size(): number {
    return this.#words[TableWord.SIZE]!;
  }

  /** The connection between the two ends, times two, plus 1 if B is the source; or -1. */
  find(source: number, sourcePort: number, destination: number, destinationPort: number): number {
    return this.#memory.program.find(this.address, source, sourcePort, destination, destinationPort);
  }

  /** Stores connection `index`, whose row names these ends, in place of an older one. */
  set(source: number, sourcePort: number, destination: number, destinationPort: number, index: number): void {
    this.#memory.program.set(this.address, source, sourcePort, destination, destinationPort, index);
  }

  /** Forgets connection `index` between these ends; nothing is done if another one has taken its place. */
  delete(source: number, sourcePort: number, destination: number, destinationPort: number, index: number): void {
    this.#memory.program.remove(this.address, source, sourcePort, destination, destinationPort, index);
  }
}
