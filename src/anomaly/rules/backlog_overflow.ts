// In: the facts of a connection. Out: a server that goes on with the handshake long after the client has completed it.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts, SideFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function backlogOverflow(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    if (!isIgnoring(side)) continue;
    const { synAckIgnoring, synAckIgnoringData } = side.odd;
    found.add(
      'backlog_overflow',
      side,
      { ...flow.odd(side, OddEvent.SYN_ACK_IGNORING), count: synAckIgnoring },
      { ignored: synAckIgnoring, data: synAckIgnoringData > 0 },
    );
  }
}

/**
 * One SYN-ACK more may be a lost third segment. Two more would need two lost segments in a row, one after data was seen a
 * lost third segment and lost data.
 */
export function isIgnoring(side: SideFacts): boolean {
  const { synAckIgnoring, synAckIgnoringData } = side.odd;
  // SYN-ACKs with different numbers: the client completed the handshake with another one.
  if (side.odd.words[side.odd.at + OddEvent.SYN_ACK_OTHER] !== 0) return false;
  return synAckIgnoring >= 2 || synAckIgnoringData > 0;
}
