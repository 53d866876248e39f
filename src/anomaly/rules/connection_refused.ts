// In: the facts of a connection. Out: a SYN that was answered by a reset.

import { ResetBit } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function connectionRefused(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { reset } = side;
    if ((reset.bits & ResetBit.REFUSES) === 0) continue;
    found.add('connection_refused', side, flow.reset(side), { times: reset.count });
  }
}
