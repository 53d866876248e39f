// In: the facts of a connection. Out: a SYN that was sent again before the handshake was over.

import { FactBit, OddEvent, TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function synRetried(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const other = flow.other(side);
    const again = flow.odd(side, OddEvent.SYN_AGAIN);
    // Without a handshake in the end there are graver things to tell.
    if (side.syns < 2 || again.frame === 0 || !other.sentSynAck || !other.has(FactBit.ACKED)) continue;
    const seconds = side.odd.synLastTick / TICKS_PER_SECOND;
    found.add('syn_retried', side, { ...again, count: side.syns - 1 }, { sent: side.syns, seconds });
  }
}
