// In: the facts of a connection. Out: segments larger than the other end's MSS that no offload explains.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** The least MSS every host must take (RFC 9293 3.7.1). Smaller values in a SYN are a trick or a mistake. */
const LEAST_MSS = 536;

export function mssExceeded(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { trouble, facts } = side;
    if (trouble.oversized === 0 || trouble.oversizedJoined > 0 || facts.limit < LEAST_MSS) continue;
    const place = { frame: trouble.oversizedFrame, count: trouble.oversized, of: facts.dataSegments };
    found.add('mss_exceeded', side, place, {
      segments: trouble.oversized,
      largest: facts.largest,
      limit: facts.limit,
    });
  }
}
