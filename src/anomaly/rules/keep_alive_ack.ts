// In: the facts of a connection. Out: Wireshark's keep_alive_ack per direction.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { eachWithFlag, flagBit } from '../measures/flag.ts';

const BIT = flagBit('keep_alive_ack');

export function keepAliveAck(flow: FlowFacts, found: Findings): void {
  eachWithFlag(flow, BIT, (side, segments, place) => {
    found.add('keep_alive_ack', side, place, { segments });
  });
}
