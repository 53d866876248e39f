// In: the tallies of the capture. Out: services that answered no connection.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView, ServiceTally } from '../capture-view.ts';

/** One or two may be a mistake of the client's, or a scanner's probe. */
const LEAST = 3;

export function serviceUnanswered(view: CaptureView, found: CaptureFindings): void {
  for (const service of view.services.values()) {
    if (!isSilent(service)) continue;
    found.service('service_unanswered', service, service.unanswered, { attempts: service.all.count });
  }
}

function isSilent({ unanswered, all }: ServiceTally): boolean {
  return unanswered.count >= LEAST && unanswered.count === all.count;
}
