// In: times, in any order. Out: the most of them within a span.

/** Slots of time kept; a longer history keeps only the slots with the most. */
const SLOTS = 4096;

/** Counts by slots of a fixed width, in seconds. */
export class Peak {
  readonly #width: number;
  readonly #slots = new Map<number, number>();
  /** The slot of the last time, and how many came there since another one's did: times mostly come in order. */
  #slot = Number.NaN;
  #count = 0;

  constructor(width: number) {
    this.#width = width;
  }

  add(seconds: number): void {
    const slot = Math.floor(seconds / this.#width);
    if (slot !== this.#slot) {
      this.#enter();
      this.#slot = slot;
    }
    this.#count++;
  }

  #enter(): void {
    if (this.#count === 0) return;
    this.#slots.set(this.#slot, (this.#slots.get(this.#slot) ?? 0) + this.#count);
    this.#count = 0;
    if (this.#slots.size > 2 * SLOTS) this.#forget();
  }

  /** The most in `slots` slots in a row. */
  most(slots = 1): number {
    this.#enter();
    let most = 0;
    for (const slot of this.#slots.keys()) {
      let sum = 0;
      for (let i = 0; i < slots; i++) sum += this.#slots.get(slot + i) ?? 0;
      if (sum > most) most = sum;
    }
    return most;
  }

  #forget(): void {
    const sorted = [...this.#slots].sort(([a, x], [b, y]) => y - x || a - b);
    for (const [slot] of sorted.slice(SLOTS)) this.#slots.delete(slot);
  }
}
