// In: the facts of a connection. Out: data received after the own FIN, as half-close is meant.

import { FactBit } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { stayIn } from '../measures/state-time.ts';

export function halfClosed(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    if (!side.has(FactBit.FIN | FactBit.LATE_DATA) || side.reset.count > 0) continue;
    // Data that crossed the FIN is no half-close: the other end must have known of the FIN and gone on sending.
    const other = flow.other(side);
    const stay = stayIn(flow, other, 'CLOSE_WAIT');
    if (!side.finAcknowledged || stay === null) continue;
    if (flow.timeOf(other.facts.dataTick) > stay.entry.time) found.add('half_closed', side, stay.entry, {});
  }
}
