// In: the tallies of the capture. Out: services that refused every connection.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { isScanned } from '../measures/scans.ts';

/** Fewer may be a mistake of the client's, or the background noise of the Internet at a closed port. */
const LEAST = 5;

export function serviceRefused(view: CaptureView, found: CaptureFindings): void {
  for (const service of view.services.values()) {
    const { refused, all } = service;
    if (refused.count < LEAST || refused.count < all.count || isScanned(view, service)) continue;
    found.service('service_refused', service, refused, { attempts: all.count });
  }
}
