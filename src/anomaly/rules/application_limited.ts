// In: the facts of a connection. Out: a large transfer whose sender mostly had nothing to send.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { bulkOf, MOST } from '../measures/bulk.ts';

export function applicationLimited(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const bulk = bulkOf(side);
    if (bulk === null) continue;
    if (bulk.empty >= MOST * bulk.seconds) {
      found.add('application_limited', side, flow.first, { empty: bulk.empty, of: bulk.seconds, bytes: bulk.bytes });
    }
  }
}
