// In: frames that lie anywhere. Out: a run of them, copied into one chunk in linear memory.

import { Frame } from '../../src/capture/frame.ts';
import { FrameRun } from '../../src/capture/frame-run.ts';
import { LinearMemory } from '../../src/linear/memory.ts';

/** Other bytes stand in front of each frame, as its record does in a file. */
export function runOf(frames: readonly Frame[], memory = new LinearMemory()): FrameRun {
  const lengths = frames.map(({ capturedLength }) => capturedLength);
  const length = lengths.reduce((sum, length) => sum + length + 16, 0);
  const bytes = memory.bytes(memory.allocate(length), length).fill(0xa5);
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const run = new FrameRun(memory);
  let start = 0;
  for (const frame of frames) {
    start += 16;
    bytes.set(frame.bytes.subarray(frame.start, frame.start + frame.capturedLength), start);
    run.add(Object.assign(new Frame(), frame, { bytes, view, start }));
    start += frame.capturedLength;
  }
  return run;
}
