// In: the facts of a connection. Out: Wireshark's reused_ports.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { eachWithFlag, flagBit } from '../measures/flag.ts';

const BIT = flagBit('reused_ports');

export function reusedPorts(flow: FlowFacts, found: Findings): void {
  eachWithFlag(flow, BIT, (side, _segments, place) => {
    found.add('reused_ports', side, place, {});
  });
}
