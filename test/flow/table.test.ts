import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowPool } from '../../src/flow/rows.ts';
import { FlowTable } from '../../src/flow/table.ts';
import { LinearMemory } from '../../src/linear/memory.ts';

/** The table beside connections of its own, whose rows hold nothing but their ends. */
class Flows {
  readonly memory = new LinearMemory();
  readonly rows = new RowPool(5, this.memory);
  readonly table = new FlowTable(this.memory, this.rows, 1);

  set(...[a, portA, b, portB, index]: [...Tuple, number]): void {
    while (this.rows.capacity <= index) this.rows.take();
    // Its row names the ends it had before until it is stored for new ones.
    const row = this.#row(index);
    this.table.delete(row[1]!, row[2]!, row[3]!, row[4]!, index);
    row.set([a, portA, b, portB], 1);
    this.table.set(a, portA, b, portB, index);
  }

  /** The connection, from whichever side. */
  find(...[source, sourcePort, destination, destinationPort]: Tuple): number {
    const found = this.table.find(source, sourcePort, destination, destinationPort);
    if (found < 0) return -1;
    const row = this.#row(found >> 1);
    // Whose A sends, if both ends are not the same.
    const isA = row[1] === source && row[2] === sourcePort && row[3] === destination && row[4] === destinationPort;
    expect(found & 1).toBe(isA ? 0 : 1);
    return found >> 1;
  }

  delete(...tuple: Tuple): void {
    const found = this.table.find(...tuple);
    if (found >= 0) this.table.delete(...tuple, found >> 1);
  }

  get size(): number {
    return this.table.size;
  }

  #row(index: number): Int32Array {
    return this.rows.pages[index >> 12]!.subarray((index & 4095) * 5, (index & 4095) * 5 + 5);
  }
}

type Tuple = [number, number, number, number];

const reverse = ([sa, sp, da, dp]: Tuple): Tuple => [da, dp, sa, sp];
const key = (t: Tuple) => [`${t[0]}:${t[1]}`, `${t[2]}:${t[3]}`].sort().join(' ');

describe('flow table', () => {
  it('finds a tuple from either side, and only that one', () => {
    const table = new Flows();
    table.set(1, 40000, 2, 80, 5);
    expect(table.find(1, 40000, 2, 80)).toBe(5);
    expect(table.find(2, 80, 1, 40000)).toBe(5);
    // The ports swapped between the same addresses are another connection.
    expect(table.find(1, 80, 2, 40000)).toBe(-1);
    expect(table.find(2, 40000, 1, 80)).toBe(-1);
  });

  it('tells connections between ports of one address apart', () => {
    const table = new Flows();
    table.set(3, 1000, 3, 2000, 1);
    expect(table.find(3, 2000, 3, 1000)).toBe(1);
    expect(table.find(3, 1000, 3, 1000)).toBe(-1);
    table.set(3, 1000, 3, 1000, 2);
    expect(table.find(3, 1000, 3, 1000)).toBe(2);
    expect(table.size).toBe(2);
  });

  it('finds and forgets the tuple of zeros as any other', () => {
    const table = new Flows();
    expect(table.find(0, 0, 0, 0)).toBe(-1);
    table.set(0, 0, 0, 0, 100_000);
    // Another tuple takes the place of the copy.
    for (let i = 1; i < 100_000; i++) table.set(i, 1, i, 2, i);
    expect(table.find(0, 0, 0, 0)).toBe(100_000);
    table.delete(0, 0, 0, 0);
    expect(table.find(0, 0, 0, 0)).toBe(-1);
  });

  it('keeps the newest connection of a tuple', () => {
    const table = new Flows();
    table.set(1, 1, 2, 2, 10);
    table.set(2, 2, 1, 1, 11);
    expect([table.find(1, 1, 2, 2), table.size]).toEqual([11, 1]);
  });

  it('forgets a connection only while it is the newest of its tuple', () => {
    const table = new Flows();
    table.set(1, 1, 2, 2, 10);
    table.set(2, 2, 1, 1, 11);
    table.table.delete(1, 1, 2, 2, 10);
    expect([table.find(1, 1, 2, 2), table.size]).toEqual([11, 1]);
    table.table.delete(1, 1, 2, 2, 11);
    expect([table.find(1, 1, 2, 2), table.size]).toEqual([-1, 0]);
  });

  // The oracle is a Map with text keys. Few addresses and ports, so that tuples meet, and enough operations to grow the table.
  it('agrees with a Map through any run of set, find and delete', () => {
    const end = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom(1, 80, 443, 40000, 65535, 0));
    const operation = fc.tuple(fc.constantFrom('set', 'set', 'delete', 'find'), end, end);
    fc.assert(
      fc.property(fc.array(operation, { minLength: 50, maxLength: 3000, size: 'max' }), (operations) => {
        const table = new Flows();
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
    const table = new Flows();
    const count = 20_000;
    for (let i = 0; i < count; i++) table.set(i, 1024 + (i % 60000), i % 7, 443, i);
    for (let i = 0; i < count; i += 3) table.delete(i % 7, 443, i, 1024 + (i % 60000));
    for (let i = 0; i < count; i++) {
      expect(table.find(i, 1024 + (i % 60000), i % 7, 443)).toBe(i % 3 === 0 ? -1 : i);
    }
  });
});
