import { expect, it } from 'vitest';
import { AddressTable } from '../../src/flow/address.ts';
import { AddressCache } from '../../src/flow/address-cache.ts';

it('tells what the table tells, also of addresses that take turns at one place', () => {
  const table = new AddressTable();
  const ids = Array.from({ length: 5000 }, (_, i) =>
    i % 3 === 0 ? table.intern(6, 0x20010db8, i, 0, 1) : table.intern(4, i, 0, 0, 0),
  );
  const cache = new AddressCache(table);
  for (let round = 0; round < 2; round++) {
    for (const id of [...ids, ...ids.toReversed()]) {
      expect(cache.text(id)).toBe(table.toText(id));
      expect(cache.bytes(id)).toEqual(table.toBytes(id));
    }
  }
});
