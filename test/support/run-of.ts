// In: frames that lie anywhere. Out: a run of them, copied into one chunk.

import { Frame } from '../../src/capture/frame.ts';
import { FrameRun } from '../../src/capture/frame-run.ts';

/** Fills `run`. Other bytes stand in front of each frame, as its record does in a file. */
export function runOf(frames: readonly Frame[], run = new FrameRun()): FrameRun {
  const lengths = frames.map(({ capturedLength }) => capturedLength);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length + 16, 0)).fill(0xa5);
  const view = new DataView(bytes.buffer);
  run.count = 0;
  let start = 0;
  for (const frame of frames) {
    start += 16;
    bytes.set(frame.bytes.subarray(frame.start, frame.start + frame.capturedLength), start);
    run.add(Object.assign(new Frame(), frame, { bytes, view, start }));
    start += frame.capturedLength;
  }
  return run;
}
