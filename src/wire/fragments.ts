// In: IP fragments, one at a time. Out: the datagram, with the fragment that completes it. Bounded in datagrams and bytes.

import { IP_LAYER_WORDS } from './packet.ts';

/** Datagrams waiting for fragments; an IP stack keeps far fewer (Linux: 4 MB of them). */
export const MAX_WAITING_DATAGRAMS = 4096;
/** Bytes waiting in all of them. */
export const MAX_WAITING_BYTES = 32 * 1024 * 1024;

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface Datagram {
  /** By offset; of equal offsets the earlier arrival first. */
  readonly pieces: Piece[];
  /** Length of the datagram, known from the first fragment that said "no more"; -1 before. */
  length: number;
  held: number;
}

export interface ReassemblyLimits {
  datagrams?: number;
  bytes?: number;
}

/**
 * Puts datagrams together the way tshark 4.0.17 does: complete as soon as the pieces cover [0, length); where pieces
 * overlap, the one with the lower offset wins, then the earlier; nothing ever expires, and a datagram once complete is
 * forgotten, so that a late copy of a fragment begins a new one. When a limit is reached the oldest datagram is dropped
 * and counted.
 */
export class Reassembly {
  readonly #waiting = new Map<string, Datagram>();
  readonly #maxDatagrams: number;
  readonly #maxBytes: number;
  #held = 0;
  /** Datagrams dropped incomplete because a limit was reached. */
  dropped = 0;

  constructor(limits: ReassemblyLimits = {}) {
    this.#maxDatagrams = limits.datagrams ?? MAX_WAITING_DATAGRAMS;
    this.#maxBytes = limits.bytes ?? MAX_WAITING_BYTES;
  }

  /**
   * Adds the `length` bytes at `start` as the piece at `offset` of datagram `id` between the addresses of the IP layer at
   * `layer` in `ipLayers`. Returns the whole datagram's payload if this piece completes it.
   */
  add(
    id: number,
    ipLayers: Int32Array,
    layer: number,
    bytes: Uint8Array,
    start: number,
    length: number,
    offset: number,
    more: boolean,
  ): Uint8Array | null {
    const key = `${id},${ipLayers.subarray(layer + 1, layer + IP_LAYER_WORDS).join(',')}`;
    let datagram = this.#waiting.get(key);
    if (datagram === undefined) {
      if (this.#waiting.size >= this.#maxDatagrams) this.#dropOldest();
      datagram = { pieces: [], length: -1, held: 0 };
      this.#waiting.set(key, datagram);
    }
    const endsIt = !more && datagram.length < 0;
    if (endsIt) datagram.length = offset + length;
    const at = placeOf(datagram.pieces, offset);
    const same = at > 0 ? datagram.pieces[at - 1]! : null;
    // The same again adds nothing. Kept, a million copies of it would be looked at with each further one.
    const isNew = same === null || same.offset < offset || same.bytes.length < length;
    if (isNew) {
      datagram.pieces.splice(at, 0, { offset, bytes: bytes.slice(start, start + length) });
      datagram.held += length;
      this.#held += length;
    } else if (!endsIt) return null;

    if (isComplete(datagram)) {
      this.#waiting.delete(key);
      this.#held -= datagram.held;
      return join(datagram);
    }
    while (this.#held > this.#maxBytes) this.#dropOldest();
    return null;
  }

  #dropOldest(): void {
    for (const [key, datagram] of this.#waiting) {
      this.#waiting.delete(key);
      this.#held -= datagram.held;
      this.dropped++;
      return;
    }
  }
}

/** Where a piece of that offset belongs: behind those before it, and behind earlier ones of the same offset. */
function placeOf(pieces: readonly Piece[], offset: number): number {
  let at = pieces.length;
  while (at > 0 && pieces[at - 1]!.offset > offset) at--;
  return at;
}

function isComplete(datagram: Datagram): boolean {
  if (datagram.length < 0) return false;
  let covered = 0;
  for (const { offset, bytes } of datagram.pieces) {
    if (offset <= covered && offset + bytes.length > covered) covered = offset + bytes.length;
  }
  return covered >= datagram.length;
}

function join(datagram: Datagram): Uint8Array {
  const whole = new Uint8Array(datagram.length);
  let filled = 0;
  for (const { offset, bytes } of datagram.pieces) {
    const end = Math.min(offset + bytes.length, datagram.length);
    if (end <= filled) continue;
    whole.set(bytes.subarray(filled - offset, end - offset), filled);
    filled = end;
  }
  return whole;
}
