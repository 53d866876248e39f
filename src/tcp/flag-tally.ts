// In: the flags of each segment. Out: per direction and flag, how many segments had it and the first frame that did.

import { layout, Row, RowPool } from '../flow/rows.ts';
import { ANALYSIS_FLAG_COUNT } from './analysis-flag.ts';
import type { Direction } from './direction.ts';

const NO_FLAGS = new Int32Array(2 * ANALYSIS_FLAG_COUNT);

/** Two columns of numbers rather than named fields: counts, then first frames. */
class TallyRow extends Row {}
layout(TallyRow, []);

/**
 * Most directions never have a flag (a million unanswered SYNs have none), so the counters lie in rows of their own, taken
 * with the first flag. A row holds the counts, then the first frames, both by bit number of AnalysisFlag.
 */
export class FlagTallies {
  readonly pool = new RowPool(2 * ANALYSIS_FLAG_COUNT);
  readonly #row = new TallyRow();

  /** Counts the flags of one segment of `direction`. */
  add(direction: Direction, flags: number, frameNumber: number): void {
    if (direction.tally === 0) direction.tally = this.pool.take() + 1;
    const row = this.#row;
    row.moveTo(this.pool, direction.tally - 1);
    const { words, at } = row;
    for (let bit = 0; bit < ANALYSIS_FLAG_COUNT; bit++) {
      if ((flags & (1 << bit)) === 0) continue;
      if (words[at + bit]!++ === 0) words[at + ANALYSIS_FLAG_COUNT + bit] = frameNumber;
    }
  }

  /** Segments of `direction` that had the flag with this bit number. */
  count(direction: Direction, bit: number): number {
    return this.#word(direction, bit);
  }

  /** Number of the first frame that had it, or 0. */
  firstFrame(direction: Direction, bit: number): number {
    return this.#word(direction, ANALYSIS_FLAG_COUNT + bit);
  }

  /** Tells where the counts and then the first frames of `direction` lie; all zero if it has no flag. */
  locate(direction: Direction, into: { flagWords: Int32Array; flagAt: number }): void {
    if (direction.tally === 0) {
      into.flagWords = NO_FLAGS;
      into.flagAt = 0;
      return;
    }
    this.#row.moveTo(this.pool, direction.tally - 1);
    into.flagWords = this.#row.words;
    into.flagAt = this.#row.at;
  }

  /** Gives the row of `direction` back. */
  clear(direction: Direction): void {
    if (direction.tally !== 0) this.pool.release(direction.tally - 1);
    direction.tally = 0;
  }

  #word(direction: Direction, word: number): number {
    if (direction.tally === 0) return 0;
    this.#row.moveTo(this.pool, direction.tally - 1);
    return this.#row.words[this.#row.at + word]!;
  }
}
