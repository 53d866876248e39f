// In: the facts of a connection. Out: data sent well after the other end's reset.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function dataAfterReset(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { afterPeerReset, afterPeerResetFrame } = side.trouble;
    if (afterPeerReset === 0) continue;
    const place = { frame: afterPeerResetFrame, count: afterPeerReset };
    found.add('data_after_reset', side, place, { segments: afterPeerReset });
  }
}
