// In: the facts of a connection. Out: a large transfer that mostly waited for the receiver.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { bulkOf, MOST } from '../measures/bulk.ts';

export function receiverLimited(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const bulk = bulkOf(side);
    if (bulk === null) continue;
    if (bulk.full >= MOST * bulk.seconds) {
      found.add('receiver_limited', side, flow.first, { full: bulk.full, of: bulk.seconds, bytes: bulk.bytes });
    }
  }
}
