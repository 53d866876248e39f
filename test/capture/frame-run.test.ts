// In: frames of any kind. Out: proof that a run gives them back as they were, in its own memory or in what others see, too.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Frame } from '../../src/capture/frame.ts';
import { FRAME_RUN_BYTES, FRAMES_PER_RUN, FrameRun } from '../../src/capture/frame-run.ts';
import { LinearMemory } from '../../src/linear/memory.ts';

const bytes = new Uint8Array(1);
const view = new DataView(bytes.buffer);
const int32 = fc.nat(0x7fffffff);
const frames = fc.array(
  fc
    .record({
      number: fc.nat(0xffffffff),
      file: fc.nat(100_000),
      seconds: fc.oneof(int32, fc.nat(0xffffffff), fc.integer({ min: -0x80000000, max: 2 ** 40 })),
      nanoseconds: fc.nat(999_999_999),
      capturedLength: int32,
      originalLength: int32,
      linkType: fc.nat(0xffff),
      fcsLength: fc.nat(30),
      start: fc.nat(4095),
    })
    .map((fields) => Object.assign(new Frame(), fields, { bytes, view })),
  { minLength: 1, maxLength: FRAMES_PER_RUN },
);

test('a run gives back what was added', () => {
  fc.assert(
    fc.property(frames, (added) => {
      const run = new FrameRun();
      for (const frame of added) run.add(frame);
      expect(run.count).toBe(added.length);
      for (const [i, frame] of added.entries()) expect(run.frame(i)).toEqual(frame);
    }),
  );
});

test('another run over the same memory, told how many there are and where they lie, gives back the same', () => {
  const elsewhere = new Uint8Array(1);
  const there = new DataView(elsewhere.buffer);
  fc.assert(
    fc.property(frames, fc.nat(3), (added, n) => {
      const memory = new LinearMemory();
      const all = memory.allocate(4 * FRAME_RUN_BYTES);
      const run = new FrameRun(memory, all + n * FRAME_RUN_BYTES);
      for (const frame of added) run.add(frame, frame.start + 1);
      const other = new FrameRun(memory, all + n * FRAME_RUN_BYTES);
      other.count = run.count;
      other.lieIn(elsewhere, there);
      for (const [i, frame] of added.entries()) {
        expect(other.frame(i)).toEqual(
          Object.assign(new Frame(), frame, { start: frame.start + 1, bytes: elsewhere, view: there }),
        );
      }
      const seen = new Float64Array(memory.buffer, all, FRAME_RUN_BYTES / 2);
      const words = FRAME_RUN_BYTES / 8;
      for (let i = 0; i < seen.length; i++)
        if (Math.floor(i / words) !== n && seen[i] !== 0) expect.fail(`written at word ${i}`);
    }),
    { numRuns: 20 },
  );
});
