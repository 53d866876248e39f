// In: the facts of a connection. Out: segments that were several packets on the wire.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function offload(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { trouble, facts } = side;
    if (trouble.oversizedJoined === 0) continue;
    const place = { frame: trouble.oversizedFrame, count: trouble.oversized, of: facts.dataSegments };
    found.add('offload', side, place, { segments: trouble.oversized, largest: facts.largest, limit: facts.limit });
  }
}
