// In: the facts of a connection. Out: a SYN-ACK that does not acknowledge the SYN.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import { seqAdd, seqDistance } from '../../wire/seq.ts';
import type { Findings } from '../findings.ts';

export function synackWrongAck(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { synAckWrongFrame, synAckWrongAck } = side.trouble;
    if (synAckWrongFrame === 0) continue;
    const off = seqDistance(seqAdd(flow.other(side).facts.iss, 1), synAckWrongAck);
    found.add('synack_wrong_ack', side, { frame: synAckWrongFrame }, { off });
  }
}
