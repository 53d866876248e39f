import { describe, expect, test } from 'vitest';
import { type Counts, ceilingOf, columnMaxima, countLine, countPlot } from '../../src/report/count-plot.ts';

const plain = (text: string): string => text;
/** 0 at 0, then up to n in the nth second. */
const ramp: Counts = { step: 1, maxima: [0, 1, 2, 3, 4, 5, 6], peak: 6, end: 6 };

test.each([
  [0, 3],
  [1, 3],
  [3, 3],
  [4, 6],
  [10, 12],
  [13, 15],
  [19, 24],
  [25, 30],
  [100, 120],
  [500, 600],
  [1198, 1200],
  [1201, 1500],
  [28_232, 30_000],
])('a peak of %i has its plot up to %i', (peak, top) => {
  expect(ceilingOf(peak)).toBe(top);
});

describe('columns', () => {
  test('one for each step; the first has the moment 0 as well', () => {
    expect(columnMaxima(ramp, 6)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(columnMaxima({ ...ramp, maxima: [9, 1, 2, 3, 4, 5, 6], peak: 9 }, 6)).toEqual([9, 2, 3, 4, 5, 6]);
  });

  test('several for one step', () => {
    expect(columnMaxima(ramp, 12)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]);
  });

  test('several steps in one: the largest', () => {
    expect(columnMaxima(ramp, 3)).toEqual([2, 4, 6]);
    expect(columnMaxima(ramp, 1)).toEqual([6]);
  });

  test('the end between two instants', () => {
    expect(columnMaxima({ ...ramp, end: 5.5 }, 1)).toEqual([6]);
    expect(columnMaxima({ ...ramp, maxima: [0, 1, 2, 3, 4, 5, 8], end: 5.5 }, 11)).toEqual([
      1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 8,
    ]);
  });

  test('a capture of one moment', () => {
    expect(columnMaxima({ step: 1e-6, maxima: [2], peak: 2, end: 0 }, 3)).toEqual([2, 2, 2]);
  });
});

const stairs: Counts = { step: 1, maxima: [0, 0, 1, 2, 3, 4, 5, 6, 6], peak: 6, end: 8 };

test('a plot, drawn by hand', () => {
  expect(countPlot(stairs, { columns: 11, unicode: true, paint: plain, faint: plain })).toEqual([
    '6 ┤      ██',
    '  ┤     ███',
    '4 ┤    ████',
    '  ┤   █████',
    '2 ┤  ██████',
    '  ┤ ███████',
    '0 ┼────────',
    '   0 s  8 s',
  ]);
});

test('the same in ASCII', () => {
  const [first, , , , , , floor] = countPlot(stairs, { columns: 11, unicode: false, paint: plain, faint: plain });
  expect([first, floor]).toEqual(['6 |      ##', '0 +--------']);
});

test('one line of it', () => {
  const counts: Counts = { step: 1, maxima: [0, 0, 1, 2, 4, 8, 8], peak: 8, end: 6 };
  expect(countLine(counts, 6, true)).toBe(' ▁▂▄██');
  expect(countLine(counts, 6, false)).toBe(' ..:##');
});
