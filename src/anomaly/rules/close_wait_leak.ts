// In: the facts of a connection. Out: an end that sits in CLOSE_WAIT when the capture ends.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { silentSeconds, stayIn } from '../measures/state-time.ts';

/** A program that has read end of file closes within milliseconds, at most after finishing its answer, which would be data. */
export const LEAK_SECONDS = 5;

export function closeWaitLeak(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const stay = stayIn(flow, side, 'CLOSE_WAIT');
    if (stay === null || !stay.isOpen) continue;
    const seconds = silentSeconds(flow, side, stay);
    if (seconds >= LEAK_SECONDS) found.add('close_wait_leak', side, stay.entry, { seconds });
  }
}
