// In: the facts of a connection. Out: Wireshark's ack_lost_segment per direction.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { eachWithFlag, flagBit } from '../measures/flag.ts';

const BIT = flagBit('ack_lost_segment');

export function ackLostSegment(flow: FlowFacts, found: Findings): void {
  eachWithFlag(flow, BIT, (side, segments, place) => {
    found.add('ack_lost_segment', side, place, { segments });
  });
}
