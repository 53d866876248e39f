import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DwellTimes } from '../../src/occupancy/dwell.ts';

function of(values: readonly number[]): DwellTimes {
  const dwell = new DwellTimes();
  for (const value of values) dwell.add(value);
  return dwell;
}

/** Nearest rank: the smallest value that at least `share` of all do not exceed. */
function nearestRank(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.max(1, Math.ceil(share * values.length)) - 1]!;
}

test('a timer is a timer: equal values are exact', () => {
  const dwell = of(Array.from({ length: 500 }, () => 60e9));
  expect([dwell.percentile(0.5), dwell.percentile(0.95), dwell.max, dwell.count]).toEqual([60e9, 60e9, 60e9, 500]);
});

test('one among twenty is the 95th percentile no more', () => {
  const values = [...Array.from({ length: 19 }, () => 1e6), 5e9];
  expect([of(values).percentile(0.95), of(values).percentile(0.96), of(values).max]).toEqual([1e6, 5e9, 5e9]);
});

test('nothing', () => {
  expect([of([]).percentile(0.5), of([]).max]).toEqual([0, 0]);
});

const durations = fc.array(
  fc.tuple(fc.double({ min: 0, max: 18, noNaN: true })).map(([power]) => Math.round(10 ** power)),
  { minLength: 1, maxLength: 300 },
);

test('a percentile is within 1 % of the true one, the largest exact', () => {
  fc.assert(
    fc.property(durations, fc.constantFrom(0.01, 0.5, 0.95, 1), (values, share) => {
      const dwell = of(values);
      const truth = nearestRank(values, share);
      expect(Math.abs(dwell.percentile(share) - truth)).toBeLessThanOrEqual(0.0101 * truth);
      expect(dwell.max).toBe(Math.max(...values));
    }),
  );
});

test('merging is the same as having been given all', () => {
  fc.assert(
    fc.property(durations, durations, (a, b) => {
      const merged = of(a);
      merged.merge(of(b));
      const all = of([...a, ...b]);
      for (const share of [0.1, 0.5, 0.95]) {
        expect(merged.percentile(share)).toBeCloseTo(all.percentile(share), -Math.log10(all.percentile(share)) + 6);
      }
      expect([merged.count, merged.max]).toEqual([all.count, all.max]);
    }),
  );
});
