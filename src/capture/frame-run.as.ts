// In: a run of frames in linear memory. Out: its columns: see frame-run.ts.

import { get } from '../linear/words.as.ts';
import { FRAMES_PER_RUN, FrameColumn } from '../numbers.as.ts';

/** Address of column `column`, after the seconds. */
export function columnOf(frames: i32, column: i32): i32 {
  return frames + FRAMES_PER_RUN * 8 + column * FRAMES_PER_RUN * 4;
}

/** See FrameRun.isSteady. */
export function isSteady(frames: i32, count: i32, seconds: f64, nanoseconds: i32, pause: f64): bool {
  const nanosecondsOf = columnOf(frames, FrameColumn.NANOSECONDS);
  const captured = columnOf(frames, FrameColumn.CAPTURED_LENGTH);
  const original = columnOf(frames, FrameColumn.ORIGINAL_LENGTH);
  let before = seconds;
  let nanosecondsBefore = nanoseconds;
  for (let i = 0; i < count; i++) {
    const at = load<f64>(frames + i * 8);
    const rest = get(nanosecondsOf, i);
    const after = at - before;
    if (!(after >= 0 && after < pause) || (after === 0 && rest < nanosecondsBefore)) return false;
    if (get(captured, i) < get(original, i)) return false;
    before = at;
    nanosecondsBefore = rest;
  }
  return true;
}
