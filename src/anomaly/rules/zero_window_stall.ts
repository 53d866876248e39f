// In: the facts of a connection. Out: a window kept closed for long while the other end had data.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { closedTime } from '../measures/closed-time.ts';

/** A second is what users notice, and longer than any buffer needs to be drained by a program that reads. */
const STALL_SECONDS = 1;

export function zeroWindowStall(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { zeroProbes } = side.trouble;
    // Nobody waits unless the other end shows that it has something to send.
    if (zeroProbes === 0) continue;
    const { longest, frame, isOpen } = closedTime(flow, side);
    if (longest < STALL_SECONDS) continue;
    found.add('zero_window_stall', side, { frame, worstFrame: frame }, { longest, open: isOpen, probes: zeroProbes });
  }
}
