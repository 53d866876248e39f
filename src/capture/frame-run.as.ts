// In: a run of frames in linear memory. Out: its columns: see frame-run.ts.

import { FRAMES_PER_RUN } from '../numbers.as.ts';

/** Address of column `column`, after the seconds. */
export function columnOf(frames: i32, column: i32): i32 {
  return frames + FRAMES_PER_RUN * 8 + column * FRAMES_PER_RUN * 4;
}
