// In: the tallies of the capture. Out: services that refused every connection.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** One or two may be a mistake of the client's, or a scanner's probe. */
const LEAST = 3;

export function serviceRefused(view: CaptureView, found: CaptureFindings): void {
  for (const service of view.services.values()) {
    const { refused, all } = service;
    if (refused.count < LEAST || refused.count < all.count) continue;
    found.service('service_refused', service, refused, { attempts: all.count });
  }
}
