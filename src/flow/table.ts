// In: the keys of two addresses, and two ports. Out: the newest connection of that 4-tuple, whichever way round the tuple is.

const SLOT_WORDS = 4; // low key, high key, both ports, connection + 1 (0: empty)
const INITIAL_SLOTS = 1 << 12;
/** 256 KB: the copies of 5,000 connections at a time are nearly all there. */
const FRONT_SLOTS = 1 << 14;

/**
 * The 4-tuples seen so far, in one open-addressing table. They are unordered: A to B and B to A are the same entry. The key of
 * an address is the address itself (IPv4) or the number AddressTable gave it (IPv6), so each version has a table of its own.
 * An entry holds the newest connection of its tuple, as Wireshark does (reference: tshark 4.0.17).
 */
export class FlowTable {
  /** Number of 4-tuples. */
  size = 0;
  #slots = new Int32Array(INITIAL_SLOTS * SLOT_WORDS);
  #mask = INITIAL_SLOTS - 1;
  /**
   * Copies of the slots found last, each at the one place its hash gives it. The slots of those that send just now are spread over the whole
   * table, which grows with the capture; their copies lie together.
   */
  readonly #front = new Int32Array(FRONT_SLOTS * SLOT_WORDS);

  /** Looks the tuple up. Returns the connection stored for it, or -1. */
  find(source: number, sourcePort: number, destination: number, destinationPort: number): number {
    let low = source;
    let high = destination;
    let ports = (sourcePort << 16) | destinationPort;
    if (!ordered(source, sourcePort, destination, destinationPort)) {
      low = destination;
      high = source;
      ports = (destinationPort << 16) | sourcePort;
    }
    const place = hash(low, high, ports);
    const front = this.#front;
    const at = (place & (FRONT_SLOTS - 1)) * SLOT_WORDS;
    if (front[at + 2] === ports && front[at] === low && front[at + 1] === high && front[at + 3] !== 0) {
      return front[at + 3]! - 1;
    }
    const connection = this.#slots[this.#slotOf(low, high, ports, place) + 3]!;
    if (connection !== 0) write(front, at, low, high, ports, connection);
    return connection - 1;
  }

  /** Stores `connection` for the tuple, in place of an older one. */
  set(source: number, sourcePort: number, destination: number, destinationPort: number, connection: number): void {
    const swap = !ordered(source, sourcePort, destination, destinationPort);
    const low = swap ? destination : source;
    const high = swap ? source : destination;
    const ports = swap ? (destinationPort << 16) | sourcePort : (sourcePort << 16) | destinationPort;
    const place = hash(low, high, ports);
    const at = this.#slotOf(low, high, ports, place);
    const isNew = this.#slots[at + 3] === 0;
    write(this.#slots, at, low, high, ports, connection + 1);
    write(this.#front, (place & (FRONT_SLOTS - 1)) * SLOT_WORDS, low, high, ports, connection + 1);
    if (isNew && ++this.size * 2 > this.#mask) this.#grow();
  }

  /** Forgets the tuple. */
  delete(source: number, sourcePort: number, destination: number, destinationPort: number): void {
    const swap = !ordered(source, sourcePort, destination, destinationPort);
    const low = swap ? destination : source;
    const high = swap ? source : destination;
    const ports = swap ? (destinationPort << 16) | sourcePort : (sourcePort << 16) | destinationPort;
    const place = hash(low, high, ports);
    const slots = this.#slots;
    let hole = this.#slotOf(low, high, ports, place);
    if (slots[hole + 3] === 0) return;
    this.size--;
    // Whosever copy it is: it is made again when it is asked for.
    this.#front[(place & (FRONT_SLOTS - 1)) * SLOT_WORDS + 3] = 0;
    // Linear probing without tombstones: pull back each later entry whose home is not between the hole and itself.
    let next = hole;
    for (;;) {
      slots[hole + 3] = 0;
      for (;;) {
        next = (next + SLOT_WORDS) & (this.#mask * SLOT_WORDS + SLOT_WORDS - 1);
        if (slots[next + 3] === 0) return;
        const home = (hash(slots[next]!, slots[next + 1]!, slots[next + 2]!) & this.#mask) * SLOT_WORDS;
        const between = hole <= next ? hole < home && home <= next : hole < home || home <= next;
        if (!between) break;
      }
      slots.copyWithin(hole, next, next + SLOT_WORDS);
      hole = next;
    }
  }

  /** Word offset of the slot that holds the tuple, or of the empty one where it belongs. */
  #slotOf(low: number, high: number, ports: number, place: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = place & mask;
    for (;;) {
      const at = slot * SLOT_WORDS;
      if (slots[at + 3] === 0 || (slots[at + 2] === ports && slots[at] === low && slots[at + 1] === high)) return at;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#mask = this.#mask * 2 + 1;
    this.#slots = new Int32Array((this.#mask + 1) * SLOT_WORDS);
    for (let at = 0; at < old.length; at += SLOT_WORDS) {
      if (old[at + 3] === 0) continue;
      let slot = hash(old[at]!, old[at + 1]!, old[at + 2]!) & this.#mask;
      while (this.#slots[slot * SLOT_WORDS + 3] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots.set(old.subarray(at, at + SLOT_WORDS), slot * SLOT_WORDS);
    }
  }
}

function write(slots: Int32Array, at: number, low: number, high: number, ports: number, connection: number): void {
  slots[at] = low;
  slots[at + 1] = high;
  slots[at + 2] = ports;
  slots[at + 3] = connection;
}

/** True if (source, port) is the tuple's first end in the table's order. */
function ordered(source: number, sourcePort: number, destination: number, destinationPort: number): boolean {
  return source < destination || (source === destination && sourcePort <= destinationPort);
}

function hash(low: number, high: number, ports: number): number {
  let h = Math.imul(ports, 0x9e3779b1);
  h = Math.imul((h ^ (h >>> 15)) + low, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 13)) + high, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
