import { describe, expect, it } from 'vitest';
import { layout, Row, RowPool } from '../../src/flow/rows.ts';

class Point extends Row {
  declare x: number;
  declare y: number;
}
const POINT_WORDS = layout(Point, ['x', 'y']);

describe('rows', () => {
  it('keeps every record apart from its neighbours, over page borders', () => {
    const pool = new RowPool(POINT_WORDS);
    const row = new Point();
    const count = 10_000;
    for (let i = 0; i < count; i++) {
      expect(pool.take()).toBe(i);
      pool.move(row, i);
      row.x = i;
      row.y = -i;
    }
    for (let i = 0; i < count; i++) {
      pool.move(row, i);
      expect([row.index, row.x, row.y]).toEqual([i, i, -i | 0]);
    }
  });

  it('hands a released record out again, zeroed', () => {
    const pool = new RowPool(POINT_WORDS);
    const row = new Point();
    pool.take();
    const second = pool.take();
    pool.move(row, second);
    row.x = 7;
    pool.release(second);
    expect(pool.live).toBe(1);
    expect(pool.take()).toBe(second);
    pool.move(row, second);
    expect([row.x, row.y, pool.capacity]).toEqual([0, 0, 2]);
  });

  it('stores int32: what is beyond wraps', () => {
    const pool = new RowPool(POINT_WORDS);
    const row = new Point();
    pool.move(row, pool.take());
    row.x = 0xffffffff;
    expect(row.x).toBe(-1);
    expect(row.x >>> 0).toBe(0xffffffff);
  });
});
