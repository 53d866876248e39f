// In: the facts of a connection. Out: a reset before the handshake was over.

import { ResetBit } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function handshakeReset(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { reset } = side;
    if ((reset.bits & (ResetBit.OPENER | ResetBit.RESPONDER)) === 0) continue;
    // A reset in answer to a stray ACK, after which the SYN is sent again, ends nothing (RFC 9293 3.5.1).
    if (side.odd.synLastTick > reset.tick) continue;
    const byOpener = (reset.bits & ResetBit.OPENER) !== 0;
    found.add('handshake_reset', side, flow.reset(side), { answered: flow.other(side).sentSynAck, byOpener });
  }
}
