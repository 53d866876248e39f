// In: the facts of a connection. Out: a SYN-ACK that was sent again.

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { isIgnoring } from './backlog_overflow.ts';

export function synackRetried(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { trouble } = side;
    // Never completed, or ignored by the server: told by other rules.
    if (side.synAcks < 2 || trouble.synAgainFrame === 0 || flow.other(side).analysis.segments <= flow.other(side).syns)
      continue;
    if (isIgnoring(side)) continue;
    found.add(
      'synack_retried',
      side,
      { frame: trouble.synAgainFrame, count: side.synAcks - 1 },
      { sent: side.synAcks, seconds: trouble.synLastTick / TICKS_PER_SECOND, afterAck: trouble.synAckIgnoring > 0 },
    );
  }
}
