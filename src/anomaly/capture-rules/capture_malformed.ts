// In: the tallies of the capture. Out: malformed TCP headers.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { Examples } from '../tally/examples.ts';

export function captureMalformed(view: CaptureView, found: CaptureFindings): void {
  const { malformed, malformedFrame } = view.facts;
  if (malformed > 0)
    found.capture('capture_malformed', new Examples(malformed, malformedFrame), { segments: malformed });
}
