// In: the tallies of the capture. Out: frames with an earlier time than the one before.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { Examples } from '../tally/examples.ts';

/** Receive queues are merged within microseconds; a step of a millisecond is as long as a round trip and spoils times. */
const STEP_NANOSECONDS = 1_000_000;

export function captureTimeBackwards(view: CaptureView, found: CaptureFindings): void {
  const { backwards, backwardsMost, backwardsFrame } = view.facts;
  if (backwardsMost < STEP_NANOSECONDS) return;
  const values = { frames: backwards, largest: backwardsMost / 1e9 };
  found.capture('capture_time_backwards', new Examples(backwards, backwardsFrame), values);
}
