// In: the tallies of the capture. Out: a capture of one direction.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** A few connections may take two paths; when it is most, the capture point is to blame. */
const SHARE = 0.5;

export function captureOneSided(view: CaptureView, found: CaptureFindings): void {
  const { oneSided, telling } = view;
  if (oneSided.count === 0 || oneSided.count <= SHARE * telling) return;
  found.capture('capture_one_sided', oneSided, { flows: oneSided.count, of: Math.max(telling, oneSided.count) });
}
