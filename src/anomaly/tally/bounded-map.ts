// In: keys, one after another, of which there may be millions. Out: a tally for each that comes often.

import { keepHeaviest } from '../../tcp/heaviest.ts';

/** A tally knows how often its key has come. */
export interface Weighted {
  weight: number;
}

/**
 * A map that never holds more than twice `capacity` tallies: then it forgets the lighter half, the later ones first. What
 * comes often survives; a key that comes more than (all keys / capacity) times is never lost (after Manku and Motwani's
 * lossy counting). Below `capacity` everything is exact. Deterministic.
 */
export class BoundedMap<Tally extends Weighted> {
  /** Keys forgotten so far. */
  forgotten = 0;
  readonly #capacity: number;
  readonly #make: () => Tally;
  readonly #map = new Map<number, Tally>();

  constructor(capacity: number, make: () => Tally) {
    this.#capacity = capacity;
    this.#make = make;
  }

  /** The tally of `key`, made if there is none, with its weight one higher. */
  count(key: number): Tally {
    let tally = this.#map.get(key);
    if (tally === undefined) {
      if (this.#map.size >= 2 * this.#capacity) this.#forget();
      tally = this.#make();
      this.#map.set(key, tally);
    }
    tally.weight++;
    return tally;
  }

  /** The tally of `key` if there is one; its weight stays. */
  get(key: number): Tally | undefined {
    // Asked for each connection, and empty in captures without scans.
    return this.#map.size === 0 ? undefined : this.#map.get(key);
  }

  values(): IterableIterator<Tally> {
    return this.#map.values();
  }

  get size(): number {
    return this.#map.size;
  }

  #forget(): void {
    this.forgotten += this.#map.size - this.#capacity;
    keepHeaviest(this.#map, this.#capacity, (tally) => tally.weight);
  }
}
