// In: the facts of a connection. Out: a SYN-ACK that does not acknowledge the SYN.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import { seqAdd, seqDistance } from '../../wire/seq.ts';
import type { Findings } from '../findings.ts';

export function synackWrongAck(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const wrong = flow.odd(side, OddEvent.SYN_ACK_WRONG);
    if (wrong.frame === 0) continue;
    const off = seqDistance(seqAdd(flow.other(side).facts.iss, 1), side.odd.synAckWrongAck);
    found.add('synack_wrong_ack', side, wrong, { off });
  }
}
