// In: the facts of a connection. Out: a reset before the handshake was over.

import { ResetBit } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function handshakeReset(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { reset } = side;
    if ((reset.bits & (ResetBit.OPENER | ResetBit.RESPONDER)) === 0) continue;
    found.add(
      'handshake_reset',
      side,
      { frame: reset.frame, tick: reset.tick },
      { answered: flow.other(side).sentSynAck, byOpener: (reset.bits & ResetBit.OPENER) !== 0 },
    );
  }
}
