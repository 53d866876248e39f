import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CountCurve } from '../../src/occupancy/count-curve.ts';
import { Grid } from '../../src/occupancy/grid.ts';

type Interval = [from: number, to: number];

const SECOND = 1e9;
const sorted = (times: number[]): Float64Array => Float64Array.from(times).sort();

function curveOf(intervals: readonly Interval[], grid: Grid): CountCurve {
  const curve = new CountCurve(1);
  curve.add(
    sorted(intervals.map(([from]) => from)),
    sorted(intervals.map(([, to]) => to).filter(Number.isFinite)),
    grid,
  );
  return curve;
}

/** How many intervals hold the moment. */
const countAt = (intervals: readonly Interval[], time: number): number =>
  intervals.filter(([from, to]) => from <= time && time < to).length;

/** The most that hold one moment, and the first such moment: it is one at which an interval begins. */
function truePeak(intervals: readonly Interval[]): { count: number; time: number } {
  const best = { count: 0, time: 0 };
  for (const [time] of [...intervals].sort(([a], [b]) => a - b)) {
    const n = countAt(intervals, time);
    if (n > best.count) Object.assign(best, { count: n, time });
  }
  return best;
}

describe('grid', () => {
  test('cell k holds what happens after (k-1)S, up to kS', () => {
    const grid = new Grid(SECOND);
    expect([0, 1, SECOND - 1, SECOND, SECOND + 1, 2 * SECOND].map((time) => grid.cellOf(time))).toEqual([
      0, 1, 1, 1, 2, 2,
    ]);
  });

  test('a moment a nanosecond behind an instant is in the next cell, however large the quotient', () => {
    // 104 days, the most a safe number of nanoseconds holds, in 1,000 steps; and in the 4,000 of a chosen step.
    for (const [step, k] of [
      [9e12, 1000],
      [2.25e12, 4000],
    ] as const) {
      const grid = new Grid(step);
      expect([grid.cellOf(k * step - 1), grid.cellOf(k * step), grid.cellOf(k * step + 1)]).toEqual([k, k, k + 1]);
    }
  });

  test('grows by 5 and 2 in turn, so that each step divides the next', () => {
    const grid = new Grid();
    const steps = [1e-5, 1e-3, 4e-3, 5e-3, 0.1, 1, 24, 3600, 86_400].map((seconds) => {
      grid.growTo(seconds * SECOND);
      expect(grid.cellsFor(seconds * SECOND)).toBeLessThanOrEqual(grid.most);
      return grid.step / SECOND;
    });
    expect(steps).toEqual([1e-6, 5e-6, 5e-6, 1e-5, 5e-4, 5e-3, 0.05, 5, 100]);
  });

  test('a chosen step is kept as long as 4,000 instants are enough', () => {
    const grid = new Grid(SECOND);
    expect([grid.growTo(3998 * SECOND), grid.step / SECOND]).toEqual([1, 1]);
    expect([grid.growTo(4000 * SECOND), grid.step / SECOND]).toEqual([5, 5]);
    const odd = new Grid(3 * SECOND);
    expect([odd.growTo(20_000 * SECOND), odd.step / SECOND]).toEqual([2, 6]);
  });
});

describe('counts over time', () => {
  // Three overlap in [2.5, 3): 2.5 is no instant, so only the rise within its cell knows.
  const intervals: Interval[] = [
    [0, 3 * SECOND],
    [1 * SECOND, 4 * SECOND],
    [2.5 * SECOND, Infinity],
    [3 * SECOND, 3.5 * SECOND],
  ];

  test('at every instant, in all, and at most', () => {
    const curve = curveOf(intervals, new Grid(SECOND));
    expect(curve.samples(6)).toEqual([1, 2, 2, 3, 1, 1]);
    expect(curve.peak()).toEqual({ time: 2.5 * SECOND, count: 3, error: 0 });
    // At 0; in (0, 1]; (1, 2]; (2, 3]: the third comes at 2.5; (3, 4]: as many as at 3, and none more.
    expect(curve.maxima(5)).toEqual([1, 2, 2, 3, 3]);
  });

  test('who leaves at the moment another comes was never there together with it', () => {
    const curve = curveOf(
      [
        [0, SECOND],
        [SECOND, 2 * SECOND],
      ],
      new Grid(SECOND),
    );
    expect(curve.peak()).toEqual({ time: 0, count: 1, error: 0 });
  });

  test('nothing at all', () => {
    const curve = curveOf([], new Grid(SECOND));
    expect([curve.samples(3), curve.peak()]).toEqual([[0, 0, 0], { time: 0, count: 0, error: 0 }]);
  });

  test('two parts in one cell: the peak is bounded from both sides', () => {
    const grid = new Grid(SECOND);
    const curve = curveOf([[0.1 * SECOND, 0.3 * SECOND]], grid);
    curve.add(sorted([0.5 * SECOND]), sorted([0.7 * SECOND]), grid);
    // They never met: the true peak is 1. Their order within the cell is not kept, so it may have been 2.
    const { count, error } = curve.peak();
    expect(count).toBe(2);
    expect(count - error).toBeLessThanOrEqual(1);
  });

  const interval = fc
    .tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 9_000 }), fc.boolean())
    .map(([from, length, isOpen]): Interval => [from, isOpen ? Infinity : from + length]);
  const many = fc.array(interval, { maxLength: 60 });

  test('agrees with counting one by one, on every grid', () => {
    fc.assert(
      fc.property(many, fc.constantFrom(1000, 700, 50_000), (intervals, step) => {
        const curve = curveOf(intervals, new Grid(step));
        const instants = Math.floor(30_000 / step) + 1;
        expect(curve.samples(instants)).toEqual(
          Array.from({ length: instants }, (_, k) => countAt(intervals, k * step)),
        );
        const { count, time, error } = curve.peak();
        expect({ count, time, error }).toEqual({ ...truePeak(intervals), error: 0 });
        expect(Math.max(...curve.maxima(instants + 1))).toBe(count);
      }),
    );
  });

  test('merging cells loses no count and no peak', () => {
    fc.assert(
      fc.property(many, fc.constantFrom(2, 5, 10), (intervals, factor) => {
        const curve = curveOf(intervals, new Grid(500));
        curve.coarsen(factor);
        const coarse = new Grid(500 * factor);
        expect(curve.samples(4)).toEqual(curveOf(intervals, coarse).samples(4));
        expect(curve.peak()).toEqual({ ...truePeak(intervals), error: 0 });
        // What comes later finds the same cells.
        curve.add(sorted([40_000]), sorted([]), coarse);
        expect(curve.samples(coarse.cellOf(40_000) + 1).at(-1)).toBe(
          countAt([...intervals, [40_000, Infinity]], 40_000),
        );
      }),
    );
  });

  test('in parts, and merged with another: counts stay exact, the true peak lies within the error', () => {
    fc.assert(
      fc.property(many, many, many, fc.constantFrom(300, 5000), (a, b, c, step) => {
        const grid = new Grid(step);
        const curve = curveOf(a, grid);
        curve.add(sorted(b.map(([from]) => from)), sorted(b.map(([, to]) => to).filter(Number.isFinite)), grid);
        curve.merge(curveOf(c, grid));
        const all = [...a, ...b, ...c];
        const instants = Math.floor(30_000 / step) + 1;
        expect(curve.samples(instants)).toEqual(Array.from({ length: instants }, (_, k) => countAt(all, k * step)));
        const { count, error } = curve.peak();
        expect(count).toBeGreaterThanOrEqual(truePeak(all).count);
        expect(count - error).toBeLessThanOrEqual(truePeak(all).count);
      }),
    );
  });
});
