// In: the facts of a connection. Out: a SYN that was sent again before it was answered.

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function synRetried(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    if (side.syns < 2 || side.trouble.synAgainFrame === 0 || !flow.other(side).sentSynAck) continue;
    const { synAgainFrame, synLastTick } = side.trouble;
    found.add(
      'syn_retried',
      side,
      { frame: synAgainFrame, count: side.syns - 1, worstFrame: synAgainFrame },
      { sent: side.syns, seconds: synLastTick / TICKS_PER_SECOND },
    );
  }
}
