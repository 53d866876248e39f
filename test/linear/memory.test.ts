// In: blocks asked for and given back. Out: proof that they are apart from one another, zero, and stay where they are when memory grows.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LinearMemory } from '../../src/linear/memory.ts';

test('blocks are zero and apart, whoever asks, and what was given back is given out again, zero', () => {
  const step = fc.record({ bytes: fc.integer({ min: 1, max: 20_000 }), isOther: fc.boolean(), isKept: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const one = new LinearMemory();
      const other = new LinearMemory(one.shared);
      const kept: { block: Uint8Array; value: number }[] = [];
      for (const [i, { bytes, isOther, isKept }] of steps.entries()) {
        const memory = isOther ? other : one;
        const at = memory.allocate(bytes);
        expect(at % (bytes < 4096 ? 64 : 4096)).toBe(0);
        expect(at).toBeGreaterThan(0);
        const block = memory.bytes(at, bytes);
        expect(block.every((byte) => byte === 0)).toBe(true);
        block.fill(i + 1);
        if (isKept) kept.push({ block, value: i + 1 });
        else memory.free(at, bytes);
      }
      for (const { block, value } of kept) expect(block.every((byte) => byte === value)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('arrays made before memory grew go on to show it', () => {
  const memory = new LinearMemory();
  const at = memory.allocate(64);
  const words = memory.int32(at, 16);
  const before = memory.buffer.byteLength;
  memory.allocate(2 * before);
  expect(memory.buffer.byteLength).toBeGreaterThan(before);
  words[3] = 42;
  expect(memory.int32(at, 16)[3]).toBe(42);
});

test('what another one has made room for can be looked at', () => {
  const one = new LinearMemory();
  const other = new LinearMemory(one.shared);
  const at = one.allocate(2 * one.buffer.byteLength);
  one.bytes(at, 1)[0] = 7;
  expect(other.bytes(at, 1)[0]).toBe(7);
});

test('more than there can be is refused, and nothing is lost by asking', () => {
  const memory = new LinearMemory();
  const before = memory.allocate(64);
  expect(() => memory.allocate(2 ** 32)).toThrow(RangeError);
  expect(memory.allocate(64)).toBe(before + 64);
});

test('memory that runs out says so, and again only when there is less', () => {
  const one = new LinearMemory();
  const other = new LinearMemory(one.shared);
  one.allocate(2 ** 32 - 2 ** 29 - 2 ** 20);
  expect(one.runsOut()).toBe(false);
  one.allocate(2 ** 20);
  expect([one.runsOut(), one.runsOut(), other.runsOut()]).toEqual([true, false, true]);
  other.allocate(4096);
  expect([one.runsOut(), one.runsOut()]).toEqual([true, false]);
});
