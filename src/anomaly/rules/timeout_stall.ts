// In: the facts of a connection. Out: a sender that was silent for long before it sent lost data again.

import { TICKS_PER_SECOND, TroubleEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** RFC 6298's least timer. Linux' 200 ms is part of ordinary loss; from a second on somebody waits. */
const STALL_SECONDS = 1;

export function timeoutStall(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { resendLongest, resendTicks, timeouts } = side.trouble;
    const longest = resendLongest / TICKS_PER_SECOND;
    if (longest < STALL_SECONDS) continue;
    const worst = flow.trouble(side, TroubleEvent.RESEND);
    found.add(
      'timeout_stall',
      side,
      { ...worst, worstFrame: worst.frame, count: timeouts },
      { longest, waited: resendTicks / TICKS_PER_SECOND, timeouts },
    );
  }
}
