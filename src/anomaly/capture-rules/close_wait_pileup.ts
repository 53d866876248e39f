// In: the tallies of the capture. Out: hosts on which connections pile up in CLOSE_WAIT.

import { endpointText } from '../../units.ts';
import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** So many at once, each silent for a second, are no program that is just about to close. */
const LEAST = 10;

export function closeWaitPileup(view: CaptureView, found: CaptureFindings): void {
  for (const tally of view.closeWaits.values()) {
    const { open, silent, oldest } = tally;
    if (silent < LEAST) continue;
    found.at('close_wait_pileup', tally.host, endpointText(tally), open, {
      open: open.count,
      oldest,
      // A client leaks toward the service it uses.
      to: tally.host === tally.addr ? '' : ` to ${endpointText(tally)}`,
    });
  }
}
