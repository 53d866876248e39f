// In: the facts of a connection. Out: a SYN-ACK that was sent again.

import { OddEvent, TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { isIgnoring } from './backlog_overflow.ts';

export function synackRetried(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const other = flow.other(side);
    const again = flow.odd(side, OddEvent.SYN_AGAIN);
    if (side.synAcks < 2 || again.frame === 0) continue;
    // Never completed, or ignored by the server: told by other rules.
    if (other.analysis.segments <= other.syns || isIgnoring(side)) continue;
    const { synLastTick, synAckIgnoring } = side.odd;
    found.add(
      'synack_retried',
      side,
      { ...again, count: side.synAcks - 1 },
      { sent: side.synAcks, seconds: synLastTick / TICKS_PER_SECOND, afterAck: synAckIgnoring > 0 },
    );
  }
}
