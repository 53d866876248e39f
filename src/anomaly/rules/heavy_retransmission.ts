// In: the facts of a connection. Out: a direction that had to send an unusual share of its data again.

import { TICKS_PER_SECOND, TroubleEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** At 1 % Reno reaches 12 segments a round trip (RFC 5348 3.1): 7 Mbit/s at 20 ms. Below, modern stacks hardly notice. */
const SHARE = 0.01;
/** Fewer than this many are no rate but an incident. */
const LEAST = 10;

export function heavyRetransmission(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { resent, resendTicks, timeouts } = side.trouble;
    const of = side.facts.dataSegments;
    if (resent < LEAST || resent < SHARE * of) continue;
    const worst = flow.trouble(side, TroubleEvent.RESEND);
    const place = worst.frame > 0 ? worst : flow.first;
    found.add(
      'heavy_retransmission',
      side,
      { ...place, count: resent, of, worstFrame: place.frame },
      { resent, of, waited: resendTicks / TICKS_PER_SECOND, timeouts },
    );
  }
}
