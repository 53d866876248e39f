// In: the tallies of the capture. Out: TCP headers cut by the snap length.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { Examples } from '../tally/examples.ts';

export function captureHeadersCut(view: CaptureView, found: CaptureFindings): void {
  const { headersCut, headersCutFrame, segments } = view.facts;
  if (headersCut === 0) return;
  const examples = new Examples(headersCut, headersCutFrame);
  found.capture('capture_headers_cut', examples, { segments: headersCut, of: segments });
}
