// In: when stays begin and end. Out: how many there were at once: at every instant of a grid, at most, and when.

import type { Grid } from './grid.ts';

/** The largest count, and what is known about it. */
export interface Peak {
  /** Nanoseconds since the capture's start: when it was first reached. */
  time: number;
  count: number;
  /** The true peak is at least `count - error`; 0 where it is exact. */
  error: number;
}

/**
 * Count over time in cells of a grid. Per cell it keeps by how much the count changes in all (`net`), and how far it rises
 * above where it stood before the cell (`rise`). Both add up without loss when cells merge, so a peak between two instants is
 * not lost. Only where two calls of `add` share a cell is the order of their changes unknown; then the rise is an upper bound.
 */
export class CountCurve {
  #net: Int32Array;
  #rise: Int32Array;
  #riseAt: Float64Array;
  #filled: Uint8Array;

  constructor(cells: number) {
    this.#net = new Int32Array(cells);
    this.#rise = new Int32Array(cells);
    this.#riseAt = new Float64Array(cells);
    this.#filled = new Uint8Array(cells);
  }

  /** Takes in when stays began and ended, each in ascending order. An end at the moment of a beginning comes first. */
  add(begins: Float64Array, ends: Float64Array, grid: Grid): void {
    const last = Math.max(begins.at(-1) ?? 0, ends.at(-1) ?? 0);
    this.#reserve(grid.cellsFor(last));
    let b = 0;
    let e = 0;
    while (b < begins.length || e < ends.length) {
      const first = Math.min(begins[b] ?? Infinity, ends[e] ?? Infinity);
      const cell = grid.cellOf(first);
      // Not before `first`, also where the times are too large to be exact: each turn takes something in.
      const limit = Math.max(cell * grid.step, first);
      let level = 0;
      let rise = 0;
      let riseAt = 0;
      for (;;) {
        const begin = begins[b] ?? Infinity;
        const end = ends[e] ?? Infinity;
        if (Math.min(begin, end) > limit) break;
        if (end <= begin) {
          if (end === Infinity) break;
          level--;
          e++;
        } else {
          b++;
          if (++level > rise) {
            rise = level;
            riseAt = begin;
          }
        }
      }
      this.#put(cell, level, rise, riseAt);
    }
  }

  #put(cell: number, net: number, rise: number, riseAt: number): void {
    this.#net[cell]! += net;
    if (rise > this.#rise[cell]!) this.#riseAt[cell] = riseAt;
    this.#rise[cell]! += rise;
    if (this.#filled[cell]! < 2) this.#filled[cell]!++;
  }

  /** Merges each `factor` cells into one, when the grid's step has grown that much. */
  coarsen(factor: number): void {
    if (factor === 1) return;
    const old = this.#net.length;
    for (let cell = 0; cell * factor < old + factor - 1; cell++) {
      let net = 0;
      let rise = 0;
      let riseAt = 0;
      let filled = 0;
      const from = cell === 0 ? 0 : (cell - 1) * factor + 1;
      for (let k = from; k <= cell * factor && k < old; k++) {
        if (net + this.#rise[k]! > rise) {
          rise = net + this.#rise[k]!;
          riseAt = this.#riseAt[k]!;
        }
        net += this.#net[k]!;
        filled = Math.max(filled, this.#filled[k]!);
      }
      this.#net[cell] = net;
      this.#rise[cell] = rise;
      this.#riseAt[cell] = riseAt;
      this.#filled[cell] = filled;
    }
    const cells = Math.ceil((old - 1) / factor) + 1;
    this.#net = this.#net.slice(0, cells);
    this.#rise = this.#rise.slice(0, cells);
    this.#riseAt = this.#riseAt.slice(0, cells);
    this.#filled = this.#filled.slice(0, cells);
  }

  /** Adds another curve on the same grid. Where both have changes, the rise becomes an upper bound. */
  merge(other: CountCurve): void {
    this.#reserve(other.#net.length);
    for (let k = 0; k < other.#net.length; k++) {
      if (other.#filled[k] === 0) continue;
      this.#put(k, other.#net[k]!, other.#rise[k]!, other.#riseAt[k]!);
      if (other.#filled[k] === 2) this.#filled[k] = 2;
    }
  }

  /** The counts at the instants 0, S, 2S ... up to `instants` of them. */
  samples(instants: number): number[] {
    const counts: number[] = [];
    let count = 0;
    for (let k = 0; k < instants; k++) {
      count += this.#net[k] ?? 0;
      counts.push(count);
    }
    return counts;
  }

  /** The most there were at once at 0, in (0, S], in (S, 2S] ...; `cells` of them. As {@link peak}, an upper bound after parts. */
  maxima(cells: number): number[] {
    const maxima: number[] = [];
    let count = 0;
    for (let k = 0; k < cells; k++) {
      maxima.push(count + (this.#rise[k] ?? 0));
      count += this.#net[k] ?? 0;
    }
    return maxima;
  }

  peak(): Peak {
    const peak: Peak = { time: 0, count: 0, error: 0 };
    let proven = 0;
    let count = 0;
    for (let k = 0; k < this.#net.length; k++) {
      const top = count + this.#rise[k]!;
      if (top > peak.count) {
        peak.count = top;
        peak.time = this.#riseAt[k]!;
      }
      const before = count;
      count += this.#net[k]!;
      proven = Math.max(proven, this.#filled[k] === 1 ? top : Math.max(before, count));
    }
    peak.error = peak.count - proven;
    return peak;
  }

  #reserve(cells: number): void {
    if (cells <= this.#net.length) return;
    const grown = new CountCurve(cells);
    grown.#net.set(this.#net);
    grown.#rise.set(this.#rise);
    grown.#riseAt.set(this.#riseAt);
    grown.#filled.set(this.#filled);
    this.#net = grown.#net;
    this.#rise = grown.#rise;
    this.#riseAt = grown.#riseAt;
    this.#filled = grown.#filled;
  }
}
