// In: payloads put and asked for. Out: each share of the connections forgets by its own traffic alone, whoever watches the others.

import { expect, test } from 'vitest';
import { LinearMemory } from '../../src/linear/memory.ts';
import { ContentMemory } from '../../src/tcp/content-memory.ts';
import { SHARES, shareOf } from '../../src/wire/share.ts';

/** A hash of a 4-tuple in the share. */
const tuple = (share: number): number => (share << 26) | 12345;

test('content that differs, and content that cannot be compared', () => {
  const memory = new ContentMemory(new LinearMemory());
  memory.put(tuple(1), 7, 1000, 100, 0xabc);
  expect(memory.differs(tuple(1), 7, 1000, 100, 0xabc)).toBe(false);
  expect(memory.differs(tuple(1), 7, 1000, 100, 0xabd)).toBe(true);
  for (const [sender, seq, length] of [
    [8, 1000, 100],
    [7, 1001, 100],
    [7, 1000, 99],
  ] as const) {
    expect(memory.differs(tuple(1), sender, seq, length, 0xabd)).toBe(false);
  }
});

test('traffic of other shares pushes nothing out; that of its own does', () => {
  const memory = new ContentMemory(new LinearMemory());
  const remembers = () => memory.differs(tuple(5), 1, 42, 10, 2);
  memory.put(tuple(5), 1, 42, 10, 1);
  for (let share = 0; share < SHARES; share++) {
    expect(shareOf(tuple(share))).toBe(share);
    if (share === 5) continue;
    for (let seq = 0; seq < 4000; seq++) memory.put(tuple(share), 2, seq, 10, 3);
  }
  expect(remembers()).toBe(true);
  for (let seq = 0; seq < 40_000; seq++) memory.put(tuple(5), 2, seq * 1461, 10, 3);
  expect(remembers()).toBe(false);
});
