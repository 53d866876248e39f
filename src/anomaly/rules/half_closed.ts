// In: the facts of a connection. Out: data received after the own FIN, as half-close is meant.

import { FactBit, MAX_TICK, TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts, SideFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { stayIn } from '../measures/state-time.ts';

export function halfClosed(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    if (!side.has(FactBit.FIN | FactBit.LATE_DATA) || side.reset.count > 0) continue;
    // Data that crossed the FIN is no half-close: the other end must have acknowledged the FIN and gone on sending.
    if (!side.finAcknowledged || flow.other(side).facts.dataTick <= finTick(flow, side)) continue;
    found.add('half_closed', side, { frame: 0 }, {});
  }
}

/** When the other end knew of the FIN: its entry into CLOSE_WAIT, as a tick; far in the future if it never did. */
function finTick(flow: FlowFacts, side: SideFacts): number {
  const stay = stayIn(flow, flow.other(side), 'CLOSE_WAIT');
  return stay === null ? MAX_TICK : (stay.entered - flow.flow.start) * TICKS_PER_SECOND + 1;
}
