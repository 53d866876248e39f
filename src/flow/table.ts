// In: the two ends of a segment, each the key of an address and a port. Out: the newest connection between them, and which end of it is the sender.
//
//   hash of both ends ─▶ front: those found last, four to a place ─▶ slots: all ─▶ the connection's row: is it between these two?
//
// A slot is a hash and a connection only. The ends stand in the connection's row, which is read next anyway; so a million connections take
// 16 MB here, and the slots of those that send just now fit the processor's cache.

import { hashOfEnds } from '../wire/share.ts';
import { layout, Row, type RowPool } from './rows.ts';

const ENTRY_WORDS = 2; // hash, connection + 1 (0: empty)
const INITIAL_SLOTS = 1 << 12;
/** Together 128 KB: of 5,000 connections at a time nearly all are there. */
const FRONT_PLACES = 1 << 12;
const FRONT_WORDS = 4 * ENTRY_WORDS;

/** A window on the four words of a connection's row that name its ends. */
class EndsRow extends Row {}
layout(EndsRow, []);

/**
 * The 4-tuples seen so far. They are unordered: A to B and B to A are the same. The key of an address is the address itself (IPv4) or the
 * number AddressTable gave it (IPv6), so each version has a table of its own. Of a tuple's connections the newest is found, as Wireshark does
 * (reference: tshark 4.0.17).
 */
export class FlowTable {
  /** Number of 4-tuples. */
  size = 0;
  readonly #connections: RowPool;
  readonly #ends: number;
  readonly #row = new EndsRow();
  /** Open addressing with linear probing. */
  #slots = new Int32Array(INITIAL_SLOTS * ENTRY_WORDS);
  #mask = INITIAL_SLOTS - 1;
  /**
   * Copies of the slots found last, at the place their hash gives them, the latest first. The slots of those that send just now are spread over
   * the whole table, which grows with the capture; their copies lie together.
   */
  readonly #front = new Int32Array(FRONT_PLACES * FRONT_WORDS);

  /** `ends`: the first of four words of a connection's row: the key of A's address, A's port, and the same of B. They do not change while it is here. */
  constructor(connections: RowPool, ends: number) {
    this.#connections = connections;
    this.#ends = ends;
  }

  /** The connection between the two ends, times two, plus 1 if B is the source; or -1. */
  find(source: number, sourcePort: number, destination: number, destinationPort: number): number {
    const hash = hashOfEnds(source, sourcePort, destination, destinationPort);
    return this.findHashed(hash, source, sourcePort, destination, destinationPort);
  }

  /** As `find`, with the hash of the ends (wire/share.ts) known already. */
  findHashed(hash: number, source: number, sourcePort: number, destination: number, destinationPort: number): number {
    const front = this.#front;
    const place = (hash & (FRONT_PLACES - 1)) * FRONT_WORDS;
    for (let at = place; at < place + FRONT_WORDS; at += ENTRY_WORDS) {
      if (front[at] !== hash) continue;
      const found = this.#compare(front[at + 1]!, source, sourcePort, destination, destinationPort);
      if (found >= 0) return found;
    }
    const at = this.#slotOf(hash, source, sourcePort, destination, destinationPort);
    const connection = this.#slots[at + 1]!;
    if (connection === 0) return -1;
    front.copyWithin(place + ENTRY_WORDS, place, place + FRONT_WORDS - ENTRY_WORDS);
    front[place] = hash;
    front[place + 1] = connection;
    return this.#compare(connection, source, sourcePort, destination, destinationPort);
  }

  /** Stores connection `index`, whose row names these ends, in place of an older one. */
  set(source: number, sourcePort: number, destination: number, destinationPort: number, index: number): void {
    const hash = hashOfEnds(source, sourcePort, destination, destinationPort);
    const slots = this.#slots;
    const at = this.#slotOf(hash, source, sourcePort, destination, destinationPort);
    const before = slots[at + 1]!;
    slots[at] = hash;
    slots[at + 1] = index + 1;
    if (before !== 0) this.#replaceInFront(hash, before, index + 1);
    else if (++this.size * 2 > this.#mask) this.#grow();
  }

  /** Forgets connection `index` between these ends; nothing is done if another one has taken its place. */
  delete(source: number, sourcePort: number, destination: number, destinationPort: number, index: number): void {
    const hash = hashOfEnds(source, sourcePort, destination, destinationPort);
    const slots = this.#slots;
    const end = this.#mask * ENTRY_WORDS + ENTRY_WORDS - 1;
    let hole = (hash & this.#mask) * ENTRY_WORDS;
    while (slots[hole + 1] !== index + 1) {
      if (slots[hole + 1] === 0) return;
      hole = (hole + ENTRY_WORDS) & end;
    }
    this.size--;
    this.#replaceInFront(hash, index + 1, 0);
    // Linear probing without tombstones: pull back each later entry whose home is not between the hole and itself.
    let next = hole;
    for (;;) {
      slots[hole + 1] = 0;
      for (;;) {
        next = (next + ENTRY_WORDS) & end;
        if (slots[next + 1] === 0) return;
        const home = (slots[next]! & this.#mask) * ENTRY_WORDS;
        const between = hole <= next ? hole < home && home <= next : hole < home || home <= next;
        if (!between) break;
      }
      slots[hole] = slots[next]!;
      slots[hole + 1] = slots[next + 1]!;
      hole = next;
    }
  }

  /** As `find`, of the one connection (`connection`: index + 1, or 0 for none): -1 if it is between other ends. */
  #compare(
    connection: number,
    source: number,
    sourcePort: number,
    destination: number,
    destinationPort: number,
  ): number {
    if (connection === 0) return -1;
    const row = this.#row;
    row.moveTo(this.#connections, connection - 1);
    const { words } = row;
    const at = row.at + this.#ends;
    const a = words[at]!;
    const portA = words[at + 1]!;
    const b = words[at + 2]!;
    const portB = words[at + 3]!;
    if (a === source && portA === sourcePort && b === destination && portB === destinationPort)
      return 2 * connection - 2;
    if (b === source && portB === sourcePort && a === destination && portA === destinationPort)
      return 2 * connection - 1;
    return -1;
  }

  /** Word offset of the slot that holds the tuple, or of the empty one where it belongs. */
  #slotOf(hash: number, source: number, sourcePort: number, destination: number, destinationPort: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash & mask;
    for (;;) {
      const at = slot * ENTRY_WORDS;
      const connection = slots[at + 1]!;
      if (connection === 0) return at;
      if (slots[at] === hash && this.#compare(connection, source, sourcePort, destination, destinationPort) >= 0)
        return at;
      slot = (slot + 1) & mask;
    }
  }

  /** `by`: 0 takes the copy away. */
  #replaceInFront(hash: number, connection: number, by: number): void {
    const front = this.#front;
    const place = (hash & (FRONT_PLACES - 1)) * FRONT_WORDS;
    for (let at = place; at < place + FRONT_WORDS; at += ENTRY_WORDS) {
      if (front[at + 1] === connection) front[at + 1] = by;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#mask = this.#mask * 2 + 1;
    const slots = new Int32Array((this.#mask + 1) * ENTRY_WORDS);
    for (let at = 0; at < old.length; at += ENTRY_WORDS) {
      if (old[at + 1] === 0) continue;
      let slot = old[at]! & this.#mask;
      while (slots[slot * ENTRY_WORDS + 1] !== 0) slot = (slot + 1) & this.#mask;
      slots[slot * ENTRY_WORDS] = old[at]!;
      slots[slot * ENTRY_WORDS + 1] = old[at + 1]!;
    }
    this.#slots = slots;
  }
}
