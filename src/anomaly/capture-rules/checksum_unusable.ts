// In: the tallies of the capture. Out: hosts whose checksums are wrong throughout.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { checksumSums } from '../measures/checksums.ts';
import { Examples } from '../tally/examples.ts';

export function checksumUnusable(view: CaptureView, found: CaptureFindings): void {
  const { checked, unusable, unusableFrame, unusableHost } = checksumSums(view);
  if (unusable === 0) return;
  const values = { segments: unusable, of: checked, host: unusableHost };
  found.capture('checksum_unusable', new Examples(unusable, unusableFrame), values);
}
