// In: the facts of a connection. Out: SYN-ACKs with different sequence numbers.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function synackOtherIsn(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const other = flow.odd(side, OddEvent.SYN_ACK_OTHER);
    if (other.frame > 0) found.add('synack_other_isn', side, other, {});
  }
}
