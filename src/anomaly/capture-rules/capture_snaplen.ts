// In: the tallies of the capture. Out: frames cut by the snap length.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { Examples } from '../tally/examples.ts';

export function captureSnaplen(view: CaptureView, found: CaptureFindings): void {
  const { cut, cutFrame, frames, snapLength } = view.facts;
  if (cut === 0) return;
  found.capture('capture_snaplen', new Examples(cut, cutFrame), { frames: cut, of: frames, length: snapLength });
}
