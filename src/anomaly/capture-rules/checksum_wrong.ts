// In: the tallies of the capture. Out: checksums that are really wrong.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { checksumSums } from '../measures/checksums.ts';
import { Examples } from '../tally/examples.ts';

export function checksumWrong(view: CaptureView, found: CaptureFindings): void {
  const { checked, wrong, wrongFrame, wrongHost } = checksumSums(view);
  if (wrong === 0) return;
  found.capture('checksum_wrong', new Examples(wrong, wrongFrame), { segments: wrong, of: checked, host: wrongHost });
}
