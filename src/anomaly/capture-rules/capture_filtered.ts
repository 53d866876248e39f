// In: the tallies of the capture. Out: a capture of SYN, FIN and RST only.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** One connection may be so by loss; the filter shows in all of them. */
const LEAST = 2;

export function captureFiltered(view: CaptureView, found: CaptureFindings): void {
  const { controlOnly, fuller } = view;
  if (controlOnly.count < LEAST || fuller > 0) return;
  found.capture('capture_filtered', controlOnly, { flows: controlOnly.count });
}
