// In: the tallies of the capture. Out: files that are cut short or damaged.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { Examples } from '../tally/examples.ts';

export function captureCutShort(view: CaptureView, found: CaptureFindings): void {
  for (const warning of view.warnings) found.capture('capture_cut_short', new Examples(1), { warning });
}
