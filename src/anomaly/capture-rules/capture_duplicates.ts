// In: the tallies of the capture. Out: a capture that holds frames twice.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** Networks that duplicate do so rarely; a mirror port does it always, for a part or all of the traffic. */
const SHARE = 0.05;
const LEAST = 10;

export function captureDuplicates(view: CaptureView, found: CaptureFindings): void {
  const { copies, copiesFlagged, copied, segments } = view;
  if (copies < LEAST || copies < SHARE * segments) return;
  found.capture('capture_duplicates', copied, { frames: copies, of: segments, flagged: copiesFlagged }, copies);
}
