// In: the facts of a connection. Out: Wireshark's out_of_order per direction.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { eachWithFlag, flagBit } from '../measures/flag.ts';

const BIT = flagBit('out_of_order');

export function outOfOrder(flow: FlowFacts, found: Findings): void {
  eachWithFlag(flow, BIT, (side, segments, place) => {
    const of = side.facts.dataSegments;
    found.add('out_of_order', side, { ...place, of }, { segments, of: Math.max(of, segments) });
  });
}
