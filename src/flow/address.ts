// In: the words of an IP address. Out: a small integer that stands for it from then on.

import type { LinearMemory } from '../linear/memory.ts';
import { KnownAddresses } from '../wire/known-addresses.ts';
import type { Packet } from '../wire/packet.ts';

const WORDS = 6; // version, then four words of address, then how many connections hold it
const HOLDERS = 5;
const PAGE_BITS = 12;
const PAGE_IDS = 1 << PAGE_BITS;
const INITIAL_SLOTS = 1 << 12;
/** The first ids are never forgotten, so that tallies can keep them; it is the many forged ones of a flood that have to go. */
const KEPT = 1 << 16;

/**
 * Interns IPv4 and IPv6 addresses. Ids count from 0 and are never used again; a version 4 and a version 6 address never share
 * one. Addresses that no connection holds any more are forgotten, and may then get another id.
 */
export class AddressTable {
  /** Number of ids given. */
  size = 0;
  /** Addresses remembered. */
  live = 0;
  /** Blocks of PAGE_IDS addresses; null where all of a block are forgotten. */
  readonly #pages: (Int32Array | null)[] = [];
  readonly #liveOfPage: number[] = [];
  /** Open addressing: id + 1, or 0 for an empty slot. */
  #slots = new Int32Array(INITIAL_SLOTS);
  readonly #known: KnownAddresses | null;

  /** `memory`: where IPv6 addresses are to be known, too: see `known`. */
  constructor(memory: LinearMemory | null = null) {
    this.#known = memory && new KnownAddresses(memory);
  }

  /** Where the program in linear memory finds ids of IPv6 addresses; 0: nowhere. */
  get known(): number {
    return this.#known?.address ?? 0;
  }

  /** The id of the innermost source (`offset` 1) or destination (`offset` 5) of `packet`, which is IPv6. */
  internV6From(packet: Packet, offset: 1 | 5): number {
    const layers = packet.ipLayers;
    const at = packet.ip + offset;
    const w0 = layers[at]!;
    const w1 = layers[at + 1]!;
    const w2 = layers[at + 2]!;
    const w3 = layers[at + 3]!;
    const id = this.intern(6, w0, w1, w2, w3);
    this.#known?.note(id, w0, w1, w2, w3);
    return id;
  }

  /** The id of the address, given as int32 words; a new id if it is not known. */
  intern(version: 4 | 6, w0: number, w1: number, w2: number, w3: number): number {
    const slots = this.#slots;
    const pages = this.#pages;
    const mask = slots.length - 1;
    let slot = hash(version, w0, w1, w2, w3) & mask;
    for (;;) {
      const found = slots[slot]!;
      if (found === 0) break;
      const words = pages[(found - 1) >>> PAGE_BITS]!;
      const at = ((found - 1) & (PAGE_IDS - 1)) * WORDS;
      if (
        words[at + 1] === w0 &&
        words[at] === version &&
        words[at + 2] === w1 &&
        words[at + 3] === w2 &&
        words[at + 4] === w3
      ) {
        return found - 1;
      }
      slot = (slot + 1) & mask;
    }
    return this.#add(slot, version, w0, w1, w2, w3);
  }

  /** One connection more holds the address. */
  hold(id: number): void {
    this.#pages[id >>> PAGE_BITS]![(id & (PAGE_IDS - 1)) * WORDS + HOLDERS]!++;
  }

  /** One connection less. The address may be forgotten with the last. */
  release(id: number): void {
    const words = this.#pages[id >>> PAGE_BITS]!;
    const at = (id & (PAGE_IDS - 1)) * WORDS;
    if (--words[at + HOLDERS]! > 0 || id < KEPT) return;
    this.#known?.forget(id, words[at + 1]!, words[at + 2]!, words[at + 3]!, words[at + 4]!);
    this.#vacate(id);
    this.live--;
    if (--this.#liveOfPage[id >>> PAGE_BITS]! === 0) this.#pages[id >>> PAGE_BITS] = null;
  }

  /** 4 or 6. */
  version(id: number): 4 | 6 {
    return this.#pages[id >>> PAGE_BITS]![(id & (PAGE_IDS - 1)) * WORDS] as 4 | 6;
  }

  /** The address as 4 or 16 bytes in network order. */
  toBytes(id: number): Uint8Array {
    const words = this.#pages[id >>> PAGE_BITS]!;
    const at = (id & (PAGE_IDS - 1)) * WORDS;
    const count = words[at] === 4 ? 1 : 4;
    const bytes = new Uint8Array(count * 4);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < count; i++) view.setInt32(i * 4, words[at + 1 + i]!);
    return bytes;
  }

