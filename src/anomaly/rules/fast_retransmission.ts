// In: the facts of a connection. Out: Wireshark's fast_retransmission per direction.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { eachWithFlag, flagBit } from '../measures/flag.ts';

const BIT = flagBit('fast_retransmission');

export function fastRetransmission(flow: FlowFacts, found: Findings): void {
  eachWithFlag(flow, BIT, (side, segments, place) => {
    found.add('fast_retransmission', side, { ...place, of: side.facts.dataSegments }, { segments });
  });
}
