// In: the facts of a connection. Out: an end that waits in FIN_WAIT_2 when the capture ends.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { silentSeconds, stayIn } from '../measures/state-time.ts';
import { leakSeconds } from './close_wait_leak.ts';

export function finWait2Stuck(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const stay = stayIn(flow, side, 'FIN_WAIT_2');
    if (stay === null || !stay.isOpen) continue;
    // As long as the other end sends, waiting is what half-close is for.
    const seconds = silentSeconds(flow, flow.other(side), stay);
    if (seconds >= leakSeconds(flow, flow.other(side))) found.add('fin_wait_2_stuck', side, stay.entry, { seconds });
  }
}
