// In: the facts of a connection. Out: an end that stayed silent in CLOSE_WAIT for a while.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { silentSeconds, stayIn } from '../measures/state-time.ts';
import { leakSeconds } from './close_wait_leak.ts';

/** A thousand times what reading end of file and closing takes. */
export const HELD_SECONDS = 1;

export function closeWaitHeld(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const stay = stayIn(flow, side, 'CLOSE_WAIT');
    if (stay === null) continue;
    const seconds = silentSeconds(flow, side, stay);
    // Longer and still open: that is close_wait_leak.
    if (seconds < HELD_SECONDS || (stay.isOpen && seconds >= leakSeconds(flow, side))) continue;
    found.add('close_wait_held', side, stay.entry, { seconds, open: stay.isOpen });
  }
}
