// In: the facts of a connection. Out: Wireshark's zero_window_probe per direction.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { eachWithFlag, flagBit } from '../measures/flag.ts';

const BIT = flagBit('zero_window_probe');

export function zeroWindowProbe(flow: FlowFacts, found: Findings): void {
  eachWithFlag(flow, BIT, (side, segments, place) => {
    found.add('zero_window_probe', side, place, { segments });
  });
}
