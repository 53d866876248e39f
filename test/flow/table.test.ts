import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowTable } from '../../src/flow/table.ts';

type Tuple = [number, number, number, number];

const reverse = ([sa, sp, da, dp]: Tuple): Tuple => [da, dp, sa, sp];
const key = (t: Tuple) => [`${t[0]}:${t[1]}`, `${t[2]}:${t[3]}`].sort().join(' ');

describe('flow table', () => {
  it('finds a tuple from either side, and only that one', () => {
    const table = new FlowTable();
    table.set(1, 40000, 2, 80, 5);
    expect(table.find(1, 40000, 2, 80)).toBe(5);
    expect(table.find(2, 80, 1, 40000)).toBe(5);
    // The ports swapped between the same addresses are another connection.
    expect(table.find(1, 80, 2, 40000)).toBe(-1);
    expect(table.find(2, 40000, 1, 80)).toBe(-1);
  });

  it('tells connections between ports of one address apart', () => {
    const table = new FlowTable();
    table.set(3, 1000, 3, 2000, 1);
    expect(table.find(3, 2000, 3, 1000)).toBe(1);
    expect(table.find(3, 1000, 3, 1000)).toBe(-1);
    table.set(3, 1000, 3, 1000, 2);
    expect(table.find(3, 1000, 3, 1000)).toBe(2);
    expect(table.size).toBe(2);
  });

  it('finds and forgets the tuple of zeros as any other', () => {
    const table = new FlowTable();
    expect(table.find(0, 0, 0, 0)).toBe(-1);
    table.set(0, 0, 0, 0, 3);
    // Another tuple takes the place of the copy.
    for (let i = 1; i < 100_000; i++) table.set(i, 1, i, 2, i);
    expect(table.find(0, 0, 0, 0)).toBe(3);
    table.delete(0, 0, 0, 0);
    expect(table.find(0, 0, 0, 0)).toBe(-1);
  });

  it('keeps the newest connection of a tuple', () => {
    const table = new FlowTable();
    table.set(1, 1, 2, 2, 10);
    table.set(2, 2, 1, 1, 11);
    expect([table.find(1, 1, 2, 2), table.size]).toEqual([11, 1]);
  });

  // The oracle is a Map with text keys. Few addresses and ports, so that tuples meet, and enough operations to grow the table.
  it('agrees with a Map through any run of set, find and delete', () => {
    const end = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom(1, 80, 443, 40000, 65535, 0));
    const operation = fc.tuple(fc.constantFrom('set', 'set', 'delete', 'find'), end, end);
    fc.assert(
      fc.property(fc.array(operation, { minLength: 50, maxLength: 3000, size: 'max' }), (operations) => {
        const table = new FlowTable();
        const oracle = new Map<string, number>();
        for (const [i, [what, [sa, sp], [da, dp]]] of operations.entries()) {
          const tuple: Tuple = [sa, sp, da, dp];
          if (what === 'set') {
            table.set(...tuple, i);
            oracle.set(key(tuple), i);
          } else if (what === 'delete') {
            table.delete(...tuple);
            oracle.delete(key(tuple));
          }
          expect(table.find(...reverse(tuple))).toBe(oracle.get(key(tuple)) ?? -1);
        }
        expect(table.size).toBe(oracle.size);
        for (const [, [sa, sp], [da, dp]] of operations) {
          expect(table.find(sa, sp, da, dp)).toBe(oracle.get(key([sa, sp, da, dp])) ?? -1);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('grows and shrinks over many thousand tuples without losing one', () => {
    const table = new FlowTable();
    const count = 20_000;
    for (let i = 0; i < count; i++) table.set(i, 1024 + (i % 60000), i % 7, 443, i);
    for (let i = 0; i < count; i += 3) table.delete(i % 7, 443, i, 1024 + (i % 60000));
    for (let i = 0; i < count; i++) {
      expect(table.find(i, 1024 + (i % 60000), i % 7, 443)).toBe(i % 3 === 0 ? -1 : i);
    }
  });
});
