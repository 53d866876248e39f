// In: the tallies of the capture. Out: a capture that lost frames.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** One frame in a thousand: from here on counts of loss on the wire and loss in the capture are of the same size. */
const SHARE = 0.001;
/** Fewer places may be one hiccup of the capturing machine. */
const PLACES = 3;

export function captureGaps(view: CaptureView, found: CaptureFindings): void {
  const { missing, missingBytes, missingPlaces, payloadBytes } = view;
  const of = payloadBytes + missingBytes;
  if (missingPlaces < PLACES || missingBytes < SHARE * of) return;
  found.capture('capture_gaps', missing, { bytes: missingBytes, of, flows: missing.count });
}
