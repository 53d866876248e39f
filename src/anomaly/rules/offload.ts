// In: the facts of a connection. Out: segments that were several packets on the wire.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function offload(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { oversized, oversizedJoined } = side.odd;
    if (oversizedJoined === 0) continue;
    const { limit, largest, dataSegments } = side.facts;
    const place = { ...flow.odd(side, OddEvent.OVERSIZED), count: oversized, of: dataSegments };
    found.add('offload', side, place, { segments: oversized, largest, limit });
  }
}
