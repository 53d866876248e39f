// In: the facts of a connection. Out: a direction that had to send an unusual share of its data again.

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** At 1 % Reno needs 1,460 B / RTT x 12 at most (RFC 5348 3.1): 7 Mbit/s at 20 ms. Below, modern stacks hardly notice. */
const SHARE = 0.01;
/** Fewer than this many are no rate but an incident. */
const LEAST = 10;

export function heavyRetransmission(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { trouble, facts } = side;
    const { resent } = trouble;
    if (resent < LEAST || resent < SHARE * facts.dataSegments) continue;
    const place = {
      frame: trouble.resendFrame,
      count: resent,
      of: facts.dataSegments,
      worstFrame: trouble.resendFrame,
    };
    found.add('heavy_retransmission', side, place, {
      resent,
      of: facts.dataSegments,
      waited: trouble.resendTicks / TICKS_PER_SECOND,
      timeouts: trouble.timeouts,
    });
  }
}
