// In: the tallies of the capture. Out: hosts that reset many connections at once.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** A browser window that closes resets a handful to each server; this many at once are a process or a device going down. */
const LEAST = 20;

export function resetStorm(view: CaptureView, found: CaptureFindings): void {
  for (const tally of view.resetters.values()) {
    if (tally.weight < LEAST) continue;
    const resets = tally.perSecond.most();
    if (resets < LEAST) continue;
    found.host('reset_storm', tally.host, '', tally.all, { resets, of: tally.weight });
  }
}
