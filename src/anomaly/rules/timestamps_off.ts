// In: the facts of a connection. Out: timestamps not taken up.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { declinedBy, TIMESTAMPS } from '../measures/declined.ts';

export function timestampsOff(flow: FlowFacts, found: Findings): void {
  const side = declinedBy(flow, TIMESTAMPS);
  if (side !== null) found.add('timestamps_off', side, flow.first, {});
}
