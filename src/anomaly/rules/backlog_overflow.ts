// In: the facts of a connection. Out: a server that goes on with the handshake after the client has completed it.

import type { FlowFacts, SideFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function backlogOverflow(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { trouble } = side;
    if (!isIgnoring(side)) continue;
    found.add(
      'backlog_overflow',
      side,
      { frame: trouble.synAckIgnoringFrame, count: trouble.synAckIgnoring },
      { ignored: trouble.synAckIgnoring, data: trouble.synAckIgnoringData > 0 },
    );
  }
}

/**
 * One SYN-ACK more may be a lost third segment. Two more would need two lost segments in a row, one after data was seen a
 * lost third segment and lost data.
 */
export function isIgnoring(side: SideFacts): boolean {
  return side.trouble.synAckIgnoring >= 2 || side.trouble.synAckIgnoringData > 0;
}
