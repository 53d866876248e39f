// In: the tallies of the capture. Out: services that answered no connection.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView, ServiceTally } from '../capture-view.ts';
import { isScanned } from '../measures/scans.ts';

/** Fewer may be a mistake of the client's. */
const LEAST = 5;

export function serviceUnanswered(view: CaptureView, found: CaptureFindings): void {
  for (const service of view.services.values()) {
    if (!isSilent(service) || isScanned(view, service)) continue;
    found.service('service_unanswered', service, service.unanswered, { attempts: service.all.count });
  }
}

function isSilent({ unanswered, all }: ServiceTally): boolean {
  return unanswered.count >= LEAST && unanswered.count === all.count;
}
