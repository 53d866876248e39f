// In: the facts of a connection. Out: segments larger than the other end's MSS that no offload explains.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** The least MSS every host must take (RFC 9293 3.7.1). Smaller values in a SYN are a trick or a mistake. */
const LEAST_MSS = 536;

export function mssExceeded(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { oversized, oversizedJoined } = side.odd;
    const { limit, largest, dataSegments } = side.facts;
    if (oversized === 0 || oversizedJoined > 0 || limit < LEAST_MSS) continue;
    const place = { ...flow.odd(side, OddEvent.OVERSIZED), count: oversized, of: dataSegments };
    found.add('mss_exceeded', side, place, { segments: oversized, largest, limit });
  }
}
