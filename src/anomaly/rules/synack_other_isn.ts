// In: the facts of a connection. Out: SYN-ACKs with different sequence numbers.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function synackOtherIsn(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { synAckOtherFrame } = side.trouble;
    if (synAckOtherFrame > 0) found.add('synack_other_isn', side, { frame: synAckOtherFrame }, {});
  }
}
