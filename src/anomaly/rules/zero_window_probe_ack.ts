// In: the facts of a connection. Out: Wireshark's zero_window_probe_ack per direction.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { eachWithFlag, flagBit } from '../measures/flag.ts';

const BIT = flagBit('zero_window_probe_ack');

export function zeroWindowProbeAck(flow: FlowFacts, found: Findings): void {
  eachWithFlag(flow, BIT, (side, segments, place) => {
    found.add('zero_window_probe_ack', side, place, { segments });
  });
}
