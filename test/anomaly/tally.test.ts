// In: many keys, numbers and times. Out: proof that the tallies are exact while they are small and bounded when they are not.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BoundedMap } from '../../src/anomaly/tally/bounded-map.ts';
import { Distinct } from '../../src/anomaly/tally/distinct.ts';
import { Peak } from '../../src/anomaly/tally/peak.ts';

describe('BoundedMap', () => {
  const make = (): { weight: number } => ({ weight: 0 });

  test('counts exactly below its capacity', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 49 }), { maxLength: 500 }), (keys) => {
        const map = new BoundedMap(50, make);
        const expected = new Map<number, number>();
        for (const key of keys) {
          map.count(key);
          expected.set(key, (expected.get(key) ?? 0) + 1);
        }
        for (const [key, n] of expected) expect(map.get(key)!.weight).toBe(n);
        expect([map.size, map.forgotten]).toEqual([expected.size, 0]);
      }),
    );
  });

  test('keeps what comes often among a million keys that come once', () => {
    const map = new BoundedMap(100, make);
    for (let i = 0; i < 1_000_000; i++) {
      map.count(1000 + i);
      if (i % 50 === 0) map.count(7);
    }
    expect(map.get(7)!.weight).toBe(20_000);
    expect(map.size).toBeLessThanOrEqual(200);
    expect(map.size + map.forgotten).toBe(1_000_001);
  });
});

describe('Distinct', () => {
  // Linear counting with 1,024 bits: the standard error stays under 3 % up to 1,000, so three of them are 10 %.
  test.each([0, 1, 2, 15, 25, 100, 1000, 3000])('%i different ones, each three times', (n) => {
    const distinct = new Distinct();
    for (let round = 0; round < 3; round++) for (let i = 0; i < n; i++) distinct.add(40_000 + i);
    expect(Math.abs(distinct.estimate() - n)).toBeLessThanOrEqual(Math.max(1, 0.1 * n));
  });

  test('says many and no more when it is full', () => {
    const distinct = new Distinct();
    for (let i = 0; i < 100_000; i++) distinct.add(i);
    expect(distinct.estimate()).toBe(Math.round(-1024 * Math.log(8 / 1024)));
  });
});

describe('Peak', () => {
  test('the most in a span, in whatever order the times come', () => {
    const peak = new Peak(1);
    for (const time of [5.1, 0.2, 5.9, 5.5, 6.1, 6.2, 0.3, 9]) peak.add(time);
    // 3 in second 5, 2 in second 6.
    expect([peak.most(), peak.most(2), peak.most(10)]).toEqual([3, 5, 8]);
  });

  test('forgets quiet slots, not busy ones', () => {
    const peak = new Peak(1);
    for (let second = 0; second < 50_000; second++) peak.add(second);
    for (let i = 0; i < 9; i++) peak.add(3);
    expect(peak.most()).toBeGreaterThanOrEqual(9);
  });
});
