// In: the tallies of the capture. Out: checksums left to the network card.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { checksumSums } from '../measures/checksums.ts';
import { Examples } from '../tally/examples.ts';

export function checksumOffload(view: CaptureView, found: CaptureFindings): void {
  const { checked, partial, partialFrame, partialHost } = checksumSums(view);
  if (partial === 0) return;
  const values = { segments: partial, of: checked, host: partialHost };
  found.capture('checksum_offload', new Examples(partial, partialFrame), values);
}
