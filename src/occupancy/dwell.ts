// In: how long each stay lasted. Out: percentiles of that, from a histogram of bounded size.

/** Two values in one bucket differ by less than 1 %. From 1 ns to 31 years that is 4,165 buckets at most. */
const BUCKETS_PER_E = 100;
/** Buckets are made in such portions: a factor of 1.9 in time. */
const PORTION = 64;

/**
 * Durations in nanoseconds. A percentile is the mean of the bucket in which it falls, hence less than 1 % from the true
 * value, and exact where all values of that bucket are equal (a timer's). The largest value is exact.
 */
export class DwellTimes {
  count = 0;
  max = 0;
  /** Count and sum of the buckets from `#first` on. */
  #counts = new Int32Array(0);
  #sums = new Float64Array(0);
  #first = 0;

  add(nanoseconds: number): void {
    this.count++;
    if (nanoseconds > this.max) this.max = nanoseconds;
    const bucket = Math.floor(Math.log(Math.max(1, nanoseconds)) * BUCKETS_PER_E);
    this.#reserve(bucket, bucket + 1);
    this.#counts[bucket - this.#first]!++;
    this.#sums[bucket - this.#first]! += nanoseconds;
  }

  merge(other: DwellTimes): void {
    this.count += other.count;
    this.max = Math.max(this.max, other.max);
    if (other.#counts.length === 0) return;
    this.#reserve(other.#first, other.#first + other.#counts.length);
    const shift = other.#first - this.#first;
    for (let i = 0; i < other.#counts.length; i++) {
      this.#counts[i + shift]! += other.#counts[i]!;
      this.#sums[i + shift]! += other.#sums[i]!;
    }
  }

  /** The smallest value that at least `share` (0 to 1) of all do not exceed (nearest rank); 0 where there are none. */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i]!;
      if (seen >= rank) return this.#sums[i]! / this.#counts[i]!;
    }
    return 0;
  }

  /** Makes room for the buckets [from, to). */
  #reserve(from: number, to: number): void {
    const end = this.#first + this.#counts.length;
    const isEmpty = this.#counts.length === 0;
    if (!isEmpty && this.#first <= from && to <= end) return;
    const first = Math.floor((isEmpty ? from : Math.min(from, this.#first)) / PORTION) * PORTION;
    const last = Math.ceil((isEmpty ? to : Math.max(to, end)) / PORTION) * PORTION;
    const counts = new Int32Array(last - first);
    const sums = new Float64Array(last - first);
    counts.set(this.#counts, isEmpty ? 0 : this.#first - first);
    sums.set(this.#sums, isEmpty ? 0 : this.#first - first);
    this.#counts = counts;
    this.#sums = sums;
    this.#first = first;
  }
}
