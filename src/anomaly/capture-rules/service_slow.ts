// In: the tallies of the capture. Out: services to which every connection was slow to open.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** Fewer may have been slow by chance. */
const LEAST = 5;

export function serviceSlow(view: CaptureView, found: CaptureFindings): void {
  for (const service of view.services.values()) {
    const { slow, slowSeconds, completed } = service;
    if (slow.count < LEAST || slow.count < completed.count) continue;
    const sorted = [...slowSeconds].sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1]!;
    found.service('service_slow', service, slow, { slow: slow.count, median });
  }
}
