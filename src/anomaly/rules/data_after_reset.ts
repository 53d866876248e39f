// In: the facts of a connection. Out: data sent well after the other end's reset.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function dataAfterReset(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { afterPeerReset } = side.odd;
    if (afterPeerReset === 0) continue;
    found.add(
      'data_after_reset',
      side,
      { ...flow.odd(side, OddEvent.AFTER_PEER_RESET), count: afterPeerReset },
      { segments: afterPeerReset },
    );
  }
}
