// In: findings told, and told again. Out: sums in which what was said last counts.

import { expect, test } from 'vitest';
import { FindingCounts } from '../../src/report/finding-counts.ts';

const said = (stream: number, count: number, revised = false) => ({
  stream,
  ...(revised && { revised: true as const }),
  findings: count === 0 ? [] : [{ code: 'retransmission', count }],
});

test('what is told again replaces what was said before, as far back as is remembered', () => {
  const counts = new FindingCounts(2);
  counts.addLatest(said(0, 5));
  counts.addLatest(said(1, 1));
  counts.addLatest(said(2, 1));
  expect(counts.toObject()).toEqual({ retransmission: 7 });
  counts.addLatest(said(0, 8, true));
  expect(counts.toObject()).toEqual({ retransmission: 10 });
  counts.addLatest(said(2, 0, true));
  expect(counts.toObject()).toEqual({ retransmission: 9 });
});

test('what was said before the end may still be replaced after it, and what is said then is not remembered', () => {
  const counts = new FindingCounts();
  counts.addLatest(said(0, 5));
  counts.addLatest(said(1, 1));
  counts.ending();
  counts.addLatest(said(0, 7, true));
  counts.addLatest(said(1, 3, true));
  counts.addLatest(said(2, 1));
  expect(counts.toObject()).toEqual({ retransmission: 11 });
  // Against what is promised: it is said again all the same, and was forgotten.
  counts.addLatest(said(2, 1, true));
  expect(counts.toObject()).toEqual({ retransmission: 12 });
});

test('what is forgotten counts on, and a code that no longer occurs is not listed', () => {
  const counts = new FindingCounts(1);
  for (const stream of [0, 1, 2]) counts.addLatest(said(stream, 1));
  counts.addLatest(said(0, 1, true));
  expect(counts.toObject()).toEqual({ retransmission: 4 });
  const none = new FindingCounts();
  none.addLatest(said(0, 3));
  none.addLatest(said(0, 0, true));
  expect(none.toObject()).toEqual({});
});
