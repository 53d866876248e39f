// In: the facts of a connection. Out: a large transfer that mostly was under way.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { bulkOf, MOST } from '../measures/bulk.ts';

export function senderLimited(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const bulk = bulkOf(side);
    if (bulk === null) continue;
    const part = bulk.seconds - bulk.full - bulk.empty;
    if (part >= MOST * bulk.seconds) {
      found.add('sender_limited', side, flow.first, { part, of: bulk.seconds, bytes: bulk.bytes });
    }
  }
}
