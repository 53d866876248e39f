// In: how long each stay lasted. Out: percentiles of that, from a histogram of bounded size.

/**
 * Two values in one bucket differ by less than 1 %. From 1 ns to 31 years that is 4,165 buckets at most; few are ever used.
 */
const BUCKETS_PER_E = 100;

interface Bucket {
  count: number;
  sum: number;
}

/**
 * Durations in nanoseconds. A percentile is the mean of the bucket in which it falls, hence less than 1 % from the true
 * value, and exact where all values of that bucket are equal (a timer's). The largest value is exact.
 */
export class DwellTimes {
  count = 0;
  max = 0;
  readonly #buckets = new Map<number, Bucket>();

  add(nanoseconds: number): void {
    this.count++;
    if (nanoseconds > this.max) this.max = nanoseconds;
    const index = Math.floor(Math.log(Math.max(1, nanoseconds)) * BUCKETS_PER_E);
    const bucket = this.#buckets.get(index);
    if (bucket === undefined) this.#buckets.set(index, { count: 1, sum: nanoseconds });
    else {
      bucket.count++;
      bucket.sum += nanoseconds;
    }
  }

  merge(other: DwellTimes): void {
    this.count += other.count;
    this.max = Math.max(this.max, other.max);
    for (const [index, { count, sum }] of other.#buckets) {
      const bucket = this.#buckets.get(index);
      if (bucket === undefined) this.#buckets.set(index, { count, sum });
      else {
        bucket.count += count;
        bucket.sum += sum;
      }
    }
  }

  /** The smallest value that at least `share` (0 to 1) of all do not exceed (nearest rank); 0 where there are none. */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (const index of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      const { count, sum } = this.#buckets.get(index)!;
      seen += count;
      if (seen >= rank) return sum / count;
    }
    return 0;
  }
}
