// In: the tallies of the capture. Out: services that ignored the completion of handshakes while others got through.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** One such connection alone may have lost its third segment. */
const LEAST = 2;

export function acceptQueueFull(view: CaptureView, found: CaptureFindings): void {
  for (const service of view.services.values()) {
    const { ignored, retried, completed, all } = service;
    if (ignored.count === 0 || completed.count === 0 || ignored.count + retried.count < LEAST) continue;
    found.service('accept_queue_full', service, ignored, {
      ignored: ignored.count,
      retried: retried.count,
      of: all.count,
    });
  }
}
