// In: the facts of a connection. Out: data on a SYN that was accepted (Fast Open).

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import { HandshakeBit } from '../../wire/handshake.ts';
import type { Findings } from '../findings.ts';

const FAST = HandshakeBit.DATA | HandshakeBit.FAST_OPEN | HandshakeBit.SYN;

export function fastOpen(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const word = side.facts.handshake;
    if ((word & FAST) === FAST && (word & HandshakeBit.DATA_IGNORED) === 0 && flow.other(side).sentSynAck) {
      found.add('fast_open', side, flow.first, {});
    }
  }
}
