// In: the facts of a connection. Out: data on a SYN without Fast Open.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import { HandshakeBit } from '../../wire/handshake.ts';
import type { Findings } from '../findings.ts';

const DATA_SYN = HandshakeBit.DATA | HandshakeBit.SYN;

export function synData(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const word = side.facts.handshake;
    if ((word & DATA_SYN) === DATA_SYN && (word & HandshakeBit.FAST_OPEN) === 0) {
      found.add('syn_data', side, flow.first, {});
    }
  }
}
