// In: how long the capture has become. Out: the step in which counts over time are kept: 1, 5, 10, 50 ... from 1 µs on.
//
//   instant    0        S        2S       3S
//              ├────────┼────────┼────────┼──▶      cell k holds what happens in ((k-1)S, kS];
//   cell       0    1        2        3             the count at instant kS is the sum of cells 0 to k.
//
// Each step divides the next (1 | 5 | 10), so that cells merge without loss when the step grows; with 1-2-5 they would not.

const FIRST_STEP = 1000;
/** Instants kept at most. More than the widest terminal has columns (200 and to spare), few enough for a program to plot. */
export const MOST_INSTANTS = 1000;
/** With a step of the user's choice: an hour in seconds. */
export const MOST_CHOSEN_INSTANTS = 4000;

export class Grid {
  /** Nanoseconds from one instant to the next. */
  step: number;
  readonly most: number;

  /** `step`: nanoseconds to begin with, where the user chose one. */
  constructor(step?: number) {
    this.step = step ?? FIRST_STEP;
    this.most = step === undefined ? MOST_INSTANTS : MOST_CHOSEN_INSTANTS;
  }

  /** The cell of a moment. Both are whole numbers below 2^53, so the quotient is whole only where it is exact. */
  cellOf(time: number): number {
    return Math.ceil(time / this.step);
  }

  /** Cells that cover the time up to `time`. */
  cellsFor(time: number): number {
    return this.cellOf(time) + 1;
  }

  /** How many cells have to become one, and by how much the step grows, until `time` is covered; 1 if it is already. */
  growTo(time: number): number {
    const before = this.step;
    while (this.cellsFor(time) > this.most) this.step *= nextFactor(this.step);
    return this.step / before;
  }
}

/** 5 from 1 to 5, 2 from 5 to 10; any other step (the user's) grows twofold. */
function nextFactor(step: number): number {
  const leading = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
  return Math.abs(leading - 1) < 1e-9 ? 5 : 2;
}
