// In: the facts of a connection. Out: Wireshark's window_full per direction.

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { eachWithFlag, flagBit } from '../measures/flag.ts';

const BIT = flagBit('window_full');

export function windowFull(flow: FlowFacts, found: Findings): void {
  eachWithFlag(flow, BIT, (side, segments, place) => {
    const waited = side.facts.fullTicks / TICKS_PER_SECOND;
    found.add('window_full', side, place, { segments, waited });
  });
}
