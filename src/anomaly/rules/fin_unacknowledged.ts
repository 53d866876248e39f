// In: the facts of a connection. Out: a FIN that was sent again and never acknowledged.

import { FactBit, TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import { seqDistance } from '../../wire/seq.ts';
import type { Findings } from '../findings.ts';

/** Sent again this often, each time after twice as long: the other end does not just happen to be slow. */
const LEAST_AGAIN = 2;

export function finUnacknowledged(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { finsAgain, finLastTick } = side.odd;
    const other = flow.other(side);
    if (!side.has(FactBit.FIN) || side.finAcknowledged || finsAgain < LEAST_AGAIN) continue;
    if (other.reset.count > 0 || side.reset.count > 0 || other.analysis.segments === 0) continue;
    // With data outstanding too it is peer_vanished.
    if (seqDistance(side.facts.acked, side.facts.finEnd) > 1 && side.trouble.timeouts > 0) continue;
    const seconds = Math.max(0, finLastTick - other.facts.tick) / TICKS_PER_SECOND;
    found.add('fin_unacknowledged', side, flow.last, { sent: finsAgain + 1, seconds });
  }
}
