// In: the tallies of the capture. Out: pauses so long that the file must hold several recordings.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { Examples } from '../tally/examples.ts';

export function capturePause(view: CaptureView, found: CaptureFindings): void {
  const { pauses, longestPause, longestPauseFrame } = view.facts;
  if (pauses.length === 0) return;
  const values = { pauses: pauses.length, longest: longestPause };
  found.capture('capture_pause', new Examples(pauses.length, longestPauseFrame), values);
}