  /** The address as text: dotted decimal, or IPv6 as RFC 5952 says. Of a forgotten one: "(forgotten)". */
  toText(id: number): string {
    const words = this.#pages[id >>> PAGE_BITS];
    const at = (id & (PAGE_IDS - 1)) * WORDS;
    // Most addresses stay held while their page does; one that is not may have been forgotten.
    if (words == null || (words[at + HOLDERS] === 0 && id >= KEPT)) return '(forgotten)';
    return addressText(words, at);
  }

  #add(slot: number, version: number, w0: number, w1: number, w2: number, w3: number): number {
    const id = this.size++;
    const page = id >>> PAGE_BITS;
    if (page === this.#pages.length) {
      this.#pages.push(new Int32Array(PAGE_IDS * WORDS));
      // While ids of a page are still to be given it is not dropped.
      this.#liveOfPage.push(PAGE_IDS);
    }
    const words = this.#pages[page]!;
    const at = (id & (PAGE_IDS - 1)) * WORDS;
    words[at] = version;
    words[at + 1] = w0;
    words[at + 2] = w1;
    words[at + 3] = w2;
    words[at + 4] = w3;
    this.#slots[slot] = id + 1;
    if (++this.live * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  #homeOf(id: number): number {
    const words = this.#pages[id >>> PAGE_BITS]!;
    const at = (id & (PAGE_IDS - 1)) * WORDS;
    const h = hash(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!, words[at + 4]!);
    return h & (this.#slots.length - 1);
  }

  /** Empties the slot of `id` and pulls back what stands behind it, if it may stand there (linear probing without tombstones). */
  #vacate(id: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#homeOf(id);
    while (slots[hole] !== id + 1) hole = (hole + 1) & mask;
    let next = hole;
    for (;;) {
      slots[hole] = 0;
      for (;;) {
        next = (next + 1) & mask;
        if (slots[next] === 0) return;
        const home = this.#homeOf(slots[next]! - 1);
        const between = hole <= next ? hole < home && home <= next : hole < home || home <= next;
        if (!between) break;
      }
      slots[hole] = slots[next]!;
      hole = next;
    }
  }

  #rehash(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    const mask = this.#slots.length - 1;
    for (const found of old) {
      if (found === 0) continue;
      let slot = this.#homeOf(found - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = found;
    }
  }
}

/** Text of the address at `words[at]` = version, `words[at + offset]`... = address. */
export function addressText(words: Int32Array, at: number, offset = 1): string {
  if (words[at] === 4) {
    const w = words[at + offset]!;
    return `${w >>> 24}.${(w >>> 16) & 255}.${(w >>> 8) & 255}.${w & 255}`;
  }
  return ipv6Text(words, at + offset);
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as "::"; embedded IPv4 as inet_ntop prints it. */
function ipv6Text(words: Int32Array, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 4; i++) groups.push(words[at + i]! >>> 16, words[at + i]! & 0xffff);
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && groups[i + n] === 0) n++;
    if (n > bestLength) {
      best = i;
      bestLength = n;
    }
    i += n;
  }
  const dotted = () => `${groups[6]! >> 8}.${groups[6]! & 255}.${groups[7]! >> 8}.${groups[7]! & 255}`;
  if (best === 0 && bestLength === 6) return `::${dotted()}`;
  if (best === 0 && bestLength === 5 && groups[5] === 0xffff) return `::ffff:${dotted()}`;
  const hex = groups.map((g) => g.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}

/** Multiply and fold; the constants are the usual odd ones of murmur's finalizer. */
function hash(version: number, w0: number, w1: number, w2: number, w3: number): number {
  let h = Math.imul(w0 ^ version, 0x9e3779b1);
  h = Math.imul((h ^ (h >>> 15)) + w1, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 13)) + w2, 0xc2b2ae35);
  h = Math.imul((h ^ (h >>> 16)) + w3, 0x27d4eb2f);
  return h ^ (h >>> 15);
}
