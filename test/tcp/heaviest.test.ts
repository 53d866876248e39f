import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keepHeaviest } from '../../src/tcp/heaviest.ts';

test('keeps what a stable sort by weight puts first, and tells of the rest', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 60 });
  fc.assert(
    fc.property(weights, fc.nat(70), (each, kept) => {
      const entries = each.map((weight, i): [string, number] => [`k${i}`, weight]);
      const map = new Map(entries);
      const forgotten: number[] = [];
      keepHeaviest(
        map,
        kept,
        (weight) => weight,
        (weight) => forgotten.push(weight),
      );
      // Array.sort is stable.
      const sorted = [...entries].sort(([, a], [, b]) => b - a);
      expect([...map.keys()].sort()).toEqual(
        sorted
          .slice(0, kept)
          .map(([key]) => key)
          .sort(),
      );
      expect(forgotten.sort()).toEqual(
        sorted
          .slice(kept)
          .map(([, weight]) => weight)
          .sort(),
      );
    }),
  );
});
