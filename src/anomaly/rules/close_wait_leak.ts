// In: the facts of a connection. Out: an end that sits in CLOSE_WAIT when the capture ends.

import type { FlowFacts, SideFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { silentSeconds, stayIn } from '../measures/state-time.ts';

/** A server that has read end of file closes within milliseconds, at most after finishing its answer, which would be data. */
const SERVER_SECONDS = 5;
/** A client keeps idle connections for later and notices their end when it next looks: Firefox after 115 s, pools after a minute. */
const CLIENT_SECONDS = 120;

/** How long a silent side may stay in CLOSE_WAIT. */
export function leakSeconds(flow: FlowFacts, side: SideFacts): number {
  return flow.opener === side ? CLIENT_SECONDS : SERVER_SECONDS;
}

export function closeWaitLeak(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const stay = stayIn(flow, side, 'CLOSE_WAIT');
    if (stay === null || !stay.isOpen) continue;
    const seconds = silentSeconds(flow, side, stay);
    if (seconds >= leakSeconds(flow, side)) found.add('close_wait_leak', side, stay.entry, { seconds });
  }
}
