// In: the words of an IP address. Out: a small integer that stands for it from then on.

import type { Packet } from '../wire/packet.ts';

const WORDS = 5; // version, then four words of address
const INITIAL_SLOTS = 1 << 12;

/** Interns IPv4 and IPv6 addresses. Ids count from 0; a version 4 and a version 6 address never share one. */
export class AddressTable {
  /** Number of addresses interned. */
  size = 0;
  #words = new Int32Array(WORDS << 10);
  /** Open addressing: id + 1, or 0 for an empty slot. */
  #slots = new Int32Array(INITIAL_SLOTS);

  /** The id of the innermost source (`offset` 1) or destination (`offset` 5) of `packet`. */
  internFrom(packet: Packet, offset: 1 | 5): number {
    const layers = packet.ipLayers;
    const ip = packet.ip;
    const at = ip + offset;
    if (layers[ip] === 4) return this.intern(4, layers[at]!, 0, 0, 0);
    return this.intern(6, layers[at]!, layers[at + 1]!, layers[at + 2]!, layers[at + 3]!);
  }

  /** The id of the address, given as int32 words; a new id if it has not been met before. */
  intern(version: 4 | 6, w0: number, w1: number, w2: number, w3: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(version, w0, w1, w2, w3) & mask;
    for (;;) {
      const found = this.#slots[slot]!;
      if (found === 0) break;
      const at = (found - 1) * WORDS;
      const words = this.#words;
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

  /** 4 or 6. */
  version(id: number): 4 | 6 {
    return this.#words[id * WORDS] as 4 | 6;
  }

  /** The address as 4 or 16 bytes in network order. */
  toBytes(id: number): Uint8Array {
    const count = this.version(id) === 4 ? 1 : 4;
    const bytes = new Uint8Array(count * 4);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < count; i++) view.setInt32(i * 4, this.#words[id * WORDS + 1 + i]!);
    return bytes;
  }

  /** The address as text: dotted decimal, or IPv6 as RFC 5952 says. */
  toText(id: number): string {
    return addressText(this.#words, id * WORDS);
  }

  #add(slot: number, version: number, w0: number, w1: number, w2: number, w3: number): number {
    const id = this.size++;
    const at = id * WORDS;
    if (at + WORDS > this.#words.length) {
      const grown = new Int32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    const words = this.#words;
    words[at] = version;
    words[at + 1] = w0;
    words[at + 2] = w1;
    words[at + 3] = w2;
    words[at + 4] = w3;
    this.#slots[slot] = id + 1;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    const words = this.#words;
    for (let id = 0; id < this.size; id++) {
      const at = id * WORDS;
      let slot = hash(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!, words[at + 4]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
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
