// In: the facts of a connection. Out: a window kept closed for long while the other end had data.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { closedTime } from '../measures/closed-time.ts';

/** A second is what users notice, and longer than a program that reads needs to drain any buffer. */
const STALL_SECONDS = 1;

export function zeroWindowStall(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    // Nobody waits unless the other end shows that it has something to send.
    if (side.trouble.zeroProbes === 0) continue;
    const { longest, frame, time, isOpen } = closedTime(flow, side);
    if (longest < STALL_SECONDS) continue;
    found.add('zero_window_stall', side, { frame, time, worstFrame: frame }, { longest, open: isOpen });
  }
}
