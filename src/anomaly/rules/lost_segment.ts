// In: the facts of a connection. Out: Wireshark's lost_segment per direction.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { eachWithFlag, flagBit } from '../measures/flag.ts';

const BIT = flagBit('lost_segment');

export function lostSegment(flow: FlowFacts, found: Findings): void {
  eachWithFlag(flow, BIT, (side, segments, place) => {
    const { holeMost, holeMostFrame } = side.trouble;
    found.add(
      'lost_segment',
      side,
      { ...place, worstFrame: holeMostFrame || place.frame },
      { segments, most: holeMost },
    );
  });
}
